"""Lines between two layers of boxes: each wire goes down, along one track, and down again.

routed([Wire(0, 4, (4, 9)), Wire(1, 7, (2,))])      # the track of each wire, None if straight
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Wire(NamedTuple):
    """A net between two layers: the column it leaves from, and those it reaches.

    `boxes` are those reached, None where the net goes on to a later layer.
    """

    net: int
    source: int
    targets: tuple[int, ...]
    boxes: tuple[int | None, ...] = ()

    @property
    def span(self) -> tuple[int, int]:
        columns = (self.source, *self.targets)
        return min(columns), max(columns)

    @property
    def straight(self) -> bool:
        first, last = self.span
        return first == last


def routed(wires: Sequence[Wire]) -> tuple[int | None, ...]:
    """A track for each wire, from above, so that no two lie over each other.

    A wire that arrives in a column from which another leaves must be below it there. Where two
    wires ask that of each other, the first of them gives way.
    """
    bent = [at for at, wire in enumerate(wires) if not wire.straight]
    above = {
        at: {
            other for other in bent
            if other != at and wires[other].source in wires[at].targets
        }
        for at in bent
    }  # fmt: skip
    tracks: dict[int, int] = {}
    left = sorted(bent, key=lambda at: wires[at].span)
    while left:
        free = [at for at in left if above[at] <= tracks.keys()] or left[:1]
        for at in free:
            tracks[at] = _track(wires, at, tracks, above[at])
            left.remove(at)
    return tuple(tracks.get(at) for at in range(len(wires)))


def _track(wires: Sequence[Wire], at: int, tracks: Mapping[int, int], above: set[int]) -> int:
    """The first track below those it must be below that has room."""
    track = max((tracks[other] + 1 for other in above if other in tracks), default=0)
    first, last = wires[at].span
    while any(
        taken == track and wires[other].span[0] <= last + 1 and wires[other].span[1] >= first - 1
        for other, taken in tracks.items()
    ):
        track += 1
    return track


def spread(wishes: Sequence[int], first: int, last: int) -> list[int]:
    """Different columns from `first` to `last`, in order, near the wished ones."""
    count = len(wishes)
    gap = 2 if (count - 1) * 2 <= last - first else 1
    columns: list[int] = []
    for at, wish in enumerate(wishes):
        latest = last - gap * (count - 1 - at)
        earliest = columns[-1] + gap if columns else first
        columns.append(max(earliest, min(wish, latest)))
    return columns


def clear_of(columns: Sequence[int], taken: set[int], first: int, last: int) -> list[int]:
    """The columns, each moved a little where another wire leaves from it, if there is room."""
    kept = list(columns)
    for at, column in enumerate(kept):
        others = {*taken, *kept[:at], *kept[at + 1 :]}
        tries = (column, column + 1, column - 1, column + 2, column - 2)
        kept[at] = next((c for c in tries if first <= c <= last and c not in others), column)
    return sorted(kept)
