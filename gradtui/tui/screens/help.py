"""All keys, from the one table of actions."""

from collections.abc import Sequence
from typing import cast

from gradtui.tui.actions import GROUPS, Action, shown
from gradtui.tui.lines import BLANK, Line, Piece, pad, wrap
from gradtui.tui.screens.window import Window

WORDS = (
    ("tape", "the record of what ran, in order; autograd walks it backwards"),
    ("leaf", "a tensor no recorded operation made; its gradient is kept in .grad"),
    ("cotangent, v", "what arrives at a node on the way back, of its output's shape"),
    ("Jacobian, J", "all partial derivatives of a node's outputs by its inputs"),
    ("v·J", "what the node sends on; J itself is hardly ever built"),
)
SIGNS = (
    ("✓ = ≈ ~", "torch gives the same number; or one within the tolerance"),
    ("✗ !", "torch gives another: both are shown on the card"),
    ("· .   – -", "torch's answer is awaited; or not compared"),
)


class HelpScreen(Window):
    """The keys by group, then the signs and the words of the trade."""

    def lines(self, width: int) -> Sequence[Line]:
        from gradtui.tui.app import GradtuiApp

        glyphs = cast(GradtuiApp, self.app).glyphs
        made: list[Line] = []
        for group in GROUPS:
            made.append(Line.of(Piece(group, "heading")))
            for action in glyphs.keymap.actions:
                if action.group == group:
                    made += _row(_keys(action, glyphs.ascii), action.help, width)
            made.append(BLANK)
        for heading, rows in (("Signs", SIGNS), ("Words", WORDS)):
            made.append(Line.of(Piece(heading, "heading")))
            for name, text in rows:
                made += _row(name, text, width)
            made.append(BLANK)
        return [
            *made,
            Line.of(Piece("Esc or a click outside closes this; arrows scroll it.", "dim")),
        ]


def _keys(action: Action, ascii: bool) -> str:
    return " ".join(shown(key, ascii) for key in action.keys)


def _row(name: str, text: str, width: int) -> list[Line]:
    return wrap(Line.of(Piece("  " + pad(name, 17) + " ", "key"), Piece(text)), width, 20)
