"""A stranger's pack, as a folder, a zip or installed with pip: each attack is one harmless line."""

import os
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gradtui.course import packs
from gradtui.course.problems import BadLesson, one_line

PACK = "format: 1\nid: mine\nversion: 1.0.0\ntitle: Mine\nlessons: [first]\n"
HEAD = "format: 1\nid: first\ntitle: First\nminutes: 1\nsteps:\n"
STEP = "  - id: one\n    title: One\n    say: Prose.\n"
GOOD = HEAD + STEP  # lines 1-5 and 6-8
MANY = 40_000

# What is put in the place of the lesson, where it is refused, what is said.
TEXTS: dict[str, tuple[str | bytes, str, str]] = {
    "aliases that double": (
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "1:4",
        "anchors are not used",
    ),
    "an alias of nothing": (GOOD.replace("Prose.", "*x"), "8:10", "aliases are not used"),
    "a merge key": (GOOD + "    <<: *one\n", "9:9", "aliases are not used"),
    "an anchor around itself": ("a: &a [*a]\n", "1:4", "anchors are not used"),
    "a tag that runs": ("!!python/object/apply:os.system [id]", "1:1", "tags are not used"),
    "a tag of one's own": ("%TAG ! tag:x,2000:\n---\na: !x 1\n", "3:4", "tags are not used"),
    "two documents": (GOOD + "---\n" + GOOD, "9:1", "a second document begins here"),
    "deep lists": ("x: " + "[" * MANY, "1:23", "nested deeper than 20 levels"),
    "deep mappings": ("x: " + "{a: " * MANY, "1:80", "nested deeper than 20 levels"),
    "deep items": ("- " * MANY, "1:41", "nested deeper than 20 levels"),
    "keys of keys": ("? " * MANY, "1:3", "a key must be plain text"),
    "many keys": (GOOD + "".join(f"k{n}: 1\n" for n in range(MANY)), "1:1", "more than 60 keys"),
    "many values": (
        "x: [" + "a," * 70_000 + "]",
        "1:120001",
        "more than 60,000 values in one file",
    ),
    "many checks": (GOOD + f"    checks: [{'x,' * 101}]\n", "9:13", "more than 100 items"),
    "many what-ifs": (
        HEAD
        + "".join(
            STEP.replace("one", f"s{n}")
            + f"    code: x\n    what_if: [{'{id: a, label: A, code: y},' * 40}]\n"
            for n in range(3)
        ),
        "20:14",
        "more than 100 what-ifs",
    ),
    "many quotes": (
        HEAD + "".join(STEP.replace("Prose.", "'" + "{{x}}" * 900 + "'") for _ in range(3)),
        "14:10",
        "more than 2,000 values are quoted",
    ),
    "braces never closed": (GOOD.replace("Prose.", f"'{'{{' * 1900}'"), "8:11", "not closed"),
    "a title without end": (GOOD.replace("First", "F" * MANY), "3:8", "longer than 200"),
    "prose without end": (GOOD.replace("Prose.", "a " * 99_000), "8:10", "longer than 20,000"),
    "prints without end": (
        GOOD + f"    code: x\n    prints: {'a' * 250_000}\n",
        "10:13",
        "longer than 200,000 characters",
    ),
    "a file without end": (GOOD + "#" * 1_000_000, "1:1", "larger than 1,000,000 bytes"),
    "a line without end": (
        GOOD + "    code: x = (" + "1 +" * 500 + "1)",
        "9:1252",
        "nested too deeply",
    ),
    "brackets in code": (GOOD + f"    code: {'(' * 9_000}\n", "9:211", "too many nested"),
    "a number without end": (
        GOOD.replace("minutes: 1", "minutes: " + "9" * MANY),
        "4:10",
        "must be a smaller whole number",
    ),
    "a format without end": (
        GOOD.replace("format: 1", "format: " + "9" * MANY),
        "1:9",
        "is newer than this gradtui knows",
    ),
    "a number in code without end": (
        GOOD + "    code: x = " + "9" * 9_000,
        "9:11",
        "Exceeds the limit",
    ),
    "seconds without end": (GOOD + "limits: {seconds: .inf}\n", "9:19", "must be a number"),
    "NUL": (GOOD.replace("Prose.", "a\0b"), "8:11", "hidden character U+0000"),
    "escape": (GOOD.replace("Prose.", "\x1b[2J"), "8:10", "hidden character U+001B"),
    "escape in a comment": (GOOD + "# \x1b[2J\n", "9:3", "hidden character U+001B"),
    "escape, escaped": (
        GOOD.replace("Prose.", r'"\e]52;c;aGk=\a"'),
        "8:11",
        "hidden character U+001B",
    ),
    "escape in code": (
        GOOD + r'    code: "x = 1\x1b[2J"' + "\n",
        "9:17",
        "hidden character U+001B",
    ),
    "escape in a title": (
        GOOD.replace("First", r'"\x1b]0;gone\x07"'),
        "3:9",
        "hidden character U+001B",
    ),
    "escape in a key": (
        GOOD + r'    "\e[2J": x' + "\n",
        "9:5",
        "hidden characters in this key",
    ),
    "C1 control sequence": (GOOD.replace("Prose.", "\x9b2J"), "8:10", "hidden character U+009B"),
    "device control": (GOOD.replace("Prose.", r'"\x90q\x9c"'), "8:11", "hidden character U+0090"),
    "backspaces": (GOOD.replace("Prose.", "abc\x08\x08"), "8:13", "hidden character U+0008"),
    "delete": (GOOD.replace("Prose.", "a\x7f"), "8:11", "hidden character U+007F"),
    "right to left": (GOOD.replace("Prose.", "a\u202eb"), "8:11", "RIGHT-TO-LEFT OVERRIDE"),
    "right to left, escaped": (
        GOOD.replace("Prose.", r'"a\u202eb"'),
        "8:12",
        "RIGHT-TO-LEFT OVERRIDE",
    ),
    "an isolate in code": (GOOD + "    code: x = 1 # \u2066\n", "9:19", "LEFT-TO-RIGHT ISOLATE"),
    "an isolate in a comment": (GOOD + "# \u2067x\n", "9:3", "RIGHT-TO-LEFT ISOLATE"),
    "zero width": (GOOD.replace("Prose.", "a\u200bb"), "8:11", "ZERO WIDTH SPACE"),
    "a joiner in code": (GOOD + "    code: x\u200d = 1\n", "9:12", "ZERO WIDTH JOINER"),
    "a joiner in an id": (GOOD.replace("id: one", "id: o\u200dne"), "6:10", "ZERO WIDTH JOINER"),
    "tags": (GOOD.replace("Prose.", "a\U000e0041"), "8:11", "TAG LATIN CAPITAL LETTER A"),
    "line separator": (GOOD.replace("Prose.", "a\u2028b"), "8:11", "LINE SEPARATOR"),
    "a mark amid the text": (GOOD.replace("Prose.", "a\ufeffb"), "8:11", "ZERO WIDTH NO-BREAK"),
    "stacked accents": (GOOD.replace("Prose.", "a" + "\u0301" * 99), "8:11", "COMBINING ACUTE"),
    "half a character": (GOOD.replace("Prose.", r'"\ud83d"'), "8:13", "not YAML"),
    "UTF-16": (GOOD.encode("utf-16"), "1:1", "is not UTF-8"),
    "UTF-32": (GOOD.encode("utf-32"), "1:1", "is not UTF-8"),
    "Latin-1": (GOOD.replace("Prose.", "é").encode("latin-1"), "8:10", "is not UTF-8"),
    "no character at all": (GOOD.encode() + b"\xc0\xaf", "9:1", "is not UTF-8"),
    "nothing": ("", "1:1", "the file is empty"),
    "another format": (GOOD.replace("format: 1", "format: 2"), "1:9", "upgrade gradtui"),
    "an old format": (GOOD.replace("format: 1", "format: 0"), "1:9", "is too old"),
    "a program": (GOOD + "    code: import os\n", "9:18", "the module os is not in the"),
}


def folder(base: Path, lesson: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    base.mkdir(parents=True)
    (base / "pack.yaml").write_text(PACK)
    (base / "first.yaml").write_bytes(lesson)
    return base


def in_zip(base: Path, lesson: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = base.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pack.yaml", PACK)
        archive.writestr("first.yaml", lesson)
    return path


def installed(base: Path, lesson: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    site = base / "site"
    folder(site / "strange_pack", lesson, monkeypatch)
    (site / "strange_pack" / "__init__.py").write_text("raise SystemExit('it was imported')\n")
    info = site / "strange_pack-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange-pack\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gradtui.packs]\nx = strange_pack\n")
    monkeypatch.syspath_prepend(str(site))
    (found,) = (pack for pack in packs.discover() if pack.origin == "installed")
    return found.folder


Way = Callable[[Path, bytes, pytest.MonkeyPatch], Path]


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    yield
    assert not (tmp_path / "data").exists()
    assert "strange_pack" not in sys.modules


def problem_of(place: Path) -> str:
    """The one line that opening the pack's lesson ends in."""
    with pytest.raises(BadLesson) as caught:
        open_all(place)
    lines = str(caught.value).splitlines()
    assert len(lines) == 1, lines[:3]
    assert lines[0].isprintable()
    assert len(lines[0]) < 600
    return lines[0]


def open_all(place: Path) -> None:
    for path in packs.lesson_files(place):
        packs.load_lesson(path)


@pytest.mark.parametrize("way", [folder, in_zip, installed])
@pytest.mark.parametrize(("text", "place", "says"), TEXTS.values(), ids=TEXTS.keys())
def test_a_hostile_text(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: Way,
    text: str | bytes,
    place: str,
    says: str,
) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    line = problem_of(way(tmp_path / "mine", data, monkeypatch))
    assert f"first.yaml:{place}: " in line
    assert says in line


@pytest.mark.parametrize("way", [folder, in_zip, installed])
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (GOOD.replace("\n", "\r\n"), "Prose."),
        (GOOD.replace("\n", "\r"), "Prose."),
        ("\ufeff" + GOOD, "Prose."),
        (GOOD.replace("Prose.", "مرحبا שלום 你好 👩‍🏫 é ﷺ"), "مرحبا שלום 你好 👩‍🏫 é ﷺ"),
        (GOOD.replace("Prose.", "no"), "no"),
    ],
    ids=["CRLF", "CR", "BOM", "all scripts", "no"],
)
def test_what_looks_odd_and_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Way, written: str, meant: str
) -> None:
    place = way(tmp_path / "mine", written.encode(), monkeypatch)
    (path,) = packs.lesson_files(place)
    assert packs.load_lesson(path).lesson.steps[0].say == meant


# What only a folder can hold.


def a_link_out(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def a_link_to_a_sibling(path: Path) -> None:
    path.with_name("other").write_text(GOOD)
    path.symlink_to("other")


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    os.mknod(path, stat.S_IFSOCK | 0o600)


def an_endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_folder(path: Path) -> None:
    path.mkdir()


KINDS = [a_link_out, a_link_to_a_sibling, a_link_to_itself, a_pipe, a_socket, an_endless_device]


@pytest.mark.parametrize("name", ["first.yaml", "pack.yaml"])
@pytest.mark.parametrize("make", [*KINDS, a_folder])
def test_a_file_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], name: str
) -> None:
    place = folder(tmp_path / "mine", GOOD.encode(), monkeypatch)
    (place / name).unlink()
    make(place / name)
    problem_of(place)
    with pytest.raises(BadLesson, match=r"a link, a pipe or a device|Is a directory"):
        packs.load_lesson(place / name)


@pytest.mark.parametrize("make", KINDS)
def test_nor_in_a_folder_without_a_pack(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "x").mkdir()
    make(tmp_path / "x" / "first.yaml")
    assert "a link, a pipe or a device" in problem_of(tmp_path / "x")


def test_a_hard_link_is_a_plain_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installers make them, they lead nowhere else, and nothing is ever written to a pack."""
    place = folder(tmp_path / "mine", GOOD.encode(), monkeypatch)
    os.link(place / "first.yaml", tmp_path / "other")
    assert packs.lesson_files(place) == [place / "first.yaml"]


@pytest.mark.parametrize(
    "name", [b"\x1b[2J.yaml", "\u202egpj.yaml".encode(), b"a\nb.yaml", b"\xff.yaml", b"\x9b2J.yml"]
)
def test_a_name_that_would_move_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes
) -> None:
    place = folder(tmp_path / "mine", GOOD.encode(), monkeypatch)
    Path(os.fsdecode(os.fsencode(place) + b"/" + name)).write_text(GOOD)
    assert "`lessons` does not list" in problem_of(place)
    (place / "pack.yaml").unlink()
    with pytest.raises(BadLesson) as caught:
        packs.load_lesson(Path(os.fsdecode(os.fsencode(place) + b"/" + name + b"x")))
    assert str(caught.value).isprintable()


def test_names_that_differ_in_case_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = folder(tmp_path / "mine", GOOD.encode(), monkeypatch)
    (place / "First.yaml").write_text(GOOD)
    assert "`lessons` does not list First.yaml" in problem_of(place)


def test_a_folder_of_endless_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = folder(tmp_path / "mine", GOOD.encode(), monkeypatch)
    for number in range(2_000):
        (place / f"{number}.txt").touch()
    assert "more than 2,000 files" in problem_of(place)


@pytest.mark.parametrize("lesson", ["../first", "/etc/passwd", "a/b", "..", "C:x", "con\0", ""])
def test_a_lesson_named_by_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lesson: str
) -> None:
    place = folder(tmp_path / "mine", GOOD.encode(), monkeypatch)
    (place / "pack.yaml").write_text(PACK.replace("[first]", f'["{lesson}"]'))
    line = problem_of(place)
    assert "pack.yaml:5:" in line


def test_a_line_stays_a_line() -> None:
    assert one_line("a\nb\x1b[2J\u202e\x9b\ud800") == "a b�[2J���"
