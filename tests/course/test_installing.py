"""Packs are built the same every time, installed whole or not at all, and removed again."""

import os
import zipfile
from pathlib import Path

import pytest

from gradtui.course import packs
from gradtui.course.building import build
from gradtui.course.installing import CannotInstall, add, remove
from gradtui.course.problems import BadLesson

PACK = "format: 1\nid: mine\nversion: {}\ntitle: Mine\nlessons: [first]\n"
LESSON = """\
format: 1
id: first
title: First
minutes: 1
steps:
  - {id: a, title: A, say: Prose.}
  - {id: b, title: B, say: Prose.}
"""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's packs, none so far."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return packs.user_folder()


def write(folder: Path, version: str = "1.0.0", lesson: str = LESSON) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(PACK.format(version))
    (folder / "first.yaml").write_text(lesson)
    return folder


def version() -> str | None:
    found = [one for one in packs.survey() if one.found.origin == "user"]
    return found[0].loaded.pack.version if found and found[0].loaded else None


def test_a_build_is_the_same_every_time(tmp_path: Path) -> None:
    here = write(tmp_path / "here")
    (here / "README.md").write_text("Read me.")
    (here / "notes.txt").write_text("My own.")
    (here / ".git").mkdir()
    there = write(tmp_path / "there")
    (there / "README.md").write_text("Read me.")
    for file in there.iterdir():
        file.chmod(0o600)
        os.utime(file, (0, 10**9))
    one, other = build(here), build(there)
    assert one.data == other.data == build(here).data
    assert one.name == "mine-1.0.0.zip"
    path = tmp_path / one.name
    path.write_bytes(one.data)
    assert zipfile.ZipFile(path).namelist() == ["pack.yaml", "first.yaml", "README.md"]
    assert build(path).data == one.data


def test_everything_wrong_with_a_pack_is_said_at_once(tmp_path: Path, data: Path) -> None:
    broken = write(tmp_path / "x", lesson=LESSON.replace("id: first", "id: other"))
    with pytest.raises(BadLesson, match=r"first\.yaml:2:5: `id` must be the file's name"):
        build(broken)
    (broken / "pack.yaml").write_text(PACK.format("1").replace("[first]", "[first, second]"))
    with pytest.raises(BadLesson, match=r"pack\.yaml:5:18: no file second\.yaml"):
        add(broken)
    assert not data.exists()


def test_what_is_added_is_found(tmp_path: Path, data: Path) -> None:
    added = add(write(tmp_path / "x"))
    assert (added.path, added.replaced, added.changes) == (data / "mine.zip", None, {})
    assert packs.find_lesson("first") == data / "mine.zip" / "first.yaml"
    assert [path.name for path in data.iterdir()] == ["mine.zip"]


def test_a_newer_version_replaces_an_older_and_says_what_changed(tmp_path: Path) -> None:
    add(write(tmp_path / "x", "1.9"))
    changed = LESSON.replace("{id: a, title: A, say: Prose.}", "{id: c, title: C, say: More.}")
    added = add(write(tmp_path / "x", "1.10", changed))
    assert (added.replaced, version()) == ("1.9", "1.10")
    assert (added.changes["first"].new, added.changes["first"].removed) == (("c",), ("a",))


def test_an_older_version_needs_force(tmp_path: Path) -> None:
    add(write(tmp_path / "x", "2.0.0"))
    older = write(tmp_path / "x", "1.0.0")
    with pytest.raises(CannotInstall, match=r"mine 2\.0\.0 is installed, and 1\.0\.0 is older"):
        add(older)
    assert version() == "2.0.0"
    assert add(older, force=True).replaced == "2.0.0"
    assert version() == "1.0.0"


def test_zips_put_there_by_hand_are_replaced_too(tmp_path: Path, data: Path) -> None:
    data.mkdir(parents=True)
    built = build(write(tmp_path / "x", "0.9"))
    (data / built.name).write_bytes(built.data)
    assert add(write(tmp_path / "x")).replaced == "0.9"
    assert [path.name for path in data.iterdir()] == ["mine.zip"]


def test_a_folder_of_ones_own_is_left_alone(tmp_path: Path, data: Path) -> None:
    write(data / "work")
    with pytest.raises(CannotInstall, match="is a folder of your own with that id"):
        add(write(tmp_path / "x", "2.0"), force=True)
    with pytest.raises(CannotInstall, match="is a folder of your own"):
        remove("mine")
    assert (data / "work" / "first.yaml").exists()


def test_the_id_of_a_bundled_pack_is_taken(tmp_path: Path) -> None:
    pack = write(tmp_path / "x")
    (pack / "pack.yaml").write_text(PACK.format("9").replace("mine", "gradtui"))
    with pytest.raises(CannotInstall, match="gradtui is the id of a pack that comes with gradtui"):
        add(pack, force=True)


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    add(write(tmp_path / "x"))
    newer = write(tmp_path / "x", "2.0.0")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, failing, full)
        with pytest.raises(CannotInstall, match=r"mine\.zip: cannot be written: No space left"):
            add(newer)
    assert version() == "1.0.0"
    assert [path.name for path in data.iterdir()] == ["mine.zip"]


def test_what_is_removed_is_gone(tmp_path: Path, data: Path) -> None:
    add(write(tmp_path / "x"))
    assert remove("mine") == [data / "mine.zip"]
    with pytest.raises(CannotInstall, match="no pack mine among yours"):
        remove("mine")
    (data / "broken.zip").write_text("no zip")
    assert remove("broken") == [data / "broken.zip"]
    assert not list(data.iterdir())


def test_a_link_to_a_folder_is_removed_and_the_folder_stays(tmp_path: Path, data: Path) -> None:
    mine = write(tmp_path / "x")
    data.mkdir(parents=True)
    (data / "mine").symlink_to(mine)
    assert remove("mine") == [data / "mine"]
    assert (mine / "pack.yaml").exists()


@pytest.mark.parametrize("name", ["../mine", "/etc", "", "."])
def test_an_id_is_no_path(name: str) -> None:
    with pytest.raises(CannotInstall, match="no pack"):
        remove(name)
