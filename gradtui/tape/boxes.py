"""A small graph as boxes: which operations and tensors belong to it at a position of the tape.

found = graph_at(tape, position)     # of the backward pass here, the next one, or the step
found.boxes[3].event                 # the operation that made it; None for a leaf of long ago
found.nets                           # a tensor, the box it comes from, the boxes it goes to
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.index import PassRange, slot
from gradtui.tape.labels import changing, label, made_by, plain, together
from gradtui.tape.lanes import taken
from gradtui.tape.tape import StepRange, Tape

MOST = 40  # boxes of a picture


class Box(Struct, frozen=True):
    """An operation, or a tensor that nothing here made."""

    tensor: int  # of an operation, the first it gives
    event: int | None  # the operation
    shown: int  # the event from which on there is something to see


class Net(Struct, frozen=True):
    """A tensor on its way from the box that gives it to those that take it, twice if twice."""

    tensor: int
    source: int
    targets: tuple[int, ...]
    hollow: bool  # no gradient will ever flow here


class Graph(Struct, frozen=True):
    """Boxes in the order of their making. `whole` is False where there are too many to draw."""

    boxes: tuple[Box, ...]
    nets: tuple[Net, ...]
    whole: bool = True

    @property
    def key(self) -> tuple[int, ...]:
        """What tells it from other graphs of the same tape."""
        return tuple(-1 - box.tensor if box.event is None else box.event for box in self.boxes)


def graph_at(tape: Tape, position: int) -> Graph:
    """The graph of the pass that runs, ran last or comes next in this step; of the step's results
    where there is none. The operation that happened last belongs to it in any case."""
    step = tape.step_at(position)
    if step is None:
        return Graph((), ())
    here = _pass(tape, step, position)
    roots = _sinks(tape, step, position) if here is None else _roots(tape, here)
    graph = _gathered(tape, roots, step.stop if here is None else here.start)
    event = tape.events[position - 1] if position else None
    if not isinstance(event, e.Operation) or not event.outputs or not event.inputs:
        return graph
    if not graph.whole or any(box.event == position - 1 for box in graph.boxes):
        return graph
    until = position if here is None else max(position, here.start)
    return _gathered(tape, (*roots, event.outputs[0].tensor), until)


def title(tape: Tape, box: Box) -> str:
    """`z = MulBackward0`, `x`."""
    if box.event is None:
        return label(tape, len(tape), box.tensor).removeprefix("earlier ")
    event = tape.events[box.event]
    assert isinstance(event, e.Operation)
    if event.inplace:
        return changing(label(tape, box.event, box.tensor), event.name)
    node = tape.nodes.get(event.grad_fn) if event.grad_fn is not None else None
    what = plain(node.name) if node is not None else event.name
    named = together(tape, box.event, event)
    return f"{named} = {what}" if named else what


def _pass(tape: Tape, step: StepRange, position: int) -> PassRange | None:
    """The pass whose graph is shown: once something is computed after one, the next one's."""
    starts, passes = tape.index.pass_starts, tape.index.passes
    first, last = bisect_left(starts, step.start), bisect_left(starts, step.stop)
    at = bisect_left(starts, position)
    before = passes[at - 1] if at > first else None
    after = passes[at] if at < last else None
    if before is None or after is None:
        return before or after
    return after if _anew(tape, before.stop) < position else before


def _anew(tape: Tape, start: int) -> int:
    """The first event from `start` on that computes something, or begins a turn of a loop."""
    key = ("anew", start)
    found: int | None = tape.memo.get(key)
    if found is None:
        events = ((at, tape.events[at]) for at in range(start, len(tape)))
        found = next((at for at, event in events if _computes(event)), len(tape))
        tape.memo[key] = found
    return found


def _computes(event: e.AnyEvent) -> bool:
    if isinstance(event, e.Operation):
        return bool(event.inputs) and not event.inplace
    return isinstance(event, e.Iteration)


def _roots(tape: Tape, here: PassRange) -> tuple[int, ...]:
    began = tape.events[here.start]
    assert isinstance(began, e.BackwardBegan)
    made = (made_by(tape, root) for root in began.roots if root is not None)
    return tuple(tensor for tensor in made if tensor is not None)


def _sinks(tape: Tape, step: StepRange, position: int) -> tuple[int, ...]:
    """The results of a step, or of the turn of its loop, that nothing there takes."""
    index = tape.index
    at = slot(index.loop_events, position)
    stack = index.loops[at - 1] if at else ()
    start = stack[0] if stack else step.start
    key = ("sinks", start)
    found: tuple[int, ...] | None = tape.memo.get(key)
    if found is None:
        found = tape.memo[key] = tuple(_untaken(tape, start, step.stop, bool(stack)))
    return found


def _untaken(tape: Tape, start: int, stop: int, turn: bool) -> dict[int, None]:
    """What is computed from `start` on, in one turn of a loop if it begins one, and not taken."""
    made: dict[int, None] = {}
    for at in range(start, stop):
        event = tape.events[at]
        again = isinstance(event, e.Iteration) and event.span == tape.events[start].span
        if turn and again and at > start:
            break
        if isinstance(event, e.Operation) and event.outputs:
            for value in event.inputs:
                made.pop(value.tensor, None)
            made[event.outputs[0].tensor] = None
        if len(made) > MOST:
            break
    return made


def _gathered(tape: Tape, roots: tuple[int, ...], until: int) -> Graph:
    """The roots and all they came from, as far as there is room."""
    key = ("boxes", roots, until)
    graph: Graph | None = tape.memo.get(key)
    if graph is None:
        graph = tape.memo[key] = _gather(tape, roots, until)
    return graph


def _gather(tape: Tape, roots: Sequence[int], until: int) -> Graph:
    found: dict[tuple[int | None, int], None] = {}
    edges: dict[int, list[tuple[tuple[int | None, int], tuple[int | None, int]]]] = {}
    hollow: dict[int, bool] = {}
    left = [(tensor, until) for tensor in dict.fromkeys(roots)]
    while left and len(found) <= MOST:
        tensor, before = left.pop()
        box = _key(tape, tensor, before)
        if box in found:
            continue
        found[box] = None
        for value in _taken(tape, box):
            source = _key(tape, value.tensor, box[0] or 0)
            edges.setdefault(value.tensor, []).append((source, box))
            hollow[value.tensor] = not value.requires_grad
            left.append((value.tensor, box[0] or 0))
    if len(found) > MOST:
        return Graph((), (), whole=False)
    order = sorted(found, key=lambda box: (box[0] if box[0] is not None else -1, box[1]))
    number = {box: at for at, box in enumerate(order)}
    boxes = tuple(_box(tape, box) for box in order)
    return Graph(boxes, tuple(_nets(edges, hollow, number)))


def _nets(
    edges: dict[int, list[tuple[tuple[int | None, int], tuple[int | None, int]]]],
    hollow: dict[int, bool],
    number: dict[tuple[int | None, int], int],
) -> Iterator[Net]:
    for tensor, pairs in edges.items():
        for source in dict.fromkeys(each for each, _ in pairs):
            targets = tuple(number[target] for each, target in pairs if each == source)
            yield Net(tensor, number[source], tuple(sorted(targets)), hollow[tensor])


def _key(tape: Tape, tensor: int, before: int) -> tuple[int | None, int]:
    """The operation that gave a tensor its present numbers, and what it gives; or the tensor."""
    made = _maker(tape, tensor, before)
    if made is None:
        return None, tensor
    event = tape.events[made]
    assert isinstance(event, e.Operation)
    return made, event.outputs[0].tensor


def _maker(tape: Tape, tensor: int, before: int) -> int | None:
    """The operation a tensor came from, or that changed it in place and was recorded."""
    changed = tape.index.changes.before(tensor, before)
    for at in range(changed, max(-1, changed - 3), -1) if changed is not None else ():
        event = tape.events[at]
        tracked = isinstance(event, e.Operation) and event.inplace and event.grad_fn is not None
        if tracked and isinstance(event, e.Operation) and event.outputs[0].tensor == tensor:
            return at
    made = tape.index.origins.get(tensor)
    if made is None or made >= before:
        return None
    origin = tape.events[made]
    creation = not isinstance(origin, e.Operation) or origin.unrecorded == "leaf"
    return None if creation else made


def _taken(tape: Tape, box: tuple[int | None, int]) -> tuple[e.Value, ...]:
    event = tape.events[box[0]] if box[0] is not None else None
    values = taken(tape, event) if isinstance(event, e.Operation) else ()
    return tuple(value for value in values if value.tensor >= 0)


def _box(tape: Tape, box: tuple[int | None, int]) -> Box:
    event, tensor = box
    shown = event if event is not None else tape.index.values.at_or_after(tensor, 0)
    return Box(tensor, event, 0 if shown is None else shown)
