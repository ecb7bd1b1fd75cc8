"""Which tensor rides in which lane: the plan behind the rails, made in one pass.

A tensor takes the lane of an input that is used for the last time, or the leftmost free one, and
keeps it until its own last use.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, NamedTuple, TypeAlias

from gradtui.tape import events as e
from gradtui.tape.state import shown
from gradtui.tape.tape import Tape

RowKind: TypeAlias = Literal[
    "leaf", "constant", "operation", "hollow", "cut", "inplace", "epoch", "step"
]
EMPTY = -1  # a lane without a tensor


class Join(NamedTuple):
    """An input of a row: its lane, whether gradients flow there, and how often it was taken."""

    lane: int
    hollow: bool
    times: int
    ends: bool


class Plan(NamedTuple):
    """A row before it is drawn. Lanes hold `tensor * 2 + hollow`, or EMPTY."""

    event: int
    kind: RowKind
    tensor: int
    lane: int  # of the row's own mark
    joins: tuple[Join, ...]
    born: tuple[int, ...]  # lanes of further outputs
    before: tuple[int, ...]
    after: tuple[int, ...]
    folded: int = 0  # rows folded into this one
    more: bool = False  # there are lanes beyond the last visible one


@dataclass(frozen=True, slots=True)
class Plans:
    """All rows of a layout, and how many lanes they need at most."""

    rows: Sequence[Plan]
    events: "array[int]"
    width: int

    def at(self, event: int) -> int | None:
        """The row that stands for an event: its own, or the last one before it."""
        found = bisect_right(self.events, event)
        return found - 1 if found else None


class Planner:
    """Goes through the events `start:stop` of a tape once."""

    def __init__(self, tape: Tape, start: int, stop: int, cap: int, fold: frozenset[int]) -> None:
        self.tape, self.start, self.stop, self.cap, self.fold = tape, start, stop, cap, fold
        self.lanes: list[int] = []
        self.where: dict[int, int] = {}
        self.free: list[int] = []
        self.seen: set[int] = set()
        self.last = self._last_uses()
        self.shown: tuple[int, ...] = ()
        self.rows: list[Plan] = []
        self.width = 0
        self.more = False
        self.folded: Plan | None = None

    def _operations(self) -> Iterator[tuple[int, e.Operation]]:
        for at in range(self.start, self.stop):
            event = self.tape.events[at]
            if type(event) is e.Operation:
                yield at, event

    def _last_uses(self) -> dict[int, int]:
        return {
            value.tensor: at
            for at, event in self._operations()
            if not self._aside(event)
            for value in taken(self.tape, event)
        }

    def _aside(self, event: e.Operation) -> bool:
        """Whether it changes a `.grad`, which is no part of the graph."""
        return event.inplace and event.outputs[0].tensor in self.tape.index.owners

    def plan(self) -> Plans:
        """The rows of every event that has one."""
        for at in range(self.start, self.stop):
            event = self.tape.events[at]
            kind = type(event)
            if kind is e.Operation:
                self._operation(at, event)  # type: ignore[arg-type]
            elif kind is e.Changed:
                self._changed(at, event)  # type: ignore[arg-type]
            elif kind is e.Iteration or kind is e.StepBegan:
                self._header(at, "epoch" if kind is e.Iteration else "step")
        rows = tuple(self.rows)
        return Plans(rows, array("I", (row.event for row in rows)), min(self.width, self.cap))

    # rows

    def _header(self, at: int, kind: RowKind) -> None:
        if self.folded and self._within(at, self.folded.event):
            return
        self.folded = None
        self._emit(Plan(at, kind, EMPTY, EMPTY, (), (), self.shown, self.shown))
        if at in self.fold:
            self.folded = self.rows[-1]

    def _within(self, at: int, header: int) -> bool:
        """Whether an event still belongs to the iteration that `header` began."""
        index = self.tape.index
        stack = index.loops[bisect_right(index.loop_events, at) - 1]
        return header in stack

    def _emit(self, plan: Plan) -> None:
        if self.folded and not self._within(plan.event, self.folded.event):
            self.folded = None
        if self.folded is None:
            self.rows.append(plan._replace(more=True) if self.more else plan)
            return
        last = self.rows[-1]
        self.rows[-1] = last._replace(after=self.shown, folded=last.folded + 1)

    def _operation(self, at: int, event: e.Operation) -> None:
        if self._aside(event):
            self._mark(at, event.outputs[0].tensor)
            return
        inputs = taken(self.tape, event)
        for value in inputs:
            if value.tensor not in self.seen:
                self._arrive(at, value)
        if not event.outputs:
            return
        before = self.shown
        output = event.outputs[0]
        joins = self._joins(at, event, inputs)
        lane = self._own_lane(event, joins)
        for join in joins:
            if join.ends and join.lane != lane:
                self._release(join.lane)
        self._place(at, lane, output)
        born = tuple(self._branch(at, value) for value in event.outputs[1:])
        self._remember()
        self._emit(
            Plan(
                at, _kind(event), output.tensor, lane, joins,
                tuple(lane for lane in born if lane != EMPTY), before, self.shown,
            )
        )  # fmt: skip

    def _arrive(self, at: int, value: e.Value) -> None:
        """A row for a tensor that no operation of this stretch made."""
        if value.tensor < 0:
            return
        before, lane = self.shown, self._take()
        self._place(at, lane, value)
        self._remember()
        kind: RowKind = "leaf" if value.requires_grad else "constant"
        if not value.is_leaf:
            kind = "operation"
        self._emit(Plan(at, kind, value.tensor, lane, (), (), before, self.shown))

    def _changed(self, at: int, event: e.Changed) -> None:
        """Numbers changed without an operation of their own, as by an optimizer's step."""
        tensor = event.after.tensor
        previous = self.rows[-1] if self.rows else None
        if event.owner is not None or tensor not in self.seen:
            return
        if previous and previous.kind == "inplace" and previous.tensor == tensor:
            return
        self._mark(at, tensor)

    def _mark(self, at: int, tensor: int) -> None:
        """A row of its own for a tensor that goes on as it is, in its lane or beside the others."""
        own = self.where[tensor] if tensor in self.where else self._take()
        self._remember()
        self._emit(Plan(at, "inplace", tensor, own, (), (), self.shown, self.shown))
        if tensor not in self.where:
            self._release(own)

    # lanes

    def _joins(self, at: int, event: e.Operation, inputs: Sequence[e.Value]) -> tuple[Join, ...]:
        times: dict[int, int] = {}
        hollow: dict[int, bool] = {}
        for value in inputs:
            times[value.tensor] = times.get(value.tensor, 0) + 1
            hollow[value.tensor] = not value.requires_grad
        kept = event.outputs[0].tensor if event.inplace else None
        return tuple(
            Join(self.where[t], hollow[t], n, self.last[t] == at and t != kept)
            for t, n in times.items()
            if t in self.where
        )

    def _own_lane(self, event: e.Operation, joins: tuple[Join, ...]) -> int:
        """The lane of a changed tensor, of the leftmost input that ends here, or a free one."""
        tensor = event.outputs[0].tensor
        if tensor in self.where:
            return self.where[tensor]
        ending = [join.lane for join in joins if join.ends]
        return min(ending) if ending else self._take()

    def _take(self) -> int:
        if self.free:
            return heappop(self.free)
        self.lanes.append(EMPTY)
        self.width = max(self.width, len(self.lanes))
        return len(self.lanes) - 1

    def _place(self, at: int, lane: int, value: e.Value) -> None:
        """Puts a tensor into a lane, or frees the lane if the tensor is never used again."""
        self.seen.add(value.tensor)
        old = self.lanes[lane]
        if old != EMPTY:
            self.where.pop(old >> 1, None)
        used = self.last.get(value.tensor, -1)
        if used > at or (used == at and old == EMPTY and not self._made_at(at, value.tensor)):
            self.lanes[lane] = value.tensor << 1 | (not value.requires_grad)
            self.where[value.tensor] = lane
        else:
            self.lanes[lane] = EMPTY
            heappush(self.free, lane)

    def _made_at(self, at: int, tensor: int) -> bool:
        event = self.tape.events[at]
        return isinstance(event, e.Operation) and any(v.tensor == tensor for v in event.outputs)

    def _branch(self, at: int, value: e.Value) -> int:
        """A further output: a lane of its own if it is used later."""
        if self.last.get(value.tensor, -1) <= at:
            self.seen.add(value.tensor)
            return EMPTY
        lane = self._take()
        self._place(at, lane, value)
        return lane

    def _release(self, lane: int) -> None:
        if self.lanes[lane] != EMPTY:
            self.where.pop(self.lanes[lane] >> 1, None)
        self.lanes[lane] = EMPTY
        heappush(self.free, lane)

    def _remember(self) -> None:
        """Keeps what the visible lanes hold now; the last visible one stands for all beyond it."""
        head = self.lanes[: self.cap]
        beyond = self.lanes[self.cap :]
        self.more = any(code != EMPTY for code in beyond)
        if self.more:
            head[-1] = max(head[-1], *beyond)
        self.shown = tuple(head)


def taken(tape: Tape, event: e.Operation) -> tuple[e.Value, ...]:
    """The tensors an operation takes: its inputs, and leaves only its nodes tell of.

    A module's parameters are such: the call shows the data alone.
    """
    edges = [edge.node for node in event.nodes for edge in node.edges if edge.node is not None]
    leaves = [tape.nodes[node].leaf for node in edges if node in tape.nodes]
    known = {value.tensor for value in (*event.inputs, *event.outputs)}
    hidden = [leaf for leaf in leaves if leaf is not None and leaf not in known]
    if not hidden:
        return event.inputs
    found = (_first_value(tape, leaf) for leaf in dict.fromkeys(hidden))
    return (*event.inputs, *(value for value in found if value is not None))


def _first_value(tape: Tape, tensor: int) -> e.Value | None:
    at = tape.index.values.at_or_after(tensor, 0)
    return None if at is None else shown(tape.events[at], tensor)


def _kind(event: e.Operation) -> RowKind:
    if event.inplace:
        return "inplace"
    if event.grad_fn is not None or event.nodes:
        return "operation"
    if event.unrecorded == "leaf":
        return "leaf" if event.outputs[0].requires_grad else "constant"
    return "cut" if event.unrecorded == "detach" else "hollow"
