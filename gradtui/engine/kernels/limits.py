"""Functions that cut an array off somewhere: clamp, thresholds, shrinkage, nan and infinity."""

from __future__ import annotations

from typing import Any

import numpy as np


def clamp(x: Any, low: Any = None, high: Any = None) -> Any:
    """x held within its limits, each a number, an array or None; nan stays."""
    kind = x.dtype
    if low is not None:
        low = np.asarray(low, kind)
        x = np.where((x < low) | (low != low), low, x)[()]
    if high is not None:
        high = np.asarray(high, kind)
        x = np.where((x > high) | (high != high), high, x)[()]
    return x


def threshold(x: Any, limit: Any, value: Any) -> Any:
    """x where it is above the limit, else `value`."""
    return np.where(x <= limit, x.dtype.type(value), x)[()]


def hardshrink(x: Any, lambd: Any) -> Any:
    """0 between -lambd and lambd."""
    return np.where((x >= -lambd) & (x <= lambd), x.dtype.type(0), x)[()]


def softshrink(x: Any, lambd: Any) -> Any:
    """x moved towards 0 by lambd; 0 between."""
    by = x.dtype.type(lambd)
    return np.where(x > by, x - by, np.where(x < -by, x + by, x * x.dtype.type(0)))[()]


def nan_to_num(x: Any, nan: Any = None, high: Any = None, low: Any = None) -> Any:
    """nan and infinities replaced: by 0 and the extreme numbers unless told otherwise."""
    if x.dtype.kind != "f":
        return np.array(x)[()]
    limits = np.finfo(x.dtype)
    x = np.where(np.isnan(x), x.dtype.type(0 if nan is None else nan), x)
    x = np.where(x == np.inf, x.dtype.type(limits.max if high is None else high), x)
    return np.where(x == -np.inf, x.dtype.type(limits.min if low is None else low), x)[()]
