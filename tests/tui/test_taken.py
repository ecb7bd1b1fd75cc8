"""The document's lesson, taken from start to end in a real terminal: by keys alone, and by mouse alone."""

import re
import time
from collections.abc import Callable

import pytest

from gradtui.course.loader import load_lesson
from gradtui.course.progress import Progress, progress_file
from tests.tui.screens import LESSON
from tests.tui.terminals import PATIENCE, Terminal

STEPS = load_lesson(LESSON).lesson.steps
END = "This is the end of the lesson."


class Learner:
    """Does what a line of the screen says can be done."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def do(self, words: str, keys: str, seen: Callable[[], bool]) -> None:
        """Act on the line of these words until something is seen; what has moved is tried again."""
        self.terminal.wait_for(words)
        end = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < end, f"nothing follows {words}\n{self.terminal.text}"
            if words in self.terminal.text:
                self.act(words, keys)
            again = time.monotonic() + 5
            while not seen() and time.monotonic() < again:
                self.terminal.read()

    @property
    def clock(self) -> list[str]:
        """How many events have happened: what a frame draws last."""
        return re.findall(r"(\d+)/\d+$", self.terminal.text, re.MULTILINE)

    def settle(self) -> None:
        """Until the terminal is quiet: a frame may come in parts, and move."""
        while self.terminal.read(0.03):
            pass

    def act(self, words: str, keys: str) -> None:
        raise NotImplementedError

    def predict(self) -> None:
        """Look at a hint and at the answer, and go on."""
        screen = self.terminal
        self.settle()
        self.do("predict what will happen", "a", lambda: "F4 show the answer" in screen.text)
        self.settle()
        self.do("hint 0/", "\x1bOQ", lambda: "Hint 1 of" in screen.text)
        self.settle()
        self.do("F4 show the answer", "\x1bOS", lambda: "The answer:" in screen.text)
        self.settle()
        self.do("go on", "\r", lambda: "The answer:" not in screen.text)

    def run(self, number: int) -> None:
        """Every stop of the step, and on to the next one."""
        screen = self.terminal
        following = f"step {number + 1} of" if number < len(STEPS) else END
        end = time.monotonic() + PATIENCE
        while following not in screen.text:
            assert time.monotonic() < end, screen.text
            before = self.clock
            seen = lambda before=before: self.clock != before or END in screen.text  # noqa: E731
            self.do("forward", "\x1b[C", seen)


class ByKeys(Learner):
    def act(self, words: str, keys: str) -> None:
        self.terminal.send(keys)


class ByMouse(Learner):
    def act(self, words: str, keys: str) -> None:
        shown = self.terminal.screen.display
        line = max(at for at, text in enumerate(shown) if words in text)
        self.terminal.click(shown[line].index(words), line)


@pytest.mark.parametrize("learner", [ByKeys, ByMouse])
def test_the_lesson_is_taken(learner: type[Learner]) -> None:
    with Terminal(LESSON) as terminal:
        terminal.wait_for("nothing of it has run")
        terminal.wait_for("0 differ")
        person = learner(terminal)
        for number in range(1, len(STEPS) + 1):
            if STEPS[number - 1].ask is not None:
                person.predict()
            person.run(number)
        person.settle()
        person.act("quit", "q")
        assert terminal.wait_exit() == 0
    with Progress.open(progress_file()) as progress:
        assert {step.id for step in STEPS} == set(progress.done("gradtui", LESSON.stem))
