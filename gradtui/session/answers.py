"""Judging a prediction against what the program computed: the answer is never typed by an author.

ask = Asking.of(session)             # of the present scene
ask.options                          # numbered choices, if there are any
ask.judge("[3, 3, 3]")               # Reply(right=True, say="…")
ask.hint(0), ask.hints               # from vague to explicit
"""

import ast
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from gradtui.session.scene import Question
from gradtui.tape import values
from gradtui.tape.events import NodeRan, Probed, Raised
from gradtui.tape.tape import StepRange

if TYPE_CHECKING:
    from gradtui.session.session import Session
    from gradtui.session.take import Take

LONGEST = 2_000  # characters of an answer
DECIMALS = 2  # how exactly an answer has to be given at least

ERRORS = ("no error", "RuntimeError", "TypeError", "ValueError", "IndexError", "AttributeError")
NOTHINGS = ("None", "zeros", "a value")

Numbers: TypeAlias = tuple[tuple[int, ...], list[float]]  # shape, entries


@dataclass(frozen=True, slots=True)
class Reply:
    """What the learner is told."""

    right: bool
    say: str


@dataclass(frozen=True, slots=True)
class Asking:
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
        return [(_unquoted(p.text), say) for p, say in zip(probes, told, strict=True) if p]

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
        probed = self.take.answer(self.step, "answer")
        if self.question.kind == "value" and probed is not None:
            return agrees(given, probed)
        return _plain(given) == _plain(self.answer)

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
    return tuple(_unquoted(probed.text) for probed in probes if probed is not None)


def _answer(take: "Take", here: StepRange, question: Question) -> str:
    events = take.tape.events[here.start : here.stop]
    if question.kind == "order":
        return ", ".join(_order(take, events))
    if question.kind == "error":
        raised = next((e for e in events if isinstance(e, Raised) and not e.caught), None)
        return raised.type if raised is not None else ERRORS[0]
    probed = take.answer(here.id, "answer")
    if probed is None:
        return ""
    return _nothing(probed) if question.kind == "none_or_zero" else _unquoted(probed.text)


def _order(take: "Take", events: Sequence[object]) -> list[str]:
    """The nodes of the last backward pass, in the order they ran."""
    runs = [event for event in events if isinstance(event, NodeRan)]
    last = runs[-1].number if runs else 0
    return [take.tape.nodes[run.node].name for run in runs if run.number == last]


def _nothing(probed: Probed) -> str:
    if probed.text == "None":
        return NOTHINGS[0]
    zero = probed.value is not None and values.is_zero(probed.value)
    return NOTHINGS[1] if zero else NOTHINGS[2]


# comparing


def agrees(given: str, probed: Probed) -> bool:
    """Whether a typed answer means what the program computed, to the digits that were typed."""
    ours, theirs = _numbers(given), _numbers_of(probed)
    if ours is None or theirs is None:
        return _plain(given) == _plain(_unquoted(probed.text))
    (shape, typed), (other, computed) = ours, theirs
    if shape != other or len(typed) != len(computed):
        return False
    tolerance = 0.51 * 10.0 ** -max(_decimals(given), DECIMALS)
    return all(_near(a, b, tolerance) for a, b in zip(typed, computed, strict=True))


def _near(typed: float, computed: float, tolerance: float) -> bool:
    if math.isnan(typed) or math.isnan(computed):
        return math.isnan(typed) and math.isnan(computed)
    return typed == computed or abs(typed - computed) <= max(tolerance, 1e-4 * abs(computed))


def _decimals(text: str) -> int:
    """The fewest digits after a point that were typed, among the numbers that have any."""
    return min((len(digits) for digits in re.findall(r"\.(\d+)", text)), default=DECIMALS)


def _numbers_of(probed: Probed) -> Numbers | None:
    if probed.value is None:
        return _numbers(probed.text)
    numbers = values.array(probed.value)
    if numbers is None:
        return None
    return tuple(numbers.shape), [float(each) for each in numbers.ravel()]


def _numbers(text: str) -> Numbers | None:
    """Numbers, or nested lists of them, with or without `tensor(…)` around; None for other text."""
    body = re.sub(r",\s*(requires_grad|grad_fn|dtype)=.*", "", text.strip())
    body = re.sub(r"^(torch\.)?tensor\((.*?)\)?$", r"\2", body, flags=re.DOTALL)
    body = re.sub(r"(?<![\w.])(nan|inf)\b", "1e999", body)
    try:
        read = ast.literal_eval(body)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        read = _spaced(body)
    return None if read is None else _shaped(read)


def _spaced(text: str) -> list[float] | None:
    """`3 3 3`, or `3, 3, 3` left open: numbers in a row."""
    try:
        found = [float(part) for part in re.split(r"[\s,]+", text.strip(" []()")) if part]
    except ValueError:
        return None
    return found or None


def _shaped(read: Any) -> Numbers | None:
    if isinstance(read, bool) or read is None:
        return None
    if isinstance(read, int | float):
        return (), [float(read)]
    if not isinstance(read, list | tuple):
        return None
    parts = [_shaped(part) for part in read]
    shapes = {part[0] for part in parts if part is not None}
    if None in parts or len(shapes) > 1:
        return None
    inner = shapes.pop() if shapes else ()
    return (len(parts), *inner), [entry for part in parts if part for entry in part[1]]


def _names(text: str) -> list[str]:
    return [name.casefold().removesuffix("0") for name in re.findall(r"\w+", text)]


def _nodes(text: str) -> list[str]:
    """The nodes named, but for the leaves' own: whether they are told of is a matter of taste."""
    return [name for name in _names(text) if name != "accumulategrad"]


def _plain(text: str) -> str:
    return " ".join(_unquoted(text).split()).casefold()


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text
