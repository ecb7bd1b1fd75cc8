"""Rows of the gamma function and other functions of higher mathematics, entry by entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels import gamma as G
from gradtui.engine.kernels import unary as U
from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted, masked_fill, zeros_like
from gradtui.engine.rows import binary, row, unary
from gradtui.engine.table import checks

exp, cos, sin = lifted("exp", U.exp), lifted("cos", U.cos), lifted("sin", U.sin)
digamma = lifted("digamma", G.digamma)
exp2 = lifted("exp2", np.exp2)


def _next_gamma(n: int, x: Any) -> Any:
    return FUNCTIONS["polygamma"](n, x) if is_tensor(x) else G.polygamma(n, x)


unary("lgamma", G.lgamma, lambda grad, self: grad * digamma(self))
unary("digamma", G.digamma, lambda grad, self: grad * _next_gamma(1, self))
row(
    "polygamma(int64_t n, Tensor self)",
    "PolygammaBackward0",
    G.polygamma,
    floats=True,
    jvp="auto_element_wise",
    self=lambda grad, n, self: grad * _next_gamma(n + 1, self),
)
unary(
    "erfinv",
    G.erfinv,
    lambda grad, result: 0.5 * math.sqrt(math.pi) * exp(result * result) * grad,
)
unary("sinc", G.sinc, lambda grad, self: _sinc_slope(grad, self))


def _sinc_slope(grad: Any, x: Any) -> Any:
    """torch's sinc_backward."""
    turned, square = x * math.pi, x * x * math.pi
    return masked_fill(grad * ((turned * cos(turned) - sin(turned)) / square), square == 0, 0.0)


binary(
    "logaddexp2",
    np.logaddexp2,
    lambda grad, self, other: grad / (1 + exp2(other - self)),
    lambda grad, self, other: grad / (1 + exp2(self - other)),
)
row(
    "frexp(Tensor self)",
    "FrexpBackward0",
    lambda x: tuple(part[()] for part in np.frexp(x)),
    outputs=("mantissa", "exponent"),
    check=checks.frexp,
    jvp=lambda self_t, exponent: self_t / exp2(exponent),
    self=lambda grad, exponent: grad / exp2(exponent),
)


row(
    "conj_physical_(Tensor self)",
    "ConjPhysicalBackward1",
    lambda x: x,
    jvp="auto_element_wise",
    self=lambda grad: grad,
)


def _turn(x: Any) -> Any:
    """π for what is negative, 0 for the rest."""
    found = np.where(x < 0, math.pi, 0)
    return np.where(np.isnan(x), x, found).astype(x.dtype)[()]


unary("angle", _turn, lambda grad: zeros_like(grad))
binary("heaviside", np.heaviside)
binary("nextafter", np.nextafter)
binary("gcd", np.gcd)
binary("lcm", lambda a, b: np.abs(np.lcm(a, b)))
