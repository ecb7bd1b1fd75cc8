"""What-ifs of one's own: the changes that the step's code allows, one or several to be run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.course import toggles
from gradtui.course.toggles import Toggle
from gradtui.language.checker import parse
from gradtui.language.errors import Refused
from gradtui.language.source import Source
from gradtui.session.own import OWN, toggles_of
from gradtui.session.scene import Variant
from gradtui.tui.lines import BLANK, Line, Piece, Target, printable, wrap
from gradtui.tui.offers import Offer, offers
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.screens.player import PlayerScreen

KEYS = (
    Offer("Enter", "run", "run"),
    Offer("space", "tick", "tick"),
    Offer("Esc", "back", "leave"),
)


class TogglesScreen(Modal[tuple[Toggle, ...] | None]):
    """Gives back the changes to make, or None."""

    CSS = """
    TogglesScreen { align: center middle; }
    TogglesScreen #box { width: 92; max-width: 100%; height: auto; max-height: 100%; }
    TogglesScreen Pane { background: $panel; }
    TogglesScreen #keys { height: 1; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,W", "leave", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "move(5)", show=False),
        Binding("pageup", "move(-5)", show=False),
        Binding("space,x", "tick", show=False),
        Binding("enter,f5", "run", show=False),
    ]

    def __init__(self, code: str, found: Sequence[Toggle], ticked: set[str]) -> None:
        """`ticked` are ids; the window changes it."""
        super().__init__()
        self.code, self.found, self.ticked = code, tuple(found), ticked
        self.at, self.wrong = 0, ""
        self.ticked &= {each.id for each in self.found}

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="popup"):
            yield Pane(id="toggles")
            yield Pane(id="keys", scrolls=False)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        width = max(20, min(92, self.app.size.width) - 6)
        lines, focus = self.lines(width)
        pane = self.query_one("#toggles", Pane)
        pane.styles.height = min(len(lines), self.app.size.height - 3)
        pane.show(lines, follow=focus)
        wrong = wrap(Line.of(Piece(self.wrong, "error")), width)
        self.query_one("#keys", Pane).show(wrong if self.wrong else offers(KEYS, width))

    def lines(self, width: int) -> tuple[list[Line], int]:
        """What there is to choose, and the line of the present one."""
        head = "What if this step's code were another? Tick one or several, and run."
        lines = [*wrap(Line.of(Piece(head, "title")), width), BLANK]
        focus = 0
        for at, toggle in enumerate(self.found):
            focus = len(lines) + 2 if at == self.at else focus
            lines += self._rows(at, toggle, width)
        return [*lines, BLANK], focus

    def _rows(self, at: int, toggle: Toggle, width: int) -> list[Line]:
        here = at == self.at
        role, target = ("here" if here else ""), Target("pick", at)
        box = "[x] " if toggle.id in self.ticked else "[ ] "
        lead = (Piece("> " if here else "  ", "marker"), Piece(box, "key"))
        said = Line.of(*lead, printable(toggle.label), role=role, target=target)
        both = (("- ", toggle.before, "dim"), ("+ ", toggle.after, "warning"))
        changes = [
            Line.of(" " * 6, Piece(sign + printable(text), kind), role=role, target=target)
            for sign, text, kind in both
        ]
        return [row for line in (said, *changes) for row in wrap(line, width, 8)]

    # doing

    def action_move(self, by: int) -> None:
        self.at = max(0, min(self.at + by, len(self.found) - 1))
        self._draw()

    def action_tick(self) -> None:
        self.ticked ^= {self.found[self.at].id}
        self.wrong = self._clash()
        if self.wrong:
            self.ticked ^= {self.found[self.at].id}
        self._draw()

    @property
    def chosen(self) -> tuple[Toggle, ...]:
        """Those that are ticked; where none is, the present one."""
        ticked = tuple(each for each in self.found if each.id in self.ticked)
        return ticked or (self.found[self.at],)

    def _clash(self) -> str:
        try:
            parse(Source("code", toggles.changed(self.code, self.chosen)))
        except Refused:
            return "These do not go together: they change the same lines."
        return ""

    def action_run(self) -> None:
        self.dismiss(self.chosen)

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        match message.target.action:
            case "pick":
                self.at = int(message.target.argument or 0)
                self.action_tick()
            case "tick":
                self.action_tick()
            case "run":
                self.action_run()
            case _:
                self.action_leave()


def open_toggles(player: "PlayerScreen", session: "Session") -> None:
    """The changes the present step's code allows; in another version, that beside the lesson's."""
    found = toggles_of(session)
    if not found:
        session.notice = "This step's code has nothing to put in or take out. X edits it freely."
        return

    def chosen(those: tuple[Toggle, ...] | None) -> None:
        if those:
            code = toggles.changed(session.scene.code, those)
            player.run_version(Variant(OWN, heading(those), code, mine=True))

    ticked = session.bench.ticked.setdefault(session.scene.id, set())
    player.app.push_screen(TogglesScreen(session.scene.code, found, ticked), chosen)


def heading(chosen: Sequence[Toggle]) -> str:
    """What stands over the version with these changes."""
    names = [f"without {t.before}" if t.after == toggles.GONE else t.after for t in chosen]
    return f"What if: {'; '.join(names)}"
