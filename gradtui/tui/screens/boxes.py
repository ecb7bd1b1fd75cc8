"""The graph at the cursor as boxes, over the player: it can be stepped while they are open."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.binding import Binding

from gradtui.tui.glyphs import in_ascii
from gradtui.tui.lines import BLANK, Line, Piece, cut, fit, printable, wrap
from gradtui.tui.screens.window import Window
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.glyphs import Glyphs
    from gradtui.tui.screens.player import PlayerScreen
    from gradtui.tui.views.boxes import Drawn

SIDEWAYS = 8  # columns at a time


class BoxesScreen(Window):
    """Boxes and lines; the current box is kept in sight, and the picture can be moved."""

    FULL = True
    BINDINGS = [  # noqa: RUF012
        Binding("d", "close", show=False),
        Binding("right,l", "step('forward')", show=False),
        Binding("left,h", "step('back')", show=False),
        Binding("b", "step('next_pass')", show=False),
        Binding("B", "step('previous_pass')", show=False),
        Binding("e", "step('next_epoch')", show=False),
        Binding("E", "step('previous_epoch')", show=False),
        Binding("n", "step('next_step')", show=False),
        Binding("p", "step('previous_step')", show=False),
        Binding("dollar_sign", "step('step_end')", show=False),
        Binding("0", "step('step_start')", show=False),
        Binding("less_than_sign,shift+left", "pan(-1)", show=False),
        Binding("greater_than_sign,shift+right", "pan(1)", show=False),
    ]

    def __init__(self, player: "PlayerScreen", session: "Session") -> None:
        super().__init__()
        self.player, self.session = player, session
        self.from_column = 0
        self.drawn: Drawn | None = None

    def lines(self, width: int) -> Sequence[Line]:
        from gradtui.tape.boxes import MOST, graph_at
        from gradtui.tui.views.bars import words
        from gradtui.tui.views.boxes import boxes

        snap, glyphs = self.session.snapshot(), cast("GradtuiApp", self.app).glyphs
        self.drawn, why = None, "No operation so far: boxes come with the first."
        if snap.tape is not None:
            graph = graph_at(snap.tape, snap.position)
            self.drawn = boxes(snap, graph, width, glyphs)
            if not graph.whole:
                why = (
                    f"This graph is too large for boxes: they are drawn for up to {MOST}. "
                    f"The tape folds it: {glyphs.key('fold_all')}."
                )
        title = Line.of(
            Piece("The graph  ", "title"),
            Piece(cut(_said(words(snap), glyphs), width - 12, glyphs.ellipsis), "dim"),
        )
        if self.drawn is None:
            return [title, BLANK, *wrap(Line.of(Piece(why, "dim")), width)]
        return [fit(title, width), BLANK, *self.drawn.lines(self.from_column, width)]

    def hint(self, scrolls: bool) -> Line:
        wide = self.drawn is not None and self.drawn.width > self.room
        scrolling = ("j k down, up; " if scrolls else "") + ("< > sideways; " if wide else "")
        sides = cast("GradtuiApp", self.app).glyphs.sides
        return Line.of(Piece(f"{sides} stop; b backward pass; {scrolling}Esc closes", "dim"))

    def on_resize(self, event: events.Resize) -> None:
        event.prevent_default()
        self.call_after_refresh(self.redraw)

    def redraw(self) -> None:
        """Draw the present moment, with the current box in sight."""
        self._follow()
        lines = self.lines(self.room)
        focus = self.drawn.focus if self.drawn is not None else None
        self.fill(lines, follow=None if focus is None else 2 + focus[1] + focus[3] // 2)

    def _follow(self) -> None:
        """Move sideways until the current box is in sight."""
        self.lines(self.room)
        if self.drawn is None:
            return
        last = max(0, self.drawn.width - self.room)
        if self.drawn.focus is not None:
            x, _, columns, _ = self.drawn.focus
            if not self.from_column <= x <= x + columns <= self.from_column + self.room:
                self.from_column = x - (self.room - columns) // 2
        self.from_column = max(0, min(self.from_column, last))

    def action_step(self, move: str) -> None:
        self.player.do(move)
        self.redraw()

    def action_pan(self, by: int) -> None:
        if self.drawn is not None:
            last = max(0, self.drawn.width - self.room)
            self.from_column = max(0, min(self.from_column + by * SIDEWAYS, last))
            self.query_one("#window", Pane).show(self.lines(self.room))

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        self.player.do(*message.target)
        self.redraw()


def _said(text: str, glyphs: "Glyphs") -> str:
    return in_ascii(text) if glyphs.ascii else printable(text)


def open_boxes(player: "PlayerScreen", session: "Session") -> None:
    """The graph at the cursor."""
    player.app.push_screen(BoxesScreen(player, session))
