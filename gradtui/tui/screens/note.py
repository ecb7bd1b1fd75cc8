"""Bookmarks with words: one made here, or one gone back to."""

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding

from gradtui.tui.field import Field
from gradtui.tui.lines import Line, Piece
from gradtui.tui.screens.choice import KEYS, Choice, ChoiceScreen
from gradtui.tui.screens.typing import TypingScreen
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.course.progress import Note
    from gradtui.session import Session
    from gradtui.tui.screens.player import PlayerScreen

LONGEST = 500  # characters of a note
SHOWN = 160  # of them in the list


class NoteScreen(TypingScreen[str | None]):
    """Gives back the words of a bookmark, perhaps none; None if there is to be no bookmark."""

    CSS = """
    NoteScreen { align: center bottom; }
    NoteScreen Pane { height: 3; }
    """
    BINDINGS = [Binding("escape", "dismiss(None)", show=False)]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.field = Field(longest=LONGEST)

    def compose(self) -> ComposeResult:
        yield Pane(id="note", classes="from-below", scrolls=False)

    def on_resize(self, event: events.Resize) -> None:
        self.changed()

    def changed(self) -> None:
        entry = self.field.line(max(10, self.app.size.width - 2), "your words, if you like")
        for pane in self.query(Pane):  # none yet, for keys typed ahead
            hint = Line.of(Piece("Bookmark. Enter keeps it; Esc: back", "dim"))
            pane.show([hint, entry])

    def entered(self) -> None:
        self.dismiss(self.field.text.strip())


def open_note(player: "PlayerScreen", session: "Session") -> None:
    """Bookmark the present event."""
    from gradtui.session.continuing import standing

    memory, (step, event) = player.memory, standing(session)
    if memory is None:
        session.notice = "Bookmarks are kept for lessons, and nothing is kept here."
        return

    def written(words: str | None) -> None:
        if words is not None:
            memory.bookmark(step, event, words)
            player.notice("Bookmarked. M lists them")

    player.app.push_screen(NoteScreen(), written)


def open_notes(player: "PlayerScreen", session: "Session") -> None:
    """Go to a bookmark of this lesson."""
    notes = player.memory.notes() if player.memory is not None else []
    if not notes:
        session.notice = "No bookmarks in this lesson yet. m makes one."
        return
    latest = notes[-len(KEYS) :]
    choices = [Choice(key, _label(session, note)) for key, note in zip(KEYS, latest, strict=False)]

    def chosen(key: str | None) -> None:
        if key is not None:
            note = latest[KEYS.index(key)]
            player.go_back_to(note.step, note.event)

    player.app.push_screen(ChoiceScreen("Bookmarks", choices), chosen)


def _label(session: "Session", note: "Note") -> str:
    """The step it is in, and the words."""
    scenes = (s for s in session.scenes if note.step == s.id or note.step in s.was)
    title = next((scene.title for scene in scenes), f"{note.step} (gone)")
    words = note.words if len(note.words) <= SHOWN else note.words[: SHOWN - 1] + "…"
    return f"{title}: {words}" if words else title
