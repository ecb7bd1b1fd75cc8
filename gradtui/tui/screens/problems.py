"""Why a lesson cannot be used: every problem with its place in the file."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from gradtui.tui.lines import BLANK, Line, Piece, printable, wrap
from gradtui.tui.widgets.pane import Pane


class ProblemsScreen(Screen[None]):
    """`file:line:column: what is wrong, and how to mend it`; leaving it ends with status 1."""

    CSS = """
    ProblemsScreen Pane { padding: 1 2; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("q,escape,enter", "leave", "quit", show=False),
        Binding("down,j,space", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
    ]
    AUTO_FOCUS = None

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__()
        self.problems = tuple(problems)

    def compose(self) -> ComposeResult:
        yield Pane(id="problems")

    def on_resize(self, event: events.Resize) -> None:
        self.query_one(Pane).show(self.lines(event.size.width - 5))

    def lines(self, width: int) -> list[Line]:
        """The problems, none wider than `width`."""
        count = len(self.problems)
        head = "This lesson cannot be used yet: " + (
            "1 problem" if count == 1 else f"{count} problems"
        )
        hint = "q leaves; arrows scroll. `gradtui check` says the same without a screen."
        made = [Line.of(Piece(head, "title")), *wrap(Line.of(Piece(hint, "dim")), width), BLANK]
        for problem in self.problems:
            made += wrap(Line.of(Piece(printable(problem))), width, 4)
        return made

    def action_scroll(self, by: int) -> None:
        self.query_one(Pane).scroll_by(by)

    def action_leave(self) -> None:
        self.app.exit(1, 1)
