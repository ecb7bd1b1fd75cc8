"""A pack as one zip to hand on: `build(folder)` gives the same bytes whenever and wherever it runs.

Only what a pack is made of goes in: pack.yaml, its lessons, and what its readers should have.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from gradtui.course import files
from gradtui.course.loader import LoadedLesson
from gradtui.course.packs import PACK, FoundPack, loaded_lessons
from gradtui.course.problems import BadLesson
from gradtui.course.schema import Pack
from gradtui.course.yaml_nodes import MAX_BYTES

_BESIDE = re.compile(r"(readme|licen[cs]e|changelog|authors)(\.(md|txt|rst))?", re.IGNORECASE)
_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can tell: no build differs by its hour


class Built(Struct, frozen=True):
    """A whole pack in memory."""

    pack: Pack
    lessons: tuple[LoadedLesson, ...]
    data: bytes  # the zip

    @property
    def name(self) -> str:
        return f"{self.pack.id}-{self.pack.version}.zip"


def build(place: Path) -> Built:
    """The pack in a folder or zip; BadLesson with all that keeps it from being one."""
    found = FoundPack(place, "path")
    lessons, problems = loaded_lessons(found)
    if problems:
        raise BadLesson(problems)
    return Built(found.load().pack, tuple(lessons), _zip(found, lessons))


def _zip(found: FoundPack, lessons: list[LoadedLesson]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path in (found.folder / PACK, *(one.path for one in lessons), *_beside(found.folder)):
            entry = zipfile.ZipInfo(path.name, _WHEN)
            # Stored, for compressors differ from machine to machine; owned by nobody, on no system.
            entry.compress_type, entry.create_system = zipfile.ZIP_STORED, 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files.read(path, MAX_BYTES))
    return made.getvalue()


def _beside(folder: Path) -> Iterator[Path]:
    for name in files.names(folder):
        path = folder / name
        if _BESIDE.fullmatch(name) and files.is_plain(path):
            yield path
