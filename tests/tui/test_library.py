"""The library in a real terminal: sections, prerequisites, search, the mouse, faults of settings."""

import sys
from pathlib import Path

import pytest

from gradtui.cli import main
from gradtui.course.packs import user_folder
from gradtui.course.progress import Card, Place, Progress, progress_file
from gradtui.tui.settings import settings_file
from gradtui.tui.shelf import lessons_at, matching, shelf_of
from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

READY = "nothing of i"
MEMORY = (
    '{"card_id": 1, "state": 1, "step": 0, "stability": 0.2, "difficulty": 6.4, '
    '"due": "2020-01-01T00:00:00+00:00", "last_review": "2019-12-31T00:00:00+00:00"}'
)


@pytest.fixture
def evenings() -> Path:
    """A pack of the learner's own, whose lesson needs the bundled one."""
    folder = user_folder() / "evenings"
    folder.parent.mkdir(parents=True)
    assert main(["new", "pack", str(folder)]) == 0
    lesson = folder / "first-steps.yaml"
    text = lesson.read_text()
    needs = "prerequisites:\n  - gradients-with-autograd\n"
    lesson.write_text(text.replace("prerequisites:\n", needs, 1))
    return folder


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)], ids=str)
def test_a_lesson_is_looked_for_and_taken(evenings: Path, size: tuple[int, int]) -> None:
    with Terminal(LESSON, size) as terminal:
        terminal.wait_for(READY)
        terminal.send("o")
        terminal.wait_for("takes a lesson")
        terminal.send("steps")
        terminal.wait_for("> steps")
        terminal.wait_for("not done yet: Gradients with autograd")
        terminal.wait_gone("Gradients, step by step")
        terminal.send("\x1b")
        terminal.wait_for("25 min")
        terminal.send("/zzz")
        terminal.wait_for("no such lesson")
        terminal.send("\x15first\r")
        terminal.wait_for("First steps")
        terminal.wait_for("step 1 of 4")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_click_takes_a_lesson(evenings: Path) -> None:
    with Terminal(LESSON) as terminal:
        terminal.wait_for(READY)
        terminal.send("o")
        terminal.wait_for("Evenings")
        terminal.click(*terminal.find("First steps"))
        terminal.wait_for("step 1 of 4")


def test_what_is_wrong_with_the_settings_is_told_there_too(evenings: Path) -> None:
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text('colour = "red"\nascii = 3\n')
    command = [sys.executable, "-m", "gradtui.cli", "open"]
    (evenings / "second.yaml").write_text(
        (evenings / "first-steps.yaml").read_text().replace("id: first-steps", "id: second", 1)
    )
    listed = (evenings / "pack.yaml").read_text()
    (evenings / "pack.yaml").write_text(
        listed.replace("- first-steps", "- first-steps\n  - second")
    )
    with Terminal(evenings, (200, 24), command=command) as terminal:
        terminal.wait_for("takes a lesson")
        terminal.wait_for("colour: there is no such setting")
        terminal.wait_for("ascii: 3 is not true or false")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_reviews_come_first_then_what_was_begun_then_the_packs(evenings: Path) -> None:
    with Progress.open(progress_file()) as progress:
        progress.stand(Place("evenings", "first-steps", "go-backward", 2))
        progress.finish("evenings", "first-steps", {"ask-for-gradients": "x"})
        for step in ("go-backward", "ask-for-gradients"):
            progress.schedule(
                Card("evenings", "first-steps", step, MEMORY, f"2020-01-0{len(step) // 9}")
            )
        books = shelf_of(lessons_at(None), progress).books
    assert [(book.section, book.id) for book in books] == [
        ("To review", "first-steps"),
        ("Begun", "first-steps"),
        ("Gradients, step by step", "gradients-with-autograd"),
    ]
    assert (books[0].dues, books[0].due) == (2, "go-backward")
    assert [need.done for need in books[1].needs][:1] == [False]
    (evenings / "second.yaml").write_text(
        (evenings / "first-steps.yaml")
        .read_text()
        .replace("id: first-steps", "id: second\nwas: [a-walk-back]")
    )
    text = (evenings / "first-steps.yaml").read_text()
    needed = text.replace("  - gradients-with-autograd", "  - a-walk-back")
    (evenings / "first-steps.yaml").write_text(needed)
    found = {book.id: book for book in shelf_of(sorted(evenings.glob("*s*.yaml"))).books}
    need = found["first-steps"].needs[0]
    assert (need.words, need.done) == (found["second"].title, False)
    (evenings / "second.yaml").unlink()
    assert [book.id for book in matching(books, "EVENINGS first")] == ["first-steps"] * 2
    with Progress.open(progress_file()) as progress:
        digests = {f"step-{n}": "x" for n in range(40)}
        progress.finish("gradtui", "gradients-with-autograd", digests)
        assert not shelf_of(lessons_at(None), progress).books[-1].finished  # no steps of its own
