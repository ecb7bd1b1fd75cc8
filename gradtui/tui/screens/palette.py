"""All commands by name: type some letters of one, Enter does it."""

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.tui.actions import ACTIONS, Action
from gradtui.tui.field import Field
from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import Line, Piece, Target, fit, pad, wrap
from gradtui.tui.screens.typing import TypingScreen
from gradtui.tui.widgets.pane import Pane

LONGEST = 40  # letters that are looked for
LEAD = 24  # columns before what an action does


def found(typed: str, actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """Actions whose name or help holds each of the words typed; names that begin so come first."""
    words = typed.casefold().split()

    def holds(action: Action) -> bool:
        text = f"{action.label} {action.help}".casefold()
        return all(word in text for word in words)

    starts = typed.strip().casefold()
    return sorted(filter(holds, actions), key=lambda each: not each.label.startswith(starts))


class PaletteScreen(TypingScreen[str | None]):
    """Gives back the id of the chosen action, or None."""

    CSS = """
    PaletteScreen { align: center top; }
    PaletteScreen #box { width: 90; max-width: 100%; margin: 1 0; height: 22; max-height: 100%; }
    PaletteScreen Pane { background: $panel; }
    PaletteScreen #field { height: 1; background: $here; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "dismiss(None)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self.field, self.at, self.glyphs = Field(longest=LONGEST), 0, glyphs

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="popup"):
            yield Pane(id="field", scrolls=False)
            yield Pane(id="palette")

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        for pane in self.query("#field").results(Pane):  # none yet, for keys typed ahead
            pane.show(
                [self.field.line(pane.room, "a part of a command; Enter does it; Esc closes")]
            )
        for pane in self.query("#palette").results(Pane):
            lines = self.lines(pane.room)
            chosen = [at for at, line in enumerate(lines) if line.role == "here"]
            pane.show(lines, follow=chosen[-1] if chosen else None)

    def lines(self, width: int) -> list[Line]:
        """The actions that what was typed finds; all that is said of the chosen one."""
        rows = [self._row(at, action) for at, action in enumerate(found(self.field.text))]
        none = Line.of(Piece("  no such command", "dim"))
        ellipsis = self.glyphs.ellipsis
        return [
            line
            for row in rows or [none]
            for line in (wrap(row, width, LEAD) if row.role else [fit(row, width, ellipsis)])
        ]

    def _row(self, at: int, action: Action) -> Line:
        here = at == self.at
        pieces = (
            Piece("> " if here else "  ", "marker"),
            Piece(pad(action.label, 14) + " ", "strong"),
            Piece(pad(self.glyphs.key(action.id), 6) + " ", "key"),
            Piece(action.help, "dim"),
        )
        return Line.of(*pieces, role="here" if here else "", target=Target(action.id))

    def changed(self) -> None:
        self.at = 0
        self._draw()

    def action_move(self, by: int) -> None:
        self.at = (self.at + by) % max(1, len(found(self.field.text)))
        self._draw()

    def entered(self) -> None:
        actions = found(self.field.text)
        if actions:
            self.dismiss(actions[min(self.at, len(actions) - 1)].id)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        self.dismiss(message.target.action)
