"""Expectations written anew: what a lesson's steps print and how their errors are worded.

    for line in update(checker, [Path("lessons")]): print(line)

Only a text that is there is rewritten, in its place and its style: comments, quotes, layout and
line ends stay. What must be decided by an author is left and told: an error nobody expected, or of
another type, and everything that comes after it; what the two engines disagree on. The file is
replaced at once or not at all, and a second run changes nothing.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gradtui.check.prints import first_difference, says
from gradtui.check.reading import Runs
from gradtui.check.runner import Checker
from gradtui.check.runs import StepRun, by_step
from gradtui.check.surgery import Edit, Uneditable, rewrite
from gradtui.course.schema import Step, WhatIf
from gradtui.language.draws import RANDOM
from gradtui.tape.events import AnyEvent

Programs = Sequence[Sequence[AnyEvent]]


@dataclass(frozen=True, slots=True)
class Left:
    """What was not rewritten, in which line, and why."""

    line: int
    why: str


def update(checker: Checker, paths: Sequence[Path]) -> Iterator[str]:
    """Rewrites the lessons at these paths; a line for each thing written, and each left."""
    judged: list[tuple[Runs, Programs | None]] = []
    checker.check(paths, seen=lambda runs, theirs: judged.append((runs, theirs)))
    for runs, theirs in judged:
        yield from _update(runs, theirs, checker.strict)


def _update(runs: Runs, theirs: Programs | None, strict: bool) -> Iterator[str]:
    path = runs.loaded.path
    wanted = list(_wanted(runs, theirs, strict))
    edits = [one for one in wanted if isinstance(one, Edit)]
    try:
        rewrite(runs.loaded, edits)
        yield from (f"{path}:{one.line(runs.loaded)}: {one.what}" for one in edits)
    except Uneditable as why:
        yield f"{path}: not written: {why}"
    yield from (f"{path}:{one.line}: left: {one.why}" for one in wanted if isinstance(one, Left))


def _wanted(runs: Runs, theirs: Programs | None, strict: bool) -> Iterator[Edit | Left]:
    """The edits of a lesson in order, up to the first thing that its author must decide."""
    lesson, loaded = runs.loaded.lesson, runs.loaded
    main = _both(runs.ours[0], theirs[0] if theirs else None)
    variants = {
        (job.step, job.what_if): _both(ours, theirs[n] if theirs else None)
        for n, (job, ours) in enumerate(zip(runs.jobs, runs.ours, strict=True))
        if job.what_if is not None
    }
    for number, step in enumerate(lesson.steps):
        for n, what_if in enumerate(step.what_if):
            ran = variants[number, n].get(f"{step.id}/{what_if.id}")
            here = ("steps", number, "what_if", n)
            why = yield from _of(what_if, here, ran, strict)
            if why:
                yield Left(loaded.positions.at(here).line, why)
        why = yield from _of(step, ("steps", number), main.get(step.id), strict)
        if why:
            yield Left(loaded.at(number).line, f"{why}; nor what comes after it")
            return


Pair = tuple[StepRun, StepRun | None]


def _both(ours: Sequence[AnyEvent], theirs: Sequence[AnyEvent] | None) -> dict[str, Pair]:
    other = by_step(theirs) if theirs is not None else {}
    return {key: (run, other.get(key)) for key, run in by_step(ours).items()}


def _of(
    said: Step | WhatIf, path: tuple[str | int, ...], pair: Pair | None, strict: bool
) -> Generator[Edit, None, str]:
    """The edits of one step or what-if; returns why there can be none."""
    why = _undecided(said, pair)
    if why or pair is None:
        return why
    ours, theirs = pair
    run = theirs or ours
    if said.prints is not None and first_difference(said.prints, run.printed, strict) is not None:
        yield Edit((*path, "prints"), run.printed.rstrip("\n"), f"{run.id}: prints")
    if said.raises and run.error and not says(said.raises.match, run.error.message, strict):
        phrase = run.error.message.strip().partition("\n")[0].partition(". ")[0]
        yield Edit((*path, "raises", "match"), phrase, f"{run.id}: raises")
    used = sum(getattr(event, "name", "") in RANDOM for event in run.events)
    if said.draws is not None and 0 < used < len(said.draws):
        yield Edit((*path, "draws"), used, f"{run.id}: draws")
    return ""


def _undecided(said: Step | WhatIf, pair: Pair | None) -> str:
    """Why the author must look first, or ""."""
    if pair is None:
        return "it does not run"
    ours, theirs = pair
    if ours.stopped or (theirs is not None and theirs.stopped):
        return ours.stopped or "torch stops here"
    if theirs is not None and (ours.outcome, ours.printed) != (theirs.outcome, theirs.printed):
        alike = first_difference(theirs.printed, ours.printed) is None
        if ours.outcome != theirs.outcome or not alike:
            return "gradtui and torch disagree"
    if ours.error is not None and said.raises is None:
        return f"unexpected {ours.error.type}"
    if said.raises is not None and ours.outcome != said.raises.type:
        return f"expected {said.raises.type}, but there is {ours.outcome}"
    return ""
