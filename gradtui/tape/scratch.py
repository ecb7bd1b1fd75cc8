"""Lines tried at one moment of a run, on either engine, without the lesson noticing.

    answer(program, torch, emit)      # of a program with a `scratch`

The program is run again up to that moment, which may lie in the middle of a backward pass; there
the lines run one after another, and the run ends. `emit` gets the event of the moment, then for
each line what it printed and a `Probed` with its value or its error. The names a line sees are
those of the function that is running, then the lesson's.
"""

import ast
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from gradtui.arrays.guest import world
from gradtui.language.checker import parse
from gradtui.language.errors import OverBudget, Refused
from gradtui.language.frames import UNSET, Cell
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Probe, Program, Scratch
from gradtui.language.scopes import Scope
from gradtui.language.source import Source
from gradtui.tape import events as e
from gradtui.tape.probes import probed
from gradtui.tape.recorder import Recorder, forget, play_steps

UNREACHED = "the run did not come to this event again"


class _Reached(OverBudget):
    """Ends the run: lesson code cannot catch it."""

    def __init__(self) -> None:
        super().__init__("cancelled", 0)


class _Moment:
    """Waits for the moment while the program runs, then has the lines answered."""

    def __init__(self, torch: Any, scratch: Scratch, emit: Callable[[e.AnyEvent], None]) -> None:
        self.torch, self.scratch, self.emit = torch, scratch, emit
        self.step, self.seen = "", 0
        self.reached = False
        self.recorder = Recorder(torch, self.hear)
        self.interpreter: Interpreter | None = None

    def hear(self, event: e.AnyEvent) -> None:
        """The run's next event: nobody else hears of it."""
        if self.reached:
            raise _Reached
        if isinstance(event, e.StepBegan):
            self.step, self.seen = event.step, 0
        self.seen += 1
        if self.step == self.scratch.step and self.seen >= self.scratch.events:
            self.reached = True
            self.emit(event)
            self._answer()
            raise _Reached

    def _answer(self) -> None:
        interpreter, recorder = self.interpreter, self.recorder
        assert interpreter is not None
        runtime = interpreter.runtime
        self.torch.set_grad_enabled(recorder.enabled)  # a backward pass runs without
        runtime.draws.clear()
        runtime.globals.update(_local_names())
        runtime.output = lambda text: self.emit(e.Printed(text=text))
        runtime.observer = None
        for number, line in enumerate(self.scratch.lines):
            self.emit(_line(f"line:{number}", line.strip(), interpreter, recorder))


def answer(program: Program, torch: Any, emit: Callable[[e.AnyEvent], None]) -> None:
    """Runs the program up to the moment of its scratch, and tells what the lines give there."""
    assert program.scratch is not None
    forget(torch, program.seed)
    moment = _Moment(torch, program.scratch, emit)
    interpreter = Interpreter(world(torch), program.limits, moment.recorder, lambda text: None)
    moment.interpreter = interpreter
    try:
        play_steps(program, moment.recorder, interpreter)
    except _Reached:
        return
    if not moment.reached:
        emit(e.Stopped(reason=UNREACHED))


def _line(id: str, line: str, interpreter: Interpreter, recorder: Recorder) -> e.Probed:
    source = Source("scratch", line)
    try:
        complaints = interpreter.check(source)
        if complaints:
            raise Refused(complaints)
        if is_expression(line):
            return probed(Probe(id, line), interpreter, recorder)
        with interpreter.budget.apart():
            outcome = interpreter.run(source)
    except Refused as error:
        return e.Probed(id=id, text="", error=refusal(error))
    except OverBudget as error:
        return e.Probed(id=id, text="", error=f"OverBudget: {error}")
    return e.Probed(id=id, text="", error=outcome.error.text if outcome.error else "")


def is_expression(line: str) -> bool:
    """Whether a line has a value: one expression, which is not a call of print. May raise Refused."""
    body = parse(Source("scratch", line)).body
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        return False
    call = body[0].value
    prints = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    return not (prints and call.func.id == "print")  # type: ignore[attr-defined]


def refusal(error: Refused) -> str:
    """Why a line was not run: `column 7: the module os …`."""
    first = error.complaints[0]
    return f"column {first.column + 1}: {first.message}"


def _local_names() -> dict[str, Any]:
    """What the names of the lesson function that is running mean; none outside all functions."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        scope, slots = (frame.f_locals.get(name) for name in ("lesson_function", "frame"))
        if isinstance(scope, Scope) and isinstance(slots, list):
            values = {name: slots[slot] for name, slot in scope.slots.items()}
            opened = {n: v.value if isinstance(v, Cell) else v for n, v in values.items()}
            return {name: value for name, value in opened.items() if value is not UNSET}
        frame = frame.f_back
    return {}
