"""Files of packs, in a folder or in a zip, by one kind of path: `pack.zip/first.yaml` is a lesson.

Only plain files are read, never more than asked for; a link, a device or a pipe is refused before
it is opened for reading.
"""

import contextlib
import os
import secrets
import stat
from itertools import islice
from pathlib import Path

from gradtui.course.archives import Archive, bad

MAX_FILES = 2_000  # in one folder


def within_zip(path: Path) -> tuple[Path, str] | None:
    """The zip a path leads into, and the name in it, "" for the zip itself; None outside zips."""
    for above in (path, *path.parents):
        if above.suffix.lower() == ".zip" and above.is_file():
            return above, path.relative_to(above).as_posix().removeprefix(".")
    return None


def read(path: Path, most: int) -> bytes:
    """A file's bytes; BadLesson if it is no plain file, cannot be read or is larger than `most`."""
    inside = within_zip(path)
    if inside is not None and inside[1]:
        archive = Archive.at(inside[0])
        if inside[1] not in archive.names:
            raise bad(path, "cannot be read: No such file in the zip", "absent")
        return archive.read(inside[1], most)
    return _read_plain(path, most)


def is_plain(path: Path) -> bool:
    """Whether there is a file of that very name, not a link to another."""
    inside = within_zip(path)
    if inside is not None and inside[1]:
        return inside[1] in Archive.at(inside[0]).names
    return path.is_file() and not path.is_symlink()


def names(folder: Path) -> list[str]:
    """The names in a folder, sorted, links among them; BadLesson if there are too many."""
    inside = within_zip(folder)
    if inside is not None:
        prefix = f"{inside[1]}/" if inside[1] else ""
        here = [n for n in Archive.at(inside[0]).names if n.startswith(prefix)]
        return sorted({n[len(prefix) :].partition("/")[0] for n in here})
    try:
        with os.scandir(folder) as entries:
            found = sorted(entry.name for entry in islice(entries, MAX_FILES + 1))
    except OSError as error:
        raise bad(folder, f"cannot be read: {error.strerror or error}") from None
    if len(found) > MAX_FILES:
        raise bad(folder, f"more than {MAX_FILES:,} files: keep the lessons in a folder of theirs")
    return found


def _read_plain(path: Path, most: int) -> bytes:
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY", "O_CLOEXEC"):
        flags |= getattr(os, name, 0)
    try:
        kind = path.lstat().st_mode
        if stat.S_ISDIR(kind):
            raise bad(path, "cannot be read: Is a directory")
        if not stat.S_ISREG(kind):
            raise bad(path, "a link, a pipe or a device: put the file itself there")
        with os.fdopen(os.open(path, flags), "rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise bad(path, f"cannot be read: {getattr(error, 'strerror', '') or error}") from None
    if len(data) > most:
        raise bad(path, f"larger than {most:,} bytes: split it into several lessons")
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Puts a file in place all at once: whatever fails, what was there stays. OSError if it does."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
