"""Which things of one sequence stand beside which of another, where most are in both.

    blocks("abcd", "axbcd")          # [(0, 0, 1), (1, 2, 3)]: place in each, and length

Short sequences are matched as `difflib` does, at a cost that grows with the square of their length;
long ones by looking a little ahead wherever they part.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

SHORT = 1_000  # items of either sequence
AHEAD = 40  # items looked ahead for a place to meet again
MEETING = 3  # equal items that make a meeting
LOOKS = 3_000_000  # in all; beyond it what parts stays parted


def blocks(ours: Sequence[object], theirs: Sequence[object]) -> list[tuple[int, int, int]]:
    """Runs of equal items: (place in ours, place in theirs, length), in order."""
    if max(len(ours), len(theirs)) > SHORT:
        return list(_along(ours, theirs))
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return [(a, b, size) for a, b, size in matcher.get_matching_blocks() if size]


def _along(ours: Sequence[object], theirs: Sequence[object]) -> Iterator[tuple[int, int, int]]:
    a = b = 0
    looks = LOOKS
    while a < len(ours) and b < len(theirs):
        start = a
        while a < len(ours) and b < len(theirs) and ours[a] == theirs[b]:
            a, b = a + 1, b + 1
        if a > start:
            yield start, b - (a - start), a - start
        i, j, looked = _meeting(ours, theirs, a, b) if looks > 0 else (1, 1, 0)
        a, b, looks = a + i, b + j, looks - looked


def _meeting(
    ours: Sequence[object], theirs: Sequence[object], a: int, b: int
) -> tuple[int, int, int]:
    """How far to go on in each until they agree again, and how many places were looked at."""
    looked = 0
    for distance in range(1, AHEAD + 1):
        for i in range(distance + 1):
            looked += 1
            at, other = a + i, b + distance - i
            if _meets(ours, theirs, at, other):
                return i, distance - i, looked
    return 1, 1, looked


def _meets(ours: Sequence[object], theirs: Sequence[object], a: int, b: int) -> bool:
    if a >= len(ours) or b >= len(theirs) or ours[a] != theirs[b]:
        return False
    return bool(ours[a : a + MEETING] == theirs[b : b + MEETING])
