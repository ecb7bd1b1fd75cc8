"""A learner's code for an exercise, judged by what it did.

trying = Trying.of(session)             # of the present scene
trying.say, trying.hint(0)
trying.judge(take)                      # of the attempt's own run: Outcome(solved=True, …)
"""

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from gradtui.session.scene import Task
from gradtui.tape.events import Printed, Raised, Stopped

if TYPE_CHECKING:
    from gradtui.session.session import Session
    from gradtui.session.take import Take

PLACE = re.compile(r"^\S+:(\d+):(\d+): ", re.MULTILINE)
NAME = "attempt"  # the last step of an attempt's run is called `step/attempt`
SOLUTION = "solution"  # and that of the solution's own
UNSAID = "Change the code until all of this is true."


class Checked(Struct, frozen=True):
    """One condition of the exercise; `said` is what it gave instead of being true."""

    expression: str
    passed: bool
    said: str = ""


class Outcome(Struct, frozen=True):
    """What an attempt came to: what it printed, the error it ended in, each condition."""

    checks: tuple[Checked, ...]
    printed: str
    error: str

    @property
    def solved(self) -> bool:
        return not self.error and all(check.passed for check in self.checks)


class Trying(Struct, frozen=True):
    """A scene's exercise."""

    take: "Take"
    step: str
    task: Task

    @classmethod
    def of(cls, session: "Session") -> "Trying | None":
        """The exercise of the present scene, or None: there is none, or nothing is recorded yet."""
        main, task = session.main, session.scene.task
        return None if main is None or task is None else cls(main, session.scene.id, task)

    @property
    def say(self) -> str:
        return self.take.quoted(self.step, "task", self.task.say) or UNSAID

    @property
    def hints(self) -> int:
        return len(self.task.hints)

    def hint(self, number: int) -> str:
        return self.take.quoted(self.step, f"task-hint:{number}", self.task.hints[number])

    def judge(self, take: "Take") -> Outcome:
        """What the run of an attempt came to."""
        step = f"{self.step}/{NAME}"
        here = take.ranges.get(step)
        events = take.tape.events[here.start : here.stop] if here is not None else ()
        printed = "".join(event.text for event in events if isinstance(event, Printed))
        checks = tuple(
            self._checked(take, f"check:{number}", expression)
            for number, expression in enumerate(self.task.checks)
        )
        return Outcome(checks, printed, _error(take))

    def _checked(self, take: "Take", probe: str, expression: str) -> Checked:
        told = take.answer(f"{self.step}/{NAME}", probe)
        if told is None:
            return Checked(expression, False, "not reached")
        return Checked(expression, bool(told.truth), "" if told.truth else told.error or told.text)


def _error(take: "Take") -> str:
    """The last error of the run, unless it was caught or of a step before."""
    last = take.tape.steps[-1] if take.tape.steps else None
    for at in range(len(take.tape) - 1, -1, -1):
        event = take.tape.events[at]
        if isinstance(event, Stopped):
            return re.sub(PLACE, r"line \1, column \2: ", event.reason)
        if last is None or at < last.start:
            return ""
        if isinstance(event, Raised):
            return "" if event.caught else f"{event.type}: {event.message}"
    return ""
