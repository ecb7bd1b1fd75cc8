"""Rows of functions of higher mathematics that few programs call; loaded when one does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels import bessel, polynomials, tails, waves
from gradtui.engine.kernels import gamma as G
from gradtui.engine.kernels import unary as U
from gradtui.engine.kernels.arithmetic import power_scalar
from gradtui.engine.lift import (
    dtype_of,
    is_tensor,
    lifted,
    sum_dims,
    unsqueeze,
    where,
)
from gradtui.engine.rows import DROPPED, binary, row, unary
from gradtui.engine.table.operands import one_tensor
from gradtui.engine.table.special import digamma
from gradtui.engine.tensor import wrap

exp, log, sgn, abs_ = (
    lifted("exp", U.exp), lifted("log", U.log), lifted("sgn", U.sign), lifted("abs", np.abs),
)  # fmt: skip
square, neg = lifted("square", np.square), lifted("neg", np.negative)
power, reciprocal = lifted("pow", power_scalar), lifted("reciprocal", U.reciprocal)
lgamma = lifted("lgamma", G.lgamma)

# -- Bessel functions ------------------------------------------------------------------------------

i0, i1 = lifted("i0", bessel.i0), lifted("special_i1", bessel.i1)
i0e, i1e = lifted("special_i0e", bessel.i0e), lifted("special_i1e", bessel.i1e)


def _safe(x: Any) -> tuple[Any, Any]:
    """Where x is not tiny, and x with a small number in the place of what is."""
    tiny = float(np.finfo(dtype_of(x)).eps)
    mask = abs_(x) > tiny
    return mask, where(mask, x, tiny)


def _i1_slope(grad: Any, x: Any, result: Any) -> Any:
    mask, safe = _safe(x)
    return grad * where(mask, i0(safe) - result * reciprocal(safe), 0.5)


def _i1e_slope(grad: Any, x: Any, result: Any) -> Any:
    mask, safe = _safe(x)
    return grad * where(mask, i0e(safe) - result * (sgn(safe) + reciprocal(safe)), 0.5)


unary("i0", bessel.i0, lambda grad, self: grad * i1(self))
unary(
    "special_i0e", bessel.i0e, lambda grad, self, result: grad * (i1e(self) - sgn(self) * result)
)
unary("special_i1", bessel.i1, lambda grad, self, result: _i1_slope(grad, self, result))
unary("special_i1e", bessel.i1e, lambda grad, self, result: _i1e_slope(grad, self, result))

# -- gamma and zeta --------------------------------------------------------------------------------


def _log_of_many(x: Any, p: int) -> Any:
    """The logarithm of the gamma function of p dimensions."""
    x = U.floating(x)
    found = G.lgamma(_steps(x, p)).sum(-1, dtype=x.dtype)
    return (found + x.dtype.type(p * (p - 1) * math.log(math.pi) / 4)).astype(x.dtype)[()]


def _steps(x: Any, p: int) -> Any:
    """x, x - 1/2, … along a last dimension."""
    below = np.arange(-p / 2 + 0.5, 0.5, 0.5).astype(dtype_of(x))
    return (wrap(below) if is_tensor(x) else below) + unsqueeze(x, -1)


def _check_dimensions(self: Any, p: int) -> None:
    if p < 1:
        raise RuntimeError("mvlgamma: p has to be greater than or equal to 1")


row(
    "mvlgamma(Tensor self, int64_t p)",
    "MvlgammaBackward0",
    _log_of_many,
    floats=True,
    check=_check_dimensions,
    jvp="auto_element_wise",
    self=lambda grad, self, p: grad * sum_dims(digamma(_steps(self, p)), (-1,)),
)


def _unknown(name: str) -> Any:
    def formula(grad: Any) -> Any:
        raise NotImplementedError(f"the derivative for '{name}' is not implemented.")

    return formula


def _density(a: Any, x: Any) -> Any:
    """The slope of the incomplete gamma function."""
    return exp((a - 1) * log(x) - x - lgamma(a))


binary(
    "igamma",
    tails.igamma,
    _unknown("igamma: input"),
    lambda grad, self, other: grad * _density(self, other),
    floats=True,
    jvp="not_implemented",
)
binary(
    "igammac",
    tails.igammac,
    _unknown("igammac: input"),
    lambda grad, self, other: neg(grad) * _density(self, other),
    floats=True,
    jvp="not_implemented",
)
row(
    "special_zeta(Tensor self, Tensor other)",
    "SpecialZetaBackward0",
    tails.zeta,
    kind="binary",
    floats=True,
    numbers=True,
    check=one_tensor("special_zeta"),
    jvp="not_implemented",
    self=_unknown("zeta"),
    other=lambda grad, self, other: grad * -self * lifted("special_zeta", tails.zeta)(
        self + 1.0, other
    ),
)

# -- the normal distribution -----------------------------------------------------------------------

unary(
    "special_ndtri",
    tails.ndtri,
    lambda grad, result: grad * math.sqrt(2 * math.pi) * exp(square(result) / 2),
)
unary(
    "special_log_ndtr",
    tails.log_ndtr,
    lambda grad, self, result: grad
    / math.sqrt(2 * math.pi)
    * exp(neg(result + power(self, 2) / 2)),
)
unary(
    "special_erfcx",
    tails.erfcx,
    lambda grad, self, result: (2.0 * self * result - 2.0 / math.sqrt(math.pi)) * grad,
)

# -- what torch does not differentiate -------------------------------------------------------------


def _spherical(x: Any) -> Any:
    """sin(x) / x."""
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 1.0, np.where(np.isinf(x), 0.0, np.sin(safe) / safe))


_OF_ONE = {
    "airy_ai": waves.airy,
    "bessel_j0": waves.j0,
    "bessel_j1": waves.j1,
    "bessel_y0": waves.y0,
    "bessel_y1": waves.y1,
    "modified_bessel_i0": bessel.i0,
    "modified_bessel_i1": bessel.i1,
    "modified_bessel_k0": bessel.k0,
    "modified_bessel_k1": bessel.k1,
    "scaled_modified_bessel_k0": bessel.scaled_k0,
    "scaled_modified_bessel_k1": bessel.scaled_k1,
    "spherical_bessel_j0": bessel.widening(_spherical),
}
_OF_DEGREE = {
    **{f"chebyshev_polynomial_{k}": polynomials.chebyshev(k) for k in "tuvw"},
    **{f"shifted_chebyshev_polynomial_{k}": polynomials.chebyshev(k, True) for k in "tuvw"},
    "hermite_polynomial_h": polynomials.hermite_h,
    "hermite_polynomial_he": polynomials.hermite_he,
    "laguerre_polynomial_l": polynomials.laguerre,
    "legendre_polynomial_p": polynomials.legendre,
}
for _name, _kernel in _OF_ONE.items():
    row(f"special_{_name}(Tensor self)", "", _kernel, kind="unary", floats=True, jvp=DROPPED)
for _name, _both in _OF_DEGREE.items():
    row(
        f"special_{_name}(Tensor x, Tensor n)",
        "",
        _both,
        kind="binary",
        floats=True,
        numbers=True,
        jvp=DROPPED,
        check=one_tensor(f"special_{_name}"),
    )
