"""From the formulas of a row to its node class: how saved things are read, checked and used."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtui.engine import dtypes, errors, state
from gradtui.engine.buffers import ALONE, LARGE, overwritten
from gradtui.engine.constants import Constant
from gradtui.engine.node import Node, Output, RawSaved, Saved
from gradtui.engine.presented import presented
from gradtui.engine.tensor import TENSORS, Tensor, owner, wrap

if TYPE_CHECKING:
    from gradtui.engine.rows import Row


class Result:
    """One of several results a node saved: its array, without the tensor, which would keep the node
    alive. The only result of an operation is saved as its array."""

    __slots__ = ("array", "number")

    def __init__(self, array: Any, number: int) -> None:
        self.array = array
        self.number = number


RESTORE: list[Callable[[Any], None]] = []
"""What gives a saved result its tangents again, while a level of forward mode is open."""


def result_of(saved: Any) -> Result | None:
    """A saved thing as a result of its node, if it is one."""
    if saved.__class__ is Result:
        return saved
    return Result(saved, 0) if isinstance(saved, (np.ndarray, np.generic)) else None


def array_of(saved: Any) -> Any:
    """A saved thing as the array formulas want it."""
    kind = saved.__class__
    if kind in TENSORS or kind is Constant:
        return saved._data
    return saved.array if kind is Result else saved


def tensor_of(node: Node, saved: Any) -> Any:
    """A saved thing as the tensor formulas want it, with its history."""
    if saved.__class__ in TENSORS:
        return saved
    result = result_of(saved)
    if result is not None:
        made = wrap(result.array)
        if state.duals:
            RESTORE[0](made)
        if result.array.dtype.kind == "f" and not (result.number and node.row.alone):
            made._rg = True
            made._node = _outward(node, result)
        return made
    return wrap(saved._data) if saved.__class__ is Constant else saved


def _outward(node: Node, result: Result) -> Any:
    """The history of a result; that of a view which was changed leads through its base."""
    facts = node.attributes
    if facts is not None and "outward" in facts:
        return facts["outward"]() or _on_its_own(node, facts["origin"])
    return Output(node, result.number) if node.several else node


def _on_its_own(node: Node, origin: Any) -> Node:
    """The node of a change of a view that is gone, as it was before it became part of CopySlices."""
    before = node.facts.get("alone", bool)()
    if before:
        return before  # type: ignore[no-any-return]
    made = object.__new__(type(node))
    node.facts["alone"] = weakref.ref(made)
    for name in ("saved", "versions", "seq", "outputs", "inputs"):
        setattr(made, name, getattr(node, name))
    made.edges = (origin, *node.edges[1:])
    made.hooks = made.attributes = None
    return made


def saved_of(node: Node) -> tuple[Any, ...]:
    """What a node saved, if it still has it and nobody changed it since."""
    saved = node.saved
    if saved is None:
        if not _needs_saved(node):
            return (None,) * len(node.row.saves)
        raise RuntimeError(errors.SECOND_BACKWARD)
    if node.seq < state.last_write and node.versions is not None:
        check_versions(node, saved)
    return saved


def _needs_saved(node: Any) -> bool:
    """Whether a formula somebody waits for names anything: what none does was never saved."""
    return any(_wants(node, name) for name in node.row.saves)


def _wants(node: Any, name: str) -> bool:
    """Whether a formula somebody waits for names a thing."""
    from gradtui.engine.rows import kept_anyway

    row = node.row
    return (
        name in kept_anyway(row)
        or row.spread
        or any(
            edge is not None and name in row.needs.get(row.arguments[place], ())
            for place, edge in zip(row.edges, node.edges, strict=True)
        )
    )


def versions_of(saved: Sequence[Any]) -> Any:
    """The versions of the saved tensors: 0 when all are untouched, else one for each."""
    found = [owner(s)._ver if s.__class__ in TENSORS else 0 for s in saved]
    if not any(found):
        return 0
    if min(found) < 0:
        raise RuntimeError(errors.INFERENCE_SAVED)
    return tuple(found)


def check_versions(node: Node, saved: Sequence[Any]) -> None:
    """Raises torch's error when a saved tensor was changed in place after it was saved."""
    then = node.versions
    for index in _unpacking_order(node, len(saved)):
        s = saved[index]
        if s.__class__ in TENSORS:
            if s._rare is not None and s._rare.detached > node.seq:
                raise RuntimeError(errors.DETACHED)
            now, before = owner(s)._ver, then[index] if then else 0
            if now != before:
                raise modified(s, now, before)
    tainted = node.attributes.get("tainted") if node.attributes else None
    if tainted is not None:
        tensor = tainted[0]
        kept = next((r.array.shape for r in map(result_of, saved) if r is not None), None)
        raise modified(tensor, owner(tensor)._ver, tainted[1], node.name(), kept)


def _unpacking_order(node: Node, count: int) -> Sequence[int]:
    """The places of what a node saved, as torch's generated code unpacks it: by name."""
    names = node.row.saves if hasattr(node, "row") else ()
    return sorted(range(count), key=names.__getitem__) if len(names) == count else range(count)


def modified(
    tensor: Tensor, now: int, then: int, source: str = "", shape: Any = None
) -> RuntimeError:
    """What was saved is no longer what it was; `shape` is that of a result, which it was saved in."""
    function = tensor.grad_fn
    name = source or ("" if function is None else function.name())
    number = tensor.output_nr
    shown = errors.short_name(name)
    where = f", which is output {number} of {shown}," if name else ""
    return errors.modified(tensor.dtype.scalar_name, shape or tensor._data.shape, where, now, then)


def node_class(row: Row) -> type[Node]:
    """The Node subclass of a row, named as torch names it."""
    body: dict[str, Any] = {
        "__slots__": (),
        "__module__": "",
        "__qualname__": row.node,
        "arity": len(row.edges),
        "several": row.several and not row.alone,
        "frees": _saves_tensors(row),
        "row": row,
        "read_saved": _read_saved,
        **_attributes(row),
    }
    if not row.formulas:
        return type("NotImplemented", (Node,), body | {"arity": 0} | _underivable(row))
    body["apply"], body["apply_tensor"] = _appliers(row)
    return type(row.node, (Node,), body)


def _attributes(row: Row) -> dict[str, Any]:
    """The attributes by which a node shows what it saved: `_saved_self`, `_raw_saved_self`."""
    kinds = {p.name: p.kind for p in row.signature.parameters}
    whole = [kinds.get(name) in ("int64_t", "IntArrayRef") for name in row.saves]
    saved = {"_saved_" + _shown(n): Saved(p, whole[p]) for p, n in enumerate(row.saves)}
    shown = presented(row.node, saved)
    raw = {"_raw" + n: RawSaved(s.place) for n, s in shown.items() if s.__class__ is Saved}
    return shown | raw


def _saves_tensors(row: Row) -> bool:
    """Whether a second pass would miss something: sizes stay with a node, tensors go."""
    tensors = {p.name for p in row.signature.parameters if p.kind in ("Tensor", "TensorList")}
    tensors.add("indices")
    return any(n == "result" or n in tensors or n in row.outputs for n in row.saves)


def _underivable(row: Row) -> dict[str, Any]:
    """What a node does whose operation nobody has differentiated: it says so when it is run."""

    def apply(node: Node, grad: Any) -> tuple[Any, ...]:
        mark = "_" if node.attributes is not None and "in place" in node.attributes else ""
        raise RuntimeError(f"derivative for aten::{row.name}{mark} is not implemented")

    return {"apply": apply, "apply_tensor": apply}


Pull = Callable[[Any, Any], Any]
"""From the cotangent and what a node saved to one gradient."""


def _appliers(row: Row) -> tuple[Callable[..., Any], Callable[..., Any]]:
    if not (row.several or row.spread or row.takes_all):
        pulls = [_pull(row, row.arguments[place]) for place in row.edges]
        if len(pulls) == 1:
            return _unary_applier(row, *pulls), _tensor_applier(row)
        joint = any(hasattr(f, "gives") for f in row.formulas.values())
        if len(pulls) == 2 and not joint:
            return _binary_applier(row, *pulls), _tensor_applier(row)
    return _applier(row, lambda node, saved: array_of(saved)), _tensor_applier(row)


def _pull(row: Row, argument: str) -> Pull:
    """The formula of one argument on arrays: what it names is read as directly as its kind allows."""
    formula, names = row.formulas[argument], row.needs[argument]
    if not names:
        return lambda grad, saved: formula(grad)
    at = [row.saves.index(n) for n in names]
    given = {p.name: p for p in row.signature.parameters}
    held = [n in given and given[n].kind == "Tensor" and not given[n].optional for n in names]
    ready = [n not in given or given[n].kind not in ("Tensor", "TensorList") for n in names]
    first = at[0]
    if held == [True]:
        return lambda grad, saved: formula(grad, saved[first]._data)
    if at == list(range(len(row.saves))) and all(ready[1:]):
        if ready[0]:
            return lambda grad, saved: formula(grad, *saved)
        if held[0]:
            return lambda grad, saved: formula(grad, saved[0]._data, *saved[1:])
    return lambda grad, saved: formula(grad, *[array_of(saved[i]) for i in at])


def _unary_applier(row: Row, pull: Pull) -> Callable[..., Any]:
    if not row.saves:
        (formula,) = row.formulas.values()
        return lambda node, grad: (formula(grad),)

    def apply(node: Node, grad: Any) -> tuple[Any]:
        if node.edges[0] is None:  # a view that follows a leaf without leading to it
            return (None,)
        saved = node.saved
        if saved is None or node.seq < state.last_write:
            saved = saved_of(node)
        return (pull(grad, saved),)

    return apply


def _binary_applier(row: Row, left: Pull, right: Pull) -> Callable[..., Any]:
    if not row.saves:
        return _free_applier(*row.formulas.values())
    ufunc = OVERWRITING.get(row.name)
    factor = 0 if ufunc is None else row.saves.index("other")

    def apply(node: Node, grad: Any) -> tuple[Any, Any]:
        to_self, to_other = node.edges
        saved = node.saved
        if saved is None or node.seq < state.last_write:
            saved = saved_of(node)
        second = None if to_other is None else right(grad, saved)
        if to_self is None:
            return None, second
        if ufunc is not None and grad.size > LARGE and getrefcount(grad) == ALONE:
            return overwritten(ufunc, grad, saved[factor]._data), second
        return left(grad, saved), second

    return apply


OVERWRITING = {"mul": np.multiply}
"""Operations whose derivative by `self` is this function of the cotangent and `other`, and can take
the cotangent's place."""


def _free_applier(left: Callable[[Any], Any], right: Callable[[Any], Any]) -> Callable[..., Any]:
    def apply(node: Node, grad: Any) -> tuple[Any, Any]:
        to_self, to_other = node.edges
        return (
            None if to_self is None else left(grad),
            None if to_other is None else right(grad),
        )

    return apply


def _tensor_applier(row: Row) -> Callable[..., Any]:
    """The formulas on tensors, where operators with numbers are those of C++ (`MulBackward1`)."""
    run = _applier(row, tensor_of)

    def apply(node: Node, grad: Any) -> tuple[Any, ...]:
        before, state.native = state.native, True
        try:
            return tuple(run(node, grad))
        finally:
            state.native = before

    return apply


def _applier(row: Row, read: Callable[[Node, Any], Any]) -> Callable[..., Any]:
    """The general case: one formula for each edge that leads somewhere."""
    names = [row.arguments[place] for place in row.edges]
    places = [(row.formulas[n], [row.saves.index(s) for s in row.needs[n]]) for n in names]
    if row.several and not row.takes_all and not row.alone:
        return _of_first(_every(row, places, read))
    every = _every(row, places, read)
    return _of_any(every) if row.takes_all else every


def _of_first(apply: Callable[..., Any]) -> Callable[..., Any]:
    """For formulas that speak of the cotangent of the first output, the only one that has one."""

    def of_first(node: Node, grads: Any) -> tuple[Any, ...]:
        grad = grads[0]
        return (None,) * len(node.edges) if grad is None else apply(node, grad)

    return of_first


def _of_any(apply: Callable[..., Any]) -> Callable[..., Any]:
    """For formulas that take the cotangents of all outputs, of which one at least is there."""

    def of_any(node: Node, grads: Any) -> tuple[Any, ...]:
        if all(grad is None for grad in grads):
            return (None,) * len(node.edges)
        return tuple(apply(node, grads))

    return of_any


TOGETHER: dict[str, tuple[str, ...]] = {
    "atan2": ("self", "other"),
    "clamp": ("min", "max"),
    "convolution": ("input", "weight", "bias"),
}
"""Arguments whose gradients torch computes in one formula."""


def _every(row: Row, places: Any, read: Callable[[Node, Any], Any]) -> Callable[..., Any]:
    """Torch's generated code goes through the arguments by name; the graph of gradients shows it."""
    names = [row.arguments[place] for place in row.edges]
    together = TOGETHER.get(row.name, ())
    keys = ["" if name in together else name for name in names]
    order = sorted(range(len(names)), key=keys.__getitem__)
    shared = [getattr(formula, "gives", None) for formula, _ in places]

    def apply(node: Node, grad: Any) -> tuple[Any, ...]:
        saved = saved_of(node) if row.saves else ()
        found: list[Any] = [None] * len(places)
        together: Any = None
        for place in order:
            if node.edges[place] is None:
                continue
            formula, at = places[place]
            gives = shared[place]
            if gives is None:
                found[place] = formula(grad, *[read(node, saved[i]) for i in at])
            else:
                if together is None:
                    together = formula(grad, *[read(node, saved[i]) for i in at])
                found[place] = together[gives.index(names[place])]
        return tuple(found)

    def apply_spread(node: Node, grad: Any) -> tuple[Any, ...]:
        saved = saved_of(node) if row.saves else ()
        formula, at = places[0]
        return tuple(formula(grad, *[read(node, saved[i]) for i in at]))

    return apply_spread if row.spread else apply


_SYM = {"sizes": "sym_sizes", "strides": "sym_strides", "numel": "sym_numel"}


def _read_saved(node: Any, place: int) -> Any:
    if node.saved is None:
        if not _wants(node, node.row.saves[place]):
            return None
        raise RuntimeError(errors.SECOND_BACKWARD)
    found = node.saved[place]
    if node.seq < state.last_write and node.versions is not None:
        check_versions(node, [s if i == place else None for i, s in enumerate(node.saved)])
    if result_of(found) is not None:
        return tensor_of(node, found)
    if found.__class__ is Constant:
        return wrap(np.asarray(found.value))
    return tuple(found) if isinstance(found, dtypes.Size) else found


def _shown(name: str) -> str:
    stem, _, last = name.rpartition("_")
    return f"{stem}_{_SYM[last]}" if stem and last in _SYM else name
