"""What a command is: a row with its name, its help, its arguments and the function that runs it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradtui.course.problems import one_line

if TYPE_CHECKING:
    from gradtui.course.problems import BadLesson

OK, FINDINGS, COULD_NOT_RUN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument or option, as argparse wants it; `one_of` is not taken with its fellows."""

    names: tuple[str, ...]
    settings: dict[str, Any]
    one_of: str = ""


def arg(*names: str, one_of: str = "", **settings: Any) -> Argument:
    """An argument as `ArgumentParser.add_argument` takes it."""
    return Argument(names, settings, one_of)


def flag(name: str, help: str, one_of: str = "") -> Argument:
    """An option that is given or not."""
    return Argument((name,), {"action": "store_true", "help": help}, one_of)


@dataclass(frozen=True, slots=True)
class Command:
    """`gradtui NAME ARGUMENTS`, or with `commands` below it `gradtui NAME COMMAND ARGUMENTS`."""

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    arguments: tuple[Argument, ...] = ()
    commands: tuple[Command, ...] = ()

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Gives a parser this command's arguments, and makes it the one that runs."""
        groups: dict[str, Any] = {"": parser}
        for one in self.arguments:
            if one.one_of not in groups:
                groups[one.one_of] = parser.add_mutually_exclusive_group()
            groups[one.one_of].add_argument(*one.names, **one.settings)
        parser.set_defaults(command=self)
        if self.commands:
            below = parser.add_subparsers(metavar="COMMAND", required=True)
            for command in self.commands:
                command.add_to(below.add_parser(command.name, help=command.help))


def family(name: str, help: str, *commands: Command) -> Command:
    """A command that is only the name of several."""
    return Command(name, help, lambda arguments: COULD_NOT_RUN, commands=commands)


def fail(line: str, status: int = FINDINGS) -> int:
    """Says in one line why a command did not do what was asked."""
    print(f"gradtui: {one_line(line)}", file=sys.stderr)
    return status


def told(bad: BadLesson) -> int:
    """Every problem of a file, a line each."""
    for problem in bad.problems:
        print(problem, file=sys.stderr)
    return FINDINGS
