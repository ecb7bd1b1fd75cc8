"""Lessons as programs for either engine: the main line, and one program for each what-if.

Everything the lesson asks of the state after a step is a probe, whose id says what it is for:
`check:0`, `quote:say:1`, `answer`, `mistake:0`, `choice:2`. `probes(step)` lists them with
where in the lesson file they come from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from msgspec import Struct

from gradtui.course import templates
from gradtui.course.edits import draws_for
from gradtui.course.schema import Ask, Exercise, Lesson, Step, WhatIf
from gradtui.course.yaml_nodes import Path
from gradtui.language.program import Probe, Program, ProgramStep


class Asked(Struct, frozen=True):
    """A probe with the part of its step it comes from, and the offset there of a quote."""

    probe: Probe
    path: Path
    offset: int = 0


def program(lesson: Lesson) -> Program:
    """All steps of a lesson in order, each with its probes."""
    steps = tuple(main_step(step) for step in lesson.steps)
    return Program(lesson.id, steps, lesson.seed, lesson.limits.limits())


def variant(lesson: Lesson, step_id: str, variant_id: str) -> Program:
    """The steps before `step_id`, then the what-if's code in its place; KeyError if there is none.

    The last step has the what-if's id: `step-id/variant-id`.
    """
    step = lesson.step(step_id)
    what_if = next((one for one in step.what_if if one.id == variant_id), None)
    if what_if is None:
        raise KeyError(variant_id)
    before = lesson.steps[: lesson.steps.index(step)]
    steps = tuple(ProgramStep(one.id, one.code or "", one.draws) for one in before)
    last = what_if_step(step, what_if)
    name = f"{lesson.id}/{last.id}"
    return Program(name, (*steps, last), lesson.seed, lesson.limits.limits())


Earlier: TypeAlias = Sequence[tuple[str, str]]  # a step's id and its code
Part: TypeAlias = Literal["starter", "solution"]
PARTS: tuple[Part, ...] = ("starter", "solution")


def exercise(lesson: Lesson, step_id: str, part: Part) -> Program:
    """The steps up to and with `step_id`, then its exercise's starter or solution with the checks.

    The last step has the id `step-id/starter` or `step-id/solution`. KeyError if there is none.
    """
    given = lesson.step(step_id).exercise
    if given is None:
        raise KeyError(step_id)
    return attempt(lesson, step_id, getattr(given, part), part)


def attempt(lesson: Lesson, step_id: str, code: str, name: str = "attempt") -> Program:
    """The same with a learner's own code; the last step has the id `step-id/name`."""
    step = lesson.step(step_id)
    if step.exercise is None:
        raise KeyError(step_id)
    before = lesson.steps[: lesson.steps.index(step) + 1]
    steps = tuple(ProgramStep(one.id, one.code or "", one.draws) for one in before)
    checks = tuple(Probe(f"check:{n}", text) for n, text in enumerate(step.exercise.checks))
    last = ProgramStep(f"{step.id}/{name}", code, (), checks)
    return Program(f"{lesson.id}/{last.id}", (*steps, last), lesson.seed, lesson.limits.limits())


def edited(whole: Program, step_id: str, code: str, name: str, earlier: Earlier = ()) -> Program:
    """The steps up to `step_id`, its own code replaced: the last step is called `step-id/name`.

    `earlier` has other code for some of the steps before. A step's draws stay with the random calls
    they were for. KeyError if there is no such step.
    """
    at = next((n for n, step in enumerate(whole.steps) if step.id == step_id), None)
    if at is None:
        raise KeyError(step_id)
    other = dict(earlier)
    steps = [_other(step, other.get(step.id, step.code), step.id) for step in whole.steps[:at]]
    last = _other(whole.steps[at], code, f"{step_id}/{name}")
    return replace(whole, name=f"{whole.name}/{last.id}", steps=(*steps, last))


def _other(step: ProgramStep, code: str, id: str) -> ProgramStep:
    """The step with other code, and nothing asked of it."""
    return ProgramStep(id, code, draws_for(step.code, code, step.draws))


def main_step(step: Step) -> ProgramStep:
    """One step as it runs in the main line."""
    asked = tuple(one.probe for one in probes(step))
    return ProgramStep(step.id, step.code or "", step.draws, asked)


def what_if_step(step: Step, what_if: WhatIf) -> ProgramStep:
    """A step with a what-if's code in the place of its own."""
    draws = step.draws if what_if.draws is None else what_if.draws
    asked = tuple(one.probe for one in _quotes("say", what_if.say, ()))
    return ProgramStep(f"{step.id}/{what_if.id}", what_if.code, draws, asked)


def probes(step: Step) -> list[Asked]:
    """Everything a lesson asks after a step, in the order of the schema."""
    checks = [
        Asked(Probe(f"check:{n}", text.strip()), ("checks", n))
        for n, text in enumerate(step.checks)
    ]
    prose = [*_quotes("say", step.say, ()), *_quotes("explain", step.explain, ())]
    question = _question(step.ask) if step.ask else ()
    return [*checks, *prose, *question, *(_task(step.exercise) if step.exercise else ())]


def what_if_probes(what_if: WhatIf) -> list[Asked]:
    """The quotes of a what-if's prose."""
    return list(_quotes("say", what_if.say, ()))


def _question(ask: Ask) -> Iterator[Asked]:
    if ask.answer is not None:
        yield Asked(Probe("answer", ask.answer.strip()), ("ask", "answer"))
    for n, mistake in enumerate(ask.mistakes):
        yield Asked(Probe(f"mistake:{n}", mistake.when.strip()), ("ask", "mistakes", n, "when"))
        yield from _quotes(f"mistake:{n}", mistake.say, ("ask", "mistakes", n), "say")
    for n, choice in enumerate(ask.choices):
        yield Asked(Probe(f"choice:{n}", choice.strip()), ("ask", "choices", n))
    yield from _quotes("prompt", ask.prompt, ("ask",))
    for n, hint in enumerate(ask.hints):
        yield from _quotes(f"hint:{n}", hint, ("ask", "hints"), n)


def _task(exercise: Exercise) -> Iterator[Asked]:
    yield from _quotes("task", exercise.say, ("exercise",), "say")
    for n, hint in enumerate(exercise.hints):
        yield from _quotes(f"task-hint:{n}", hint, ("exercise", "hints"), n)


def _quotes(name: str, text: str | None, owner: Path, key: str | int = "") -> Iterator[Asked]:
    for n, quote in enumerate(templates.quotes(text or "")):
        probe = Probe(f"quote:{name}:{n}", quote.expression)
        yield Asked(probe, (*owner, name if key == "" else key), quote.start)
