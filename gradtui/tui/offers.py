"""What the keys of a window do, as lines at its foot: `F5 run   Esc back`, each to be clicked."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gradtui.tui.lines import Line, Piece, Target, cells

GAPS = (3, 2)  # columns between two of them: less before a second line is begun


class Offer(NamedTuple):
    """A key as people write it, what it does, and the action a click asks for."""

    key: str
    label: str
    action: str


def offers(those: Iterable[Offer], width: int) -> list[Line]:
    """All of them, in as few lines of at most `width` columns as they need; none is broken."""
    given = list(those)
    made = [list(_rows(given, width, gap)) for gap in GAPS]
    return min(made, key=len)


def _rows(those: Iterable[Offer], width: int, gap: int) -> Iterator[Line]:
    row: list[Piece] = []
    used = 0
    for offer in those:
        size = cells(offer.key) + 1 + cells(offer.label)
        if row and used + gap + size > width:
            yield Line(tuple(row))
            row, used = [], 0
        target = Target(offer.action)
        lead = [Piece(" " * gap)] if row else []
        row += [*lead, Piece(f"{offer.key} ", "key", target), Piece(offer.label, "", target)]
        used += size + (gap if lead else 0)
    yield Line(tuple(row))
