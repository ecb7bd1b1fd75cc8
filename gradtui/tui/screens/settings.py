"""Settings while the player runs: theme, signs, mouse, and the keys of every action.

What is chosen holds at once and is kept; where it cannot hold at once, the window says so.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.tui.actions import BY_ID, Action, shown
from gradtui.tui.choosing import SETTINGS, Setting, choose, choose_key, own_keys
from gradtui.tui.lines import BLANK, Line, Piece, Target, fit, pad, printable, wrap
from gradtui.tui.screens.modal import Modal
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen

WIDTH = 84
NAMES = 10  # columns for a setting's name
LABELS = 14  # and for an action's
MOVES = (("Enter", "change", "change"), ("Del", "own keys", "own"), ("Esc", "back", "leave"))
WAITS = "Press a key: it is added, or taken away. Del: its own keys. Esc: done."


class SettingsScreen(Modal[None]):
    """A row a setting, a row an action; while `waits`, the next key pressed is the action's."""

    CSS = """
    SettingsScreen { align: center middle; }
    SettingsScreen #box { width: 84; max-width: 100%; height: 100%; max-height: 42; }
    SettingsScreen Pane { background: $panel; }
    SettingsScreen #settings { height: 1fr; }
    SettingsScreen #said { height: 3; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,S", "leave", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("home,g", "move(-1000)", show=False),
        Binding("end,G", "move(1000)", show=False),
        Binding("enter,space,right,l", "change(1)", show=False),
        Binding("left,h", "change(-1)", show=False),
        Binding("delete,backspace", "own", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.at, self.said, self.waits = 0, "", False

    @property
    def gradtui(self) -> "GradtuiApp":
        return cast("GradtuiApp", self.app)

    @property
    def rows(self) -> tuple[Setting | Action, ...]:
        """What can be chosen, in order."""
        return (*SETTINGS, *self.gradtui.glyphs.keymap.actions)

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="popup"):
            yield Pane(id="settings")
            yield Pane(id="said", scrolls=False)

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    # drawing

    def _draw(self) -> None:
        width = max(20, min(WIDTH, self.app.size.width) - 6)
        lines, focus = self.lines(width)
        for pane in self.query("#settings").results(Pane):
            pane.show(lines, follow=focus if self.at else 0)
            pane.follow(focus)
        meant = wrap(Line.of(Piece(self.rows[self.at].help, "dim")), width)[:2]
        foot = fit(self._foot(), width, self.gradtui.glyphs.ellipsis)
        for pane in self.query("#said").results(Pane):
            pane.show([*[BLANK] * (2 - len(meant)), *meant, foot])

    def _foot(self) -> Line:
        if self.waits or self.said:
            return Line.of(Piece(self.said or WAITS, "warning" if self.said else "heading"))
        pieces = (
            Piece(text, role, Target(action))
            for key, label, action in MOVES
            for text, role in ((f"{key} ", "key"), (f"{label}   ", ""))
        )
        return Line.of(*pieces)

    def lines(self, width: int) -> tuple[list[Line], int]:
        """All rows, and the line of the present one."""
        made = [Line.of(Piece("Settings", "title")), *self._kept(width), BLANK]
        focus = 0
        for at, row in enumerate(self.rows):
            if at == len(SETTINGS):
                words = "Keys: Enter on an action, then press a key"
                made += [BLANK, Line.of(Piece(words, "heading"))]
            focus = len(made) if at == self.at else focus
            made += self._row(at, row, width)
        return made, focus

    def _kept(self, width: int) -> Iterator[Line]:
        path = self.gradtui.keeper.path
        where = f"kept in {path}" if path is not None else "not kept: there is no file for them"
        yield fit(Line.of(Piece(printable(where), "dim")), width, self.gradtui.glyphs.ellipsis)
        for problem in self.gradtui.settings.problems:
            told = problem.replace(f"{path}:", "line ", 1)
            yield from wrap(Line.of(Piece("! " + printable(told), "warning")), width, 2)

    def _row(self, at: int, row: Setting | Action, width: int) -> list[Line]:
        here, glyphs = at == self.at, self.gradtui.glyphs
        mark = Piece("> " if here else "  ", "marker")
        made = self._setting(row) if isinstance(row, Setting) else self._action(row, width)
        line = Line((mark, *made), "here" if here else "", Target("pick", at))
        return [fit(line, width, glyphs.ellipsis)]

    def _setting(self, row: Setting) -> Iterator[Piece]:
        yield Piece(pad(row.name, NAMES), "strong")
        now = row.now(self.gradtui)
        for at, value in enumerate(row.values):
            held = at == now
            target = Target(f"value {at}", self.rows.index(row))
            yield Piece(f"[{value}]" if held else f" {value} ", "key" if held else "", target)

    def _action(self, row: Action, width: int) -> Iterator[Piece]:
        glyphs = self.gradtui.glyphs
        keys, own = (
            " ".join(shown(key, glyphs.ascii) for key in each.keys) for each in (row, BY_ID[row.id])
        )
        yield Piece(pad(row.label, LABELS) + " ", "strong")
        yield Piece(pad(keys, 14 if width > 60 else 10, glyphs.ellipsis) + " ", "key")
        yield Piece(f"yours, in place of {own}. " if keys != own else "", "strong")
        yield Piece(row.help, "dim")

    # choosing

    def on_key(self, event: events.Key) -> None:
        if not self.waits:
            return
        event.stop()
        event.prevent_default()
        self.pressed(event.key)

    def pressed(self, key: str) -> None:
        """A key was pressed for the present action."""
        row = self.rows[self.at]
        if key in ("escape", "enter"):
            self.waits, self.said = False, ""
        elif key in ("delete", "backspace"):
            self.waits = False
            self.action_own()
        elif isinstance(row, Action):
            self.said = choose_key(self.gradtui, row.id, key)
            self.waits = bool(self.said)
            self.said += " Another, or Esc." if self.said else ""
        self._draw()

    def action_move(self, by: int) -> None:
        self.at, self.said = max(0, min(self.at + by, len(self.rows) - 1)), ""
        self._draw()

    def action_change(self, by: int) -> None:
        row = self.rows[self.at]
        if isinstance(row, Setting):
            self.said = choose(self.gradtui, row, row.now(self.gradtui) + by)
        else:
            self.said, self.waits = "", by > 0
        self._draw()

    def action_own(self) -> None:
        row = self.rows[self.at]
        if isinstance(row, Action):
            self.said = own_keys(self.gradtui, row.id)
        self._draw()

    def action_leave(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        action, _, value = message.target.action.partition(" ")
        if action in ("pick", "value"):
            self.at, self.waits, self.said = int(message.target.argument or 0), False, ""
        row = self.rows[self.at]
        if action == "value" and isinstance(row, Setting):
            self.said = choose(self.gradtui, row, int(value))
            self._draw()
        elif action == "own":
            self.action_own()
        elif action == "leave":
            self.action_leave()
        else:
            self.action_change(1)


def open_settings(player: "PlayerScreen") -> None:
    """Show what can be chosen, over the player."""
    player.app.push_screen(SettingsScreen())
