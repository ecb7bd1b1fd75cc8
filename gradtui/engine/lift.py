"""Functions for formulas, which run on arrays and, under `create_graph=True`, on tensors.

Each takes the array road when its first argument is an array, and the operation of the same name
when it is a tensor.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.buffers import remember, version_of
from gradtui.engine.constants import constant
from gradtui.engine.kernels.masks import choose
from gradtui.engine.kernels.shapes import laid_out_like, root
from gradtui.engine.kernels.sums import mean_, sum_
from gradtui.engine.tensor import TENSORS, wrap

FUNCTIONS: dict[str, Callable[..., Any]] = {}  # torch's functions by name, filled by the surface


def lifted(name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """`kernel` on arrays, the operation `name` when the first argument is a tensor."""

    def call(first: Any, *rest: Any) -> Any:
        if first.__class__ in TENSORS:
            return FUNCTIONS[name](first, *rest)
        return kernel(first, *rest)

    call.__name__ = name
    return call


def lifted_one(name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The same for functions of one argument, which tiny arrays are in a hurry for."""

    def call(x: Any) -> Any:
        return FUNCTIONS[name](x) if x.__class__ in TENSORS else kernel(x)

    call.__name__ = name
    return call


def native(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks what torch computes in C++, where `x * 2` is another operation than in Python."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        before, state.native = state.native, True
        try:
            return function(*args, **kwargs)
        finally:
            state.native = before

    return call


def is_tensor(x: Any) -> bool:
    return x.__class__ in TENSORS


def dtype_of(x: Any) -> Any:
    """The numpy dtype of an array or tensor."""
    return x._data.dtype if x.__class__ in TENSORS else x.dtype


def array_of(x: Any) -> Any:
    """The array of a tensor that nothing is differentiated by: a mask, an index."""
    return x._data if x.__class__ in TENSORS else x


# -- numbers ---------------------------------------------------------------------------------------


def times(x: Any, number: Any) -> Any:
    """x · number, the number found ready as an array."""
    return x * number if x.__class__ in TENSORS else x * constant(number, x)._data


def over(x: Any, number: Any) -> Any:
    """x / number, the number found ready as an array."""
    return x / number if x.__class__ in TENSORS else x / constant(number, x)._data


def built(x: Any, times: int = 1) -> Any:
    """A result that torch builds in place, in a tensor of zeros: its version says how often."""
    if x.__class__ not in TENSORS:
        remember(root(x), times)
    elif x._ver >= 0:
        x._ver += times
    return x


def into(x: Any, name: str, *rest: Any) -> Any:
    """x, which nobody else has, changed in place by an operation: one version more."""
    if x.__class__ in TENSORS:
        return getattr(x, name + "_")(*rest)
    numbers = [x.dtype.type(y) if y.__class__ in (int, float) else y for y in rest]
    return built(_INTO[name](x, *numbers), version_of(root(x)) + 1)


_INTO: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
}


def rtimes(right: Any, left: Any) -> Any:
    """left · right, the right side computed first: so C++ does, as the order of the nodes shows."""
    return left * right


# -- choosing and filling ------------------------------------------------------------------------


def where(mask: Any, yes: Any, no: Any) -> Any:
    """`yes` where the mask holds, else `no`; numbers take the dtype of the other branch."""
    if mask.__class__ in TENSORS:
        return FUNCTIONS["where"](mask, yes, no)
    kind = (yes if hasattr(yes, "dtype") else no).dtype
    return choose(np.asarray(mask), np.asarray(yes, kind), np.asarray(no, kind))


def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    """`x` with `value` where the mask holds."""
    if x.__class__ in TENSORS:
        return FUNCTIONS["masked_fill"](x, mask, value)
    return choose(mask, x.dtype.type(value), x)


def blanked(x: Any, mask: Any) -> Any:
    """`x`, which nobody else has, with 0 where the mask holds: in place in torch, so it lies as it did."""
    if x.__class__ in TENSORS:
        return x.masked_fill_(mask, 0)
    return laid_out_like(choose(mask, x.dtype.type(0), x), x)


def zeros_like(x: Any) -> Any:
    array = x._data if x.__class__ in TENSORS else x
    made = laid_out_like(np.zeros(array.shape, array.dtype), array)
    return wrap(made) if array is not x else made


def zeros(like: Any, shape: Sequence[int]) -> Any:
    """Zeros of a shape, of the dtype of `like`, and a tensor where that is one."""
    made = np.zeros(shape, dtype_of(like))
    return wrap(made) if like.__class__ in TENSORS else made


def blank(like: Any, shape: Sequence[int]) -> Any:
    """Zeros that torch does not hold in memory, so that nothing is added to them in place."""
    made = np.zeros((1, *shape), dtype_of(like))[0]
    return wrap(made) if like.__class__ in TENSORS else made


def ones(like: Any, shape: Sequence[int]) -> Any:
    made = np.ones(shape, dtype_of(like))
    return wrap(made) if like.__class__ in TENSORS else made


# -- reducing ------------------------------------------------------------------------------------


def reduce_to(grad: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The one place that undoes broadcasting: sums `grad` down to its input's shape and dtype."""
    if grad.shape != shape:
        grad = sum_to(grad, shape)
    if dtype_of(grad) is dtype:
        return grad
    return cast(grad, dtype)


def sum_to(grad: Any, shape: tuple[int, ...]) -> Any:
    """The sum over the dimensions that broadcasting added or widened."""
    if not shape:
        return FUNCTIONS["sum"](grad) if is_tensor(grad) else sum_(grad)
    dims = _repeated_dims(tuple(grad.shape), shape)
    if dims:
        grad = sum_dims(grad, dims, True)
    return view(grad, shape) if len(grad.shape) > len(shape) else grad


@functools.lru_cache(maxsize=1024)
def _repeated_dims(wide: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The dimensions `shape` lacks, or has 1 entry in, where the wide shape has others."""
    lead = len(wide) - len(shape)
    return (*range(lead), *(lead + i for i, n in enumerate(shape) if n == 1 != wide[lead + i]))


def sum_dims(x: Any, dims: tuple[int, ...], keepdim: bool = False) -> Any:
    if is_tensor(x):
        return FUNCTIONS["sum"](x, dims, keepdim)
    return sum_(x, dims if x.ndim else None, keepdim)


def mean_dims(x: Any, dims: tuple[int, ...], keepdim: bool = False) -> Any:
    if is_tensor(x):
        return FUNCTIONS["mean"](x, dims, keepdim)
    return mean_(x, dims if x.ndim else None, keepdim)


def sum_all(x: Any) -> Any:
    return FUNCTIONS["sum"](x) if is_tensor(x) else sum_(x)


def mean_all(x: Any) -> Any:
    return FUNCTIONS["mean"](x) if is_tensor(x) else mean_(x)


# -- shapes ----------------------------------------------------------------------------------------


def reshape(x: Any, shape: tuple[int, ...]) -> Any:
    return FUNCTIONS["reshape"](x, shape) if is_tensor(x) else np.reshape(x, shape)


def view(x: Any, shape: tuple[int, ...]) -> Any:
    return FUNCTIONS["view"](x, shape) if is_tensor(x) else np.reshape(x, shape)


def expand(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` repeated to `shape` without copying."""
    if is_tensor(x):
        return FUNCTIONS["expand"](x, shape)
    if x.shape == shape:
        return x
    if x.ndim == 0:
        return np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))
    return np.broadcast_to(x, shape)


def unsqueeze(x: Any, dim: int) -> Any:
    return FUNCTIONS["unsqueeze"](x, dim) if is_tensor(x) else np.expand_dims(x, dim)


def unsqueeze_all(x: Any, dims: Sequence[int]) -> Any:
    """Puts dimensions of size 1 back where a reduction over `dims` took them away."""
    for dim in sorted(dims):
        x = unsqueeze(x, dim)
    return x


def slices(x: Any, dim: int, start: int, end: int) -> Any:
    if is_tensor(x):
        return FUNCTIONS["slice"](x, dim, start, end, 1)
    return x[(slice(None),) * dim + (slice(start, end),)]


def cast(x: Any, dtype: Any) -> Any:
    if dtype_of(x) == dtype:
        return x
    return FUNCTIONS["to_copy"](x, dtype) if is_tensor(x) else x.astype(dtype)
