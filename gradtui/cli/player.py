"""Commands that open the player: the library, `learn`, `open`, `serve`."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from gradtui.cli.command import COULD_NOT_RUN, OK, Command, arg, fail, flag

SCREEN = (
    flag("--no-mouse", "leave the mouse to the terminal"),
    flag("--ascii", "draw with ASCII characters only"),
)


def play(target: Path | None, arguments: Namespace, preview: bool = False) -> int:
    """The player on a file, or on the lessons there are."""
    if not _has_screen():
        return fail("no terminal to draw on; `gradtui show LESSON --plain` writes plain text")
    from gradtui.tui.app import run

    return run(target, mouse=not arguments.no_mouse, ascii=arguments.ascii, preview=preview)


def _has_screen() -> bool:
    """Whether there is a terminal, or a browser's (a driver of Textual's is named then)."""
    named = os.environ.get("TERM", "") not in ("", "dumb")
    return "TEXTUAL_DRIVER" in os.environ or (named and sys.stdout.isatty())


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


def _serve(arguments: Namespace) -> int:
    try:
        from gradtui.tui.web import serve
    except ModuleNotFoundError as missing:
        wanted = 'pip install "gradtui[serve]"'
        return fail(f"{missing.name} is not installed; {wanted}", COULD_NOT_RUN)

    command = [sys.executable, "-m", "gradtui.cli"]
    if arguments.path is not None:
        command += ["open", str(arguments.path.resolve())]
    try:
        serve(command, arguments.host, arguments.port, _serving)
    except (OSError, OverflowError) as error:
        place = f"{arguments.host}:{arguments.port}"
        reason = getattr(error, "strerror", None) or error
        return fail(f"cannot answer on {place}: {reason}", COULD_NOT_RUN)
    return OK


def _serving(url: str) -> None:
    print(f"gradtui answers on {url} (Ctrl-C ends it)", file=sys.stderr, flush=True)


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
    Command(
        "serve",
        "the player in a browser, on this machine",
        _serve,
        (
            arg("path", nargs="?", type=Path, help="a pack, a lesson or a .py; else the lessons"),
            arg("--host", default="127.0.0.1", help="the address to answer on (default 127.0.0.1)"),
            arg("--port", type=int, default=8000, help="the port (default 8000)"),
        ),
    ),
)
