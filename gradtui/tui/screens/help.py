"""All keys, from the one table of actions; and what each sign on screen means."""

from collections.abc import Iterator, Sequence
from typing import cast

from gradtui.tui.actions import GROUPS, Action, shown
from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import BLANK, Line, Piece, cells, pad, wrap
from gradtui.tui.screens.window import EDGE, Window

TWO = 140  # columns from which there are two columns of keys
GAP = 4  # between them
RAILS = (
    ("◆", "a leaf that requires grad: gradients come to rest here"),
    ("◇", "a tensor that requires none"),
    ("●", "an operation that was recorded"),
    ("○", "one that was not"),
    ("╳", "a cut: no gradient goes further back"),
    ("▼", "a change in place; ▽ one that was not recorded"),
    ("◉", "an operation that takes a tensor twice: its gradients add up"),
    ("▣", "rows folded into one"),
    ("│ ─", "a rail that carries gradients back; ┊ ╌ one that never will; ═ one taken twice"),
)


def signs(glyphs: Glyphs) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    """Where signs stand, and what each means there."""
    g = glyphs
    yield (
        "Signs of torch's word on a number",
        (
            (g.same, "torch gives the same"),
            (g.close, "one within the tolerance"),
            (g.differs, "another: both are on the card"),
            (g.waiting, "not heard yet"),
            (g.uncompared, "not compared; the card says why"),
        ),
    )
    yield (
        "Signs of the tape",
        (
            *(_twins(RAILS) if g.ascii else RAILS),
            (g.current, f"where you are; {g.up} on the way back"),
            (f"{g.shut} {g.open}", "a loop's turn, or a call, folded or open: u, or a click"),
            (
                "s",
                f"saved tensors: {g.saved} kept for the way back, {g.freed} freed, ! changed since",
            ),
            (g.changed, "differs from the lesson's own tape"),
        ),
    )
    yield (
        "Signs of the line of time",
        (
            (g.here, "where you are: click or drag along it"),
            (g.backward, "a node of a backward pass runs"),
            (g.printed, "something is printed"),
            (g.epoch, "a turn of a loop begins"),
            (g.error, "an error"),
            (f"{g.paused} 2/s", "paused, and the speed: stops a second; then the event's number"),
            ("7?", "in the line of steps: its question was skipped"),
        ),
    )


def _twins(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rows with the signs that ASCII has for them."""
    from gradtui.tape.rails import TWINS  # loaded by then, with the tape

    return [(sign.translate(TWINS), text.translate(TWINS)) for sign, text in rows]


class HelpScreen(Window):
    """The keys by group, then the signs; in two columns where there is room."""

    @property
    def widest(self) -> int:
        width = self.app.size.width
        return min(width, 160) if width - EDGE >= TWO else super().widest

    def lines(self, width: int) -> Sequence[Line]:
        from gradtui.tui.app import GradtuiApp

        glyphs = cast(GradtuiApp, self.app).glyphs
        if width < TWO:
            return [*_keys(glyphs, GROUPS, width), *_signs(glyphs, width)]
        room = (width - GAP) // 2
        left = [*_keys(glyphs, ("Replay", "Look"), room), *_signs(glyphs, room, slice(1))]
        right = [*_keys(glyphs, ("Lesson", "Other"), room), *_signs(glyphs, room, slice(1, None))]
        return list(_beside(left, right, room))


def _keys(glyphs: Glyphs, groups: Sequence[str], width: int) -> Iterator[Line]:
    keys = {action: _held(action, glyphs.ascii) for action in glyphs.keymap.actions}
    column = max(map(cells, keys.values()))
    for group in groups:
        yield Line.of(Piece(group, "heading"))
        for action, held in keys.items():
            if action.group == group:
                yield from _row(held, action.help, width, column)
        yield BLANK


def _signs(glyphs: Glyphs, width: int, which: slice = slice(None)) -> Iterator[Line]:
    groups = list(signs(glyphs))
    column = max(cells(sign) for _, rows in groups for sign, _ in rows)
    for at, (heading, rows) in enumerate(groups[which]):
        if at:
            yield BLANK
        yield Line.of(Piece(heading, "heading"))
        for sign, text in rows:
            yield from _row(sign, text, width, column)


def _held(action: Action, ascii: bool) -> str:
    return " ".join(shown(key, ascii) for key in action.keys)


def _row(name: str, text: str, width: int, column: int) -> list[Line]:
    lead = "  " + pad(name, column) + "  "
    return wrap(Line.of(Piece(lead, "key"), Piece(text)), width, cells(lead))


def _beside(left: Sequence[Line], right: Sequence[Line], room: int) -> Iterator[Line]:
    for at in range(max(len(left), len(right))):
        mine = left[at] if at < len(left) else BLANK
        yours = right[at] if at < len(right) else BLANK
        gap = Piece(" " * (room + GAP - mine.width))
        yield Line((*mine.pieces, gap, *yours.pieces))
