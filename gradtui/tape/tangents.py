"""Forward mode on a recorded tape: a tangent chosen at a tensor, pushed through node after node.

    direction = chosen(tape, position, "x: 1 0 2")   # or "ones", "#1", "y: #0"; str: what is wrong
    push(tape, node, direction).value                # J·u, or `why` it cannot be told

Each node's u is the J·u of the nodes before it. Where a pass kept the node's Jacobian that is one
product of a matrix; elsewhere the operation's own forward formula.
"""

import re
from collections.abc import Sequence
from math import isfinite, prod, sqrt
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.factors import structure
from gradtui.tape.inputs import is_own
from gradtui.tape.labels import label, made_by, meaning, plain
from gradtui.tape.ledger import pass_of
from gradtui.tape.rerun import Unsaid, pushed
from gradtui.tape.rules import rule
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array, number

MANY = 20_000  # nodes before a node that are pushed through
MOST = 1024  # numbers of a tangent that is typed
OWN = 1 << 16  # and of one that a jvp() of the lesson is asked about


class Direction(Struct, frozen=True):
    """A tangent: at one tensor, or at every leaf (`tensor` None); ones unless it says otherwise."""

    tensor: int | None = None
    numbers: tuple[float, ...] = ()
    basis: int | None = None  # the place of the single 1

    def at(self, shape: tuple[int, ...]) -> Array:
        """The tangent as an array; Unsaid where it does not fit."""
        size = prod(shape)
        if self.basis is not None:
            if not 0 <= self.basis < size:
                raise Unsaid(f"#{self.basis} is outside a tensor of {size}")
            return np.eye(1, size, self.basis).reshape(shape)
        if not self.numbers:
            return np.ones(shape)
        if len(self.numbers) != size:
            raise Unsaid(f"{len(self.numbers)} numbers do not fit a tensor of {size}")
        return np.array(self.numbers).reshape(shape)

    @property
    def text(self) -> str:
        """What was chosen, in a word or two."""
        if self.basis is not None:
            return f"basis vector #{self.basis}"
        return "as typed" if self.numbers else "ones"


ONES = Direction()


Own: TypeAlias = tuple[tuple[float, ...] | None, ...]  # u along each edge of a node


class _OwnJvp(Unsaid):
    """Only the jvp() of the lesson's own Function can tell."""

    def __init__(self, why: str, us: Own) -> None:
        super().__init__(why)
        self.us = us


class Pushed(Struct, frozen=True):
    """A tangent at one place: its numbers (None: nothing of the direction comes here), or why."""

    value: Array | None = None
    why: str = ""
    stuck: tuple[int, Own] | None = None  # the node whose own jvp() would have to be asked, of what


NOTHING = Pushed()


def filled(tape: Tape) -> Tape:
    """The run with what `gradtui.tape.whole` was told of its large tensors; else the tape itself."""
    found: Tape = tape.memo.get("filled", tape)
    return found


def chosen(tape: Tape, position: int, text: str) -> Direction | str:
    """What was typed as a direction; a sentence where it is none."""
    name, colon, rest = text.strip().rpartition(":")
    tensor = None
    if colon:
        bound = meaning(tape, position, name.strip())
        if bound is None or bound.tensor is None:
            return f"No tensor is called {name.strip()[:30]!r} here."
        tensor = bound.tensor
    wanted = rest.strip().lower()
    if wanted in ("", "ones", "1s"):
        return Direction(tensor)
    found = re.fullmatch(r"#\s*(\d{1,9})", wanted)
    made = Direction(tensor, basis=int(found[1])) if found else _typed(tensor, wanted)
    return _fits(tape, made) if isinstance(made, Direction) else made


def _typed(tensor: int | None, text: str) -> Direction | str:
    words = re.split(r"[\s,\[\]]+", text.strip("[] \t"))
    try:
        numbers = tuple(float(word) for word in words[: MOST + 1])
    except ValueError:
        return "Type numbers (1 0 2), a place (#1), or ones; before it x: to say where."
    if len(numbers) > MOST:
        return f"More than {MOST:,} numbers: type a place (#1) instead."
    if not all(map(isfinite, numbers)):
        return "A tangent is made of finite numbers."
    return Direction(tensor, numbers)


def _fits(tape: Tape, direction: Direction) -> Direction | str:
    """The direction, if the tensor it starts at, or some leaf, is of its size."""
    where = tape.index.leaves if direction.tensor is None else (direction.tensor,)
    wrong = ""
    for tensor in where:
        shape = _shape(tape, tensor)
        try:
            if shape is not None:
                direction.at(shape)
        except Unsaid as error:
            wrong = wrong or str(error)
        else:
            return direction
    return f"{wrong[0].upper()}{wrong[1:]}." if wrong else "No tensor requires grad here."


def _shape(tape: Tape, tensor: int) -> tuple[int, ...] | None:
    at = tape.index.values.at_or_after(tensor, 0)
    event = tape.events[at] if at is not None else None
    shown = (*event.inputs, *event.outputs) if isinstance(event, e.Operation) else ()
    return next((value.shape for value in shown if value.tensor == tensor), None)


def run_of(tape: Tape, node: int, near: int) -> int | None:
    """The event in which a node ran: the next from `near` on, else the last before."""
    after = tape.index.runs.at_or_after(node, near)
    return after if after is not None else tape.index.runs.before(node, near)


def push(tape: Tape, node: e.Node, direction: Direction, near: int) -> Pushed:
    """J·u of a node (of its first output), Jacobians being those of the pass around `near`."""
    known = _known(tape, direction, near)
    waiting = before(tape, node, known)
    if waiting is None:
        return Pushed(why=f"more than {MANY:,} nodes lie before it")
    for each in waiting:
        known[each] = _outputs(tape, tape.nodes[each], direction, near, known)
    return known[node.id][0]


def incoming(tape: Tape, node: e.Node, direction: Direction, near: int) -> tuple[Pushed, ...]:
    """u along each edge of a node."""
    push(tape, node, direction, near)
    return _incoming(node, _known(tape, direction, near))


def _known(tape: Tape, direction: Direction, near: int) -> dict[int, tuple[Pushed, ...]]:
    """What was worked out last, if it was for this direction and the Jacobians of this pass."""
    running = pass_of(tape, near)
    key = (direction, near if running is None else running.start)
    kept = tape.memo.get("jvp")
    if kept is None or kept[0] != key:
        kept = tape.memo["jvp"] = (key, {})
    found: dict[int, tuple[Pushed, ...]] = kept[1]
    return found


def before(tape: Tape, node: e.Node, known: dict[int, Any]) -> list[int] | None:
    """The nodes not yet pushed through, each after those it depends on: ids grow that way."""
    found: set[int] = set()
    stack = [node.id]
    while stack:
        here = stack.pop()
        if here in found or here in known or here not in tape.nodes:
            continue
        found.add(here)
        if len(found) > MANY:
            return None
        stack += [edge.node for edge in tape.nodes[here].edges if edge.node is not None]
    return sorted(found)


def _incoming(node: e.Node, known: dict[int, tuple[Pushed, ...]]) -> tuple[Pushed, ...]:
    return tuple(_along(edge, known) for edge in node.edges)


def _along(edge: e.Edge, known: dict[int, tuple[Pushed, ...]]) -> Pushed:
    outputs = known.get(edge.node, ()) if edge.node is not None else ()
    return outputs[edge.slot] if edge.slot < len(outputs) else NOTHING


def _outputs(
    tape: Tape, node: e.Node, direction: Direction, near: int,
    known: dict[int, tuple[Pushed, ...]],
) -> tuple[Pushed, ...]:  # fmt: skip
    """The tangents of a node's outputs: chosen here, or pushed through it."""
    tensor = node.leaf if node.leaf is not None else made_by(tape, node.id)
    shape = node.shapes[0] if node.shapes else ()
    try:
        if direction.tensor is None and node.leaf is not None:
            return (_at_leaf(direction, shape),)
        if direction.tensor is not None and tensor == direction.tensor:
            return (Pushed(direction.at(shape)),)
        us = _incoming(node, known)
        stuck = next((u for u in us if u.why), None)
        if stuck is not None:
            return (stuck,) * max(1, len(node.shapes))
        if all(u.value is None for u in us):
            return (NOTHING,) * max(1, len(node.shapes))
        return tuple(map(Pushed, _through(tape, node, [u.value for u in us], near)))
    except Unsaid as error:
        where = label(tape, near, tensor) if tensor is not None else plain(node.name)
        asked = (node.id, error.us) if isinstance(error, _OwnJvp) else None
        told = Pushed(why=f"{plain(node.name)} ({where}): {error}", stuck=asked)
        return (told,) * max(1, len(node.shapes))


def _at_leaf(direction: Direction, shape: tuple[int, ...]) -> Pushed:
    """The tangent of one leaf among all; 0 for a leaf of another size."""
    try:
        return Pushed(direction.at(shape))
    except Unsaid:
        return NOTHING


def _through(tape: Tape, node: e.Node, us: Sequence[Array | None], near: int) -> tuple[Array, ...]:
    running = pass_of(tape, near)
    run = run_of(tape, node.id, running.start if running is not None else near)
    event = tape.events[run] if run is not None else None
    kept = event.jacobians if isinstance(event, e.NodeRan) else ()
    parts = [
        None if u is None else _product(kept[i] if i < len(kept) else None, u)
        for i, u in enumerate(us)
    ]
    found = [part for u, part in zip(us, parts, strict=True) if u is not None and part is not None]
    if len(found) == sum(u is not None for u in us):
        return (np.sum(found, axis=0).reshape(node.shapes[0]),)
    if is_own(node):
        return _by_own_jvp(tape, node, us)
    try:
        return pushed(tape, node, us)
    except Unsaid:
        slopes = _by_slopes(node, event, us)
        if slopes is None:
            raise
        return (slopes,)


def _by_own_jvp(tape: Tape, node: e.Node, us: Sequence[Array | None]) -> tuple[Array, ...]:
    """What the jvp() of the lesson's own Function said, if it was asked about these tangents."""
    if any(u is not None and u.size > OWN for u in us):
        raise Unsaid(f"its jvp() is asked of tangents of up to {OWN:,} numbers")
    asked: Own = tuple(None if u is None else tuple(u.reshape(-1).tolist()) for u in us)
    known: dict[Any, tuple[Array, ...]] = tape.memo.setdefault("own jvp", {})
    found = known.get((node.id, asked))
    if found is None:
        raise _OwnJvp("its jvp() is code of the lesson, and is asked once one rests here", asked)
    if not found:
        raise Unsaid("it has no jvp() that runs, so only v·J is known")
    return found


def question(tape: Tape, at: int, direction: Direction) -> tuple[int, int, Own] | None:
    """The pass, node and tangents that a jvp() of the lesson would have to be asked about, before
    the node of event `at` can be told of; None where nothing waits for that.
    """
    tape = filled(tape)
    event = tape.events[at] if 0 <= at < len(tape) else None
    found = event.node if isinstance(event, e.NodeRan) else getattr(event, "grad_fn", None)
    node = tape.nodes.get(found) if found is not None else None
    stuck = None if node is None else push(tape, node, direction, at).stuck
    run = None if stuck is None else run_of(tape, stuck[0], at)
    ran = tape.events[run] if run is not None else None
    if stuck is None or not isinstance(ran, e.NodeRan):
        return None
    return (ran.number, *stuck)


def answer(tape: Tape, node: int, asked: Own, said: Sequence[e.Value | None]) -> None:
    """Keeps what a Function's own jvp() said of tangents, for all that come after it."""
    numbers = [array(value) for value in said if value is not None]
    found = tuple(each.astype(float) for each in numbers if each is not None)
    tape = filled(tape)
    tape.memo.setdefault("own jvp", {})[node, asked] = found
    tape.memo.pop("jvp", None)


def _by_slopes(node: e.Node, event: e.AnyEvent | None, us: Sequence[Array | None]) -> Array | None:
    """J·u of a diagonal J: its entries are v·J divided by v, wherever v is not 0."""
    if not isinstance(event, e.NodeRan) or len(event.cotangents) != 1:
        return None
    v = None if event.cotangents[0] is None else array(event.cotangents[0])
    total: Array = np.zeros(node.shapes[0] if node.shapes else ())
    for i, u in enumerate(us):
        if u is None:
            continue
        sent = event.products[i] if i < len(event.products) else None
        product = None if sent is None else array(sent)
        size = (total.size, u.size)
        if structure(rule(node.name), i, node.edges[i], size) not in ("identity", "diagonal"):
            return None
        if v is None or product is None or not v.all() or not product.shape == u.shape == v.shape:
            return None
        total = total + product.astype(float) / v * u
    return total


def _product(jacobian: e.Value | None, u: Array) -> Array | None:
    matrix = None if jacobian is None else array(jacobian)
    if matrix is None or matrix.ndim != 2 or matrix.shape[1] != u.size:
        return None
    product: Array = matrix.astype(float) @ u.reshape(-1)
    return product


class Adjoint(Struct, frozen=True):
    """⟨v, J·u⟩ and ⟨vᵀJ, u⟩: one number, reached from both ends."""

    forward: float
    backward: float
    size: float  # of the terms of the sums, which is what rounding is measured by
    rounding: float = 1e-4

    @property
    def agrees(self) -> bool:
        return abs(self.forward - self.backward) <= self.rounding * max(self.size, 1e-12)

    @property
    def text(self) -> str:
        one, other = number(self.forward), number(self.backward)
        sign = "=" if one == other else "≈" if self.agrees else "≠"
        return f"⟨v, J·u⟩ = {one}  {sign}  ⟨vᵀJ, u⟩ = {other}"


def adjoint(event: e.NodeRan, us: Sequence[Array | None], product: Array) -> Adjoint | None:
    """Both sides for a node that ran; None where the tape lacks the numbers of one."""
    v = event.cotangents[0] if len(event.cotangents) == 1 else None
    left = _dot(v, product)
    right = [
        _dot(event.products[i] if i < len(event.products) else None, u)
        for i, u in enumerate(us)
        if u is not None
    ]
    if left is None or any(each is None for each in right):
        return None
    sums = [each for each in right if each is not None]
    size = max(left[1], sum(each[1] for each in sums), 0.01 * _scale(v, us))
    kinds = {value.dtype for value in (v, *event.products) if value is not None}
    rounding = 1e-4 if kinds <= {"float32", "float64"} else 1e-2
    return Adjoint(left[0], sum(each[0] for each in sums), size, rounding)


def _scale(v: e.Value | None, us: Sequence[Array | None]) -> float:
    """‖v‖·‖u‖: what a sum that cancels out is measured by."""
    numbers = None if v is None else array(v)
    if numbers is None or numbers.dtype.kind == "c":
        return 0.0
    norm = sum(float(np.square(u).sum()) for u in us if u is not None)
    return sqrt(float(np.square(numbers.astype(float)).sum()) * norm)


def _dot(value: e.Value | None, u: Array) -> tuple[float, float] | None:
    """Their inner product, and that of their magnitudes."""
    numbers = None if value is None else array(value)
    if numbers is None:
        return None
    try:
        terms = np.broadcast_to(numbers, u.shape) * u if numbers.size <= u.size else numbers * u
    except ValueError:
        return None
    if terms.dtype.kind == "c":
        return None
    return float(terms.sum(dtype=float)), float(abs(terms).sum(dtype=float))
