"""The factors of a node that ran: for each edge v, J and its structure, v·J; and who sent v."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.arguments import as_value, tensor_number
from gradtui.tape.card import Factor
from gradtui.tape.inputs import changed, given, input_value, row_of, source, value_then
from gradtui.tape.labels import label, made_by, short, target
from gradtui.tape.ledger import pass_of
from gradtui.tape.rules import NodeRule, Structure, rule
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array


def factors(tape: Tape, at: int, event: e.NodeRan) -> tuple[Factor, ...]:
    """One factor per edge of the node that ran at event `at`."""
    node = tape.nodes.get(event.node)
    if node is None:
        return ()
    v = event.cotangents[0] if event.cotangents else None
    return tuple(_factor(tape, at, event, node, i, v) for i in range(len(node.edges)))


def _factor(
    tape: Tape, at: int, event: e.NodeRan, node: e.Node, i: int, v: e.Value | None
) -> Factor:
    edge = node.edges[i]
    jacobian = event.jacobians[i] if i < len(event.jacobians) else None
    product = event.products[i] if i < len(event.products) else None
    size = (_size(node.shapes[:1]), _input_size(tape, edge, product))
    matrix = None if jacobian is None else array(jacobian)
    form = structure(rule(node.name), i, edge, size, matrix)
    return Factor(i, v, jacobian, form, size, product, target(tape, at, edge))


def _size(shapes: Sequence[tuple[int, ...]]) -> int:
    return prod(shapes[0]) if shapes else 0


def _input_size(tape: Tape, edge: e.Edge, product: e.Value | None) -> int:
    """How many entries the input of an edge has."""
    node = tape.nodes.get(edge.node) if edge.node is not None else None
    if node is not None and edge.slot < len(node.shapes):
        return prod(node.shapes[edge.slot])
    return prod(product.shape) if product is not None else 0


def structure(
    known: NodeRule, i: int, edge: e.Edge, size: tuple[int, int], matrix: Array | None = None
) -> Structure:
    """What of a node's Jacobian along its edge number `i` is not zero."""
    if edge.node is None:
        return "cut"
    if known.derivatives:
        if size[1] < size[0]:
            return "broadcast-sum"
        plain = i < len(known.derivatives) and known.derivatives[i] == "1"
        return "identity" if plain else "diagonal"
    product = known.products[i] if i < len(known.products) else ""
    if known.structure == "dense" and product.startswith("v, summed"):
        return "broadcast-sum"
    if known.structure == "unknown" and matrix is not None:
        return seen(matrix)
    return known.structure


def seen(matrix: Array) -> Structure:
    """The structure the numbers of a Jacobian show, for nodes without a rule."""
    filled = matrix != 0
    ones = bool((matrix[filled] == 1).all())
    rows, columns = filled.sum(1), filled.sum(0)
    if matrix.shape[0] == matrix.shape[1] and not (filled & ~np.eye(len(filled), dtype=bool)).any():
        return "identity" if ones and filled.any(1).all() else "diagonal"
    if ones and (rows <= 1).all() and (columns <= 1).all():
        return "permutation" if (rows == 1).all() and (columns == 1).all() else "selection"
    if (rows <= 1).all():
        return "broadcast-sum"
    return "reduction" if (columns <= 1).all() else "dense"


def entries(form: Structure, size: tuple[int, int]) -> int | None:
    """How many entries of a Jacobian of that structure are not zero; None if that depends."""
    table: Mapping[str, int] = {
        "identity": size[0],
        "diagonal": size[0],
        "permutation": size[0],
        "broadcast-sum": size[0],
        "copies": size[0],
    }
    return table.get(form)


class Share(Struct, frozen=True):
    """A contribution to what arrives at a node: from node `source` by its edge number `edge`."""

    source: int
    edge: int
    value: e.Value


def shares(tape: Tape, at: int, node: int, slot: int = 0) -> tuple[Share, ...]:
    """What was sent to input `slot` of a node in its pass, before event `at`, in order."""
    running = pass_of(tape, at)
    if running is None:
        return ()
    runs = (tape.index.runs.before(source, at + 1) for source in tape.index.feeders.of(node))
    sent = sorted(run for run in runs if run is not None and run >= running.start)
    return tuple(share for run in sent for share in _sent(tape, run, node, slot))


def _sent(tape: Tape, at: int, node: int, slot: int) -> Iterator[Share]:
    """What the node that ran at event `at` sent to input `slot` of another."""
    event = tape.events[at]
    if not isinstance(event, e.NodeRan):
        return
    for i, edge in enumerate(tape.nodes[event.node].edges[: len(event.products)]):
        value = event.products[i]
        if (edge.node, edge.slot) == (node, slot) and value is not None:
            yield Share(event.node, i, value)


class Operand(Struct, frozen=True):
    """An input of the operation behind a node: what to call it and its numbers then."""

    name: str
    value: e.Value | None


def operands(tape: Tape, node: e.Node) -> tuple[Operand, ...]:
    """The inputs of the operation that made a node, by edge."""
    names, at = _argument_names(node), tape.index.makers.get(node.id, 0)
    told = given(node)
    found = []
    for i, edge in enumerate(node.edges):
        tensor = source(tape, edge)
        if tensor is not None:
            found.append(Operand(label(tape, at, tensor), input_value(tape, node, i)))
        elif edge.node is None and i < len(names) and names[i] in told:
            found.append(_constant(tape, node, told[names[i]]))
        else:
            found.append(Operand("", changed(tape, node) if i == 0 else None))
    return tuple(found)


def _argument_names(node: e.Node) -> tuple[str, ...]:
    """What the operation calls its inputs, by edge."""
    row = row_of(node)
    return () if row is None or row.spread else tuple(row.arguments[i] for i in row.edges)


def _constant(tape: Tape, node: e.Node, told: Any) -> Operand:
    """An input no gradient goes to: a number, a tensor that is not tracked."""
    tensor = tensor_number(told)
    if tensor is not None:
        at = tape.index.makers.get(node.id, 0)
        return Operand(label(tape, at, tensor), value_then(tape, node, tensor))
    value = as_value(told)
    numbers = None if value is None else array(value)
    return Operand("" if numbers is None or numbers.ndim else f"{numbers[()]:g}", value)


def fixed(node: e.Node) -> str:
    """The plain number of an operation that its formula names: an exponent, a weight."""
    told = given(node)
    number = next((told[name] for name in FIXED if name in told), None)
    return f"{number:g}" if isinstance(number, (int, float)) else "n"


FIXED = ("exponent", "weight", "self")


def result(tape: Tape, node: e.Node) -> Operand:
    """The output of the operation that made a node."""
    tensor = made_by(tape, node.id)
    if tensor is None:
        return Operand(short(node.name).lower(), None)
    at = tape.index.makers[node.id]
    event = tape.events[at]
    value = event.outputs[0] if isinstance(event, e.Operation) else None
    return Operand(label(tape, at, tensor), value)
