"""Predict before reveal: the question, the answer, hints one after another, a way to skip."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.session.answers import Asked, Asking
from gradtui.session.drill import Outcome
from gradtui.tui.field import Field
from gradtui.tui.lines import BLANK, Line, Piece, Target, dense, printable, wrap
from gradtui.tui.offers import Offer, offers
from gradtui.tui.screens.choice import KEYS, Choice, ChoiceScreen
from gradtui.tui.screens.typing import TypingScreen
from gradtui.tui.views.story import markdown
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen

Heard: TypeAlias = Callable[[str, bool, int], None]
LONGEST = 2_000  # characters of an answer


class AskScreen(TypingScreen[bool | None]):
    """Gives back whether the question is done with: answered, or its answer looked at.

    With `stops` there is a key that ends all questions of this sort, and gives back None.
    """

    CSS = """
    AskScreen { align: center middle; }
    AskScreen #box { width: 76; max-width: 100%; }
    AskScreen #box { height: auto; max-height: 100%; }
    AskScreen Pane { background: $panel; }
    AskScreen #field { height: 1; background: $here; }
    AskScreen.-silent #field { display: none; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("f2,ctrl+t", "hint(1)", show=False),
        Binding("f3", "hint(-1)", show=False),
        Binding("f4,ctrl+r", "reveal", show=False),
        Binding("f6,ctrl+x", "stop", show=False),
        Binding("up,pageup", "scroll(-3)", show=False),
        Binding("down,pagedown", "scroll(3)", show=False),
    ]

    def __init__(self, asking: Asked, heard: Heard, stops: bool = False, heading: str = "") -> None:
        """`heard` is told what was answered, whether it was right, and how many hints were read."""
        super().__init__()
        self.asking, self.heard, self.stops = asking, heard, stops
        self.heading = heading or asking.heading
        self.field = Field(longest=LONGEST)
        self.hint = -1
        self.reply: Line | None = None
        self.answer = ""  # once it was looked at
        self.said = ""
        self.done = False

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="popup"):
            yield Pane(id="question")
            yield Pane(id="field", scrolls=False)
            yield Pane(id="answer")
            yield Pane(id="keys", scrolls=False)

    def on_mount(self) -> None:
        self._draw()  # so high from the first frame on: what is clicked does not move

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = min(76, self.app.size.width) - 6
        glyphs = cast("GradtuiApp", self.app).glyphs
        question = [Line.of(Piece(self.heading, "title")), BLANK]
        question += markdown(self.asking.prompt, width, glyphs)
        for number, option in enumerate(self.asking.options, 1):
            target = Target("option", number)
            lead = Line.of(Piece(f" {number} ", "key"), " ", target=target)
            question += _told(lead, option, width)
        question.append(BLANK)
        answer = self._answer(width)
        keys = offers(self._offers(), width)
        room = max(4, self.app.size.height - 3 - len(keys))  # without field, keys and border
        answer = dense(answer, len(question) + len(answer) - room)
        question = dense(question, len(question) + len(answer) - room)
        below = min(len(answer), max(room - len(question), room // 2))
        self._fill("question", question, room - below, len(question) - 1)
        self._fill("field", [self.field.line(width, self.asking.form)], 1)
        self.set_class(self.done and not self.field.text, "-silent")
        self._fill("answer", answer, below)
        self._fill("keys", keys, 3)

    def _offers(self) -> Iterator[Offer]:
        """What the keys do now."""
        if self.done:
            yield Offer("Enter", "go on", "leave")
            return
        yield Offer("Enter", "answer", "enter")
        yield Offer("Esc", "skip", "leave")
        hints = self.asking.hints
        if hints:
            yield Offer("F2", f"hint {self.hint + 1}/{hints}", "hint")
        if self.hint > 0:
            yield Offer("F3", "the one before", "previous")
        yield Offer("F4", "show the answer", "reveal")
        if self.stops:
            yield Offer("F6", "ask no more", "stop")

    def _fill(self, id: str, lines: list[Line], most: int, follow: int | None = None) -> None:
        for pane in self.query(f"#{id}").results(Pane):  # none yet, for keys typed ahead
            pane.styles.height = min(max(1, len(lines)), max(1, most))
            pane.show(lines, follow=follow)

    def _answer(self, width: int) -> list[Line]:
        glyphs = cast("GradtuiApp", self.app).glyphs
        lines = [BLANK]
        if self.reply is not None:
            lines += _told(self.reply, self.answer, width)
        if self.said:
            lines += markdown(self.said, width, glyphs)
        if self.done and self.asking.worked:
            lines += [BLANK, *markdown(self.asking.worked, width, glyphs)]
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
        if self.asking.options and not reply.right:
            self.field.fill("")  # the next number is not meant to stand beside this one
        self.heard(given, reply.right, self.hint + 1)
        self._draw()

    def action_hint(self, by: int) -> None:
        self.hint = max(0, min(self.hint + by, self.asking.hints - 1))
        self._draw()

    def action_reveal(self) -> None:
        self.reply = Line.of(Piece("The answer: ", "heading"))
        self.answer, self.said, self.done = self.asking.answer, "", True
        self.heard("", False, self.hint + 1)
        self._draw()

    def action_scroll(self, by: int) -> None:
        for pane in self.query("#question, #answer").results(Pane):
            pane.scroll_by(by)

    def action_leave(self) -> None:
        self.dismiss(self.done)

    def action_stop(self) -> None:
        if self.stops:
            self.dismiss(None)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        match message.target.action:
            case "enter":
                self.entered()
            case "option":
                self._judge(str(message.target.argument))
            case "hint":
                self.action_hint(1)
            case "previous":
                self.action_hint(-1)
            case "stop":
                self.action_stop()
            case "reveal":
                self.action_reveal()
            case _:
                self.action_leave()


def _told(lead: Line, text: str, width: int) -> list[Line]:
    """A text behind its lead: where it has several lines, each stands below the other."""
    rows = text.split("\n")
    hang = lead.width
    made = wrap(lead._replace(pieces=(*lead.pieces, Piece(printable(rows[0])))), width, hang)
    for row in rows[1:]:
        rest = Line.of(Piece(" " * hang), Piece(printable(row)), target=lead.target)
        made += wrap(rest, width, hang + len(row) - len(row.lstrip()))
    return made


def open_question(player: "PlayerScreen", session: "Session") -> None:
    """Ask the present step's question; where there is none, those that were skipped."""
    asking = Asking.of(session)
    if asking is None:
        _open_skipped(player, session)
        return

    def answered(done: bool) -> None:
        if not done:
            session.notice = f"Skipped; {player.gradtui.glyphs.key('ask')} comes back to it."
        player.draw()

    _put(player, session, asking, answered)


def open_review(player: "PlayerScreen", session: "Session", steps: Sequence[str]) -> None:
    """Ask the questions of these steps, one after another; Esc leaves the rest for later."""
    known = [step for step in steps if any(scene.id == step for scene in session.scenes)]
    _review(player, session, known, 0)


def _review(player: "PlayerScreen", session: "Session", steps: Sequence[str], at: int) -> None:
    left = len(steps) - at
    if left:
        player.do("step_named", steps[at])
    asking = Asking.of(session) if left else None
    if asking is None:
        player.notice("Reviewed. What you missed again comes back when it is due.")
        return

    def answered(done: bool) -> None:
        if done:
            _review(player, session, steps, at + 1)
        else:
            key = player.gradtui.glyphs.key("library")
            player.notice(
                f"{left} left to review; {key} comes back to {'them' if left > 1 else 'it'}."
            )

    _put(
        player, session, asking, answered, f"Review {at + 1} of {len(steps)}: {session.scene.title}"
    )


def _put(
    player: "PlayerScreen",
    session: "Session",
    asking: Asking,
    then: Callable[[bool], None],
    heading: str = "",
) -> None:
    """Ask a step's question, keep what is answered, and then go on."""

    def answered(done: bool | None) -> None:
        if done:
            session.answer(asking.step)
        else:
            session.pass_over([asking.step])
        then(bool(done))

    def heard(given: str, right: bool, hints: int) -> None:
        if player.memory is not None:
            player.memory.answer(asking.step, given, right, hints)

    player.app.push_screen(AskScreen(asking, heard, heading=printable(heading)), answered)


def _open_skipped(player: "PlayerScreen", session: "Session") -> None:
    """The questions that were passed over, to go back to one."""
    skipped = [scene for scene in session.scenes if scene.id in session.skipped]
    if not skipped or session.variant is not None:
        session.notice = "This step asks nothing."
        return
    choices = [Choice(key, scene.title) for key, scene in zip(KEYS, skipped, strict=False)]

    def chosen(key: str | None) -> None:
        if key is not None:
            player.do("step_named", skipped[KEYS.index(key)].id)
            player.do("ask")

    heading = "This step asks nothing. Questions you skipped"
    player.app.push_screen(ChoiceScreen(heading, choices), chosen)


def open_drill(player: "PlayerScreen", session: "Session") -> bool:
    """Ask about the node that comes next, if nodes are asked about; whether there was a question."""
    take = session.take
    asking = session.drill.due(take, session.position) if take is not None else None
    if asking is None:
        return False
    tries: list[bool] = []

    def answered(done: bool | None) -> None:
        if done is None:
            session.drill.toggle()
        else:
            missed: Outcome = "missed" if done else "skipped"
            session.drill.settle(asking, "right" if tries[:1] == [True] else missed)
        player.do("forward")

    heard: Heard = lambda given, right, hints: tries.append(right and not hints)  # noqa: E731
    session.playing = False
    player.app.push_screen(AskScreen(asking, heard, stops=True), answered)
    return True
