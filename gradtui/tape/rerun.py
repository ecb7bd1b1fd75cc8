"""J·u of a node whose Jacobian was not kept: its operation is run again, and the engine's forward
formula applied to it.

The numbers come from the tape; settings (`dim=1`, an exponent) from the source or the signature's
defaults. What they give must be the recorded result, else nothing is said.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from gradtui.engine import forward
from gradtui.engine.dispatch import arrays_for, compute
from gradtui.engine.rows import NODES, REFUSED, Row
from gradtui.engine.signature import MISSING, Parameter
from gradtui.engine.tensor import wrap
from gradtui.tape import events as e
from gradtui.tape.factors import operands
from gradtui.tape.labels import made_by, meaning, plain
from gradtui.tape.state import shown
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array

IMPLIED = {"half_to_float": False}  # arguments that nobody writes
DEPTH = 8  # nodes of one operation that are run again to know the numbers between them
FAULTS = (
    ArithmeticError, AttributeError, IndexError, KeyError, NotImplementedError, RuntimeError,
    TypeError, ValueError,
)  # fmt: skip


Fits: TypeAlias = Callable[[Sequence["Array | None"], "tuple[Array, ...]"], bool]
Settings: TypeAlias = tuple[Mapping[str, Any], tuple[Any, ...]]  # by name, and in their order


class Unsaid(Exception):
    """Why J·u cannot be told; one clause."""


def pushed(
    tape: Tape, node: e.Node, tangents: Sequence[Array | None], fits: Fits
) -> tuple[Array, ...]:
    """J·u for each output of the node, `tangents` being u along each edge (None: it is 0).

    Settings that are not written plainly are guessed; `fits` says whether a guess goes with what
    the node itself gave, from tangents drawn at random.
    """
    row, why = _row(node), Unsaid("its settings are not on the tape")
    drawn = np.random.default_rng(0)
    random = [None if u is None else drawn.uniform(0.5, 1.5, u.shape) for u in tangents]
    for settings in _guesses(tape, row, node):
        try:
            bound = _bound(tape, row, node, settings, DEPTH)
            out = _again(tape, row, node, bound)
            if fits(random, _push(row, bound, out, random)):
                return _push(row, bound, out, tangents)
        except Unsaid as error:
            why = error
    raise why


def _push(
    row: Row, bound: Sequence[Any], out: Any, tangents: Sequence[Array | None]
) -> tuple[Array, ...]:
    try:
        made = forward.push(row, bound, out, _placed(row, tangents))
    except FAULTS:
        raise Unsaid("its forward formula could not be run") from None
    parts = made if isinstance(made, tuple) else (made,)
    return tuple(np.asarray(0.0 if part is None else part) for part in parts)


def _row(node: e.Node) -> Row:
    name = plain(node.name)
    row = NODES.get(name)
    if row is not None and row.jvp not in REFUSED:
        return row
    if row is None and not name[-1:].isdigit():
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
    try:
        given = [_wrapped(each) for each in bound]
        out = compute(row, arrays_for(row, given))
    except FAULTS:
        raise Unsaid("its settings are not on the tape") from None
    first = np.asarray(out[0] if row.several else out)
    if node.shapes and first.shape != node.shapes[0]:
        raise Unsaid("its settings are not on the tape")
    known = _recorded(tape, node)
    if known is not None and not np.allclose(first, known, 1e-4, 1e-6, equal_nan=True):
        raise Unsaid("run again it does not give the recorded numbers")
    return out


def _wrapped(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return wrap(value)
    return [wrap(each) for each in value] if _is_list_of_arrays(value) else value


def _is_list_of_arrays(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], np.ndarray)


def _recorded(tape: Tape, node: e.Node, slot: int = 0) -> Array | None:
    """What the operation that made a node gave, if it was kept."""
    tensor = made_by(tape, node.id, slot)
    value = None if tensor is None else shown(tape.events[tape.index.makers[node.id]], tensor)
    if value is not None and value.summary is not None:
        raise Unsaid("of so large a tensor the tape keeps only samples")
    return None if value is None else _native(value)


def _native(value: e.Value) -> Array | None:
    """The numbers, floating point in float64, with the dtype objects the engine knows."""
    numbers = array(value)
    if numbers is None:
        return None
    kind = "float64" if numbers.dtype.kind == "f" else numbers.dtype.name
    made = np.empty(numbers.shape, kind)
    made[...] = numbers
    return made


# the arguments


def _bound(tape: Tape, row: Row, node: e.Node, settings: Settings, depth: int) -> list[Any]:
    """The arguments in the order of the signature, arrays for tensors."""
    primals = [_primal(tape, node, i, depth) for i in range(len(node.edges))]
    if row.spread:
        by_place: dict[int, Any] = {row.edges[0]: primals}
    else:
        by_place = dict(zip(row.edges, primals, strict=False))
    named, loose, others = settings[0], list(settings[1]), _untracked(tape, node)
    bound = []
    for place, parameter in enumerate(row.signature.parameters):
        if place in by_place and by_place[place] is not None:
            bound.append(by_place[place])
        elif parameter.kind == "Tensor" and parameter.default is MISSING and others:
            bound.append(others.pop())
        else:
            bound.append(_setting(row, node, parameter, named, loose))
    return bound


def _setting(
    row: Row, node: e.Node, parameter: Parameter, named: Mapping[str, Any], loose: list[Any]
) -> Any:
    """A plain argument: what its result shows, what is written, or what it is by default."""
    if parameter.name == "size" and row.view and node.shapes:
        return node.shapes[0]
    if parameter.name in named:
        return _fitting(named[parameter.name], parameter.kind)
    if parameter.name in IMPLIED:
        return IMPLIED[parameter.name]
    if loose and parameter.kind not in ("ScalarType", "Tensor"):
        return _taken(loose, parameter.kind)
    if parameter.default is MISSING:
        raise Unsaid(f"its argument `{parameter.name}` is not on the tape")
    return parameter.default


def _untracked(tape: Tape, node: e.Node) -> list[Array]:
    """The tensors an operation took that have no edge: masks, indices, targets; the last first."""
    event = tape.events[tape.index.makers[node.id]]
    given = event.inputs if isinstance(event, e.Operation) else ()
    found = [_native(value) for value in given if not value.dtype.startswith(("float", "bfloat"))]
    return [numbers for numbers in reversed(found) if numbers is not None]


def _taken(loose: list[Any], kind: str) -> Any:
    """The next setting; a list of sizes takes all that are left."""
    if kind == "IntArrayRef" and not isinstance(loose[0], (tuple, list)):
        taken = tuple(loose)
        loose.clear()
        return taken
    return loose.pop(0)


def _fitting(value: Any, kind: str) -> Any:
    return (value,) if kind == "IntArrayRef" and isinstance(value, int) else value


def _primal(tape: Tape, node: e.Node, i: int, depth: int) -> Any:
    """The numbers along edge `i`: recorded, or made again within one operation; None: a setting."""
    edge, operand = node.edges[i], operands(tape, node)[i]
    if operand.value is not None and (operand.name or edge.node is None):
        if operand.value.summary is not None:
            raise Unsaid("of so large a tensor the tape keeps only samples")
        return _native(operand.value)
    if edge.node is None:
        return _constant(tape, node, i, operand.name)
    source = tape.nodes[edge.node]
    if source.leaf is not None:
        return _leaf(tape, source.leaf, tape.index.makers[node.id])
    known = _recorded(tape, source, edge.slot)
    if known is not None:
        return known
    if depth == 0:
        raise Unsaid("the numbers it was given are not on the tape")
    row = _row(source)
    for settings in _guesses(tape, row, source):
        try:
            out = _again(tape, row, source, _bound(tape, row, source, settings, depth - 1))
            return np.asarray(out[edge.slot] if row.several else out)
        except Unsaid:
            continue
    raise Unsaid("the numbers it was given are not on the tape")


def _constant(tape: Tape, node: e.Node, i: int, name: str) -> Any:
    """An input that is not tracked: a plain number, or what the operation was given; None: neither.

    A module is one operation of several nodes, so a constant may be known by its place alone.
    """
    if name:
        try:
            return float(name)
        except ValueError:
            return None
    event = tape.events[tape.index.makers[node.id]]
    given = event.inputs if isinstance(event, e.Operation) else ()
    untracked = [value for value in given if not value.requires_grad and value.shape]
    earlier = sum(1 for edge in node.edges[:i] if edge.node is None)
    return _native(untracked[earlier]) if earlier < len(untracked) else None


def _leaf(tape: Tape, leaf: int, at: int) -> Array:
    seen = tape.index.values.before(leaf, at + 1)
    value = None if seen is None else shown(tape.events[seen], leaf)
    numbers = None if value is None else _native(value)
    if numbers is None:
        raise Unsaid("the numbers it was given are not on the tape")
    return numbers


def _guesses(tape: Tape, row: Row, node: e.Node) -> Iterator[Settings]:
    """Settings worth trying: as written, as an index spells them, then every dimension."""
    at = tape.index.makers[node.id]
    code = tape.source_text(tape.step_of(at), tape.events[at].span)
    try:
        tree: ast.expr = ast.parse(f"({code})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = ast.Constant(None)
    yield _written(tape, at, tree)
    dims = range(max((len(shape) for shape in node.shapes), default=0) + 1)
    if isinstance(tree, ast.Subscript):
        index = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        for element in index:
            for dim in dims:
                yield {}, (dim, *_picked(tape, at, element))
    if any(parameter.name == "dim" for parameter in row.signature.parameters):
        for dim in reversed(dims):
            yield {"dim": dim}, ()


def _written(tape: Tape, at: int, tree: ast.expr) -> Settings:
    """The plain values written in the call that made a node."""
    if isinstance(tree, ast.BinOp):
        return {}, tuple(_values(tape, at, (tree.left, tree.right)))
    if isinstance(tree, ast.Attribute):
        return {"dims": (1, 0)}, ()  # a matrix, turned: `x.T`
    if not isinstance(tree, ast.Call):
        return {}, ()
    named = {
        word.arg: value
        for word in tree.keywords
        if word.arg
        for value in _values(tape, at, (word.value,))
    }
    return named, tuple(_values(tape, at, tree.args))


def _picked(tape: Tape, at: int, index: ast.expr) -> tuple[Any, ...]:
    """The settings of one element of an index: a place, or the ends of a slice."""
    if not isinstance(index, ast.Slice):
        return tuple(value for value in _values(tape, at, (index,)) if value is not None)
    ends = (index.lower, index.upper, *((index.step,) if index.step else ()))
    found = [list(_values(tape, at, (end,))) if end else [None] for end in ends]
    return tuple(end[0] for end in found if end)


def _values(tape: Tape, at: int, written: Sequence[ast.expr]) -> Iterator[Any]:
    for expression in written:
        bound = meaning(tape, at, expression.id) if isinstance(expression, ast.Name) else None
        try:
            yield ast.literal_eval(bound.text if bound is not None else expression)
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            continue
