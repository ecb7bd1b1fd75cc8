"""Rows of the gamma function and other functions of higher mathematics, entry by entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels import gamma as G
from gradtui.engine.kernels import unary as U
from gradtui.engine.lift import lifted
from gradtui.engine.rows import binary, row, unary

exp = lifted("exp", U.exp)
digamma = lifted("digamma", G.digamma)
exp2 = lifted("exp2", np.exp2)


def _next_gamma(n: int, x: Any) -> Any:
    from gradtui.engine.lift import FUNCTIONS, is_tensor

    return FUNCTIONS["polygamma"](n, x) if is_tensor(x) else G.polygamma(n, x)


unary("lgamma", G.lgamma, lambda grad, self: grad * digamma(self))
unary("digamma", G.digamma, lambda grad, self: grad * _next_gamma(1, self))
row(
    "polygamma(int64_t n, Tensor self)",
    "PolygammaBackward0",
    G.polygamma,
    floats=True,
    self=lambda grad, n, self: grad * _next_gamma(n + 1, self),
)
unary(
    "erfinv",
    G.erfinv,
    lambda grad, result: 0.5 * math.sqrt(math.pi) * exp(result * result) * grad,
)
unary("sinc", G.sinc, lambda grad, self: grad * _sinc_slope(self))
row("_sinc_slope(Tensor self)", "", G.sinc_slope)


def _sinc_slope(x: Any) -> Any:
    from gradtui.engine.lift import FUNCTIONS, is_tensor

    return FUNCTIONS["_sinc_slope"](x) if is_tensor(x) else G.sinc_slope(x)


binary(
    "logaddexp2",
    np.logaddexp2,
    lambda grad, self, other: grad / (1 + exp2(other - self)),
    lambda grad, self, other: grad / (1 + exp2(self - other)),
)
binary("heaviside", np.heaviside)
binary("nextafter", np.nextafter)
binary("gcd", np.gcd)
binary("lcm", lambda a, b: np.abs(np.lcm(a, b)))
