"""Packs are found bundled, in the user's folder, installed and at a path, and never imported."""

import sys
from pathlib import Path

import pytest

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


def write(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(PACK)
    for name in ("first", "second"):
        (folder / f"{name}.yaml").write_text(LESSON.replace("first", name))
    return folder


def test_the_bundled_pack_holds_its_lessons() -> None:
    files = packs.lesson_files(packs.bundled().folder)
    ids = packs.bundled().load().pack.lessons
    assert tuple(load_lesson(file).lesson.id for file in files) == ids


def test_a_packs_lessons_come_in_its_order(folder: Path) -> None:
    (folder / "pack.yaml").write_text(PACK.replace("first, second", "second, first"))
    expected = [folder / "second.yaml", folder / "first.yaml"]
    assert packs.lesson_files(folder) == packs.lesson_files(folder / "pack.yaml") == expected


def test_a_folder_without_pack_yaml_gives_its_files_by_name(folder: Path) -> None:
    (folder / "pack.yaml").unlink()
    assert packs.lesson_files(folder) == [folder / "first.yaml", folder / "second.yaml"]


def test_a_lesson_missing_beside_its_pack_is_said_where_it_is_listed(folder: Path) -> None:
    (folder / "second.yaml").unlink()
    with pytest.raises(BadLesson, match=r"pack\.yaml:5:18: no file second\.yaml beside the pack"):
        packs.lesson_files(folder)


def test_a_lesson_missing_from_the_order_is_said(folder: Path) -> None:
    (folder / "third.yaml").write_text(LESSON)
    with pytest.raises(BadLesson, match=r"pack\.yaml:5:1: `lessons` does not list third\.yaml"):
        packs.lesson_files(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("id: mine", "id: My Pack"), "2:5: `id` must be lower case letters"),
        (("version: 1.0.0", "version: one"), "3:10: `version` must be a version such as 1.0.0"),
        (("title", "titel"), "4:1: unknown key `titel`: did you mean `title`?"),
        (("lessons: [first, second]", "lessons: []"), "5:10: `lessons` must have at least 1"),
        (("[first, second]", "[../first]"), "5:11: item 1 of `lessons` must be lower case"),
        (("format: 1", "format: 2"), "1:9: format 2 is newer than this gradtui knows"),
    ],
)
def test_a_broken_pack_yaml(folder: Path, change: tuple[str, str], says: str) -> None:
    (folder / "pack.yaml").write_text(PACK.replace(*change))
    with pytest.raises(BadLesson) as caught:
        packs.lesson_files(folder)
    assert any(says in str(problem) for problem in caught.value.problems), str(caught.value)


def test_nothing_at_a_path(tmp_path: Path) -> None:
    with pytest.raises(BadLesson, match="there is no such file or folder"):
        packs.lesson_files(tmp_path / "none")
    with pytest.raises(BadLesson, match="no lesson files"):
        packs.lesson_files(tmp_path)


def test_the_users_packs_and_installed_ones_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    mine = write(packs.user_folder() / "mine")
    site = tmp_path / "site"
    installed = write(site / "a_pack" / "lessons")
    (site / "a_pack" / "__init__.py").write_text("raise SystemExit('a pack was imported')\n")
    info = site / "a_pack-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a-pack\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gradtui.packs]\na-pack = a_pack.lessons\n")
    monkeypatch.syspath_prepend(str(site))

    found = [(pack.folder, pack.origin) for pack in packs.discover()]
    assert found[1:] == [(mine, "user"), (installed, "installed")]
    assert "a_pack" not in sys.modules
    assert packs.find_lesson("first") == mine / "first.yaml"


def test_a_lesson_is_found_by_its_id_or_path(folder: Path) -> None:
    name = "gradients-with-autograd"
    assert packs.find_lesson(name) == packs.bundled().folder / f"{name}.yaml"
    assert packs.find_lesson(str(folder / "first.yaml")) == folder / "first.yaml"
    with pytest.raises(BadLesson, match="no lesson of this name"):
        packs.find_lesson("no-such-lesson")
    with pytest.raises(BadLesson, match="no lesson of this name"):
        packs.find_lesson("../gradients-with-autograd")
