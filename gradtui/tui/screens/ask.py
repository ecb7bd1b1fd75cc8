"""Predict before reveal: the question, the answer, hints one after another, a way to skip."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.session.answers import Asking
from gradtui.tui.field import Field
from gradtui.tui.lines import BLANK, Line, Piece, Target, printable, wrap
from gradtui.tui.screens.typing import TypingScreen
from gradtui.tui.views.story import markdown
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen

Heard: TypeAlias = Callable[[str, bool, int], None]
LONGEST = 2_000  # characters of an answer
ORDERS = "Type the nodes in the order they run, with spaces between."


class AskScreen(TypingScreen[bool]):
    """Gives back whether the question is done with: answered, or its answer looked at."""

    CSS = """
    AskScreen { align: center middle; }
    AskScreen #box { background: $panel; padding: 1 2; width: 76; max-width: 100%; }
    AskScreen #box { height: auto; max-height: 100%; }
    AskScreen Pane { background: $panel; }
    AskScreen #field { height: 1; background: $here; }
    AskScreen #keys { height: 1; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("f2,ctrl+t", "hint(1)", show=False),
        Binding("f3", "hint(-1)", show=False),
        Binding("f4,ctrl+r", "reveal", show=False),
    ]

    def __init__(self, asking: Asking, heard: Heard) -> None:
        """`heard` is told what was answered, whether it was right, and how many hints were read."""
        super().__init__()
        self.asking, self.heard = asking, heard
        self.field = Field(longest=LONGEST)
        self.hint = -1
        self.reply: Line | None = None
        self.said = ""
        self.done = False

    def compose(self) -> ComposeResult:
        with Container(id="box"):
            yield Pane(id="question")
            yield Pane(id="field", scrolls=False)
            yield Pane(id="answer")
            yield Pane(id="keys", scrolls=False)

    def _placeholder(self) -> str:
        if self.asking.options:
            return "the number of your answer"
        return ORDERS if self.asking.question.kind == "order" else "your answer, then Enter"

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = min(76, self.app.size.width) - 6
        glyphs = cast("GradtuiApp", self.app).glyphs
        question = [Line.of(Piece("Predict", "title")), BLANK]
        question += markdown(self.asking.prompt, width, glyphs)
        for number, option in enumerate(self.asking.options, 1):
            target = Target("option", number)
            question += wrap(
                Line.of(Piece(f" {number} ", "key"), " ", printable(option), target=target),
                width,
                4,
            )
        self._fill("question", [*question, BLANK])
        self._fill("field", [self.field.line(width, self._placeholder())])
        self._fill("answer", self._answer(width))
        keys = [("Esc", "back", "leave"), ("F4", "show the answer", "reveal")]
        keys = [("Enter", "go on", "leave")] if self.done else keys
        if self.asking.hints and not self.done:
            keys.insert(0, ("F2", f"hint {self.hint + 1}/{self.asking.hints}", "hint"))
        line = [
            piece
            for key, label, action in keys
            for piece in (
                Piece(f"{key} ", "key", Target(action)),
                Piece(f"{label}   ", "", Target(action)),
            )
        ]
        self._fill("keys", [Line.of(*line)])

    def _fill(self, id: str, lines: list[Line]) -> None:
        for pane in self.query(f"#{id}").results(Pane):  # none yet, for keys typed ahead
            pane.styles.height = min(max(1, len(lines)), max(3, self.app.size.height - 12))
            pane.show(lines)

    def _answer(self, width: int) -> list[Line]:
        glyphs = cast("GradtuiApp", self.app).glyphs
        lines = [BLANK]
        if self.reply is not None:
            lines += [self.reply]
        if self.said:
            lines += markdown(self.said, width, glyphs)
        if 0 <= self.hint < self.asking.hints and not self.done:
            lines += [
                BLANK,
                Line.of(Piece(f"Hint {self.hint + 1} of {self.asking.hints}", "heading")),
            ]
            lines += markdown(self.asking.hint(self.hint), width, glyphs)
        return [*lines, BLANK]

    def entered(self) -> None:
        if self.done:
            self.action_leave()
        elif self.field.text.strip():
            self._judge(self.field.text)

    def changed(self) -> None:
        self._draw()

    def _judge(self, given: str) -> None:
        reply = self.asking.judge(given)
        glyphs = cast("GradtuiApp", self.app).glyphs
        sign = glyphs.same if reply.right else glyphs.differs
        words = "Right." if reply.right else "Not yet."
        self.reply = Line.of(Piece(f"{sign} {words}", "good" if reply.right else "warning"))
        self.said = reply.say
        self.done = reply.right
        self.heard(given, reply.right, self.hint + 1)
        self._draw()

    def action_hint(self, by: int) -> None:
        self.hint = max(0, min(self.hint + by, self.asking.hints - 1))
        self._draw()

    def action_reveal(self) -> None:
        self.reply = Line.of(Piece("The answer: ", "heading"), Piece(printable(self.asking.answer)))
        self.said, self.done = "", True
        self.heard("", False, self.hint + 1)
        self._draw()

    def action_leave(self) -> None:
        self.dismiss(self.done)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        match message.target.action:
            case "option":
                self._judge(str(message.target.argument))
            case "hint":
                self.action_hint(1)
            case "reveal":
                self.action_reveal()
            case _:
                self.action_leave()


def open_question(player: "PlayerScreen", session: "Session") -> None:
    """Ask the present step's question, if it has one."""
    asking = Asking.of(session)
    if asking is None:
        session.notice = "This step asks nothing."
        return

    def answered(done: bool | None) -> None:
        if done:
            session.answered.add(asking.step)
        player.draw()

    def heard(given: str, right: bool, hints: int) -> None:
        if player.memory is not None:
            player.memory.answer(asking.step, given, right, hints)

    player.app.push_screen(AskScreen(asking, heard), answered)
