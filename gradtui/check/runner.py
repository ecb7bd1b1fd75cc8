"""Lessons checked without a screen: `check(paths)` gives a `Report`.

Torch's process is started first and imports torch while the lessons are read and run here; then
each lesson is verified on both engines and its two runs are compared event by event. A lesson that
is broken, loops for ever or takes too much is one finding, and the others go on.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

from gradtui.check.differences import compared
from gradtui.check.findings import Counts, Finding, LessonReport, Report
from gradtui.check.runs import StepRun, by_step
from gradtui.check.torch_side import TorchSide
from gradtui.check.verify import Place, verify
from gradtui.course.loader import LoadedLesson, load_lesson
from gradtui.course.packs import lesson_files
from gradtui.course.problems import BadLesson
from gradtui.course.programs import program, variant
from gradtui.language.program import Program
from gradtui.tape.events import AnyEvent, Stopped

Progress: TypeAlias = Callable[[int, int, str], None]  # lessons done, of how many, what now


@dataclass(frozen=True, slots=True)
class Job:
    """One program of a lesson: the main line, or a what-if of a step."""

    program: Program
    step: int | None = None
    what_if: int | None = None


@dataclass(slots=True)
class Runs:
    """A lesson's programs and what each did on gradtui's engine."""

    loaded: LoadedLesson
    jobs: Sequence[Job]
    ours: list[list[AnyEvent]] = field(default_factory=list)
    seconds: float = 0.0


def check(
    paths: Sequence[Path],
    jobs: int | None = None,
    against_torch: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Everything wrong with the lessons at these paths: files, packs, folders.

    `jobs` is how many programs torch runs at once, by default one a core. Without torch installed
    the report has a `trouble`; with `against_torch=False` nothing is compared, and all is well.
    """
    begun = perf_counter()
    with TorchSide(jobs or os.cpu_count() or 1, against_torch) as torch:
        read = [_read(file) for file in dict.fromkeys(_files(paths))]
        runs = [one for one in read if isinstance(one, Runs)]
        for one in runs:
            torch.ask(one.loaded, [job.program for job in one.jobs])
        for number, one in enumerate(runs):
            _tell(progress, number, 2 * len(runs), f"run {one.loaded.lesson.id}")
            _run(one)
        reports = list(_reports(read, torch, progress))
        trouble = torch.trouble
    return Report(reports, perf_counter() - begun, trouble)


def _tell(progress: Progress | None, done: int, of: int, what: str) -> None:
    if progress is not None:
        progress(done, of, what)


def _reports(
    read: Sequence[Runs | LessonReport], torch: TorchSide, progress: Progress | None
) -> Iterator[LessonReport]:
    total = sum(isinstance(one, Runs) for one in read)
    done = total
    for one in read:
        if isinstance(one, LessonReport):
            yield one
            continue
        _tell(progress, done, 2 * total, f"compare {one.loaded.lesson.id}")
        yield _report(one, torch)
        done += 1
    _tell(progress, done, 2 * total, "done")


# Reading.


def _files(paths: Sequence[Path]) -> Iterator[Path | BadLesson]:
    for path in paths:
        try:
            yield from lesson_files(path)
        except BadLesson as bad:
            yield bad


def _read(file: Path | BadLesson) -> Runs | LessonReport:
    begun = perf_counter()
    try:
        if isinstance(file, BadLesson):
            raise file
        loaded = load_lesson(file)
    except BadLesson as bad:
        return _broken(bad, perf_counter() - begun)
    return Runs(loaded, _jobs(loaded), seconds=perf_counter() - begun)


def _broken(bad: BadLesson, seconds: float) -> LessonReport:
    path = bad.problems[0].path
    findings = tuple(
        Finding("", "schema", problem.message, problem.line, problem.column)
        for problem in bad.problems
    )
    return LessonReport(path, path.stem, seconds, Counts(), findings, _text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.stat().st_size < 1_000_000 else ""
    except OSError:
        return ""


def _jobs(loaded: LoadedLesson) -> list[Job]:
    lesson = loaded.lesson
    what_ifs = [
        Job(variant(lesson, step.id, what_if.id), number, which)
        for number, step in enumerate(lesson.steps)
        for which, what_if in enumerate(step.what_if)
    ]
    return [Job(program(lesson)), *what_ifs]


# Running.


def _run(runs: Runs) -> None:
    begun = perf_counter()
    runs.ours = [_events(job.program) for job in runs.jobs]
    runs.seconds += perf_counter() - begun


def _events(program: Program) -> list[AnyEvent]:
    """What a program does on gradtui's engine, however it ends."""
    import gradtui.engine as engine
    from gradtui.tape.recorder import play

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


def _report(runs: Runs, torch: TorchSide) -> LessonReport:
    theirs = torch.answers(runs.loaded)
    begun = perf_counter()
    findings = _verified(runs, runs.ours)
    counts = Counts()
    if theirs is not None:
        findings = _merged(findings, _verified(runs, theirs))
        for job, one, other in zip(runs.jobs, runs.ours, theirs, strict=True):
            counted, found = compared(runs.loaded, job.step, job.what_if, one, other)
            counts += counted
            findings += found
    else:
        counts = Counts(not_compared=sum(map(len, runs.ours)))
    lesson, seconds = runs.loaded.lesson, runs.seconds + perf_counter() - begun
    findings.sort(key=lambda finding: (finding.line, finding.column))
    loaded = runs.loaded
    return LessonReport(loaded.path, lesson.id, seconds, counts, tuple(findings), loaded.text)


def _verified(runs: Runs, events: Sequence[Sequence[AnyEvent]]) -> list[Finding]:
    main = by_step(events[0])
    found = []
    for place in _places(runs, main, events):
        found += verify(place)
    return found


def _places(
    runs: Runs, main: dict[str, StepRun], events: Sequence[Sequence[AnyEvent]]
) -> Iterator[Place]:
    loaded = runs.loaded
    for number, step in enumerate(loaded.lesson.steps):
        if step.id in main:
            yield Place(loaded, number, main[step.id])
    for job, told in zip(runs.jobs[1:], events[1:], strict=True):
        last = by_step(told).get(job.program.steps[-1].id)
        if last is not None and job.step is not None:
            of = main.get(loaded.lesson.steps[job.step].id)
            yield Place(loaded, job.step, last, job.what_if, of)


def _merged(ours: list[Finding], theirs: list[Finding]) -> list[Finding]:
    """What is found on both engines is said once; what is found on torch alone says so."""
    known = {(one.step, one.kind, one.line, one.column) for one in ours}
    alone = [one for one in theirs if (one.step, one.kind, one.line, one.column) not in known]
    marked = [
        Finding(one.step, one.kind, f"on torch: {one.message}", one.line, one.column)
        for one in alone
    ]
    return [*ours, *marked]
