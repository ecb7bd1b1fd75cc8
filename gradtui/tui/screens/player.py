"""The player: prose and code at the left; tape, card and ledger at the right; time below."""

import gc
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer

from gradtui.tui import messages
from gradtui.tui.actions import ACTIONS
from gradtui.tui.lines import Line, Piece
from gradtui.tui.screens.commands import Commands
from gradtui.tui.screens.looking import Looking
from gradtui.tui.shims import paint_now
from gradtui.tui.views import frame
from gradtui.tui.widgets.pane import Pane
from gradtui.tui.widgets.tape import TapePane
from gradtui.tui.widgets.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradtui.course.programs import Earlier
    from gradtui.course.progress import Place
    from gradtui.session import Session, Take, Variant
    from gradtui.session.own import Version
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.memory import Memory
    from gradtui.tui.opening import Opening

SMALLEST = (40, 12)
WIDE = (100, 24)  # from which the panes stand side by side
HUGE = 160  # columns from which there are three columns of panes
PANES = tuple(id for id, _ in frame.PANES)
COUNTED = 200_000  # verdicts a second that are counted at most
KEPT = 0.3  # seconds after a move in which the place is kept
SOON = 0.05  # seconds in which torch's answers are gathered before they are drawn


class PlayerScreen(Screen[None]):
    """Draws a session and sends it actions."""

    AUTO_FOCUS = None
    BINDINGS = [  # noqa: RUF012
        Binding(
            ",".join(action.keys),
            f"do('{action.id}')",
            action.label,
            id=action.id,
            tooltip=action.help,
            show=bool(action.footer),
        )
        for action in ACTIONS
    ]

    def __init__(self, title: str, review: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.heading = title
        self.review = review  # the steps whose questions are asked at once
        self.opening: Opening | None = None
        self.session: Session | None = None
        self.pane = "tape"
        self.zoomed = False
        self.commands = Commands(self)
        self.looking = Looking(self)
        self.when_attempted: Callable[[Take], None] | None = None
        self.when_run: Callable[[Version], None] | None = None
        self.memory: Memory | None = None
        self._place: Place | None = None
        self._ended: set[str] = set()  # scenes seen to their end
        self._keeping: Timer | None = None
        self._unsaid = ""
        self._turns: list[messages.TorchTurned] = []
        self._soon: Timer | None = None
        self._beat: Timer | None = None

    @property
    def gradtui(self) -> "GradtuiApp":
        return cast("GradtuiApp", self.app)

    # panes

    def compose(self) -> ComposeResult:
        self.set_class(self.gradtui.glyphs.ascii, "-ascii")
        self._arrange()  # before the panes are there, so that they are laid out once
        yield Pane(id="header", classes="bar", scrolls=False)
        with Container(id="body"):
            yield Pane(id="story")
            with Container(id="side"):
                with Container(id="tape-box"):
                    yield Pane(id="tape-head", classes="bar", scrolls=False)
                    yield TapePane(id="tape")
                with Container(id="facts"):
                    yield Pane(id="card-head", classes="bar", scrolls=False)
                    yield Pane(id="card")
                    yield Pane(id="ledger-head", classes="bar", scrolls=False)
                    yield Pane(id="ledger")
        yield from self.between()
        yield Pane(id="steps", classes="bar", scrolls=False)
        yield Timeline(id="timeline", classes="bar", scrolls=False)
        yield Pane(id="status", classes="bar", scrolls=False)
        yield Pane(id="footer", classes="bar", scrolls=False)
        yield Pane(id="small", classes="bar", scrolls=False)

    def between(self) -> ComposeResult:
        """What stands between the panes and the bars."""
        yield from ()

    def text(self, id: str) -> Pane:
        return self.query_one(f"#{id}", Pane)

    bar = text

    @property
    def folded(self) -> bool:
        """Whether tape, card and ledger take turns in one place."""
        return self.has_class("-folded")

    def shows(self, pane: str) -> bool:
        return not self.folded or pane == self.pane

    def on_resize(self, event: events.Resize) -> None:
        self.lay_out()
        if self.session is None:
            self.draw()  # the bars, which need no panes: so they are in the first frame
        self.call_after_refresh(self.draw)

    def lay_out(self) -> None:
        """Arrange the panes for the present size."""
        self._arrange()
        width, height = self.app.size
        if self.has_class("-small"):
            least = f"gradtui needs at least {SMALLEST[0]}×{SMALLEST[1]}"
            more = f"; this is {width}×{height}" if width >= SMALLEST[0] + 8 else ""
            self.text("small").show([Line.of(Piece(least + more))])

    def _arrange(self) -> None:
        width, height = self.app.size
        small = width < SMALLEST[0] or height < SMALLEST[1]
        self.set_class(small, "-small")
        self.set_class(self.zoomed or width < WIDE[0] or height < WIDE[1], "-folded")
        self.set_class(width >= HUGE and not self.zoomed, "-huge")
        self.set_class(self.zoomed, "-zoomed")
        for pane in PANES:
            self.set_class(pane == self.pane, f"-{pane}")

    # drawing

    def draw(self) -> None:
        """Show the present moment."""
        glyphs, width = self.gradtui.glyphs, self.size.width
        if self.has_class("-small") or not self.is_attached:
            return
        self.text("footer").show([frame.footer(width, glyphs)])
        if self.session is None:
            self.text("header").show([frame.header(self.heading, "", width)])
            self.text("status").show([Line.of(Piece(" opening" + glyphs.ellipsis), role="bar")])
            return
        from gradtui.tui.drawing import draw  # loaded by then, on another thread

        draw(self, self.session.snapshot(), glyphs)
        paint_now(self, self.query(Pane))
        self.looking.rest(self.session)

    def draw_soon(self) -> None:
        """Draw once for all that torch says in the next moment."""
        if self._soon is None:
            take = self.session.take if self.session is not None else None
            length = len(take.tape) if take is not None else 0
            self._soon = self.set_timer(max(SOON, length / COUNTED), self._draw_now)

    def _draw_now(self) -> None:
        self._soon = None
        if self.session is not None and self.session.take is not None:
            self.session.take.count()
        self.draw()

    # what is found out behind the screen

    @on(messages.Opened)
    def _opened(self, message: messages.Opened) -> None:
        self.opening, self.session = message.opening, message.opening.session
        for turned in self._turns:
            self.session.torch_turned(turned.phase, turned.reason, turned.version)
        self.draw()

    @on(messages.Recorded)
    def _recorded(self, message: messages.Recorded) -> None:
        if self.session is not None:
            self.session.recorded(message.take)
            self._resume()
            self._say()
            self.draw()
            self.commands.catch_up()
            self._review()
            gc.freeze()
        gc.enable()
        self.gradtui.typist.release()

    @on(messages.Remembered)
    def _remembered(self, message: messages.Remembered) -> None:
        self.memory, self._place = message.memory, message.place
        if self.session is not None:
            self.session.answered |= set(message.answered)
            self._ended |= set(message.memory.finished())
            self.session.pass_over(self._ended)

    @on(messages.Told)
    def _told(self, message: messages.Told) -> None:
        if self.session is None or self.session.take is None:
            self._unsaid = message.line  # opening the lesson would wipe it away
        else:
            self.notice(message.line)

    def _resume(self) -> None:
        """Go to where the lesson was left."""
        from gradtui.session.continuing import resume  # loaded by then, on another thread

        place, self._place = self._place, None
        if self.session is None or place is None:
            return
        if resume(self.session, place.step, place.event) and self.session.at:
            key = self.gradtui.glyphs.key("start")
            self.session.notice = f"Resumed where you left. {key}: the start of the lesson"

    def go_back_to(self, step: str, event: int) -> None:
        """Go to a place of the lesson that was kept."""
        from gradtui.session.continuing import resume

        if self.session is None:
            return
        self.session.leave_variant()
        if not resume(self.session, step, event):
            self.session.notice = f"The lesson has no step {step} any more."
        self.draw()
        self.keep()

    def _review(self) -> None:
        """Ask the questions that are to be asked again."""
        steps, self.review = self.review, ()
        if steps and self.session is not None:
            from gradtui.tui.screens.ask import open_review

            open_review(self, self.session, steps)

    def untold(self) -> tuple[str, ...]:
        """What there was to say before there was a lesson to say it in."""
        known = self.gradtui.settings.told
        return (self._unsaid,) if self._unsaid not in ("", known) else ()

    def _say(self) -> None:
        """What could not be said while the lesson was being opened."""
        line, self._unsaid = self._unsaid, ""
        if self.session is not None and line:
            self.session.notice = line

    def keep(self) -> None:
        """Remember, soon, where the lesson is; and at once what of it is done."""
        session = self.session
        if session is None or session.take is None:
            return
        finished = session.variant is None and session.snapshot().finished
        session.pass_over(self._ended - {session.scene.id})
        if finished:
            self._ended.add(session.scene.id)
        if self.memory is None:
            return
        if finished:
            self.memory.finish(session.scene.id)
        if self._keeping is None:
            self._keeping = self.set_timer(KEPT, self.stand)

    def stand(self) -> None:
        """Remember where the lesson is."""
        from gradtui.session.continuing import standing

        self._keeping = None
        if self.memory is not None and self.session is not None and self.session.main is not None:
            self.memory.stand(*standing(self.session))

    def forget(self) -> None:
        """Keep what is left to keep: the lesson is being left."""
        self.stand()
        if self.memory is not None:
            self.memory.close()
            self.memory = None

    @on(messages.Heard)
    def _heard(self, message: messages.Heard) -> None:
        if self.session is not None:
            self.session.heard(message.events, message.take)
            self.draw_soon()

    @on(messages.Looked)
    def _looked(self, message: messages.Looked) -> None:
        self.looking.answered(message)
        self.draw()

    @on(messages.Filled)
    def _filled(self, message: messages.Filled) -> None:
        self.looking.filled(message)
        self.draw()

    @on(messages.Marked)
    def _marked(self, message: messages.Marked) -> None:
        if self.session is not None:
            self.session.mark(message.take, message.changed)
            self.draw()

    @on(messages.HeardAll)
    def _heard_all(self, message: messages.HeardAll) -> None:
        if self.session is not None:
            self.session.heard_all(message.reason, message.take)
            self.draw_soon()

    @on(messages.TorchTurned)
    def _torch_turned(self, message: messages.TorchTurned) -> None:
        if self.session is None:
            self._turns.append(message)
        else:
            self.session.torch_turned(message.phase, message.reason, message.version)
            self.draw_soon()

    @on(messages.Varied)
    def _varied(self, message: messages.Varied) -> None:
        session = self.session
        variant = session.scene.variant(message.variant) if session else None
        if session is not None and variant is not None and session.scene.id == message.step:
            session.try_variant(variant, message.take)
            self.draw()
        self.gradtui.typist.release()

    def run_version(
        self,
        variant: "Variant",
        earlier: "Earlier" = (),
        then: "Callable[[Version], None] | None" = None,
    ) -> None:
        """Run a version of the present step that is the learner's own; then show it, or `then`."""
        from gradtui.course.programs import edited  # loaded by then, on another thread

        session = self.session
        if session is None or session.main is None or session.main.program is None:
            return
        self.when_run = then
        self.notice("Running your version…")
        step = session.scene.id
        program = edited(session.main.program, step, variant.code, variant.id, earlier)
        self.gradtui.backstage.version(step, variant, program, earlier)

    @on(messages.Versioned)
    def _versioned(self, message: messages.Versioned) -> None:
        session, then, self.when_run = self.session, self.when_run, None
        if session is None:
            return
        session.notice = ""
        self.draw()
        if then is not None:
            then(message.version)
        elif session.scene.id == message.step:
            self.look_at(message.version)

    def look_at(self, version: "Version") -> None:
        """Keep a version, and compare it with the lesson's."""
        from gradtui.session.own import keep
        from gradtui.tui.screens.comparison import open_comparison

        if self.session is not None and self.app.screen is self:
            keep(self.session, version)
            self.draw()
            open_comparison(self, self.session)

    @on(messages.Attempted)
    def _attempted(self, message: messages.Attempted) -> None:
        came, self.when_attempted = self.when_attempted, None
        if came is not None:
            came(message.take)

    @on(messages.Failed)
    def _failed(self, message: messages.Failed) -> None:
        gc.enable()
        self.notice(f"gradtui failed here: {message.reason}")
        self.gradtui.typist.release()

    @on(messages.Broken)
    def _broken(self, message: messages.Broken) -> None:
        gc.enable()
        self.refuse(message.problems)
        self.gradtui.typist.release()

    def refuse(self, problems: tuple[str, ...]) -> None:
        """Say why the lesson cannot be used."""
        from gradtui.tui.screens.problems import ProblemsScreen

        screen = ProblemsScreen(problems)
        self.gradtui.after_welcome(lambda: self.app.push_screen(screen))

    @on(messages.Stocked)
    def _stocked(self, message: messages.Stocked) -> None:
        gc.enable()
        from gradtui.tui.screens.library import LibraryScreen

        screen = LibraryScreen(message.shelf)
        self.gradtui.after_welcome(lambda: self.app.push_screen(screen))
        self.gradtui.typist.release()

    # what is asked for

    def do(self, action: str, argument: int | str | None = None) -> None:
        """Do what an action, or a click, asks for."""
        self.commands.do(action, argument)

    def action_do(self, action: str) -> None:
        self.do(action)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        self.do(*message.target)

    def notice(self, text: str) -> None:
        """One line in place of the event's, until something is done."""
        if self.session is not None:
            self.session.notice = text
            self.draw()
        else:
            self.text("status").show([Line.of(Piece(" " + text), role="bar")])

    # time

    def beat(self) -> None:
        """While playing, a stop at each beat."""
        if self._beat is not None:
            self._beat.stop()
            self._beat = None
        if self.session is not None and self.session.playing:
            self._beat = self.set_timer(1 / self.session.speed, self._tick)

    def _tick(self) -> None:
        self._beat = None
        if self.session is not None and not self.commands.asks(self.session):
            self.session.tick()
            self.draw()
            self.keep()
            self.beat()
