"""A scratch pad over the player: an expression is answered at the present moment, by both engines."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message

from gradtui.language.program import Program
from gradtui.session.scratching import LONGEST, Answer, Pad, Try
from gradtui.tui import messages
from gradtui.tui.field import Field
from gradtui.tui.glyphs import in_ascii
from gradtui.tui.highlight import highlight
from gradtui.tui.lines import BLANK, Line, Piece, Target, fit, printable, wrap
from gradtui.tui.offers import Offer, offers
from gradtui.tui.screens.typing import TypingScreen
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.session import Session
    from gradtui.tui.app import GradtuiApp
    from gradtui.tui.glyphs import Glyphs
    from gradtui.tui.screens.player import PlayerScreen

MOST = 60  # lines of one answer that are shown
EXAMPLES = (
    "x.grad",
    "y.grad_fn.next_functions",
    "x + 1",
    "t = x.detach()",
    "torch.autograd.grad(…)",
)
KEYS = (
    Offer("Enter", "try it", "enter"),
    Offer("Esc", "back", "leave"),
    Offer("↑↓", "earlier", "older"),
    Offer("Ctrl-L", "start anew", "anew"),
)


class ScratchScreen(TypingScreen[None]):
    """Asks `run` to answer each line; the answers come as messages."""

    CSS = """
    ScratchScreen { align: center bottom; }
    ScratchScreen #box { height: 60%; }
    ScratchScreen Pane { background: $panel; }
    ScratchScreen #where { height: 2; }
    ScratchScreen #log { height: 1fr; }
    ScratchScreen #field { height: 1; background: $here; }
    ScratchScreen #keys { height: 1; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape", "leave", show=False),
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
        Binding("pageup", "scroll(-5)", show=False),
        Binding("pagedown", "scroll(5)", show=False),
        Binding("ctrl+l", "anew", show=False),
    ]

    def __init__(
        self, pad: Pad, history: list[str], run: Callable[[Program, int, "ScratchScreen"], None]
    ) -> None:
        """`history` gets every line; `run` answers a program's last line by messages to this."""
        super().__init__()
        self.pad, self.history, self._run = pad, history, run
        self.field = Field(longest=2_000)
        self.waiting: deque[str] = deque(maxlen=100)
        self.back = 0  # how many lines back in the history the field is
        self.draft = ""

    def compose(self) -> ComposeResult:
        with Container(id="box", classes="from-below"):
            yield Pane(id="where", scrolls=False)
            yield Pane(id="log")
            yield Pane(id="field", scrolls=False)
            yield Pane(id="keys", scrolls=False)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    # drawing

    @property
    def _glyphs(self) -> "Glyphs":
        return cast("GradtuiApp", self.app).glyphs

    def _draw(self) -> None:
        if not self.query(Pane):
            return  # keys typed ahead
        width = max(10, self.app.size.width - 3)
        clean = in_ascii if self._glyphs.ascii else printable
        told = Piece(clean(self.pad.where), "dim")
        where = wrap(Line.of(Piece("Scratch  ", "title"), told), width)
        self.query_one("#where", Pane).show([fit(line, width) for line in where[:2]])
        log = self.query_one("#log", Pane)
        lines = self.lines(width)
        log.show(lines)
        log.scroll_by(len(lines))
        self.query_one("#field", Pane).show([self.field.line(width, "an expression, then Enter")])
        signs = {"↑↓": "Up"} if self._glyphs.ascii else {}
        keys = (offer._replace(key=signs.get(offer.key, offer.key)) for offer in KEYS)
        self.query_one("#keys", Pane).show(offers(keys, width))

    def lines(self, width: int) -> list[Line]:
        """The lines tried so far with their answers."""
        if not self.pad.tries:
            words = "Nothing you try here changes the lesson. For example:"
            return [*wrap(Line.of(Piece(words, "dim")), width), *_examples(width, self._glyphs)]
        return [line for one in self.pad.tries.values() for line in self._try(one, width)]

    def _try(self, one: Try, width: int) -> Iterator[Line]:
        code = Line.of(
            Piece(">> ", "marker"), *highlight(one.line)[0], target=Target("take", one.line)
        )
        yield from wrap(code, width, 3)
        if one.ours is None:
            yield Line.of(Piece(f"   running{self._glyphs.ellipsis}", "dim"))
            return
        yield from self._answer("gradtui", one.ours, width)
        yield from self._torch(one, width)
        yield BLANK

    def _torch(self, one: Try, width: int) -> Iterator[Line]:
        """Torch's answer: in few words where it is the same, else in full."""
        name = Piece("   torch    ", "dim")
        if one.silent:
            yield from wrap(Line.of(name, Piece(printable(one.silent), "warning")), width, 12)
        elif one.torch is None or one.verdict is None:
            yield Line.of(name, Piece(f"waiting{self._glyphs.ellipsis}", "dim"))
        elif one.verdict.kind == "same":
            yield Line.of(name, Piece(f"{self._glyphs.same} the same", "good"))
        else:
            kind = one.verdict.kind
            sign = getattr(self._glyphs, "uncompared" if kind == "not compared" else kind)
            role = "good" if kind == "close" else "warning"
            words = f"{sign} {kind}" + (f": {one.verdict.reason}" if one.verdict.reason else "")
            yield from wrap(Line.of(name, Piece(printable(words), role)), width, 12)
            yield from self._answer("torch", one.torch, width)

    def _answer(self, engine: str, answer: Answer, width: int) -> Iterator[Line]:
        text, more = answer.said[:LONGEST], len(answer.said) - LONGEST
        role = "output" if not answer.error else "error"
        rows = text.splitlines() or ["done"]
        lead = f"   {engine:<9}"
        count = 0
        for row in rows[:MOST]:
            for line in wrap(Line.of(Piece(printable(row), role)), max(10, width - 13)):
                yield Line((Piece(lead, "dim"), *line.pieces))
                lead, count = " " * 12, count + 1
                if count >= MOST:
                    break
        if more > 0 or len(rows) > MOST or count >= MOST:
            yield Line.of(
                Piece(
                    f"{lead}{self._glyphs.ellipsis} and more: {len(answer.said):,} characters",
                    "dim",
                )
            )

    # doing

    def changed(self) -> None:
        self._draw()

    def entered(self) -> None:
        line = self.field.text.strip()
        if not line:
            return
        self.history.append(line)
        self.back = 0
        self.field.fill("")
        self.waiting.append(line)
        self._next()

    def _next(self) -> None:
        """Try the next line, once our engine has answered the one before."""
        if self.waiting and not self.pad.is_busy:
            number, program = self.pad.ask(self.waiting.popleft())
            self._run(program, number, self)
        self._draw()

    @on(messages.Tried)
    def _tried(self, message: messages.Tried) -> None:
        self.pad.ours(message.number, message.events)
        self._next()

    @on(messages.TriedOnTorch)
    def _tried_on_torch(self, message: messages.TriedOnTorch) -> None:
        self.pad.torch(message.number, message.events, message.reason)
        self._draw()

    def action_recall(self, by: int) -> None:
        """A line given before, or back towards what was being typed."""
        if self.back == 0:
            self.draft = self.field.text
        self.back = max(0, min(self.back - by, len(self.history)))
        self.field.fill(self.history[-self.back] if self.back else self.draft)
        self._draw()

    def action_scroll(self, by: int) -> None:
        self.query_one("#log", Pane).scroll_by(by)

    def action_anew(self) -> None:
        self.pad.begin_anew()
        self._draw()

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Pane.Picked)
    def _picked(self, message: Pane.Picked) -> None:
        message.stop()
        match message.target.action:
            case "take":
                self.field.fill(str(message.target.argument))
                self._draw()
            case "enter":
                self.entered()
            case "older":
                self.action_recall(-1)
            case "anew":
                self.action_anew()
            case _:
                self.action_leave()


def _examples(width: int, glyphs: "Glyphs") -> Iterator[Line]:
    """Lines to try, each kept whole; a click takes one."""
    row: list[Piece] = []
    for code in EXAMPLES:
        if row and sum(len(piece.text) for piece in row) + len(code) + 4 > width:
            yield Line.of(*row)
            row = []
        target = None if "…" in code else Target("take", code)
        row += [Piece("    "), Piece(code.replace("…", glyphs.ellipsis), "inline-code", target)]
    yield Line.of(*row)


def open_scratch(player: "PlayerScreen", session: "Session") -> None:
    """A scratch pad at the present moment."""
    pad = Pad.of(session)
    if pad is None:
        session.notice = "There is no run to try anything in."
        return

    def run(program: Program, number: int, screen: ScratchScreen) -> None:
        def tell(message: Message) -> None:
            if screen.is_attached:
                screen.post_message(message)

        player.gradtui.backstage.scratch(program, number, tell)

    player.app.push_screen(ScratchScreen(pad, session.bench.tried, run))
