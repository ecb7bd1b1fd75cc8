"""Orthogonal polynomials, by their recurrences: `chebyshev("t")(x, n)` is T_n(x), entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine.kernels.unary import floating

First = Callable[[Any], Any]
Step = Callable[[int, Any, Any, Any], Any]
"""The next polynomial from its degree, x, the last one and the one before."""


def family(first: First, step: Step, limits: bool = False) -> Callable[[Any, Any], Any]:
    """Polynomials from that of degree 1 and a recurrence: 0 for negative degrees, nan beyond the
    degree torch allows where there are `limits`."""

    def kernel(x: Any, n: Any) -> Any:
        kind = np.result_type(*(floating(np.asarray(v)).dtype for v in (x, n)))
        work = np.dtype(np.float32) if kind == np.float16 else kind
        point, given = np.broadcast_arrays(np.asarray(x, work), np.asarray(n, work))
        degree = np.nan_to_num(given, nan=-1, posinf=-1, neginf=-1).astype(np.int64)
        found = _run(point, degree, first, step)
        if limits:
            found = np.where(degree > (128 if work == np.float32 else 512), np.nan, found)
        return found.astype(kind)[()]

    return kernel


def _run(x: Any, degree: Any, first: First, step: Step) -> Any:
    before, last = np.ones_like(x), first(x)
    found = np.where(degree == 0, before, np.where(degree == 1, last, 0)).astype(x.dtype)
    for k in range(2, int(degree.max(initial=0)) + 1):
        before, last = last, step(k, x, last, before).astype(x.dtype)
        found = np.where(degree == k, last, found)
    return found


def _twice(k: int, x: Any, last: Any, before: Any) -> Any:
    return (x + x) * last - before


def _shifted(k: int, x: Any, last: Any, before: Any) -> Any:
    turned = x + x - 1
    return (turned + turned) * last - before


_STARTS: dict[str, First] = {
    "t": lambda x: x,
    "u": lambda x: x + x,
    "v": lambda x: x + x - 1,
    "w": lambda x: x + x + 1,
}


def chebyshev(kind: str, shifted: bool = False) -> Callable[[Any, Any], Any]:
    """Those of the first to the fourth kind: "t", "u", "v" or "w"; `shifted` to 0 … 1."""
    start = _STARTS[kind]
    return family(lambda x: start(x + x - 1), _shifted) if shifted else family(start, _twice)


hermite_h = family(
    lambda x: x + x, lambda k, x, last, before: (x + x) * last - (2 * k - 2) * before, True
)
hermite_he = family(lambda x: x, lambda k, x, last, before: x * last - (k - 1) * before, True)
laguerre = family(
    lambda x: 1 - x,
    lambda k, x, last, before: ((2 * k - 2 + (1 - x)) * last - (k - 1) * before) / k,
)
legendre = family(
    lambda x: x, lambda k, x, last, before: ((2 * k - 1) * x * last - (k - 1) * before) / k
)
