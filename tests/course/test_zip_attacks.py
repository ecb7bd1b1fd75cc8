"""A hostile zip is refused with one line, and nothing of it is ever written anywhere."""

import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gradtui.course import archives, packs
from gradtui.course.problems import BadLesson

PACK = b"format: 1\nid: mine\nversion: 1.0.0\ntitle: Mine\nlessons: [first]\n"
LESSON = b"format: 1\nid: first\ntitle: First\nminutes: 1\nsteps: [{id: a, title: A, say: Hi.}]\n"

Entry = tuple[zipfile.ZipInfo | str, bytes]


def good() -> list[Entry]:
    return [("pack.yaml", PACK), ("first.yaml", LESSON)]


def zipped(*more: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in (*good(), *more):
            archive.writestr(name, data)
    return made.getvalue()


def named(name: str) -> bytes:
    return zipped((name, b"x"))


def of_type(kind: int, target: bytes = b"/etc/passwd") -> bytes:
    entry = zipfile.ZipInfo("extra")
    entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
    return zipped((entry, target))


def raw_name(name: bytes) -> bytes:
    """An entry of that very name, whatever zipfile thinks of it; as long as `0123456789`."""
    return named("0123456789").replace(b"0123456789", name.ljust(10, b"_")[:10])


def flagged(bits: int) -> bytes:
    """The bits set in each entry's flags, in both places where they are told."""
    data = bytearray(zipped())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= bits
            at = data.find(signature, at + 1)
    return bytes(data)


def lying_about_sizes() -> bytes:
    """The list of entries says that a lesson of 30 MB has 100 bytes."""
    data = bytearray(zipped(("README.md", b"\0" * 30_000_000)))
    at = data.rfind(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(data)


def other_local_name() -> bytes:
    data = bytearray(zipped())
    at = data.find(b"first.yaml")
    data[at : at + 10] = b"../../etc_"
    return bytes(data)


def crowded(count: int) -> bytes:
    return zipped(*((f"{n}.txt", b"") for n in range(count)), method=zipfile.ZIP_STORED)


def damaged() -> bytes:
    data = bytearray(zipped(method=zipfile.ZIP_STORED))
    data[data.find(b"id: first") + 4] ^= 1
    return bytes(data)


def shortened() -> bytes:
    return zipped()[:-30]


def promising_more() -> bytes:
    """The end of the zip says that the list of entries is 4 GB long."""
    data = bytearray(zipped())
    at = data.rfind(b"PK\5\6")
    data[at + 12 : at + 16] = b"\xff" * 4
    return bytes(data)


ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "up": (lambda: named("../evil"), "../evil: a name that leads out of the pack"),
    "up in the middle": (lambda: named("a/../../evil"), "leads out of the pack"),
    "here": (lambda: named("./evil"), "leads out of the pack"),
    "empty part": (lambda: named("a//evil"), "leads out of the pack"),
    "absolute": (lambda: raw_name(b"/etc/crons"), "an absolute name"),
    "two slashes": (lambda: raw_name(b"//host/evi"), "an absolute name"),
    "drive": (lambda: raw_name(b"C:/evil.ex"), "a name with a drive"),
    "drive without slash": (lambda: raw_name(b"c:evil.exe"), "a name with a drive"),
    "backslash": (lambda: raw_name(b"..\\evil.ex"), "a name with a backslash"),
    "share": (lambda: raw_name(b"\\\\host\\evi"), "a name with a backslash"),
    "stream": (lambda: raw_name(b"a.txt:evil"), "no file name should hold"),
    "device": (lambda: named("con"), "a device's name on Windows"),
    "device with suffix": (lambda: named("sub/NUL.yaml"), "a device's name on Windows"),
    "last dot": (lambda: named("evil."), "ends in a dot or space"),
    "last space": (lambda: named("evil "), "ends in a dot or space"),
    "NUL": (lambda: raw_name(b"evil\0.yaml"), "hidden characters in its name"),
    "escape": (lambda: raw_name(b"\x1b]0;x\x07.md"), "hidden characters in its name"),
    "newline": (lambda: raw_name(b"a\nb.md"), "hidden characters in its name"),
    "C1": (lambda: named("a\x9b31m"), "hidden characters in its name"),
    "override": (lambda: named("a\u202egpj.exe"), "hidden characters in its name"),
    "zero width": (lambda: named("a\u200bb"), "hidden characters in its name"),
    "joiner": (lambda: named("a\u200db"), "hidden characters in its name"),
    "not UTF-8": (lambda: raw_name(b"caf\xe9.md"), "its name is not UTF-8"),
    "long name": (lambda: named("a" * 300), "a name longer than 200"),
    "deep": (lambda: named("a/" * 40 + "b"), "folders deeper than 8"),
    "symbolic link": (lambda: of_type(stat.S_IFLNK), "a link or a device"),
    "pipe": (lambda: of_type(stat.S_IFIFO), "a link or a device"),
    "character device": (lambda: of_type(stat.S_IFCHR), "a link or a device"),
    "block device": (lambda: of_type(stat.S_IFBLK), "a link or a device"),
    "socket": (lambda: of_type(stat.S_IFSOCK), "a link or a device"),
    "two of one name": (lambda: zipped(("first.yaml", LESSON)), "the same file as first.yaml"),
    "two but for case": (lambda: named("FIRST.yaml"), "the same file as first.yaml"),
    "two but for accents": (
        lambda: zipped(("caf\xe9", b""), ("cafe\u0301", b"")),
        "the same file as café",
    ),
    "file and folder": (lambda: named("pack.yaml/x"), "both a file and a folder"),
    "zip in zip": (lambda: zipped(("inner.zip", zipped())), "an archive within the zip"),
    "wheel in zip": (lambda: zipped(("x.WHL", b"")), "an archive within the zip"),
    "bomb by ratio": (lambda: zipped(("x.md", b"\0" * 4_000_000)), "grow more than 100-fold"),
    "bomb by size": (
        lambda: zipped(("x.md", os.urandom(5_000_001)), method=0),
        "larger than 5,000,000",
    ),
    "bomb by total": (
        lambda: zipped(*((f"{n}.md", b"ab" * 60_000 + os.urandom(20_000)) for n in range(400))),
        "larger than 50,000,000 bytes when unpacked",
    ),
    "bomb by count": (lambda: crowded(1_001), "more than 1,000 entries"),
    "bomb by a long list": (lambda: crowded(20_000), "more than 1,000 entries"),
    "a list longer than the zip": (promising_more, "more than 1,000 entries"),
    "bzip2": (lambda: zipped(method=zipfile.ZIP_BZIP2), "packed in an unusual way"),
    "lzma": (lambda: zipped(method=zipfile.ZIP_LZMA), "packed in an unusual way"),
    "encrypted": (lambda: flagged(0x01), "is encrypted"),
    "strongly encrypted": (lambda: flagged(0x40), "is encrypted"),
    "a name here, another there": (other_local_name, "cannot be read: File name in directory"),
    "damaged": (damaged, "cannot be read: Bad CRC-32"),
    "cut off": (shortened, "not a zip that can be read"),
    "no zip": (lambda: b"format: 1\n" * 10, "not a zip that can be read"),
    "empty": (lambda: b"", "not a zip that can be read"),
    "no pack in it": (lambda: b"PK\5\6" + b"\0" * 18, "no pack.yaml at the top"),
    "two packs in it": (
        lambda: zipped().replace(b"pack.yaml", b"a/pa.yaml"),
        "no pack.yaml at the top",
    ),
}


def open_all(path: Path) -> None:
    for file in packs.lesson_files(path):
        packs.load_lesson(file)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("make", "says"), ATTACKS.values(), ids=ATTACKS.keys())
def test_refused_in_one_line(tmp_path: Path, make: Callable[[], bytes], says: str) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(make())
    with pytest.raises(BadLesson) as caught:
        open_all(path)
    (problem,) = caught.value.problems
    assert str(problem.path).startswith(str(path))
    assert says in problem.message
    assert str(problem).isprintable()
    assert list(tmp_path.iterdir()) == [path]


def test_an_entry_larger_than_it_says_is_read_no_further(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(lying_about_sizes())
    assert len(packs.lesson_files(path)) == 1
    with pytest.raises(BadLesson, match=r"README\.md:1:1: cannot be read: Bad CRC-32"):
        archives.Archive.at(path).read("README.md", 10_000_000)


def test_the_plain_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped(("docs/", b""), ("docs/notes.md", b"notes"), ("café.md", b"")))
    assert packs.lesson_files(path) == [path / "first.yaml"]


def test_a_zip_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    with path.open("wb") as file:
        file.truncate(archives.MAX_ZIP + 1)
    with pytest.raises(BadLesson, match="larger than 20,000,000 bytes"):
        packs.lesson_files(path)


def test_a_zip_that_changes_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped())
    assert len(packs.lesson_files(path)) == 1
    path.write_bytes(named("../evil"))
    with pytest.raises(BadLesson, match="leads out of the pack"):
        packs.lesson_files(path)
