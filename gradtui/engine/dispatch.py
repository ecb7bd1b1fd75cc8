"""From a row of the table to functions: run the kernel, and leave a node when autograd asks for one.

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
from gradtui.engine.node import Node, Output
from gradtui.engine.rows import Row
from gradtui.engine.signature import bind, mismatch
from gradtui.engine.tensor import TENSORS, Tensor, storage, wrap

new = object.__new__
PYTHON = frozenset({int, float, bool})


def edge(tensor: Any) -> Any:
    """Where a gradient with respect to `tensor` goes."""
    if tensor.__class__ not in TENSORS:
        return None
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
        result._data = out = kernel(data)
        result._rare = None
        result._ver = 0
        if self._rg and state.grad_enabled:
            node = new(cls)
            up = self._node
            node.edges = (self if up is None else up,)
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
        if state.tape is not None:
            state.tape.append((row, (self,), result))
        return result

    return call


def binary(row: Row, fallback: Callable[..., Any]) -> Callable[..., Any]:
    """A function of two tensors, broadcast together: `add`, `mul`."""
    kernel, cls, saves = row.kernel, row.node_class, row.saves
    first, second = row.arguments[:2]
    wanted_by = [
        tuple(i for i, a in enumerate((first, second)) if n in row.needs.get(a, ())) for n in saves
    ]
    floats, tracks = row.floats, bool(row.formulas)

    def call(self: Any, other: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or self.__class__ not in TENSORS:
            return fallback(self, other, *args, **kwargs)
        a = self._data
        if other.__class__ in TENSORS:
            saved_other = other
            b = other._data
            follow = other._rg
            if a.dtype is not b.dtype:
                return fallback(self, other)
        elif other.__class__ in PYTHON and a.dtype.kind == "f":
            saved_other = constant(other, a)
            b = saved_other.array
            follow = False
        else:
            return fallback(self, other)
        if (floats and a.dtype.kind != "f") or (not tracks and (self._rg or follow)):
            return fallback(self, other)
        try:
            out = kernel(a, b)
        except ValueError:
            raise errors.broadcast(a.shape, b.shape) from None
        result = new(Tensor)
        result._data = out
        result._rare = None
        result._ver = 0
        if state.grad_enabled and (self._rg or follow):
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
        if state.tape is not None:
            state.tape.append((row, (self, other), result))
        return result

    return call


def _wanted(name: str, given: Any, out: Any, edges: Any, by: tuple[int, ...]) -> Any:
    """A thing to save, or None when no gradient that is wanted names it."""
    if all(edges[i] is None for i in by):
        return None
    return Result(out) if name == "result" else given[name]


# -- every other call --------------------------------------------------------------------------------


def general(rows: Sequence[Row], method: bool) -> Callable[..., Any]:
    """The function of all overloads of one name: the first whose signature fits is run."""

    def call(*args: Any, **kwargs: Any) -> Any:
        for row in rows:
            bound = bind(row.signature, args, kwargs, method)
            if bound is not None:
                return run(row, bound)
        raise mismatch([row.signature for row in rows], args, kwargs, method)

    call.__name__ = call.__qualname__ = rows[0].name
    return call


def run(row: Row, bound: Sequence[Any]) -> Any:
    """Runs a row on bound arguments: promotion, kernel, wrapping, node."""
    if row.kind == "binary":
        bound, arrays = promote(row, bound)
    else:
        arrays = [as_arrays(b) for b in bound]
        if row.floats:
            arrays = [floating(a) for a in arrays]
        if row.view:
            arrays[0] = storage(bound[0])
    try:
        out = row.kernel(*arrays)
    except ValueError as error:
        if row.kind == "binary" and "broadcast" in str(error):
            raise errors.broadcast(arrays[0].shape, arrays[1].shape) from None
        raise
    result = pack(row, out, bound)
    attach(row, bound, arrays, result)
    if state.tape is not None:
        state.tape.append((row, tuple(bound), result))
    return result


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


def promote(row: Row, bound: Sequence[Any]) -> tuple[Sequence[Any], list[Any]]:
    """Both operands in torch's common dtype; a Python number weighs less than any tensor."""
    left, right = bound[0], bound[1]
    common = dtypes.result_type(left, right)
    if row.floats and not common.is_floating_point:
        common = dtypes.get_default_dtype()
    kind = common.numpy
    like = left if left.__class__ in TENSORS else right
    arrays = [_cast(v, kind, like._data) for v in (left, right)]
    return bound, [*arrays, *bound[2:]]


def _cast(value: Any, kind: np.dtype[Any], like: Any) -> Any:
    if value.__class__ in TENSORS:
        data = value._data
        return data if data.dtype == kind else data.astype(kind)
    if like.__class__ is np.ndarray:
        return np.asarray(value).astype(kind)
    return np.asarray(value).astype(kind)[()]


def pack(row: Row, out: Any, bound: Sequence[Any]) -> Any:
    """Arrays as tensors: one, or the tuple torch returns."""
    if row.view:
        return views.pack(row.several, out, bound[0])
    if not row.several:
        return wrap(out)
    tensors = tuple(wrap(o) for o in out)
    return return_type(row.name, row.outputs)(*tensors) if row.outputs else tensors


_RETURN_TYPES: dict[tuple[str, tuple[str, ...]], Any] = {}


def return_type(name: str, fields: tuple[str, ...]) -> Any:
    """`torch.return_types.max` and its kind: a tuple whose text names its fields."""
    key = (name, fields)
    if key not in _RETURN_TYPES:
        made: Any = namedtuple(name, fields)  # type: ignore[misc]
        made.__module__ = "torch.return_types"
        made.__repr__ = _show_fields
        _RETURN_TYPES[key] = made
    return _RETURN_TYPES[key]


def _show_fields(self: Any) -> str:
    parts = ",\n".join(f"{n}={v!r}" for n, v in zip(self._fields, self, strict=True))
    return f"torch.return_types.{type(self).__name__}(\n{parts})"


def attach(row: Row, bound: Sequence[Any], arrays: Sequence[Any], result: Any) -> None:
    """Gives the result its node, when grad mode is on and an input that counts requires grad."""
    edges = edges_of(row, bound)
    if not any(e is not None for e in edges) or not state.grad_enabled:
        return
    outs = tuple(result) if row.several else (result,)
    if not any(o._data.dtype.kind == "f" for o in outs):
        return
    node = make_node(row, bound, arrays, outs, edges)
    for number, out in enumerate(outs):
        if out._data.dtype.kind == "f":
            out._node = Output(node, number) if row.several else node
            out._rg = True


def edges_of(row: Row, bound: Sequence[Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    for p, value in zip(row.signature.parameters, bound, strict=True):
        if p.kind == "TensorList":
            found += [edge(v) for v in value]
        elif p.kind == "Tensor":
            found.append(edge(value) if p.name in row.formulas or not row.formulas else None)
    return tuple(found)


def make_node(
    row: Row, bound: Sequence[Any], arrays: Sequence[Any], outs: Sequence[Any], edges: Any
) -> Node:
    node = new(row.node_class)
    node.edges = edges
    node.saved = saved_for(row, bound, arrays, outs, edges)
    node.versions = versions_of(node.saved)
    node.seq = state.next_sequence()
    node.outputs = tuple((o._data.shape, o._data.dtype) for o in outs)
    if not row.several:
        node.outputs = node.outputs[0]
    node.inputs = inputs_of(row, bound)
    node.hooks = node.attributes = None
    return node


def inputs_of(row: Row, bound: Sequence[Any]) -> tuple[Any, ...]:
    """The shape and dtype each gradient is reduced to before it travels on."""
    found: list[Any] = []
    for p, value in zip(row.signature.parameters, bound, strict=True):
        if p.kind == "TensorList":
            found += [(v._data.shape, v._data.dtype) for v in value]
        elif p.kind == "Tensor":
            tensor = value.__class__ in TENSORS
            found.append((value._data.shape, value._data.dtype) if tensor else None)
    return tuple(found)


def saved_for(
    row: Row, bound: Sequence[Any], arrays: Sequence[Any], outs: Sequence[Any], edges: Any
) -> tuple[Any, ...]:
    """What the formulas of the wanted gradients name, in the order of `row.saves`."""
    wanted = {n for a in wanted_arguments(row, edges) for n in row.needs.get(a, ())}
    by_name = dict(zip(row.arguments, zip(bound, arrays, strict=True), strict=True))
    return tuple(_save(n, by_name, outs, row) if n in wanted else None for n in row.saves)


def wanted_arguments(row: Row, edges: Any) -> list[str]:
    if any(p.kind == "TensorList" for p in row.signature.parameters):
        return list(row.formulas)
    tensors = [p.name for p in row.signature.parameters if p.kind == "Tensor"]
    return [n for n, e in zip(tensors, edges, strict=True) if e is not None]


def _save(name: str, by_name: dict[str, Any], outs: Sequence[Any], row: Row) -> Any:
    if name == "result":
        return Result(outs[0]._data)
    if name in row.outputs:
        number = row.outputs.index(name)
        return Result(outs[number]._data, number)
    if name in by_name:
        tensor, array = by_name[name]
        is_tensor = tensor.__class__ in TENSORS
        if is_tensor and tensor._data.dtype != array.dtype:
            return tensor
        return tensor
    stem, _, what = name.rpartition("_")
    value = by_name[stem][0]
    if what == "sizes":
        shapes = [v._data.shape for v in value] if isinstance(value, (list, tuple)) else None
        return shapes if shapes is not None else value._data.shape
    if what == "numel":
        return value._data.size
    if what == "dtype":
        return value._data.dtype
    raise KeyError(name)
