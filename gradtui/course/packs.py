"""Where packs and lessons are: bundled, in the user's folder, installed with pip, or at a path.

A pack is a folder or a zip with a `pack.yaml`; a zip is read where it lies. Nothing of a pack is
imported to find or open it: an installed pack is located through its distribution's files, and only
its YAML is read. Of two packs with one id the bundled one wins, then the user's, then the installed
one; of two in one place, the newer.
"""

import importlib.util
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from gradtui.course import files
from gradtui.course.archives import Archive, bad
from gradtui.course.loader import LoadedLesson, LoadedPack, load_lesson, load_pack
from gradtui.course.problems import BadLesson, Problem
from gradtui.course.versions import numbers

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PACK = "pack.yaml"
GROUP = "gradtui.packs"
SUFFIXES = (".yaml", ".yml")

Origin = Literal["bundled", "user", "installed", "path"]
ORIGINS: tuple[Origin, ...] = ("path", "bundled", "user", "installed")  # the first one wins


class FoundPack(Struct, frozen=True):
    """A folder or a zip with a pack.yaml, and where it was found."""

    place: Path
    origin: Origin

    @property
    def folder(self) -> Path:
        """What holds pack.yaml: the place, or in a zip the one folder at its top, if there is."""
        return _top(self.place) if files.within_zip(self.place) else self.place

    def load(self) -> LoadedPack:
        """Its description; BadLesson if that is broken."""
        return load_pack(self._file(PACK))

    def lesson(self, lesson_id: str) -> Path:
        """Where a lesson of it is, whether or not there is such a file."""
        return self._file(f"{lesson_id}.yaml")

    def _file(self, name: str) -> Path:
        """Installers may put links in place of files; nobody else has a reason to."""
        path = self.folder / name
        return path.resolve() if self.origin in ("bundled", "installed") else path

    def lessons(self) -> list[Path]:
        """Its lesson files in order; BadLesson if it is broken or does not hold one."""
        loaded = self.load()
        problems = [*_missing(self, loaded), *_not_listed(self, loaded)]
        if problems:
            raise BadLesson(problems)
        return [self.lesson(name) for name in loaded.pack.lessons]

    def present(self) -> list[Path | BadLesson]:
        """What of it can be taken, in order, and what is wrong with the rest."""
        try:
            loaded = self.load()
        except BadLesson as broken:
            return [broken]
        paths = [self.lesson(name) for name in loaded.pack.lessons]
        missing = list(_missing(self, loaded))
        return [*filter(files.is_plain, paths), *([BadLesson(missing)] if missing else ())]


class Surveyed(Struct, frozen=True):
    """A pack that was found, what it says of itself or why it cannot, and which pack hides it."""

    found: FoundPack
    loaded: LoadedPack | None
    broken: BadLesson | None = None
    hidden_by: FoundPack | None = None


def bundled() -> FoundPack:
    """The pack that comes with gradtui, in a checkout as in an installed wheel."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "lessons"
    return FoundPack(inside if inside.is_dir() else package.parent / "lessons", "bundled")


def user_folder() -> Path:
    """Where a user's own packs are kept; it need not exist."""
    from platformdirs import user_data_path  # only needed where packs are looked for

    return user_data_path("gradtui") / "packs"


def survey() -> list[Surveyed]:
    """All packs there are without being told a path, those that others hide after them."""
    looked_at = [_look(found) for found in (bundled(), *in_user_folder(), *_installed())]
    winners: dict[str, Surveyed] = {}
    made = []
    for one in sorted(looked_at, key=_precedence):
        pack = one.loaded.pack if one.loaded else None
        winner = winners.setdefault(pack.id, one) if pack else one
        hidden_by = None if winner is one else winner.found
        made.append(Surveyed(one.found, one.loaded, one.broken, hidden_by))
    return made


def discover() -> list[FoundPack]:
    """The packs that can be used by their ids, and the broken ones: bundled, yours, installed."""
    return [one.found for one in survey() if one.hidden_by is None]


def lesson_files(path: Path) -> list[Path]:
    """The lesson files at a path: a lesson, a pack (folder, zip, pack.yaml), a folder of lessons.

    BadLesson if there is nothing there, or if the pack names a lesson it does not hold.
    """
    inside = files.within_zip(path)
    if inside is not None and not inside[1]:
        return FoundPack(path, "path").lessons()
    if path.is_dir():
        is_pack = (path / PACK).exists() or (path / PACK).is_symlink()
        return FoundPack(path, "path").lessons() if is_pack else _of_folder(path)
    if inside is None and not path.exists():
        raise bad(path, "there is no such file or folder", "absent")
    if path.name == PACK:
        return FoundPack(path.parent, "path").lessons()
    return [path]


def find_lesson(name: str) -> Path:
    """The file of a lesson given as a path or as `lesson-id` or `pack-id/lesson-id`.

    BadLesson if there is none.
    """
    if name.endswith(SUFFIXES) or Path(name).is_file():
        return Path(name)
    pack_id, _, lesson_id = name.rpartition("/")
    for found in chain(_lesson_of_id(pack_id, lesson_id), _renamed(pack_id, lesson_id)):
        return found
    raise bad(Path(name), "no lesson of this name: `gradtui list` shows those there are")


def loaded_lessons(found: FoundPack) -> tuple[list[LoadedLesson], list[Problem]]:
    """The lessons of a pack that load, in its order, and all that is wrong with the pack."""
    lessons: list[LoadedLesson] = []
    problems: list[Problem] = []
    try:
        paths = found.lessons()
    except BadLesson as broken:
        return [], list(broken.problems)
    for path in paths:
        try:
            loaded = load_lesson(path)
            lessons.append(loaded)
            problems += _misnamed(loaded)
        except BadLesson as broken:
            problems += broken.problems
    return lessons, problems


def _misnamed(loaded: LoadedLesson) -> Iterator[Problem]:
    if loaded.lesson.id != loaded.path.stem:
        message = f"`id` must be the file's name: write {loaded.path.stem}, or rename the file"
        yield Problem(loaded.path, *loaded.positions.at(("id",)), message)


def _lesson_of_id(pack_id: str, lesson_id: str) -> Iterator[Path]:
    """The bundled pack is looked at first: most lessons are found without reading any other."""
    for one in (bundled(), *discover()):
        try:
            pack = one.load().pack
        except BadLesson:
            continue
        if pack_id in ("", pack.id) and lesson_id in pack.lessons:
            path = one.lesson(lesson_id)
            if files.is_plain(path):
                yield path


def _renamed(pack_id: str, lesson_id: str) -> Iterator[Path]:
    """The lesson that once had an id which none has now."""
    for one in discover():
        lessons, _ = loaded_lessons(one)
        if lessons and pack_id in ("", one.load().pack.id):
            yield from (found.path for found in lessons if lesson_id in found.lesson.was)


def _top(place: Path) -> Path:
    """The folder within a zip that holds its pack.yaml, if it is not the zip itself."""
    inside = files.within_zip(place)
    if inside is None or inside[1]:
        return place
    names = Archive.at(place).names
    if PACK in names:
        return place
    tops = [name.removesuffix(f"/{PACK}") for name in names if name.count("/") == 1]
    packs = [top for top in tops if f"{top}/{PACK}" in names]
    if len(packs) != 1:
        raise bad(place, f"no {PACK} at the top of this zip: `gradtui pack build` makes one")
    return place / packs[0]


def _of_folder(folder: Path) -> list[Path]:
    found = [folder / name for name in files.names(folder) if name.endswith(SUFFIXES)]
    if not found:
        raise bad(folder, "no lesson files (*.yaml) in this folder")
    return found


def _missing(found: FoundPack, loaded: LoadedPack) -> Iterator[Problem]:
    for number, name in enumerate(loaded.pack.lessons):
        path = found.lesson(name)
        if files.is_plain(path):
            continue
        if path.is_symlink():
            message = f"{path.name} is a link: put the file itself beside the pack"
        else:
            message = f"no file {path.name} beside the pack: write it, or remove it from here"
        yield Problem(loaded.path, *loaded.positions.at(("lessons", number)), message, "order")


def _not_listed(found: FoundPack, loaded: LoadedPack) -> Iterator[Problem]:
    where = loaded.positions.key(("lessons",))
    for name in files.names(found.folder):
        stem, dot, suffix = name.rpartition(".")
        if dot + suffix in SUFFIXES and name != PACK and stem not in loaded.pack.lessons:
            message = f"`lessons` does not list {name}: add it"
            yield Problem(loaded.path, *where, message, "order")


# Where packs are.


def in_user_folder() -> list[FoundPack]:
    """The packs in the user's data folder, folders and zips, broken ones too."""
    folder = user_folder()
    if not folder.is_dir():
        return []
    paths = [folder / name for name in files.names(folder) if not name.startswith(".")]
    return [FoundPack(path, "user") for path in paths if _may_be_pack(path)]


def _may_be_pack(path: Path) -> bool:
    return (path / PACK).is_file() or (path.suffix.lower() == ".zip" and path.is_file())


def _installed() -> Iterator[FoundPack]:
    from importlib.metadata import entry_points  # only needed where packs are looked for

    for point in entry_points(group=GROUP):
        folder = _folder_of(point)
        if folder is not None and (folder / PACK).is_file():
            yield FoundPack(folder, "installed")


def _folder_of(point: "EntryPoint") -> Path | None:
    """Where the package an entry point names lies, without importing anything of it."""
    parts = point.value.strip().split(".")
    if not all(map(str.isidentifier, parts)):
        return None
    if point.dist is not None:
        located = Path(str(point.dist.locate_file("/".join(parts))))
        if located.is_dir():
            return located
    try:
        spec = importlib.util.find_spec(parts[0])  # of a top-level name: finds, imports nothing
    except (ImportError, ValueError):
        return None
    roots: Sequence[str] = list(spec.submodule_search_locations or ()) if spec else []
    return Path(roots[0], *parts[1:]) if roots else None


def _look(found: FoundPack) -> Surveyed:
    try:
        return Surveyed(found, found.load())
    except BadLesson as broken:
        return Surveyed(found, None, broken)


def _precedence(one: Surveyed) -> tuple[int, list[int], str]:
    version = numbers(one.loaded.pack.version) if one.loaded else None
    newest_first = [-number for number in version or ()]
    return ORIGINS.index(one.found.origin), newest_first, str(one.found.place)
