"""Curves over epochs, over the player: it can be stepped while they are open."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.binding import Binding

from gradtui.tui.lines import Line, Piece
from gradtui.tui.screens.window import Window

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen


class CurvesScreen(Window):
    """Losses, weights and gradients of the current loop; they grow as one steps."""

    FULL = True
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

        glyphs = cast("GradtuiApp", self.app).glyphs
        heading = Line.of(Piece("Over the epochs", "title"))
        tall = self.app.size.height - 3  # without the heading and the keys
        return [heading, *charts(self.session.snapshot(), width, glyphs, tall)]

    def hint(self, scrolls: bool) -> Line:
        scrolling = "j k scroll; " if scrolls else ""
        sides = cast("GradtuiApp", self.app).glyphs.sides
        return Line.of(Piece(f"e E epoch; n p step; {sides} stop; {scrolling}Esc closes", "dim"))

    def action_step(self, move: str) -> None:
        self.player.do(move)
        self.fill(self.lines(self.room))


def open_curves(player: "PlayerScreen", session: "Session") -> None:
    """The curves of the loop one is in, or was in last."""
    player.app.push_screen(CurvesScreen(player, session))
