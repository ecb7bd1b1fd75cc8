"""Opening what one wants to take: a lesson file, one's own script, or the shelf of lessons.

Everything here may take a while, so it runs off the screen's thread.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gradtui.course import packs, programs
from gradtui.course.loader import load_lesson, load_pack
from gradtui.course.problems import BadLesson, Problem
from gradtui.course.schema import Lesson
from gradtui.language.program import Program, ProgramStep
from gradtui.session import Session, Take, attempts
from gradtui.tape.events import AnyEvent, Stopped
from gradtui.tape.tape import TapeBuilder
from gradtui.tui import drawing as drawing  # loaded here, so that the screen need not wait for it

SECONDS = 2.0  # a run may take, in the player
STATEMENTS = 40_000  # it may run: each leaves events to be kept


@dataclass(frozen=True, slots=True)
class Opening:
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


@dataclass(frozen=True, slots=True)
class Book:
    """A lesson on the shelf; `problem` is the first reason why it cannot be taken."""

    path: Path
    title: str
    minutes: int = 0
    objectives: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Lessons to choose from."""

    books: tuple[Book, ...]


def open_target(target: Path | None) -> Opening | Shelf:
    """What is at a path, or the lessons there are; BadLesson if it cannot be used."""
    if target is not None and target.suffix == ".py":
        return _script(target)
    found = _found(target)
    if len(found) == 1 and isinstance(found[0], Path):
        return open_lesson(found[0])
    return Shelf(tuple(map(_book, found)))


def shelf(target: Path | None) -> Shelf:
    """The lessons there are, or those at a path; broken ones too."""
    return Shelf(tuple(map(_book, _found(target))))


def _found(target: Path | None) -> list[Path | BadLesson]:
    if target is not None:
        return list(packs.lesson_files(target))
    return [one for pack in packs.discover() for one in pack.present()]


def _book(found: Path | BadLesson) -> Book:
    try:
        if isinstance(found, BadLesson):
            raise found
        lesson = load_lesson(found).lesson
    except BadLesson as bad:
        path = bad.problems[0].path
        return Book(path, path.stem, problem=str(bad.problems[0]))
    return Book(found, lesson.title, lesson.minutes or 0, lesson.objectives)


def open_lesson(path: Path) -> Opening:
    """The lesson in a file; BadLesson if it cannot be used."""
    lesson = load_lesson(path).lesson
    session = Session.of_lesson(lesson.title, lesson.steps)
    return Opening(session, _bounded(programs.program(lesson)), lesson, pack_of(path))


def pack_of(path: Path) -> str:
    """The id of the pack a lesson's file lies in; none for one that stands alone."""
    try:
        return load_pack(path.with_name(packs.PACK)).pack.id
    except BadLesson:
        return ""


def _script(path: Path) -> Opening:
    try:
        code = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
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
    return Take.of(builder.tape())
