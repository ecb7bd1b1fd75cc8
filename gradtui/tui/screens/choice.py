"""A list to choose from, by key, arrows or mouse; long labels are wrapped, a long list scrolls."""

from collections.abc import Sequence
from typing import NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.tui.glyphs import in_ascii
from gradtui.tui.lines import BLANK, Line, Piece, Target, printable, wrap
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane

EDGE = 7  # columns for border, padding, scrollbar and a margin
KEYS = "123456789abcdefghilmnoprstuvwxyz"  # to choose by, without those that move
HINT = (BLANK, Line.of(Piece("Enter, a key or a click; Esc to go back", "dim")))


class Choice(NamedTuple):
    """`key` chooses it, and is what the screen gives back."""

    key: str
    label: str


class ChoiceScreen(Modal[str | None]):
    """Gives back the key of the chosen one, or None."""

    CSS = """
    ChoiceScreen { align: center middle; }
    ChoiceScreen #choices { width: auto; height: auto; max-width: 100%; max-height: 100%; }
    ChoiceScreen Pane { background: $panel; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q", "dismiss(None)", "back", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, heading: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.heading, self.choices, self.at = heading, tuple(choices), 0

    def compose(self) -> ComposeResult:
        with Container(id="choices", classes="popup"):
            yield Pane(id="rows")
            yield Pane(id="keys", scrolls=False)

    def on_mount(self) -> None:
        self._draw()  # so large from the first frame on: what is clicked does not move

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        room = max(16, self.app.size.width - EDGE)
        lines, here = self._lines(room)
        tall = self.app.size.height - 2 - len(HINT)
        rows, keys = self.query_one("#rows", Pane), self.query_one("#keys", Pane)
        widest = max(line.width for line in (*lines, *HINT))
        rows.styles.width = keys.styles.width = widest + 1
        rows.styles.height, keys.styles.height = min(len(lines), tall), len(HINT)
        rows.show(lines)
        rows.follow(here.stop - 1, height=min(len(lines), tall))
        rows.follow(here.start if self.at else 0, height=min(len(lines), tall))
        keys.show(HINT)

    def _lines(self, width: int) -> tuple[list[Line], range]:
        """The list, and which lines of it the chosen one takes."""
        lines, here = [Line.of(Piece(self.heading, "title")), BLANK], range(0)
        for at, choice in enumerate(self.choices):
            made = self._row(at, choice, width)
            here = range(len(lines), len(lines) + len(made)) if at == self.at else here
            lines += made
        return lines, here

    def _row(self, at: int, choice: Choice, width: int) -> list[Line]:
        here = at == self.at
        key = Piece(f" {choice.key} ", "key")
        mark = Piece("> " if here else "  ", "marker")
        glyphs = self.query_one("#rows", Pane).glyphs
        text = Piece(in_ascii(choice.label) if glyphs.ascii else printable(choice.label))
        line = Line.of(mark, key, " ", text, role="here" if here else "", target=Target(choice.key))
        return wrap(line, width, 6)

    def action_move(self, by: int) -> None:
        count = max(1, len(self.choices))
        to = self.at + by
        self.at = to % count if abs(by) == 1 else max(0, min(to, count - 1))
        self._draw()

    def action_choose(self) -> None:
        if self.choices:
            self.dismiss(self.choices[self.at].key)

    def on_key(self, event: events.Key) -> None:
        if any(event.character == choice.key for choice in self.choices):
            event.stop()
            event.prevent_default()
            self.dismiss(event.character)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        self.dismiss(message.target.action)
