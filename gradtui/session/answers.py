"""Judging a prediction against what the program computed: the answer is never typed by an author.

ask = Asking.of(session)             # of the present scene
ask.options                          # numbered choices, if there are any
ask.judge("[3, 3, 3]")               # Reply(right=True, say="…")
ask.hint(0), ask.hints               # from vague to explicit
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from msgspec import Struct

from gradtui.session.scene import Question
from gradtui.session.typed import agrees, plain, printed_so, shape_of, unquoted
from gradtui.tape import values
from gradtui.tape.events import NodeRan, Printed, Probed, Raised
from gradtui.tape.predicted import NOTHINGS
from gradtui.tape.tape import StepRange

if TYPE_CHECKING:
    from gradtui.session.session import Session
    from gradtui.session.take import Take

LONGEST = 2_000  # characters of an answer

ERRORS = ("no error", "RuntimeError", "TypeError", "ValueError", "IndexError", "AttributeError")
FORMS = {
    "order": "Type the nodes in the order they run, with spaces between.",
    "shape": "a shape, as in [2, 3]; [] for a scalar",
    "prints": "what is printed; spaces and line ends do not matter",
}


class Reply(Struct, frozen=True):
    """What the learner is told."""

    right: bool
    say: str


class Asked(Protocol):
    """A question as a window asks it, whatever it is about."""

    @property
    def heading(self) -> str: ...
    @property
    def prompt(self) -> str: ...
    @property
    def options(self) -> tuple[str, ...]: ...
    @property
    def form(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def worked(self) -> str: ...
    @property
    def hints(self) -> int: ...
    def hint(self, number: int) -> str: ...
    def judge(self, given: str) -> Reply: ...


class Asking(Struct, frozen=True):
    """A scene's question with its computed answer."""

    take: "Take"
    step: str
    question: Question
    options: tuple[str, ...]
    answer: str  # as text

    @classmethod
    def of(cls, session: "Session") -> "Asking | None":
        """The question of the present scene, or None: there is none, or nothing is recorded yet."""
        take, question, here = session.take, session.scene.question, session.range
        if take is None or question is None or here is None or session.variant is not None:
            return None
        options = _options(take, here, question)
        return cls(take, session.scene.id, question, options, _answer(take, here, question))

    heading: ClassVar[str] = "Predict"

    @property
    def form(self) -> str:
        """What to type."""
        if self.options:
            return "the number of your answer"
        return FORMS.get(self.question.kind, "your answer, then Enter")

    @property
    def worked(self) -> str:
        """How the answer is found, once it is known: the last hint."""
        return self.hint(self.hints - 1) if self.hints else ""

    @property
    def prompt(self) -> str:
        return self.take.quoted(self.step, "prompt", self.question.prompt)

    @property
    def hints(self) -> int:
        return len(self.question.hints)

    def hint(self, number: int) -> str:
        return self.take.quoted(self.step, f"hint:{number}", self.question.hints[number])

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """Each likely wrong answer, as text, with what is said to it."""
        probes = [self.take.answer(self.step, f"mistake:{n}") for n in self._numbers]
        told = [self._told(number) for number in self._numbers]
        return [(unquoted(p.text), say) for p, say in zip(probes, told, strict=True) if p]

    @property
    def _numbers(self) -> range:
        return range(len(self.question.mistakes))

    def _told(self, number: int) -> str:
        say = self.question.mistakes[number][1]
        return self.take.quoted(self.step, f"mistake:{number}", say)

    def judge(self, given: str) -> Reply:
        """Right, a known mistake with its own words, or wrong."""
        given = given.strip()[:LONGEST]
        if self.options and given.isdigit() and 1 <= int(given) <= len(self.options):
            given = self.options[int(given) - 1]
        if self._is_right(given):
            return Reply(True, "")
        return Reply(False, self._mistake(given) or "Not that. Try again, or ask for a hint.")

    def _is_right(self, given: str) -> bool:
        if self.question.kind == "order":
            return _nodes(given) == _nodes(self.answer)
        if self.question.kind == "prints":
            return printed_so(given, self.answer)
        probed = self.take.answer(self.step, "answer")
        if self.question.kind == "shape" and probed is not None:
            return shape_of(given) == shape_of(_shape(probed))
        if self.question.kind == "value" and probed is not None:
            return agrees(given, probed)
        return plain(given) == plain(self.answer)

    def _mistake(self, given: str) -> str | None:
        for number in self._numbers:
            probed = self.take.answer(self.step, f"mistake:{number}")
            if probed is not None and self._means(given, probed):
                return self._told(number)
        return None

    def _means(self, given: str, probed: Probed) -> bool:
        match self.question.kind:
            case "order":
                return _names(given) == _names(probed.text)
            case "prints":
                return printed_so(given, unquoted(probed.text))
            case "shape":
                return shape_of(given) == shape_of(_shape(probed))
            case "none_or_zero":
                return given == _nothing(probed) or agrees(given, probed)
        return agrees(given, probed)


def _options(take: "Take", here: StepRange, question: Question) -> tuple[str, ...]:
    step = here.id
    if question.kind == "error":
        return tuple(dict.fromkeys((*ERRORS, _answer(take, here, question))))
    if question.kind == "none_or_zero":
        return NOTHINGS
    probes = (take.answer(step, f"choice:{number}") for number in range(len(question.choices)))
    return tuple(unquoted(probed.text) for probed in probes if probed is not None)


def _answer(take: "Take", here: StepRange, question: Question) -> str:
    events = take.tape.events[here.start : here.stop]
    if question.kind == "order":
        return ", ".join(_order(take, events))
    if question.kind == "error":
        raised = next((e for e in events if isinstance(e, Raised) and not e.caught), None)
        return raised.type if raised is not None else ERRORS[0]
    if question.kind == "prints":
        return "".join(event.text for event in events if isinstance(event, Printed)).rstrip("\n")
    probed = take.answer(here.id, "answer")
    if probed is None:
        return ""
    if question.kind == "shape":
        return _shape(probed)
    return _nothing(probed) if question.kind == "none_or_zero" else unquoted(probed.text)


def _order(take: "Take", events: Sequence[object]) -> list[str]:
    """The nodes of the last backward pass, in the order they ran."""
    runs = [event for event in events if isinstance(event, NodeRan)]
    last = runs[-1].number if runs else 0
    return [take.tape.nodes[run.node].name for run in runs if run.number == last]


def _shape(probed: Probed) -> str:
    """The shape of a tensor, or one that was given as a shape."""
    return probed.text if probed.value is None else values.shape(probed.value)


def _nothing(probed: Probed) -> str:
    if probed.text == "None":
        return NOTHINGS[0]
    zero = probed.value is not None and values.is_zero(probed.value)
    return NOTHINGS[1] if zero else NOTHINGS[2]


# the order of nodes


def _names(text: str) -> list[str]:
    return [name.casefold().removesuffix("0") for name in re.findall(r"\w+", text)]


def _nodes(text: str) -> list[str]:
    """The nodes named, but for the leaves' own: whether they are told of is a matter of taste."""
    return [name for name in _names(text) if name != "accumulategrad"]
