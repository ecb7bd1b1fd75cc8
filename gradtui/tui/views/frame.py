"""The lines around the panes that need no session: light, for the first frame."""

from collections.abc import Iterator, Sequence

from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import Line, Piece, Target, cells, cut, fit, printable

PANES = (("tape", "Tape"), ("card", "Card"), ("ledger", "Ledger"))


def header(title: str, where: str, width: int, ellipsis: str = "…") -> Line:
    """`gradtui  Gradients with autograd … step 3 of 18`: a long title gives way."""
    room = width - len(" gradtui  ") - cells(where) - 2
    shown = cut(printable(title), max(8, room), ellipsis)
    left = [Piece(" gradtui ", "title"), Piece(f" {shown}", "strong")]
    gap = width - sum(cells(piece.text) for piece in left) - cells(where) - 1
    return fit(Line.of(*left, Piece(" " * max(1, gap) + where + " ", "dim"), role="bar"), width)


def tabs(pane: str) -> list[Piece]:
    """The names of the folded panes, the open one in brackets."""
    return [
        Piece(
            f"[{name}]" if id == pane else f" {name} ",
            "tab-on" if id == pane else "tab",
            Target(id),
        )
        for id, name in PANES
    ]


def footer(width: int, glyphs: Glyphs) -> Line:
    """As many keys as there is room for, each to be clicked."""
    pieces: list[Piece] = []
    for action in glyphs.keymap.footer():
        key, label = glyphs.key(action.id), action.label
        pair = [
            Piece(f" {key}", "key", Target(action.id)),
            Piece(f" {label} ", "", Target(action.id)),
        ]
        pieces += pair
    return Line(tuple(_whole(pieces, width)), "bar")


def _whole(pieces: Sequence[Piece], width: int) -> Iterator[Piece]:
    """Pairs of key and label, as long as they fit whole; the last two always do."""
    tail = pieces[-4:]
    room = width - sum(cells(piece.text) for piece in tail)
    for key, label in zip(pieces[:-4:2], pieces[1:-4:2], strict=True):
        room -= cells(key.text) + cells(label.text)
        if room < 0:
            break
        yield key
        yield label
    yield from tail
