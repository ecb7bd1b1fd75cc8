"""Rows of a Jacobian, ours against torch's.

compare_rows(ours, torch)      # Rows("same", 8, 8)
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from gradtui.oracle.tolerance import RANK, Nearness, compare_arrays
from gradtui.tape.events import Value
from gradtui.tape.values import Array, array, nested

WIDTH = 40  # characters of a row that differs


class Rows(Struct, frozen=True):
    """How many rows torch has the same; of the first that differs, which it is and both sides."""

    kind: Literal["asked", "same", "close", "not compared", "differs"]
    alike: int = 0
    total: int = 0
    reason: str = ""

    @property
    def text(self) -> str:
        """In words: `8 of 8 rows of J the same`."""
        if self.kind in ("asked", "not compared"):
            return f"rows of J: {self.reason or 'torch is asked'}"
        told = f"{self.alike} of {self.total} rows of J the same"
        return f"{told}{'; ' if self.kind == 'differs' else ', '}{self.reason}".rstrip(", ;")


ASKED = Rows("asked")


def compare_rows(ours: Sequence[Value | None], torch: Sequence[Value | None]) -> Rows:
    """The Jacobians of one node, by edge, row by row."""
    pairs = [
        (edge, array(a), array(b))
        for edge, (a, b) in enumerate(zip(ours, torch, strict=False))
        if a is not None and b is not None and a.dtype == b.dtype
    ]
    found: list[tuple[int, int, Nearness, Array, Array]] = []
    for edge, mine, theirs in pairs:
        if mine is None or theirs is None or mine.shape != theirs.shape or mine.ndim != 2:
            return Rows("not compared", reason="they are not of one shape")
        for at, (a, b) in enumerate(zip(mine, theirs, strict=True)):
            found.append((edge, at, compare_arrays(a, b, mine.dtype.name), a, b))
    return _summed(found)


def _summed(found: Sequence[tuple[int, int, Nearness, Array, Array]]) -> Rows:
    if not found:
        return Rows("not compared", reason="its node tells none")
    worst = max(found, key=lambda each: RANK[each[2].kind])
    alike = sum(each[2].kind in ("same", "close") for each in found)
    kind = worst[2].kind
    if kind == "differs":
        edge, at, _, ours, torch = worst
        which = f"line {at + 1}" + (f" of the J of input {edge + 1}" if edge else "")
        said = f"{which}: gradtui {nested(ours, WIDTH)}, torch {nested(torch, WIDTH)}"
        return Rows("differs", alike, len(found), said)
    ulps = max((each[2].ulps or 0) for each in found)
    apart = f"rounding apart ({ulps} ulps at most)" if ulps else "but for the sign of a zero"
    said = apart if kind == "close" else ""
    return Rows(kind, alike, len(found), said)
