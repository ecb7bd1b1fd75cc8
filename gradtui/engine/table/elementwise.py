"""Rows of functions of one tensor, entry by entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.lift import lifted, where, zeros_like
from gradtui.engine.rows import row
from gradtui.engine.table import base as K

exp, cos, sin, sign = (
    lifted(n, k) for n, k in (("exp", K.exp), ("cos", K.cos), ("sin", K.sin), ("sign", K.sign))
)
tanh, sigmoid, sinh, cosh, sqrt = (
    lifted("tanh", K.tanh), lifted("sigmoid", K.sigmoid), lifted("sinh", K.sinh),
    lifted("cosh", K.cosh), lifted("sqrt", K.sqrt),
)
erf = lifted("erf", K.erf)


def _zero(grad: Any) -> Any:
    return zeros_like(grad)


row("neg(Tensor self)", "NegBackward0", K.negative, kind="unary", self=lambda grad: -grad)
row("abs(Tensor self)", "AbsBackward0", np.abs, kind="unary",
    self=lambda grad, self: grad * sign(self))
row("sign(Tensor self)", "SignBackward0", K.sign, kind="unary", self=_zero)
row("exp(Tensor self)", "ExpBackward0", K.exp, kind="unary", floats=True,
    self=lambda grad, result: grad * result)
row("exp2(Tensor self)", "Exp2Backward0", K.exp2, kind="unary", floats=True,
    self=lambda grad, result: grad * result * math.log(2))
row("expm1(Tensor self)", "Expm1Backward0", K.expm1, kind="unary", floats=True,
    self=lambda grad, result: grad * (result + 1))
row("log(Tensor self)", "LogBackward0", K.log, kind="unary", floats=True,
    self=lambda grad, self: grad / self)
row("log2(Tensor self)", "Log2Backward0", K.log2, kind="unary", floats=True,
    self=lambda grad, self: grad / (self * 0.6931471805599453))
row("log10(Tensor self)", "Log10Backward0", K.log10, kind="unary", floats=True,
    self=lambda grad, self: grad / (self * 2.3025850929940456))
row("log1p(Tensor self)", "Log1PBackward0", K.log1p, kind="unary", floats=True,
    self=lambda grad, self: grad / (self + 1))
row("sqrt(Tensor self)", "SqrtBackward0", K.sqrt, kind="unary", floats=True,
    self=lambda grad, result: grad / (2 * result))
row("rsqrt(Tensor self)", "RsqrtBackward0", K.rsqrt, kind="unary", floats=True,
    self=lambda grad, result: -0.5 * grad * result**3)
row("square(Tensor self)", "PowBackward0", lambda x: x * x, kind="unary",
    self=lambda grad, self: grad * (2 * self))
row("reciprocal(Tensor self)", "ReciprocalBackward0", K.reciprocal, kind="unary", floats=True,
    self=lambda grad, result: -grad * (result * result))
row("sin(Tensor self)", "SinBackward0", K.sin, kind="unary", floats=True,
    self=lambda grad, self: grad * cos(self))
row("cos(Tensor self)", "CosBackward0", K.cos, kind="unary", floats=True,
    self=lambda grad, self: grad * -sin(self))
row("tan(Tensor self)", "TanBackward0", K.tan, kind="unary", floats=True,
    self=lambda grad, result: grad * (1 + result**2))
row("asin(Tensor self)", "AsinBackward0", K.arcsin, kind="unary", floats=True,
    self=lambda grad, self: grad * (-self * self + 1) ** -0.5)
row("acos(Tensor self)", "AcosBackward0", K.arccos, kind="unary", floats=True,
    self=lambda grad, self: grad * -((-self * self + 1) ** -0.5))
row("atan(Tensor self)", "AtanBackward0", K.arctan, kind="unary", floats=True,
    self=lambda grad, self: grad / (self * self + 1))
row("sinh(Tensor self)", "SinhBackward0", K.sinh, kind="unary", floats=True,
    self=lambda grad, self: grad * cosh(self))
row("cosh(Tensor self)", "CoshBackward0", K.cosh, kind="unary", floats=True,
    self=lambda grad, self: grad * sinh(self))
row("tanh(Tensor self)", "TanhBackward0", K.tanh, kind="unary", floats=True,
    self=lambda grad, result: grad * (1 - result * result))
row("asinh(Tensor self)", "AsinhBackward0", K.arcsinh, kind="unary", floats=True,
    self=lambda grad, self: grad * (self**2 + 1) ** -0.5)
row("acosh(Tensor self)", "AcoshBackward0", K.arccosh, kind="unary", floats=True,
    self=lambda grad, self: grad * (self**2 - 1) ** -0.5)
row("atanh(Tensor self)", "AtanhBackward0", K.arctanh, kind="unary", floats=True,
    self=lambda grad, self: grad * 1 / (1 - self**2))
row("sigmoid(Tensor self)", "SigmoidBackward0", K.sigmoid, kind="unary", floats=True,
    self=lambda grad, result: grad * (1 - result) * result)
row("logit(Tensor self, double eps=None)", "LogitBackward0", K.logit, floats=True,
    self=lambda grad, self: grad / (self * (1 - self)))
row("relu(Tensor self)", "ReluBackward0", K.relu, kind="unary",
    self=lambda grad, result: where(result <= 0, 0, grad))
row("erf(Tensor self)", "ErfBackward0", K.erf, kind="unary", floats=True,
    self=lambda grad, self: (2.0 / math.sqrt(math.pi)) * exp(-(self**2)) * grad)
row("erfc(Tensor self)", "ErfcBackward0", K.erfc, kind="unary", floats=True,
    self=lambda grad, self: (-2.0 / math.sqrt(math.pi)) * exp(-(self**2)) * grad)
row("floor(Tensor self)", "FloorBackward0", np.floor, kind="unary", self=_zero)
row("ceil(Tensor self)", "CeilBackward0", np.ceil, kind="unary", self=_zero)
row("trunc(Tensor self)", "TruncBackward0", np.trunc, kind="unary", self=_zero)
row("frac(Tensor self)", "FracBackward0", lambda x: x - np.trunc(x), kind="unary",
    self=lambda grad: grad)
row("round(Tensor self)", "RoundBackward0", np.round, kind="unary", self=_zero)
row("round(Tensor self, *, int64_t decimals)", "RoundBackward1", K.round_to, self=_zero)
row("deg2rad(Tensor self)", "Deg2RadBackward0", lambda x: x * x.dtype.type(math.pi / 180),
    kind="unary", floats=True, self=lambda grad: grad * (math.pi / 180))
row("rad2deg(Tensor self)", "Rad2DegBackward0", lambda x: x * x.dtype.type(180 / math.pi),
    kind="unary", floats=True, self=lambda grad: grad * (180 / math.pi))
row("nan_to_num(Tensor self, double nan=None, double posinf=None, double neginf=None)",
    "NanToNumBackward0", K.nan_to_num,
    self=lambda grad, self: where((self != self) | (self == math.inf) | (self == -math.inf), 0, grad))


def _between(self: Any, low: Any, high: Any) -> Any:
    if low is None:
        return self <= high
    return self >= low if high is None else (self >= low) & (self <= high)


def _kept(grad: Any, self: Any, min: Any, max: Any) -> Any:
    return where(_between(self, min, max), grad, 0)


row("clamp(Tensor self, Number min=None, Number max=None)", "ClampBackward1", K.clamp, self=_kept)
row("clamp(Tensor self, Tensor min=None, Tensor max=None)", "ClampBackward0", K.clamp,
    self=_kept,
    min=lambda grad, self, min, max: where(
        (self < min) if max is None else (self < min) & (min < max), grad, 0),
    max=lambda grad, self, min, max: where(
        (self > max) if min is None else (self > max) | (max < min), grad, 0))
row("clamp_min(Tensor self, Number min)", "ClampMinBackward0", K.clamp,
    self=lambda grad, self, min: where(self >= min, grad, 0))
row("clamp_max(Tensor self, Number max)", "ClampMaxBackward0",
    lambda self, high: K.clamp(self, None, high),
    self=lambda grad, self, max: where(self <= max, grad, 0))

# -- activations ---------------------------------------------------------------------------------

row("leaky_relu(Tensor self, Number negative_slope=0.01)", "LeakyReluBackward0", K.leaky_relu,
    self=lambda grad, self, negative_slope: where(self > 0, grad, grad * negative_slope))
row("elu(Tensor self, Number alpha=1.0)", "EluBackward0", K.elu,
    self=lambda grad, self, alpha: where(self <= 0, grad * (alpha * exp(self)), grad))
row("softplus(Tensor self, Number beta=1, Number threshold=20)", "SoftplusBackward0", K.softplus,
    self=lambda grad, self, beta, threshold: where(
        self * beta > threshold, grad, grad * _ratio(exp(self * beta))))
row("silu(Tensor self)", "SiluBackward0", K.silu, kind="unary",
    self=lambda grad, self: grad * sigmoid(self) * (1 + self * (1 - sigmoid(self))))
row("gelu(Tensor self, *, str approximate='none')", "GeluBackward0", K.gelu,
    self=lambda grad, self, approximate: grad * _gelu_slope(self, approximate))
row("hardtanh(Tensor self, Number min_val=-1.0, Number max_val=1.0)", "HardtanhBackward0",
    lambda self, min_val, max_val: K.clamp(self, min_val, max_val),
    self=lambda grad, self, min_val, max_val: where(
        (self <= min_val) | (self >= max_val), 0, grad))
row("hardsigmoid(Tensor self)", "HardsigmoidBackward0",
    lambda x: K.clamp(x + 3, 0, 6) / x.dtype.type(6), kind="unary",
    self=lambda grad, self: where((self > -3) & (self < 3), grad * (1 / 6), 0))
row("hardswish(Tensor self)", "HardswishBackward0",
    lambda x: x * K.clamp(x + 3, 0, 6) / x.dtype.type(6), kind="unary",
    self=lambda grad, self: where(
        self < -3, 0, where(self <= 3, grad * (self / 3 + 0.5), grad)))
row("mish(Tensor self)", "MishBackward0", K.mish, kind="unary",
    self=lambda grad, self: grad * _mish_slope(self))
row("log_sigmoid(Tensor self)", "LogSigmoidBackward0", K.log_sigmoid, kind="unary",
    self=lambda grad, self: grad * sigmoid(-self))
row("selu(Tensor self)", "EluBackward0",
    lambda x: K.elu(x, 1.6732632423543772) * x.dtype.type(1.0507009873554805), kind="unary",
    self=lambda grad, self: 1.0507009873554805 * where(
        self <= 0, grad * (1.6732632423543772 * exp(self)), grad))
row("celu(Tensor self, Number alpha=1.0)", "CeluBackward0",
    lambda x, alpha: np.where(x > 0, x, alpha * K.expm1(x / alpha)).astype(x.dtype),
    self=lambda grad, self, alpha: where(self <= 0, grad * exp(self / alpha), grad))


def _ratio(z: Any) -> Any:
    return z / (z + 1)


def _gelu_slope(x: Any, approximate: str) -> Any:
    if approximate == "none":
        cdf = 0.5 * (1 + erf(x * math.sqrt(0.5)))
        pdf = exp(x * x * -0.5) * (math.sqrt(0.5) * (2 / math.sqrt(math.pi)) * 0.5)
        return cdf + x * pdf
    beta = math.sqrt(2) * (2 / math.sqrt(math.pi)) * 0.5
    inner = tanh(beta * (x + 0.044715 * x * x * x))
    slope = beta * (1 + 3 * 0.044715 * x * x)
    return 0.5 * (1 + inner) + 0.5 * x * (1 - inner * inner) * slope


def _mish_slope(x: Any) -> Any:
    s = sigmoid(x)
    t = tanh(_softplus(x))
    return t + x * s * (1 - t * t)


_softplus = lifted("softplus", lambda x: K.softplus(x, 1, 20))
