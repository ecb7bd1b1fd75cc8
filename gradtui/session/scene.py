"""A step as the learner meets it: from a lesson, or from one's own script."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct


class _WhatIf(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def say(self) -> str | None: ...


class _Mistake(Protocol):
    @property
    def when(self) -> str: ...
    @property
    def say(self) -> str: ...


class _Ask(Protocol):
    @property
    def prompt(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def answer(self) -> str | None: ...
    @property
    def choices(self) -> Sequence[str]: ...
    @property
    def mistakes(self) -> Sequence[_Mistake]: ...
    @property
    def hints(self) -> Sequence[str]: ...


class _Exercise(Protocol):
    @property
    def say(self) -> str | None: ...
    @property
    def starter(self) -> str: ...
    @property
    def solution(self) -> str: ...
    @property
    def checks(self) -> Sequence[str]: ...
    @property
    def hints(self) -> Sequence[str]: ...


class LessonStep(Protocol):
    """What is taken from a step of `gradtui.course.schema`."""

    @property
    def id(self) -> str: ...
    @property
    def was(self) -> Sequence[str]: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str | None: ...
    @property
    def say(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def explain(self) -> str | None: ...
    @property
    def ask(self) -> _Ask | None: ...
    @property
    def what_if(self) -> Sequence[_WhatIf]: ...
    @property
    def exercise(self) -> _Exercise | None: ...


class Variant(Struct, frozen=True):
    """Another version of a step's code."""

    id: str
    label: str
    code: str
    say: str = ""
    mine: bool = False  # the learner's own, not the lesson's

    @property
    def heading(self) -> str:
        """What stands over it."""
        return self.label if self.mine else f"What if: {self.label}"


class Question(Struct, frozen=True):
    """What is asked before a step is shown; `mistakes` are pairs of an expression and a reply."""

    prompt: str
    kind: str
    answer: str
    choices: tuple[str, ...] = ()
    mistakes: tuple[tuple[str, str], ...] = ()
    hints: tuple[str, ...] = ()


class Task(Struct, frozen=True):
    """Code to complete after a step, until all of `checks` is true."""

    say: str
    starter: str
    solution: str
    checks: tuple[str, ...]
    hints: tuple[str, ...] = ()


class Scene(Struct, frozen=True):
    """One step: prose (Markdown), code, and what can be asked and tried."""

    id: str
    title: str
    code: str
    say: str = ""
    source: str = ""
    explain: str = ""
    question: Question | None = None
    variants: tuple[Variant, ...] = ()
    task: Task | None = None
    was: tuple[str, ...] = ()  # earlier ids

    @classmethod
    def of(cls, step: LessonStep) -> "Scene":
        variants = (Variant(v.id, v.label, v.code, v.say or "") for v in step.what_if)
        return cls(
            id=step.id,
            title=step.title,
            code=(step.code or "").rstrip("\n"),
            say=step.say,
            source=step.source or "",
            explain=step.explain or "",
            question=_question(step.ask) if step.ask else None,
            variants=tuple(variants),
            task=_task(step.exercise) if step.exercise else None,
            was=tuple(step.was),
        )

    def variant(self, variant_id: str) -> Variant | None:
        return next((each for each in self.variants if each.id == variant_id), None)


def _question(ask: _Ask) -> Question:
    return Question(
        prompt=ask.prompt,
        kind=ask.kind,
        answer=ask.answer or "",
        choices=tuple(ask.choices),
        mistakes=tuple((mistake.when, mistake.say) for mistake in ask.mistakes),
        hints=tuple(ask.hints),
    )


def _task(exercise: _Exercise) -> Task:
    return Task(
        say=exercise.say or "",
        starter=exercise.starter,
        solution=exercise.solution,
        checks=tuple(exercise.checks),
        hints=tuple(exercise.hints),
    )
