"""Reductions, norms and soft maxima whose arguments torch overloads, and functions made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.rows import composite
from gradtui.engine.signature import is_int
from gradtui.engine.tensor import TENSORS, Tensor, wrap

# -- spreads ---------------------------------------------------------------------------------------


def _spread(name: str) -> None:
    """`var`, `std` and their `_mean` kin: a `correction`, or the older `unbiased`."""

    def refuse(self: Tensor) -> None:
        if self._data.dtype.kind != "f":
            raise RuntimeError(
                f"{name.partition('_')[0]}{'_mean' * ('_' in name)} only support floating point "
                "and "
                ""
                "complex dtypes"
                if "_" in name
                else "std and var only support floating point and complex dtypes"
            )

    def by_dims(self: Tensor, dim: Any, unbiased: bool = True, keepdim: bool = False) -> Any:
        refuse(self)
        return F["_" + name](self, dim, correction=int(unbiased), keepdim=keepdim)

    def by_correction(
        self: Tensor, dim: Any = None, correction: Any = None, keepdim: bool = False
    ) -> Any:
        refuse(self)
        return F["_" + name](self, dim, correction=correction, keepdim=keepdim)

    def of_all(self: Tensor, unbiased: bool = True) -> Any:
        refuse(self)
        return F["_" + name](self, None, correction=int(unbiased))

    composite(f"{name}(Tensor self, IntArrayRef[1]? dim, bool unbiased=True, bool keepdim=False)")(
        by_dims
    )
    composite(
        f"{name}(Tensor self, IntArrayRef[1]? dim=None, *, Number? correction=None, "
        "bool keepdim=False)"
    )(by_correction)
    composite(f"{name}(Tensor self, bool unbiased=True)")(of_all)


for _name in ("var", "std", "var_mean", "std_mean"):
    _spread(_name)


@composite(
    "nanmean(Tensor self, IntArrayRef[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None)"
)
def nanmean(self: Tensor, dim: Any, keepdim: bool, dtype: Any) -> Any:
    count = F["sum"](F["logical_not"](F["isnan"](F["detach"](self))), dim, keepdim)
    return F["div"](F["nansum"](self, dim, keepdim, dtype=dtype), count)


# -- extremes of two -------------------------------------------------------------------------------


@composite("max(Tensor self, Tensor other)")
def max_of(self: Tensor, other: Tensor) -> Any:
    return F["maximum"](self, other)


@composite("min(Tensor self, Tensor other)")
def min_of(self: Tensor, other: Tensor) -> Any:
    return F["minimum"](self, other)


# -- norms -----------------------------------------------------------------------------------------


def norm(
    input: Tensor,
    p: Any = "fro",
    dim: Any = None,
    keepdim: bool = False,
    dtype: Any = None,
) -> Any:
    """`torch.norm`: the vector norm of order `p` over `dim`, or over everything."""
    if isinstance(p, str) and p not in ("fro", "nuc"):
        raise RuntimeError(
            "only valid string values are 'fro' (i.e., Frobenius norm) and 'nuc' (i.e., nuclear "
            f"norm), found {p}"
        )
    if p == "nuc":
        from gradtui.engine import linalg

        return linalg.matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim)
    order = 2.0 if p in ("fro", None) else p
    dims = None if dim is None else (dim,) if is_int(dim) else tuple(dim)
    return F["linalg_vector_norm"](input, order, dims, keepdim, dtype=dtype)


# -- soft maxima -----------------------------------------------------------------------------------


@composite("softmax(Tensor self, int64_t dim, ScalarType? dtype=None)")
def softmax(self: Tensor, dim: int, dtype: Any = None) -> Any:
    """exp(x) over its sum along a dimension."""
    return F["_softmax"](_converted(self, dtype), dim, False)


@composite("log_softmax(Tensor self, int64_t dim, ScalarType? dtype=None)")
def log_softmax(self: Tensor, dim: int, dtype: Any = None) -> Any:
    return F["_log_softmax"](_converted(self, dtype), dim, False)


def _converted(x: Tensor, dtype: Any) -> Any:
    return x if dtype is None or x.dtype is dtype else F["to_copy"](x, dtype.numpy)


# -- powers, differences, choice -------------------------------------------------------------------


@composite("square(Tensor self)")
def square(self: Tensor) -> Any:
    return F["pow"](self, 2)


@composite(
    "float_power(Tensor self, Tensor exponent)",
    "float_power(Number self, Tensor exponent)",
    "float_power(Tensor self, Number exponent)",
)
def float_power(self: Any, exponent: Any) -> Any:
    """The power, computed in float64."""
    base, power = (
        _converted(v, dtypes.float64) if v.__class__ in TENSORS else v for v in (self, exponent)
    )
    return F["pow"](base, power)


@composite("positive(Tensor self)")
def positive(self: Tensor) -> Any:
    if self._data.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return self


@composite(
    "diff(Tensor self, int64_t n=1, int64_t dim=-1, Tensor? prepend=None, Tensor? append=None)"
)
def diff(self: Tensor, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along a dimension, n times over."""
    if not self._data.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    if n == 0:
        return wrap(np.zeros(self._data.shape, self._data.dtype)).copy_(self)
    parts = [t for t in (prepend, self, append) if t is not None]
    x = F["cat"](parts, dim) if len(parts) > 1 else self
    size = x._data.shape[dim]
    for _ in range(min(n, size)):
        size = x._data.shape[dim]
        before, after = F["narrow"](x, dim, 0, size - 1), F["narrow"](x, dim, 1, size - 1)
        x = (
            F["logical_xor"](after, before)
            if x._data.dtype.kind == "b"
            else F["sub"](after, before)
        )
    return x


@composite("where(Tensor condition)")
def where(condition: Tensor) -> Any:
    """The places where a condition holds."""
    return F["nonzero"](condition, as_tuple=True)


@composite("cross(Tensor self, Tensor other, int64_t? dim=None)")
def cross(self: Tensor, other: Tensor, dim: int | None = None) -> Any:
    if dim is None:
        shape = errors.broadcast_shape(self._data.shape, other._data.shape)
        dim = next((i for i, n in enumerate(shape) if n == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    return F["linalg_cross"](self, other, dim=dim)


@composite(
    "trapezoid(Tensor y, Tensor x, *, int64_t dim=-1)",
    "trapezoid(Tensor y, *, Number dx=1, int64_t dim=-1)",
)
def trapezoid(y: Tensor, x: Any = 1, dim: int = -1) -> Any:
    """The area under y by the trapezoidal rule, over places x or at steps of dx."""
    size = y._data.shape[dim]
    if size == 0:
        return wrap(y._data.sum(axis=dim))
    if x.__class__ not in TENSORS:
        ends = (F["select"](y, dim, 0) + F["select"](y, dim, -1)) * 0.5
        return (F["sum"](y, (dim,)) - ends) * x
    if x._data.ndim == 1:
        shape = [1] * y._data.ndim
        shape[dim] = x._data.size
        x = F["view"](x, tuple(shape))
    steps = x._data.shape[dim]
    before, after = F["slice"](x, dim, 0, steps - 1, 1), F["slice"](x, dim, 1, steps, 1)
    widths = after - before
    before, after = F["slice"](y, dim, 0, size - 1, 1), F["slice"](y, dim, 1, size, 1)
    return F["sum"]((before + after) * widths, (dim,)) / 2.0
