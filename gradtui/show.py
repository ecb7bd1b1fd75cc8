"""A lesson or a script replayed as linear text, for pipes, screen readers and golden files."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import gradtui.engine as engine
from gradtui.course.loader import load_lesson
from gradtui.course.packs import find_lesson
from gradtui.course.problems import BadLesson, Problem
from gradtui.course.programs import program as program_of_lesson
from gradtui.language.program import Program
from gradtui.oracle.compare import Comparison, Verdict
from gradtui.scripts import program_of
from gradtui.tape.events import AnyEvent
from gradtui.tape.plain import lines
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape


def show(target: str, torch: bool = False, width: int = 0) -> Iterator[str]:
    """The lines of the replay; BadLesson when there is nothing to replay."""
    program = _program(target)
    events: list[AnyEvent] = []
    play(program, engine, events.append)
    tape = Tape(events)
    sources = {step.id: step.code for step in program.steps}
    verdicts = _verdicts(program, events) if torch else None
    return lines(tape, verdicts, width or shutil.get_terminal_size().columns, sources)


def _program(target: str) -> Program:
    if target.endswith(".py"):
        try:
            return program_of(Path(target), 10.0, watched=True)
        except ValueError as error:
            raise BadLesson([Problem(Path(target), 1, 1, str(error).partition(": ")[2])]) from None
    return program_of_lesson(load_lesson(find_lesson(target)).lesson)


def _verdicts(program: Program, events: Sequence[AnyEvent]) -> Sequence[Verdict]:
    from gradtui.oracle.client import OracleError, run_torch

    comparison = Comparison(events)
    try:
        comparison.feed(run_torch(program))
        comparison.finish("")
    except OracleError as error:
        comparison.finish(str(error))
    return comparison.verdicts
