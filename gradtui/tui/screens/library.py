"""The lessons there are, to choose one: by arrows, by the mouse, by typing a part of its name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from gradtui.tui import messages
from gradtui.tui.field import Field
from gradtui.tui.lines import BLANK, Line, Piece, Target, printable, wrap
from gradtui.tui.shelf import Book, Shelf, matching
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.tui.app import GradtuiApp

PATIENCE = 3.0  # seconds in which keys wait for the list
LONGEST = 60  # letters that are looked for
KEYS = "Enter or a click takes a lesson; type to search; Esc goes back; q leaves"
SHORT = "Enter takes a lesson; type to search; Esc back; q leave"
OWN = frozenset("jkqlH")  # letters that do something here; `/` begins a search with any


class LibraryScreen(Screen[None]):
    """Titles with progress; of the chosen one more. A broken lesson says why, the others go on."""

    CSS = """
    LibraryScreen #library { padding: 1 2; height: 1fr; }
    LibraryScreen #keys { height: 1; padding: 0 2; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("home,pageup", "move(-1000)", show=False),
        Binding("end,pagedown", "move(1000)", show=False),
        Binding("enter,right,l", "choose", show=False),
        Binding("escape", "back", show=False),
        Binding("q", "app.quit", show=False),
    ]
    AUTO_FOCUS = None

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.all, self.books, self.at = shelf.books, shelf.books, 0
        self.field, self.searching = Field(longest=LONGEST), False

    @property
    def gradtui(self) -> "GradtuiApp":
        return cast("GradtuiApp", self.app)

    def compose(self) -> ComposeResult:
        yield Pane(id="library")
        yield Pane(id="keys", scrolls=False)

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    # drawing

    def _draw(self) -> None:
        width = max(20, self.size.width - 6)
        rows, first, last = self._rows(width, full=True)
        if len(rows) > self.size.height - 4:
            rows, first, last = self._rows(width, full=False)
        pane = self.query_one("#library", Pane)
        pane.show(rows, follow=last)
        pane.follow(first)
        hint = Line.of(Piece(KEYS if width >= len(KEYS) else SHORT, "dim"))
        self.query_one("#keys", Pane).show([hint])

    def _rows(self, width: int, full: bool) -> tuple[list[Line], int, int]:
        """All there is to read, and which lines of it the chosen book takes."""
        lines = [*self._problems(width), *self._search(width)]
        chosen, section = (0, 0), ""
        for at, book in enumerate(self.books):
            if book.section != section:
                section = book.section
                lines += [Line.of(Piece(printable(section), "title"))]
            made = self._book(at, book, width, full)
            chosen = (len(lines), len(lines) + len(made) - 1) if at == self.at else chosen
            lines += made
        none = [] if self.books else [Line.of(Piece("no such lesson", "dim"))]
        return [*lines, *none], *chosen

    def _problems(self, width: int) -> Iterator[Line]:
        """What is wrong with the settings, or with what was learnt: told here as in a lesson."""
        for problem in (*self.gradtui.settings.problems, *self.gradtui.player.untold()):
            yield from wrap(Line.of(Piece("! " + printable(problem), "warning")), width, 2)
            yield BLANK

    def _search(self, width: int) -> list[Line]:
        return [self.field.line(width, "a part of a title"), BLANK] if self.searching else []

    def _book(self, at: int, book: Book, width: int, full: bool) -> list[Line]:
        here, target = at == self.at, Target("book", at)
        mark = Piece("> " if here else "  ", "marker")
        title = Piece(printable(book.title), "strong" if not book.problem else "hollow")
        facts = Piece("".join(f"  {fact}" for fact in _facts(book)), "dim")
        role = "here" if here else ""
        rows = [Line((mark, title, facts), role, target)]
        if rows[0].width > width:  # a title, and below it what is known
            below = Line((Piece("  "), facts), role, target)
            rows = [*wrap(Line((mark, title), role, target), width, 4), *wrap(below, width, 4)]
        for text, role in self._more(book, here or full):
            rows += wrap(Line.of(Piece("    "), Piece(text, role), target=target), width, 6)
        return [*rows, *([BLANK] if here or full else [])]

    def _more(self, book: Book, full: bool) -> Iterator[tuple[str, str]]:
        """What stands below a title."""
        if book.problem:
            yield printable(f"cannot be used: {book.problem}"), "warning"
        elif book.due:
            yield printable(f"asks first: {book.first}"), "dim"
        elif full:
            yield from ((one, "dim") for one in self._needs(book))
            yield from ((f"- {printable(one)}", "dim") for one in book.objectives)

    def _needs(self, book: Book) -> Iterator[str]:
        glyphs = self.gradtui.glyphs
        signs = {True: f"{glyphs.same} done: ", False: f"{glyphs.differs} not done yet: ", None: ""}
        for need in book.needs:
            yield printable(f"needs: {signs[need.done]}{need.words}")

    # choosing

    def on_key(self, event: events.Key) -> None:
        letter = event.character if event.is_printable else None
        begins = letter is not None and letter not in OWN and letter.strip() != ""
        if event.key == "escape" and self.searching:
            self.searching = False
            self.field.fill("")
        elif self.searching and event.key not in ("up", "down", "enter"):
            if not self.field.key(event.key, letter):
                return
        elif begins:
            self.searching = True
            self.field.insert("" if letter == "/" else letter or "")
        else:
            return
        event.stop()
        event.prevent_default()
        self._sift()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.searching = True
        self.field.insert(event.text)
        self._sift()

    def _sift(self) -> None:
        """Show the lessons that are looked for."""
        self.books, self.at = tuple(matching(self.all, self.field.text)), 0
        self._draw()

    def action_move(self, by: int) -> None:
        last = len(self.books) - 1
        to = self.at + by
        around = {-1: last, last + 1: 0}.get(to, max(0, min(to, last)))
        self.at = max(0, around)
        self._draw()

    def action_choose(self) -> None:
        if self.books and not self.books[self.at].problem:
            book = self.books[self.at]
            self.gradtui.open(book.path, book.reviews)

    def action_back(self) -> None:
        app = self.gradtui
        if app.player.session is not None:
            if app.screen is self:
                self.dismiss(None)
        else:
            app.exit(0)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        self.at = int(message.target.argument or 0)
        self.action_choose()


def _facts(book: Book) -> Iterator[str]:
    """How long it takes, and how far one is."""
    if book.due:
        yield f"{book.dues} prediction{'s' if book.dues > 1 else ''} you missed"
        return
    if book.minutes:
        yield f"{book.minutes} min"
    if book.finished:
        yield "done"
    elif book.begun:
        left = f", left at: {printable(book.left_at)}" if book.left_at else ""
        yield f"{book.done} of {book.steps} steps done{left}"


def open_library(screen: Screen[None]) -> None:
    """Look for lessons on a thread, then show them."""
    app = cast("GradtuiApp", screen.app)

    def look() -> None:
        try:
            screen.post_message(messages.Stocked(app.backstage.shelf()))
        except Exception as error:
            screen.post_message(messages.Failed(f"{type(error).__name__}: {error}"))

    app.typist.hold(PATIENCE)
    screen.run_worker(look, thread=True, exit_on_error=False, exclusive=True, group="library")
