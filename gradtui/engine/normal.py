"""Normal random numbers with torch's bits: the Box-Muller transform, in the ways torch does it.

Fewer than 16 numbers are made one by one in float64, the second of each pair kept for the next
call. From 16 on, blocks of 16 uniforms become 16 normals: float32 (and float16, rounded from it) by
the polynomials of Cephes, as in `avx_mathfun.h`, float64 by the C library's functions.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine import data, dtypes
from gradtui.engine.fma import fma32, fma64
from gradtui.engine.random import Generator, Shape, units

Array = np.ndarray[Any, np.dtype[Any]]
Dtype = dtypes.dtype

BLOCK = 16


def randn(gen: Generator, shape: Shape, dtype: Dtype | None = None) -> Array:
    """`torch.randn`: mean 0, standard deviation 1."""
    return normal(gen, shape, 0.0, 1.0, dtype)


def normal(
    gen: Generator,
    shape: Shape,
    mean: float = 0.0,
    std: float = 1.0,
    dtype: Dtype | None = None,
    contiguous: bool = True,
) -> Array:
    """`normal_(mean, std)`; `contiguous` tells whether the tensor to be filled is."""
    chosen = dtype or dtypes.get_default_dtype()
    if not chosen.is_floating_point:
        shown = chosen.scalar_name
        raise NotImplementedError(f"\"normal_kernel_cpu\" not implemented for '{shown}'")
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    count = math.prod(shape)
    if count >= BLOCK and contiguous:
        return _filled(gen, count, mean, std, chosen).reshape(shape)
    drawn = np.array([_next_normal(gen) for _ in range(count)], np.float64)
    return data.converted(fma64(drawn, std, mean), chosen).reshape(shape)


def log_normal(gen: Generator, shape: Shape, mean: float, std: float, dtype: Dtype) -> Array:
    """`log_normal_(mean, std)`: exp of normals, made one by one."""
    drawn = [math.exp(_next_normal(gen) * std + mean) for _ in range(math.prod(shape))]
    return data.converted(np.array(drawn, np.float64), dtype).reshape(shape)


def _next_normal(gen: Generator) -> float:
    """One number of the generator's own pairs, which all dtypes share."""
    if gen.kept_normal is not None:
        kept, gen.kept_normal = gen.kept_normal, None
        return kept
    first, second = units(gen, 2, dtypes.float64).tolist()
    radius, angle = math.sqrt(-2.0 * math.log1p(-second)), 2.0 * math.pi * first
    gen.kept_normal = radius * math.sin(angle)
    return radius * math.cos(angle)


def _filled(gen: Generator, count: int, mean: float, std: float, dtype: Dtype) -> Array:
    """Blocks of 16; an incomplete last one is drawn anew and covers the last 16 places.

    Its first numbers, which are never seen, cost words all the same, but not in float16.
    """
    wide = dtypes.float64 if dtype is dtypes.float64 else dtypes.float32
    whole = count // BLOCK * BLOCK
    drawn = np.empty(count, dtype.numpy)
    unit = units(gen, whole if dtype is dtypes.float16 else count, dtype)
    drawn[:whole] = _blocks(unit[:whole], mean, std, wide)
    if whole < count:
        drawn[-BLOCK:] = _blocks(units(gen, BLOCK, dtype), mean, std, wide)
    return drawn


def _blocks(unit: Array, mean: float, std: float, dtype: Dtype) -> Array:
    kind = dtype.numpy.type
    u1, u2 = unit.astype(kind).reshape(-1, 2, BLOCK // 2).transpose(1, 0, 2)
    pair = _pair64 if dtype is dtypes.float64 else _pair32
    return np.stack(pair(1 - u1, u2, kind(mean), kind(std)), axis=1).ravel()


def _mapped(function: Any, values: Array) -> Array:
    """The C library's function on each element: numpy's own differ from it in the last bit."""
    return np.array(list(map(function, values.ravel().tolist())), np.float64).reshape(values.shape)


def _pair64(u1: Array, u2: Array, mean: Any, std: Any) -> tuple[Array, Array]:
    radius = np.sqrt(-2 * _mapped(math.log, u1))
    angle = 2 * math.pi * u2
    across, up = radius * _mapped(math.cos, angle), radius * _mapped(math.sin, angle)
    return fma64(across, std, mean), fma64(up, std, mean)


# ------------------------------------------------------------------------- float32, as Cephes


_F = np.float32
_LOG = tuple(
    map(
        _F,
        (
            *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1),
            *(1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1),
            3.3333331174e-1,
        ),
    )
)
_LN2_LOW, _LN2_HIGH = _F(-2.12194440e-4), _F(0.693359375)
_SQRT_HALF = _F(0.707106781186547524)
_SIN = tuple(map(_F, (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)))
_COS = tuple(map(_F, (2.443315711809948e-005, -1.388731625493765e-003, 4.166664568298827e-002)))
_FOUR_OVER_PI = _F(1.27323954473516)
_QUARTER_PI = tuple(map(_F, (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)))


def _polynomial(x: Array, coefficients: tuple[Any, ...]) -> Array:
    total: Any = coefficients[0]
    for coefficient in coefficients[1:]:
        total = fma32(total, x, coefficient)
    return np.asarray(total)


def log32(x: Array) -> Array:
    """The natural logarithm of positive normal float32 numbers, Cephes's polynomial."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < _SQRT_HALF
    e = (exponent - low).astype(_F)
    r = mantissa - _F(1) + np.where(low, mantissa, _F(0))
    square = r * r
    y = _polynomial(r, _LOG) * r
    y = fma32(y, square, e * _LN2_LOW)
    y = fma32(-square, _F(0.5), y)
    return np.asarray(fma32(e, _LN2_HIGH, r + y))


def sincos32(x: Array) -> tuple[Array, Array]:
    """Sine and cosine of float32 angles in [0, 2π), Cephes's polynomials."""
    octant = ((x * _FOUR_OVER_PI).astype(np.int32) + 1) & ~1
    y = octant.astype(_F)
    for part in _QUARTER_PI:
        x = fma32(y, part, x)
    z = x * x
    c = _polynomial(z, _COS) * z
    c = fma32(c, z, -(z * _F(0.5))) + _F(1)
    s = fma32(_polynomial(z, _SIN) * z, x, x)
    straight = (octant & 2) == 0
    sin, cos = np.where(straight, s, c), np.where(straight, c, s)
    sin = np.where(octant & 4, -sin, sin)
    return sin, np.where(~(octant - 2) & 4, -cos, cos)


def _pair32(u1: Array, u2: Array, mean: Any, std: Any) -> tuple[Array, Array]:
    radius = np.sqrt(_F(-2) * log32(u1))
    sin, cos = sincos32(_F(2 * math.pi) * u2)
    return fma32(radius * cos, std, mean), fma32(radius * sin, std, mean)
