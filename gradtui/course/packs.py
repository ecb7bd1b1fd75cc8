"""Where packs and lessons are: bundled, in the user's folder, installed with pip, or at a path.

Nothing of a pack is imported to find or open it: an installed pack is located through its
distribution's files, and only its YAML is read.
"""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Literal

from gradtui.course.loader import LoadedPack, load_pack
from gradtui.course.problems import BadLesson, Problem

PACK = "pack.yaml"
GROUP = "gradtui.packs"
SUFFIXES = (".yaml", ".yml")

Origin = Literal["bundled", "user", "installed", "path"]


@dataclass(frozen=True, slots=True)
class FoundPack:
    """A folder with a pack.yaml, and where it was found."""

    folder: Path
    origin: Origin

    def load(self) -> LoadedPack:
        """Its description; BadLesson if that is broken."""
        return load_pack(self.folder / PACK)

    def lesson(self, lesson_id: str) -> Path:
        """Where a lesson of it is, whether or not there is such a file."""
        return self.folder / f"{lesson_id}.yaml"


def bundled() -> FoundPack:
    """The pack that comes with gradtui, in a checkout as in an installed wheel."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "lessons"
    return FoundPack(inside if inside.is_dir() else package.parent / "lessons", "bundled")


def user_folder() -> Path:
    """Where a user's own packs are kept; it need not exist."""
    from platformdirs import user_data_path  # only needed where packs are looked for

    return user_data_path("gradtui") / "packs"


def discover() -> list[FoundPack]:
    """All packs there are without being told a path: bundled, the user's, installed ones."""
    return [bundled(), *_in_user_folder(), *_installed()]


def lesson_files(path: Path) -> list[Path]:
    """The lesson files at a path: a lesson, a pack's folder or pack.yaml, or a folder of lessons.

    BadLesson if there is nothing there, or if the pack names a lesson it does not hold.
    """
    if path.is_dir():
        return _of_pack(path) if (path / PACK).is_file() else _of_folder(path)
    if not path.exists():
        raise _nothing(path, "there is no such file or folder")
    if path.name == PACK:
        return _of_pack(path.parent)
    return [path]


def find_lesson(name: str) -> Path:
    """The file of a lesson given as a path or as an id of any pack found; BadLesson if none."""
    if name.endswith(SUFFIXES) or Path(name).is_file():
        return Path(name)
    for pack in discover():
        if "/" not in name and "\\" not in name and pack.lesson(name).is_file():
            return pack.lesson(name)
    raise _nothing(Path(name), "no lesson of this name: `gradtui list` shows those there are")


def _nothing(path: Path, message: str) -> BadLesson:
    return BadLesson([Problem(path, 1, 1, message)])


def _of_folder(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.iterdir() if file.suffix in SUFFIXES)
    if not files:
        raise _nothing(folder, "no lesson files (*.yaml) in this folder")
    return files


def _of_pack(folder: Path) -> list[Path]:
    found = FoundPack(folder, "path")
    loaded = found.load()
    ids = loaded.pack.lessons
    problems = [
        Problem(
            loaded.path,
            *loaded.positions.at(("lessons", number)),
            f"no file {found.lesson(name).name} beside the pack: write it, or remove it from here",
            "order",
        )
        for number, name in enumerate(ids)
        if not found.lesson(name).is_file()
    ]
    problems += _not_listed(found, loaded)
    if problems:
        raise BadLesson(problems)
    return [found.lesson(name) for name in ids]


def _not_listed(found: FoundPack, loaded: LoadedPack) -> Iterator[Problem]:
    where = loaded.positions.key(("lessons",))
    for file in sorted(found.folder.iterdir()):
        if file.suffix in SUFFIXES and file.name != PACK and file.stem not in loaded.pack.lessons:
            yield Problem(
                loaded.path, *where, f"`lessons` does not list {file.name}: add it", "order"
            )


def _in_user_folder() -> Iterator[FoundPack]:
    folder = user_folder()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (path / PACK).is_file():
            yield FoundPack(path, "user")


def _installed() -> Iterator[FoundPack]:
    for point in entry_points(group=GROUP):
        folder = _folder_of(point)
        if folder is not None and (folder / PACK).is_file():
            yield FoundPack(folder, "installed")


def _folder_of(point: EntryPoint) -> Path | None:
    parts = point.module.split(".")
    if point.dist is not None:
        located = Path(str(point.dist.locate_file("/".join(parts))))
        if located.is_dir():
            return located
    try:
        spec = importlib.util.find_spec(parts[0])  # of a top-level name: finds, imports nothing
    except (ImportError, ValueError):
        return None
    roots = list(spec.submodule_search_locations or ()) if spec else []
    return Path(roots[0], *parts[1:]) if roots else None
