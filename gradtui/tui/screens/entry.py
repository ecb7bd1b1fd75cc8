"""Asks for a line of text, and says what is wrong with it until it is right."""

from collections.abc import Callable
from typing import TypeAlias

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding

from gradtui.tui.field import Field
from gradtui.tui.lines import Line, Piece, wrap
from gradtui.tui.screens.typing import TypingScreen
from gradtui.tui.widgets.pane import Pane

Take: TypeAlias = Callable[[str], str]


class EntryScreen(TypingScreen[str | None]):
    """Gives back the text that was taken, or None. `take` says what is wrong with a text, or ""."""

    CSS = """
    EntryScreen { align: center bottom; }
    EntryScreen Pane { height: 4; }
    """
    BINDINGS = [Binding("escape", "dismiss(None)", "back", show=False)]  # noqa: RUF012

    def __init__(self, hint: str, take: Take, typed: str = "") -> None:
        super().__init__()
        self.hint, self.take = hint, take
        self.field, self.wrong = Field(typed), ""
        self.kept = bool(typed)  # the first letter replaces what was there before

    def compose(self) -> ComposeResult:
        yield Pane(id="entry", classes="from-below", scrolls=False)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max(10, self.app.size.width - 2)
        said = (
            Piece(self.wrong, "error") if self.wrong else Piece("Enter: take it; Esc: back", "dim")
        )
        entry = self.field.line(width)
        lines = [*wrap(Line.of(Piece(self.hint, "dim")), width), entry, *wrap(Line.of(said), width)]
        for pane in self.query(Pane):  # none yet, for keys typed ahead
            pane.styles.height = len(lines) + 1
            pane.show(lines)

    def takes(self, event: events.Key) -> bool:
        if self.kept and event.is_printable:
            self.field.fill("")
        return super().takes(event)

    def changed(self) -> None:
        self.kept, self.wrong = False, ""
        self._draw()

    def entered(self) -> None:
        self.wrong = self.take(self.field.text)
        if self.wrong:
            self._draw()
        else:
            self.dismiss(self.field.text)
