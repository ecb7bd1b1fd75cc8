"""A lesson against one of its runs: does what it promises happen?

Each check is a function from a `Place` — a step of the lesson and what it did — to findings, and
`CHECKS` is the list of them. A what-if is checked as a step of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gradtui.check.findings import Finding
from gradtui.check.kinds import Kind
from gradtui.check.prints import first_difference, line, says
from gradtui.check.runs import StepRun
from gradtui.course.loader import LoadedLesson
from gradtui.course.problems import Position
from gradtui.course.programs import Asked, probes, what_if_probes
from gradtui.course.schema import Ask, Raises, Step, WhatIf
from gradtui.language.draws import RANDOM
from gradtui.language.errors import DrawMismatch, OverBudget
from gradtui.language.source import Span
from gradtui.tape.events import Probed


@dataclass(frozen=True, slots=True)
class Place:
    """A step, or one of its what-ifs, with what it did and where it stands in the file."""

    loaded: LoadedLesson
    number: int
    run: StepRun
    what_if: int | None = None
    main: StepRun | None = None  # of the step, for its what-if to differ from
    strict: bool = False
    others: Mapping[str, StepRun] = field(default_factory=dict)  # what each step did, by id

    @property
    def step(self) -> Step:
        return self.loaded.lesson.steps[self.number]

    @property
    def said(self) -> Step | WhatIf:
        """Whose promises these are."""
        return self.step if self.what_if is None else self.step.what_if[self.what_if]

    @property
    def asked(self) -> Sequence[Asked]:
        said = self.said
        return probes(said) if isinstance(said, Step) else what_if_probes(said)

    def path(self, *path: str | int) -> tuple[str | int, ...]:
        inner = () if self.what_if is None else ("what_if", self.what_if)
        return ("steps", self.number, *inner, *path)

    def find(self, kind: Kind, message: str, *path: str | int) -> Finding:
        return Finding.at(self.loaded.positions.at(self.path(*path)), self.run.id, kind, message)

    def find_in(self, kind: Kind, message: str, key: str, row: int, column: int = 0) -> Finding:
        """A finding in line `row` (from 1) of the text under `key`."""
        return Finding.at(self.in_text(key, row, column), self.run.id, kind, message)

    def find_at(self, kind: Kind, message: str, span: Span | None) -> Finding:
        """A finding about a stretch of the code."""
        row, column = (span.line, span.column) if span else (1, 0)
        return self.find_in(kind, message, "code", row, column)

    def in_text(self, key: str, row: int, column: int) -> Position:
        return self.loaded.positions.within(self.path(key), row, column)


Found = Iterator[Finding]


def verify(place: Place) -> list[Finding]:
    """Everything in one place that is not as the lesson says."""
    if place.run.stopped:
        return list(_stopped(place))
    return [finding for check in CHECKS for finding in check(place)]


_LINE = re.compile(r"(?:line |^(?:.*?:)?)(\d+)(?::(\d+))?: ")


def _stopped(place: Place) -> Found:
    for reason in place.run.stopped.splitlines():
        found = _LINE.match(reason)
        row, column = (int(found[1]), int(found[2] or 1)) if found else (1, 1)
        message = reason[found.end() :] if found else reason
        kind: Kind = "limit" if found or "limit" in reason else "crash"
        yield place.find_in(kind, message, "code", row, column - 1)


def _prints(place: Place) -> Found:
    expected = place.said.prints
    if expected is None:
        return
    number = first_difference(expected, place.run.printed, place.strict)
    if number is None:
        return
    wanted, got = line(expected, number), line(place.run.printed, number)
    yield place.find_in("prints", _difference(wanted, got), "prints", number + 1)


def _difference(wanted: str | None, got: str | None) -> str:
    if got is None:
        return f"this line is not printed: {_short(wanted or '')}"
    if wanted is None:
        return f"another line is printed after these: {_short(got)}"
    return f"prints {_short(got)}, but {_short(wanted)} is expected"


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "..."


_OURS: dict[str, Kind] = {DrawMismatch.__name__: "draws", OverBudget.__name__: "limit"}


def _raises(place: Place) -> Found:
    expected, error = place.said.raises, place.run.error
    if expected is None:
        if error is not None:
            kind = _OURS.get(error.type, "error")
            said = _short(_first_line(error.message))
            message = f"unexpected {error.type}: {said}" if kind == "error" else said
            yield place.find_at(kind, message, error.span)
        return
    if error is None:
        message = f"no error happens here, expected {expected.type}{_elsewhere(place, expected)}"
        yield place.find("raises", message, "raises")
    else:
        yield from _other_error(place, expected, error.type, error.message)


def _elsewhere(place: Place, expected: Raises) -> str:
    """Where else in the lesson the error happens that is expected here."""
    for step in place.loaded.lesson.steps:
        run = place.others.get(step.id)
        error = run.error if run else None
        if error is not None and step.raises is None and says(expected.match, error.message):
            return f"; it happens in step {step.id}"
    return ""


def _other_error(place: Place, expected: Raises, type_name: str, message: str) -> Found:
    if type_name != expected.type:
        raised = f"{type_name}: {_short(_first_line(message))}"
        yield place.find("raises", f"the error is {raised}", "raises", "type")
    elif not says(expected.match, message, place.strict):
        told = f"the {type_name} says: {_short(_first_line(message))}"
        yield place.find("raises", told, "raises", "match")


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


_PURPOSES: dict[str, tuple[Kind, str]] = {
    "check": ("check", "does not compute"),
    "quote": ("quote", "prose quotes what does not compute"),
    "answer": ("answer", "the answer does not compute"),
    "mistake": ("mistake", "the mistake does not compute"),
    "choice": ("choice", "the choice does not compute"),
}


def _probes(place: Place) -> Found:
    if place.run.error is not None and place.said.raises is None:
        return  # one unexpected error is told once, not by all that depends on it
    for asked in place.asked:
        told = place.run.probes.get(asked.probe.id)
        purpose = asked.probe.id.partition(":")[0]
        if told is None:
            continue
        kind, what = _PURPOSES[purpose]
        if told.error:
            yield at_probe(place, asked, kind, f"{what}: {_short(_first_line(told.error))}")
        elif kind == "check" and not told.truth:
            message = f"is not true: {asked.probe.expression} gives {_short(told.text)}"
            yield at_probe(place, asked, kind, message)


def at_probe(place: Place, asked: Asked, kind: Kind, message: str) -> Finding:
    """A finding about an expression, wherever in the step it is written."""
    path = place.path(*asked.path)
    text = _text_at(place, asked)
    row = text.count("\n", 0, asked.offset) + 1
    column = asked.offset - (text.rfind("\n", 0, asked.offset) + 1)
    where = place.loaded.positions.within(path, row, column)
    return Finding.at(where, place.run.id, kind, message)


def _text_at(place: Place, asked: Asked) -> str:
    part: object = place.said
    for key in asked.path:
        part = part[key] if isinstance(part, tuple) else getattr(part, str(key))  # type: ignore[index]
    return str(part)


def _what_if(place: Place) -> Found:
    if place.main is None:
        return
    if place.run.without_places() == place.main.without_places():
        yield place.find("what_if", "this what-if does just what the step does", "code")


def _question(place: Place) -> Found:
    ask = place.said.ask if isinstance(place.said, Step) else None
    if ask is None:
        return
    if ask.kind == "order" and not place.run.order():
        yield place.find("answer", "no backward pass runs in this step", "ask")
    right = _answer(ask, place.run)
    if right is None:
        return
    yield from _mistakes(place, ask, right)
    if ask.kind == "choice":
        yield from _choices(place, ask, right)


def _answer(ask: Ask, run: StepRun) -> Probed | None:
    if ask.kind == "error":
        return Probed(id="answer", text=repr(run.outcome))
    answer = run.probes.get("answer")
    return None if answer is None or answer.error else answer


def _mistakes(place: Place, ask: Ask, right: Probed) -> Found:
    for number in range(len(ask.mistakes)):
        wrong = place.run.probes.get(f"mistake:{number}")
        if wrong is not None and not wrong.error and equal(wrong, right):
            message = f"this mistake is the right answer: {_short(wrong.text)}"
            yield place.find("mistake", message, "ask", "mistakes", number, "when")


def _choices(place: Place, ask: Ask, right: Probed) -> Found:
    told = [place.run.probes.get(f"choice:{number}") for number in range(len(ask.choices))]
    seen: list[Probed] = []
    for number, choice in enumerate(told):
        if choice is None or choice.error:
            continue
        if any(equal(choice, other) for other in seen):
            message = f"two choices are the same: {_short(choice.text)}"
            yield place.find("choice", message, "ask", "choices", number)
        seen.append(choice)
    if seen and not any(equal(choice, right) for choice in seen):
        message = f"no choice is the answer, which is {_short(right.text)}"
        yield place.find("choice", message, "ask", "choices")


def equal(one: Probed, other: Probed) -> bool:
    """Whether two answers are one to a learner: shown alike, or tensors of the same numbers."""
    if one.value is not None and other.value is not None and one.value.data and other.value.data:
        return (one.value.shape, one.value.dtype, one.value.data) == (
            other.value.shape,
            other.value.dtype,
            other.value.data,
        )
    return one.text == other.text


def _draws(place: Place) -> Found:
    said = place.said
    draws = place.step.draws if said.draws is None else said.draws
    if place.run.error is not None or (place.what_if is not None and said.draws is None):
        return
    used = sum(getattr(event, "name", "") in RANDOM for event in place.run.events)
    if used < len(draws):
        message = f"{len(draws) - used} of {len(draws)} draws are left over"
        yield place.find("draws", message, "draws", used)


CHECKS: Sequence[Callable[[Place], Found]] = (
    _prints,
    _raises,
    _probes,
    _what_if,
    _question,
    _draws,
)
