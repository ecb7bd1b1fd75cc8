"""Commands that tell what there is: `list`, `paths`, `doctor`."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import gradtui
from gradtui.cli.command import FINDINGS, OK, Command, told


def _list(arguments: Namespace) -> int:
    from gradtui.course.loader import load_lesson
    from gradtui.course.packs import discover, lesson_files
    from gradtui.course.problems import BadLesson

    status = OK
    for pack in discover():
        try:
            print(f"{pack.load().pack.title}  ({pack.folder})")
            for file in lesson_files(pack.folder):
                lesson = load_lesson(file).lesson
                print(f"  {lesson.id:<32} {lesson.minutes or '?':>3} min  {lesson.title}")
        except BadLesson as bad:
            status = told(bad)
    return status


def _paths(arguments: Namespace) -> int:
    from gradtui.course.packs import bundled, user_folder
    from gradtui.course.progress import progress_file
    from gradtui.tui.settings import settings_file

    print(f"program        {Path(gradtui.__file__).resolve().parent}")
    print(f"bundled pack   {bundled().folder}")
    print(f"your packs     {user_folder()}")
    print(f"your progress  {progress_file()}")
    print(f"your settings  {settings_file()}")
    return OK


def _keys(arguments: Namespace) -> int:
    from gradtui.tui.actions import shown
    from gradtui.tui.settings import read, settings_file

    settings = read(settings_file())
    for action in settings.keymap.actions:
        keys = " ".join(map(shown, action.keys))
        print(f"{action.id:<15} {keys:<14} {action.help}")
    for problem in settings.problems:
        print(problem, file=sys.stderr)
    return FINDINGS if settings.problems else OK


def _doctor(arguments: Namespace) -> int:
    from gradtui.doctor import examine

    return examine()


COMMANDS = (
    Command("list", "the lessons there are", _list),
    Command("paths", "where things are kept", _paths),
    Command("keys", "the player's actions and their keys, as your settings have them", _keys),
    Command("doctor", "what works here", _doctor),
)
