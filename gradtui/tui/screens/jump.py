"""Asks for the number of an event."""

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding

from gradtui.tui.lines import Line, Piece, wrap
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane

SIGNS = {**{digit: digit for digit in "0123456789"}, "plus": "+", "minus": "-"}
LONGEST = 12  # characters of a number


class JumpScreen(Modal[int | None]):
    """Gives back a position, or None. Its keys are bindings, so that none typed ahead is lost."""

    CSS = """
    JumpScreen { align: center bottom; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q", "dismiss(None)", "back", show=False),
        Binding("enter", "go", show=False),
        Binding("backspace,ctrl+h", "rub_out", show=False),
        *(Binding(key, f"typed('{sign}')", show=False) for key, sign in SIGNS.items()),
    ]

    def __init__(self, position: int, last: int) -> None:
        super().__init__()
        self.position, self.last = position, last
        self.typed, self.wrong = "", ""

    def compose(self) -> ComposeResult:
        yield Pane(id="jump", classes="from-below", scrolls=False)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        text = f"Go to event 0 to {self.last}, or +5, -5 from here. Enter: go; Esc: back"
        hint = wrap(Line.of(Piece(text, "dim")), max(10, self.app.size.width - 2))
        entry = [Piece("> ", "marker"), Piece(self.typed, "strong"), Piece("_", "marker")]
        wrong = Piece(f"   {self.wrong}", "error")
        for pane in self.query(Pane):  # none yet, for keys typed ahead
            pane.styles.height = len(hint) + 2
            pane.show([*hint, Line.of(*entry, wrong)])

    def action_typed(self, sign: str) -> None:
        self.typed, self.wrong = (self.typed + sign)[:LONGEST], ""
        self._draw()

    def action_rub_out(self) -> None:
        self.typed = self.typed[:-1]
        self._draw()

    def action_go(self) -> None:
        try:
            number = int(self.typed)
        except ValueError:
            self.wrong = "a number, please" if self.typed else "type a number"
            self._draw()
            return
        self.dismiss(self.position + number if self.typed[0] in "+-" else number)
