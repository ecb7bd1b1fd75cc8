"""The kernels the rows name: how each result is computed on arrays, to torch's last bit where it can be.

This is the one place that chooses between numpy's functions and the faithful ones of `kernels`.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

log, exp, log1p, expm1, log2, log10, exp2 = (
    np.log,
    np.exp,
    np.log1p,
    np.expm1,
    np.log2,
    np.log10,
    np.exp2,
)
sin, cos, tan, tanh, sqrt = np.sin, np.cos, np.tan, np.tanh, np.sqrt


def add(a: Any, b: Any) -> Any:
    return a + b


def subtract(a: Any, b: Any) -> Any:
    if a.dtype.kind == "b" and getattr(b, "dtype", a.dtype).kind == "b":
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
            "`logical_xor()` operator instead."
        )
    return a - b


def power(a: Any, b: Any) -> Any:
    return np.power(a, b)


def power_scalar(a: Any, exponent: Any) -> Any:
    if a.dtype.kind in "iu" and isinstance(exponent, int) and exponent < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    if exponent == 2:
        return a * a
    return np.power(a, np.asarray(exponent).astype(a.dtype))


def div_floor(a: Any, b: Any) -> Any:
    _refuse_zero(a, b)
    return np.floor_divide(a, b)


def _refuse_zero(a: Any, b: Any) -> None:
    if a.dtype.kind in "iu" and np.any(np.equal(b, 0)):
        raise RuntimeError("ZeroDivisionError")


def div_trunc(a: Any, b: Any) -> Any:
    _refuse_zero(a, b)
    return np.trunc(np.divide(a, b)).astype(a.dtype)


def div_mode(a: Any, b: Any, mode: str | None) -> Any:
    if mode is None:
        return operator.truediv(a, b)
    if mode == "floor":
        return div_floor(a, b)
    if mode == "trunc":
        return div_trunc(a, b)
    raise RuntimeError(
        "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '" + mode + "'"
    )


def remainder(a: Any, b: Any) -> Any:
    _refuse_zero(a, b)
    return np.remainder(a, b)


def fmod(a: Any, b: Any) -> Any:
    _refuse_zero(a, b)
    return np.fmod(a, b)


atan2 = np.arctan2


def lerp(a: Any, end: Any, weight: Any) -> Any:
    low = np.abs(weight) < 0.5
    return np.where(low, a + weight * (end - a), end - (end - a) * (1 - weight)).astype(a.dtype)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def relu(x: Any) -> Any:
    return np.maximum(x, x.dtype.type(0))


negative_ufunc = np.negative
sinh, cosh = np.sinh, np.cosh
arcsin, arccos, arctan = np.arcsin, np.arccos, np.arctan
arcsinh, arccosh, arctanh = np.arcsinh, np.arccosh, np.arctanh


def negative(x: Any) -> Any:
    if x.dtype.kind == "b":
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
            "invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return -x


def sign(x: Any) -> Any:
    return np.where(x > 0, x.dtype.type(1), np.where(x < 0, x.dtype.type(-1), x.dtype.type(0)))


def rsqrt(x: Any) -> Any:
    return 1 / np.sqrt(x)


def reciprocal(x: Any) -> Any:
    return 1 / x


def logit(x: Any, eps: float | None = None) -> Any:
    x = x if eps is None else np.clip(x, eps, 1 - eps)
    return np.log(x / (1 - x))


_erf = np.frompyfunc(__import__("math").erf, 1, 1)
_erfc = np.frompyfunc(__import__("math").erfc, 1, 1)


def erf(x: Any) -> Any:
    return np.asarray(_erf(np.asarray(x, np.float64))).astype(x.dtype)[()]


def erfc(x: Any) -> Any:
    return np.asarray(_erfc(np.asarray(x, np.float64))).astype(x.dtype)[()]


def round_to(x: Any, decimals: int) -> Any:
    return np.round(x, decimals)


def nan_to_num(x: Any, nan: Any, high: Any, low: Any) -> Any:
    return np.nan_to_num(x, nan=nan or 0.0, posinf=high, neginf=low)


def clamp(x: Any, low: Any = None, high: Any = None) -> Any:
    if low is None and high is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    out = x
    kind = x.dtype
    if not isinstance(low, (int, float, type(None))) or not isinstance(high, (int, float, type(None))):
        kind = np.result_type(*[a for a in (x, low, high) if a is not None])
    elif kind.kind in "iub" and any(isinstance(b, float) for b in (low, high)):
        out, kind = x.astype(np.float32), np.dtype(np.float32)
    if low is not None:
        out = np.maximum(out, np.asarray(low, kind))
    return out if high is None else np.minimum(out, np.asarray(high, kind))


def leaky_relu(x: Any, slope: float) -> Any:
    return np.where(x > 0, x, x * x.dtype.type(slope))


def elu(x: Any, alpha: float) -> Any:
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, x.dtype.type(0))))


def softplus(x: Any, beta: float, threshold: float) -> Any:
    kind = x.dtype.type
    return np.where(x * kind(beta) > threshold, x, np.log1p(np.exp(x * kind(beta))) / kind(beta))


def silu(x: Any) -> Any:
    return x / (1 + np.exp(-x))


def gelu(x: Any, approximate: str = "none") -> Any:
    kind = x.dtype.type
    if approximate == "none":
        return x * kind(0.5) * (1 + erf(x * kind(0.7071067811865476)))
    inner = kind(0.7978845608028654) * (x + kind(0.044715) * x * x * x)
    return kind(0.5) * x * (1 + np.tanh(inner))


def mish(x: Any) -> Any:
    return x * np.tanh(np.log1p(np.exp(x)))


def log_sigmoid(x: Any) -> Any:
    return np.minimum(x, x.dtype.type(0)) - np.log1p(np.exp(-np.abs(x)))


# -- reductions: `dims` is None for all, else dimensions counted from the front -------------------------


def _as(x: Any, dtype: Any) -> Any:
    return x if dtype is None else x.astype(dtype.numpy)


def total(x: Any, dtype: Any = None, dims: Any = None, keepdim: bool = False) -> Any:
    x = _as(x, dtype)
    if x.dtype.kind in "biu" and dtype is None:
        return np.sum(x, axis=dims, keepdims=keepdim, dtype=np.int64)
    return np.add.reduce(x, axis=dims, keepdims=keepdim)


def mean(x: Any, dtype: Any = None, dims: Any = None, keepdim: bool = False) -> Any:
    x = _as(x, dtype)
    if x.dtype.kind != "f":
        from gradtui.engine import dtypes

        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or "
            f"complex dtype. Got: {dtypes.of(x.dtype).scalar_name}"
        )
    out = total(x, None, dims, keepdim)
    count = x.size // out.size if out.size else 0
    return out / x.dtype.type(count) if count else out / x.dtype.type(0)


def prod(x: Any, dtype: Any = None, dims: Any = None, keepdim: bool = False) -> Any:
    x = _as(x, dtype)
    kind = np.int64 if x.dtype.kind in "biu" and dtype is None else x.dtype
    return np.prod(x, axis=dims, keepdims=keepdim, dtype=kind)


def var(x: Any, dims: Any, correction: float, keepdim: bool) -> Any:
    out = np.var(x.astype(np.float64), axis=dims, ddof=correction, keepdims=keepdim)
    return np.asarray(out).astype(x.dtype)[()]


def std(x: Any, dims: Any, correction: float, keepdim: bool) -> Any:
    out = np.std(x.astype(np.float64), axis=dims, ddof=correction, keepdims=keepdim)
    return np.asarray(out).astype(x.dtype)[()]


def _refuse_empty(x: Any, name: str) -> None:
    if not x.size:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument."
        )


def max_all(x: Any) -> Any:
    _refuse_empty(x, "max")
    return np.max(x)


def min_all(x: Any) -> Any:
    _refuse_empty(x, "min")
    return np.min(x)


def extreme(full: Any, x: Any, dims: Any, keepdim: bool) -> Any:
    return (np.max if full is max_all else np.min)(x, axis=dims, keepdims=keepdim)


def _along(x: Any, dim: int, keepdim: bool, find: Any) -> Any:
    from gradtui.engine.errors import wrap_dim

    dim = wrap_dim(dim, x.ndim)
    if x.ndim == 0:
        return x, np.int64(0)
    at = np.expand_dims(find(x, axis=dim), dim)
    values = np.take_along_axis(x, at, dim)
    return (values, at) if keepdim else (values.squeeze(dim)[()], at.squeeze(dim)[()])


def max_dim(x: Any, dim: int, keepdim: bool) -> Any:
    return _along(x, dim, keepdim, np.argmax)


def min_dim(x: Any, dim: int, keepdim: bool) -> Any:
    return _along(x, dim, keepdim, np.argmin)


def _median_at(x: Any, axis: int) -> Any:
    order = np.argsort(x, axis=axis, kind="stable")
    return np.take(order, (x.shape[axis] - 1) // 2, axis=axis)


def median_dim(x: Any, dim: int, keepdim: bool) -> Any:
    return _along(x, dim, keepdim, _median_at)


def median_all(x: Any) -> Any:
    flat = np.sort(x, axis=None)
    return flat[(flat.size - 1) // 2]


def argmax(x: Any, dim: int | None, keepdim: bool) -> Any:
    return np.asarray(np.argmax(x, axis=dim, keepdims=keepdim))[()]


def argmin(x: Any, dim: int | None, keepdim: bool) -> Any:
    return np.asarray(np.argmin(x, axis=dim, keepdims=keepdim))[()]


def sort(x: Any, dim: int = -1, descending: bool = False) -> Any:
    if x.ndim == 0:
        return x, np.int64(0)
    if descending:
        at = np.flip(np.argsort(np.flip(x, dim), axis=dim, kind="stable"), dim)
        at = x.shape[dim] - 1 - at
    else:
        at = np.argsort(x, axis=dim, kind="stable")
    return np.take_along_axis(x, at, dim), at


def topk(x: Any, k: int, dim: int, largest: bool, _sorted: bool) -> Any:
    if x.ndim and not 0 <= k <= x.shape[dim]:
        raise RuntimeError("selected index k out of range")
    values, at = sort(x, dim, largest)
    cut = [slice(None)] * x.ndim
    if x.ndim:
        cut[dim] = slice(0, k)
    return values[tuple(cut)], at[tuple(cut)]


def cumsum(x: Any, dim: int, dtype: Any = None) -> Any:
    x = _as(x, dtype)
    kind = np.int64 if x.dtype.kind in "biu" and dtype is None else x.dtype
    return np.cumsum(x, axis=dim, dtype=kind) if x.ndim else x


def cumprod(x: Any, dim: int, dtype: Any = None) -> Any:
    x = _as(x, dtype)
    kind = np.int64 if x.dtype.kind in "biu" and dtype is None else x.dtype
    return np.cumprod(x, axis=dim, dtype=kind) if x.ndim else x


def norm(x: Any, p: float, dims: Any, keepdim: bool) -> Any:
    if p == 2:
        return np.sqrt(total(x * x, None, dims, keepdim))
    if p == 1:
        return total(np.abs(x), None, dims, keepdim)
    if p == float("inf"):
        return np.max(np.abs(x), axis=dims, keepdims=keepdim)
    if p == float("-inf"):
        return np.min(np.abs(x), axis=dims, keepdims=keepdim)
    if p == 0:
        return total((x != 0).astype(x.dtype), None, dims, keepdim)
    return total(np.abs(x) ** x.dtype.type(p), None, dims, keepdim) ** x.dtype.type(1 / p)


def logsumexp(x: Any, dims: Any, keepdim: bool) -> Any:
    top = np.max(x, axis=dims, keepdims=True) if x.size else np.zeros((1,) * x.ndim, x.dtype)
    top = np.where(np.isfinite(top), top, x.dtype.type(0))
    out = np.log(total(exp(x - top), None, dims, True)) + top
    return out if keepdim else np.squeeze(out, dims)[()]


def softmax(x: Any, dim: int, dtype: Any = None) -> Any:
    x = _as(x, dtype)
    axis = dim if x.ndim else None
    z = np.exp(x - np.max(x, axis=axis, keepdims=True)) if x.size else x
    return z / np.add.reduce(z, axis=axis, keepdims=True) if x.size else x


def log_softmax(x: Any, dim: int, dtype: Any = None) -> Any:
    x = _as(x, dtype)
    axis = dim if x.ndim else None
    if not x.size:
        return x
    top = np.max(x, axis=axis, keepdims=True)
    z = x - top
    return z - np.log(np.add.reduce(np.exp(z), axis=axis, keepdims=True))


def scatter_add(into: Any, dim: int, index: Any, source: Any) -> Any:
    """A copy of `into` with `source` added at `index` along `dim`; repeated places add up."""
    out = np.array(into)
    if not out.ndim:
        return out + np.sum(source)
    where = list(np.indices(index.shape, sparse=True))
    where[dim % out.ndim] = index
    part = source[tuple(slice(0, n) for n in index.shape)]
    np.add.at(out, tuple(where), part)
    return out


# -- places ---------------------------------------------------------------------------------------------


def where(mask: Any, yes: Any, no: Any) -> Any:
    from gradtui.engine import dtypes
    from gradtui.engine.tensor import wrap

    if mask.dtype.kind != "b":
        mask = mask != 0
    a, b = (wrap(v) if hasattr(v, "dtype") else v for v in (yes, no))
    if not hasattr(yes, "dtype") and not hasattr(no, "dtype"):
        kind = np.asarray([yes, no]).dtype
        kind = dtypes.get_default_dtype().numpy if kind.kind == "f" else kind
    else:
        kind = dtypes.result_type(a, b).numpy
    return np.where(mask, np.asarray(yes).astype(kind), np.asarray(no).astype(kind))


def gather(x: Any, dim: int, index: Any) -> Any:
    if x.ndim == 0:
        return x
    if index.ndim != x.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    axis = dim % x.ndim
    if index.size and (index.max() >= x.shape[axis] or index.min() < 0):
        bad = int(index[(index >= x.shape[axis]) | (index < 0)].flat[0])
        raise RuntimeError(
            f"index {bad} is out of bounds for dimension {axis} with size {x.shape[axis]}"
        )
    places = list(np.indices(index.shape, sparse=True))
    places[axis] = index
    return x[tuple(places)]


def scatter(x: Any, dim: int, index: Any, source: Any) -> Any:
    out = np.array(x)
    places = list(np.indices(index.shape, sparse=True))
    places[dim % x.ndim] = index
    if isinstance(source, (np.ndarray, np.generic)):
        source = source[tuple(slice(0, n) for n in index.shape)]
    out[tuple(places)] = source
    return out


def index_select(x: Any, dim: int, index: Any) -> Any:
    if index.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if x.ndim == 0:
        return x
    if index.size and (index.max() >= x.shape[dim] or index.min() < 0):
        raise IndexError("index out of range in self")
    return np.take(x, index, dim)


def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    if mask.dtype.kind != "b":
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype "
                           + {"f": "float", "i": "long int"}.get(mask.dtype.kind, "int"))
    return np.where(mask, np.asarray(value).astype(x.dtype), x)


def fill(x: Any, value: Any) -> Any:
    return np.full_like(x, value)


def copy(x: Any, source: Any) -> Any:
    return np.broadcast_to(source, x.shape).astype(x.dtype)


def embedding(weight: Any, indices: Any, _padding: int = -1) -> Any:
    if indices.size and (indices.max() >= weight.shape[0] or indices.min() < 0):
        raise IndexError("index out of range in self")
    return weight[indices]
