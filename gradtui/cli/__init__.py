"""The commands. Each imports what it needs when it runs, so that `--help` answers at once.

`gradtui` alone opens the library; everything else is `gradtui COMMAND`, told by `gradtui --help`.
A command is a row (`command.Command`) in the table of the module that runs it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from gradtui import __version__
from gradtui.cli import authoring, beginning, checking, facts, packs, player, progress, texts
from gradtui.cli.command import COULD_NOT_RUN, OK, Command, fail, told
from gradtui.course.problems import BadLesson

COMMANDS = (
    *player.COMMANDS,
    *texts.COMMANDS,
    *checking.COMMANDS,
    *beginning.COMMANDS,
    *authoring.COMMANDS,
    *packs.COMMANDS,
    *progress.COMMANDS,
    *facts.COMMANDS,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    try:
        status = command.run(arguments)
        print(end="", flush=True)
    except BadLesson as bad:
        return told(bad)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _write_no_more()
        return OK
    except OSError as error:  # most often a disk that is full
        _write_no_more()
        place = f"{error.filename}: " if error.filename else "cannot write: "
        return fail(place + (error.strerror or str(error)), COULD_NOT_RUN)
    return status


def _write_no_more() -> None:
    """What could not be written is not tried again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradtui",
        description="Learn how PyTorch's autograd works by replaying it, node by node.",
        epilog="Without a command, gradtui opens the lesson you are taking.",
    )
    parser.add_argument("--version", action="version", version=f"gradtui {__version__}")
    player.LIBRARY.add_to(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands.add_parser(command.name, help=command.help))
    return parser
