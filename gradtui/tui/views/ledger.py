"""The ledger: each leaf's `.grad` as a sum of dated contributions."""

import math
from collections.abc import Iterator, Sequence

from gradtui.session import Snapshot
from gradtui.tape import values
from gradtui.tape.events import Value
from gradtui.tape.state import LedgerEntry, State
from gradtui.tape.versus import Pair, happened, ledgers
from gradtui.tui.glyphs import Glyphs, in_ascii
from gradtui.tui.lines import BLANK, Line, Piece, Target, cut, fit, pad, printable, wrap
from gradtui.tui.views.cells import cell
from gradtui.tui.views.versus import why

MOST = 40  # entries of one leaf that are shown, the last ones
MOST_LEAVES = 30
DATE = 9  # columns for when an entry was made

NOTHING = "nothing happens"
_SIGNS = {"added": "+", "zeroed": "0", "removed": "-", "set": "="}


def ledger(snap: Snapshot, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """All leaves that require grad, the youngest first."""
    state = snap.state
    if state is None:
        return ()
    leaves = _in_order(snap, state)
    if not leaves:
        none = "No tensor requires grad yet, so there is nothing to keep."
        return tuple(wrap(Line.of(Piece(none, "dim")), width))
    lines = list(why(snap, width, glyphs))
    for leaf in leaves[:MOST_LEAVES]:
        lines += _leaf(snap, state, leaf, width, glyphs)
    return tuple(lines)


def latest(lines: Sequence[Line]) -> int:
    """The line of the last change of all: it is the one to keep in sight."""
    dated = ((_date(line), -at) for at, line in enumerate(lines))
    return -max(dated, default=(0, 0))[1]


def _date(line: Line) -> int:
    argument = line.target.argument if line.target is not None else None
    return argument if isinstance(argument, int) else -1


def _in_order(snap: Snapshot, state: State) -> list[int]:
    """Leaves that a name still means, the youngest first; else those there are."""
    leaves = list(reversed(state.leaves))
    named = [leaf for leaf in leaves[:200] if state.names_of(leaf)]
    return named or leaves


def _leaf(snap: Snapshot, state: State, leaf: int, width: int, glyphs: Glyphs) -> Iterator[Line]:
    grad = state.grad(leaf)
    entries = state.ledger(leaf)
    name = printable(f"{state.label(leaf)}.grad")
    now = cell(grad.value, width - len(name) - 3, glyphs) if grad.value else grad.kind
    spark = _spark(entries, glyphs)
    head = [Piece(name, "strong"), Piece("  "), Piece(now, "strong" if grad.value else "faint")]
    if spark and len(name) + len(now) + len(spark) + 6 <= width:
        head.append(Piece("  " + spark, "backward"))
    yield Line(tuple(head))
    if grad.reason and grad.kind != "value":
        text = in_ascii(grad.reason) if glyphs.ascii else grad.reason
        yield from wrap(Line.of(Piece("  "), Piece(text, "dim")), width, 2)
    pairs = _pairs(snap, leaf)
    if pairs:
        yield from _beside(snap, pairs[-MOST:], width, glyphs)
    else:
        if len(entries) > MOST:
            yield Line.of(Piece(f"  {len(entries) - MOST} earlier entries", "dim"))
        for entry in entries[-MOST:]:
            yield _entry(snap, entry, width, glyphs)
    yield BLANK


def _pairs(snap: Snapshot, leaf: int) -> tuple[Pair, ...]:
    """With a what-if open, the step's entries beside those of the original run."""
    return happened(ledgers(*snap.beside, leaf), snap.position) if snap.beside is not None else ()


def _beside(snap: Snapshot, pairs: Sequence[Pair], width: int, glyphs: Glyphs) -> Iterator[Line]:
    """`epoch 2  + [3, 3] = [9, 9] ≠ + = [3, 3]`: this run, and at the right the original."""
    room = max(7, (width - 22) // 3)
    head = pad("", 12) + pad("what if", 2 * room + 5) + "  the original"
    yield Line.of(Piece(cut(head, width, glyphs.ellipsis), "dim"))
    for pair in pairs:
        yield fit(_pair(snap, pair, room, glyphs), width, glyphs.ellipsis)


def _pair(snap: Snapshot, pair: Pair, room: int, glyphs: Glyphs) -> Line:
    told = pair.ours or pair.theirs
    assert told is not None
    here = pair.ours is not None and pair.ours.event == snap.position - 1
    sign = Piece(f"{glyphs.changed} " if pair.differs else "  ", "warning")
    return Line.of(
        Piece(glyphs.current if here else " ", "marker"),
        Piece(" " + _dated(told) + " ", "dim"),
        *_what(pair.ours, room, glyphs),
        sign,
        _original(pair.theirs, room, glyphs),
        role="here" if here else "",
        target=Target("goto", pair.ours.event + 1) if pair.ours is not None else None,
    )


def _what(told: LedgerEntry | None, room: int, glyphs: Glyphs) -> list[Piece]:
    """What was done and what stands there afterwards."""
    if told is None:
        return [Piece(pad(NOTHING, 2 * room + 6), "faint")]
    amount = pad(cell(told.amount, room, glyphs) if told.amount else told.path, room)
    after = cell(told.after, room, glyphs) if told.after else "None"
    return [
        Piece(f"{_SIGNS[told.kind]} ", "strong"),
        Piece(amount + " ", "cotangent" if told.kind == "added" else "warning"),
        Piece("= ", "dim"),
        Piece(pad(after, room) + " "),
    ]


def _original(told: LedgerEntry | None, room: int, glyphs: Glyphs) -> Piece:
    """The same of the original run, shorter."""
    if told is None:
        return Piece(cut(NOTHING, room + 2, glyphs.ellipsis), "faint")
    if told.kind != "added":
        return Piece(f"{_SIGNS[told.kind]} {cut(told.path, room, glyphs.ellipsis)}", "warning")
    return Piece(f"= {cell(told.after, room, glyphs)}")


def _dated(entry: LedgerEntry) -> str:
    when = "" if entry.epoch is None else f"epoch {entry.epoch}"
    when = when if len(when) <= DATE else f"ep {entry.epoch}"
    which = "" if entry.number is None else f"pass {entry.number + 1}"
    return pad(when or which, DATE)


def _entry(snap: Snapshot, entry: LedgerEntry, width: int, glyphs: Glyphs) -> Line:
    """`epoch 2  + [3, 3, 3]  → [9, 9, 9]  sum → ×3 → weights`."""
    room = max(8, (width - 19) // 3)
    amount = pad(cell(entry.amount, room, glyphs), room)
    after = cell(entry.after, room, glyphs) if entry.after else "None"
    path = in_ascii(entry.path) if glyphs.ascii else printable(entry.path)
    here = entry.event == snap.position - 1
    line = Line.of(
        Piece(glyphs.current if here else " ", "marker"),
        Piece(" " + _dated(entry) + " ", "dim"),
        Piece(f"{_SIGNS[entry.kind]} ", "strong"),
        Piece(amount + " ", "cotangent" if entry.kind == "added" else "warning"),
        Piece("= ", "dim"),
        Piece(pad(after, room) + " "),
        Piece(cut(path, max(0, width - 19 - 2 * room), glyphs.ellipsis), "dim"),
        role="here" if here else "",
        target=Target("goto", entry.event + 1),
    )
    return fit(line, width, glyphs.ellipsis)


def _spark(entries: Sequence[LedgerEntry], glyphs: Glyphs) -> str:
    """The size of `.grad` after each entry, as heights."""
    sizes = [_size(entry.after) for entry in entries[-24:]]
    most = max(sizes, default=0.0)
    if len(sizes) < 2 or not most or not math.isfinite(most):
        return ""
    top = len(glyphs.sparks) - 1
    return "".join(glyphs.sparks[round(size / most * top)] for size in sizes)


def _size(value: Value | None) -> float:
    numbers = values.array(value) if value is not None else None
    if numbers is None or not numbers.size:
        return 0.0
    size = float(abs(numbers).max())
    return size if math.isfinite(size) else 0.0
