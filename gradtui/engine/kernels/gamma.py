"""The gamma function's logarithm and its derivatives, and the inverse of erf, computed in float64.

The sources are Abramowitz and Stegun (1964), sections 6.3, 6.4 and 23.2, and Giles (2010) for erfinv.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels.bare import bare

_EULER_MACLAURIN = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000)
_TERMS = 12


def _wide(x: Any) -> Any:
    return np.asarray(x, np.float64)


def _like(value: Any, x: Any) -> Any:
    return bare(value.astype(x.dtype if x.dtype.kind == "f" else np.float32))


def lgamma(x: Any) -> Any:
    """The logarithm of |Γ(x)|; inf at 0, -1, -2, …"""

    def one(value: float) -> float:
        if value <= 0 and value == math.floor(value):
            return math.inf
        return math.lgamma(value) if math.isfinite(value) else abs(value)

    wide = _wide(x)
    found = np.array([one(v) for v in wide.ravel().tolist()], np.float64).reshape(wide.shape)
    return _like(found, x)


def digamma(x: Any) -> Any:
    """The derivative of lgamma; ∓inf at ±0, nan at -1, -2, …"""
    wide = _wide(x)
    mirrored = wide < 0
    y = np.where(mirrored, 1 - wide, wide)
    found = np.zeros_like(y)
    for _ in range(10):
        small = y < 10
        found = found - np.where(small, 1 / np.where(y == 0, 1, y), 0)
        y = np.where(small, y + 1, y)
    inverse = 1 / (y * y)
    series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240))))
    found = found + np.log(y) - 0.5 / y - series
    part = wide - np.trunc(wide)
    reflected = found - np.pi / np.where(part == 0, np.nan, np.tan(np.pi * part))
    found = np.where(mirrored, reflected, found)
    return _like(np.where(wide == 0, np.copysign(np.inf, -wide), found), x)


def zeta(s: float, x: Any) -> Any:
    """Hurwitz's zeta function for s > 1 and x > 0, by Euler and Maclaurin."""
    y = _wide(x)
    total = np.zeros_like(y)
    for n in range(_TERMS):
        total = total + (y + n) ** -s
    end = y + _TERMS
    total = total + end ** (1 - s) / (s - 1) + 0.5 * end**-s
    factor, power = s, end ** (-s - 1)
    for k, coefficient in enumerate(_EULER_MACLAURIN):
        total = total + coefficient * factor * power
        factor = factor * (s + 2 * k + 1) * (s + 2 * k + 2)
        power = power / (end * end)
    return total


def polygamma(n: int, x: Any) -> Any:
    """The n-th derivative of digamma."""
    if n == 0:
        return digamma(x)
    wide = _wide(x)
    sign = 1.0 if n % 2 else -1.0
    return _like(sign * math.factorial(n) * zeta(n + 1.0, wide), x)


_CENTRE = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip
_TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip


def erfinv(x: Any) -> Any:
    """The number whose erf is x: Giles's polynomials, then Newton's steps in float64."""
    wide = _wide(x)
    inside = np.where(np.abs(wide) < 1, wide, 0)
    w = -np.log((1 - inside) * (1 + inside))
    centre = w < 5
    shifted = np.where(centre, w - 2.5, np.sqrt(np.maximum(w, 5)) - 3)
    y = inside * np.where(centre, np.polyval(_CENTRE, shifted), np.polyval(_TAIL, shifted))
    for _ in range(2):
        error = np.array([math.erf(v) for v in y.ravel().tolist()]).reshape(y.shape) - inside
        y = y - error / (2 / math.sqrt(math.pi) * np.exp(-y * y))
    edge = np.where(np.abs(wide) == 1, np.copysign(np.inf, wide), np.nan)
    return _like(np.where(np.abs(wide) < 1, y, edge), x)


def sinc(x: Any) -> Any:
    """sin(πx) / πx, and 1 at 0."""
    kind = x.dtype if x.dtype.kind == "f" else np.dtype(np.float32)
    turned = np.asarray(x, kind) * kind.type(math.pi)
    safe = np.where(turned == 0, kind.type(1), turned)
    sine = np.sin(_wide(safe)).astype(kind)
    return _like(np.where(turned == 0, kind.type(1), sine / safe), x)
