"""Packs are found bundled, in the user's folder, installed and at a path, and never imported."""

import sys
import zipfile
from pathlib import Path

import pytest

from gradtui import __version__
from gradtui.course import packs
from gradtui.course.loader import load_lesson
from gradtui.course.problems import BadLesson

PACK = """\
format: 1
id: mine
version: 1.0.0
title: Mine
lessons: [first, second]
"""
LESSON = """\
format: 1
id: first
title: First
minutes: 1
steps: [{id: a, title: A, say: Prose.}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "mine")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's packs, none so far."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return packs.user_folder()


def write(folder: Path, pack: str = PACK) -> Path:
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(pack)
    for name in ("first", "second"):
        (folder / f"{name}.yaml").write_text(LESSON.replace("first", name))
    return folder


def zipped(folder: Path, path: Path, top: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"{top}{file.name}")
    return path


def install(site: Path, package: str, value: str, pack: str = PACK) -> Path:
    """A distribution with a pack in it, as pip leaves it, whose package must not be imported."""
    installed = write(site / package / "lessons", pack)
    (site / package / "__init__.py").write_text("raise SystemExit('a pack was imported')\n")
    info = site / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[gradtui.packs]\nx = {value}\n")
    return installed


def ids(files: list[Path]) -> list[str]:
    return [load_lesson(file).lesson.id for file in files]


def test_the_bundled_pack_holds_its_lessons() -> None:
    files = packs.lesson_files(packs.bundled().folder)
    assert tuple(ids(files)) == packs.bundled().load().pack.lessons


def test_a_packs_lessons_come_in_its_order(folder: Path) -> None:
    (folder / "pack.yaml").write_text(PACK.replace("first, second", "second, first"))
    expected = [folder / "second.yaml", folder / "first.yaml"]
    assert packs.lesson_files(folder) == packs.lesson_files(folder / "pack.yaml") == expected


@pytest.mark.parametrize("top", ["", "mine-main/"])
def test_a_zip_is_read_where_it_lies(folder: Path, tmp_path: Path, top: str) -> None:
    path = zipped(folder, tmp_path / "zips" / "mine.zip", top)
    files = packs.lesson_files(path)
    assert files == [path / f"{top}first.yaml", path / f"{top}second.yaml"]
    assert ids(files) == ["first", "second"]
    assert packs.lesson_files(files[1]) == [files[1]]
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_without_pack_yaml_gives_its_files_by_name(folder: Path) -> None:
    (folder / "pack.yaml").unlink()
    assert packs.lesson_files(folder) == [folder / "first.yaml", folder / "second.yaml"]


def test_a_lesson_missing_beside_its_pack_is_said_where_it_is_listed(folder: Path) -> None:
    (folder / "second.yaml").unlink()
    with pytest.raises(BadLesson, match=r"pack\.yaml:5:18: no file second\.yaml beside the pack"):
        packs.lesson_files(folder)
    good, broken = packs.FoundPack(folder, "path").present()
    assert good == folder / "first.yaml"
    assert isinstance(broken, BadLesson)


def test_a_lesson_missing_from_the_order_is_said(folder: Path) -> None:
    (folder / "third.yaml").write_text(LESSON)
    with pytest.raises(BadLesson, match=r"pack\.yaml:5:1: `lessons` does not list third\.yaml"):
        packs.lesson_files(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("id: mine", "id: My Pack"), "2:5: `id` must be lower case letters"),
        (("version: 1.0.0", "version: one"), "3:10: `version` must be a version such as 1.0.0"),
        (("version: 1.0.0", "version: " + "9" * 5000), "3:10: `version` must be a version"),
        (("version: 1.0.0", "version: ١.٢"), "3:10: `version` must be a version"),
        (("title", "titel"), "4:1: unknown key `titel`: did you mean `title`?"),
        (("lessons: [first, second]", "lessons: []"), "5:10: `lessons` must have at least 1"),
        (("[first, second]", "[../first]"), "5:11: item 1 of `lessons` must be lower case"),
        (("format: 1", "format: 2"), "1:9: format 2 is newer than this gradtui knows"),
        (("format: 1", "format: 0"), "1:9: format 0 is too old: rewrite it as format 1"),
        (
            ("title: Mine", "title: Mine\ngradtui: 99.1"),
            f"5:10: needs gradtui 99.1, and this is {__version__}: upgrade gradtui",
        ),
    ],
)
def test_a_broken_pack_yaml(folder: Path, change: tuple[str, str], says: str) -> None:
    (folder / "pack.yaml").write_text(PACK.replace(*change))
    with pytest.raises(BadLesson) as caught:
        packs.lesson_files(folder)
    assert any(says in str(problem) for problem in caught.value.problems), str(caught.value)


def test_the_gradtui_it_needs_is_there(folder: Path) -> None:
    (folder / "pack.yaml").write_text(PACK + f"gradtui: {__version__}\n")
    assert len(packs.lesson_files(folder)) == 2


def test_nothing_at_a_path(tmp_path: Path) -> None:
    with pytest.raises(BadLesson, match="there is no such file or folder"):
        packs.lesson_files(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadLesson, match="no lesson files"):
        packs.lesson_files(tmp_path / "empty")


@pytest.mark.parametrize("way", ["a distribution's files", "the path"])
def test_an_installed_pack_is_found_and_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    site = tmp_path / "site"
    installed = install(site, "a_pack", "a_pack.lessons")
    if way == "the path":  # as an editable install: the metadata here, the files elsewhere
        monkeypatch.syspath_prepend(str(tmp_path / "source"))
        (tmp_path / "source").mkdir()
        (site / "a_pack").rename(tmp_path / "source" / "a_pack")
        installed = tmp_path / "source" / "a_pack" / "lessons"
    monkeypatch.syspath_prepend(str(site))
    found = [(pack.folder, pack.origin) for pack in packs.discover()]
    assert found[1:] == [(installed, "installed")]
    assert ids(packs.discover()[1].lessons()) == ["first", "second"]
    assert "a_pack" not in sys.modules


@pytest.mark.parametrize(
    "value",
    ["/etc", "..etc", "....a_pack", "a_pack/lessons", "a pack", "a_pack:lessons", "no_such", "sys"],
)
def test_an_entry_point_names_a_package_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    install(tmp_path / "site", "a_pack", value)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert len(packs.survey()) == 1
    assert "a_pack" not in sys.modules


def test_which_of_several_packs_with_one_id_wins(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = write(data / "a", PACK.replace("1.0.0", "1.2"))
    newer = zipped(write(tmp_path / "x", PACK.replace("1.0.0", "1.10")), data / "b.zip")
    false = write(data / "c", PACK.replace("id: mine", "id: gradtui"))
    installed = install(tmp_path / "site", "a_pack", "a_pack.lessons", PACK.replace("1.0.0", "9"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    hidden = {one.found.place: one.hidden_by for one in packs.survey()}
    winner = packs.FoundPack(newer, "user")
    assert hidden == {
        packs.bundled().place: None,
        newer: None,
        older: winner,
        installed: winner,
        false: packs.bundled(),
    }
    assert [pack.place for pack in packs.discover()] == [packs.bundled().place, newer]


def test_a_broken_pack_hides_no_other(tmp_path: Path, data: Path) -> None:
    write(data / "broken", "format: 1\n")
    zipped(write(tmp_path / "x"), data / "good.zip")
    (data / "text.zip").write_text("no zip")
    states = {one.found.place.name: one.broken is not None for one in packs.survey()}
    assert states == {"lessons": False, "broken": True, "good.zip": False, "text.zip": True}
    assert packs.find_lesson("second") == data / "good.zip" / "second.yaml"


def test_a_lesson_is_found_by_its_id_or_path(folder: Path, data: Path) -> None:
    name = "gradients-with-autograd"
    mine = write(data / "mine")
    assert packs.find_lesson(name) == packs.bundled().folder / f"{name}.yaml"
    assert packs.find_lesson(f"gradtui/{name}") == packs.bundled().folder / f"{name}.yaml"
    assert packs.find_lesson(str(folder / "first.yaml")) == folder / "first.yaml"
    assert packs.find_lesson("first") == packs.find_lesson("mine/first") == mine / "first.yaml"


def test_a_renamed_lesson_is_found_by_its_earlier_id(data: Path) -> None:
    first = write(data / "mine") / "first.yaml"
    first.write_text(first.read_text().replace("id: first\n", "id: first\nwas: [begin]\n", 1))
    assert packs.find_lesson("begin") == packs.find_lesson("mine/begin") == first


@pytest.mark.parametrize(
    "name", ["no-such-lesson", "../gradients-with-autograd", "pack", "other/first", "", "/", "a\0b"]
)
def test_and_no_other_way(name: str) -> None:
    with pytest.raises(BadLesson, match="no lesson of this name"):
        packs.find_lesson(name)
