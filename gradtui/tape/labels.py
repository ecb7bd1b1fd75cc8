"""What to call a tensor at a position: its name, whose `.grad` it is, or where it came from.

label(tape, position, 3)      # "y"; "weights.grad"; "2*y**2"; "earlier a" once `a` means another
node_label(tape, node)        # "Mul"; "AccumulateGrad" is "x.grad +="
"""

from collections.abc import Iterator

from gradtui.tape import events as e
from gradtui.tape.tape import Tape

LONGEST = 28  # characters of source text that still make a label
MANY = 16  # first and last bindings of a tensor that are looked at, as for a loop's variable
AHEAD = 64  # events within which an assignment follows the operation it names


def names_of(tape: Tape, position: int, tensor: int) -> tuple[str, ...]:
    """The names that mean this tensor now, the oldest first."""
    found = dict.fromkeys(_bound_names(tape, position, tensor))
    return tuple(name for name in found if _meaning(tape, position, name) == tensor)


def _bound_names(tape: Tape, position: int, tensor: int) -> Iterator[str]:
    bound = tape.index.namings.of(tensor, position)
    shown = bound if len(bound) <= 2 * MANY else bound[:MANY] + bound[-MANY:]
    for at in shown:
        yield _bound(tape, at).name


def _bound(tape: Tape, at: int) -> e.Bound:
    event = tape.events[at]
    assert isinstance(event, e.Bound)
    return event


def meaning(tape: Tape, position: int, name: str) -> e.Bound | None:
    """The binding of a name that holds now."""
    number = tape.index.names.get(name)
    at = None if number is None else tape.index.bindings.before(number, position)
    return None if at is None else _bound(tape, at)


def _meaning(tape: Tape, position: int, name: str) -> int | None:
    bound = meaning(tape, position, name)
    return bound.tensor if bound else None


def label(tape: Tape, position: int, tensor: int) -> str:
    """What a reader would call the tensor at this position."""
    names = names_of(tape, position, tensor)
    if names:
        return names[0]
    coming = name_to_come(tape, tensor)
    if coming is not None and coming[0] >= position:
        return coming[1]
    if tensor in tape.index.owners:
        return f"{label(tape, position, tape.index.owners[tensor])}.grad"
    past = tape.index.namings.before(tensor, position)
    return f"earlier {_bound(tape, past).name}" if past is not None else expression(tape, tensor)


def own_name(tape: Tape, tensor: int) -> str | None:
    """The first name the tensor ever gets."""
    at = tape.index.namings.at_or_after(tensor, 0)
    return None if at is None else _bound(tape, at).name


def name_to_come(tape: Tape, tensor: int) -> tuple[int, str] | None:
    """The name a tensor gets in the very statement that makes it, and the event of it."""
    origin = tape.index.origins.get(tensor)
    at = None if origin is None else tape.index.namings.at_or_after(tensor, origin)
    if origin is None or at is None or at - origin > AHEAD:
        return None
    between = tape.events[origin:at]
    if any(isinstance(event, e.Statement | e.StepEnded) for event in between):
        return None
    return at, _bound(tape, at).name


def name_from(tape: Tape, at: int, tensor: int) -> str:
    """The name a tensor gets from event `at` on, in the same statement; "" without any."""
    for event in tape.events[at : at + AHEAD]:
        if isinstance(event, e.Statement | e.StepEnded):
            break
        if isinstance(event, e.Bound) and event.tensor == tensor:
            return event.name
    return ""


def expression(tape: Tape, tensor: int, depth: int = 2) -> str:
    """The code a tensor came from; its operation and inputs where that is unknown or long."""
    at = tape.index.origins.get(tensor)
    event = tape.events[at] if at is not None else None
    if at is None or not isinstance(event, e.Operation):
        return f"#{tensor}"
    code = " ".join(tape.source_text(tape.step_of(at), event.span).split())
    if 0 < len(code) <= LONGEST:
        several = len(event.outputs) > 1
        return f"{code} #{_rank(event, tensor)}" if several else code
    if depth == 0:
        return "…"
    inputs = (_part(tape, at, value.tensor, depth - 1) for value in event.inputs[:3])
    return f"{event.name}({', '.join(inputs)})"


def _rank(event: e.Operation, tensor: int) -> int:
    """Which of an operation's outputs a tensor is, from 1."""
    return 1 + [value.tensor for value in event.outputs].index(tensor)


def together(tape: Tape, event: e.Operation) -> str:
    """The names the outputs of an operation get in its own statement: `a, b, c`; "" without any."""
    coming = (name_to_come(tape, value.tensor) for value in event.outputs[:4])
    found = [named[1] for named in coming if named]
    return ", ".join(found) + (", …" if found and len(event.outputs) > 4 else "")


def _part(tape: Tape, at: int, tensor: int, depth: int) -> str:
    names = names_of(tape, at, tensor)
    return names[0] if names else expression(tape, tensor, depth)


SIGNS = {
    "iadd": "+=",
    "isub": "-=",
    "imul": "*=",
    "idiv": "/=",
    "itruediv": "/=",
    "ipow": "**=",
    "imatmul": "@=",
    "setitem": "[…] =",
}


def by(cause: str) -> str:
    """What changed a tensor, as it is written: `zero_()`, `-=`, an assignment."""
    if cause in ("", "grad", "data"):
        return "an assignment"
    return SIGNS.get(cause, f"{cause}()" if cause.isidentifier() else cause)


def changing(name: str, operation: str) -> str:
    """An in-place operation as it is written: `w -= …`, `w.zero_()`."""
    sign = SIGNS.get(operation)
    if sign is None:
        return f"{name}.{operation}()"
    return f"{name}{'' if sign[0] == '[' else ' '}{sign} …"


def turn(tape: Tape, at: int) -> str:
    """What an iteration is called: `epoch = 3` where the loop's name says it, else `batch #4`."""
    event, following = tape.events[at], tape.events[at + 1 : at + 2]
    assert isinstance(event, e.Iteration)
    for bound in following:
        named = isinstance(bound, e.Bound) and bound.name == event.target and bound.tensor is None
        if named and isinstance(bound, e.Bound) and len(bound.text) <= LONGEST:
            return f"{event.target} = {bound.text}"
    return f"{event.target or 'while'} #{event.index + 1}"


def plain(name: str) -> str:
    """A node's name as a printed tensor shows it: `CopySlices`, without its namespace."""
    return name.rpartition("::")[2]


def short(name: str) -> str:
    """A node's name without its ending: `MulBackward0` is `Mul`."""
    return plain(name).rstrip("0123456789").removesuffix("Backward") or plain(name)


def target(tape: Tape, position: int, edge: e.Edge) -> str:
    """Where an edge leads: the `.grad` of a leaf, or the tensor whose node comes next."""
    if edge.node is None:
        return "nowhere"
    node = tape.nodes.get(edge.node)
    if node is None:
        return f"node {edge.node}"
    if node.leaf is not None:
        return f"{label(tape, position, node.leaf)}.grad"
    made = made_by(tape, edge.node, edge.slot)
    if made is None:
        return plain(node.name)
    return f"{label(tape, position, made)} ({plain(node.name)})"


def made_by(tape: Tape, node: int, slot: int = 0) -> int | None:
    """The tensor a node is the grad_fn of; of several outputs, the one in that slot."""
    at = tape.index.makers.get(node)
    event = tape.events[at] if at is not None else None
    if isinstance(event, e.Operation) and event.grad_fn == node and event.outputs:
        return event.outputs[slot if slot < len(event.outputs) else 0].tensor
    return None
