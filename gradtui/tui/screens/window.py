"""A window over the player: a heading, lines to scroll, a way back."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding

from gradtui.tui.lines import Line
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane


class Window(Modal[None]):
    """Lines made for the width there is by `lines(width)`; any of the keys closes it."""

    DEFAULT_CSS = """
    Window { align: center middle; }
    Window #window { background: $panel; padding: 1 2; width: 76; }
    Window #window { max-width: 100%; max-height: 100%; }
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

    def compose(self) -> ComposeResult:
        yield Pane(id="window")

    def on_resize(self, event: events.Resize) -> None:
        pane = self.query_one(Pane)
        lines = self.lines(min(76, event.size.width) - 6)
        pane.styles.height = min(event.size.height, len(lines) + 2)
        pane.show(lines)

    def action_scroll(self, by: int) -> None:
        pane = self.query_one(Pane)
        pane.scroll_by(by)

    def action_close(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
