"""A program run for what it prints: no operation is told of, so a script runs at full speed."""

from collections.abc import Callable
from typing import Any

from gradtui.arrays.guest import world
from gradtui.language.errors import OverBudget, Refused
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Program
from gradtui.language.source import Source
from gradtui.tape import events as e


def perform(program: Program, torch: Any, emit: Callable[[e.AnyEvent], None]) -> None:
    """Runs the steps over `torch` and emits `Printed`, `Raised` and `Stopped` events alone."""
    torch.manual_seed(program.seed)
    interpreter = Interpreter(
        world(torch),
        program.limits,
        output=lambda text: emit(e.Printed(text=text)),
        errors=lambda text: emit(e.Printed(text=text, aside=True)),
    )
    for step in program.steps:
        try:
            failure = interpreter.run(Source(step.id, step.code), step.draws).error
        except (OverBudget, Refused) as stop:
            emit(e.Stopped(reason=str(stop)))
            return
        if failure is not None and failure.exit is not None:
            asked = failure.exit
            emit(e.Raised(type="SystemExit", message=asked.parting, status=asked.status))
            return
        if failure is not None:
            kind, said = failure.type_name, failure.message
            emit(e.Raised(span=failure.span, type=kind, message=said))
