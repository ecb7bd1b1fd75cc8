"""What went into the operation behind a node: its row of the engine's table, its tensors, its numbers.

row_of(node).arguments              # ("self", "other")
input_value(tape, node, 0)          # the value that came along its first edge, if it is known
given(node)["dim"]                  # 1: what it was given besides tensors with a gradient
"""

from collections.abc import Mapping
from typing import Any

from gradtui.engine.rows import IN_PLACE, NODES, TABLE, Row
from gradtui.tape import events as e
from gradtui.tape.labels import made_by, plain
from gradtui.tape.state import shown
from gradtui.tape.tape import Tape


def given(node: e.Node) -> Mapping[str, Any]:
    """What its operation was given by name, as `gradtui.tape.arguments` writes it."""
    return dict(node.given.told)


def is_own(node: e.Node) -> bool:
    """Whether its backward is code of the lesson: a Function of its own."""
    name = plain(node.name)
    return name not in NODES and name.endswith("Backward") and node.leaf is None


def row_of(node: e.Node) -> Row | None:
    """The row whose operation left the node, of several of one name that which takes what it was
    given; None for a node that no row makes.
    """
    told = given(node)
    name = str(told.get("inner", plain(node.name)))
    named = str(told.get("row", ""))
    known = NODES.get(name)
    rows = (
        (*TABLE.get(named, ()), *IN_PLACE.get(named.removesuffix("_"), ())) if named else (known,)
    )
    wanted = told.keys() - MARKS
    fitting = (row for row in rows if row is not None and row.node == name)
    return next((row for row in fitting if wanted <= set(row.arguments)), known)


MARKS = frozenset({"inner", "base", "place", "row"})
"""What is told of a node that is no argument of its operation."""


def operation(tape: Tape, node: e.Node) -> e.Operation | None:
    """The operation that told of the node."""
    event = tape.events[tape.index.makers.get(node.id, 0)]
    return event if isinstance(event, e.Operation) and node in event.nodes else None


def source(tape: Tape, edge: e.Edge) -> int | None:
    """The tensor an edge leads back to."""
    node = tape.nodes.get(edge.node) if edge.node is not None else None
    if node is None:
        return None
    return node.leaf if node.leaf is not None else output(tape, node, edge.slot)


def output(tape: Tape, node: e.Node, slot: int = 0) -> int | None:
    """The tensor that was output `slot` of the operation behind a node, if it was ever shown."""
    tensor, event = made_by(tape, node.id, slot), tape.events[tape.index.makers.get(node.id, 0)]
    value = None if tensor is None else shown(event, tensor)
    fits = value is not None and slot < len(node.shapes) and value.shape == node.shapes[slot]
    return tensor if fits else None


def input_value(tape: Tape, node: e.Node, i: int) -> e.Value | None:
    """What came along edge `i`; None where the edge is cut or its tensor was never shown."""
    tensor = source(tape, node.edges[i])
    return None if tensor is None else value_then(tape, node, tensor)


def value_then(tape: Tape, node: e.Node, tensor: int) -> e.Value | None:
    """A tensor as the operation behind a node found it."""
    made = operation(tape, node)
    for value in () if made is None else made.inputs:
        if value.tensor == tensor:
            return value
    at = tape.index.makers.get(node.id, 0)
    seen = tape.index.values.before(tensor, at)
    return None if seen is None else shown(tape.events[seen], tensor)


def changed(tape: Tape, node: e.Node) -> e.Value | None:
    """The tensor an operation changed in place, as it was before."""
    made = operation(tape, node)
    return made.inputs[0] if made is not None and made.inplace and made.inputs else None
