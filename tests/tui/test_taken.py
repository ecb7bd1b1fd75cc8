"""The document's lesson, taken from start to end in a real terminal: by keys alone, and by mouse alone."""

import time
from collections.abc import Callable

from gradtui.course.progress import Progress, progress_file
from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

STEPS = 26
END = "This is the end of the lesson."
ASKED = "show the answer"
SHOWN = "The answer:"


def settled(terminal: Terminal, before: str) -> None:
    """Wait until the screen is another one."""
    terminal.wait_until(lambda: terminal.text != before, f"anything but\n{before}")


def pressed(terminal: Terminal, keys: str) -> None:
    before = terminal.text
    terminal.send(keys)
    settled(terminal, before)


def clicked(terminal: Terminal, words: str) -> None:
    before = terminal.text
    column, line = terminal.find(words)
    terminal.click(column + 1, line)
    settled(terminal, before)


def finished() -> int:
    with Progress(progress_file()) as progress:
        return sum(len(lesson.done) for lesson in progress.lessons())


def taken(terminal: Terminal, forward: Callable[[], None], on: Callable[[], None], ask: Callable[[], None]) -> int:
    """Every stop of every step; the number of questions that were asked."""
    questions = 0
    for step in range(1, STEPS + 1):
        terminal.wait_for(f"step {step} of {STEPS}")
        if "predict" in terminal.text:
            ask()
            questions += 1
        end = time.monotonic() + 60
        while f"Step {step} is over" not in terminal.text and step < STEPS:
            assert time.monotonic() < end, terminal.text
            forward()
        if step < STEPS:
            on()
    return questions


def test_by_keys_alone() -> None:
    with Terminal(LESSON) as terminal:
        terminal.wait_for("nothing of it has run")
        print(terminal.text)
        raise AssertionError
