"""Code to complete: an editor, what came of running it, hints one after another, a solution.

What an attempt did can be walked, solved or not, and compared there with the solution.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.session import Take, Variant
from gradtui.session.attempts import NAME, Checked, Outcome, Trying
from gradtui.tui.lines import BLANK, Line, Piece, dense, printable, wrap
from gradtui.tui.offers import Offer, offers
from gradtui.tui.screens.modal import Modal
from gradtui.tui.sharing import shared
from gradtui.tui.views.story import markdown
from gradtui.tui.widgets.editor import Editor
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen

Came: TypeAlias = Callable[[Take], None]
Runner: TypeAlias = Callable[[str, Came], None]

MOST_OUTPUT = 40  # lines of what it printed
LEAST = (2, 3, 2)  # lines of the task, the editor and what came of it
SCROLL = Offer("Ctrl-Down", "scroll", "scroll")


class ExerciseScreen(Modal[bool]):
    """Gives back whether the exercise is done with: solved, or its solution looked at."""

    CSS = """
    ExerciseScreen { align: center middle; }
    ExerciseScreen #box { width: 86; max-width: 100%; }
    ExerciseScreen #box { height: auto; max-height: 100%; }
    ExerciseScreen Pane { background: $panel; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("f5,ctrl+r", "run", show=False),
        Binding("f2,ctrl+t", "hint(1)", show=False),
        Binding("f3", "hint(-1)", show=False),
        Binding("f4", "reveal", show=False),
        Binding("f8", "look", show=False),
        Binding("ctrl+up", "scroll(-3)", show=False),
        Binding("ctrl+down", "scroll(3)", show=False),
    ]

    def __init__(self, trying: Trying, run: Runner) -> None:
        super().__init__()
        self.trying, self._run = trying, run
        self.hint = -1
        self.running = self.done = False
        self.outcome: Outcome | None = None
        self.take: Take | None = None  # of what ran last
        self.ran = ""  # its code
        self.walks = False  # whether its tape is to be looked at
        self.last: Literal["hint", "run"] = "run"  # what was asked for last, to be seen

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="popup"):
            yield Pane(id="task")
            yield Editor(self.trying.task.starter)
            yield Pane(id="outcome")
            yield Pane(id="keys", scrolls=False)

    @property
    def code(self) -> str:
        """What stands in the editor."""
        return self.query_one(Editor).code

    def on_mount(self) -> None:
        self._draw()  # so high from the first frame on: what is clicked does not move
        self.query_one(Editor).focus()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    @on(Editor.Changed)
    def _changed(self) -> None:
        self._draw()

    # drawing

    def _draw(self) -> None:
        width = min(86, self.app.size.width) - 6
        glyphs = cast("GradtuiApp", self.app).glyphs
        task = [Line.of(Piece("Exercise", "title")), BLANK]
        task += [*markdown(self.trying.say, width, glyphs), BLANK]
        below = [BLANK, *self._came_of_it(width), *self._hinted(width), BLANK]
        editor = self.query_one(Editor)
        code = editor.text.count("\n") + 2
        keys = offers(self._offers(), width)
        room = self.app.size.height - 2 - len(keys)
        below = dense(below, len(task) + code + len(below) - room)
        task = dense(task, len(task) + code + len(below) - room)
        if len(task) + code + len(below) > room:
            keys = offers((*self._offers(), SCROLL), width)
            room = self.app.size.height - 2 - len(keys)
        heights = shared(room, (len(task), code, len(below)), LEAST)
        editor.styles.height = heights[1]
        self._fill("task", task, heights[0])
        newest = len(below) - 1 if self.last == "hint" else 0
        self._fill("outcome", below, heights[2], newest)
        self._fill("keys", keys, len(keys))

    def _fill(self, id: str, lines: list[Line], height: int, follow: int | None = None) -> None:
        pane = self.query_one(f"#{id}", Pane)
        pane.styles.height = height
        pane.show(lines)
        pane.follow(follow, margin=0, height=height)

    def _offers(self) -> Iterator[Offer]:
        yield Offer("F5", "run", "run")
        if self.trying.hints:
            yield Offer("F2", f"hint {self.hint + 1}/{self.trying.hints}", "hint")
        if self.hint > 0:
            yield Offer("F3", "the one before", "previous")
        yield Offer("F4", "show a solution", "reveal")
        if self._has_tape:
            yield Offer("F8", "its tape", "look")
        yield Offer("Esc", "back", "leave")

    @property
    def _has_tape(self) -> bool:
        """Whether what ran last came to its own code."""
        name = f"{self.trying.step}/{NAME}"
        return self.take is not None and name in self.take.ranges

    def _came_of_it(self, width: int) -> list[Line]:
        if self.running:
            return [Line.of(Piece("running" + self._glyph("ellipsis"), "dim"))]
        return [] if self.outcome is None else self._told(self.outcome, width)

    def _hinted(self, width: int) -> list[Line]:
        if self.hint < 0:
            return []
        heading = f"Hint {self.hint + 1} of {self.trying.hints}"
        glyphs = cast("GradtuiApp", self.app).glyphs
        said = markdown(self.trying.hint(self.hint), width, glyphs)
        return [BLANK, Line.of(Piece(heading, "heading")), *said]

    def _told(self, outcome: Outcome, width: int) -> list[Line]:
        lines = []
        if outcome.solved:
            words = "Solved. Esc goes to its replay."
            lines.append(Line.of(Piece(f"{self._sign(True)} {words}", "good")))
        for check in outcome.checks:
            lines += wrap(self._check(check), width, 4)
        if outcome.error:
            lines += wrap(Line.of(Piece(printable(outcome.error), "error")), width, 4)
        for text in outcome.printed.splitlines()[-MOST_OUTPUT:]:
            lines += wrap(Line.of(Piece("| ", "faint"), Piece(printable(text), "output")), width, 2)
        return lines

    def _check(self, check: Checked) -> Line:
        sign = Piece(self._sign(check.passed) + " ")
        said = f" gives {printable(check.said)}" if check.said and not check.passed else ""
        role = "good" if check.passed else "warning"
        return Line.of(
            sign._replace(role=role), Piece(printable(check.expression)), Piece(said, "dim")
        )

    def _sign(self, passed: bool) -> str:
        if cast("GradtuiApp", self.app).glyphs.ascii:
            return "[x]" if passed else "[ ]"
        return self._glyph("same" if passed else "differs")

    def _glyph(self, name: str) -> str:
        return str(getattr(cast("GradtuiApp", self.app).glyphs, name))

    # doing

    def action_run(self) -> None:
        if not self.running:
            self.running, self.ran, self.last = True, self.code, "run"
            self._run(self.ran, self._came)
            self._draw()

    def _came(self, take: Take) -> None:
        self.running, self.take = False, take
        self.outcome = self.trying.judge(take)
        self.done = self.done or self.outcome.solved
        self._draw()

    def action_hint(self, by: int) -> None:
        self.hint, self.last = max(0, min(self.hint + by, self.trying.hints - 1)), "hint"
        self._draw()

    def action_scroll(self, by: int) -> None:
        for pane in self.query("#task, #outcome").results(Pane):
            pane.scroll_by(by)

    def action_look(self) -> None:
        """Walk the tape of what ran last."""
        if self._has_tape and not self.running:
            self.walks = True
            self.dismiss(self.done)

    def action_reveal(self) -> None:
        self.query_one(Editor).put(self.trying.task.solution)
        self.done = True
        self._draw()

    def action_leave(self) -> None:
        self.dismiss(self.done)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        match message.target.action:
            case "run":
                self.action_run()
            case "reveal":
                self.action_reveal()
            case "hint":
                self.action_hint(1)
            case "look":
                self.action_look()
            case "scroll":
                self.action_scroll(3)
            case "previous":
                self.action_hint(-1)
            case _:
                self.action_leave()


def _runner(player: "PlayerScreen", step: str) -> Runner:
    """Runs attempts behind the screen."""

    def run(code: str, came: Came) -> None:
        opening = player.opening
        if opening is not None:
            player.when_attempted = came
            player.gradtui.backstage.attempt(opening.attempt(step, code))

    return run


def open_exercise(player: "PlayerScreen", session: "Session") -> None:
    """The present step's exercise, if it has one."""
    trying = Trying.of(session)
    if trying is None:
        session.notice = "This step has no exercise."
        return
    screen = ExerciseScreen(trying, _runner(player, trying.step))

    def left(done: bool | None) -> None:
        outcome, take = screen.outcome, screen.take
        if done:
            session.solved.add(trying.step)
        solved = outcome is not None and outcome.solved
        if take is not None and (solved or screen.walks):
            session.try_variant(Variant(NAME, "Your code", screen.ran, mine=True), take)
        player.draw()

    player.app.push_screen(screen, left)
