"""What is true at a position of a tape, answered from its indexes without a replay.

state = tape_state(tape, position)
state.label(3)            # "y", "x.grad", or "y**2" for a tensor without a name
state.grad(0).kind        # "none", "not yet", "zero" or "value"
state.ledger(0)           # what went into x.grad, pass by pass
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from gradtui.language.source import Span
from gradtui.tape import events as e
from gradtui.tape import labels
from gradtui.tape.index import PassRange, last_before, slot
from gradtui.tape.ledger import LedgerEntry, entry
from gradtui.tape.tape import Tape
from gradtui.tape.values import is_zero

Phase: TypeAlias = Literal["forward", "backward", "between"]
GradKind: TypeAlias = Literal["none", "not yet", "zero", "value"]

__all__ = ["Flow", "GradKind", "GradNow", "LedgerEntry", "Name", "Phase", "State", "tape_state"]


class Name(Struct, frozen=True):
    """What a name means now: a tensor, or the repr of something else."""

    name: str
    tensor: int | None
    text: str


class GradNow(Struct, frozen=True):
    """A tensor's `.grad`: "none" has a reason, "not yet" waits, "zero" is a real tensor."""

    kind: GradKind
    value: e.Value | None
    reason: str  # one sentence


class Flow(Struct, frozen=True):
    """A cotangent on an edge: from `source` (a node id) along its edge number `index`."""

    source: int
    index: int
    edge: e.Edge
    value: e.Value | None


class State:
    """The run after its first `position` events. Every property is computed when asked for."""

    __slots__ = ("position", "tape")

    tape: Tape
    position: int

    def __init__(self, tape: Tape, position: int) -> None:
        self.tape = tape
        self.position = max(0, min(position, len(tape)))

    @property
    def event(self) -> e.AnyEvent | None:
        """The event that has just happened; None at the start."""
        return self.tape.events[self.position - 1] if self.position else None

    @property
    def step(self) -> str | None:
        """The id of the step that is running, or ended last; None before the first."""
        step = self.tape.step_at(self.position)
        return step.id if step else None

    @property
    def span(self) -> Span | None:
        """What to light in the step's code: where the last event that says so stands."""
        step = self.tape.step_at(self.position)
        at = last_before(self.tape.index.spans, self.position)
        if step is None or at is None or at < step.start or self.position >= step.stop:
            return None
        return self.tape.events[at].span

    # names and values

    @property
    def names(self) -> Mapping[str, Name]:
        """Every name bound so far and what it means now."""
        index = self.tape.index
        plain = dict.fromkeys(known.partition(" ")[0] for known in index.names)
        bound = (labels.meaning(self.tape, self.position, name) for name in plain)
        return {b.name: Name(b.name, b.tensor, b.text) for b in bound if b is not None}

    def value(self, tensor: int) -> e.Value | None:
        """The numbers of a tensor now; None if it has not been seen yet."""
        at = self.tape.index.values.before(tensor, self.position)
        return None if at is None else shown(self.tape.events[at], tensor)

    def names_of(self, tensor: int) -> tuple[str, ...]:
        """The names that mean this tensor now, the oldest first."""
        return labels.names_of(self.tape, self.position, tensor)

    def label(self, tensor: int) -> str:
        """What to call the tensor: a name, `x.grad`, or the code it came from."""
        return labels.label(self.tape, self.position, tensor)

    # gradients

    @property
    def leaves(self) -> tuple[int, ...]:
        """Tensors seen so far that are leaves and require grad, in order of appearance."""
        index = self.tape.index
        return tuple(index.leaves[: slot(index.leaf_events, self.position)])

    def grad(self, tensor: int) -> GradNow:
        """The `.grad` of a tensor now."""
        at = self.tape.index.grads.before(tensor, self.position)
        if at is None:
            return self._no_grad(tensor)
        last = entry(self.tape, at)
        if last.after is None:
            return GradNow("none", None, f"It was taken away by {last.path}.")
        if not is_zero(last.after):
            return GradNow("value", last.after, "")
        reason = f"{last.path} filled it with zeros" if last.kind == "zeroed" else "What came was 0"
        return GradNow("zero", last.after, f"{reason}: a real tensor, not None.")

    def _no_grad(self, tensor: int) -> GradNow:
        """Why a tensor has no `.grad`: never, not yet, or passed by."""
        value = self.value(tensor)
        if value is None:
            return GradNow("none", None, "The tensor does not exist yet.")
        if not value.requires_grad:
            return GradNow("none", None, "It does not require grad, so no gradient is kept for it.")
        if self.tape.index.grads.at_or_after(tensor, self.position) is not None:
            return GradNow("not yet", None, "No backward pass has reached it yet.")
        if not value.is_leaf:
            return GradNow("none", None, "Not a leaf: a gradient passes through, but is not kept.")
        if self._passes_since(tensor):
            return GradNow("none", None, "No backward pass reached it: no path leads to it.")
        return GradNow("not yet", None, "No backward pass has run since it was made.")

    def _passes_since(self, tensor: int) -> bool:
        """Whether a backward pass was completed since the tensor was first seen."""
        index = self.tape.index
        born = index.values.at_or_after(tensor, 0) or 0
        next_pass = slot(index.pass_starts, born + 1)
        return next_pass < len(index.passes) and index.passes[next_pass].stop <= self.position

    def ledger(self, tensor: int, last: int | None = None) -> tuple[LedgerEntry, ...]:
        """What has happened to the `.grad` of a leaf, in order; only the `last` ones if given."""
        happened = self.tape.index.grads.of(tensor, self.position)
        shown = happened if last is None else happened[max(0, len(happened) - last) :]
        return tuple(entry(self.tape, at) for at in shown)

    # the step so far

    def printed(self, step: str | None = None) -> str:
        """What a step (the current one) has printed so far."""
        here = self.tape.step_at(self.position)
        if step is not None:
            here = next((each for each in self.tape.steps if each.id == step), None)
        if here is None:
            return ""
        prints = self.tape.index.prints
        first, last = (
            bisect_left(prints, here.start),
            bisect_left(prints, min(self.position, here.stop)),
        )
        return "".join(self._text(at) for at in prints[first:last])

    def _text(self, at: int) -> str:
        event = self.tape.events[at]
        return event.text if isinstance(event, e.Printed) else ""

    @property
    def error(self) -> e.Raised | None:
        """The error that ended the current step, if it has happened yet."""
        here = self.tape.step_at(self.position)
        at = last_before(self.tape.index.errors, self.position)
        if here is None or at is None or at < here.start:
            return None
        event = self.tape.events[at]
        return event if isinstance(event, e.Raised) and not event.caught else None

    @property
    def phase(self) -> Phase:
        """`backward` within a pass, `between` before, after and between steps, else `forward`."""
        here = self.tape.step_at(self.position)
        if here is None or self.position >= here.stop:
            return "between"
        running = self._pass()
        return "backward" if running and self.position < running.stop else "forward"

    @property
    def iterations(self) -> tuple[e.Iteration, ...]:
        """The loops we are in, outermost first, each with the iteration it is at."""
        index = self.tape.index
        at = slot(index.loop_events, self.position)
        found = (self.tape.events[i] for i in (index.loops[at - 1] if at else ()))
        return tuple(event for event in found if isinstance(event, e.Iteration))

    @property
    def epoch(self) -> int | None:
        """The iteration of the outermost loop, from 0; None outside loops."""
        loops = self.iterations
        return loops[0].index if loops else None

    @property
    def grad_enabled(self) -> bool:
        """Whether operations are being recorded: False under `torch.no_grad()`."""
        at = last_before(self.tape.index.modes, self.position)
        event = self.tape.events[at] if at is not None else None
        return event.enabled if isinstance(event, e.GradMode) else True

    # the backward pass

    def _pass(self) -> PassRange | None:
        """The pass that is running, or ran last in this step."""
        begun = slot(self.tape.index.pass_starts, self.position)
        found = self.tape.index.passes[begun - 1] if begun else None
        here = self.tape.step_at(self.position)
        return found if found and here and found.start >= here.start else None

    @property
    def number(self) -> int | None:
        """The backward pass that is running, or ran last in this step."""
        running = self._pass()
        return running.number if running else None

    def _runs(self) -> Iterator[e.NodeRan]:
        running = self._pass()
        if running is None:
            return
        runs = self.tape.index.node_runs
        stop = min(self.position, running.stop)
        for at in runs[bisect_left(runs, running.start) : bisect_left(runs, stop)]:
            event = self.tape.events[at]
            if isinstance(event, e.NodeRan):
                yield event

    @property
    def ran(self) -> tuple[int, ...]:
        """Nodes that have run in that pass, in order."""
        return tuple(event.node for event in self._runs())

    @property
    def flows(self) -> tuple[Flow, ...]:
        """The cotangents that have been sent along edges in that pass."""
        return tuple(
            Flow(event.node, i, edge, product)
            for event in self._runs()
            if event.node in self.tape.nodes
            for i, (edge, product) in enumerate(
                zip(self.tape.nodes[event.node].edges, event.products, strict=False)
            )
        )

    def is_freed(self, node: int) -> bool:
        """Whether what the node saved is gone."""
        return self.tape.index.freed.get(node, self.position) < self.position

    @property
    def freed(self) -> frozenset[int]:
        """Nodes whose saved tensors are gone."""
        return frozenset(n for n, at in self.tape.index.freed.items() if at < self.position)


def shown(event: e.AnyEvent, tensor: int) -> e.Value | None:
    """The value of a tensor that an event shows, as it is after the event."""
    match event:
        case e.Operation():
            values: tuple[e.Value | None, ...] = (*event.outputs, *event.inputs)
        case e.Accumulated() | e.Changed() | e.GradSet():
            values = (event.after,)
        case e.BackwardBegan():
            values = event.vectors
        case _:
            values = ()
    return next((value for value in values if value and value.tensor == tensor), None)


def tape_state(tape: Tape, position: int) -> State:
    """The state of the run at a position."""
    return State(tape, position)
