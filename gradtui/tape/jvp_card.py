"""The card of a node in forward mode: u, J and J·u, and both sides of ⟨v, J·u⟩ = ⟨vᵀJ, u⟩.

jvp_card(tape, position, ONES)       # None where the current event has no node
"""

from collections.abc import Iterator, Sequence

import numpy as np

from gradtui.tape import events as e
from gradtui.tape.card import Card, Factor, Section
from gradtui.tape.inputs import is_own
from gradtui.tape.labels import label, made_by, plain
from gradtui.tape.node_card import GRID, WIDTH, NodeFacts, about_node, made, structure_name
from gradtui.tape.tangents import Direction, Pushed, adjoint, filled, incoming, push, run_of
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array, grid, nested, number

SHOWN = 4  # entries multiplied out
NO_PASS = -1  # the number of the pass in which a node runs that none runs


def jvp_card(tape: Tape, position: int, direction: Direction) -> Card | None:
    """Forward mode at the current event: a node that ran, or an operation that was recorded."""
    at = min(position, len(tape)) - 1
    place, said = tape.memo.get("filling", (at, ""))
    said, tape = said if place == at else "", filled(tape)
    event = tape.events[at] if at >= 0 else None
    node = tape.nodes.get(_node(event))
    if node is None:
        return None
    maker = tape.index.makers.get(node.id, at)
    run = at if isinstance(event, e.NodeRan) else run_of(tape, node.id, at)
    unrun = e.NodeRan(number=NO_PASS, node=node.id, cotangents=(), products=())
    ran = tape.events[run] if run is not None else unrun
    assert isinstance(ran, e.NodeRan)
    near = at if run is None else run
    about = about_node(tape, near, ran, node)
    tensor = made_by(tape, node.id)
    through = f": forward through {made(tape, maker, tensor)}" if tensor is not None else ""
    return Card(
        "node",
        f"JVP {plain(node.name)}{through}",
        f"A tangent u, {_chosen(tape, near, direction)}, goes forward and comes out as J·u.",
        at,
        tape.step_of(maker),
        tape.events[maker].span,
        tensor,
        node.id,
        tuple(_sections(about, direction, near, said)),
        about.factors,
    )


def _node(event: e.AnyEvent | None) -> int:
    found = getattr(event, "node", None) if isinstance(event, e.NodeRan) else None
    if isinstance(event, e.Operation):
        found = event.grad_fn
    return -1 if found is None else found


def _sections(about: NodeFacts, direction: Direction, near: int, said: str) -> Iterator[Section]:
    """`said` is what is being done about numbers that are not on the tape."""
    out = push(about.tape, about.node, direction, near)
    us = incoming(about.tape, about.node, direction, near)
    moving = [
        (factor, u) for factor, u in zip(about.factors, us, strict=True) if u.value is not None
    ]
    here = about.tape.nodes[about.node.id].leaf is None and direction.tensor == made_by(
        about.tape, about.node.id
    )
    if here and direction.tensor is not None:
        yield Section("v", "u  chosen here", (_cell(out),))
        return
    if out.why:
        yield Section("reason", "J·u cannot be told", tuple(filter(None, (out.why, said))))
        return
    if out.value is None:
        yield Section("reason", "J·u = 0", ("nothing of the tangent reaches this node",))
        return
    yield Section("v", "u  what comes in", tuple(_arrivals(about, moving)))
    for factor, _ in moving:
        where = f"  from {_input(about, factor)}" if len(moving) > 1 else ""
        yield _jacobian(about, factor, where)
    yield Section("product", "J·u", (_product(about, moving, out.value),))
    yield _both(about, [u.value for u in us], out.value, said)


def _chosen(tape: Tape, near: int, direction: Direction) -> str:
    where = "every leaf" if direction.tensor is None else label(tape, near, direction.tensor)
    return f"{direction.text} at {where}"


def _arrivals(about: NodeFacts, moving: Sequence[tuple[Factor, Pushed]]) -> Iterator[str]:
    for factor, u in moving:
        yield f"{_cell(u)}  at {_input(about, factor)}"


def _input(about: NodeFacts, factor: Factor) -> str:
    """The input along an edge, by the learner's name for it."""
    operand = about.inputs[factor.edge].name if factor.edge < len(about.inputs) else ""
    return operand or factor.target


def _cell(u: Pushed) -> str:
    return u.why if u.value is None else nested(u.value, WIDTH)


def _jacobian(about: NodeFacts, factor: Factor, where: str) -> Section:
    rows, columns = factor.size
    title = f"J  {rows}×{columns}, {structure_name(about, factor)}{where}"
    matrix = None if factor.jacobian is None else array(factor.jacobian)
    if matrix is not None and matrix.ndim == 2 and matrix.size and max(matrix.shape) <= GRID:
        return Section("jacobian", title, grid(matrix))
    built = "" if matrix is not None else f"never built: {rows * columns:,} entries; "
    how = "the lesson's own jvp()" if is_own(about.node) else "the formula"
    return Section("jacobian", title, (f"{built}{how} goes straight from u to J·u",))


def _product(about: NodeFacts, moving: Sequence[tuple[Factor, Pushed]], out: Array) -> str:
    """`[2·1, 3·1] = [2, 3]  at z`."""
    worked = _multiplied(*moving[0]) if len(moving) == 1 else f"{len(moving)} products, added"
    text = f"{worked} = " if worked else ""
    name = about.output.name
    return f"{text}{nested(out, WIDTH - len(text) // 2)}" + (f"  at {name}" if name else "")


def _multiplied(factor: Factor, u: Pushed) -> str:
    """The product entry by entry, where J is diagonal: `[3.1732·1, …]`."""
    matrix = None if factor.jacobian is None else array(factor.jacobian)
    if factor.structure != "diagonal" or matrix is None or u.value is None:
        return ""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[1] != u.value.size:
        return ""
    pairs = zip(np.diagonal(matrix)[:SHOWN], u.value.reshape(-1)[:SHOWN], strict=True)
    parts = [f"{number(a)}·{_signed(b)}" for a, b in pairs]
    return f"[{', '.join(parts)}{', …' if u.value.size > SHOWN else ''}]"


def _signed(item: float) -> str:
    text = number(item)
    return f"({text})" if text.startswith("-") else text


def _both(about: NodeFacts, us: Sequence[Array | None], out: Array, said: str) -> Section:
    """The same number from both ends: v meets J·u, or v·J meets u."""
    if about.event.number == NO_PASS:
        said = "no backward pass runs this node: there is no v to meet J·u"
        return Section("note", "⟨v, J·u⟩", (said,))
    found = adjoint(about.event, us, out)
    if found is None:
        return Section(
            "note", "⟨v, J·u⟩", ("v or v·J is not on the tape as numbers", *filter(None, (said,)))
        )
    return Section("accumulate", "", (found.text,))
