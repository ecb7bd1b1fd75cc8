"""The words of the trade in a window: those under discussion first, any of them by typing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.course.glossary import Word, discussed, glossary, matching
from gradtui.tape import events as e
from gradtui.tape.plain import describe
from gradtui.tui.field import Field
from gradtui.tui.glyphs import in_ascii
from gradtui.tui.lines import BLANK, Line, Piece, Target, printable, wrap
from gradtui.tui.screens.typing import TypingScreen
from gradtui.tui.views.story import markdown
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen

LONGEST = 60  # letters that are looked for
SAYS: dict[type[e.Event], str] = {
    e.NodeRan: "VJP; cotangent; Jacobian",
    e.BackwardBegan: "backward; cotangent",
    e.Accumulated: "accumulate; .grad; leaf",
    e.BackwardEnded: "saved tensor; retain_graph",
    e.Changed: "version",
    e.GradMode: "no_grad",
    e.GradSet: "zero_grad; .grad",
}  # what an event is about, whatever it is called


class GlossaryScreen(TypingScreen[None]):
    """Type to search; a click on a word looks for it."""

    CSS = """
    GlossaryScreen { align: center middle; }
    GlossaryScreen #box { width: 76; max-width: 100%; }
    GlossaryScreen #box { height: auto; max-height: 100%; }
    GlossaryScreen Pane { background: $panel; }
    GlossaryScreen #field { height: 1; background: $here; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,f7", "dismiss(None)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, words: Sequence[Word], here: str) -> None:
        """`here` is the text of what is on screen, whose words come first."""
        super().__init__()
        self.words, self.field = tuple(words), Field(longest=LONGEST)
        self.first = discussed(self.words, here)

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="popup"):
            yield Pane(id="field", scrolls=False)
            yield Pane(id="words")
            yield Pane(id="hint", scrolls=False)

    def on_mount(self) -> None:
        self._draw()  # so high from the first frame on: what is clicked does not move

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = min(76, self.app.size.width) - 6
        room = max(3, self.app.size.height - 5)
        hint = Line.of(Piece("Type to search; arrows scroll; Esc closes", "dim"))
        parts = {
            "field": [self.field.line(width, "a word")],
            "words": [BLANK, *self.lines(width)],
            "hint": [hint],
        }
        for id, lines in parts.items():
            for pane in self.query(f"#{id}").results(Pane):  # none yet, for keys typed ahead
                pane.styles.height = min(len(lines), room) if id == "words" else 1
                pane.show(lines)

    def lines(self, width: int) -> list[Line]:
        """The words that are found, none wider than `width`."""
        found = matching(self.words, self.field.text)
        if not found:
            return [Line.of(Piece("no such word", "dim"))]
        here = [word for word in self.first if word in found]
        rest = [word for word in found if word not in here]
        made: list[Line] = []
        for heading, words in (("Spoken of here", here), ("Others" if here else "", rest)):
            if words and heading:
                made += [Line.of(Piece(heading, "title")), BLANK]
            for word in words:
                made += [*self._word(word, width), BLANK]
        return made[:-1]

    def _word(self, word: Word, width: int) -> list[Line]:
        glyphs = cast("GradtuiApp", self.app).glyphs
        also = f"  also: {', '.join(word.also)}" if word.also else ""
        clean = in_ascii if glyphs.ascii else printable
        pieces = Piece(clean(word.term), "strong"), Piece(clean(also), "dim")
        head = wrap(Line.of(*pieces, target=Target("word", word.term)), width, 2)
        means = markdown(word.means, width - 2, glyphs)
        return [*head, *(Line.of(Piece("  "), *line.pieces) for line in means)]

    def changed(self) -> None:
        self._draw()

    def entered(self) -> None:
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        self.query_one("#words", Pane).scroll_by(by)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        self.field.fill(str(message.target.argument))
        self._draw()


def open_glossary(app: "GradtuiApp") -> bool:
    """The glossary of the open lesson, the words of the moment first; False if it is open."""
    player = app.player
    lesson = player.opening.lesson if player.opening is not None else None
    if isinstance(app.screen, GlossaryScreen):
        return False
    app.push_screen(GlossaryScreen(glossary(lesson), _present(player)))
    return True


def _present(player: "PlayerScreen") -> str:
    """What is being spoken of: the event, then the step's prose and code."""
    session = player.session
    if session is None or session.take is None:
        return ""
    snap = session.snapshot()
    event = snap.event
    about = SAYS.get(type(event), "") if event is not None else ""
    told = describe(session.take.tape, session.position) if not snap.fresh else ""
    return "\n".join([about, told, snap.said, snap.code, snap.explained])
