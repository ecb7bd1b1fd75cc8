"""What is true at a position of a tape, answered from its indexes without a replay.

state = tape_state(tape, position)
state.label(3)            # "y", "x.grad", or "2·y²" for a tensor without a name
state.grad(0).kind        # "none", "not yet", "zero" or "value"
state.ledger(0)           # what went into x.grad, pass by pass
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gradtui.language.source import Span
from gradtui.tape.events import AnyEvent, Edge, Iteration, Raised, Value
from gradtui.tape.tape import Tape

Phase: TypeAlias = Literal["forward", "backward", "between"]
GradKind: TypeAlias = Literal["none", "not yet", "zero", "value"]
LedgerKind: TypeAlias = Literal["added", "zeroed", "removed", "set"]


@dataclass(frozen=True, slots=True)
class Name:
    """What a name means now: a tensor, or the repr of something else."""

    name: str
    tensor: int | None
    text: str


@dataclass(frozen=True, slots=True)
class GradNow:
    """A tensor's `.grad`: "none" has a reason, "not yet" waits for a pass, "zero" is a real tensor."""

    kind: GradKind
    value: Value | None
    reason: str  # one sentence


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One dated change of a leaf's `.grad`; `event` is its index, so the position after is event + 1."""

    event: int
    epoch: int | None
    number: int | None  # the backward pass
    kind: LedgerKind
    amount: Value | None
    after: Value | None
    path: str  # "sum → ×3 → weights" for an addition; "zero_()" for a zeroing


@dataclass(frozen=True, slots=True)
class Flow:
    """A cotangent on an edge: from `source` (a node id) along its edge number `index`."""

    source: int
    index: int
    edge: Edge
    value: Value | None


class State:
    """The run after its first `position` events. Every property is computed when asked for."""

    tape: Tape
    position: int

    def __init__(self, tape: Tape, position: int) -> None:
        self.tape, self.position = tape, position

    @property
    def event(self) -> AnyEvent | None:
        """The event that has just happened; None at the start."""
        raise NotImplementedError

    @property
    def step(self) -> str | None:
        """The id of the step that is running, or ended last; None before the first."""
        raise NotImplementedError

    @property
    def span(self) -> Span | None:
        """What to light in the step's code."""
        raise NotImplementedError

    @property
    def names(self) -> Mapping[str, Name]:
        raise NotImplementedError

    def value(self, tensor: int) -> Value | None:
        """The numbers of a tensor now; None if it has not been seen yet."""
        raise NotImplementedError

    def names_of(self, tensor: int) -> tuple[str, ...]:
        raise NotImplementedError

    def label(self, tensor: int) -> str:
        raise NotImplementedError

    def grad(self, tensor: int) -> GradNow:
        raise NotImplementedError

    def ledger(self, tensor: int) -> tuple[LedgerEntry, ...]:
        raise NotImplementedError

    @property
    def leaves(self) -> tuple[int, ...]:
        """Tensors seen so far that are leaves and require grad, in order of appearance."""
        raise NotImplementedError

    def printed(self, step: str | None = None) -> str:
        """What a step (the current one) has printed so far."""
        raise NotImplementedError

    @property
    def phase(self) -> Phase:
        raise NotImplementedError

    @property
    def iterations(self) -> tuple[Iteration, ...]:
        """The loops we are in, outermost first; the last one's `index` is the epoch."""
        raise NotImplementedError

    @property
    def epoch(self) -> int | None:
        raise NotImplementedError

    @property
    def number(self) -> int | None:
        """The backward pass that is running, or ran last in this step."""
        raise NotImplementedError

    @property
    def ran(self) -> tuple[int, ...]:
        """Nodes that have run in that pass, in order."""
        raise NotImplementedError

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The cotangents that have been sent along edges in that pass."""
        raise NotImplementedError

    @property
    def freed(self) -> frozenset[int]:
        """Nodes whose saved tensors are gone."""
        raise NotImplementedError

    @property
    def grad_enabled(self) -> bool:
        raise NotImplementedError

    @property
    def error(self) -> Raised | None:
        """The error that ended the current step, if it has happened yet."""
        raise NotImplementedError


def tape_state(tape: Tape, position: int) -> State:
    return State(tape, position)
