"""Two tapes over the whole screen: the lesson's beside another version's, and why they differ."""

from typing import TYPE_CHECKING, NamedTuple, cast

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer

from gradtui.session.attempts import SOLUTION
from gradtui.session.comparing import Compared, compared
from gradtui.tui import messages
from gradtui.tui.offers import Offer, offers
from gradtui.tui.screens.modal import Modal
from gradtui.tui.views.comparison import Sides, comparison
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen

PAUSE = 0.25  # seconds between two looks at what torch has said meanwhile
KEYS = (
    Offer("Esc", "walk this tape", "leave"),
    Offer("w", "the lesson", "back"),
    Offer("W", "what-ifs", "toggle"),
    Offer("X", "edit", "edit"),
)


class Left(NamedTuple):
    """How the window was left: an action, and the event it is to act on."""

    action: str
    event: int = 0


class ComparisonScreen(Modal[Left]):
    """Gives back what is to be done next."""

    CSS = """
    ComparisonScreen { align: center middle; }
    ComparisonScreen Pane { background: $panel; padding: 0 1; width: 100%; height: 1fr; }
    ComparisonScreen #keys { height: 1; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,enter", "leave('leave')", show=False),
        Binding("w", "leave('back')", show=False),
        Binding("W", "leave('toggle')", show=False),
        Binding("X", "leave('edit')", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space,J", "scroll(10)", show=False),
        Binding("pageup,K", "scroll(-10)", show=False),
        Binding("home,g", "scroll(-100000)", show=False),
        Binding("end,G", "scroll(100000)", show=False),
    ]

    def __init__(self, sides: Sides) -> None:
        super().__init__()
        self.sides = sides
        self.found: Compared | None = None
        self._looking: Timer | None = None
        self._tally = sides.version.tally

    def compose(self) -> ComposeResult:
        yield Pane(id="tapes")
        yield Pane(id="keys", scrolls=False)

    def on_mount(self) -> None:
        self._looking = self.set_interval(PAUSE, self._look)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    @on(messages.Laid)
    def _laid(self, message: messages.Laid) -> None:
        self.found, self.sides = message.compared, replace(self.sides, lesson=message.lesson)
        self._draw()

    def _look(self) -> None:
        """Draw what torch has said since; look no more once it has said all."""
        version = self.sides.version
        if version.tally != self._tally:
            self._tally = version.tally
            self._draw()
        if version.comparison.finished and not version.stale and self._looking is not None:
            self._looking.stop()

    def _draw(self) -> None:
        glyphs = cast("GradtuiApp", self.app).glyphs
        width = max(20, self.app.size.width - 3)
        self.query_one("#tapes", Pane).show(comparison(self.sides, self.found, width, glyphs))
        keys, foot = offers(KEYS, width), self.query_one("#keys", Pane)
        foot.styles.height = len(keys)
        foot.show(keys)

    def action_scroll(self, by: int) -> None:
        self.query_one("#tapes", Pane).scroll_by(by)

    def action_leave(self, action: str) -> None:
        self.dismiss(Left(action))

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        action, argument = message.target
        self.dismiss(Left(action, int(argument or 0)))


def open_comparison(player: "PlayerScreen", session: "Session") -> None:
    """The version being looked at beside the lesson's own."""
    sides = Sides.of(session)
    if sides is None:
        session.notice = "This is the lesson's own tape: there is nothing to compare it with."
        return
    screen = ComparisonScreen(sides)
    other, opening, backstage = session.step_id, player.opening, player.gradtui.backstage

    def lay() -> None:
        take = sides.lesson
        if sides.called == SOLUTION and opening is not None:
            take = backstage.record(opening.solution(session.scene.id))
        laid = compared(take.tape, sides.step, sides.version.tape, other)
        if screen.is_attached:
            screen.post_message(messages.Laid(laid, take))

    def left(how: Left | None) -> None:
        match how:
            case Left("goto", event):
                player.do("goto", event)
            case Left("back", _):
                player.do("what_if")
            case Left("toggle", _):
                player.do("toggle")
            case Left("edit", _):
                player.do("edit")
            case _:
                player.draw()

    player.app.push_screen(screen, left)
    backstage.spawn(lay)
