"""Curves over epochs, over the player: it can be stepped while they are open."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.binding import Binding

from gradtui.tui.lines import BLANK, Line, Piece, wrap
from gradtui.tui.screens.window import Window
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen


class CurvesScreen(Window):
    """Losses, weights and gradients of the current loop; they grow as one steps."""

    CSS = """
    CurvesScreen #window { width: 100%; padding: 0 2; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("C", "close", show=False),
        Binding("right,l", "step('forward')", show=False),
        Binding("left,h", "step('back')", show=False),
        Binding("e", "step('next_epoch')", show=False),
        Binding("E", "step('previous_epoch')", show=False),
        Binding("n", "step('next_step')", show=False),
        Binding("p", "step('previous_step')", show=False),
        Binding("dollar_sign", "step('step_end')", show=False),
    ]

    def __init__(self, player: "PlayerScreen", session: "Session") -> None:
        super().__init__()
        self.player, self.session = player, session

    def lines(self, width: int) -> Sequence[Line]:
        from gradtui.tui.views.curves import charts

        width = max(20, self.app.size.width - 6)
        glyphs = cast("GradtuiApp", self.app).glyphs
        hint = "e, E: an epoch on or back; n, p: a step; arrows: one stop; Esc closes this."
        heading = Line.of(Piece("Over the epochs", "title"))
        return [
            heading,
            *charts(self.session.snapshot(), width, glyphs),
            BLANK,
            *wrap(Line.of(Piece(hint, "dim")), width),
        ]

    def action_step(self, move: str) -> None:
        self.player.do(move)
        pane = self.query_one(Pane)
        lines = self.lines(pane.room)
        pane.styles.height = min(self.app.size.height, len(lines))
        pane.show(lines)


def open_curves(player: "PlayerScreen", session: "Session") -> None:
    """The curves of the loop one is in, or was in last."""
    player.app.push_screen(CurvesScreen(player, session))
