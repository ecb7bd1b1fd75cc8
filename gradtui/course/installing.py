"""Packs put into the user's data folder, and taken out again: `add(place)`, `remove(id)`.

What is kept is a zip built from what was validated, `ID.zip`, written beside and moved into place:
at any moment there is the old pack or the new one, whole.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from gradtui.course import changes, files
from gradtui.course.building import build
from gradtui.course.packs import FoundPack, bundled, in_user_folder, loaded_lessons, user_folder
from gradtui.course.problems import BadLesson
from gradtui.course.schema import Pack
from gradtui.course.versions import numbers


class CannotInstall(Exception):
    """Why a pack is not installed or removed, in one line."""


class Added(Struct, frozen=True):
    """What was installed, which version it took the place of, and which steps differ from it."""

    pack: Pack
    path: Path
    replaced: str | None
    changes: Mapping[str, changes.Changes]


def add(place: Path, force: bool = False) -> Added:
    """Installs the pack in a folder or zip; BadLesson if it is broken, CannotInstall if it may not.

    A newer version takes the place of an older one; the other way round only with `force`.
    """
    built = build(place)
    if built.pack.id == bundled().load().pack.id:
        raise CannotInstall(f"{built.pack.id} is the id of a pack that comes with gradtui")
    present = _of_id(built.pack.id)
    _may_replace(built.pack, present, force)
    path = user_folder() / f"{built.pack.id}.zip"
    before = {found.place: pack for found, pack in present}
    latest = present[0] if present else None
    lessons = [one.lesson for one in loaded_lessons(latest[0])[0]] if latest else []
    _write(path, built.data)
    for other in before.keys() - {path}:
        if other.is_file():
            other.unlink()
    differing = changes.between(lessons, [one.lesson for one in built.lessons]) if latest else {}
    return Added(built.pack, path, latest[1].version if latest else None, differing)


def remove(pack_id: str) -> list[Path]:
    """Removes the user's packs of that id, and says which; CannotInstall if there are none.

    A folder is someone's own work, so it is left alone, with all else that has the id; a link to
    one is removed, and what it leads to stays.
    """
    places = [found.place for found, _ in _of_id(pack_id)] or [*_broken(pack_id)]
    if not places:
        raise CannotInstall(f"no pack {pack_id} among yours: `gradtui pack list` shows them")
    for place in places:
        if place.is_dir() and not place.is_symlink():
            raise CannotInstall(f"{place} is a folder of your own: move it away yourself")
    for place in places:
        place.unlink()
    return places


def _of_id(pack_id: str) -> list[tuple[FoundPack, Pack]]:
    """The user's packs of that id, the newest first."""
    found = []
    for one in in_user_folder():
        with contextlib.suppress(BadLesson):
            found.append((one, one.load().pack))
    same = [(one, pack) for one, pack in found if pack.id == pack_id]
    return sorted(same, key=lambda row: numbers(row[1].version) or (), reverse=True)


def _broken(name: str) -> Iterator[Path]:
    """A pack that cannot be read is known by its file's name alone."""
    for one in in_user_folder():
        try:
            one.load()
        except BadLesson:
            if one.place.stem == name:
                yield one.place


def _may_replace(new: Pack, present: list[tuple[FoundPack, Pack]], force: bool) -> None:
    for found, pack in present:
        older = (numbers(new.version) or ()) < (numbers(pack.version) or ())
        if found.place.is_dir():
            raise CannotInstall(f"{found.place} is a folder of your own with that id: move it away")
        if older and not force:
            raise CannotInstall(
                f"{pack.id} {pack.version} is installed, and {new.version} is older: "
                "--force installs it all the same"
            )


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_whole(path, data)
    except OSError as error:
        raise CannotInstall(f"{path}: cannot be written: {error.strerror or error}") from None
