"""The glossary from wherever one is: the player, a question, the library; at every size."""

import subprocess
import sys

import pytest

from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

READY = "nothing of i"  # has run yet: all of it only where there is room


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)], ids=str)
def test_the_words_of_the_moment_come_first_and_typing_finds_others(size: tuple[int, int]) -> None:
    with Terminal(LESSON, size) as terminal:
        terminal.wait_for(READY)
        terminal.send("n" * 10 + "b\x1b[C")
        terminal.wait_for("✓ MulBackward0")
        terminal.send("H")
        terminal.wait_for("Spoken of here")
        terminal.wait_for("vector–Jacobian product")
        terminal.send("hook")
        terminal.wait_for("register_hook, prehook")
        terminal.wait_gone("cotangent")
        terminal.send("\x1b")
        terminal.wait_until(lambda: "Type to search" not in terminal.text, "the player")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_it_opens_over_a_question_and_goes_back_to_it() -> None:
    with Terminal(LESSON, (80, 24)) as terminal:
        terminal.wait_for(READY)
        terminal.send("na")
        terminal.wait_for("Before any backward pass")
        terminal.send("\x1b[18~")  # F7
        terminal.wait_for("Type to search")
        terminal.send("\x1b[18~")
        terminal.wait_until(lambda: "Type to search" not in terminal.text, "the question")
        terminal.send("1\r")
        terminal.wait_for("Right.")


@pytest.mark.parametrize(
    ("key", "shown"),
    [("?", "One stop forward"), ("o", "takes a lesson"), ("i", "Afterwards you can")],
)
def test_it_opens_over_what_has_no_line_to_type_in(key: str, shown: str) -> None:
    with Terminal(LESSON, (80, 24)) as terminal:
        terminal.wait_for(READY)
        terminal.send(key)
        terminal.wait_for(shown)
        terminal.send("H")
        terminal.wait_for("Type to search")
        terminal.send("tang")
        terminal.wait_for("a direction in which")
        terminal.send("\x1b")
        terminal.wait_until(lambda: "Type to search" not in terminal.text, "what was there")
        terminal.wait_for(shown)


def test_it_is_told_without_a_screen() -> None:
    command = [sys.executable, "-m", "gradtui.cli", "show", "--glossary", "--width", "60"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "retain_graph (also: freed, a second time)" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    own = subprocess.run([*command, LESSON.stem], capture_output=True, text=True, timeout=60)
    assert "To add to what is already there. backward()" in own.stdout
    missing = subprocess.run(command[:4], capture_output=True, text=True, timeout=60)
    assert (missing.returncode, missing.stdout) == (2, "")
