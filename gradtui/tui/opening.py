"""Opening what one wants to take: a lesson file, one's own script, or the shelf of lessons.

Everything here may take a while, so it runs off the screen's thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import Struct

from gradtui.course import programs
from gradtui.course.loader import load_lesson
from gradtui.course.problems import BadLesson, Problem
from gradtui.course.progress import Progress
from gradtui.course.schema import Lesson
from gradtui.language.program import Program, ProgramStep
from gradtui.scripts import code_of
from gradtui.session import Session, Take, attempts
from gradtui.tape.events import AnyEvent, NodeRan, Stopped
from gradtui.tape.tape import TapeBuilder
from gradtui.tui import drawing as drawing  # loaded here, so that the screen need not wait for it
from gradtui.tui.shelf import Shelf, carry_over, latest_of, lessons_at, pack_of, shelf_of

SECONDS = 2.0  # a run may take, in the player
STATEMENTS = 40_000  # it may run: each leaves events to be kept


class Opening(Struct, frozen=True):
    """What was opened: the session that takes it, and the program that both engines run."""

    session: Session
    program: Program
    lesson: Lesson | None = None
    pack: str = ""  # the id of the pack the lesson is in, under which progress is kept

    def variant(self, step: str, variant: str) -> Program:
        """The program of a what-if."""
        assert self.lesson is not None
        return _bounded(programs.variant(self.lesson, step, variant))

    def attempt(self, step: str, code: str) -> Program:
        """The program of a learner's code for an exercise."""
        assert self.lesson is not None
        return _bounded(programs.attempt(self.lesson, step, code, attempts.NAME))

    def solution(self, step: str) -> Program:
        """The program of an exercise's solution."""
        assert self.lesson is not None
        return _bounded(programs.exercise(self.lesson, step, "solution"))


def open_target(target: Path | None, progress: Progress | None = None) -> Opening | Shelf:
    """What is at a path, or the lesson being taken, or the lessons there are; BadLesson if unusable."""
    if target is not None and target.suffix == ".py":
        return _script(target)
    found = lessons_at(target)
    if len(found) == 1 and isinstance(found[0], Path):
        return open_lesson(found[0], progress)
    latest = latest_of(found, progress) if target is None and progress else None
    return open_lesson(latest, progress) if latest else shelf_of(found, progress)


def open_lesson(path: Path, progress: Progress | None = None) -> Opening:
    """The lesson in a file; BadLesson if it cannot be used."""
    lesson = load_lesson(path).lesson
    if progress is not None:
        carry_over(progress, path, lesson)
    session = Session.of_lesson(lesson.title, lesson.steps)
    return Opening(session, _bounded(programs.program(lesson)), lesson, pack_of(path))


def _script(path: Path) -> Opening:
    try:
        code = code_of(path)
    except ValueError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise BadLesson([Problem(path, 1, 1, f"cannot be read: {reason}")]) from None
    program = Program(path.name, (ProgramStep(path.name, code),))
    return Opening(Session.of_script(path.name, code, path.name), _bounded(program))


def _bounded(program: Program) -> Program:
    limits = program.limits
    seconds, statements = min(limits.seconds, SECONDS), min(limits.statements, STATEMENTS)
    return replace(program, limits=replace(limits, seconds=seconds, statements=statements))


def record(program: Program, alive: Callable[[], None]) -> Take:
    """The program run over gradtui's engine, as a take; `alive` may raise to end it."""
    import gradtui.engine as torch
    from gradtui.tape.recorder import play

    builder = TapeBuilder({step.id: step.code for step in program.steps})

    def emit(event: AnyEvent) -> None:
        alive()
        builder.append(event)

    try:
        play(program, torch, emit)
    except Exception as error:  # a fault of ours: what has happened so far is still worth seeing
        builder.append(Stopped(reason=f"gradtui failed here: {type(error).__name__}: {error}"))
    return Take.of(builder.tape(), program)


def tried(program: Program, alive: Callable[[], None]) -> tuple[AnyEvent, ...]:
    """What the lines of a program's scratch give over gradtui's engine."""
    import gradtui.engine as torch
    from gradtui.tape.recorder import play

    events: list[AnyEvent] = []

    def emit(event: AnyEvent) -> None:
        alive()
        events.append(event)

    try:
        play(program, torch, emit)
    except Exception as error:
        events.append(Stopped(reason=f"gradtui failed here: {type(error).__name__}: {error}"))
    return tuple(events)


def looked(events: Sequence[AnyEvent]) -> NodeRan | None:
    """What a look at a node told."""
    return next((event for event in events if isinstance(event, NodeRan)), None)
