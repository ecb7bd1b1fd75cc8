"""Commands that write text: `show` replays a lesson as lines, `run` runs a script."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from gradtui.cli.command import OK, Command, arg, flag


def _show(arguments: Namespace) -> int:
    from gradtui.course.hidden import harmless
    from gradtui.show import show

    for line in show(arguments.lesson, torch=arguments.torch, width=arguments.width):
        print(harmless(line))
    return OK


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
            arg("lesson"),
            flag("--plain", "line by line (the only form so far)"),
            flag("--torch", "with torch's verdict on every event"),
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
