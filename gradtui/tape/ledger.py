"""The ledger: the `.grad` of a leaf as a sum of dated contributions.

An entry tells when something happened to a `.grad`, in which epoch and pass, how much was added,
what stands there after it, and by which path through the graph it came.
"""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.index import PassRange, slot
from gradtui.tape.labels import by, label, short
from gradtui.tape.tape import Tape
from gradtui.tape.values import is_zero

LedgerKind: TypeAlias = Literal["added", "zeroed", "removed", "set"]
LONGEST_PATH = 7  # nodes named before the middle of a path is left out
MANY = 1000  # paths counted before counting stops


class LedgerEntry(Struct, frozen=True):
    """One dated change of a leaf's `.grad`; `event` is its index in the tape."""

    event: int
    epoch: int | None
    number: int | None  # the backward pass
    kind: LedgerKind
    amount: e.Value | None
    after: e.Value | None
    path: str  # "Sum → Mul → weights" for an addition; "zero_()" for a zeroing


def entry(tape: Tape, at: int) -> LedgerEntry:
    """The entry an event makes; it must be one that changes a `.grad`."""
    key = ("entry", at)
    if key not in tape.memo:
        tape.memo[key] = _entry(tape, at)
    made: LedgerEntry = tape.memo[key]
    return made


def _entry(tape: Tape, at: int) -> LedgerEntry:
    event, epoch = tape.events[at], _epoch(tape, at)
    match event:
        case e.Accumulated():
            path = paths(tape, event.number).get(event.tensor) or _name(tape, at, event.tensor)
            return LedgerEntry(at, epoch, event.number, "added", event.added, event.after, path)
        case e.Changed():
            kind: LedgerKind = "zeroed" if is_zero(event.after) else "set"
            return LedgerEntry(at, epoch, None, kind, None, event.after, by(event.cause))
        case e.GradSet() if event.after is None:
            return LedgerEntry(at, epoch, None, "removed", None, None, by(event.cause))
        case e.GradSet():
            kind = "zeroed" if event.after is not None and is_zero(event.after) else "set"
            return LedgerEntry(at, epoch, None, kind, None, event.after, by(event.cause))
    raise ValueError(f"event {at} does not change a .grad")


def _epoch(tape: Tape, at: int) -> int | None:
    """The iteration of the outermost loop an event happened in."""
    here = slot(tape.index.loop_events, at + 1)
    stack = tape.index.loops[here - 1] if here else ()
    loop = tape.events[stack[0]] if stack else None
    return loop.index if isinstance(loop, e.Iteration) else None


def pass_of(tape: Tape, at: int) -> PassRange | None:
    """The backward pass an event is part of."""
    here = bisect_right(tape.index.pass_starts, at)
    found = tape.index.passes[here - 1] if here else None
    return found if found and at < found.stop else None


def paths(tape: Tape, number: int) -> Mapping[int, str]:
    """For each leaf a pass reached, the way the gradient took from the root."""
    key = ("paths", number)
    if key not in tape.memo:
        found = next((each for each in tape.index.passes if each.number == number), None)
        tape.memo[key] = _paths(tape, found) if found else {}
    memo: Mapping[int, str] = tape.memo[key]
    return memo


class _Ways(Struct):
    """How many ways lead to each node, and by which node one of them comes."""

    count: dict[int, int]
    parent: dict[int, int]

    def add(self, node: int, target: int) -> None:
        ways = self.count.get(target, 0) + self.count.get(node, 1)
        self.count[target] = min(ways, MANY)
        self.parent[target] = node


def _paths(tape: Tape, here: PassRange) -> dict[int, str]:
    ways = _Ways({}, {})
    leaves: dict[int, int] = {}
    for at in range(here.start, here.stop):
        event = tape.events[at]
        if isinstance(event, e.NodeRan) and event.node in tape.nodes:
            node = tape.nodes[event.node]
            for edge in node.edges:
                if edge.node is not None:
                    ways.add(event.node, edge.node)
        elif isinstance(event, e.Accumulated) and event.tensor in tape.index.accumulators:
            leaves[event.tensor] = tape.index.accumulators[event.tensor]
    return {leaf: _told(tape, here.stop, ways, node, leaf) for leaf, node in leaves.items()}


def _told(tape: Tape, position: int, ways: _Ways, node: int, leaf: int) -> str:
    name = _name(tape, position, leaf)
    count = ways.count.get(node, 1)
    if count > 1:
        return f"{count}{'+' if count == MANY else ''} paths → {name}"
    names = [name]
    while node in ways.parent:
        node = ways.parent[node]
        names.append(short(tape.nodes[node].name))
    names.reverse()
    if len(names) > LONGEST_PATH:
        names[3:-3] = ["…"]
    return " → ".join(names)


def _name(tape: Tape, position: int, tensor: int) -> str:
    return label(tape, position, tensor)


__all__ = ["LedgerEntry", "LedgerKind", "entry", "pass_of", "paths"]
