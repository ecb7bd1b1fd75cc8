"""A scratch pad: lines tried at one moment of a run, with what each engine gives for them.

    pad = Pad.of(session)                    # at the present event; None while nothing is recorded
    number, program = pad.ask("x.grad + 1")  # to be run on both engines
    pad.ours(number, events); pad.torch(number, events, "")
    pad.tries[number].ours.text, pad.tries[number].verdict

Lines of one pad see what those before them did; the lesson sees nothing of any.
"""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from gradtui.language.program import Program, Scratch
from gradtui.oracle.compare import Verdict, compare
from gradtui.tape import plain
from gradtui.tape.events import (
    Accumulated,
    AnyEvent,
    BackwardBegan,
    NodeRan,
    Printed,
    Probed,
    StepBegan,
    StepEnded,
    Stopped,
)
from gradtui.tape.tape import Tape

if TYPE_CHECKING:
    from gradtui.session.session import Session

LONGEST = 20_000  # characters of an answer that are shown
WORST = ("waiting", "same", "close", "not compared", "differs")
PASSING = (BackwardBegan, NodeRan, Accumulated)


class Answer(Struct, frozen=True):
    """What a line gave on one engine: what it printed, its value as text, or its error."""

    text: str = ""
    error: str = ""

    @property
    def said(self) -> str:
        """All of it, as one reads it."""
        return "\n".join(part for part in (self.text, self.error) if part)


class Try(Struct, frozen=True):
    """One line: None where an engine has not answered yet; `silent` is why torch will not."""

    line: str
    ours: Answer | None = None
    torch: Answer | None = None
    verdict: Verdict | None = None
    silent: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.ours is not None and (self.torch is not None or bool(self.silent))


class Pad:
    """The lines tried at one moment."""

    def __init__(self, program: Program, tape: Tape, position: int) -> None:
        step = tape.step_at(position)
        assert step is not None
        self.step, self.events = step.id, position - step.start
        self.program, self.where = program, where(tape, position)
        self.tries: dict[int, Try] = {}  # by number, in order
        self._count = 0
        self._heard: dict[int, tuple[AnyEvent, ...]] = {}
        self._theirs: dict[int, tuple[AnyEvent, ...]] = {}
        self._kept: list[str] = []  # lines that later ones stand on

    @classmethod
    def of(cls, session: "Session") -> "Pad | None":
        take = session.take
        if take is None or take.program is None or take.tape.step_at(session.position) is None:
            return None
        return cls(take.program, take.tape, session.position)

    def ask(self, line: str) -> tuple[int, Program]:
        """A further line: its number, and the program that answers it."""
        lines = (*self._kept, line)
        self._count += 1
        self.tries[self._count] = Try(line)
        scratch = Scratch(self.step, self.events, lines)
        return self._count, dataclasses.replace(self.program, scratch=scratch)

    def begin_anew(self) -> None:
        """Forget the lines so far, and what they did."""
        self._kept.clear()
        self.tries.clear()

    @property
    def is_busy(self) -> bool:
        """Whether our engine has a line to answer still."""
        return any(one.ours is None for one in self.tries.values())

    def ours(self, number: int, events: Sequence[AnyEvent]) -> None:
        """Our engine's answer. A line that was not run to its end is not stood on."""
        found = self.tries.get(number)
        if found is None:
            return
        mine = self._heard[number] = tuple(events)
        given = _answer(mine)
        if not _is_cut(mine):
            self._kept.append(found.line)
        self.tries[number] = replace(found, ours=given)
        self._judge(number)

    def torch(self, number: int, events: Sequence[AnyEvent], reason: str) -> None:
        """Torch's answer; `reason` says why it could not give one, if it could not."""
        found = self.tries.get(number)
        if found is None:
            return
        theirs = self._theirs[number] = tuple(events)
        if reason or not theirs:
            self.tries[number] = replace(found, silent=reason or "no answer")
        else:
            self.tries[number] = replace(found, torch=_answer(theirs))
        self._judge(number)

    def _judge(self, number: int) -> None:
        found = self.tries[number]
        if found.ours is not None and found.torch is not None:
            verdict = _verdict(self._heard[number], self._theirs[number])
            self.tries[number] = replace(found, verdict=verdict)


def where(tape: Tape, position: int) -> str:
    """In words, at which moment lines are tried."""
    event = tape.events[position - 1]
    if isinstance(event, StepBegan):
        return "At the start of this step, before its first line."
    if isinstance(event, StepEnded | Probed):
        return "At the end of this step."
    told = plain.describe(tape, position)
    if isinstance(event, PASSING):
        return f"In the middle of the backward pass, .grad as it is now. After: {told}"
    return f"After: {told}"


def _group(events: Sequence[AnyEvent]) -> Sequence[AnyEvent]:
    """What belongs to the last line: its prints, then its answer."""
    last = len(events) - 1
    first = last
    while first > 0 and isinstance(events[first - 1], Printed):
        first -= 1
    return events[first:]


def _answer(events: Sequence[AnyEvent]) -> Answer:
    group = _group(events)
    last = group[-1] if group else Stopped(reason="no answer")
    printed = "".join(event.text for event in group if isinstance(event, Printed)).rstrip("\n")
    if isinstance(last, Probed):
        text = "\n".join(part for part in (printed, last.text) if part)
        return Answer(text, last.error.removeprefix("OverBudget: "))
    return Answer(printed, last.reason if isinstance(last, Stopped) else "no answer")


def _is_cut(events: Sequence[AnyEvent]) -> bool:
    """Whether the last line was refused, or over its budget: run again it would be so again."""
    last = events[-1] if events else None
    if not isinstance(last, Probed):
        return True
    return last.error.startswith(("OverBudget: ", "column "))


def _verdict(ours: Sequence[AnyEvent], torch: Sequence[AnyEvent]) -> Verdict:
    """The worst that is found in the last line's events; events torch alone has differ."""
    found = compare(_group(ours), _group(torch))
    verdicts = [*found.verdicts, *(Verdict("differs", "torch said more") for _ in found.extra)]
    return max(verdicts, key=lambda verdict: WORST.index(verdict.kind))
