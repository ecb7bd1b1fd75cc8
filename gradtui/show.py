"""A lesson or a script replayed as linear text, for pipes, screen readers and golden files."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap

import gradtui.engine as engine
from gradtui import looks
from gradtui.course import programs
from gradtui.course.glossary import glossary
from gradtui.course.loader import load_lesson
from gradtui.course.packs import find_lesson
from gradtui.course.problems import BadLesson, Problem, Unknown
from gradtui.course.schema import Lesson
from gradtui.language.program import Program
from gradtui.oracle.compare import Comparison, Verdict
from gradtui.scripts import program_of
from gradtui.session import Session, Take, told
from gradtui.tape.events import AnyEvent
from gradtui.tape.folds import Folds
from gradtui.tape.plain import lines
from gradtui.tape.rails import layout
from gradtui.tape.recorder import play
from gradtui.tape.summary import comparison, summary
from gradtui.tape.tangents import Direction, chosen
from gradtui.tape.tape import Tape
from gradtui.tape.versus import Run


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told beside the events: torch's verdicts, its rows of Jacobians, a tangent."""

    verdicts: Sequence[Verdict] | None = None
    rows: Mapping[int, str] = field(default_factory=dict)
    direction: Direction | None = None

    @classmethod
    def of(cls, program: Program, tape: Tape, torch: bool, tangent: str) -> "Beside":
        """What is asked for; Unknown for a tangent that cannot be understood."""
        direction = chosen(tape, len(tape), tangent) if tangent else None
        if isinstance(direction, str):
            raise Unknown(direction)
        if direction is not None:
            looks.ask_whole(program, tape)
            looks.ask_own(program, tape, direction)
        if not torch:
            return cls(direction=direction)
        return cls(_verdicts(program, tape.events), looks.rows(program, tape), direction)

    def lines(self, tape: Tape, width: int, events: range | None = None) -> Iterator[str]:
        """The replay with what is told beside it."""
        yield from lines(
            tape, self.verdicts, width, events=events, rows=self.rows, direction=self.direction
        )


def show(target: str, torch: bool = False, width: int = 0, tangent: str = "") -> Iterator[str]:
    """The lines of the replay; BadLesson when there is nothing to replay."""
    width = width or shutil.get_terminal_size().columns
    if not target.endswith(".py"):
        return _lesson(load_lesson(find_lesson(target)).lesson, torch, width, tangent)
    program = script(target)
    tape = recorded(program)
    return _script(tape, Beside.of(program, tape, torch, tangent), width)


def _script(tape: Tape, beside: Beside, width: int) -> Iterator[str]:
    yield from beside.lines(tape, width)
    folds = Folds(tape, layout(tape))
    for step in tape.steps:
        yield from _listed(summary(folds, step), width)


def _listed(told_of: Iterator[str], width: int) -> Iterator[str]:
    """Lines after a blank one, each within the width; nothing where there are none."""
    for number, line in enumerate(told_of):
        if not number:
            yield ""
        indent = " " * (len(line) - len(line.lstrip()))
        yield from wrap(
            told.clean(line.strip()), max(20, width),
            initial_indent=indent, subsequent_indent=f"{indent}  ",
        )  # fmt: skip


def words(target: str | None, width: int = 0) -> Iterator[str]:
    """The glossary, with the meanings a lesson gives; BadLesson where there is no such lesson."""
    width = width or shutil.get_terminal_size().columns
    lesson = None
    if target is not None and not target.endswith(".py"):
        lesson = load_lesson(find_lesson(target)).lesson
    for word in glossary(lesson):
        also = f" (also: {', '.join(word.also)})" if word.also else ""
        yield told.clean(f"{word.term}{also}")
        yield from wrap(
            told.clean(word.means), max(20, width), initial_indent="  ", subsequent_indent="  "
        )


def script(target: str) -> Program:
    """The program of one's own script; BadLesson for a file that cannot be read."""
    try:
        return program_of(Path(target), 10.0, watched=True)
    except ValueError as error:
        raise BadLesson([Problem(Path(target), 1, 1, str(error).partition(": ")[2])]) from None


def recorded(program: Program) -> Tape:
    """The tape of a program's run over gradtui's engine."""
    events: list[AnyEvent] = []
    play(program, engine, events.append)
    return Tape(events, {step.id: step.code for step in program.steps})


def _lesson(lesson: Lesson, torch: bool, width: int, tangent: str) -> Iterator[str]:
    program = programs.program(lesson)
    tape = recorded(program)
    beside = Beside.of(program, tape, torch, tangent)
    session = Session.of_lesson(lesson.title, lesson.steps)
    session.recorded(Take.of(tape))
    yield from _head(lesson, width)
    for at in range(len(session.scenes)):
        session.go_to_step(at)
        yield from ("", *told.heading(session), "", *told.before(session), "")
        yield from _replay(session, beside, width)
        yield from told.after(session)
        yield from _variants(lesson, session, width)
    yield from told.listed("Words", [f"{t.term}: {t.means}" for t in lesson.glossary], width)


def _head(lesson: Lesson, width: int) -> Iterator[str]:
    yield told.clean(lesson.title)
    minutes = f"about {lesson.minutes} minutes" if lesson.minutes else ""
    yield from (told.clean(fact) for fact in (minutes, lesson.source) if fact)
    yield from told.listed("Afterwards you can", lesson.objectives, width)
    yield from told.listed("You should know", lesson.prerequisites, width)


def _replay(session: Session, beside: Beside, width: int) -> Iterator[str]:
    here, take = session.range, session.take
    if here is not None and take is not None:
        events = range(here.start + 1, here.stop)
        yield from beside.lines(take.tape, width, events)
        yield from _listed(summary(take.folds, here), width)


def _variants(lesson: Lesson, session: Session, width: int) -> Iterator[str]:
    scene, here, main = session.scene, session.range, session.take
    for variant in scene.variants:
        take = Take.of(recorded(programs.variant(lesson, scene.id, variant.id)))
        yield from told.other(variant, scene.id, take)
        there = take.ranges.get(f"{scene.id}/{variant.id}")
        if here is not None and there is not None and main is not None:
            yield from _listed(comparison(Run(take.tape, there), Run(main.tape, here)), width)


def _verdicts(program: Program, events: Sequence[AnyEvent]) -> Sequence[Verdict]:
    from gradtui.oracle.client import OracleError, run_torch

    comparison = Comparison(events)
    try:
        comparison.feed(run_torch(program))
        comparison.finish("")
    except OracleError as error:
        comparison.finish(str(error))
    return comparison.verdicts
