"""Commands that write text: `show` replays a lesson as lines, `run` runs a script."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from gradtui.cli.command import COULD_NOT_RUN, OK, Command, arg, fail, flag
from gradtui.course.problems import Unknown


def _show(arguments: Namespace) -> int:
    from gradtui.course.hidden import harmless

    if arguments.lesson is None and not arguments.glossary:
        return fail("name a lesson or a .py: `gradtui list` shows the lessons", COULD_NOT_RUN)
    try:
        for line in _lines(arguments):
            print(harmless(line))
    except Unknown as unknown:
        return fail(str(unknown))
    return OK


def _lines(arguments: Namespace) -> Iterator[str]:
    """The replay, or what is explored in place of it."""
    if arguments.scratch:
        from gradtui.explore import tried

        return tried(
            arguments.lesson, arguments.step, arguments.at, arguments.scratch, arguments.torch
        )
    if arguments.toggle is not None:
        from gradtui.explore import own_what_ifs

        return own_what_ifs(arguments.lesson, arguments.step, arguments.toggle, arguments.torch)
    from gradtui.show import show, words

    if arguments.glossary:
        return words(arguments.lesson, arguments.width)
    return show(arguments.lesson, arguments.torch, arguments.width, arguments.jvp)


def _run(arguments: Namespace) -> int:
    from gradtui.scripts import compare, run, run_on_torch

    way = compare if arguments.compare else run_on_torch if arguments.torch else run
    return way(arguments.file, arguments.seconds or 30.0)


COMMANDS = (
    Command(
        "show",
        "a lesson or a .py replayed as linear text",
        _show,
        (
            arg("lesson", nargs="?"),
            flag("--glossary", "the words of the trade, as the lesson explains them", "explored"),
            flag("--plain", "line by line (the only form so far)"),
            flag("--torch", "with torch's verdict on every event and every row of a Jacobian"),
            arg(
                "--jvp",
                nargs="?",
                const="ones",
                default="",
                metavar="U",
                help="forward mode beside backward: a tangent (ones, #1, 1 0 2, x: 1 0 2)",
            ),
            arg("--step", default="", metavar="N|ID", help="of --scratch and --toggle: the last"),
            arg("--at", type=int, default=0, metavar="N", help="of --scratch: after event N"),
            arg(
                "--scratch",
                action="append",
                metavar="CODE",
                one_of="explored",
                help="try a line at the end of a step, or --at an event; as often as you like",
            ),
            arg(
                "--toggle",
                nargs="*",
                type=int,
                metavar="N",
                one_of="explored",
                help="list a step's what-ifs, or make those and tell what differs",
            ),
            arg("--width", type=int, default=0, help="columns; by default the terminal's"),
        ),
    ),
    Command(
        "run",
        "run a script as Python with torch would",
        _run,
        (
            arg("file", type=Path),
            flag("--torch", "on real torch", one_of="engine"),
            flag("--compare", "on both, and tell the differences", one_of="engine"),
            arg("--seconds", type=float, default=0, help="the time it may take (default 30)"),
        ),
    ),
)
