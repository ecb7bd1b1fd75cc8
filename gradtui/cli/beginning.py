"""`new pack|lesson`: a green starting point for an author."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from gradtui.cli.command import OK, Command, arg, fail, family
from gradtui.course.problems import one_line, shown

if TYPE_CHECKING:
    from gradtui.course.scaffold import Begun


def _pack(arguments: Namespace) -> int:
    from gradtui.course.scaffold import CannotBegin, new_pack

    folder: Path = arguments.folder
    try:
        begun = new_pack(folder, arguments.id, arguments.title, arguments.author)
    except CannotBegin as why:
        return fail(str(why))
    return _told(begun, f"gradtui check {shown(folder)}")


def _lesson(arguments: Namespace) -> int:
    from gradtui.course.scaffold import CannotBegin, new_lesson

    try:
        begun = new_lesson(arguments.lesson)
    except CannotBegin as why:
        return fail(str(why))
    return _told(begun, f"gradtui check {shown(begun.files[0])}")


def _told(begun: Begun, next_command: str) -> int:
    for path in begun.files:
        print(shown(path))
    if begun.left:
        print(f"left to do: {one_line(begun.left)}")
    print(f"next: {next_command}")
    return OK


COMMANDS = (
    family(
        "new",
        "a starting point for an author: new pack, new lesson",
        Command(
            "pack",
            "a folder with a lesson, a check for CI and what pip needs",
            _pack,
            (
                arg("folder", type=Path, metavar="DIR"),
                arg("--id", default="", help="by default made of the folder's name"),
                arg("--title", default="", help="by default made of the id"),
                arg("--author", default="", help="who writes it"),
            ),
        ),
        Command(
            "lesson",
            "a commented lesson, listed in the pack beside it",
            _lesson,
            (arg("lesson", metavar="FILE|ID"),),
        ),
    ),
)
