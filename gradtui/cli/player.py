"""Commands that open the player: the library, `learn`, `open`."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from gradtui.cli.command import Command, arg, fail, flag

SCREEN = (
    flag("--no-mouse", "leave the mouse to the terminal"),
    flag("--ascii", "draw with ASCII characters only"),
)


def play(target: Path | None, arguments: Namespace, preview: bool = False) -> int:
    """The player on a file, or on the lessons there are."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "") in ("", "dumb"):
        return fail("no terminal to draw on; `gradtui show LESSON --plain` writes plain text")
    from gradtui.tui.app import run

    return run(target, mouse=not arguments.no_mouse, ascii=arguments.ascii, preview=preview)


def _library(arguments: Namespace) -> int:
    return play(None, arguments)


def _learn(arguments: Namespace) -> int:
    from gradtui.course.packs import find_lesson

    return play(find_lesson(arguments.lesson), arguments)


def _open(arguments: Namespace) -> int:
    from gradtui.course.files import within_zip

    path: Path = arguments.path
    if not path.exists() and not within_zip(path):
        return fail(f"{path}: there is no such file or folder")
    return play(path, arguments)


LIBRARY = Command("", "the lessons there are", _library, SCREEN)
COMMANDS = (
    Command(
        "learn",
        "take a lesson, named by its id or its file",
        _learn,
        (arg("lesson"), *SCREEN),
    ),
    Command(
        "open",
        "a pack, a lesson, or your own .py, replayed",
        _open,
        (arg("path", type=Path), *SCREEN),
    ),
)
