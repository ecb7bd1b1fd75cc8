"""Which tensor rides in which lane: the plan behind the rails, made in one pass.

A tensor takes the lane of an input that is used for the last time, or the leftmost free one, and
keeps it until its own last use.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.state import shown
from gradtui.tape.tape import Tape

RowKind: TypeAlias = Literal[
    "leaf", "constant", "operation", "hollow", "cut", "inplace", "inner",
    "epoch", "module", "bundle", "step",
]  # fmt: skip
HEADERS: frozenset[RowKind] = frozenset(("epoch", "module", "bundle"))  # of what can be folded
EMPTY = -1  # a lane without a tensor


OPENING: Mapping[type[e.Event], RowKind] = {
    e.Iteration: "epoch",
    e.ModuleBegan: "module",
    e.StepBegan: "step",
}  # events with a row that is a heading


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
    node: int | None = None  # of a row inside an operation of several nodes
    more: bool = False  # there are lanes beyond the last visible one


class Plans(Struct, frozen=True):
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

    def __init__(self, tape: Tape, start: int, stop: int, cap: int) -> None:
        self.tape, self.start, self.stop, self.cap = tape, start, stop, cap
        self.lanes: list[int] = []
        self.where: dict[int, int] = {}
        self.free: list[int] = []
        self.seen: set[int] = set()
        self.last = self._last_uses()
        self.shown: tuple[int, ...] = ()
        self.rows: list[Plan] = []
        self.width = 0
        self.more = False

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
            elif kind in OPENING:
                self._header(at, OPENING[kind])
        rows = tuple(self.rows)
        return Plans(rows, array("I", (row.event for row in rows)), min(self.width, self.cap))

    # rows

    def _header(self, at: int, kind: RowKind, node: int | None = None) -> None:
        self._emit(Plan(at, kind, EMPTY, EMPTY, (), (), self.shown, self.shown, node))

    def _emit(self, plan: Plan) -> None:
        self.rows.append(plan._replace(more=True) if self.more else plan)

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
        self._inside(at, event)
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

    def _inside(self, at: int, event: e.Operation) -> None:
        """Rows for the nodes on the way to an operation's own, as in a linear layer's two."""
        nodes = inner_nodes(event)
        if nodes:
            self._header(at, "bundle")
        for node in nodes:
            self._header(at, "inner", node.id)

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


def together_as_one(plans: Sequence[Plan], width: int) -> Plan:
    """One row for many, the first of them their heading: what comes out of it, or, where nothing
    does, what it took, is joined to a mark of its own."""
    if plans[0].kind == "bundle":
        return plans[-1]
    before, after = plans[0].before, plans[-1].after
    touched = {code for plan in plans for code in _touched(plan)}
    held = set(before) & set(after)
    born = [lane for lane, code in enumerate(after) if code != EMPTY and code not in held]
    joins = tuple(
        Join(lane, bool(code & 1), 1, code not in after)
        for lane, code in enumerate(before)
        if code in touched or (code != EMPTY and code not in held)
    )
    lane = born[0] if born else _vacant(before, after, width)
    made = plans[-1].tensor if plans[0].kind == "module" else EMPTY
    return plans[0]._replace(
        tensor=made, lane=lane, joins=joins, born=tuple(born[1:]), after=after,
        more=plans[0].more or plans[-1].more,
    )  # fmt: skip


def _touched(plan: Plan) -> Iterator[int]:
    """What a row takes, or changes where it is."""
    for join in plan.joins:
        if join.lane < len(plan.before):
            yield plan.before[join.lane]
    if plan.kind == "inplace" and plan.lane < len(plan.before):
        yield plan.before[plan.lane]


def _vacant(before: Sequence[int], after: Sequence[int], width: int) -> int:
    """A lane nothing rides in; EMPTY where there is none."""
    for lane in range(width):
        if all(lane >= len(codes) or codes[lane] == EMPTY for codes in (before, after)):
            return lane
    return EMPTY


def inner_nodes(event: e.Operation) -> list[e.Node]:
    """The nodes an operation made besides its outputs' own, in the order of their making."""
    if len(event.nodes) < 2 or event.grad_fn is None:
        return []
    return [node for node in event.nodes if node.leaf is None and node.id != event.grad_fn]


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
