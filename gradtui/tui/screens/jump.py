"""Asks for the number of an event."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widgets import Input

from gradtui.tui.lines import Line, Piece
from gradtui.tui.widgets.pane import Pane


class JumpScreen(ModalScreen[int | None]):
    """Gives back a position, or None."""

    CSS = """
    JumpScreen { align: center bottom; }
    JumpScreen #box { height: 3; width: 60; max-width: 100%; background: $panel; padding: 0 1; }
    JumpScreen Pane { height: 1; background: $panel; overflow: hidden hidden; }
    JumpScreen Input { border: none; height: 1; padding: 0; background: $here; }
    """
    BINDINGS = [Binding("escape", "dismiss(None)", "back", show=False)]  # noqa: RUF012

    def __init__(self, position: int, last: int) -> None:
        super().__init__()
        self.position, self.last = position, last

    def compose(self) -> ComposeResult:
        with Container(id="box"):
            yield Pane(id="prompt")
            yield Input(placeholder=str(self.position), max_length=12, select_on_focus=False)
            yield Pane(id="answer")

    def on_mount(self) -> None:
        text = f"Go to event 0 to {self.last}; +5 or -5 from here. Esc: back"
        self.query_one("#prompt", Pane).show([Line.of(Piece(text, "dim"))])
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        text = message.value.strip().lstrip("#:")
        try:
            number = int(text)
        except ValueError:
            self.query_one("#answer", Pane).show([Line.of(Piece(f"Not a number: {text}", "error"))])
            return
        self.dismiss(self.position + number if text[0] in "+-" else number)
