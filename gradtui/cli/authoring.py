"""Commands for who writes lessons: `schema`."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from gradtui.cli.command import OK, Command, arg, fail


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


COMMANDS = (
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
