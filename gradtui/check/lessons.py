"""One lesson being checked: read, run on gradtui's engine, and judged against torch's runs of it.

one = read(path)            # Runs, or the LessonReport of a file that is no lesson
one.run()
report(one, torchs_runs)    # a LessonReport
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import cast

import gradtui.engine as engine
from gradtui.check.differences import compared
from gradtui.check.exercises import exercised
from gradtui.check.findings import Counts, Finding, LessonReport
from gradtui.check.kinds import Kind
from gradtui.check.runs import StepRun, by_step, programs_of, together
from gradtui.check.verify import Place, verify
from gradtui.course import files as files_of_packs
from gradtui.course.loader import LoadedLesson, load_lesson
from gradtui.course.packs import PACK, lesson_files
from gradtui.course.problems import BadLesson, Problem
from gradtui.course.programs import PARTS, Part, exercise, program, variant
from gradtui.course.yaml_nodes import MAX_BYTES
from gradtui.language.program import Program
from gradtui.tape.events import AnyEvent, Stopped
from gradtui.tape.recorder import play


@dataclass(frozen=True, slots=True)
class Job:
    """One program of a lesson: the main line, or a what-if or exercise of a step."""

    program: Program
    step: int | None = None
    what_if: int | None = None
    exercise: Part | None = None


@dataclass(slots=True)
class Runs:
    """A lesson's programs and what each did on gradtui's engine."""

    loaded: LoadedLesson
    jobs: Sequence[Job]
    known: Sequence[Finding] = ()  # what was found without running anything
    ours: list[list[AnyEvent]] = field(default_factory=list)
    seconds: float = 0.0

    def run(self) -> None:
        """Runs every program here."""
        begun = perf_counter()
        events = _events(together([job.program for job in self.jobs]))
        self.ours = programs_of(events, len(self.jobs))
        self.seconds += perf_counter() - begun


# Reading.


def files(paths: Sequence[Path]) -> list[Path | BadLesson]:
    """The lesson files at some paths, each once, and what is wrong with a path."""
    found: dict[Path | BadLesson, None] = {}
    for path in paths:
        try:
            found.update(dict.fromkeys(lesson_files(path)))
        except BadLesson as bad:
            found[bad] = None
            found.update(dict.fromkeys(_beside(path)))
    return list(found)


def _beside(path: Path) -> list[Path]:
    """The lessons of a pack whose description is broken: they are checked all the same."""
    folder = path.parent if path.name == PACK else path
    return sorted(one for one in folder.glob("*.y*ml") if one.name != PACK)


def read(file: Path | BadLesson) -> Runs | LessonReport:
    """A lesson ready to run, or the report of what keeps it from being one."""
    begun = perf_counter()
    try:
        if isinstance(file, BadLesson):
            raise file
        loaded = load_lesson(file)
    except BadLesson as bad:
        path = bad.problems[0].path
        if not _runs_all_the_same(bad):
            found = tuple(_finding(problem, "") for problem in bad.problems)
            seconds = perf_counter() - begun
            return LessonReport(path, path.stem, seconds, Counts(), found, _text(path))
        loaded = LoadedLesson(bad.content, path, _text(path), bad.positions)
        known = [_finding(one, _step_at(loaded, one.line)) for one in bad.problems]
        return Runs(loaded, _jobs(loaded), known, seconds=perf_counter() - begun)
    return Runs(loaded, _jobs(loaded), seconds=perf_counter() - begun)


_RUNS_ALL_THE_SAME = {"language", "quote"}


def _runs_all_the_same(bad: BadLesson) -> bool:
    """Whether only some code is wrong: what the rest does is worth knowing at the same time."""
    return bad.content is not None and {one.kind for one in bad.problems} <= _RUNS_ALL_THE_SAME


def _finding(problem: Problem, step: str) -> Finding:
    return Finding(step, cast(Kind, problem.kind), problem.message, problem.line, problem.column)


def _step_at(loaded: LoadedLesson, line: int) -> str:
    """The step that a line of the file is in."""
    begun = [step for step, first in _steps(loaded) if first <= line]
    return begun[-1] if begun else ""


def _steps(loaded: LoadedLesson) -> tuple[tuple[str, int], ...]:
    """The steps' ids and lines."""
    return tuple((step.id, loaded.at(n).line) for n, step in enumerate(loaded.lesson.steps))


def _text(path: Path) -> str:
    try:
        return files_of_packs.read(path, MAX_BYTES).decode("utf-8", "replace")
    except BadLesson:
        return ""


def _jobs(loaded: LoadedLesson) -> list[Job]:
    lesson = loaded.lesson
    what_ifs = [
        Job(_last(variant(lesson, step.id, what_if.id)), number, which)
        for number, step in enumerate(lesson.steps)
        for which, what_if in enumerate(step.what_if)
    ]
    exercises = [
        Job(_last(exercise(lesson, step.id, part)), number, exercise=part)
        for number, step in enumerate(lesson.steps)
        for part in (PARTS if step.exercise else ())
    ]
    return [Job(program(lesson)), *what_ifs, *exercises]


def _last(program: Program) -> Program:
    """The same, telling of its last step alone: what leads up to it is told in the main line."""
    return replace(program, told_from=len(program.steps) - 1)


# Running.


def _events(program: Program) -> list[AnyEvent]:
    """What a program does on gradtui's engine, however it ends."""
    events: list[AnyEvent] = []
    try:
        play(program, engine, events.append)
    except MemoryError:
        events.append(Stopped(reason="out of memory"))
    except Exception as error:
        said = f"{type(error).__name__}: {error}".partition("\n")[0]
        events.append(Stopped(reason=f"gradtui's engine failed: {said}"))
    return events


# Judging.


def report(
    runs: Runs, theirs: Sequence[Sequence[AnyEvent]] | None, strict: bool = False
) -> LessonReport:
    """The findings on both engines and between them; without torch's runs nothing is compared."""
    begun = perf_counter()
    findings = _verified(runs, runs.ours, strict)
    counts = Counts()
    if theirs is not None:
        findings = _merged(findings, _verified(runs, theirs, strict))
        for job, one, other in zip(runs.jobs, runs.ours, theirs, strict=True):
            if job.exercise is not None:
                continue
            counted, found = compared(runs.loaded, job.step, job.what_if, one, other, strict)
            counts += counted
            findings += found
    else:
        counts = Counts(not_compared=sum(map(len, runs.ours)))
    told = _with_known(findings, runs.known)
    loaded, seconds = runs.loaded, runs.seconds + perf_counter() - begun
    return LessonReport(
        loaded.path, loaded.lesson.id, seconds, counts, told, loaded.text, _steps(loaded)
    )


def _with_known(findings: Sequence[Finding], known: Sequence[Finding]) -> tuple[Finding, ...]:
    """All in the order of the file, without those that only follow from code that cannot run."""
    lines = {one.line for one in known}
    cut = any(one.kind == "language" for one in known)
    fresh = [one for one in findings if one.line not in lines and not (cut and one.kind == "crash")]
    return tuple(sorted([*known, *fresh], key=lambda one: (one.line, one.column)))


def _verified(runs: Runs, events: Sequence[Sequence[AnyEvent]], strict: bool) -> list[Finding]:
    main = by_step(events[0])
    found = [one for place in _places(runs, main, events, strict) for one in verify(place)]
    for job, told in zip(runs.jobs, events, strict=True):
        found += _cut_short(runs, job, told)
        if job.exercise is not None and job.step is not None:
            found += exercised(runs.loaded, job.step, job.exercise, by_step(told))
    return found


def _cut_short(runs: Runs, job: Job, events: Sequence[AnyEvent]) -> Iterator[Finding]:
    """A run that did not reach its last step, and does not say in a step why."""
    told = by_step(events)
    wanted = job.program.steps[job.program.told_from :]
    missing = next((step.id for step in wanted if step.id not in told), None)
    if missing is None or any(run.stopped for run in told.values()):
        return
    why = next((event.reason for event in events if isinstance(event, Stopped)), "no reason given")
    where = runs.loaded.at(job.step or 0)
    yield Finding.at(where, missing, "crash", f"the run ended before this step: {why}")


def _places(
    runs: Runs, main: dict[str, StepRun], events: Sequence[Sequence[AnyEvent]], strict: bool
) -> Iterator[Place]:
    loaded = runs.loaded
    for number, step in enumerate(loaded.lesson.steps):
        if step.id in main:
            yield Place(loaded, number, main[step.id], strict=strict, others=main)
    for job, told in zip(runs.jobs[1:], events[1:], strict=True):
        last = by_step(told).get(job.program.steps[-1].id)
        if last is not None and job.step is not None and job.exercise is None:
            of = main.get(loaded.lesson.steps[job.step].id)
            yield Place(loaded, job.step, last, job.what_if, of, strict, main)


def _merged(ours: list[Finding], theirs: list[Finding]) -> list[Finding]:
    """What is found on both engines is said once; what is found on torch alone says so."""
    known = {(one.step, one.kind, one.line, one.column) for one in ours}
    alone = [one for one in theirs if (one.step, one.kind, one.line, one.column) not in known]
    marked = [
        Finding(one.step, one.kind, f"on torch: {one.message}", one.line, one.column)
        for one in alone
    ]
    return [*ours, *marked]
