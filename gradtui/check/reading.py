"""Lessons being checked: found, read, and run on gradtui's engine.

one = read(path)            # Runs, or the LessonReport of a file that is no lesson
one.run()                   # one.ours: the events of each of its programs
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import cast

import gradtui.engine as engine
from gradtui.check.claims import Mention, asking, mentions
from gradtui.check.findings import Counts, Finding, LessonReport
from gradtui.check.kinds import Kind
from gradtui.check.runs import programs_of, together
from gradtui.check.static import named_otherwise, static
from gradtui.course import files as files_of_packs
from gradtui.course.loader import LoadedLesson, load_lesson
from gradtui.course.packs import PACK, SUFFIXES, lesson_files
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
    mentions: Sequence[Mention] = ()  # numbers in prose that look like results
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
    try:
        names = files_of_packs.names(folder)
    except BadLesson:
        return []
    lessons = [folder / name for name in names if name.endswith(SUFFIXES) and name != PACK]
    return [one for one in lessons if files_of_packs.is_plain(one)]


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
        return _ready(loaded, known, begun)
    return _ready(loaded, [], begun)


def _ready(loaded: LoadedLesson, known: list[Finding], begun: float) -> Runs:
    lines = {one.line for one in known}  # what is no code is not asked about its names
    found = [one for one in (*static(loaded), *named_otherwise(loaded)) if one.line not in lines]
    claims = mentions(loaded.lesson)
    jobs = _jobs(loaded, claims)
    return Runs(loaded, jobs, [*known, *found], claims, seconds=perf_counter() - begun)


_RUNS_ALL_THE_SAME = {"language", "quote"}


def _runs_all_the_same(bad: BadLesson) -> bool:
    """Whether only some code is wrong: what the rest does is worth knowing at the same time."""
    return bad.content is not None and {one.kind for one in bad.problems} <= _RUNS_ALL_THE_SAME


def _finding(problem: Problem, step: str) -> Finding:
    return Finding(step, cast(Kind, problem.kind), problem.message, problem.line, problem.column)


def _step_at(loaded: LoadedLesson, line: int) -> str:
    """The step that a line of the file is in."""
    begun = [step for step, first in steps_of(loaded) if first <= line]
    return begun[-1] if begun else ""


def steps_of(loaded: LoadedLesson) -> tuple[tuple[str, int], ...]:
    """The steps' ids and lines."""
    return tuple((step.id, loaded.at(n).line) for n, step in enumerate(loaded.lesson.steps))


def _text(path: Path) -> str:
    try:
        return files_of_packs.read(path, MAX_BYTES).decode("utf-8", "replace")
    except BadLesson:
        return ""


def _jobs(loaded: LoadedLesson, claims: Sequence[Mention]) -> list[Job]:
    lesson = loaded.lesson
    what_ifs = [
        Job(asking(_last(variant(lesson, step.id, one.id)), number, which, claims), number, which)
        for number, step in enumerate(lesson.steps)
        for which, one in enumerate(step.what_if)
    ]
    exercises = [
        Job(_last(exercise(lesson, step.id, part)), number, exercise=part)
        for number, step in enumerate(lesson.steps)
        for part in (PARTS if step.exercise else ())
    ]
    return [Job(asking(program(lesson), None, None, claims)), *what_ifs, *exercises]


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
