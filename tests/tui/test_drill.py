"""Questions in a real terminal: one before each node of a pass, and those that were skipped."""

from pathlib import Path

import pytest

from gradtui.course.progress import Progress, progress_file
from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

READY = "nothing of i"  # has run yet: all of it only where there is room
SIZES = [(120, 40), (80, 24), (60, 20)]


def at_the_pass(terminal: Terminal) -> None:
    terminal.wait_for(READY)
    terminal.send("n" * 10 + "A")
    terminal.wait_for("You are asked")
    terminal.send("b\x1b[C")
    terminal.wait_for("Which node runs next?")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_each_node_is_asked_about_and_the_pass_is_scored(size: tuple[int, int]) -> None:
    with Terminal(LESSON, size) as terminal:
        at_the_pass(terminal)
        terminal.send("3\r")
        terminal.wait_for("It still waits for what MulBackward0")
        terminal.send("4\r")
        terminal.wait_for("Right.")
        terminal.send("\r")
        terminal.wait_for("✓ MulBackward0")
        terminal.send("\x1b[C")
        terminal.wait_for("What does it send to y?")
        terminal.send("[3.17, 1.59, 6.42]\r")
        terminal.wait_for("That is the slope alone")
        terminal.send("\x15[-0.61, 4.87, 14.64]\r")
        terminal.wait_for("Right.")
        terminal.send("\r")
        terminal.wait_for("✓ PowBackward0")
        terminal.send("\x1b[C")
        terminal.wait_for("2  AddBackward0")
        terminal.send("2\r")
        terminal.wait_for("Right.")
        terminal.send("\r")
        terminal.wait_for("✓ AddBackward0")
        terminal.send("\x1b[C")
        terminal.wait_for("hold just before it is added")
        terminal.send("\x1b")
        terminal.wait_for("✓ x.grad: None +")
        terminal.send("\x1b[C")
        terminal.wait_for("Score: 1 of 4 right")
        terminal.send("\x1b[D")
        terminal.wait_for("✓ x.grad: None +")
        terminal.send("\x1b[C")  # what was asked is not asked again
        terminal.wait_for("Score: 1 of 4 right")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_hints_go_on_and_back_and_the_answer_can_be_seen() -> None:
    with Terminal(LESSON, (80, 24)) as terminal:
        at_the_pass(terminal)
        terminal.send("\x1bOQ\x1bOQ")
        terminal.wait_for("the one that was recorded last runs first")
        terminal.send("\x1bOR")
        terminal.wait_for("Hint 1 of 3")
        terminal.send("\x1bOS")
        terminal.wait_for("The answer: MulBackward0")
        terminal.send("\r")
        terminal.wait_for("✓ MulBackward0")
        terminal.send("\x1b[C")
        terminal.wait_for("What does it send to y?")
        terminal.send("\x1b[17~")  # F6: no more questions
        terminal.wait_for("✓ PowBackward0")
        terminal.send("\x1b[C\x1b[C\x1b[C")
        terminal.wait_for("Backward pass 2 is over")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_playing_stops_at_a_question() -> None:
    with Terminal(LESSON, (80, 24)) as terminal:
        terminal.wait_for(READY)
        terminal.send("n" * 10 + "A++++ ")
        terminal.wait_for("Which node runs next?")
        terminal.send("\x1b")
        terminal.wait_for("✓ MulBackward0")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_skipped_question_is_marked_listed_and_come_back_to() -> None:
    with Terminal(LESSON) as terminal:
        terminal.wait_for(READY)
        terminal.send("na")
        terminal.wait_for("Before any backward pass")
        terminal.send("\x1b")
        terminal.wait_for("Skipped; a comes back to it.")
        terminal.wait_for("[2?]")
        terminal.wait_for("1 question skipped")
        terminal.send("n$n$n")  # two more are passed over
        terminal.wait_for("3 questions skipped")
        terminal.send("a")
        terminal.wait_for("Questions you skipped")
        terminal.wait_for("The first recorded operation")
        terminal.send("1")
        terminal.wait_for("Before any backward pass")
        terminal.send("1\r")
        terminal.wait_for("Right.")
        terminal.send("\r")
        terminal.wait_for("2 questions skipped")
        terminal.send("q")
        assert terminal.wait_exit() == 0
    with Progress.open(progress_file()) as progress:
        assert progress.answered_steps("gradtui", Path(LESSON).stem) == ["track-x"]
    with Terminal(LESSON) as terminal:  # what was passed over is known the next time
        terminal.wait_for("2 questions skipped")
        terminal.wait_for(" 3?")
