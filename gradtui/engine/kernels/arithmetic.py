"""Functions of two arrays where numpy and torch part: powers, remainders, rounding divisions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.errors import broadcast_shape
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.unary import floating, log

Array = np.ndarray[Any, np.dtype[Any]]
_F16, _F32, _F64 = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)


def power_scalar(x: Any, exponent: float) -> Any:
    """`x ** exponent` for a Python number: the exponents torch treats apart are products and roots.

    Integers to an integer power stay integers (RuntimeError for a negative one); to another power
    they are taken in the default dtype.
    """
    if x.dtype.kind != "f":
        if not isinstance(exponent, int):
            return power_scalar(floating(x), exponent)
        if exponent < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
        return np.power(x, x.dtype.type(exponent)) if x.dtype.kind != "b" else x ** bool(exponent)
    if x.dtype is _F16:
        return power_scalar(x.astype(_F32), exponent).astype(_F16)
    special = _POWERS.get(exponent)
    return _power64(x, exponent) if special is None else special(x)


_POWERS: dict[float, Any] = {
    0: np.ones_like,
    1: np.positive,
    2: lambda x: x * x,
    3: lambda x: x * x * x,
    0.5: np.sqrt,
    -0.5: lambda x: 1 / np.sqrt(x),
    -1: lambda x: 1 / x,
    -2: lambda x: 1 / (x * x),
}


def _power64(x: Any, exponent: Any) -> Any:
    """A power computed in float64, rounded once."""
    if x.dtype is _F64:
        return np.power(x, exponent)
    return np.power(x.astype(_F64), np.float64(_F32.type(exponent))).astype(_F32)


def power(x: Any, exponent: Any) -> Any:
    """`x ** exponent` of two arrays of one dtype."""
    if x.dtype.kind != "f":
        return _integer_power(x, exponent)
    if x.dtype is _F64:
        return np.power(x, exponent)
    wide = np.power(x.astype(_F64), exponent.astype(_F64)).astype(_F32)
    return wide.astype(x.dtype)


def _integer_power(x: Any, exponent: Any) -> Any:
    """Integer powers, wrapping; a negative exponent leaves 1, 0 or -1, as in torch."""
    if x.dtype.kind == "b" or not np.any(np.less(exponent, 0)):
        return np.power(x, exponent)
    inverse = np.where(x == 1, 1, np.where(x == -1, np.where(exponent % 2 == 0, 1, -1), 0))
    kept = np.power(x, np.maximum(exponent, 0))
    return bare(np.where(exponent < 0, inverse, kept).astype(x.dtype))


def _refuse_zero(x: Any, divisor: Any) -> None:
    if x.dtype.kind in "iu" and x.size and not np.all(divisor):
        broadcast_shape(x.shape, np.shape(divisor))
        raise RuntimeError("ZeroDivisionError")


def fmod(x: Any, divisor: Any) -> Any:
    """The remainder with the sign of `x`; RuntimeError for integers and a divisor of 0."""
    _refuse_zero(x, divisor)
    return np.fmod(x, divisor)


def remainder(x: Any, divisor: Any) -> Any:
    """The remainder with the sign of the divisor (a zero keeps the sign of `x`)."""
    _refuse_zero(x, divisor)
    left = np.fmod(x, divisor)
    turned = (left != 0) & ((divisor < 0) != (left < 0))
    return bare(np.where(turned, left + divisor, left).astype(left.dtype))


def div_floor(x: Any, divisor: Any) -> Any:
    """x / divisor, rounded towards minus infinity."""
    _refuse_zero(x, divisor)
    return np.floor_divide(x, divisor)


def div_trunc(x: Any, divisor: Any) -> Any:
    """x / divisor, rounded towards zero."""
    _refuse_zero(x, divisor)
    if x.dtype.kind == "f":
        return np.trunc(x / divisor)
    low = np.floor_divide(x, divisor)
    return low + ((low < 0) & (low * divisor != x)).astype(low.dtype)


def div_mode(x: Any, divisor: Any, mode: str | None) -> Any:
    """x / divisor, rounded as `mode` says: None, `trunc` or `floor`."""
    try:
        division = _DIVISIONS[mode]
    except (KeyError, TypeError):
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{mode}'"
        ) from None
    return division(x, divisor)


_DIVISIONS: dict[str | None, Any] = {None: np.divide, "floor": div_floor, "trunc": div_trunc}


def _rounded(ufunc: Any) -> Any:
    """A function of two arrays of one dtype, smaller ones than float64 computed in it."""

    def kernel(x: Any, y: Any) -> Any:
        if x.dtype.kind != "f" or x.dtype is _F64:
            return ufunc(x, y)
        wide = ufunc(x.astype(_F64), np.asarray(y, _F64)).astype(_F32)
        return wide if x.dtype is _F32 else wide.astype(x.dtype)

    return kernel


atan2 = _rounded(np.arctan2)
maximum, minimum, copysign, hypot = np.maximum, np.minimum, np.copysign, np.hypot
logaddexp = np.logaddexp


def xlogy(x: Any, y: Any) -> Any:
    """x·log(y), and 0 where x is 0 and y is not nan."""
    y = np.asarray(y, x.dtype)
    return bare(np.where((x == 0) & ~np.isnan(y), x.dtype.type(0), x * log(y)))
