"""The first time: what this is, the keys one needs, how to leave. One screen, shown once."""

from collections.abc import Sequence
from typing import cast

from textual import events, on
from textual.binding import Binding

from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import BLANK, Line, Piece, Target, wrap
from gradtui.tui.screens.window import Window
from gradtui.tui.widgets.pane import Pane

ABOUT = (
    "You see a step's code run, and everything PyTorch's autograd does: what it records, and each "
    "node of the way back with its numbers. Real PyTorch runs beside it and confirms them."
)
KEYS = (
    ("forward", "one stop forward: what happens next"),
    ("back", "one stop back"),
    ("next_step", "the next step of the lesson"),
    ("ask", "predict what will happen, before it does"),
    ("glossary", "the words of the trade"),
    ("help", "all keys"),
)  # the six one needs


class WelcomeScreen(Window):
    """Any of its keys begins; `q` leaves gradtui, as everywhere."""

    BINDINGS = [  # noqa: RUF012
        Binding("q", "app.quit", show=False),
        Binding("space,right,n", "close", show=False),
    ]

    def on_click(self, event: events.Click) -> None:
        self.dismiss(None)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        self.dismiss(None)

    def lines(self, width: int) -> Sequence[Line]:
        from gradtui.tui.app import GradtuiApp

        glyphs = cast(GradtuiApp, self.app).glyphs
        made = [Line.of(Piece("Welcome to gradtui", "title")), BLANK]
        made += [*wrap(Line.of(Piece(ABOUT)), width), BLANK]
        made += [_row(glyphs.key(id), text) for id, text in KEYS]
        leave = "leave; the next time you go on where you were"
        return [*made, _row(glyphs.key("quit"), leave), BLANK, *_mouse(glyphs)]

    def hint(self, scrolls: bool) -> Line:
        begins = Piece("Enter or a click begins.", "heading")
        more = [Piece("  arrows scroll", "dim")] if scrolls else []
        return Line.of(begins, *more, target=Target("close"))


def _row(key: str, text: str) -> Line:
    return Line.of(Piece(f" {key:>5}  ", "key"), Piece(text))


def _mouse(glyphs: Glyphs) -> list[Line]:
    palette = glyphs.key("palette")
    return [Line.of(Piece(f"The mouse works everywhere; {palette} finds any command.", "dim"))]
