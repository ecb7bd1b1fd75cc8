"""The step's code, or a tensor's numbers, edited in place; what came of running it."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from gradtui.session.numbers import Made, Unfit, replaced, tensors, written
from gradtui.session.own import EDIT, Draft, Version
from gradtui.session.scene import Variant
from gradtui.tape.events import Printed, Raised, Stopped
from gradtui.tui.lines import BLANK, Line, Piece, dense, fit, printable, wrap
from gradtui.tui.offers import Offer, offers
from gradtui.tui.screens.choice import Choice, ChoiceScreen
from gradtui.tui.screens.entry import EntryScreen
from gradtui.tui.screens.modal import Modal
from gradtui.tui.sharing import shared
from gradtui.tui.widgets.editor import Editor
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.course.programs import Earlier
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.screens.player import PlayerScreen

MOST_OUTPUT = 40  # lines of what it printed
PLACE = re.compile(r"^[^\n]*?:(\d+):(\d+): ", re.MULTILINE)
KEYS = (
    Offer("F5", "run", "run"),
    Offer("Esc", "back", "leave"),
    Offer("F2", "a tensor's numbers", "numbers"),
    Offer("F4", "lesson's code", "original"),
)
LEAST = (1, 3, 1)  # lines of the head, the editor and what came of it
LETTERS = "123456789abcdefghijklmnoprstuvwxyz"


class Fault(Struct, frozen=True):
    """The error a version ended in, and where."""

    line: int
    column: int
    message: str
    ran: bool  # whether there is a tape up to it

    @property
    def said(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        return place + self.message


Runner = Callable[[Variant, "Earlier"], None]


class EditScreen(Modal[Version | None]):
    """Gives back the version that was run and is to be looked at, or None."""

    CSS = """
    EditScreen { align: center middle; }
    EditScreen #box { width: 96; max-width: 100%; }
    EditScreen #box { height: auto; max-height: 100%; }
    EditScreen Pane { background: $panel; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("f5,ctrl+r", "run", show=False),
        Binding("f8", "look", show=False),
        Binding("f2,ctrl+t", "numbers", show=False),
        Binding("f4", "original", show=False),
    ]

    def __init__(self, session: "Session", draft: Draft, run: Runner) -> None:
        """`run` runs a version; what comes of it is given to `came`."""
        super().__init__()
        self.session, self.draft, self._run = session, draft, run
        self.step, self.original = session.scene.id, session.scene.code
        self.running = False
        self.told = ""
        self.version: Version | None = None  # that was run last
        self.fault: Fault | None = None

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="popup"):
            yield Pane(id="head", scrolls=False)
            yield Editor(self.draft.code)
            yield Pane(id="outcome")
            yield Pane(id="keys", scrolls=False)

    def on_mount(self) -> None:
        self._draw()  # so high from the first frame on: what is clicked does not move
        self.query_one(Editor).focus()

    def on_resize(self, event: events.Resize) -> None:
        if self.query(Editor):  # while the player is left, a new size may find it taken away
            self._draw()

    @on(Editor.Changed)
    def _changed(self) -> None:
        self.draft.code = self.query_one(Editor).code
        self._draw()

    # drawing

    def _draw(self) -> None:
        width = max(16, min(96, self.app.size.width) - 6)
        head, below = self._head(width), self._below(width)
        editor = self.query_one(Editor)
        offered = [*KEYS]
        if self.version is not None and self.fault is not None and self.fault.ran:
            offered.insert(1, Offer("F8", "its tape", "look"))
        keys = offers(offered, width)
        code = editor.text.count("\n") + 2
        room = self.app.size.height - 2 - len(keys)
        below = dense(below, len(head) + code + len(below) - room)
        head = dense(head, len(head) + code + len(below) - room)
        heights = shared(room, (len(head), code, len(below)), LEAST)
        editor.styles.height = heights[1]
        for id, lines, height in (
            ("head", head, heights[0]),
            ("outcome", below, heights[2]),
            ("keys", keys, len(keys)),
        ):
            self._fill(id, lines, height)

    def _fill(self, id: str, lines: list[Line], height: int) -> None:
        pane = self.query_one(f"#{id}", Pane)
        pane.styles.height = height
        pane.show(lines)

    def _head(self, width: int) -> list[Line]:
        title = f"Edit and explore: {printable(self.session.scene.title)}"
        lines = wrap(Line.of(Piece(title, "title")), width)[:1]
        for (step, call), literal in self.draft.numbers.items():
            if step in self.draft.earlier:
                words = f"step {self._number(step)}: {literal}, not {call}"
                lines.append(fit(Line.of(Piece(printable(words), "warning")), width))
        return [*lines, BLANK]

    def _number(self, step: str) -> int:
        return next((n for n, s in enumerate(self.session.scenes, 1) if s.id == step), 0)

    def _below(self, width: int) -> list[Line]:
        lines = [BLANK]
        if self.running:
            glyphs = cast("GradtuiApp", self.app).glyphs
            return [*lines, Line.of(Piece("running" + glyphs.ellipsis, "dim"))]
        if self.told:
            lines += wrap(Line.of(Piece(printable(self.told), "warning")), width)
        if self.fault is not None:
            for row in self.fault.said.splitlines()[:MOST_OUTPUT]:
                lines += wrap(Line.of(Piece(printable(row), "error")), width, 4)
        for row in self._printed():
            lines += wrap(Line.of(Piece("| ", "faint"), Piece(printable(row), "output")), width, 2)
        return [*lines, BLANK] if len(lines) > 1 else lines

    def _printed(self) -> list[str]:
        if self.version is None or self.fault is None:
            return []
        tape, here = self.version.take.tape, self._range(self.version)
        events = tape.events[here[0] : here[1]]
        text = "".join(event.text for event in events if isinstance(event, Printed))
        return text.splitlines()[-MOST_OUTPUT:]

    def _range(self, version: Version) -> tuple[int, int]:
        here = version.take.ranges.get(f"{self.step}/{EDIT}")
        return (here.start, len(version.take.tape)) if here is not None else (0, 0)

    # doing

    def action_run(self) -> None:
        if self.running:
            return
        self._read()
        self.running, self.told, self.fault = True, "", None
        code = self.draft.code.rstrip("\n")
        self._run(Variant(EDIT, "Your edit", code, mine=True), tuple(self.draft.earlier.items()))
        self._draw()

    def came(self, version: Version) -> None:
        """It was run: an error is shown here, with its place; else its tape is."""
        self.running, self.version = False, version
        self.fault = self._fault(version)
        if self.fault is None:
            self.dismiss(version)
            return
        if self.fault.line:
            self.query_one(Editor).go(self.fault.line, self.fault.column)
        self._draw()

    def refuse(self, why: str) -> None:
        """It cannot be run."""
        self.running, self.told = False, why
        self._draw()

    def _fault(self, version: Version) -> Fault | None:
        start, stop = self._range(version)
        for at in range(stop - 1, start - 1, -1):
            event = version.take.tape.events[at]
            if isinstance(event, Stopped):
                return stopped(event, at > start + 1)
            if isinstance(event, Raised) and not event.caught:
                line, column = (event.span.line, event.span.column + 1) if event.span else (0, 0)
                return Fault(line, column, f"{event.type}: {event.message}", True)
        if start == stop:
            return Fault(0, 0, "A step before this one did not come to its end.", False)
        return None

    def action_look(self) -> None:
        if self.version is not None and self.fault is not None and self.fault.ran:
            self.dismiss(self.version)

    def action_original(self) -> None:
        """The lesson's code again; Ctrl-Z takes it back."""
        self.query_one(Editor).put(self.original)
        self.draft.earlier.clear()
        self.draft.numbers.clear()
        self.told, self.fault = "", None
        self._draw()

    def action_leave(self) -> None:
        self._read()
        self.dismiss(None)

    def _read(self) -> None:
        """The editor tells of a change a little after it."""
        self.draft.code = self.query_one(Editor).code

    # numbers

    def action_numbers(self) -> None:
        main = self.session.main
        here = main.ranges.get(self.step) if main is not None else None
        found = tensors(main.tape, here.stop)[: len(LETTERS)] if main and here else []
        if not found:
            self.told = "No tensor of at most 64 numbers was made by a call up to here."
            self._draw()
            return
        choices = [
            Choice(key, self._label(made)) for key, made in zip(LETTERS, found, strict=False)
        ]

        def chosen(key: str | None) -> None:
            if key is not None:
                self._ask(found[LETTERS.index(key)])

        self.app.push_screen(ChoiceScreen("Whose numbers?", choices), chosen)

    def _label(self, made: Made) -> str:
        numbers = made.numbers if len(made.numbers) <= 32 else made.numbers[:31] + "…"
        return f"{made.name} = {numbers}, made in step {self._number(made.step)}"

    def _ask(self, made: Made) -> None:
        def take(typed: str) -> str:
            try:
                return self._change(made, written(made, typed))
            except Unfit as why:
                return str(why)

        hint = f"The numbers of {made.name}, in place of {made.call}:"
        screen = EntryScreen(hint, take, made.numbers)
        screen.kept = False  # they are to be edited, not typed over
        self.app.push_screen(screen, lambda _: self._draw())

    def _change(self, made: Made, literal: str) -> str:
        """Put the numbers where the tensor was made; what is in the way, or ""."""
        known = self.draft.numbers.get((made.step, made.call), made.call)
        code = self.draft.code if made.step == self.step else self._earlier(made.step)
        changed = replaced(code, made, known, literal)
        if changed is None:
            return f"{known} is not in the code any more; write the numbers there."
        self.draft.numbers[made.step, made.call] = literal
        if made.step == self.step:
            self.query_one(Editor).put(changed)
        else:
            self.draft.earlier[made.step] = changed
        return ""

    def _earlier(self, step: str) -> str:
        given = next((s.code for s in self.session.scenes if s.id == step), "")
        return self.draft.earlier.get(step, given)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        getattr(self, f"action_{message.target.action}")()


def stopped(event: Stopped, ran: bool) -> Fault:
    """A refusal, or an end over the budget, with its place."""
    place = PLACE.search(event.reason)
    if place is not None:
        others = PLACE.sub(r"line \1, column \2: ", event.reason[place.end() :])
        return Fault(int(place[1]), int(place[2]), others, ran)
    line = re.search(r"line (\d+): ", event.reason)
    return (
        Fault(int(line[1]), 1, event.reason[line.end() :], ran)
        if line
        else Fault(0, 0, event.reason, ran)
    )


def open_edit(player: "PlayerScreen", session: "Session") -> None:
    """Edit the code of the present step, from where the learner left it."""
    if not session.scene.code.strip():
        session.notice = "This step has no code to edit."
        return
    draft = session.bench.drafts.setdefault(session.scene.id, Draft(session.scene.code))

    def run(variant: Variant, earlier: "Earlier") -> None:
        now = player.session
        if now is not None and now.scene.id == screen.step:
            player.run_version(variant, earlier, screen.came)
        else:
            screen.refuse("The lesson's file has changed: this step is gone. Your edit is kept.")

    screen = EditScreen(session, draft, run)

    def left(version: Version | None) -> None:
        if version is not None:
            player.look_at(version)
        else:
            player.draw()

    player.app.push_screen(screen, left)
