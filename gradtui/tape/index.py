"""Where things happen on a tape: one pass over the events, then every question is a bisection."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.scopes import Scopes, scoped
from gradtui.tape.turns import Turns

Ints: TypeAlias = "array[int]"
LARGEST = 20_000_000  # a number beyond this is damage, not a run


class StepRange(Struct, frozen=True):
    """The events of one step: `tape.events[start:stop]`, from StepBegan to StepEnded."""

    id: str
    start: int
    stop: int


class PassRange(Struct, frozen=True):
    """The events of one backward pass, from BackwardBegan to BackwardEnded or what cut it short."""

    number: int
    start: int
    stop: int


class Postings:
    """For small integers, the increasing indexes of the events in which they occur."""

    __slots__ = ("_events", "_offsets")

    def __init__(self, keys: Sequence[int], events: Sequence[int]) -> None:
        counts = array("I", bytes(4 * (max(keys, default=-1) + 2)))
        for key in keys:
            counts[key + 1] += 1
        for i in range(1, len(counts)):
            counts[i] += counts[i - 1]
        self._offsets = array("I", counts)
        self._events = array("I", bytes(4 * len(events)))
        for key, event in zip(keys, events, strict=True):
            self._events[counts[key]] = event
            counts[key] += 1

    def __len__(self) -> int:
        """One more than the largest key."""
        return len(self._offsets) - 1

    def _bounds(self, key: int) -> tuple[int, int]:
        if 0 <= key < len(self):
            return self._offsets[key], self._offsets[key + 1]
        return 0, 0

    def of(self, key: int, until: int | None = None) -> Ints:
        """Its events, or those before event `until`."""
        low, high = self._bounds(key)
        if until is not None:
            high = bisect_left(self._events, until, low, high)
        return self._events[low:high]

    def before(self, key: int, position: int) -> int | None:
        """The last of its events that is before `position`."""
        low, high = self._bounds(key)
        at = bisect_left(self._events, position, low, high)
        return self._events[at - 1] if at > low else None

    def at_or_after(self, key: int, event: int) -> int | None:
        """The first of its events that is not before `event`."""
        low, high = self._bounds(key)
        at = bisect_left(self._events, event, low, high)
        return self._events[at] if at < high else None


class _Pairs:
    """Keys and events as they come in, to be made into postings."""

    __slots__ = ("events", "keys")

    def __init__(self) -> None:
        self.keys, self.events = array("I"), array("I")

    def add(self, key: int, event: int) -> None:
        if key >= LARGEST:
            raise ValueError(f"a tensor or node numbered {key}")
        if key >= 0:
            self.keys.append(key)
            self.events.append(event)

    def postings(self) -> Postings:
        return Postings(self.keys, self.events)


class _Numbering:
    """Gives equal keys the same number, from 0."""

    __slots__ = ("numbers",)

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def __getitem__(self, key: Any) -> int:
        return self.numbers.setdefault(key, len(self.numbers))


class Index(Struct, frozen=True):
    """Event indexes, all increasing; a `Postings` is keyed by what its comment names."""

    steps: tuple[StepRange, ...]
    step_starts: Ints
    passes: tuple[PassRange, ...]
    pass_starts: Ints
    nodes: Mapping[int, e.Node]
    makers: Mapping[int, int]  # node → the event that told of it
    leaves: Ints  # leaves that require grad, in order of appearance
    leaf_events: Ints  # where each was first seen
    accumulators: Mapping[int, int]  # leaf → its AccumulateGrad node
    owners: Mapping[int, int]  # tensor → the leaf whose .grad it is
    origins: Mapping[int, int]  # tensor → the operation that made it
    stops: Ints
    prints: Ints
    errors: Ints
    modes: Ints
    node_runs: Ints
    freed: Mapping[int, int]  # node → the event that freed what it saved
    spans: Ints  # events that have a span
    loops: tuple[tuple[int, ...], ...]  # stacks of Iteration events
    loop_events: Ints  # where each of those stacks begins to hold
    calls: Ints  # ModuleBegan events, in order
    call_stops: Ints  # and where each of those calls is over
    iterations: tuple[Ints, ...]  # at [depth], Iteration events at most that deep
    values: Postings  # tensor → events that show numbers not shown before
    uses: Postings  # tensor → operations that take it
    changes: Postings  # tensor → events that change its numbers or its .grad
    grads: Postings  # leaf → events that change its .grad
    names: Mapping[str, int]  # `gradtui.tape.scopes.scoped` → number
    depths: Mapping[str, int]  # names of functions → how deep at most
    ends: Mapping[
        int, int
    ]  # Bound event of a function's name → the position from which it means nothing
    bindings: Postings  # number of a name → Bound events
    namings: Postings  # tensor → Bound events
    lines: Mapping[tuple[str, int], int]
    statements: Postings  # number of a line → Statement events
    runs: Postings  # node → NodeRan events
    feeders: Postings  # node → the nodes with an edge to it, in order of their making


STOPS = (
    e.StepBegan,
    e.Iteration,
    e.ModuleBegan,
    e.Operation,
    e.BackwardBegan,
    e.NodeRan,
    e.Accumulated,
    e.BackwardEnded,
    e.Changed,
    e.GradSet,
    e.GradMode,
    e.Printed,
    e.Raised,
    e.Stopped,
)


SIMPLE = ("stops", "prints", "errors", "modes", "node_runs", "spans")
POSTED = (
    "values", "uses", "changes", "grads", "bindings", "namings", "statements", "runs", "feeders",
)  # fmt: skip


class Indexer:
    """One pass: a method per kind of event that leaves a trace in the index."""

    def __init__(self, events: Iterable[e.AnyEvent]) -> None:
        self.step: str | None = None
        self.step_at = 0
        self.steps: list[StepRange] = []
        self.passes: list[PassRange] = []
        self.running: tuple[int, int] | None = None  # number and start of the pass under way
        self.nodes: dict[int, e.Node] = {}
        self.makers: dict[int, int] = {}
        self.leaves: dict[int, int] = {}
        self.accumulators: dict[int, int] = {}
        self.owners: dict[int, int] = {}
        self.origins: dict[int, int] = {}
        self.freed: dict[int, int] = {}
        self.versions: dict[int, int] = {}
        self.simple = {name: array("I") for name in SIMPLE}
        self.turns = Turns()
        self.calls, self.call_stops = array("I"), array("I")
        self.calling: list[tuple[int, int]] = []  # calls under way, and the loops around each
        self.names, self.lines = _Numbering(), _Numbering()
        self.depths: dict[str, int] = {}
        self.scopes = Scopes()
        self.depth = 0  # calls under way
        self.pairs = {name: _Pairs() for name in POSTED}
        self.length = 0
        self.last_operation: e.Operation | None = None
        stops, spans = self.simple["stops"], self.simple["spans"]
        readers = {kind: getattr(self, name) for kind, name in READERS.items()}
        for at, event in enumerate(events):
            if isinstance(event, STOPS):
                if isinstance(event, e.Changed):
                    self.tell_once(at, event)
                self.last_operation = event if isinstance(event, e.Operation) else None
                stops.append(at)
            if event.span is not None:
                spans.append(at)
            if event.depth != self.depth:
                self.reached(at, event)
            reader: Callable[[int, Any], None] | None = readers.get(type(event))
            if reader is not None:
                reader(at, event)
            self.length = at + 1
        self.close_pass(self.length)
        self.close_step(self.length)

    def tell_once(self, at: int, event: e.Changed) -> None:
        """A change told right after the unrecorded operation that made it is one stop with it."""
        stops, operation = self.simple["stops"], self.last_operation
        if operation is None or not operation.inplace or operation.nodes:
            return
        if stops[-1] == at - 1 and operation.outputs[0].tensor == event.after.tensor:
            stops.pop()

    def reached(self, at: int, event: e.AnyEvent) -> None:
        """Calls are over before an event that is not within them; an error is told late."""
        if isinstance(event, e.Raised):
            return
        if event.depth < self.depth:
            self.scopes.reached(at, event.depth)
            self.turns.returned(at, event.depth)
        self.depth = event.depth

    def close_step(self, stop: int) -> None:
        while self.calling:
            self.module_ended(stop)
        if stop > self.step_at and self.step is not None:
            self.steps.append(StepRange(self.step, self.step_at, stop))
        self.step_at = stop

    def close_pass(self, stop: int) -> None:
        if self.running:
            self.passes.append(PassRange(*self.running, stop))
            self.running = None

    def step_began(self, at: int, event: e.StepBegan) -> None:
        self.close_pass(at)
        self.close_step(at)
        self.step = event.step
        self.turns.began(at)

    def step_ended(self, at: int, event: e.StepEnded) -> None:
        self.close_pass(at)
        self.close_step(at + 1)
        self.step = None  # what is asked afterwards belongs to no replay

    def statement(self, at: int, event: e.Statement) -> None:
        if event.span is None:
            return
        self.pairs["statements"].add(self.lines[self.step, event.span.line], at)
        self.turns.statement(at, event, self.around)

    def iteration(self, at: int, event: e.Iteration) -> None:
        self.turns.iteration(at, event, self.around)

    @property
    def around(self) -> int:
        """How many loops are around the module call under way: what it runs ends none of them."""
        return self.calling[-1][1] if self.calling else 0

    def module_began(self, at: int, event: e.ModuleBegan) -> None:
        self.calling.append((len(self.calls), len(self.turns.stack)))
        self.calls.append(at)
        self.call_stops.append(at + 1)

    def module_ended(self, at: int, event: e.ModuleEnded | None = None) -> None:
        if not self.calling:
            return
        number, around = self.calling.pop()
        self.call_stops[number] = at
        self.turns.left(at, around)

    def see(self, at: int, value: e.Value | None) -> None:
        """Notes a value whose numbers have not been shown before."""
        if value is None or self.versions.get(value.tensor) == value.version:
            return
        self.show(at, value)

    def show(self, at: int, value: e.Value) -> None:
        self.versions[value.tensor] = value.version
        self.pairs["values"].add(value.tensor, at)
        if value.is_leaf and value.requires_grad:
            self.leaves.setdefault(value.tensor, at)

    def tell(self, at: int, nodes: Iterable[e.Node]) -> None:
        for node in nodes:
            self.nodes[node.id] = node
            self.makers.setdefault(node.id, at)
            for target in dict.fromkeys(edge.node for edge in node.edges):
                if target is not None:
                    self.pairs["feeders"].add(target, node.id)
            if node.leaf is not None:
                self.accumulators[node.leaf] = node.id

    def operation(self, at: int, event: e.Operation) -> None:
        self.tell(at, event.nodes)
        for value in event.inputs:
            self.see(at, value)
            self.pairs["uses"].add(value.tensor, at)
        for value in event.outputs:
            self.show(at, value)
            self.origins.setdefault(value.tensor, at)

    def bound(self, at: int, event: e.Bound) -> None:
        self.pairs["bindings"].add(self.names[scoped(event.name, event.depth)], at)
        if event.depth:
            self.scopes.bound(at, event)
            self.depths[event.name] = max(event.depth, self.depths.get(event.name, 0))
        if event.tensor is not None:
            self.pairs["namings"].add(event.tensor, at)

    def printed(self, at: int, event: e.Printed) -> None:
        self.simple["prints"].append(at)

    def backward_began(self, at: int, event: e.BackwardBegan) -> None:
        self.close_pass(at)
        self.running = (event.number, at)
        self.tell(at, event.nodes)
        for vector in event.vectors:
            self.see(at, vector)

    def node_ran(self, at: int, event: e.NodeRan) -> None:
        self.simple["node_runs"].append(at)
        self.pairs["runs"].add(event.node, at)

    def accumulated(self, at: int, event: e.Accumulated) -> None:
        self.own(at, event.tensor, event.after)

    def own(self, at: int, leaf: int, grad: e.Value | None) -> None:
        """The `.grad` of a leaf changes."""
        self.pairs["grads"].add(leaf, at)
        self.pairs["changes"].add(leaf, at)
        if grad is not None:
            self.owners[grad.tensor] = leaf
            self.show(at, grad)
            self.pairs["changes"].add(grad.tensor, at)

    def backward_ended(self, at: int, event: e.BackwardEnded) -> None:
        for node in event.freed:
            self.freed.setdefault(node, at)
        self.close_pass(at + 1)

    def changed(self, at: int, event: e.Changed) -> None:
        if event.owner is not None:
            self.own(at, event.owner, event.after)
            return
        self.show(at, event.after)
        self.pairs["changes"].add(event.after.tensor, at)

    def grad_set(self, at: int, event: e.GradSet) -> None:
        self.own(at, event.tensor, event.after)

    def grad_mode(self, at: int, event: e.GradMode) -> None:
        self.simple["modes"].append(at)

    def raised(self, at: int, event: e.Raised) -> None:
        self.simple["errors"].append(at)
        self.close_pass(at + 1)

    def index(self) -> Index:
        posted = {name: pairs.postings() for name, pairs in self.pairs.items()}
        kept: dict[str, Any] = {**self.simple, **posted}
        return Index(
            steps=tuple(self.steps),
            step_starts=array("I", (step.start for step in self.steps)),
            passes=tuple(self.passes),
            pass_starts=array("I", (each.start for each in self.passes)),
            nodes=self.nodes,
            makers=self.makers,
            leaves=array("I", self.leaves.keys()),
            leaf_events=array("I", self.leaves.values()),
            accumulators=self.accumulators,
            owners=self.owners,
            origins=self.origins,
            freed=self.freed,
            loops=tuple(self.turns.stacks),
            loop_events=self.turns.events,
            calls=self.calls,
            call_stops=self.call_stops,
            iterations=tuple(self.turns.levels),
            names=self.names.numbers,
            depths=self.depths,
            ends=self.scopes.ends,
            lines=self.lines.numbers,
            **kept,
        )


READERS: Mapping[type[e.Event], str] = {
    e.StepBegan: "step_began",
    e.StepEnded: "step_ended",
    e.Statement: "statement",
    e.Iteration: "iteration",
    e.ModuleBegan: "module_began",
    e.ModuleEnded: "module_ended",
    e.Operation: "operation",
    e.Bound: "bound",
    e.Printed: "printed",
    e.BackwardBegan: "backward_began",
    e.NodeRan: "node_ran",
    e.Accumulated: "accumulated",
    e.BackwardEnded: "backward_ended",
    e.Changed: "changed",
    e.GradSet: "grad_set",
    e.GradMode: "grad_mode",
    e.Raised: "raised",
}


def index(events: Iterable[e.AnyEvent]) -> Index:
    """The index of a run."""
    return Indexer(events).index()


def last_before(sorted_events: Ints, position: int) -> int | None:
    """The last of increasing event indexes before `position`."""
    at = bisect_left(sorted_events, position)
    return sorted_events[at - 1] if at else None


def first_from(sorted_events: Ints, event: int) -> int | None:
    """The first of increasing event indexes not before `event`."""
    at = bisect_left(sorted_events, event)
    return sorted_events[at] if at < len(sorted_events) else None


def slot(sorted_events: Ints, position: int) -> int:
    """How many of them are before `position`."""
    return bisect_right(sorted_events, position - 1)
