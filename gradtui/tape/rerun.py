"""J·u of a node whose Jacobian was not kept: its operation is run again, and the engine's forward
formula applied to it.

The numbers come from the tape, and so does what else the operation was given (`dim=1`, an index).
What they give must be the recorded result, else nothing is said.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from gradtui.engine import forward
from gradtui.engine.dispatch import arrays_for, compute
from gradtui.engine.rows import REFUSED, Row
from gradtui.engine.signature import MISSING
from gradtui.engine.tensor import wrap
from gradtui.tape import events as e
from gradtui.tape.arguments import decoded
from gradtui.tape.inputs import changed, input_value, output, row_of, value_then
from gradtui.tape.labels import plain
from gradtui.tape.state import shown
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array

DEPTH = 64  # nodes of one operation that are run again to know the numbers between them
FAULTS = (
    ArithmeticError, AttributeError, IndexError, KeyError, MemoryError, NotImplementedError,
    RecursionError, RuntimeError, TypeError, ValueError,
)  # fmt: skip

LARGEST = 1 << 20  # entries of a tensor that is told again, and of a storage that is laid out

UNKNOWN = "the numbers it was given are not on the tape"


class Unsaid(Exception):
    """Why J·u cannot be told; one clause."""


def pushed(tape: Tape, node: e.Node, tangents: Sequence[Array | None]) -> tuple[Array, ...]:
    """J·u for each output of the node, `tangents` being u along each edge (None: it is 0)."""
    if _given(node, "place") is not None:
        return (_through_a_view(tape, node, tangents),)
    row = _row(node)
    bound = _bound(tape, row, node, DEPTH)
    return _push(row, bound, _again(tape, row, node, bound), tangents)


def again(tape: Tape, node: e.Node) -> tuple[Row, list[Any], Any]:
    """The operation behind a node, what it was given and what it gives, run again."""
    row = row_of(node)
    if row is None or not row.formulas or _given(node, "place") is not None:
        raise Unsaid(UNKNOWN)
    bound = _bound(tape, row, node, DEPTH)
    return row, bound, _again(tape, row, node, bound)


def _push(
    row: Row, bound: Sequence[Any], out: Any, tangents: Sequence[Array | None]
) -> tuple[Array, ...]:
    try:
        made = forward.push(row, bound, out, _placed(row, tangents))
    except FAULTS:
        raise Unsaid("its forward formula could not be run") from None
    parts = row.moving(made) if isinstance(made, tuple) else (made,)
    return tuple(np.array(0.0 if part is None else part, order="C") for part in parts)


def _row(node: e.Node) -> Row:
    row = row_of(node)
    if row is not None and row.jvp not in REFUSED:
        return row
    if row is None and not plain(node.name)[-1:].isdigit():
        raise Unsaid("its backward is written by hand, so only v·J is known")
    raise Unsaid("torch has no forward formula for it")


def _placed(row: Row, tangents: Sequence[Array | None]) -> list[Any]:
    """The tangents by argument."""
    placed: list[Any] = [None] * len(row.arguments)
    if row.spread:
        placed[row.edges[0]] = list(tangents)
    else:
        for place, tangent in zip(row.edges, tangents, strict=False):
            placed[place] = tangent
    return placed


def _again(tape: Tape, row: Row, node: e.Node, bound: Sequence[Any]) -> Any:
    """The result, made again; Unsaid if it is not the recorded one."""
    if "draw" in row.arguments:
        return _made(row, bound)
    out = _made(row, bound)
    first = np.asarray(row.moving(out)[0] if row.several else out)
    if node.shapes and first.shape != node.shapes[0]:
        raise Unsaid("run again it does not give the recorded shape")
    known = _recorded(tape, node)
    if known is not None and not np.allclose(first, known, 1e-3, 1e-5, equal_nan=True):
        raise Unsaid("run again it does not give the recorded numbers")
    return out


def _made(row: Row, bound: Sequence[Any]) -> Any:
    if "draw" in row.arguments:  # numbers drawn at random do not move with what was there before
        return np.zeros_like(bound[0])
    try:
        return compute(row, arrays_for(row, [_wrapped(each) for each in bound]))
    except FAULTS:
        raise Unsaid("it could not be run again") from None


def _wrapped(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return wrap(value)
    return [wrap(each) for each in value] if _is_list_of_arrays(value) else value


def _is_list_of_arrays(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], np.ndarray)


def _recorded(tape: Tape, node: e.Node, slot: int = 0) -> Array | None:
    """What the operation that made a node gave, if it was kept."""
    tensor = output(tape, node, slot)
    value = None if tensor is None else shown(tape.events[tape.index.makers[node.id]], tensor)
    return None if value is None else _native(value)


def _native(value: e.Value) -> Array:
    """The numbers, floating point in float64, with the dtype objects the engine knows."""
    numbers = None if value.summary is not None else array(value)
    if numbers is None:
        raise Unsaid(_sampled(prod(value.shape)))
    return _wide(numbers)


def _sampled(size: int) -> str:
    most = f"; forward mode goes through up to {LARGEST:,}" if size > LARGEST else ""
    return f"the tape keeps only samples of a tensor of {size:,} numbers{most}"


def _wide(numbers: Array) -> Array:
    kind = "float64" if numbers.dtype.kind == "f" else numbers.dtype.name
    made = np.empty(numbers.shape, kind)
    made[...] = numbers
    return made


# the arguments


def _bound(tape: Tape, row: Row, node: e.Node, depth: int, first: Array | None = None) -> list[Any]:
    """The arguments in the order of the signature, arrays for tensors; `first` if it is known."""
    told = dict(node.given.told)
    if row.spread:
        edges: dict[int, Any] = {row.edges[0]: tuple(range(len(node.edges)))}
    else:
        edges = dict(zip(row.edges, range(len(node.edges)), strict=False))
    return [
        first
        if first is not None and place == 0
        else _argument(tape, node, told, parameter, edges.get(place), depth)
        for place, parameter in enumerate(row.signature.parameters)
    ]


def _argument(
    tape: Tape, node: e.Node, told: dict[str, Any], parameter: Any, edge: Any, depth: int
) -> Any:
    """One argument: as it was told, or what comes along its edge, or what it is by default."""
    if isinstance(edge, tuple):
        constants = _told(tape, node, told.get(parameter.name, ["list", *[None] * len(edge)]))
        return [
            _along(tape, node, i, depth) if constant is None else _wide(constant)
            for i, constant in zip(edge, constants, strict=True)
        ]
    if parameter.name in told:
        return _told(tape, node, told[parameter.name])
    if edge is not None and node.edges[edge].node is not None:
        return _along(tape, node, edge, depth)
    if parameter.default is not MISSING or parameter.name == "draw":
        return None if parameter.name == "draw" else parameter.default
    value = changed(tape, node) if edge in (0, None) else None
    if value is None and edge == 0 and node.shapes:
        return np.zeros(node.shapes[0])  # what was there before it was overwritten
    if value is None:
        raise Unsaid(f"its argument `{parameter.name}` is not on the tape")
    return _native(value)


def _told(tape: Tape, node: e.Node, told: Any) -> Any:
    def tensor(number: int) -> Array:
        value = value_then(tape, node, number)
        if value is None:
            raise Unsaid(UNKNOWN)
        return _native(value)

    try:
        found = decoded(told, tensor)
    except FAULTS:
        raise Unsaid("what it was given cannot be read") from None
    return _wide(found) if isinstance(found, np.ndarray) else found


def _along(tape: Tape, node: e.Node, i: int, depth: int) -> Array:
    """The numbers along edge `i`: recorded, or made again within one operation."""
    edge, value = node.edges[i], input_value(tape, node, i)
    if value is not None:
        return _native(value)
    source = tape.nodes.get(edge.node) if edge.node is not None else None
    if source is None or depth == 0 or source.leaf is not None:
        raise Unsaid(UNKNOWN)
    return _remade(tape, source, edge.slot, depth - 1)


def _remade(tape: Tape, node: e.Node, slot: int, depth: int) -> Array:
    """What a node within a larger operation gave: run again, once."""
    memo: dict[int, tuple[Array, ...]] = tape.memo.setdefault("remade", {})
    if node.id not in memo:
        if _given(node, "place") is not None:
            parts: Sequence[Any] = (_view_again(tape, node, depth),)
        else:
            row = _row(node)
            out = _made(row, _bound(tape, row, node, depth))
            parts = row.moving(out) if row.several else (out,)
        memo[node.id] = tuple(np.array(part, order="C") for part in parts)
    made = memo[node.id]
    if slot >= len(made):
        raise Unsaid(UNKNOWN)
    return made[slot]


# views of tensors that were changed in place


def _through_a_view(tape: Tape, node: e.Node, tangents: Sequence[Array | None]) -> Array:
    """The tangent of a base after a change of its view, or of a view after one of its base."""
    base, place = _geometry(node)
    whole = _laid_out(base, 0.0 if tangents[0] is None else tangents[0])
    if _given(node, "inner") is None:
        return np.array(place.within(whole))
    row, bound = _change(tape, node, DEPTH)
    part = place.within(whole)
    moving = (part.copy(), *tangents[1:])
    part[...] = _push(row, bound, _made(row, bound), moving)[0]
    return np.array(base.within(whole))


def _view_again(tape: Tape, node: e.Node, depth: int) -> Array:
    """The numbers of such a base, or of such a view."""
    base, place = _geometry(node)
    if _given(node, "inner") is None:
        return np.array(place.within(_laid_out(base, _along(tape, node, 0, depth))))
    row, bound = _change(tape, node, depth)
    whole = _laid_out(base, _before(tape, node, base, depth))
    place.within(whole)[...] = _made(row, bound)
    return np.array(base.within(whole))


def _change(tape: Tape, node: e.Node, depth: int) -> tuple[Row, list[Any]]:
    """The operation that changed a view, and what it was given; first the part that it changed."""
    row, (base, place) = _row(node), _geometry(node)
    part = np.array(place.within(_laid_out(base, _before(tape, node, base, depth))))
    return row, _bound(tape, row, node, depth, part)


def _before(tape: Tape, node: e.Node, base: Any, depth: int) -> Array:
    """The numbers of a base before its view was changed; 0 where none were ever told."""
    if node.edges[0].node is not None:
        return _along(tape, node, 0, depth)
    value = changed(tape, node)
    return np.zeros(base.shape) if value is None else _native(value)


def _geometry(node: e.Node) -> tuple[Any, Any]:
    """Where a base lies in its storage, and where its view."""
    try:
        base, place = (decoded(_given(node, name)) for name in ("base", "place"))
        if base.end > LARGEST or not hasattr(place, "within"):
            raise Unsaid("so large a base is not laid out again")
    except FAULTS:
        raise Unsaid("where the view lies cannot be read") from None
    return base, place


def _laid_out(base: Any, numbers: Any) -> Array:
    """A flat storage that shows `numbers` where the base shows it."""
    flat = np.zeros(base.end)
    base.within(flat)[...] = numbers
    return flat


def _given(node: e.Node, name: str) -> Any:
    return next((value for key, value in node.given.told if key == name), None)
