"""Incomplete gamma functions, tails of the normal distribution, and zeta, in float64.

The series and the continued fraction are those of Numerical Recipes (Press et al., 2007), section
6.2; the inverse of the distribution is Wichura's (1988), from Python's library.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np

from gradtui.engine.kernels.bessel import widening
from gradtui.engine.kernels.gamma import lgamma
from gradtui.engine.kernels.unary import erfc, floating

_STEPS = 2_000  # as many as torch takes
_TINY = 1e-300


def pairwise(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A function of two float64 arrays for two of any dtype, broadcast together."""

    def kernel(a: Any, b: Any) -> Any:
        kind = np.result_type(*(floating(np.asarray(v)).dtype for v in (a, b)))
        wide = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
        return function(*wide).astype(kind)[()]

    return kernel


# -- incomplete gamma functions --------------------------------------------------------------------


def _lower_series(a: Any, x: Any) -> Any:
    """P(a, x) where x < a + 1."""
    term = total = 1 / a
    for n in range(1, _STEPS):
        term = term * x / (a + n)
        total = total + term
        if not (np.abs(term) > np.abs(total) * 1e-17).any():
            break
    return total * np.exp(-x + a * np.log(x) - lgamma(a))


def _upper_fraction(a: Any, x: Any) -> Any:
    """Q(a, x) where x >= a + 1, by Lentz's method."""
    b = x + 1 - a
    c, d = np.full_like(x, 1 / _TINY), 1 / b
    found = d
    for n in range(1, _STEPS):
        factor = -n * (n - a)
        b = b + 2
        d = factor * d + b
        d = 1 / np.where(np.abs(d) < _TINY, _TINY, d)
        c = b + factor / c
        c = np.where(np.abs(c) < _TINY, _TINY, c)
        found = found * (d * c)
        if not (np.abs(d * c - 1) > 1e-16).any():
            break
    return found * np.exp(-x + a * np.log(x) - lgamma(a))


def _incomplete(a: Any, x: Any, upper: bool) -> Any:
    inside = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    low = inside & (x < a + 1)
    high = inside & ~low
    lower = _lower_series(np.where(low, a, 1.0), np.where(low, x, 1.0))
    beyond = _upper_fraction(np.where(high, a, 1.0), np.where(high, x, 3.0))
    found = np.where(low, 1 - lower, beyond) if upper else np.where(low, lower, 1 - beyond)
    return np.where(inside, found, _edges(a, x, upper))


def _edges(a: Any, x: Any, upper: bool) -> Any:
    """What the incomplete functions are at 0 and at infinity; nan below."""
    nothing, all_ = (1.0, 0.0) if upper else (0.0, 1.0)
    found = np.where(np.isinf(a), np.where(np.isinf(x), np.nan, nothing), all_)
    found = np.where(x == 0, np.where(a == 0, np.nan, nothing), found)
    return np.where((a < 0) | (x < 0) | np.isnan(a) | np.isnan(x), np.nan, found)


igamma = pairwise(lambda a, x: _incomplete(a, x, False))
igammac = pairwise(lambda a, x: _incomplete(a, x, True))

# -- the normal distribution -----------------------------------------------------------------------


def _erfcx(x: Any) -> Any:
    """exp(x²)·erfc(x); behind 10 the asymptotic series."""
    near = np.minimum(x, 10)
    far = np.maximum(x, 10)
    square = 1 / (2 * far * far)
    series = 1 - square * (1 - 3 * square * (1 - 5 * square * (1 - 7 * square * (1 - 9 * square))))
    found = np.where(x <= 10, np.exp(near * near) * erfc(near), series / (far * math.sqrt(math.pi)))
    return np.where(np.isnan(x), x, found)


def _log_ndtr(x: Any) -> Any:
    t = x * math.sqrt(0.5)
    low = t < -1
    below = np.log(_erfcx(np.where(low, -t, 1)) / 2) - np.where(low, t * t, 0)
    return np.where(low, below, np.log1p(-erfc(np.where(low, 0, t)) / 2))


def _ndtri(x: Any) -> Any:
    inverse = NormalDist().inv_cdf
    inside = (x > 0) & (x < 1)
    found = np.array([inverse(v) for v in np.where(inside, x, 0.5).ravel().tolist()])
    edge = np.where(x == 0, -np.inf, np.where(x == 1, np.inf, np.nan))
    return np.where(inside, found.reshape(x.shape), edge)


erfcx, log_ndtr, ndtri = widening(_erfcx), widening(_log_ndtr), widening(_ndtri)

# -- zeta ------------------------------------------------------------------------------------------

_LAST = (
    12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1.8924375803183791606e9, 7.47242496e10,
    -2.950130727918164224e12, 1.1646782814350067249e14, -4.5979787224074726105e15,
    1.8152105401943546773e17, -7.1661652561756670113e18,
)  # fmt: skip


def _zeta(s: Any, q: Any) -> Any:
    """Hurwitz's zeta function, by Euler and Maclaurin as the Cephes library does."""
    good = (s > 1) & ((q > 0) | (s == np.floor(s))) & ~((q <= 0) & (q == np.floor(q)))
    power, start = np.where(good, s, 2.0), np.where(good, q, 1.0)
    total, at = start**-power, start
    while ((at <= 9) & good).any():
        moving = at <= 9
        at = np.where(moving, at + 1, at)
        total = np.where(moving, total + np.where(moving, at, 1) ** -power, total)
    last = at**-power
    total = total + last * at / (power - 1) - 0.5 * last
    factor = np.ones_like(at)
    for k, coefficient in enumerate(_LAST):
        factor = factor * (power + 2 * k)
        last = last / at
        total = total + factor * last / coefficient
        factor = factor * (power + 2 * k + 1)
        last = last / at
    poles = (s >= 1) & ((s == 1) | ((q <= 0) & (q == np.floor(q))))
    return np.where(good, total, np.where(poles, np.inf, np.nan))


zeta = pairwise(_zeta)
