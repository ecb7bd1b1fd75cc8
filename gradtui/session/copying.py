"""What can be copied, as text that can be pasted into Python."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradtui.tape import plain, values
from gradtui.tape.state import tape_state

if TYPE_CHECKING:
    from gradtui.session.session import Session


@dataclass(frozen=True, slots=True)
class Copy:
    """`key` chooses it; `name` is what the learner is told was copied."""

    key: str
    label: str
    name: str
    text: str


def copies(session: "Session") -> list[Copy]:
    """All there is to copy at this moment; the first is what `y` twice gives."""
    code = session.snapshot().code
    found = [Copy("y", "the code of this step", "the code", code)] if code else []
    take, tensor = session.take, session.tensor
    if take is None:
        return found
    state = tape_state(take.tape, session.position)
    value = state.value(tensor) if tensor is not None else None
    if tensor is not None and value is not None:
        name = state.label(tensor)
        literal = f"torch.{values.text(value)}"
        found.append(Copy("t", f"the tensor {name}", f"the tensor {name}", literal))
    words = plain.describe(take.tape, session.position)
    found.append(Copy("e", "the current event, in words", "the event", words))
    output = state.printed(session.step_id)
    if output:
        found.append(Copy("o", "what has been printed", "the output", output.rstrip("\n")))
    found.append(
        Copy("s", "the whole step: code and output as comments", "the step", _step(code, output))
    )
    return found


def _step(code: str, output: str) -> str:
    return "\n".join([code, *(f"# {line}" for line in output.splitlines())])
