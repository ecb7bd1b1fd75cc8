"""Asks for a line of text, and says what is wrong with it until it is right."""

from collections.abc import Callable
from typing import TypeAlias

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding

from gradtui.tui.lines import Line, Piece, printable, wrap
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane

Take: TypeAlias = Callable[[str], str]
LONGEST = 10_000  # characters


class EntryScreen(Modal[str | None]):
    """Gives back the text that was taken, or None. `take` says what is wrong with a text, or "".

    It reads its keys itself, so that none typed ahead is lost.
    """

    CSS = """
    EntryScreen { align: center bottom; }
    EntryScreen Pane { height: 3; width: 80; max-width: 100%; background: $panel; padding: 0 1; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "dismiss(None)", "back", show=False),
        Binding("enter", "go", show=False),
        Binding("backspace,ctrl+h", "rub_out", show=False),
        Binding("ctrl+u", "clear", show=False),
    ]

    def __init__(self, hint: str, take: Take, typed: str = "") -> None:
        super().__init__()
        self.hint, self.take = hint, take
        self.typed, self.wrong = typed, ""
        self.kept = bool(typed)  # the first letter replaces what was there before

    def compose(self) -> ComposeResult:
        yield Pane(id="entry", scrolls=False)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max(10, min(80, self.app.size.width) - 2)
        shown = printable(self.typed)[-(width - 4) :]
        role = "dim" if self.kept else "strong"
        entry = Line.of(Piece("> ", "marker"), Piece(shown, role), Piece("_", "marker"))
        said = (
            Piece(self.wrong, "error") if self.wrong else Piece("Enter: take it; Esc: back", "dim")
        )
        lines = [*wrap(Line.of(Piece(self.hint, "dim")), width), entry, *wrap(Line.of(said), width)]
        for pane in self.query(Pane):  # none yet, for keys typed ahead
            pane.styles.height = len(lines)
            pane.show(lines)

    def _type(self, text: str) -> None:
        self.typed = (("" if self.kept else self.typed) + text)[:LONGEST]
        self.kept, self.wrong = False, ""
        self._draw()

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            event.stop()
            self._type(event.character)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._type(" ".join(event.text[:LONGEST].split()))

    def action_rub_out(self) -> None:
        self.typed, self.kept, self.wrong = self.typed[:-1], False, ""
        self._draw()

    def action_clear(self) -> None:
        self.typed, self.kept, self.wrong = "", False, ""
        self._draw()

    def action_go(self) -> None:
        self.wrong = self.take(self.typed)
        if self.wrong:
            self._draw()
        else:
            self.dismiss(self.typed)
