"""The first run: one screen, once, and only where no lesson was asked for."""

import sys

import pytest

from gradtui.cli import main
from gradtui.course.packs import user_folder
from gradtui.tui.settings import read, settings_file
from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

READY = "nothing of i"
ALONE = (sys.executable, "-c", "import sys; from gradtui.cli import main; sys.exit(main([]))")
SIZES = [(120, 40), (80, 24), (60, 20)]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_it_is_shown_whole_and_once(size: tuple[int, int]) -> None:
    with Terminal(LESSON, size, command=ALONE) as terminal:
        terminal.wait_for("Welcome to gradtui")
        for words in ("one stop forward", "all keys", "leave; the next time", "Enter or a click"):
            terminal.wait_for(words)
        terminal.send("\r")
        terminal.wait_until(lambda: "Welcome" not in terminal.text, "the lesson")
        terminal.wait_for(READY)
        terminal.send("q")
        assert terminal.wait_exit() == 0
    assert read(settings_file()).welcomed
    with Terminal(LESSON, size, command=ALONE) as terminal:
        terminal.wait_for(READY)
        assert "Welcome" not in terminal.text


def test_a_click_begins_and_a_shelf_waits_for_it() -> None:
    folder = user_folder() / "evenings"
    folder.parent.mkdir(parents=True)
    assert main(["new", "pack", str(folder)]) == 0
    with Terminal(LESSON, (80, 24), command=ALONE) as terminal:
        terminal.wait_for("Enter or a click")
        for _ in range(20):
            terminal.read(0.1)
        assert "takes a lesson" not in terminal.text
        terminal.click(*terminal.find("Enter or a click"))
        terminal.wait_for("takes a lesson")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_q_leaves_and_it_is_shown_again() -> None:
    with Terminal(LESSON, (80, 24), command=ALONE) as terminal:
        terminal.wait_for("Enter or a click")
        terminal.send("q")
        assert terminal.wait_exit() == 0
    assert not read(settings_file()).welcomed


def test_who_asks_for_a_lesson_gets_it() -> None:
    with Terminal(LESSON, (80, 24)) as terminal:
        terminal.wait_for(READY)
        assert "Welcome" not in terminal.text
