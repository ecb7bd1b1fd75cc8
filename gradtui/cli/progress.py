"""Commands about what was learnt: `progress list|reset|export`."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradtui.cli.command import COULD_NOT_RUN, OK, Command, arg, fail, family, flag

if TYPE_CHECKING:
    from gradtui.course.progress import Note, Progress


def _opened() -> Progress:
    from gradtui.course.progress import Progress, progress_file

    return Progress.open(progress_file())


def _guarded(work: Command) -> Command:
    """The command, saying in one line why progress cannot be read or changed."""

    def run(arguments: Namespace) -> int:
        from gradtui.course.progress import Unkept

        try:
            return work.run(arguments)
        except Unkept as error:
            return fail(str(error), COULD_NOT_RUN)

    return Command(work.name, work.help, run, work.arguments)


def _list(arguments: Namespace) -> int:
    with _opened() as progress:
        kept = progress.everything()
    lessons = {(row["pack"], row["lesson"]): row for row in kept["place"]}
    for (pack, lesson), place in sorted(lessons.items(), key=lambda one: one[1]["at"]):
        done = sum((row["pack"], row["lesson"]) == (pack, lesson) for row in kept["done"])
        name = f"{pack}/{lesson}" if pack else lesson
        steps = "step" if done == 1 else "steps"
        print(f"{name}  {done} {steps} done, last at {place['step']}, {place['at'][:10]}")
    if not lessons:
        print("nothing yet")
    return OK


def _reset(arguments: Namespace) -> int:
    pack, _, lesson = (arguments.what or "").rpartition("/")
    if not arguments.what and not arguments.all:
        return fail("name a lesson (PACK/LESSON), a pack (PACK/), or --all", COULD_NOT_RUN)
    with _opened() as progress:
        count = progress.reset(pack, lesson)
    things = "thing" if count == 1 else "things"
    print(f"{count} {things} forgotten" if count else "there was nothing to forget")
    return OK


def _export(arguments: Namespace) -> int:
    with _opened() as progress:
        if arguments.notes:
            print("\n".join(markdown(progress.notes())) or "no notes yet: m in a lesson makes one")
        else:
            print(json.dumps(progress.everything(), indent=2, ensure_ascii=False))
    return OK


def markdown(notes: list[Note]) -> Iterator[str]:
    """Notes as Markdown: a heading for each lesson, an item for each note."""
    heading = None
    for note in sorted(notes, key=lambda note: (note.pack, note.lesson)):
        if heading != (note.pack, note.lesson):
            yield f"{'' if heading is None else chr(10)}# {note.lesson}\n"
            heading = (note.pack, note.lesson)
        words = note.words or "(bookmark)"
        yield f"- **{note.step}**, event {note.event}: {words}"


COMMANDS = (
    family(
        "progress",
        "what you have done: list, reset, export",
        _guarded(Command("list", "the lessons you have begun", _list)),
        _guarded(
            Command(
                "reset",
                "forget what was done",
                _reset,
                (
                    arg("what", nargs="?", help="PACK/LESSON, LESSON, or PACK/ for all of a pack"),
                    flag("--all", "everything"),
                ),
            )
        ),
        _guarded(
            Command(
                "export",
                "everything as JSON, or your notes as Markdown",
                _export,
                (flag("--notes", "your notes, as Markdown"),),
            )
        ),
    ),
)
