"""The events of a run, step by step: what was printed, raised, answered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from gradtui.language.errors import OverBudget
from gradtui.language.program import Program
from gradtui.tape import events as e
from gradtui.tape.events import AnyEvent

NO_ERROR = "no error"


@dataclass(slots=True)
class StepRun:
    """What one step did on one engine."""

    id: str
    events: list[AnyEvent] = field(default_factory=list)
    probes: dict[str, e.Probed] = field(default_factory=dict)
    ended: bool = False

    @property
    def printed(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, e.Printed))

    @property
    def error(self) -> e.Raised | None:
        """The error that left the step, if one did."""
        raised = [event for event in self.events if isinstance(event, e.Raised)]
        return raised[-1] if raised and not raised[-1].caught else None

    @property
    def stopped(self) -> str:
        """Why the program ended early in this step; empty if it did not."""
        return next((one.reason for one in self.events if isinstance(one, e.Stopped)), "")

    @property
    def cut(self) -> bool:
        """Whether it was ended over its budget, at a moment that no two runs have in common."""
        return bool(self.stopped) or self.outcome == OverBudget.__name__

    @property
    def outcome(self) -> str:
        """What a question about the error is answered with: the error's type, or `no error`."""
        return self.error.type if self.error else NO_ERROR

    def order(self) -> list[int]:
        """The nodes of the last backward pass, in the order in which they ran."""
        ran = [event for event in self.events if isinstance(event, e.NodeRan)]
        return [event.node for event in ran if event.number == ran[-1].number]

    def without_places(self) -> list[AnyEvent]:
        """What happened, wherever in the code it came from."""
        told = [event for event in self.events if not isinstance(event, e.Statement)]
        return [msgspec.structs.replace(event, span=None) for event in told]


def by_step(events: Iterable[AnyEvent]) -> dict[str, StepRun]:
    """A run's steps by id, in order, as far as it came."""
    return {run.id: run for run in _steps(events)}


def _steps(events: Iterable[AnyEvent]) -> Iterator[StepRun]:
    current: StepRun | None = None
    for event in events:
        if isinstance(event, e.StepBegan):
            if current is not None:
                yield current
            current = StepRun(event.step)
        elif current is None:
            continue
        elif isinstance(event, e.Probed):
            current.probes[event.id] = event
        elif isinstance(event, e.StepEnded):
            current.ended = True
        else:
            current.events.append(event)
    if current is not None:
        yield current


def together(programs: Sequence[Program]) -> Program:
    """Several programs as one, to be played one after the other in the same process."""
    first, *rest = programs
    return replace(first, then=tuple(rest))


def programs_of(events: Iterable[AnyEvent], count: int) -> list[list[AnyEvent]]:
    """The events of `count` programs played together, apart; what was not reached says why."""
    runs: list[list[AnyEvent]] = [[]]
    for event in events:
        if isinstance(event, e.ProgramBegan):
            runs.append([])
        else:
            runs[-1].append(event)
    last = runs[-1][-1] if runs[-1] else None
    why = last if isinstance(last, e.Stopped) else e.Stopped(reason="the run ended before it")
    return runs + [[why]] * (count - len(runs))
