"""What to call a tensor at a position: its name, whose `.grad` it is, or where it came from.

label(tape, position, 3)      # "y"; "weights.grad"; "2*y**2"; "earlier a" once `a` means another
node_label(tape, node)        # "Mul"; "AccumulateGrad" is "x.grad +="
"""

from collections.abc import Iterator, Mapping

from gradtui.tape import events as e
from gradtui.tape.parameters import operand_names
from gradtui.tape.scopes import scoped
from gradtui.tape.tape import Tape

LONGEST = 28  # characters of source text that still make a label
MANY = 16  # first and last bindings of a tensor that are looked at, as for a loop's variable
DEEPEST = 1 << 30  # calls, of which there are never so many
AHEAD = 64  # events within which an assignment follows the operation it names


def names_of(tape: Tape, position: int, tensor: int) -> tuple[str, ...]:
    """The names that mean this tensor now: those of the innermost call first, then the oldest."""
    found = dict.fromkeys(_bindings(tape, position, tensor))
    held = [one for one in found if _held(tape, position, *one) == tensor]
    return tuple(dict.fromkeys(name for name, _ in sorted(held, key=lambda one: -one[1])))


def _bindings(tape: Tape, position: int, tensor: int) -> Iterator[tuple[str, int]]:
    """The names a tensor was given, each with the depth of the call it was given in."""
    bound = tape.index.namings.of(tensor, position)
    shown = bound if len(bound) <= 2 * MANY else bound[:MANY] + bound[-MANY:]
    for at in shown:
        event = _bound(tape, at)
        yield event.name, event.depth


def _held(tape: Tape, position: int, name: str, depth: int) -> int | None:
    """The tensor a name means at a depth; None once the call is over."""
    bound = _at_depth(tape, position, scoped(name, depth))
    return None if bound is None else bound.tensor


def _bound(tape: Tape, at: int) -> e.Bound:
    event = tape.events[at]
    assert isinstance(event, e.Bound)
    return event


def meaning(tape: Tape, position: int, name: str) -> e.Bound | None:
    """The binding of a name that holds now, within the innermost call that has one."""
    for depth in range(tape.index.depths.get(name, 0), -1, -1):
        bound = _at_depth(tape, position, scoped(name, depth))
        if bound is not None:
            return bound
    return None


def _at_depth(tape: Tape, position: int, known: str) -> e.Bound | None:
    """The binding by its key in the index, if it holds now."""
    number = tape.index.names.get(known)
    at = None if number is None else tape.index.bindings.before(number, position)
    if at is None or tape.index.ends.get(at, position + 1) <= position:
        return None
    return _bound(tape, at)


def label(tape: Tape, position: int, tensor: int) -> str:
    """What a reader would call the tensor at this position."""
    names = names_of(tape, position, tensor)
    if names:
        return names[0]
    coming = name_to_come(tape, tensor, position)
    if coming:
        return coming
    if tensor in tape.index.owners:
        return f"{label(tape, position, tape.index.owners[tensor])}.grad"
    past = tape.index.namings.before(tensor, position)
    return f"earlier {_bound(tape, past).name}" if past is not None else expression(tape, tensor)


def own_name(tape: Tape, tensor: int) -> str | None:
    """The first name the tensor ever gets."""
    at = tape.index.namings.at_or_after(tensor, 0)
    return None if at is None else _bound(tape, at).name


def name_to_come(tape: Tape, tensor: int, position: int) -> str:
    """The name a tensor gets after a position in the very statement that makes it; "" without."""
    origin = tape.index.origins.get(tensor)
    if origin is None or position - origin > AHEAD:
        return ""
    return name_from(tape, max(origin, position), tensor, origin)


def name_from(tape: Tape, at: int, tensor: int, origin: int | None = None) -> str:
    """The name a tensor gets from event `at` on, in the same statement; "" without any.

    Of a statement that calls functions, it is the whole: theirs are within.
    """
    shallowest = None  # of the statements that began after the tensor was made
    for place in range(at if origin is None else origin, min(at + AHEAD, len(tape))):
        event = tape.events[place]
        if isinstance(event, e.StepEnded):
            break
        if isinstance(event, e.Statement):
            shallowest = event.depth if shallowest is None else min(event.depth, shallowest)
            if not shallowest:
                break
        named = isinstance(event, e.Bound) and event.tensor == tensor and place >= at
        if named and isinstance(event, e.Bound) and event.depth < (shallowest or DEEPEST):
            return event.name
    return ""


def expression(tape: Tape, tensor: int, depth: int = 2) -> str:
    """The code a tensor came from; its operation and inputs where that is unknown or long."""
    at = tape.index.origins.get(tensor)
    event = tape.events[at] if at is not None else None
    if at is None or not isinstance(event, e.Operation):
        return as_used(tape, tensor) or f"#{tensor}"
    code = " ".join(tape.source_text(tape.step_of(at), event.span).split())
    if 0 < len(code) <= LONGEST:
        several = len(event.outputs) > 1
        return f"{code} #{_rank(event, tensor)}" if several else code
    if depth == 0:
        return "…"
    inputs = (_part(tape, at, value.tensor, depth - 1) for value in event.inputs[:3])
    return f"{event.name}({', '.join(inputs)})"


def as_used(tape: Tape, tensor: int) -> str:
    """What the code calls a tensor that was handed to it, such as a hook's gradient; "" if unknown.

    The first operation that takes it has its name in its source.
    """
    at = tape.index.uses.at_or_after(tensor, 0)
    event = None if at is None else tape.events[at]
    if at is None or not isinstance(event, e.Operation):
        return ""
    place = next((i for i, value in enumerate(event.inputs) if value.tensor == tensor), None)
    names = operand_names(tape.source_text(tape.step_of(at), event.span))
    if names and (first := meaning(tape, at, names[0])) is not None and first.tensor is None:
        names = names[1:]  # a module, as in `torch.exp(g)`
    return names[place] if place is not None and place < len(names) else ""


def _rank(event: e.Operation, tensor: int) -> int:
    """Which of an operation's outputs a tensor is, from 1."""
    return 1 + [value.tensor for value in event.outputs].index(tensor)


def together(tape: Tape, at: int, event: e.Operation) -> str:
    """The names the outputs of operation `at` get in its statement: `a, b, c`; "" without any."""
    coming = (name_to_come(tape, value.tensor, at) for value in event.outputs[:4])
    found = [name for name in coming if name]
    return ", ".join(found) + (", …" if found and len(event.outputs) > 4 else "")


def _part(tape: Tape, at: int, tensor: int, depth: int) -> str:
    names = names_of(tape, at, tensor)
    return names[0] if names else expression(tape, tensor, depth)


CHANNELS: Mapping[str, int] = {
    **dict.fromkeys(("Linear", "RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"), -1),
    **{f"Conv{kind}{n}d": -1 - n for n in (1, 2, 3) for kind in ("", "Transpose")},
}  # the dimension that a module takes to another size


def sized(event: e.Operation) -> str:
    """A module that was called, with what it takes to what: `Linear(2→3)`; "" for another."""
    dim = CHANNELS.get(event.name)
    shapes = [value.shape for value in (*event.inputs[:1], *event.outputs[:1])]
    if dim is None or len(shapes) < 2 or any(len(shape) < -dim for shape in shapes):
        return ""
    return f"{event.name}({shapes[0][dim]}→{shapes[1][dim]})"


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
