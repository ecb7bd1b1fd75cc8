"""All keys, from the one table of actions."""

from collections.abc import Sequence
from typing import cast

from gradtui.tui.actions import GROUPS, Action, shown
from gradtui.tui.lines import BLANK, Line, Piece, cells, pad, wrap
from gradtui.tui.screens.window import Window

SIGNS = (
    ("✓ = ≈ ~", "torch gives the same number; or one within the tolerance"),
    ("✗ !", "torch gives another: both are shown on the card"),
    ("· .   – -", "torch's answer is awaited; or not compared"),
)


class HelpScreen(Window):
    """The keys by group, then the signs."""

    def lines(self, width: int) -> Sequence[Line]:
        from gradtui.tui.app import GradtuiApp

        glyphs = cast(GradtuiApp, self.app).glyphs
        made = [
            Line.of(Piece("Esc or a click outside closes this; arrows scroll it.", "dim")),
            BLANK,
        ]
        keys = {action: _keys(action, glyphs.ascii) for action in glyphs.keymap.actions}
        column = max(map(cells, keys.values()))
        for group in GROUPS:
            made.append(Line.of(Piece(group, "heading")))
            for action, held in keys.items():
                if action.group == group:
                    made += _row(held, action.help, width, column)
            made.append(BLANK)
        made.append(Line.of(Piece("Signs", "heading")))
        for name, text in SIGNS:
            made += _row(name, text, width, max(cells(name) for name, _ in SIGNS))
        return made


def _keys(action: Action, ascii: bool) -> str:
    return " ".join(shown(key, ascii) for key in action.keys)


def _row(name: str, text: str, width: int, column: int) -> list[Line]:
    lead = "  " + pad(name, column) + "  "
    return wrap(Line.of(Piece(lead, "key"), Piece(text)), width, cells(lead))
