"""Functions of one array, as near to torch's as numpy comes: usually to the last bit.

float32 is computed in float64 and rounded once, which agrees with torch's vector library in 95 to
100 of 100 values and is never off by more than one unit in the last place; beyond `LARGE` elements
float32 itself is used, which is several times faster and off by at most two. float16 is computed as
float32. Functions torch builds of several operations (`sigmoid`, `gelu`) round after each of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.masks import choose

Array = np.ndarray[Any, np.dtype[Any]]
Kernel = Callable[[Any], Any]

LARGE = 1 << 15
_F16, _F32, _F64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)
_f32, ndarray = np.float32, np.ndarray


def floating(x: Any) -> Any:
    """Integers and bools as the default dtype, which the functions here compute them in."""
    return x if x.dtype.kind == "f" else x.astype(dtypes.get_default_dtype().numpy)


def widened(x: Any) -> Any:
    """A float64 copy, contiguous where the array repeats its elements (has a stride of 0)."""
    return x.astype(_F64, order="C" if x.ndim and 0 in x.strides else "K")


def _rounded(ufunc: Any) -> Kernel:
    """A ufunc, its float32 results computed in float64."""

    def kernel(x: Any) -> Any:
        kind = x.dtype
        if kind is _F32:
            if x.__class__ is ndarray:
                if x.ndim < 2 and x.size <= LARGE:
                    return ufunc(x.astype(_F64)).astype(_F32)
                return ufunc(x) if x.size > LARGE else ufunc(widened(x)).astype(_F32)
            return _f32(ufunc(float(x)))
        if kind is _F64:
            return ufunc(x)
        if kind is _F16:
            return ufunc(x.astype(_F64)).astype(_F32).astype(_F16)
        return kernel(floating(x))

    return kernel


def _direct(function: Kernel) -> Kernel:
    """A function of exact operations, computed in the array's own dtype; float16 in float32."""

    def kernel(x: Any) -> Any:
        kind = x.dtype
        if kind is _F32 or kind is _F64:
            return function(x)
        if kind is _F16:
            return function(x.astype(_F32)).astype(_F16)
        return kernel(floating(x))

    return kernel


# A 0-d array of the dtype is the cheapest constant a ufunc can be given.
ONE = {kind: np.ones((), kind) for kind in (_F16, _F32, _F64)}
ZERO = {d.numpy: np.zeros((), d.numpy) for d in dtypes.ALL}


def _one_plus_exp(x: Any) -> Any:
    return exp(x) + ONE[x.dtype]


exp, log, log1p, expm1 = map(_rounded, (np.exp, np.log, np.log1p, np.expm1))
exp2, log2, log10 = map(_rounded, (np.exp2, np.log2, np.log10))
sin, cos, tan, tanh = map(_rounded, (np.sin, np.cos, np.tan, np.tanh))
sinh, cosh = map(_rounded, (np.sinh, np.cosh))
asin, acos, atan = map(_rounded, (np.arcsin, np.arccos, np.arctan))
asinh, acosh, atanh = map(_rounded, (np.arcsinh, np.arccosh, np.arctanh))
sqrt = _direct(np.sqrt)
reciprocal = _direct(lambda x: 1 / x)
rsqrt = _direct(lambda x: 1 / np.sqrt(x))
sigmoid = _direct(lambda x: np.divide(ONE[x.dtype], _one_plus_exp(-x)))
silu = _direct(lambda x: x / _one_plus_exp(-x))
mish = _direct(lambda x: x * tanh(log1p(exp(x))))
log_sigmoid = _direct(lambda x: np.minimum(x, 0) - log1p(exp(-np.abs(x))))


def relu(x: Any) -> Any:
    """x where it is not negative, else 0; nan and negative zero stay."""
    if x.dtype is _F16:  # where numpy gives the first
        return choose(x < 0, ZERO[_F16], x)
    if x.size > _ROW and x.flags.c_contiguous and x.dtype in _ZEROS:
        return _relu_in_rows(x)
    return np.maximum(ZERO[x.dtype], x)  # of two zeros numpy gives the second


_ROW = 1 << 14
_ZEROS = {kind: np.zeros(_ROW, kind) for kind in (_F32, _F64)}


def _relu_in_rows(x: Any) -> Any:
    """relu of a long contiguous array: numpy is three times as fast where both operands have strides."""
    zeros, line, out = _ZEROS[x.dtype], x.reshape(-1), np.empty(x.shape, x.dtype)
    made, whole = out.reshape(-1), x.size // _ROW * _ROW
    np.maximum(zeros, line[:whole].reshape(-1, _ROW), out=made[:whole].reshape(-1, _ROW))
    np.maximum(zeros[: x.size - whole], line[whole:], out=made[whole:])
    return out


def sign(x: Any) -> Any:
    """-1, 0 or 1; 0 for nan and for negative zero."""
    if x.dtype.kind == "b":
        return x
    kind = x.dtype
    return np.greater(x, 0).astype(kind) - np.less(x, 0).astype(kind)


def _kept(rounding: Any) -> Kernel:
    """A rounding: integers stay as they are."""
    return lambda x: rounding(x) if x.dtype.kind == "f" else +x


floor, ceil, trunc, round_half_even = map(_kept, (np.floor, np.ceil, np.trunc, np.rint))


def round_to(x: Any, decimals: int = 0) -> Any:
    """`torch.round`: halves to even, after scaling by a power of ten."""
    if not decimals or x.dtype.kind != "f":
        return round_half_even(x)
    wide = x.astype(_F32) if x.dtype is _F16 else x
    ten = wide.dtype.type(10.0 ** abs(decimals))
    scaled = np.rint(wide * ten) / ten if decimals > 0 else np.rint(wide / ten) * ten
    return scaled.astype(x.dtype)


# ------------------------------------------------------------------------------------------ erf

_CELLS = 16  # cells of the table in each unit; a Taylor polynomial of degree 9 holds across one
_END = 6.0  # erf is 1 to the last bit from here on


def _taylor_table() -> Array:
    """Row i: the Taylor coefficients of erf at i / 16, from f⁽ⁿ⁺¹⁾ = -2x f⁽ⁿ⁾ - 2(n-1) f⁽ⁿ⁻¹⁾."""
    rows = []
    for i in range(int(_END * _CELLS) + 2):
        x = i / _CELLS
        derivatives = [math.erf(x), 2 / math.sqrt(math.pi) * math.exp(-x * x)]
        derivatives.append(-2 * x * derivatives[1])
        for n in range(2, 9):
            derivatives.append(-2 * x * derivatives[n] - 2 * (n - 1) * derivatives[n - 1])
        rows.append([d / math.factorial(n) for n, d in enumerate(derivatives)])
    return np.array(rows).T.copy()


_TAYLOR = _taylor_table()


def _erf64(x: Any) -> Any:
    """erf of float64: the C library's for a few elements, the table's for many."""
    if np.ndim(x) == 0:
        return np.float64(math.erf(x))
    if x.size <= 1024:
        return np.array(list(map(math.erf, x.ravel().tolist()))).reshape(x.shape)
    size = np.minimum(np.abs(x), _END)
    cell = np.nan_to_num(np.rint(size * _CELLS)).astype(np.intp)
    step = size - cell / _CELLS
    total = _TAYLOR[9][cell]
    for coefficient in _TAYLOR[8::-1]:
        total = total * step + coefficient[cell]
    return np.copysign(total, x)


def _erfc64(x: Any) -> Any:
    if np.ndim(x) == 0:
        return np.float64(math.erfc(x))
    return np.array(list(map(math.erfc, x.ravel().tolist())), np.float64).reshape(x.shape)


def in_float64(function: Kernel) -> Kernel:
    """A float64 function, rounded once to the array's dtype whatever its size."""

    def kernel(x: Any) -> Any:
        x = floating(x)
        wide = function(x.astype(_F64))
        return wide.astype(_F32).astype(_F16) if x.dtype is _F16 else wide.astype(x.dtype)

    return kernel


erf, erfc = in_float64(_erf64), in_float64(_erfc64)


# ------------------------------------------------------------------------------ with parameters


def _activation(function: Any) -> Any:
    """A function of a float32 or float64 array and parameters, which it takes in that dtype."""

    def kernel(x: Any, *args: Any) -> Any:
        if x.dtype is _F16:
            return function(x.astype(_F32), *args).astype(_F16)
        return function(floating(x), *args)

    kernel.__doc__ = function.__doc__
    return kernel


@_activation
def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where positive, else slope·x."""
    return choose(x > 0, x, x * x.dtype.type(slope))


@_activation
def elu(x: Any, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Any:
    """scale·x where positive, else alpha·scale·(exp(input_scale·x) - 1)."""
    kind = x.dtype.type
    low = expm1(np.minimum(x, kind(0)) * kind(input_scale)) * kind(alpha * scale)
    return choose(x < 0, low, x * kind(scale))


@_activation
def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta·x)) / beta; x itself where beta·x is above the threshold."""
    kind = x.dtype.type
    scaled = x * kind(beta)
    return choose(scaled > kind(threshold), x, log1p(exp(scaled)) / kind(beta))


@_activation
def gelu(x: Any, approximate: str = "none") -> Any:
    """x·Φ(x), with erf (`none`) or its approximation by tanh (`tanh`)."""
    kind = x.dtype.type
    if approximate == "none":
        out = kind(0.5) * x * (1 + erf(x * kind(math.sqrt(0.5))))
        return out if kind is np.float64 or x.size == 1 else choose(np.isinf(x), kind(np.nan), out)
    inner = kind(math.sqrt(2 / math.pi)) * (x + kind(0.044715) * (x * x * x))
    return kind(0.5) * x * (1 + tanh(inner))


@_activation
def logit(x: Any, eps: float | None = None) -> Any:
    """log(x / (1 - x)), x first held within [eps, 1 - eps]."""
    kind = x.dtype.type
    if eps is not None:
        x = np.minimum(np.maximum(x, kind(eps)), 1 - kind(eps))
    return log(x / (1 - x))


def entr(x: Any) -> Any:
    """-x·log x, 0 at 0, and -inf below."""
    inside = np.where(x > 0, -x * log(np.where(x > 0, x, 1)), 0)
    found = np.where(x < 0, -np.inf, inside)
    return bare(np.where(np.isnan(x), x, found).astype(x.dtype))
