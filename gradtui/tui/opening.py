"""Opening what one wants to take: a lesson file, one's own script, or the shelf of lessons.

Everything here may take a while, so it runs off the screen's thread.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gradtui.course import changes, packs, programs
from gradtui.course.files import is_plain
from gradtui.course.loader import load_lesson, load_pack
from gradtui.course.problems import BadLesson, Problem
from gradtui.course.progress import Progress, Unkept, now
from gradtui.course.schema import Lesson
from gradtui.language.program import Program, ProgramStep
from gradtui.scripts import code_of
from gradtui.session import Session, Take, attempts
from gradtui.tape.events import AnyEvent, NodeRan, Stopped
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
    steps: int = 0
    done: int = 0  # of the steps
    left_at: str = ""  # the title of the step it was left at
    due: str = ""  # the step whose missed prediction is to be asked again, on a book of reviews


@dataclass(frozen=True, slots=True)
class Shelf:
    """Lessons to choose from."""

    books: tuple[Book, ...]


def open_target(target: Path | None, progress: Progress | None = None) -> Opening | Shelf:
    """What is at a path, or the lesson being taken, or the lessons there are; BadLesson if unusable."""
    if target is not None and target.suffix == ".py":
        return _script(target)
    found = _found(target)
    if len(found) == 1 and isinstance(found[0], Path):
        return open_lesson(found[0], progress)
    latest = _latest(found, progress) if target is None and progress else None
    return open_lesson(latest, progress) if latest else Shelf(tuple(_books(found, progress)))


def shelf(target: Path | None, progress: Progress | None = None) -> Shelf:
    """The lessons there are, or those at a path; broken ones too, and what is to be reviewed first."""
    return Shelf(tuple(_books(_found(target), progress)))


def _latest(found: list[Path | BadLesson], progress: Progress) -> Path | None:
    """The lesson that was taken last, if it is still there."""
    place = progress.latest()
    here = [one for one in found if isinstance(one, Path) and place and pack_of(one) == place.pack]
    named = (one for one in here if place and one.stem == place.lesson)
    return next(named, None) or next((p for p in here if place and _was(p, place.lesson)), None)


def _was(path: Path, lesson_id: str) -> bool:
    """Whether a lesson says that it had this id."""
    try:
        return lesson_id in load_lesson(path).lesson.was
    except BadLesson:
        return False


def carry_over(progress: Progress, path: Path, lesson: Lesson) -> None:
    """Bring what was learnt under earlier ids of a lesson and its steps to their present ones."""
    was = [old for old in lesson.was if not is_plain(path.with_name(f"{old}.yaml"))]
    with contextlib.suppress(Unkept):  # told when something is to be kept
        progress.rename(pack_of(path), lesson.id, was, changes.renamed(lesson))


def _books(found: list[Path | BadLesson], progress: Progress | None) -> Iterator[Book]:
    books = [_book(one, progress) for one in found]
    due = (
        {(card.pack, card.lesson): card.step for card in progress.cards(now())} if progress else {}
    )
    for book in books:
        step = due.get((pack_of(book.path), book.path.stem))
        if step is not None and not book.problem:
            yield replace(book, title=f"Review: {book.title}", due=step)
    yield from books


def _found(target: Path | None) -> list[Path | BadLesson]:
    if target is not None:
        return list(packs.lesson_files(target))
    return [one for pack in packs.discover() for one in pack.present()]


def _book(found: Path | BadLesson, progress: Progress | None) -> Book:
    try:
        if isinstance(found, BadLesson):
            raise found
        lesson = load_lesson(found).lesson
    except BadLesson as bad:
        path = bad.problems[0].path
        return Book(path, path.stem, problem=str(bad.problems[0]))
    book = Book(
        found, lesson.title, lesson.minutes or 0, lesson.objectives, steps=len(lesson.steps)
    )
    return _with_progress(book, lesson, progress) if progress else book


def _with_progress(book: Book, lesson: Lesson, progress: Progress) -> Book:
    carry_over(progress, book.path, lesson)
    pack = pack_of(book.path)
    done = changes.carried(progress.done(pack, lesson.id), lesson)
    place = progress.place(pack, lesson.id)
    titles = {old: step.title for step in lesson.steps for old in (step.id, *step.was)}
    left_at = titles.get(place.step, "") if place else ""
    return replace(book, done=len(set(done.values())), left_at=left_at)


def open_lesson(path: Path, progress: Progress | None = None) -> Opening:
    """The lesson in a file; BadLesson if it cannot be used."""
    lesson = load_lesson(path).lesson
    if progress is not None:
        carry_over(progress, path, lesson)
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
