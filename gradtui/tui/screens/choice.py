"""A short list to choose from, by key, arrows or mouse."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding

from gradtui.tui.glyphs import in_ascii
from gradtui.tui.lines import BLANK, Line, Piece, Target, cells, printable
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane

KEYS = "123456789abcdefghilmnoprstuvwxyz"  # to choose by, without those that move


class Choice(NamedTuple):
    """`key` chooses it, and is what the screen gives back."""

    key: str
    label: str


class ChoiceScreen(Modal[str | None]):
    """Gives back the key of the chosen one, or None."""

    CSS = """
    ChoiceScreen { align: center middle; }
    ChoiceScreen #choices { max-width: 90%; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q", "dismiss(None)", "back", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, heading: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.heading, self.choices, self.at = heading, tuple(choices), 0

    def compose(self) -> ComposeResult:
        yield Pane(id="choices", classes="popup", scrolls=False)

    def on_mount(self) -> None:
        lines = self._lines()
        pane = self.query_one(Pane)
        pane.styles.width = max(line.width for line in lines) + 5
        pane.styles.height = len(lines) + 2
        pane.show(lines)

    def _lines(self) -> list[Line]:
        rows = [self._row(at, choice) for at, choice in enumerate(self.choices)]
        hint = Line.of(Piece("Enter, a key or a click; Esc to go back", "dim"))
        return [Line.of(Piece(self.heading, "title")), BLANK, *rows, BLANK, hint]

    def _row(self, at: int, choice: Choice) -> Line:
        here = at == self.at
        key = Piece(f" {choice.key} ", "key")
        mark = Piece("> " if here else "  ", "marker")
        glyphs = self.query_one(Pane).glyphs
        text = Piece(in_ascii(choice.label) if glyphs.ascii else printable(choice.label))
        return Line.of(mark, key, " ", text, role="here" if here else "", target=Target(choice.key))

    def action_move(self, by: int) -> None:
        self.at = (self.at + by) % max(1, len(self.choices))
        self.query_one(Pane).show(self._lines())

    def action_choose(self) -> None:
        if self.choices:
            self.dismiss(self.choices[self.at].key)

    async def on_key(self, event: events.Key) -> None:
        if not self.left and any(event.character == choice.key for choice in self.choices):
            event.stop()
            event.prevent_default()
            self.dismiss(event.character)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        self.dismiss(message.target.action)

    @property
    def width_needed(self) -> int:
        return max(cells(choice.label) for choice in self.choices)
