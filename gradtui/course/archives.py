"""A pack in a zip, read in place: `Archive.at(path)` checks every entry before any is read.

Nothing is ever extracted. A zip that is encrypted, names a file outside itself, holds links or
devices, two names for one file, or would grow without bound is refused with one line that says why.
"""

import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipInfo

from msgspec import Struct

from gradtui.course import hidden
from gradtui.course.problems import BadLesson, Problem

MAX_ZIP = 20_000_000  # bytes of the file
MAX_DIRECTORY = 500_000  # bytes of the list of its entries
MAX_ENTRIES = 1_000
MAX_ENTRY = 5_000_000  # bytes of one entry, unpacked
MAX_TOTAL = 50_000_000  # bytes of all entries, unpacked
MAX_RATIO = 100  # of an entry's unpacked size to its packed one, where that is not small
SMALL = 100_000
MAX_NAME = 200
MAX_DEPTH = 8

_END, _END_SIZE, _LOCATOR, _COMMENT = b"PK\5\6", 22, b"PK\6\7", 1 << 16
_DRIVE = re.compile(r"[A-Za-z]:")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_ARCHIVES = (".zip", ".whl", ".jar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


class Archive(Struct, frozen=True):
    """A zip all of whose entries are plain files with plain names. Reading one reads that alone."""

    path: Path
    names: tuple[str, ...]  # of files, in the zip's order

    @classmethod
    def at(cls, path: Path) -> "Archive":
        """The zip at a path; BadLesson with what is wrong with it."""
        with _opened(path) as file:
            told = os.fstat(file.fileno())
        return _checked(path, (told.st_ino, told.st_size, told.st_mtime_ns))

    def read(self, name: str, most: int) -> bytes:
        """One file's bytes; BadLesson if there are more than `most`, or they are damaged."""
        with _opened(self.path) as file, _as_zip(self.path, file) as archive:
            try:
                with archive.open(name) as entry:
                    data = entry.read(most + 1)
            except (*_BROKEN, KeyError, RuntimeError) as error:
                raise bad(self.path / name, f"cannot be read: {error}") from None
        if len(data) > most:
            raise bad(self.path / name, f"larger than {most:,} bytes: split it")
        return data


def bad(path: Path, message: str, kind: str = "schema") -> BadLesson:
    """One problem of a whole file."""
    return BadLesson([Problem(path, 1, 1, message, kind)])


def _opened(path: Path) -> BinaryIO:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise bad(path, f"cannot be read: {error.strerror or error}") from None
    file = os.fdopen(descriptor, "rb")
    told = os.fstat(file.fileno())
    if stat.S_ISREG(told.st_mode) and told.st_size <= MAX_ZIP:
        return file
    file.close()
    plain = stat.S_ISREG(told.st_mode)
    raise bad(path, f"larger than {MAX_ZIP:,} bytes" if plain else "not a plain file")


def _as_zip(path: Path, file: BinaryIO) -> zipfile.ZipFile:
    try:
        _look_at_the_end(file)
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        raise bad(path, f"not a zip that can be read: {error}") from None


def _look_at_the_end(file: BinaryIO) -> None:
    """Refuses a long list of entries before it is read: 20 MB hold half a million of them."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_SIZE - _COMMENT))
    tail = file.read()
    file.seek(0)
    at = len(tail) - _END_SIZE
    if at < 0 or tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise zipfile.BadZipFile("it has no list of entries; build it again")
    if tail[max(0, at - 20) :].startswith(_LOCATOR):
        raise zipfile.BadZipFile("it is a zip64; build it again with `gradtui pack build`")
    if int.from_bytes(tail[at + 12 : at + 16], "little") > MAX_DIRECTORY:
        raise zipfile.BadZipFile(f"more than {MAX_ENTRIES:,} entries")


@lru_cache(maxsize=32)
def _checked(path: Path, stamp: tuple[int, ...]) -> Archive:
    with _opened(path) as file, _as_zip(path, file) as archive:
        entries = archive.infolist()
    for entry, why in _refused(entries):
        raise bad(path, f"{entry.orig_filename[:60]}: {why}" if entry else why)
    return Archive(path, tuple(one.filename for one in entries if not one.is_dir()))


# What is refused.

Rule = tuple[Callable[[ZipInfo], object], str]


def _of_other_type(entry: ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind not in (0, stat.S_IFREG, stat.S_IFDIR)


def _parts(entry: ZipInfo) -> list[str]:
    return entry.orig_filename.removesuffix("/").split("/")


def _grows(entry: ZipInfo) -> bool:
    return entry.file_size > max(SMALL, MAX_RATIO * entry.compress_size)


RULES: tuple[Rule, ...] = (
    (lambda e: e.flag_bits & 0x41, "is encrypted: build the zip without a password"),
    (lambda e: not e.flag_bits & 0x800 and not e.orig_filename.isascii(), "its name is not UTF-8"),
    (lambda e: not e.orig_filename.isprintable(), "hidden characters in its name: rename it"),
    (lambda e: hidden.first(e.orig_filename, prose=False), "hidden characters in its name"),
    (lambda e: "\\" in e.orig_filename, "a name with a backslash: write `/` between folders"),
    (lambda e: e.orig_filename.startswith("/"), "an absolute name: names begin in the pack"),
    (lambda e: _DRIVE.match(e.orig_filename), "a name with a drive: names begin in the pack"),
    (lambda e: {"", ".", ".."} & {*_parts(e)}, "a name that leads out of the pack: rename it"),
    (lambda e: any(map(_RESERVED.fullmatch, _parts(e))), "a device's name on Windows: rename it"),
    (lambda e: any(part[-1] in ". " for part in _parts(e)), "a name that ends in a dot or space"),
    (lambda e: re.search('[<>:"|?*]', e.orig_filename), "a character no file name should hold"),
    (lambda e: len(e.orig_filename) > MAX_NAME, f"a name longer than {MAX_NAME} characters"),
    (lambda e: len(_parts(e)) > MAX_DEPTH, f"folders deeper than {MAX_DEPTH}: move it up"),
    (_of_other_type, "a link or a device: put the file itself there"),
    (lambda e: e.filename.lower().endswith(_ARCHIVES), "an archive within the zip: unpack it"),
    (lambda e: e.compress_type not in (0, 8), "packed in an unusual way: use plain deflate"),
    (lambda e: e.file_size > MAX_ENTRY, f"larger than {MAX_ENTRY:,} bytes: leave it out"),
    (_grows, f"would grow more than {MAX_RATIO}-fold: leave it out"),
)


def _refused(entries: Sequence[ZipInfo]) -> Iterator[tuple[ZipInfo | None, str]]:
    if len(entries) > MAX_ENTRIES:
        yield None, f"more than {MAX_ENTRIES:,} entries: leave out what is no lesson"
    for entry in entries:
        yield from ((entry, why) for refuses, why in RULES if refuses(entry))
    if sum(entry.file_size for entry in entries) > MAX_TOTAL:
        yield None, f"larger than {MAX_TOTAL:,} bytes when unpacked: leave out what is no lesson"
    yield from _met_twice(entries)


def _met_twice(entries: Sequence[ZipInfo]) -> Iterator[tuple[ZipInfo, str]]:
    """Names that are one file where case, or the way an accent is written, makes no difference."""
    met: dict[str, ZipInfo] = {}
    for entry in entries:
        plain = unicodedata.normalize("NFC", entry.filename.removesuffix("/")).casefold()
        if plain in met:
            yield entry, f"the same file as {met[plain].filename}: remove one of them"
        met[plain] = entry
    for plain, entry in met.items():
        folders = (plain[:at] for at, one in enumerate(plain) if one == "/")
        above = next((met[name] for name in folders if name in met), None)
        if above is not None and not above.is_dir():
            yield entry, f"{above.filename} is both a file and a folder: remove one of them"
