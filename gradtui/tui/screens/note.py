"""Bookmarks with words: one made here, or one gone back to."""

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.widgets import Input

from gradtui.tui.lines import Line, Piece
from gradtui.tui.screens.choice import Choice, ChoiceScreen
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.course.progress import Note
    from gradtui.session import Session
    from gradtui.tui.screens.player import PlayerScreen

LONGEST = 500  # characters of a note
SHOWN = 60  # of them in the list
KEYS = "123456789abcdefghijklmnoprstuvwxyz"


class NoteScreen(Modal[str | None]):
    """Gives back the words of a bookmark, perhaps none; None if there is to be no bookmark."""

    CSS = """
    NoteScreen { align: center bottom; }
    NoteScreen #box { background: $panel; padding: 0 1; width: 100%; height: 2; }
    NoteScreen Pane { background: $panel; height: 1; }
    NoteScreen Input { border: none; height: 1; padding: 0; background: $here; }
    """
    BINDINGS = [Binding("escape", "dismiss(None)", show=False)]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        with Container(id="box"):
            yield Pane(id="hint", scrolls=False)
            yield Input(max_length=LONGEST, placeholder="your words, if you like")

    def on_mount(self) -> None:
        self.query_one(Pane).show([Line.of(Piece("Bookmark. Enter keeps it; Esc: back", "dim"))])
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        self.dismiss(message.value.strip())


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
