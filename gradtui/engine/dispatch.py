"""From a row of the table to functions: run the kernel, and leave a node when autograd asks for
one.

Elementwise rows of one or two tensors get a function of their own, without argument binding, since
tiny tensors spend their time here; every other call goes through `general`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors, state, views
from gradtui.engine.constants import constant
from gradtui.engine.derive import Result, versions_of
from gradtui.engine.kernels.layout import arranged, plain
from gradtui.engine.node import Node, Output
from gradtui.engine.rows import SCALARS, Row
from gradtui.engine.signature import bind, mismatch
from gradtui.engine.tensor import TENSORS, Tensor, refresh_view, requires, storage, wrap

new = object.__new__
ndarray = np.ndarray
PYTHON = frozenset({int, float, bool})


def edge(tensor: Any) -> Any:
    """Where a gradient with respect to `tensor` goes."""
    if tensor.__class__ not in TENSORS:
        return None
    rare = tensor._rare
    if rare is not None and rare.base is not None:
        refresh_view(tensor, rare)
    node = tensor._node
    return tensor if node is None and tensor._rg else node


def unary(row: Row, fallback: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one tensor whose result has its shape: `exp`, `neg`."""
    kernel, cls = row.kernel, row.node_class
    saves_self = row.saves == ("self",)
    plain = len(row.saves) <= 1 and bool(row.formulas)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or not plain or self.__class__ not in TENSORS:
            return fallback(self, *args, **kwargs)
        data = self._data
        if data.dtype.kind != "f":
            return fallback(self)
        result = new(Tensor)
        out = kernel(data)
        if data.ndim > 1 and not data.flags.c_contiguous:
            out = arranged(out, (data,))
        result._data = out
        result._rare = None
        result._ver = 0
        if state.grad_enabled and (self._rg or (self._rare is not None and requires(self))):
            node = new(cls)
            node.edges = (edge(self),)
            node.saved = (self,) if saves_self else (Result(out),) if row.saves else ()
            node.versions = 0
            if saves_self and (self._ver or self._rare is not None):
                node.versions = versions_of(node.saved)
            node.seq = state.next_sequence()
            node.outputs = (out.shape, out.dtype)
            node.inputs = node.hooks = node.attributes = None
            result._node = node
            result._rg = True
        else:
            result._node = None
            result._rg = False
            if state.inference:
                result._ver = -1
        if state.tape is not None:
            state.tape.append((row, (self,), result))
        return result

    return call


def binary(
    row: Row, fallback: Callable[..., Any], with_number: Row | None = None
) -> Callable[..., Any]:
    """A function of two tensors, broadcast together: `add`, `mul`.

    `with_number` is the overload for a number, where it only computes, as comparisons do.
    """
    kernel, cls, saves = row.kernel, row.node_class, row.saves
    first, second = row.arguments[:2]
    wanted_by = [
        tuple(i for i, a in enumerate((first, second)) if n in row.needs.get(a, ())) for n in saves
    ]
    tracks = bool(row.formulas)
    alike = with_number is not None and with_number.kernel is kernel and not row.formulas
    numbers = PYTHON if row.signature.numbers or alike else frozenset()
    if row.check is not None:
        numbers -= {bool}
    scalar = SCALARS.get(row.name)

    def call(self: Any, other: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or self.__class__ not in TENSORS:
            return fallback(self, other, *args, **kwargs)
        a = self._data
        if other.__class__ in TENSORS:
            saved_other = other
            b = other._data
            follow = other._rg or (other._rare is not None and requires(other))
            if a.dtype is not b.dtype:
                return fallback(self, other)
        elif other.__class__ in numbers and a.dtype.kind == "f":
            if state.native and scalar is not None:
                return run(scalar, (self, other))
            saved_other = constant(other, a)
            b = saved_other.array
            follow = False
        else:
            return fallback(self, other)
        follows = follow or self._rg or (self._rare is not None and requires(self))
        if a.dtype.kind != "f" or (follows and not tracks):
            return fallback(self, other)
        try:
            out = kernel(a, b)
        except ValueError:
            raise errors.broadcast(a.shape, b.shape) from None
        if out.__class__ is ndarray and out.ndim > 1 and not (plain(a) and plain(b)):
            out = arranged(out, (a, b))
        result = new(Tensor)
        result._data = out
        result._rare = None
        result._ver = 0
        if follows and state.grad_enabled:
            node = new(cls)
            node.edges = (edge(self), edge(other) if follow else None)
            if saves:
                given = {first: self, second: saved_other}
                node.saved = tuple(
                    _wanted(name, given, out, node.edges, by)
                    for name, by in zip(saves, wanted_by, strict=True)
                )
                node.versions = versions_of(node.saved)
            else:
                node.saved = ()
                node.versions = 0
            node.seq = state.next_sequence()
            shape = out.shape
            node.outputs = (shape, out.dtype)
            node.inputs = None
            if a.shape != shape or b.shape != shape:
                node.inputs = ((a.shape, a.dtype), (b.shape, b.dtype))
            node.hooks = node.attributes = None
            result._node = node
            result._rg = True
        else:
            result._node = None
            result._rg = False
            if state.inference:
                result._ver = -1
        if state.tape is not None:
            state.tape.append((row, (self, other), result))
        return result

    return call


def _wanted(name: str, given: Any, out: Any, edges: Any, by: tuple[int, ...]) -> Any:
    """A thing to save, or None when no gradient that is wanted names it."""
    if all(edges[i] is None for i in by):
        return None
    return Result(out) if name == "result" else given[name]


# -- every other call ------------------------------------------------------------------------------


def general(rows: Sequence[Row], method: bool, name: str = "") -> Callable[..., Any]:
    """The function of all overloads of one name: the first whose signature fits is run."""

    def call(*args: Any, **kwargs: Any) -> Any:
        for row in rows:
            bound = bind(row.signature, args, kwargs, method)
            if bound is not None:
                return run(row, bound)
        raise mismatch(shown, args, kwargs, method)

    shown = name or rows[0].name
    call.__name__ = call.__qualname__ = shown
    return call


def run(row: Row, bound: Sequence[Any]) -> Any:
    """Runs a row on bound arguments: checks, promotion, kernel, wrapping, node."""
    if row.kind == "composite":
        return run_composite(row, bound)
    try:
        if row.check is not None:
            row.check(*bound)
        out = compute(row, arrays_for(row, bound), bound)
    except Exception:
        if state.grad_enabled and any_requires(row, bound):
            edges_of(row, bound)  # what is wrong with the history of an argument comes first
        raise
    result = pack(row, out, bound)
    attach(row, bound, result)
    if state.tape is not None:
        state.tape.append((row, tuple(bound), result))
    return result


def run_composite(row: Row, bound: Sequence[Any]) -> Any:
    before, state.native = state.native, True
    try:
        return row.kernel(*bound)
    finally:
        state.native = before


def arrays_for(row: Row, bound: Sequence[Any]) -> list[Any]:
    """What the kernel is given: arrays, in a common dtype where the row asks for one."""
    if row.kind == "binary":
        return promote(row, bound, (0, 1))
    if row.kind == "common":
        return promote(row, bound, row.operands)
    arrays = [as_arrays(b) for b in bound]
    if row.floats:
        arrays = [floating(a) for a in arrays]
    if row.view:
        arrays[0] = storage(bound[0])
    return arrays


def compute(row: Row, arrays: Sequence[Any], bound: Sequence[Any] = ()) -> Any:
    """The kernel's result; shapes that do not go together raise torch's error.

    It is laid out as `bound` are, the operands before they were cast, where the row is elementwise.
    """
    try:
        out = row.kernel(*arrays)
        if row.kind in ("general", "composite"):
            return out
        operands = [b._data for b in bound if b.__class__ in TENSORS]
        return out if all(map(plain, operands)) else arranged(out, operands)
    except ValueError as error:
        shapes = [a.shape for a in arrays if hasattr(a, "shape")]
        if "broadcast" in str(error) and len(shapes) > 1:
            raise errors.broadcast(*shapes) from None
        raise


def as_arrays(value: Any) -> Any:
    if value.__class__ in TENSORS:
        return value._data
    if isinstance(value, (list, tuple)) and any(v.__class__ in TENSORS for v in value):
        return [None if v is None else v._data for v in value]
    return value


def floating(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind != "f":
        return value.astype(dtypes.get_default_dtype().numpy)
    return value


def promote(row: Row, bound: Sequence[Any], places: Sequence[int]) -> list[Any]:
    """Operands in torch's common dtype; a Python number weighs less than any tensor."""
    operands = [bound[i] for i in places]
    datas = [v._data if v.__class__ in TENSORS else v for v in operands]
    common = dtypes.result_of(*[d for d in datas if d is not None])
    if row.floats and not common.is_floating_point:
        common = dtypes.get_default_dtype()
    like = next((v._data for v in operands if v.__class__ in TENSORS), None)
    arrays = list(bound)
    for place, value in zip(places, operands, strict=True):
        arrays[place] = _cast(value, common.numpy, like)
    return arrays


def _cast(value: Any, kind: np.dtype[Any], like: Any) -> Any:
    if value.__class__ in TENSORS:
        data = value._data
        return data if data.dtype is kind else data.astype(kind)
    if value is None:
        return None
    made = np.asarray(value).astype(kind)
    return made if like.__class__ is np.ndarray else made[()]


def pack(row: Row, out: Any, bound: Sequence[Any]) -> Any:
    """Arrays as tensors: one, or the tuple torch returns."""
    if row.view:
        return views.pack(row.several, out, bound[0])
    if not row.several:
        return wrap(out)
    tensors = tuple(wrap(o) for o in out)
    named = row.outputs and row.outputs[0] != "result0"
    return return_type(row.name, row.outputs)(*tensors) if named else tensors


_RETURN_TYPES: dict[tuple[str, tuple[str, ...]], Any] = {}


def return_type(name: str, fields: tuple[str, ...]) -> Any:
    """`torch.return_types.max` and its kind: a tuple whose text names its fields."""
    key = (name, fields)
    if key not in _RETURN_TYPES:
        made: Any = namedtuple(name, fields)  # type: ignore[misc]
        made.__module__ = "torch.return_types"
        made.__repr__ = _show_fields  # type: ignore[method-assign]
        _RETURN_TYPES[key] = made
    return _RETURN_TYPES[key]


def _show_fields(self: Any) -> str:
    parts = ",\n".join(f"{n}={v!r}" for n, v in zip(self._fields, self, strict=True))
    return f"torch.return_types.{type(self).__name__}(\n{parts})"


def attach(row: Row, bound: Sequence[Any], result: Any) -> None:
    """Gives the result its node, when grad mode is on and an input that counts requires grad."""
    if not state.grad_enabled or not any_requires(row, bound):
        return
    edges = edges_of(row, bound)
    outs = tuple(result) if row.several else (result,)
    followed = outs[:1] if row.alone else outs
    if not any(o._data.dtype.kind == "f" for o in followed):
        return
    node = make_node(row, bound, outs, edges)
    if not node.several:
        outs[0]._node, outs[0]._rg = node, True
        return
    for number, out in enumerate(followed):
        if out._data.dtype.kind == "f":
            out._node, out._rg = Output(node, number), True


def any_requires(row: Row, bound: Sequence[Any]) -> bool:
    """Whether an argument that counts requires grad."""
    values = bound[row.edges[0]] if row.spread else [bound[place] for place in row.edges]
    return any(v.__class__ in TENSORS and requires(v) for v in values)


def edges_of(row: Row, bound: Sequence[Any]) -> tuple[Any, ...]:
    """Where the gradient of each differentiable argument goes."""
    if row.spread:
        return tuple(edge(v) for v in bound[row.edges[0]])
    if not row.formulas:  # torch then collects only the tensors that require grad
        return tuple(edge(bound[p]) for p in row.edges if _follows(bound[p]))
    return tuple(edge(bound[place]) for place in row.edges)


def make_node(row: Row, bound: Sequence[Any], outs: Sequence[Any], edges: Any) -> Node:
    node = new(row.node_class)
    node.edges = edges
    node.saved = saved_for(row, bound, outs, edges)
    node.versions = versions_of(node.saved)
    node.seq = state.next_sequence()
    found = tuple((o._data.shape, o._data.dtype) for o in outs)
    node.outputs = found if node.several else found[0]
    node.inputs = inputs_of(row, bound)
    node.hooks = node.attributes = None
    return node


def _follows(value: Any) -> bool:
    return value.__class__ in TENSORS and requires(value)


def inputs_of(row: Row, bound: Sequence[Any]) -> Any:
    """The shape and dtype each gradient is reduced to before it travels on."""
    if not row.formulas:
        return None
    values = bound[row.edges[0]] if row.spread else [bound[place] for place in row.edges]
    return tuple((v._data.shape, v._data.dtype) if v.__class__ in TENSORS else None for v in values)


def saved_for(row: Row, bound: Sequence[Any], outs: Sequence[Any], edges: Any) -> tuple[Any, ...]:
    """What the formulas of the wanted gradients name, in the order of `row.saves`."""
    wanted = {n for a in wanted_arguments(row, edges) for n in row.needs.get(a, ())}
    by_name = dict(zip(row.arguments, bound, strict=True))
    return tuple(_save(n, by_name, outs, row) if n in wanted else None for n in row.saves)


def wanted_arguments(row: Row, edges: Any) -> list[str]:
    """The arguments whose gradient somebody waits for."""
    if not row.formulas:
        return []
    names = [row.arguments[place] for place in row.edges]
    return names if row.spread else [n for n, e in zip(names, edges, strict=True) if e is not None]


def _save(name: str, by_name: dict[str, Any], outs: Sequence[Any], row: Row) -> Any:
    if name == "result":
        return Result(outs[0]._data)
    if name in row.outputs:
        number = row.outputs.index(name)
        return Result(outs[number]._data, number)
    if name in by_name:
        return by_name[name]
    stem, _, what = name.rpartition("_")
    return _FACTS[what](by_name[stem])


def _sizes(value: Any) -> Any:
    return value._data.shape if value.__class__ in TENSORS else [v._data.shape for v in value]


def layout(tensor: Any) -> Any:
    """Shape, strides and offset of a tensor, and the length of its storage, in elements."""
    array = storage(tensor)
    steps = tuple(s // array.itemsize for s in array.strides)
    return array.shape, steps, views.offset(tensor), views.root(array).size


_FACTS: dict[str, Callable[[Any], Any]] = {
    "sizes": _sizes,
    "strides": lambda value: value.stride(),
    "layout": lambda value: layout(value),
    "numel": lambda value: value._data.size,
    "dtype": lambda value: value._data.dtype,
}
"""What a formula may want to know of an argument without keeping it: `self_sizes`."""
