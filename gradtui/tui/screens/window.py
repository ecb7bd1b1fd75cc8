"""A window over the player: lines to scroll, and below them what the keys do."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.tui.lines import BLANK, Line, Piece, wrap
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane

EDGE = 6  # columns for border, padding and scrollbar
ROOMY = 24  # rows from which a blank line stands above the keys


class Window(Modal[None]):
    """Lines made for the width there is by `lines(width)`; any of the keys closes it.

    It takes the room its lines need, at most `WIDTH` columns; with `FULL` the whole screen.
    """

    WIDTH: ClassVar[int] = 76
    FULL: ClassVar[bool] = False
    DEFAULT_CSS = """
    Window { align: center middle; }
    Window #box { max-width: 100%; height: auto; max-height: 100%; }
    Window #box.-full { background: $panel; padding: 0 1; width: 100%; height: 100%; }
    Window Pane { background: $panel; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,question_mark,f1,enter", "close", "back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def lines(self, width: int) -> Sequence[Line]:
        """What there is to read, none wider than `width`."""
        raise NotImplementedError

    def hint(self, scrolls: bool) -> Line:
        """What the keys do."""
        return Line.of(Piece(f"{'arrows scroll; ' if scrolls else ''}Esc closes", "dim"))

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="-full" if self.FULL else "popup"):
            yield Pane(id="window")
            yield Pane(id="hint", scrolls=False)

    @property
    def room(self) -> int:
        """Columns for text."""
        wide, edge = (self.app.size.width, 3) if self.FULL else (self.widest, EDGE)
        return max(16, wide - edge)

    @property
    def widest(self) -> int:
        """Columns of the window."""
        return min(self.WIDTH, self.app.size.width)

    def on_mount(self) -> None:
        """So high from the first frame on: what is clicked does not move."""
        if not self.FULL:
            self.fill(self.lines(self.room))

    def on_resize(self, event: events.Resize) -> None:
        self.fill(self.lines(self.room))

    def fill(self, lines: Sequence[Line], follow: int | None = None) -> None:
        """Show these lines, in a window as high as they need."""
        height = self.app.size.height - (0 if self.FULL else 2)
        above = [BLANK] if height >= ROOMY else []
        keys = [*above, *wrap(self.hint(len(lines) > height - 1 - len(above)), self.room)]
        text, below = self.query_one("#window", Pane), self.query_one("#hint", Pane)
        below.styles.height = len(keys)
        text.styles.height = "1fr" if self.FULL else min(len(lines), height - len(keys))
        if not self.FULL:
            self.query_one("#box").styles.width = self.widest
        below.show(keys)
        text.show(lines)
        text.follow(follow, height=height - len(keys))  # which it will have

    def action_scroll(self, by: int) -> None:
        self.query_one("#window", Pane).scroll_by(by)

    def action_close(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
