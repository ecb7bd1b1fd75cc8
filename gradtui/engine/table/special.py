"""Rows of the gamma function and other functions of higher mathematics, entry by entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.kernels import arithmetic as A
from gradtui.engine.kernels import gamma as G
from gradtui.engine.kernels import pairs
from gradtui.engine.kernels import unary as U
from gradtui.engine.kernels.bare import bare
from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted, masked_fill, where, zeros_like
from gradtui.engine.rows import binary, row, unary
from gradtui.engine.table import checks
from gradtui.engine.table.operands import one_tensor

exp, cos, sin = lifted("exp", U.exp), lifted("cos", U.cos), lifted("sin", U.sin)
digamma = lifted("digamma", G.digamma)
exp2, log = lifted("exp2", np.exp2), lifted("log", U.log)
power = lifted("pow", A.power_scalar)


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
row(
    "polygamma_(Tensor self, int64_t n)",
    "PolygammaBackward0",
    lambda x, n: G.polygamma(n, x),
    floats=True,
    jvp="auto_element_wise",
    self=lambda grad, n, self: grad * _next_gamma(n + 1, self),
)
unary(
    "erfinv",
    G.erfinv,
    lambda grad, result: 0.5 * math.sqrt(math.pi) * exp(power(result, 2)) * grad,
)
unary("sinc", G.sinc, lambda grad, self: _sinc_slope(grad, self))


def _sinc_slope(grad: Any, x: Any) -> Any:
    """torch's sinc_backward."""
    turned, square = x * math.pi, x * x * math.pi
    slope = grad * ((turned * cos(turned) - sin(turned)) / square)
    return where(square == 0, 0.0, slope)


def _power_of_two(x: Any) -> Any:
    return FUNCTIONS["pow"](2, x) if is_tensor(x) else np.exp2(x)


binary(
    "logaddexp2",
    np.logaddexp2,
    lambda grad, self, other: grad / (1 + _power_of_two(other - self)),
    lambda grad, self, other: grad / (1 + _power_of_two(self - other)),
)


def exponents(self: Any, other: Any) -> None:
    if self._data.dtype.kind == "f" and other._data.dtype.kind == "b":
        raise checks.not_implemented("ldexp_cpu_exp", other)


row(
    "ldexp(Tensor self, Tensor other)",
    "LdexpBackward0",
    lambda x, e: x * np.exp2(np.asarray(e, np.result_type(e, np.float32)))
    .astype(x.dtype if x.dtype.kind == "f" else np.float32),
    kind="binary",
    check=exponents,
    floats=True,
    self=lambda grad, other: grad * _power_of_two(other),
    other=lambda grad, result: grad * result * math.log(2),
)
unary("special_entr", U.entr, lambda grad, self: grad * (-(log(self) + 1)))
binary(
    "special_xlog1py",
    pairs.xlog1py,
    lambda grad, self, other: masked_fill(
        lifted("special_xlog1py", pairs.xlog1py)(grad, other), (self == 0.0) & (other <= -1.0), 0.0
    ),
    lambda grad, self, other: grad * self / (other + 1),
    floats=True,
    numbers=True,
    check=one_tensor("special_xlog1py"),
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
    return bare(np.where(np.isnan(x), x, found).astype(x.dtype))


unary("angle", _turn, lambda grad: zeros_like(grad))
def common_integers(kernel: str) -> Any:
    """Refuses what is no integer, once both operands are in one dtype."""

    def check(self: Any, other: Any) -> None:
        checks.broadcast(self, other)
        common = dtypes.result_type(self, other)
        if common.numpy.kind not in "iu":
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{common.scalar_name}'")

    return check


def heaviside(self: Any, values: Any) -> None:
    if self.dtype is not values.dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")


binary(
    "heaviside",
    lambda x, at_zero: np.heaviside(x, at_zero).astype(x.dtype),
    check=heaviside,
)
row(
    "nextafter(Tensor self, Tensor other)",
    "NextafterBackward0",
    np.nextafter,
    kind="binary",
    check=checks.common_only_floats("nextafter_cpu"),
    self=lambda grad, self, other: where(self != other, grad, 0),
    other=lambda grad, other: zeros_like(other),
)
binary("gcd", np.gcd, check=common_integers("gcd_cpu"))
binary("lcm", lambda a, b: np.abs(np.lcm(a, b)), check=common_integers("lcm_cpu"))
