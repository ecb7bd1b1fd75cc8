"""The card of the current event: what happened, the numbers, the rule, torch's word on it."""

from collections.abc import Iterator

from gradtui.oracle.compare import Verdict
from gradtui.oracle.rows import Rows
from gradtui.session import Snapshot
from gradtui.tape import facts, values
from gradtui.tape.events import NodeRan, StepBegan, StepEnded, Value
from gradtui.tape.jvp_card import jvp_card
from gradtui.tui.glyphs import Glyphs, in_ascii
from gradtui.tui.lines import BLANK, Line, Piece, cut, printable, wrap
from gradtui.tui.views import verdicts
from gradtui.tui.views.cells import narrowed

_ROLES = {
    "v": "cotangent",
    "product": "strong",
    "rule": "forward",
    "reason": "warning",
    "remedy": "good",
    "note": "dim",
    "accumulate": "strong",
}


def card(snap: Snapshot, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """The lines of the card, none wider than `width`."""
    if snap.tape is None:
        return ()
    over = isinstance(snap.event, StepEnded)
    if isinstance(snap.event, StepBegan) or (over and not snap.stops):
        return _step(snap, width)
    at = snap.last_stop if over else snap.position
    forward = jvp_card(snap.tape, at, snap.direction) if snap.direction is not None else None
    made = forward or facts.card(snap.tape, at)
    clean = in_ascii if glyphs.ascii else printable
    lines = [*wrap(Line.of(Piece(clean(made.title), "heading")), width)]
    if made.sentence:
        lines += wrap(Line.of(Piece(clean(made.sentence))), width)
    for section in made.sections:
        lines += _section(section, width, glyphs)
    about = (
        ""
        if forward is None
        else " on v·J"
        if isinstance(snap.event, NodeRan)
        else " on the result"
    )
    lines += _verdict(snap, at - 1, clean(f"torch{about}: "), width, glyphs)
    if snap.rows is not None and not over:
        lines += _rows(snap.rows, width, glyphs)
    return tuple(lines)


def _step(snap: Snapshot, width: int) -> tuple[Line, ...]:
    """Between steps there is no event to explain: the step's own name, and what it holds."""
    stops = snap.stops
    sentence = f"{stops} stops: each press of the right arrow runs one."
    sentence = sentence if stops else "It runs nothing."
    title = wrap(Line.of(Piece(printable(snap.scene.title), "heading")), width)
    return (*title, *wrap(Line.of(Piece(sentence)), width))


def _section(section: facts.Section, width: int, glyphs: Glyphs) -> Iterator[Line]:
    clean = in_ascii if glyphs.ascii else printable
    role = _ROLES.get(section.kind, "")
    if section.kind in ("reason", "remedy", "note"):
        title = Piece(clean(section.title) + "  " if section.title else "", "dim")
        between = "; " if section.kind == "note" else " "
        said = Piece(clean(between.join(section.lines).strip()), role)
        yield from wrap(Line.of(title, said), width, 2)
        return
    if len(section.lines) == 1 and len(section.title) + len(section.lines[0]) + 3 <= width:
        yield Line.of(
            Piece(clean(section.title) + "  ", "dim"), Piece(clean(section.lines[0]), role)
        )
        return
    if section.title:
        yield Line.of(Piece(cut(clean(section.title), width, glyphs.ellipsis), "dim"))
    grid = [text for text in section.lines if section.kind == "jacobian" and text[:1] == "["]
    smaller = dict(zip(grid, narrowed(grid, width - 2), strict=True))
    for text in section.lines:
        if text in smaller:  # its columns are kept
            shown = cut(clean(smaller[text]), width - 2, glyphs.ellipsis)
            yield Line.of(Piece("  "), Piece(shown, role))
            continue
        indent = len(text) - len(text.lstrip()) if section.kind == "output" else 0
        rest = min(indent + 4, width // 3)
        yield from wrap(Line.of(Piece("  "), Piece(clean(text), role)), width, rest)


def _rows(rows: Rows, width: int, glyphs: Glyphs) -> Iterator[Line]:
    """What torch says of the Jacobians, row by row."""
    kind = "waiting" if rows.kind == "asked" else rows.kind
    sign = verdicts.sign(Verdict(kind), glyphs)
    clean = in_ascii if glyphs.ascii else printable
    said = Piece(clean(f"torch: {rows.text}"), sign.role)
    yield from wrap(Line.of(sign, Piece(" "), said), width, 2)


def _verdict(snap: Snapshot, at: int, about: str, width: int, glyphs: Glyphs) -> Iterator[Line]:
    if at < 0:
        return
    verdict = verdicts.at(snap.verdicts, at)
    sign = verdicts.sign(verdict, glyphs)
    yield BLANK
    text = about + printable(verdicts.words(verdict, snap.torch))
    yield from wrap(Line.of(sign, Piece(" "), Piece(text, sign.role)), width, 2)
    if verdict is not None and verdict.kind == "differs":
        for name, side in (("ours ", verdict.ours), ("torch", verdict.torch)):
            shown = values.cell(side, width - 8) if isinstance(side, Value) else str(side or "")
            yield Line.of(Piece(f"  {name} ", "dim"), Piece(cut(printable(shown), width - 8)))
