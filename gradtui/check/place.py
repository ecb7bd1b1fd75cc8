"""A step of a lesson, or one of its what-ifs, beside what it did: what every check looks at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gradtui.check.findings import Finding
from gradtui.check.kinds import Kind
from gradtui.check.runs import StepRun
from gradtui.course.loader import LoadedLesson
from gradtui.course.problems import Position
from gradtui.course.programs import Asked, probes, what_if_probes
from gradtui.course.schema import Step, WhatIf
from gradtui.language.source import Span
from gradtui.tape.events import BackwardBegan, Operation, Probed

Found: TypeAlias = Iterator[Finding]


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

    def nodes_run(self) -> list[str]:
        """The names of the nodes of the last backward pass here, in the order they ran."""
        told = (event for run in (*self.others.values(), self.run) for event in run.events)
        made = [one.nodes for one in told if isinstance(one, Operation | BackwardBegan)]
        names = {node.id: node.name for nodes in made for node in nodes}
        return [names.get(node, "") for node in self.run.order()]

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


def equal(one: Probed, other: Probed) -> bool:
    """Whether two answers are one to a learner: shown alike, or tensors of the same numbers."""
    if one.value is not None and other.value is not None and one.value.data and other.value.data:
        return (one.value.shape, one.value.dtype, one.value.data) == (
            other.value.shape,
            other.value.dtype,
            other.value.data,
        )
    return one.text == other.text


def short(text: str) -> str:
    """The text, cut to what a line can hold."""
    return text if len(text) <= 200 else text[:197] + "..."


def first_line(text: str) -> str:
    """A text's first line."""
    return text.partition("\n")[0]
