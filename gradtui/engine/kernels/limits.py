"""Functions that cut an array off somewhere: clamp, thresholds, shrinkage, nan and infinity."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.masks import choose, zeroed


def clamp(x: Any, low: Any = None, high: Any = None) -> Any:
    """x held within its limits, each a number, an array or None; nan stays."""
    kind = x.dtype
    if low is not None:
        x = _held(np.maximum, np.less, x, np.asarray(low, kind))
    if high is not None:
        x = _held(np.minimum, np.greater, x, np.asarray(high, kind))
    return x


def _held(extreme: Any, beyond: Any, x: Any, limit: Any) -> Any:
    """The limit where x lies beyond it; of two zeros x stays, which numpy's extremes do not promise."""
    if limit.ndim == 0 and limit:
        return extreme(limit, x)
    return choose(beyond(x, limit) | (limit != limit), limit, x)


def threshold(x: Any, limit: Any, value: Any) -> Any:
    """x where it is above the limit, else `value`."""
    return choose(x <= limit, x.dtype.type(value), x)


def hardshrink(x: Any, lambd: Any) -> Any:
    """0 between -lambd and lambd."""
    return zeroed(x, (x >= -lambd) & (x <= lambd))


def softshrink(x: Any, lambd: Any) -> Any:
    """x moved towards 0 by lambd; 0 between."""
    by = x.dtype.type(lambd)
    return choose(x > by, x - by, choose(x < -by, x + by, x * x.dtype.type(0)))


def nan_to_num(x: Any, nan: Any = None, high: Any = None, low: Any = None) -> Any:
    """nan and infinities replaced: by 0 and the extreme numbers unless told otherwise."""
    if x.dtype.kind != "f":
        return bare(np.array(x, order="C" if x.ndim and 0 in x.strides else "K"))
    limits = np.finfo(x.dtype)
    x = np.where(np.isnan(x), x.dtype.type(0 if nan is None else nan), x)
    x = np.where(x == np.inf, x.dtype.type(limits.max if high is None else high), x)
    return bare(np.where(x == -np.inf, x.dtype.type(limits.min if low is None else low), x))
