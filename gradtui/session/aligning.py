"""Two lists of events set beside one another: what is the same in both, and what lies between.

    for same, left, right in blocks(Side(tape, mine), Side(other, theirs)):
        ...                     # events by index; as many on both sides where they are the same

Equal beginnings and ends are taken off first; what is long is then cut at the turns of its loops,
turn beside turn, so that 100,000 events take a second: difflib alone is quadratic.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct

from gradtui.tape.events import Iteration
from gradtui.tape.tape import Tape

MOST = 3_000  # events that are aligned one by one
Opcode: TypeAlias = tuple[str, int, int, int, int]


class Side(Struct, frozen=True):
    """Events of one tape, each with what makes it the same as another."""

    tape: Tape
    events: Sequence[tuple[int, Hashable]]

    def __len__(self) -> int:
        return len(self.events)

    def part(self, start: int, stop: int) -> "Side":
        return Side(self.tape, self.events[start:stop])

    @property
    def indexes(self) -> list[int]:
        return [at for at, _ in self.events]

    @property
    def keys(self) -> tuple[Hashable, ...]:
        return tuple([key for _, key in self.events])


class Block(NamedTuple):
    """A run of events on both sides; either may be empty where they are not the same."""

    same: bool
    left: list[int]
    right: list[int]


def blocks(left: Side, right: Side) -> Iterator[Block]:
    """What is the same and what is not, in order."""
    return _blocks(left, right, 0)


def _blocks(left: Side, right: Side, depth: int) -> Iterator[Block]:
    """`depth` is that of the loops at whose turns the two are cut if they are long."""
    mine, theirs = left.keys, right.keys
    head, tail = _ends(mine, theirs)
    last, end = len(mine) - tail, len(theirs) - tail
    if head:
        yield Block(True, left.part(0, head).indexes, right.part(0, head).indexes)
    yield from _between(left.part(head, last), right.part(head, end), depth)
    if tail:
        yield Block(True, left.part(last, len(mine)).indexes, right.part(end, len(theirs)).indexes)


def _between(left: Side, right: Side, depth: int) -> Iterator[Block]:
    if not left.events or not right.events:
        if left.events or right.events:
            yield Block(False, left.indexes, right.indexes)
        return
    if max(len(left), len(right)) > MOST:
        for one, other, deeper in _parts(left, right, depth):
            yield from _blocks(one, other, deeper)
        return
    for tag, i, j, k, m in matched(left.keys, right.keys):
        yield Block(tag == "equal", left.part(i, j).indexes, right.part(k, m).indexes)


def _ends(mine: Sequence[Any], theirs: Sequence[Any]) -> tuple[int, int]:
    """How many are the same at the beginning, and of the rest at the end."""
    most = min(len(mine), len(theirs))
    head = next((at for at in range(most) if mine[at] != theirs[at]), most)
    rest = most - head
    tail = next((at for at in range(rest) if mine[-1 - at] != theirs[-1 - at]), rest)
    return head, tail


def matched(mine: tuple[Hashable, ...], theirs: tuple[Hashable, ...]) -> list[Opcode]:
    """The opcodes of difflib, for lists that are not long."""
    return list(SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes())


rematched = lru_cache(maxsize=64)(matched)  # for what comes again, as the turns of a loop


# turns of loops

Turn: TypeAlias = tuple[int, int]  # which loop of its depth, and which pass of it


def _parts(left: Side, right: Side, depth: int) -> Iterator[tuple[Side, Side, int]]:
    """Both in parts that belong together, with the depth at which each may be cut again."""
    deepest = max(len(side.tape.index.iterations) for side in (left, right))
    while depth < deepest:
        mine, theirs = _turns(left, depth), _turns(right, depth)
        depth += 1
        if len(mine) > 1 or len(theirs) > 1:
            yield from ((one, other, depth) for one, other in _paired(left, right, mine, theirs))
            return
    for at in range(0, max(len(left), len(right)), MOST):
        yield left.part(at, at + MOST), right.part(at, at + MOST), depth


def _turns(side: Side, depth: int) -> dict[Turn, int]:
    """Where each turn of the loops at a depth begins among the events; (0, -1) is what is before."""
    found: dict[Turn, int] = {(0, -1): 0}
    levels = side.tape.index.iterations
    if depth >= len(levels):
        return found
    indexes = side.indexes
    first, last = (bisect_left(levels[depth], indexes[end]) for end in (0, -1))
    loop = 0
    for at in levels[depth][first:last]:
        event = side.tape.events[at]
        assert isinstance(event, Iteration)
        loop += event.index == 0
        found[loop, event.index] = bisect_left(indexes, at)
    return found


def _paired(
    left: Side, right: Side, mine: dict[Turn, int], theirs: dict[Turn, int]
) -> Iterator[tuple[Side, Side]]:
    """Turn beside turn; those that only one side has, beside nothing."""
    ours, others = _slices(left, mine), _slices(right, theirs)
    names = [list(one) for one in (mine, theirs)]
    head, tail = _ends(*names)
    yield from zip(ours[:head], others[:head], strict=True)
    middle = (parts[head : len(parts) - tail] for parts in (ours, others))
    for one, other in zip_longest(*middle):
        yield one or left.part(0, 0), other or right.part(0, 0)
    yield from zip(ours[len(ours) - tail :], others[len(others) - tail :], strict=True)


def _slices(side: Side, turns: dict[Turn, int]) -> list[Side]:
    starts = [*turns.values(), len(side)]
    return [side.part(a, b) for a, b in pairwise(starts)]
