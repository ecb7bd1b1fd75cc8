"""What each action does on the player's screen; moves are the session's own."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gradtui.tui import messages, themes
from gradtui.tui.screens.choice import Choice, ChoiceScreen
from gradtui.tui.views import frame

if TYPE_CHECKING:
    from gradtui.session import Session, Variant
    from gradtui.session.copying import Copy
    from gradtui.tui.screens.player import PlayerScreen

PANES = tuple(id for id, _ in frame.PANES)
MOVES = frozenset(
    (
        *("forward", "back", "faster", "slower", "start", "end", "step_start", "step_end"),
        *("next_step", "previous_step", "next_pass", "previous_pass"),
        *("next_epoch", "previous_epoch", "next_run", "next_change", "jvp"),
        *("find_next", "find_previous"),
    )
)  # actions that are moves of the session, by the same name

PATIENCE = 3.0  # seconds in which keys wait for another version that is being run

Deed = Callable[[int | str | None], None]


class Commands:
    """The deeds of one player screen, by action id."""

    def __init__(self, screen: "PlayerScreen") -> None:
        self.screen = screen
        self.early: deque[tuple[str, int | str | None]] = deque(maxlen=100)
        self.deeds: Mapping[str, Deed] = {
            **{id: lambda _, id=id: self._show_pane(id) for id in PANES},  # type: ignore[misc]
            "next_pane": lambda _: self._next_pane(),
            "zoom": lambda _: self._zoom(),
            "up": lambda _: self.screen.text("story").scroll_by(-1),
            "down": lambda _: self.screen.text("story").scroll_by(1),
            "pane_up": lambda _: self._scroll(-3),
            "pane_down": lambda _: self._scroll(3),
            "theme": lambda _: self._theme(),
            "help": lambda _: self._help(),
            "palette": lambda _: self._palette(),
            "quit": lambda _: self.screen.app.exit(0),
            "library": lambda _: self._library(),
            "about": lambda _: self._about(),
            "settings": lambda _: self._settings(),
            "glossary": lambda _: self._glossary(),
        }
        self.session_deeds: Mapping[str, Callable[[Session, int | str | None], None]] = {
            "play": lambda session, _: session.play(),
            "goto": lambda session, to: session.jump(_number(to)),
            "step": lambda session, to: session.go_to_step(_number(to)),
            "step_named": lambda session, to: session.go_to(str(to)),
            "line": lambda session, to: session.run_line(_number(to)),
            "jump": lambda session, _: self._jump(session),
            "curves": lambda session, _: self._curves(session),
            "find": lambda session, _: self._find(session),
            "boxes": lambda session, _: self._boxes(session),
            "fold": lambda session, row: self._fold(session, row),
            "fold_all": lambda session, _: self._fold_all(session),
            "tangent": lambda session, _: self._tangent(session),
            "copy": lambda session, _: self._copy(session),
            "what_if": lambda session, _: self._what_if(session),
            "ask": lambda session, _: self._ask(session),
            "drill": lambda session, _: self._drill(session),
            "exercise": lambda session, _: self._exercise(session),
            "toggle": lambda session, _: self._toggle(session),
            "edit": lambda session, _: self._edit(session),
            "compare": lambda session, _: self._compare(session),
            "scratch": lambda session, _: self._scratch(session),
            "bookmark": lambda session, _: self._bookmark(session),
            "bookmarks": lambda session, _: self._bookmarks(session),
        }

    def do(self, action: str, argument: int | str | None = None) -> None:
        """Do it, and draw what came of it."""
        if action in self.deeds:
            self.deeds[action](argument)
            return
        session = self.screen.session
        if session is None or session.take is None:
            self.early.append((action, argument))
            return
        if action == "forward" and self.asks(session):
            return
        self.screen.keep()  # a step that runs nothing is done when it is left
        if action in MOVES:
            getattr(session, action)()
            self._tell_score(session)
        else:
            self.session_deeds[action](session, argument)
        if action not in ("play", "faster", "slower"):
            session.playing = session.playing and action == "tick"
        self.screen.keep()  # first, for it finds out which questions were passed over
        self.screen.draw()
        self.screen.beat()

    def needs_no_lesson(self, key: str) -> bool:
        """Whether a key is for something that can be done before the lesson is there, and it is not."""
        if self.screen.session is not None and self.screen.session.take is not None:
            return False
        actions = self.screen.gradtui.glyphs.keymap.actions
        early = self.deeds.keys() - {"library"}  # where Esc leaves what is there
        return any(key in action.keys and action.id in early for action in actions)

    def catch_up(self) -> None:
        """Do what was clicked before the lesson was there."""
        while self.early:
            self.do(*self.early.popleft())

    # panes and looks

    def _show_pane(self, pane: str) -> None:
        self.screen.pane = pane
        self._arrange()

    def _next_pane(self) -> None:
        self._show_pane(PANES[(PANES.index(self.screen.pane) + 1) % len(PANES)])

    def _scroll(self, lines: int) -> None:
        """Scroll the open pane; where all are open, the card."""
        self.screen.text(self.screen.pane if self.screen.folded else "card").scroll_by(lines)

    def _zoom(self) -> None:
        self.screen.zoomed = not self.screen.zoomed
        self._arrange()

    def _arrange(self) -> None:
        self.screen.lay_out()
        self.screen.call_after_refresh(self.screen.draw)

    def _theme(self) -> None:
        app = self.screen.gradtui
        app.choose_theme(themes.after(app.theme, not app.no_color))
        self.screen.notice(f"Theme: {themes.short(app.theme)}")

    def _help(self) -> None:
        from gradtui.tui.screens.help import HelpScreen

        self.screen.app.push_screen(HelpScreen())

    def _palette(self) -> None:
        from gradtui.tui.screens.palette import PaletteScreen

        self.screen.app.push_screen(
            PaletteScreen(self.screen.gradtui.glyphs), lambda id: self.do(id) if id else None
        )

    def _library(self) -> None:
        from gradtui.tui.screens.library import open_library

        open_library(self.screen)

    def _glossary(self) -> None:
        self.screen.gradtui.open_glossary()

    def _about(self) -> None:
        from gradtui.tui.screens.about import open_about

        open_about(self.screen)

    def _settings(self) -> None:
        from gradtui.tui.screens.settings import open_settings

        open_settings(self.screen)

    # of the session

    def _jump(self, session: "Session") -> None:
        from gradtui.tui.screens.jump import JumpScreen

        take = session.take
        if take is not None:
            screen = JumpScreen(session.position, take.tape.last)
            self.screen.app.push_screen(screen, self._jumped)

    def _jumped(self, position: int | None) -> None:
        if position is not None:
            self.do("goto", position)

    def _tangent(self, session: "Session") -> None:
        from gradtui.tui.screens.entry import EntryScreen

        hint = "Tangent u: ones, numbers (1 0 2) or a basis vector (#1); y: #1 starts it at y."
        self.screen.app.push_screen(EntryScreen(hint, session.direct), self._entered)

    def _curves(self, session: "Session") -> None:
        from gradtui.tui.screens.curves import open_curves

        open_curves(self.screen, session)

    def _boxes(self, session: "Session") -> None:
        from gradtui.tui.screens.boxes import open_boxes

        open_boxes(self.screen, session)

    def _fold(self, session: "Session", row: int | str | None) -> None:
        """Fold or unfold the group of a row, or the innermost one at the cursor."""
        from gradtui.tui.views.tape import current_row

        take, at = session.take, current_row(session.snapshot())
        if take is None or (row is None and at is None):
            return
        place = take.folds.rows[at or 0] if row is None else _number(row)
        if take.folds.toggle(place) is None:
            session.notice = "Nothing to fold here: a loop's turn, a call or a layer can be folded."

    def _fold_all(self, session: "Session") -> None:
        take = session.take
        if take is None or not take.folds.groups:
            session.notice = "Nothing to fold: no loop has run and no module was called."
        elif take.folds.toggle_all():
            session.notice = "All loops and calls are folded; u unfolds one, U all."

    def _find(self, session: "Session") -> None:
        from gradtui.tui.screens.entry import EntryScreen

        hint = "Find an operation, a node, a tensor's name, line 3, or a value: nan, 0.25."
        screen = EntryScreen(hint, session.seek, session.sought)
        self.screen.app.push_screen(screen, self._entered)

    def _entered(self, text: str | None) -> None:
        if text is not None:
            self.screen.draw()
            self.screen.keep()

    def _copy(self, session: "Session") -> None:
        from gradtui.session.copying import copies

        made = {copy.key: copy for copy in copies(session)}
        choices = [Choice(copy.key, copy.label) for copy in made.values()]

        def chosen(key: str | None) -> None:
            if key is not None:
                copy = made[key]
                self.screen.app.copy_to_clipboard(copy.text)
                self._hand_out(copy)

        self.screen.app.push_screen(ChoiceScreen("Copy", choices), chosen)

    def _hand_out(self, copy: "Copy") -> None:
        """Give what was copied to the desktop and a file too: a terminal may ignore it, silently."""
        from gradtui.tui.clipboard import handed

        self.screen.notice(f"Copied {copy.name} through the terminal (OSC 52)")
        screen, kept = self.screen, self.screen.gradtui.progress

        def hand() -> None:
            line = handed(copy.text, kept().parent if kept is not None else None)
            screen.post_message(messages.Told(line.replace("Copied", f"Copied {copy.name}", 1)))

        screen.run_worker(hand, thread=True, exit_on_error=False, group="copying")

    def _what_if(self, session: "Session") -> None:
        from gradtui.session.own import kept

        if session.variant is not None:
            session.leave_variant()
            return
        own = {version.variant.id: version for version in kept(session)}
        variants = (*session.scene.variants, *(version.variant for version in own.values()))

        def take(variant: "Variant") -> None:
            if variant.id in own:
                session.try_variant(variant, own[variant.id].take)
                self.screen.draw()
            else:
                self.vary(variant.id)

        if not variants:
            session.notice = (
                "The lesson has no other version of this step; W makes one, X edits it."
            )
        elif len(variants) == 1:
            take(variants[0])
        else:
            choices = [Choice(str(at), v.label) for at, v in enumerate(variants, 1)]
            self.screen.app.push_screen(
                ChoiceScreen("What if", choices),
                lambda key: take(variants[int(key) - 1]) if key else None,
            )

    def vary(self, variant: str) -> None:
        session, opening = self.screen.session, self.screen.opening
        if session is not None and opening is not None:
            step = session.scene.id
            self.screen.notice("Running the other version…")
            self.screen.gradtui.typist.hold(PATIENCE)
            program = opening.variant(step, variant)
            self.screen.gradtui.backstage.vary(program, step, variant)

    def _ask(self, session: "Session") -> None:
        from gradtui.tui.screens.ask import open_question

        open_question(self.screen, session)

    def _drill(self, session: "Session") -> None:
        session.drill.toggle()
        key = self.screen.gradtui.glyphs.key("drill")
        told = (
            "You are asked before each node of a pass"
            if session.drill.on
            else ("Nodes are not asked about any more")
        )
        session.notice = f"{told}. {key}: {'no more' if session.drill.on else 'again'}"

    def asks(self, session: "Session") -> bool:
        """Ask about the node that comes next, where nodes are asked about."""
        from gradtui.tui.screens.ask import open_drill

        return session.drill.on and open_drill(self.screen, session)

    def _tell_score(self, session: "Session") -> None:
        score = session.drill.score(session.take.tape, session.position) if session.take else ""
        session.notice = score or session.notice

    def _bookmark(self, session: "Session") -> None:
        from gradtui.tui.screens.note import open_note

        open_note(self.screen, session)

    def _bookmarks(self, session: "Session") -> None:
        from gradtui.tui.screens.note import open_notes

        open_notes(self.screen, session)

    def _exercise(self, session: "Session") -> None:
        from gradtui.tui.screens.exercise import open_exercise

        open_exercise(self.screen, session)

    def _scratch(self, session: "Session") -> None:
        from gradtui.tui.screens.scratch import open_scratch

        open_scratch(self.screen, session)

    def _toggle(self, session: "Session") -> None:
        from gradtui.tui.screens.toggles import open_toggles

        open_toggles(self.screen, session)

    def _edit(self, session: "Session") -> None:
        from gradtui.tui.screens.edit import open_edit

        open_edit(self.screen, session)

    def _compare(self, session: "Session") -> None:
        from gradtui.tui.screens.comparison import open_comparison

        open_comparison(self.screen, session)


def _number(argument: int | str | None) -> int:
    return int(argument or 0)
