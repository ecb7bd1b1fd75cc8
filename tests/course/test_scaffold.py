"""What an author begins with is whole, green, and never in place of anything."""

import re
from pathlib import Path

import pytest
import yaml

from gradtui.check.runner import check
from gradtui.course import editors, scaffold
from gradtui.course.loader import load_lesson, load_pack
from gradtui.course.packs import lesson_files

ODD = 'Say "hi": a # test \\ of {{ quotes }} · @ID@ ü'


def test_a_new_pack_is_green_on_both_engines(tmp_path: Path) -> None:
    begun = scaffold.new_pack(tmp_path / "My first_Pack!", title=ODD, author="Ada: Example")
    folder = tmp_path / "My first_Pack!"
    assert {str(path.relative_to(folder)) for path in begun.files} == {
        "pack.yaml",
        "first-steps.yaml",
        "README.md",
        "LICENSE",
        "pyproject.toml",
        ".github/workflows/check.yml",
        ".gitignore",
        ".schema/lesson.json",
        ".schema/pack.json",
    }
    pack = load_pack(folder / "pack.yaml").pack
    assert (pack.id, pack.title, pack.authors) == ("my-first-pack", ODD, ("Ada: Example",))
    report = check([folder])
    assert report.ok, report
    assert report.lessons[0].compared.same > 20
    assert not report.lessons[0].compared.not_compared


def test_nothing_is_left_to_fill_in_and_editors_find_the_schema(tmp_path: Path) -> None:
    for path in scaffold.new_pack(tmp_path / "x").files:
        text = path.read_text("utf-8")
        assert not re.search("@[A-Z_]+@", text)
        if path.name in ("pack.yaml", "first-steps.yaml"):
            kind = "pack" if path.name == "pack.yaml" else "lesson"
            assert text.startswith(editors.modeline(kind) + "\n")
            assert (path.parent / editors.modeline(kind).partition("=")[2]).is_file()


def test_the_check_for_ci_is_the_command_there_is(tmp_path: Path) -> None:
    scaffold.new_pack(tmp_path / "x")
    workflow = yaml.safe_load((tmp_path / "x/.github/workflows/check.yml").read_text())
    runs = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    assert runs[-1] == "gradtui check . --format github"


@pytest.mark.parametrize("there", ["pack.yaml", "LICENSE", ".schema/pack.json", "README.md"])
def test_nothing_is_written_over(tmp_path: Path, there: str) -> None:
    path = tmp_path / "x" / there
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(scaffold.CannotBegin, match="is there already; nothing was written"):
        scaffold.new_pack(tmp_path / "x")
    assert [file for file in (tmp_path / "x").rglob("*") if file.is_file()] == [path]
    assert path.read_text() == "mine"


def test_a_link_to_nowhere_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(scaffold.CannotBegin, match="is there already"):
        scaffold.new_lesson(str(tmp_path / "one"))
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    "given",
    [
        {"pack_id": "My Pack"},
        {"pack_id": "../x"},
        {"pack_id": "x" * 65},
        {"title": "two\nlines"},
        {"title": "turned \u202e round"},
        {"author": "\x1b]0;x\x07"},
        {"author": "x" * 201},
    ],
)
def test_what_cannot_be_a_name_is_refused_before_anything_is_written(
    tmp_path: Path, given: dict[str, str]
) -> None:
    with pytest.raises(scaffold.CannotBegin) as why:
        scaffold.new_pack(tmp_path / "x", **given)
    assert str(why.value).isprintable()
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("order", "after"),
    [
        ("lessons:\n  - first-steps\n", "lessons:\n  - first-steps\n  - second\n"),
        (
            "lessons:\n  - first-steps  # comment\nauthors: []\n",
            "lessons:\n  - first-steps  # comment\n  - second\nauthors: []\n",
        ),
        ("lessons: [first-steps]\n", "lessons: [first-steps, second]\n"),
        ("lessons: [ 'first-steps' ]  # all\n", "lessons: [ 'first-steps', second ]  # all\n"),
        ('lessons:\n- "first-steps"', 'lessons:\n- "first-steps"\n- second'),
        ("lessons: [first-steps, second]\n", "lessons: [first-steps, second]\n"),
    ],
)
def test_a_new_lesson_is_listed_in_its_pack(tmp_path: Path, order: str, after: str) -> None:
    scaffold.new_pack(tmp_path / "x")
    pack = tmp_path / "x" / "pack.yaml"
    head = pack.read_text().partition("lessons:")[0].replace("authors: []  # [Your Name]\n", "")
    pack.write_text(head + order)
    begun = scaffold.new_lesson(str(tmp_path / "x" / "second.yaml"))
    assert begun.files == (tmp_path / "x" / "second.yaml",)
    assert begun.left == ""
    assert pack.read_text() == head + after
    assert [path.stem for path in lesson_files(tmp_path / "x")] == ["first-steps", "second"]


def test_a_pack_that_cannot_be_edited_is_left_to_its_author(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("lessons: broken\n")
    begun = scaffold.new_lesson(str(tmp_path / "second"))
    assert begun.left == f"add second to `lessons` in {tmp_path / 'pack.yaml'}"
    assert (tmp_path / "pack.yaml").read_text() == "lessons: broken\n"


def test_a_lesson_alone_has_its_schema_beside_it(tmp_path: Path) -> None:
    begun = scaffold.new_lesson(str(tmp_path / "alone"))
    assert load_lesson(begun.files[0]).lesson.title == "Alone"
    assert (tmp_path / ".schema" / "lesson.json") in begun.files


@pytest.mark.parametrize("name", ["Two Words.yaml", "pack", "pack.yaml", "", "..", "a_b"])
def test_a_name_no_lesson_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(scaffold.CannotBegin):
        scaffold.new_lesson(name)
    assert not list(tmp_path.iterdir())
