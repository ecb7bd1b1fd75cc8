"""Several numbers that meet at one place become one: the sum, product, mean, least or greatest.

>>> reduce_at(np.zeros(2), 0, np.array([0, 0]), np.array([3.0, 5.0]), "mean", False)
array([4., 0.])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.errors import wrap_dim
from gradtui.engine.kernels import places as P
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.shapes import clone

_UFUNCS: dict[str, Any] = {
    "sum": np.add,
    "mean": np.add,
    "prod": np.multiply,
    "amax": np.maximum,
    "amin": np.minimum,
}


def _neutral(reduce: str, dtype: Any) -> Any:
    """What a reduction begins with where the tensor itself does not count."""
    if reduce in ("sum", "mean"):
        return 0
    if reduce == "prod":
        return 1
    if dtype.kind == "b":
        return reduce == "amin"
    if dtype.kind == "f":
        return -np.inf if reduce == "amax" else np.inf
    limits = np.iinfo(dtype)
    return limits.min if reduce == "amax" else limits.max


def _met(out: Any, at: Any, source: Any, reduce: str, include_self: bool) -> None:
    """Reduces `source` into `out`, which it changes, at the places `at`."""
    if not include_self:
        out[at] = _neutral(reduce, out.dtype)
    wide = np.multiply if out.dtype.kind == "b" and reduce == "prod" else _UFUNCS[reduce]
    wide.at(out, at, source)
    if reduce != "mean":
        return
    count = np.full(out.shape, int(include_self), out.dtype)
    np.add.at(count, at, np.ones((), out.dtype))
    count[count == 0] = 1
    np.divide(out, count, out) if out.dtype.kind == "f" else np.floor_divide(out, count, out)


def reduce_at(
    x: Any, dim: int, index: Any, source: Any, reduce: str, include_self: bool = True
) -> Any:
    """scatter_reduce: each entry of `source` goes where `index` says along `dim`."""
    if reduce not in _UFUNCS:
        raise RuntimeError(
            f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    if not x.ndim and not source.ndim and np.ndim(index) <= 1:
        index, source = np.reshape(index, (-1,)), np.reshape(source, (1,))

    def put(out: Any, at: Any, part: Any) -> None:
        _met(out, at, part, reduce, include_self)

    return P.scattered("scatter", x, dim, index, source, put)


def reduce_lines(
    x: Any, dim: int, index: Any, source: Any, reduce: str, include_self: bool = True
) -> Any:
    """index_reduce: whole slices of `source` go where `index` says along `dim`."""
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(
            "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got "
            f"{reduce}."
        )
    dim = wrap_dim(dim, x.ndim)
    out = np.asarray(clone(x))
    flat = out.reshape(1) if not out.ndim else out
    part = np.asarray(source)
    at = (slice(None),) * dim + (np.atleast_1d(index),)
    _met(flat, at, part.reshape(1) if not part.ndim else part, reduce, include_self)
    return bare(out)
