"""From a row of the table to functions: run the kernel, and leave a node when autograd asks for
one.

Elementwise rows of one or two tensors have a faster road, `gradtui.engine.fast`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors, outputs, state, views
from gradtui.engine.constants import constant
from gradtui.engine.data import TOO_MANY_DIMENSIONS
from gradtui.engine.derive import Result, versions_of
from gradtui.engine.kernels.layout import plain
from gradtui.engine.kernels.shapes import clone, root, strides_of
from gradtui.engine.layouts import laid_out
from gradtui.engine.node import Node, Output
from gradtui.engine.plans import Plans
from gradtui.engine.rows import Row, kept_anyway
from gradtui.engine.signature import mismatch
from gradtui.engine.tensor import TENSORS, edge, requires, storage, wrap

new = object.__new__
ONLY = (True,)  # the gradients that are wanted of a row of one tensor


def general(rows: Sequence[Row], method: bool, name: str = "") -> Callable[..., Any]:
    """The function of all overloads of one name: the first whose signature fits is run."""

    shown = name or rows[0].name
    find = Plans(rows, method).find

    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs and kwargs.get("out") is not None and not method:
            return outputs.into(shown, call, args, kwargs)
        found = find(args, kwargs)
        if found is None:
            raise mismatch(shown, args, kwargs, method)
        try:
            return run(*found)
        except (IndexError, OverflowError):
            _check_integers(found[0], found[1])
            raise

    call.__name__ = call.__qualname__ = shown
    return call


def _check_integers(row: Row, bound: Sequence[Any]) -> None:
    """Raises what torch says, before anything else, of an integer that is none of 64 bits."""
    for parameter, value in zip(row.signature.parameters, bound, strict=False):
        if value.__class__ is int and not -(2**63) <= value < 2**63:
            if parameter.kind == "int64_t":
                raise ValueError("Overflow when unpacking long long") from None
            if parameter.kind in ("Number", "Tensor") and value >= 2**64:
                raise OverflowError("int too big to convert") from None


def run(row: Row, bound: Sequence[Any]) -> Any:
    """Runs a row on bound arguments: checks, promotion, kernel, wrapping, node."""
    if row.single and bound[0].__class__ in TENSORS:
        data = bound[0]._data
        if data.dtype.kind == "f":
            return run_single(row, bound, data)
    return run_composite(row, bound) if row.kind == "composite" else run_general(row, bound)


def run_single(row: Row, bound: Sequence[Any], data: Any) -> Any:
    """A row of one tensor of floating point and some settings, which gives one tensor: `sum`."""
    tensor = bound[0]
    try:
        if row.check is not None:
            row.check(*bound)
        if row.view:
            data = storage(tensor)
        if row.kind == "binary":  # the second operand is a number
            out = row.kernel(data, constant(bound[1], data)._data, *bound[2:])
        else:
            out = row.kernel(data, *bound[1:])
        if not plain(data) and not row.view:
            out = laid_out(row, out, bound)
    except Exception:
        return run_general(row, bound)
    if row.view:
        result = views.as_view(out, tensor, "")
    else:
        result = wrap(clone(out) if out is data else out)
    if state.grad_enabled and (tensor._rg or requires(tensor)):
        kind = out.dtype
        if kind.kind != "f":
            attach(row, bound, result)
        else:
            node = result._node = new(row.node_class)
            result._rg = True
            node.edges = (edge(tensor),)
            outs = (result,)
            node.saved = tuple([saver(bound, outs) for saver in savers_of(row)])
            untouched = not tensor._ver and tensor._rare is None
            node.versions = 0 if untouched else versions_of(node.saved)
            node.seq = state.next_sequence()
            node.outputs = (out.shape, kind)
            alike = kind is data.dtype and (row.view or out.shape == data.shape)
            node.inputs = None if alike else ((data.shape, data.dtype),)
            node.hooks = node.attributes = None
    if state.tape is not None:
        state.tape.append((row, bound, result))
    return result


def savers_of(row: Row, wanted: tuple[bool, ...] = ONLY) -> tuple[Saver, ...]:
    """How a row gets at each of what it saves; `wanted` says which gradients somebody waits for."""
    savers: tuple[Saver, ...] | None = row.savers.get(wanted)
    if savers is None:
        savers = row.savers[wanted] = _savers(row, [w or None for w in wanted])
    return savers


def run_general(row: Row, bound: Sequence[Any]) -> Any:
    """Any row that computes."""
    try:
        if row.check is not None:
            row.check(*bound)
        out = compute(row, arrays_for(row, bound), bound)
    except Exception as error:
        if error.__class__ is NotImplementedError:
            _check_dimension(row, bound)
        if state.grad_enabled and any_requires(row, bound):
            check_history(row, bound)
        raise
    result = pack(row, out, bound)
    attach(row, bound, result)
    if state.tape is not None:
        state.tape.append((row, tuple(bound), result))
    return result


def _check_dimension(row: Row, bound: Sequence[Any]) -> None:
    """Raises what is wrong with a `dim`, which torch looks at before it asks for a kernel."""
    if "dim" in row.arguments and bound[0].__class__ in TENSORS:
        dim = bound[row.arguments.index("dim")]
        if dim.__class__ is int:
            errors.wrap_dim(dim, bound[0]._data.ndim)


def check_history(row: Row, bound: Sequence[Any], changed: bool = False) -> None:
    """Raises what is wrong with the history of an argument, which torch looks at first.

    Of the one that is `changed`, a copy is saved, so that its own state does not count.
    """
    edges = edges_of(row, bound)
    if not row.formulas:
        return
    wanted = {n for a in wanted_arguments(row, edges) for n in row.needs.get(a, ())}
    named = [*zip(row.arguments, bound, strict=True)][changed:]
    versions_of([value for name, value in named if name in wanted])


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
    arrays = as_given(bound)
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
        return laid_out(row, row.kernel(*arrays), bound)
    except MemoryError as error:
        raise errors.no_memory(error) from None
    except ValueError as error:
        shapes = [a.shape for a in arrays if hasattr(a, "shape")]
        if "broadcast" in str(error) and len(shapes) > 1:
            raise errors.broadcast(*shapes) from None
        if "supported dimension" in str(error):
            raise NotImplementedError(TOO_MANY_DIMENSIONS) from None
        raise


def as_given(bound: Sequence[Any]) -> list[Any]:
    """The arguments with arrays in place of tensors."""
    return [b._data if b.__class__ in TENSORS else as_arrays(b) for b in bound]


def as_arrays(value: Any) -> Any:
    """What is no tensor, as a kernel takes it: a list of tensors as a list of arrays."""
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
    kind = bound[0]._data.dtype if bound[0].__class__ in TENSORS else None
    if (
        kind is not None
        and kind.kind == "f"
        and all(v.__class__ in TENSORS and v._data.dtype is kind for v in operands)
    ):
        return as_given(bound)
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
        shared = any(b.__class__ in TENSORS and b._data is out for b in bound)
        return wrap(clone(out) if shared else out)
    given = [b._data for b in bound if b.__class__ in TENSORS]
    tensors = tuple(wrap(clone(o) if any(o is a for a in given) else o) for o in out)
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


TYPED = frozenset({"sum", "nansum", "prod", "cumsum", "cumprod", "masked_fill"})
"""Operations whose results are followed whatever their dtype, which then is refused."""


def attach(row: Row, bound: Sequence[Any], result: Any) -> None:
    """Gives the result its node, when grad mode is on and an input that counts requires grad."""
    if not state.grad_enabled or not any_requires(row, bound):
        return
    outs = tuple(result) if row.several else (result,)
    followed = outs[:1] if row.alone else row.moving(outs)
    if not any(o._data.dtype.kind == "f" for o in followed):
        numbers = row.formulas and row.name != "to_copy" and not any_followed(row, bound)
        if numbers or row.name in TYPED:
            raise not_followed(followed[0])
        return
    node = make_node(row, bound, outs, edges_of(row, bound))
    if not node.several:
        outs[0]._node, outs[0]._rg = node, True
        return
    for number, out in enumerate(followed):
        if out._data.dtype.kind == "f":
            out._node, out._rg = Output(node, number), True


def not_followed(tensor: Any) -> RuntimeError:
    """What torch says of integers that would get a node; a change in place can give them one."""
    return RuntimeError(f"Autograd not support dtype: {tensor.dtype.scalar_name}")


def any_followed(row: Row, bound: Sequence[Any]) -> bool:
    """Whether an argument that requires grad is of floating point."""
    values = bound[row.edges[0]] if row.spread else [bound[place] for place in row.edges]
    return any(_follows(v) and v._data.dtype.kind == "f" for v in values)


def any_requires(row: Row, bound: Sequence[Any]) -> bool:
    """Whether an argument that counts requires grad."""
    for value in bound[row.edges[0]] if row.spread else [bound[place] for place in row.edges]:
        if value.__class__ in TENSORS and (value._rg or requires(value)):
            return True
    return False


def edges_of(row: Row, bound: Sequence[Any]) -> tuple[Any, ...]:
    """Where the gradient of each differentiable argument goes."""
    if row.spread:
        return tuple([edge(v) for v in bound[row.edges[0]]])
    if not row.formulas:  # torch then collects only the tensors that require grad
        return tuple([edge(bound[p]) for p in row.edges if _follows(bound[p])])
    return tuple([edge(bound[place]) for place in row.edges])


def make_node(row: Row, bound: Sequence[Any], outs: Sequence[Any], edges: Any) -> Node:
    node = new(row.node_class)
    node.edges = edges
    node.saved = saved = saved_for(row, bound, outs, edges)
    node.versions = versions_of(saved)
    node.seq = state.next_sequence()
    if node.several:
        node.outputs = tuple([(o._data.shape, o._data.dtype) for o in row.moving(outs)])
    else:
        data = outs[0]._data
        node.outputs = (data.shape, data.dtype)
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
    return tuple(
        [(v._data.shape, v._data.dtype) if v.__class__ in TENSORS else None for v in values]
    )


def saved_for(row: Row, bound: Sequence[Any], outs: Sequence[Any], edges: Any) -> tuple[Any, ...]:
    """What the formulas of the wanted gradients name, in the order of `row.saves`."""
    if not row.saves:
        return ()
    wanted = () if row.spread or not row.formulas else tuple([e is not None for e in edges])
    return tuple([saver(bound, outs) for saver in savers_of(row, wanted)])


Saver = Callable[[Sequence[Any], Sequence[Any]], Any]


def _savers(row: Row, edges: Any) -> tuple[Saver, ...]:
    """How each of `row.saves` is got at; what no wanted gradient names is None."""
    wanted = {n for a in wanted_arguments(row, edges) for n in row.needs.get(a, ())}
    wanted |= kept_anyway(row)
    return tuple(_saver(n, row) if n in wanted else lambda bound, outs: None for n in row.saves)


def wanted_arguments(row: Row, edges: Any) -> list[str]:
    """The arguments whose gradient somebody waits for."""
    if not row.formulas:
        return []
    names = [row.arguments[place] for place in row.edges]
    return names if row.spread else [n for n, e in zip(names, edges, strict=True) if e is not None]


def _saver(name: str, row: Row) -> Saver:
    if name == "result":
        return lambda bound, outs: outs[0]._data
    if name in row.outputs:
        place = row.outputs.index(name)
        if place in row.still:
            return lambda bound, outs: outs[place]
        number = place - sum(n < place for n in row.still)
        return lambda bound, outs: Result(outs[place]._data, number)
    if name in row.arguments:
        place = row.arguments.index(name)
        if row.signature.numbers and row.signature.parameters[place].kind == "Tensor":
            return lambda bound, outs: _numbered(bound[place], outs)
        return lambda bound, outs: bound[place]
    stem, _, what = name.rpartition("_")
    fact, place = _FACTS[what], row.arguments.index(stem)
    return lambda bound, outs: fact(bound[place])


def _numbered(value: Any, outs: Sequence[Any]) -> Any:
    """A number in the place of a tensor, saved as one."""
    return constant(value, outs[0]._data) if value.__class__ in (int, float, bool) else value


def _sizes(value: Any) -> Any:
    return value._data.shape if value.__class__ in TENSORS else [v._data.shape for v in value]


def layout(tensor: Any) -> Any:
    """Shape, strides and offset of a tensor, and the length of its storage, in elements."""
    array = storage(tensor)
    steps = tuple(s // array.itemsize for s in array.strides)
    return array.shape, steps, views.offset(tensor), root(array).size


_FACTS: dict[str, Callable[[Any], Any]] = {
    "sizes": _sizes,
    "strides": lambda value: strides_of(storage(value)),
    "layout": lambda value: layout(value),
    "numel": lambda value: value._data.size,
    "dtype": lambda value: value._data.dtype,
}
"""What a formula may want to know of an argument without keeping it: `self_sizes`."""
