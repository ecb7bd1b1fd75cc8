"""Draws of Gamma, Dirichlet and binomial distributions, bit for bit as torch makes them, and how a
Gamma or Dirichlet draw moves with its parameters.

Marsaglia and Tsang (2000) for Gamma; Hörmann (1993) and geometric sums for counts; the slopes are the
approximations of ATen's `Distributions.h` to implicit reparametrisation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine.kernels.sums import sum_

Draw = Callable[[], float]
"""The next number of a generator: uniform from 0 to 1, or normal."""

_THIRD, _SQUEEZE = float(np.float32(1) / np.float32(3)), float(np.float32(0.0331))


def gamma(shape: Any, unit: Draw, normal: Draw, kind: Any) -> float:
    """One draw of Gamma(shape, 1); `kind` is the type of the shape, in which it is prepared."""
    scale, alpha = 1.0, kind(shape)
    if alpha < 1:
        if alpha == 0:
            return 0.0
        scale = (1 - unit()) ** float(kind(1) / alpha)
        alpha = kind(alpha + kind(1))
    d = float(kind(alpha - kind(_THIRD)))
    c = 1 / math.sqrt(9 * d)
    while True:
        x = normal()
        y = 1 + c * x
        while y <= 0:
            x = normal()
            y = 1 + c * x
        v = y * y * y
        u, xx = 1 - unit(), x * x
        if u < 1 - _SQUEEZE * xx * xx or math.log(u) < 0.5 * xx + d * (1 - v + math.log(v)):
            return scale * d * v


def gammas(shapes: Any, unit: Draw, normal: Draw) -> Any:
    """A draw of Gamma for every shape, never 0."""
    kind = shapes.dtype.type
    drawn = [gamma(a, unit, normal, kind) for a in np.asarray(shapes).ravel()]
    found = np.array(drawn, np.float64).reshape(np.shape(shapes)).astype(shapes.dtype)
    return np.maximum(found, np.finfo(shapes.dtype).tiny)[()]


def dirichlets(shapes: Any, unit: Draw, normal: Draw) -> Any:
    """Draws that sum to 1 over the last dimension."""
    kind = shapes.dtype
    drawn = gammas(np.asarray(shapes, np.float64), unit, normal)
    made = (drawn / sum_(drawn, (-1,), True)).astype(kind)
    return np.clip(made, np.finfo(kind).tiny, np.nextafter(kind.type(1), kind.type(0)))


# -- counts ----------------------------------------------------------------------------------------

_TAILS = (
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509,
    0.0166446911898211, 0.0138761288230707, 0.0118967099458917, 0.0104112652619720,
    0.00925546218271273, 0.00833056343336287,
)  # fmt: skip


def _tail(k: float) -> float:
    """What Stirling's formula misses of log k!."""
    if k < len(_TAILS):
        return _TAILS[int(k)]
    square = (k + 1) * (k + 1)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)


def _few(count: float, prob: float, unit: Draw) -> float:
    """Successes by summing how long each is waited for."""
    found, waited, rate = 0, 0.0, math.log1p(-prob)
    while True:
        waited += math.ceil(math.log(unit()) / rate)
        if waited > count:
            return float(found)
        found += 1


def _many(count: float, prob: float, unit: Draw) -> float:
    """Transformed rejection."""
    deviation = math.sqrt(count * prob * (1 - prob))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * prob
    centre, sure, odds = count * prob + 0.5, 0.92 - 4.2 / b, prob / (1 - prob)
    alpha, m = (2.83 + 5.1 / b) * deviation, math.floor((count + 1) * prob)
    while True:
        u = unit() - 0.5
        v = unit()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + centre)
        if k < 0 or k > count:
            continue
        if us >= 0.07 and v <= sure:
            return float(k)
        bound = (
            (m + 0.5) * math.log((m + 1) / (odds * (count - m + 1)))
            + (count + 1) * math.log((count - m + 1) / (count - k + 1))
            + (k + 0.5) * math.log(odds * (count - k + 1) / (k + 1))
            + _tail(m) + _tail(count - m) - _tail(k) - _tail(count - k)
        )  # fmt: skip
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return float(k)


def binomial(count: float, prob: float, unit: Draw) -> float:
    """How many of `count` trials succeed."""
    if count <= 0 or prob <= 0:
        return 0.0
    if prob >= 1:
        return count
    if prob > 0.5:
        return count - binomial(count, 1 - prob, unit)
    if not prob <= 0.5:
        return math.nan
    return _many(count, prob, unit) if count * prob >= 10 else _few(count, prob, unit)


def binomials(counts: Any, probs: Any, unit: Draw) -> Any:
    """A draw for every pair."""
    counts, probs = np.broadcast_arrays(counts, probs)
    pairs = zip(counts.ravel().tolist(), probs.ravel().tolist(), strict=True)
    drawn = [binomial(float(n), p, unit) for n, p in pairs]
    return np.array(drawn, np.float64).reshape(counts.shape).astype(counts.dtype)[()]
