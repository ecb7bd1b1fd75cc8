"""The numbers of large tensors, of which a tape keeps samples: for forward mode through them.

    wanted = lacking(tape, at)                # Lacking({3: 2000, 9: 2000}), or None: nothing lacks
    fill(tape, at, replay(program, engine, wanted))
    tangents.filled(tape)                     # the same run, these events with all their numbers

Programs are deterministic: the run is made again, and of the events that one node's J·u needs all
numbers are kept, up to `LARGEST` of one tensor and `TOTAL` together.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import prod
from typing import Any

import msgspec
from msgspec import Struct

from gradtui.arrays.guest import world
from gradtui.language.errors import OverBudget
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Program
from gradtui.tape import events as e
from gradtui.tape import snapshot
from gradtui.tape.arguments import tensor_number
from gradtui.tape.inputs import source
from gradtui.tape.recorder import Recorder, forget, play_steps, silent
from gradtui.tape.rerun import LARGEST
from gradtui.tape.tangents import before, filled, run_of
from gradtui.tape.tape import Tape

TOTAL = 1 << 24  # numbers that are kept together


class Lacking(Struct, frozen=True):
    """The events that are to be told again with all their numbers, and how many each has.

    `why` not, where they are too many.
    """

    events: Mapping[int, int] = {}
    why: str = ""


def lacking(tape: Tape, at: int) -> Lacking | None:
    """What forward mode at the node of event `at` lacks; None where it has all, or has asked."""
    whole = filled(tape)
    node = whole.nodes.get(node_of(whole, at))
    asked: set[tuple[int, int]] = tape.memo.setdefault("asked whole", set())
    if node is None or (node.id, at) in asked:
        return None
    ancestors = before(whole, node, {})
    sizes = dict(_large(whole, ancestors, node, at)) if ancestors is not None else {}
    if not sizes:
        return None
    if sum(sizes.values()) > TOTAL:
        return Lacking(why=f"the tensors before it have more than {TOTAL:,} numbers together")
    return Lacking(sizes)


def node_of(tape: Tape, at: int) -> int:
    """The node that an event ran, or that its operation left; -1 for none."""
    event = tape.events[at] if 0 <= at < len(tape) else None
    found = event.node if isinstance(event, e.NodeRan) else getattr(event, "grad_fn", None)
    return -1 if found is None else found


def _large(tape: Tape, nodes: list[int], last: e.Node, near: int) -> Iterator[tuple[int, int]]:
    """The events in which what is needed is told by samples, with how many numbers it has."""
    for at in sorted({event for each in nodes for event in _told(tape, tape.nodes[each], near)}):
        event = tape.events[at]
        ends = isinstance(event, e.NodeRan) and event.node != last.id
        sizes = [] if ends else [_size(value) for value in _values(event)]
        size = sum(each for each in sizes if snapshot.SMALL < each <= LARGEST)
        if size:
            yield at, size


def _told(tape: Tape, node: e.Node, near: int) -> Iterator[int]:
    """The events that tell what an operation was given, what it gave, and how its node ran."""
    at = tape.index.makers.get(node.id)
    if at is None:
        return
    yield at
    event = tape.events[at]
    known = {value.tensor for value in _values(event)}
    tensors = [source(tape, edge) for edge in node.edges]
    tensors += [tensor_number(told) for _, told in node.given.told]
    for tensor in tensors:
        seen = None if tensor is None or tensor in known else tape.index.values.before(tensor, at)
        if seen is not None:
            yield seen
    run = run_of(tape, node.id, near)
    if run is not None:
        yield run


def _values(event: e.AnyEvent) -> Iterator[e.Value]:
    """The values an event shows."""
    for name in event.__struct_fields__:
        found = getattr(event, name)
        for value in found if isinstance(found, tuple) else (found,):
            if isinstance(value, e.Value):
                yield value


def _size(value: e.Value) -> int:
    return prod(value.shape) if value.summary is not None else 0


class _Enough(OverBudget):
    """Ends the run: lesson code cannot catch it."""

    def __init__(self) -> None:
        super().__init__("cancelled", 0)


def replay(
    program: Program, torch: Any, wanted: Lacking, alive: Callable[[], None] = lambda: None
) -> Mapping[int, e.AnyEvent]:
    """The events with all their numbers, from a run of their own; `alive` may raise to end it."""
    found: dict[int, e.AnyEvent] = {}
    last, count = max(wanted.events), 0

    def emit(event: e.AnyEvent) -> None:
        nonlocal count
        alive()
        if count in wanted.events:
            found[count] = event
        count += 1
        if count == last + 1:
            raise _Enough

    program = replace(program, then=())
    forget(torch, program.seed)
    recorder = Recorder(torch, emit)
    recorder.reader.left = 0
    with snapshot.keeping(LARGEST):
        play_steps(program, recorder, Interpreter(world(torch), program.limits, recorder, silent))
    return found


def fill(tape: Tape, at: int, found: Mapping[int, e.AnyEvent]) -> None:
    """Keep what was told again for the node of event `at`, beside what was filled before."""
    asked: set[tuple[int, int]] = tape.memo.setdefault("asked whole", set())
    kept: dict[int, e.AnyEvent] = tape.memo.setdefault("told whole", {})
    if _numbers(kept) + _numbers(found) > TOTAL:
        asked.clear()
        kept.clear()
    asked.add((node_of(tape, at), at))
    kept.update(
        {place: _with_jacobians(event, tape.events[place]) for place, event in found.items()}
    )
    whole = tape.retold(kept)
    whole.memo["own jvp"] = filled(tape).memo.get("own jvp", {})
    tape.memo["filled"] = whole


def _numbers(events: Mapping[int, e.AnyEvent]) -> int:
    return sum(prod(value.shape) for event in events.values() for value in _values(event))


def _with_jacobians(event: e.AnyEvent, known: e.AnyEvent) -> e.AnyEvent:
    """The event as it is known, where a run of its own reads no Jacobians."""
    if type(event) is not type(known) or event.span != known.span:
        return known
    if not isinstance(event, e.NodeRan):
        return event
    return msgspec.structs.replace(event, jacobians=getattr(known, "jacobians", ()))
