"""The lessons there are, to choose one."""

from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from gradtui.tui import messages
from gradtui.tui.lines import BLANK, Line, Piece, Target, printable, wrap
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.opening import Book, Shelf


class LibraryScreen(Screen[None]):
    """Titles with minutes and objectives; a broken lesson says why, and the others go on."""

    CSS = """
    LibraryScreen Pane { padding: 1 2; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("enter,right,l", "choose", show=False),
        Binding("escape", "back", show=False),
        Binding("q", "app.quit", show=False),
    ]
    AUTO_FOCUS = None

    def __init__(self, shelf: "Shelf") -> None:
        super().__init__()
        self.books, self.at = shelf.books, 0

    def compose(self) -> ComposeResult:
        yield Pane(id="library")

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        lines: list[Line] = [Line.of(Piece("Lessons", "title")), BLANK]
        width = max(20, self.size.width - 6)
        focus = 0
        for at, book in enumerate(self.books):
            focus = len(lines) if at == self.at else focus
            lines += self._book(at, book, width)
        hint = "Enter or a click takes a lesson; Esc goes back; q leaves."
        self.query_one(Pane).show([*lines, Line.of(Piece(hint, "dim"))], follow=focus)

    def _book(self, at: int, book: "Book", width: int) -> list[Line]:
        here, target = at == self.at, Target("book", at)
        mark = Piece("> " if here else "  ", "marker")
        minutes = f"  {book.minutes} min" if book.minutes and not book.due else ""
        title = Piece(printable(book.title), "strong" if not book.problem else "hollow")
        rows = [Line((mark, title, Piece(minutes, "dim")), "here" if here else "", target)]
        for text in [book.problem] if book.problem else _about(book):
            role = "warning" if book.problem else "dim"
            line = Line.of(Piece("    "), Piece(printable(text), role), target=target)
            rows += wrap(line, width, 4)
        return [*rows, BLANK]

    def action_move(self, by: int) -> None:
        self.at = (self.at + by) % max(1, len(self.books))
        self._draw()

    def action_choose(self) -> None:
        if self.books and not self.books[self.at].problem:
            book = self.books[self.at]
            cast("GradtuiApp", self.app).open(book.path, book.due)

    def action_back(self) -> None:
        app = cast("GradtuiApp", self.app)
        if app.player.session is not None:
            if app.screen is self:
                self.dismiss(None)
        else:
            app.exit(0)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        self.at = int(message.target.argument or 0)
        self.action_choose()


def _about(book: "Book") -> list[str]:
    """How far one is in it, and what it teaches; what is to be reviewed."""
    if book.due:
        return [f"A prediction you missed is due: {book.due}"]
    left = f", left at: {book.left_at}" if book.left_at else ""
    far = [f"{book.done} of {book.steps} steps done{left}"] if book.done or left else []
    return [*far, *book.objectives]


def open_library(screen: Screen[None]) -> None:
    """Look for lessons on a thread, then show them."""
    app = cast("GradtuiApp", screen.app)

    def look() -> None:
        screen.post_message(messages.Stocked(app.backstage.shelf()))

    screen.run_worker(look, thread=True, exit_on_error=False, exclusive=True, group="library")
