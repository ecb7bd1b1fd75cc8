"""Commands for who writes lessons: `preview`, `import`, `export`, `schema`."""

from __future__ import annotations

import contextlib
import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gradtui.cli.command import OK, Command, arg, fail, flag
from gradtui.cli.player import SCREEN, play
from gradtui.course.problems import one_line, shown

if TYPE_CHECKING:
    from gradtui.notebooks.importing import Imported


def _schema(arguments: Namespace) -> int:
    from gradtui.course import editors

    if arguments.write is not None:
        return _write_schemas(arguments.write)
    sys.stdout.write(editors.reference() if arguments.markdown else editors.text(arguments.kind))
    return OK


def _write_schemas(folder: Path) -> int:
    from gradtui.course import editors

    try:
        for path in editors.write(folder):
            print(path)
    except OSError as error:
        return fail(f"{folder}: cannot be written: {error.strerror or error}")
    print(f"The first line of each lesson in {folder}: {editors.modeline('lesson')}")
    return OK


def _preview(arguments: Namespace) -> int:
    from gradtui.course.files import within_zip
    from gradtui.course.packs import find_lesson

    path = find_lesson(arguments.lesson)
    if within_zip(path):
        return fail(f"{path}: a lesson in a zip cannot be saved; `gradtui open` shows it")
    if not path.is_file():
        return fail(f"{path}: there is no such lesson file")
    return play(path, arguments, preview=True)


def _import(arguments: Namespace) -> int:
    from gradtui.notebooks.importing import import_notebook
    from gradtui.notebooks.reading import BadNotebook

    if _taken(arguments):
        return fail(f"{arguments.output} is there already (--force replaces it)")
    try:
        made = import_notebook(arguments.notebook, _id_of(arguments.output))
    except BadNotebook as bad:
        return fail(str(bad))
    for note in made.notes:
        print(one_line(str(note)), file=sys.stderr)
    status = _written(arguments.output, made.text)
    if arguments.output is not None and status == OK:
        _tell_imported(arguments.output, made)
    return status


def _tell_imported(target: Path, made: Imported) -> None:
    """What was written, and what is left to do."""
    count = len(made.notes)
    left = f", {count} note{'s' if count > 1 else ''} above" if count else ""
    steps = "1 step" if made.steps == 1 else f"{made.steps} steps"
    print(f"{shown(target)}: {steps}{left}", file=sys.stderr)
    for line in _settled_in(target):
        print(one_line(line), file=sys.stderr)
    print(f"next: gradtui check {shown(target)}", file=sys.stderr)
    if any(note.differs for note in made.notes):
        print("      (--update writes what the code prints now)", file=sys.stderr)


def _settled_in(target: Path) -> Iterator[str]:
    """Lists a new lesson in the pack beside it, and puts the schema there for editors."""
    from gradtui.course import editors
    from gradtui.course.packs import PACK
    from gradtui.course.scaffold import listed

    name = f"{_id_of(target)}.yaml"
    if target.name == name:
        to_do = listed(target.parent / PACK, target.stem)
    else:
        to_do = f"call the file {name}, after the lesson's id, to put it in a pack"
    if to_do:
        yield f"left to do: {to_do}"
    if not (target.parent / editors.FOLDER).exists():
        with contextlib.suppress(OSError):
            yield from (f"for editors: {shown(path)}" for path in editors.write(target.parent))


def _export(arguments: Namespace) -> int:
    from gradtui.course.loader import load_lesson
    from gradtui.course.packs import find_lesson
    from gradtui.notebooks.exporting import export

    if _taken(arguments):
        return fail(f"{arguments.output} is there already (--force replaces it)")
    made = export(load_lesson(find_lesson(arguments.lesson)).lesson, arguments.to)
    for note in made.notes:
        print(one_line(note), file=sys.stderr)
    return _written(arguments.output, made.text)


def _taken(arguments: Namespace) -> bool:
    """Whether there is a file already that would be lost."""
    target: Path | None = arguments.output
    there = target is not None and (target.exists() or target.is_symlink())
    return there and not arguments.force


def _id_of(target: Path | None) -> str:
    from gradtui.notebooks.drafts import slug

    return (slug(target.stem) or "lesson") if target is not None else ""


def _written(target: Path | None, text: str) -> int:
    """Puts text into a file, whole or not at all, or on stdout."""
    from gradtui.course.files import write_whole

    if target is None:
        sys.stdout.write(text)
        return OK
    try:
        write_whole(target, text.encode())
    except OSError as error:
        return fail(f"{target}: cannot be written: {error.strerror or error}")
    return OK


OUTPUT = (
    arg("-o", "--output", type=Path, metavar="FILE", help="by default to stdout"),
    flag("--force", "replace the file if it is there"),
)

COMMANDS = (
    Command(
        "preview",
        "a lesson on screen, shown again whenever it is saved",
        _preview,
        (arg("lesson", metavar="FILE"), *SCREEN),
    ),
    Command(
        "import",
        "make a lesson of a notebook",
        _import,
        (arg("notebook", type=Path, metavar="NOTEBOOK.ipynb"), *OUTPUT),
    ),
    Command(
        "export",
        "write a lesson as a notebook or as Markdown",
        _export,
        (
            arg("lesson"),
            arg("--to", choices=("ipynb", "md"), required=True, help="which of the two"),
            *OUTPUT,
        ),
    ),
    Command(
        "schema",
        "the format of lessons and packs, for editors and readers",
        _schema,
        (
            arg("kind", nargs="?", choices=("lesson", "pack"), default="lesson"),
            arg("--markdown", action="store_true", help="the whole format, to be read"),
            arg("--write", type=Path, metavar="DIR", help="both into DIR/.schema, for modelines"),
        ),
    ),
)
