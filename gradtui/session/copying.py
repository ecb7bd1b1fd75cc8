"""What can be copied, as text that can be pasted into Python."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from gradtui.tape import plain, values
from gradtui.tape.events import AnyEvent, NodeRan
from gradtui.tape.state import tape_state

if TYPE_CHECKING:
    from gradtui.session.session import Session


class Copy(Struct, frozen=True):
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
        rounded, exact = values.code(value, exact=False), values.code(value)
        found.append(Copy("t", f"the tensor {name}", f"the tensor {name}", rounded))
        found.append(Copy("f", f"{name} to the last bit", f"{name} to the last bit", exact))
    found += _of_node(session.snapshot().event)
    words = " ".join(plain.describe(take.tape, session.position).split())
    found.append(Copy("e", "the current event, as a comment", "the event", f"# {words}"))
    output = state.printed(session.step_id)
    if output:
        found.append(Copy("o", "what has been printed", "the output", output.rstrip("\n")))
    label = "the whole step: code and output as comments"
    return [*found, Copy("s", label, "the step", _step(code, output))]


def _of_node(event: AnyEvent | None) -> Iterator[Copy]:
    """What arrived at a node of the backward pass, and what it sent on."""
    if not isinstance(event, NodeRan):
        return
    arrived = next((value for value in event.cotangents if value is not None), None)
    sent = next((value for value in event.products if value is not None), None)
    if arrived is not None:
        yield Copy("v", "v, which arrived at this node", "v", values.code(arrived))
    if sent is not None:
        yield Copy("g", "v·J, which it sent on", "v·J", values.code(sent))


def _step(code: str, output: str) -> str:
    return "\n".join([code, *(f"# {line}" for line in output.splitlines())])
