"""A question before every node of a backward pass, and the score of the pass.

drill = Drill(); drill.toggle()
asked = drill.due(take, position)        # the question about the next stop, once; or None
asked.judge("[3, 3, 3]")                 # Reply(right=True, say="…")
drill.settle(asked, "right")             # or "missed", "skipped"
drill.score(take.tape, position)         # "Score: 3 of 4 right at once …" at its end, else ""
"""

from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

from gradtui.session.answers import Reply
from gradtui.session.typed import matches, numbers_of, plain, shape_of
from gradtui.tape.events import Accumulated, BackwardEnded, NodeRan
from gradtui.tape.index import first_from
from gradtui.tape.predicted import Prediction, Wanted
from gradtui.tape.predictions import predictions
from gradtui.tape.tape import Tape

if TYPE_CHECKING:
    from gradtui.session.take import Take

Outcome: TypeAlias = Literal["right", "missed", "skipped"]
WRONG = "Not that. Try again, or ask for a hint."
NUMBER = "a number; two decimals will do"
FORMS = {
    "entry": NUMBER,
    "total": NUMBER,
    "shape": "a shape, as in [2, 3]; [] for a scalar",
    "gradient": "numbers, as in [1.5, -2.25]; two decimals will do",
    "sum": "numbers, as in [1.5, -2.25]; two decimals will do",
}


class NodeAsking(Struct, frozen=True):
    """The question about one event of a backward pass, as a window asks it."""

    asked: Prediction
    number: int  # of the pass
    heading: str = "Predict the next node"

    @property
    def prompt(self) -> str:
        return self.asked.prompt

    @property
    def options(self) -> tuple[str, ...]:
        return self.asked.options

    @property
    def answer(self) -> str:
        return self.asked.answer

    @property
    def form(self) -> str:
        """What to type."""
        return FORMS.get(self.asked.kind, "the number of your answer")

    @property
    def hints(self) -> int:
        return len(self.asked.hints)

    def hint(self, number: int) -> str:
        return self.asked.hints[number]

    @property
    def worked(self) -> str:
        """How the answer is found, once it is known."""
        return "\n\n".join(self.asked.hints[:-1]) if self.asked.kind != "nothing" else ""

    def judge(self, given: str) -> Reply:
        """Right, a known mistake with its own words, or wrong."""
        given = given.strip()
        if self.options and given.isdigit() and 1 <= int(given) <= len(self.options):
            given = self.options[int(given) - 1]
        if self._means(given, self.asked.wanted):
            return Reply(True, "")
        said = (one.say for one in self.asked.pitfalls if self._means(given, one.wrong))
        return Reply(False, next(said, WRONG))

    def _means(self, given: str, wanted: Wanted) -> bool:
        if isinstance(wanted, str):
            return plain(given) == plain(wanted)
        if isinstance(wanted, tuple):
            return shape_of(given) == wanted
        return matches(given, numbers_of(wanted), self.asked.dtype)


class Drill:
    """Whether nodes are asked about, what was asked already, and how it went in each pass."""

    def __init__(self) -> None:
        self.on = False
        self._tape: Tape | None = None
        self._asked: set[tuple[int, str, int]] = set()
        self._outcomes: dict[int, Counter[Outcome]] = {}

    def toggle(self) -> None:
        """Ask from now on, about every node anew; or ask no more."""
        self.on = not self.on
        self._begin(None)

    def due(self, take: "Take", position: int) -> NodeAsking | None:
        """The next question about what comes next, edge by edge; None where all were asked."""
        if not self.on:
            return None
        if take.tape is not self._tape:
            self._begin(take.tape)
        at = _next_stop(take.tape, position)
        event = take.tape.events[at] if at is not None else None
        if at is None or not isinstance(event, NodeRan | Accumulated):
            return None
        left = [one for one in predictions(take.tape, at) if _key(one) not in self._asked]
        return NodeAsking(left[0], event.number) if left else None

    def settle(self, asking: NodeAsking, outcome: Outcome) -> None:
        """Keep how a question ended; it is not asked again."""
        self._asked.add(_key(asking.asked))
        self._outcomes.setdefault(asking.number, Counter())[outcome] += 1

    def score(self, tape: Tape, position: int) -> str:
        """How the pass went that has just ended; nothing elsewhere."""
        event = tape.events[position - 1] if 0 < position <= len(tape) else None
        if not isinstance(event, BackwardEnded) or event.number not in self._outcomes:
            return ""
        counted = self._outcomes[event.number]
        skipped = f", {counted['skipped']} skipped" if counted["skipped"] else ""
        return (
            f"Score: {counted['right']} of {counted.total()} right at once{skipped} "
            f"(backward pass {event.number + 1})"
        )

    def _begin(self, tape: Tape | None) -> None:
        self._tape = tape
        self._asked.clear()
        self._outcomes.clear()


def _key(one: Prediction) -> tuple[int, str, int]:
    return one.at, one.kind, one.edge


def _next_stop(tape: Tape, position: int) -> int | None:
    """The event of the next stop."""
    return first_from(tape.index.stops, position)
