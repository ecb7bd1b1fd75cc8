"""Arrays made from a rule: arange, linspace, logspace, eye, full, with torch's bits and errors.

>>> arange_array(0, 1, 0.25)
array([0.  , 0.25, 0.5 , 0.75], dtype=float32)

torch's compiler contracts these loops to fused multiply-adds, except logspace, and its vectors are
of 32 bytes, which shows in the last bits of arange.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine import data, dtypes
from gradtui.engine.fma import fma32, fma64

Array = data.Array
Dtype = dtypes.dtype

VECTOR_BYTES = 32  # torch builds these loops for AVX2, also where AVX-512 is there


def number_argument(value: Any, function: str, name: str, position: int) -> bool | int | float:
    """A Python number out of a number or a 0-d tensor; torch's TypeError for anything else."""
    tensor = data.tensor_array(value)
    if tensor is not None and tensor.ndim == 0:
        found: bool | int | float = tensor.item()
        return found
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, np.number | np.bool_):
        plain: bool | int | float = value.item()
        return plain
    raise TypeError(
        f"{function}(): argument '{name}' (position {position}) must be Number, "
        f"not {data.type_name(value)}"
    )


def full_dtype(value: bool | int | float) -> Dtype:
    """The dtype `torch.full` infers from its fill value."""
    return dtypes.scalar_dtype(value)


def full_array(shape: Any, value: bool | int | float, dtype: Dtype | None = None) -> Array:
    """An array of `shape` filled with `value`; RuntimeError when the dtype cannot hold it."""
    chosen = dtype or full_dtype(value)
    return np.full(shape, data.scalar_as(value, chosen), chosen.numpy)


def eye_array(n: int, m: int | None = None, dtype: Dtype | None = None) -> Array:
    """An n×m array (n×n by default) with ones on the diagonal."""
    for name, extent in (("n", n), ("m", n if m is None else m)):
        if extent < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {extent}")
    return np.eye(n, m, dtype=(dtype or dtypes.get_default_dtype()).numpy)


# -------------------------------------------------------------------------------------- arange


def arange_array(
    start: bool | int | float, end: Any, step: Any = 1, dtype: Dtype | None = None
) -> Array:
    """`torch.arange(start, end, step, dtype=dtype)`; int64 when all are integers."""
    whole = not any(isinstance(x, float) for x in (start, end, step))
    chosen = dtype or (dtypes.int64 if whole else dtypes.get_default_dtype())
    if chosen is dtypes.bool_:
        raise NotImplementedError("\"arange_cpu\" not implemented for 'Bool'")
    _check_arange(start, end, step)
    if chosen.is_floating_point:
        return _arange_float(float(start), float(step), _steps(start, end, step), chosen)
    return _arange_int(start, end, step, chosen)


def _check_arange(start: Any, end: Any, step: Any) -> None:
    if not step:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start:g} -> {end:g}")
    if (end < start) if step > 0 else (end > start):
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")


def _steps(start: Any, end: Any, step: Any) -> int:
    return math.ceil((float(end) - float(start)) / float(step))


def _arange_int(start: Any, end: Any, step: Any, dtype: Dtype) -> Array:
    first, stride = int(start), int(step)
    if dtype is dtypes.int64:
        if not stride:
            raise ValueError("step must be nonzero")
        sign = 1 if stride > 0 else -1
        length = (int(end) - first + stride - sign) // stride
    else:
        length = _steps(start, end, step)
    data.checked_shape([length], itemsize=dtype.itemsize)
    return (first + stride * np.arange(length)).astype(dtype.numpy)


def _arange_float(start: float, step: float, length: int, dtype: Dtype) -> Array:
    """Element by element in float64, except that whole vectors start from a rounded element."""
    data.checked_shape([length], itemsize=dtype.itemsize)
    wide, fma = (np.float32, fma32) if dtype is dtypes.float16 else (np.float64, fma64)
    exact = fma(np.arange(length), wide(step), wide(start))
    lanes = VECTOR_BYTES // dtype.itemsize
    vectorised = length // (2 * lanes) * (2 * lanes)
    if vectorised:
        base = exact[:vectorised:lanes].astype(dtype.numpy).astype(wide)
        exact[:vectorised] = fma(np.arange(lanes), wide(step), base[:, None]).ravel()
    return data.converted(exact, dtype)


# ------------------------------------------------------------------------------------ linspace


def linspace_array(start: Any, end: Any, steps: int, dtype: Dtype | None = None) -> Array:
    """`steps` values from start to end; computed from both ends towards the middle."""
    chosen = _spaced_dtype(steps, dtype, "linspace")
    if steps < 2:
        return full_array((steps,), start, chosen)
    low, high = data.scalar_as(start, chosen), data.scalar_as(end, chosen)
    kind = _step_type(chosen)
    step = (kind(high) - kind(low)) / kind(steps - 1)
    count, signed, anchor = _from_both_ends(kind(low), kind(high), step, steps, kind)
    if kind is np.float16:
        return np.asarray(anchor + signed * count)
    fused = (fma64 if kind is np.float64 else fma32)(signed, count, anchor)
    return np.asarray(fused, chosen.numpy)


def _spaced_dtype(steps: int, dtype: Dtype | None, function: str) -> Dtype:
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    if dtype is dtypes.bool_ and steps > 1:
        raise NotImplementedError(f"\"{function}_cpu\" not implemented for 'Bool'")
    return dtype or dtypes.get_default_dtype()


def _step_type(dtype: Dtype) -> Any:
    return dtype.numpy.type if dtype.is_floating_point else np.float64


def _from_both_ends(low: Any, high: Any, step: Any, steps: int, kind: Any) -> Any:
    """Per place: the number of steps from the nearer end, the step with its sign, that end."""
    place = np.arange(steps)
    before = place < steps // 2
    count = np.where(before, place, steps - 1 - place).astype(kind)
    return count, np.where(before, step, -step), np.where(before, low, high)


def logspace_array(
    start: Any, end: Any, steps: int, base: float = 10.0, dtype: Dtype | None = None
) -> Array:
    """`base` to the power of `steps` exponents spaced evenly from start to end."""
    chosen = _spaced_dtype(steps, dtype, "logspace")
    if steps == 0:
        return np.empty(0, chosen.numpy)
    if steps == 1:
        return full_array((1,), float(base) ** float(start), chosen)
    low, high = data.scalar_as(start, chosen), data.scalar_as(end, chosen)
    whole = not chosen.is_floating_point
    step = float(int(high) - int(low) if whole else high - low) / (steps - 1)
    ends = float(low), float(high)
    count, signed, anchor = _from_both_ends(*ends, step, steps, np.float64)
    exponents = anchor + signed * count
    return data.converted(np.array([_power(base, e) for e in exponents.tolist()]), chosen)


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan
