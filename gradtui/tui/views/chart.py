"""A curve as bars: eighths of a line, in ASCII of whole lines."""

from collections.abc import Collection, Iterator, Sequence
from math import isfinite
from typing import TypeAlias

from gradtui.tape.curves import Curve
from gradtui.tape.values import number
from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import Line, Piece, cells, cut, pad

HEIGHT = 4  # lines of a chart
AXIS = 9  # columns at its left
WIDEST = 8  # columns of a bar
ROLES = {"loss": "strong", "weight": "forward", "gradient": "backward"}

Ends: TypeAlias = tuple[float, float]  # of the axis


def ends(values: Sequence[float]) -> Ends:
    """An axis for these values, with 0 on it."""
    return min(0.0, 0.0, *values), max(0.0, 0.0, *values)


def finite(curve: Curve) -> list[float]:
    return [value for value in curve.values if value is not None and isfinite(value)]


def told(value: float | None) -> str:
    return "" if value is None else number(value)


def bars(
    curve: Curve,
    axis: Ends,
    epochs: int,
    width: int,
    glyphs: Glyphs,
    marked: Collection[int] = (),
) -> Iterator[Line]:
    """The bars of a curve with room for all epochs, their numbers where they fit, and below
    each marked epoch a mark."""
    room = width - AXIS
    columns = min(epochs, room)
    shown = fitted(curve.values, columns)
    wide = max(1, min(WIDEST, room // max(1, columns)))
    for row in reversed(range(HEIGHT)):
        end = number(axis[1]) if row == HEIGHT - 1 else number(axis[0]) if row == 0 else ""
        drawn = "".join(_bar(value, axis, row, wide, glyphs) for value in shown)
        yield Line.of(
            Piece(f"{cut(end, AXIS - 2):>{AXIS - 2}} ", "dim"),
            Piece(glyphs.bar, "dim"),
            Piece(drawn.rstrip(), ROLES[curve.kind]),
        )
    if all(cells(told(value)) < wide for value in shown):
        labels = "".join(pad(told(value), wide) for value in shown)
        yield Line.of(Piece(" " * AXIS + labels.rstrip(), "dim"))
    if marked:
        signs = "".join(
            pad(glyphs.changed if _epoch(at, len(curve.values), len(shown)) in marked else "", wide)
            for at in range(len(shown))
        )
        yield Line.of(Piece(" " * AXIS + signs.rstrip(), "warning"))


Values: TypeAlias = Sequence[float | None]


def fitted(values: Values, room: int) -> Values:
    """As many as there is room for: of several epochs in one column, the last."""
    if len(values) <= room:
        return values
    return [values[_epoch(at, len(values), room)] for at in range(room)]


def _epoch(column: int, epochs: int, columns: int) -> int:
    """The epoch a column shows."""
    return (column + 1) * epochs // columns - 1


def share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.0


def _bar(
    value: float | None, ends: tuple[float, float], row: int, wide: int, glyphs: Glyphs
) -> str:
    """One line of a bar, with a gap after it where there is room; a cross for what is no number."""
    if value is None:
        return " " * wide
    if not isfinite(value):
        return pad(glyphs.error if row == 0 else " ", wide)
    gap = 1 if wide > 2 else 0
    eighths = max(1, round(share(value, *ends) * 8 * HEIGHT)) - 8 * row
    return _filled(eighths, glyphs) * (wide - gap) + " " * gap


def _filled(eighths: int, glyphs: Glyphs) -> str:
    if eighths <= 0:
        return " "
    if glyphs.ascii:
        return "#" if eighths >= 8 else "=" if eighths > 4 else "_"
    return glyphs.sparks[min(8, eighths) - 1]
