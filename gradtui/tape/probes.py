"""What is asked of the state a step leaves: expressions, unseen by the tape."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtui.language.errors import OverBudget
from gradtui.language.faults import writable
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Probe, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.events import AnyEvent

if TYPE_CHECKING:
    from gradtui.tape.recorder import Recorder


def asked_after(
    step: ProgramStep,
    interpreter: Interpreter,
    recorder: "Recorder",
    emit: Callable[[AnyEvent], None],
) -> None:
    for probe in step.probes:
        recorder.muted = True
        answer = probed(probe, interpreter, recorder)
        recorder.muted = False
        emit(answer)


def probed(probe: Probe, interpreter: Interpreter, recorder: "Recorder") -> e.Probed:
    """What an expression gives now: its repr, its truth, its tensor; or its error."""

    def read(value: Any) -> e.Probed:
        text = interpreter.runtime.builtins["repr"](value)
        shown = recorder.watch.peek(value) if isinstance(value, recorder.tensor) else None
        return e.Probed(id=probe.id, text=text, truth=_truth(value), value=shown)

    try:
        answer: e.Probed = interpreter.evaluate(probe.expression, read)
        return answer
    except (Exception, OverBudget) as error:
        return e.Probed(id=probe.id, text="", error=f"{type(error).__name__}: {text_of(error)}")


def _truth(value: Any) -> bool | None:
    try:
        return bool(value)
    except Exception:
        return None


def text_of(error: BaseException) -> str:
    """An error's message as it can be written."""
    try:
        return writable(str(error))
    except Exception:
        return "<exception str() failed>"
