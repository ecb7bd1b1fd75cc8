"""Draws of counts, bit for bit as torch draws them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.random import Generator, units


def poisson(gen: Generator, rates: Any) -> Any:
    """`torch.poisson`: by multiplying uniform draws, from a rate of 10 on by Hörmann's rejection."""

    def unit() -> float:
        return float(units(gen, 1, dtypes.float64)[0])

    drawn = [_count(rate, unit) for rate in np.asarray(rates, np.float64).ravel().tolist()]
    return np.array(drawn, np.float64).reshape(np.shape(rates)).astype(rates.dtype)[()]


def _count(rate: float, unit: Callable[[], float]) -> float:
    if not rate >= 0:
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    if rate >= 10:
        return _large(rate, unit)
    if not rate:
        return 0.0
    count, product, least = 0, unit(), math.exp(-rate)
    while product > least:
        count, product = count + 1, product * unit()
    return float(count)


def _large(rate: float, unit: Callable[[], float]) -> float:
    """Transformed rejection (Hörmann, 1993)."""
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    certain = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = unit() - 0.5
        v = unit()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= certain:
            return float(k)
        if k < 0 or (us < 0.013 and v > us):
            continue
        left = math.log(v) + math.log(inverse) - math.log(a / (us * us) + b)
        if left <= -rate + k * math.log(rate) - math.lgamma(k + 1):
            return float(k)
