"""Drafted steps run on gradtui's engine, to see what of the notebook comes out the same."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gradtui.engine
from gradtui.arrays.guest import world
from gradtui.check.prints import first_difference, unnumbered
from gradtui.check.runs import StepRun, by_step
from gradtui.language.errors import OverBudget, Refused
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Limits, Program, ProgramStep
from gradtui.language.source import Source
from gradtui.notebooks.drafts import Draft
from gradtui.notebooks.numbers import frame
from gradtui.session import Take
from gradtui.tape.events import AnyEvent, Printed, Raised, Stopped
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape

torch: Any = gradtui.engine
Runs = Mapping[str, StepRun]


def run(steps: Sequence[Draft], seed: int = 0) -> Runs:
    """What each step prints and how it ends; one that is not reached is missing."""
    found = {step.id: StepRun(step.id) for step in steps}
    torch.manual_seed(seed)
    current: list[AnyEvent] = []
    interpreter = Interpreter(
        world(torch), Limits(), output=lambda t: current.append(Printed(text=t))
    )
    for step in steps:
        current = found[step.id].events
        end = _ended(interpreter, step)
        if end is not None:
            current.append(end)
        if isinstance(end, Stopped):
            return {one: found[one] for one in list(found)[: steps.index(step) + 1]}
    return found


def _ended(interpreter: Interpreter, step: Draft) -> Raised | Stopped | None:
    """Runs a step; the event it ends in, if it does not end well."""
    try:
        failure = interpreter.run(Source(step.id, step.code), step.draws).error
    except (OverBudget, Refused) as stop:
        return Stopped(reason=str(stop))
    if failure is None:
        return None
    return Raised(span=failure.span, type=failure.type_name, message=failure.message)


def drawn(steps: Sequence[Draft], seed: int = 0) -> Runs:
    """The same with every operation told of."""
    made = tuple(ProgramStep(step.id, step.code, step.draws) for step in steps)
    events: list[AnyEvent] = []
    play(Program("notebook", made, seed), torch, events.append)
    return by_step(events)


def played(program: Program) -> Take:
    """A program's run, with its tape."""
    events: list[AnyEvent] = []
    play(program, torch, events.append)
    return Take.of(Tape(events, {step.id: step.code for step in program.steps}))


def printed(runs: Runs, step: Draft) -> str:
    """What a step printed; nothing if it was not reached."""
    return runs[step.id].printed if step.id in runs else ""


def agrees(runs: Runs, step: Draft) -> bool:
    """Whether a step prints what the notebook says, to the digits written."""
    return step.prints is None or first_difference(step.prints, printed(runs, step)) is None


def alike(runs: Runs, step: Draft) -> bool:
    """Whether a step prints what the notebook says but for its numbers."""
    return frame(unnumbered(step.prints or "")) == frame(unnumbered(printed(runs, step)))


def said(text: str, most: int = 60) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return json.dumps(line if len(line) <= most else line[: most - 1] + "…", ensure_ascii=False)
