"""Rows of functions of one tensor, entry by entry."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from gradtui.engine import errors
from gradtui.engine.kernels import arithmetic as A
from gradtui.engine.kernels import fused
from gradtui.engine.kernels import limits as P
from gradtui.engine.kernels import unary as U
from gradtui.engine.lift import blank, lifted, lifted_one, rtimes, where, zeros_like
from gradtui.engine.rows import row, unary
from gradtui.engine.table import checks

exp, cos, sin, sinh, cosh = (
    lifted_one(n, k)
    for n, k in {"exp": U.exp, "cos": U.cos, "sin": U.sin, "sinh": U.sinh, "cosh": U.cosh}.items()
)
rsqrt, sgn = lifted("rsqrt", U.rsqrt), lifted("sgn", U.sign)
power = lifted("pow", A.power_scalar)
tanh_backward = lifted("tanh_backward", fused.tanh_backward)
sigmoid_backward = lifted("sigmoid_backward", fused.sigmoid_backward)
isfinite = lifted("isfinite", np.isfinite)


def _zero(grad: Any) -> Any:
    return zeros_like(grad)


# -- signs and roundings ---------------------------------------------------------------------------

row(
    "neg(Tensor self)",
    "NegBackward0",
    operator.neg,
    kind="unary",
    check=checks.negation,
    self=lambda grad: -grad,
)
row(
    "abs(Tensor self)",
    "AbsBackward0",
    np.abs,
    kind="unary",
    check=checks.no_bool("abs_cpu"),
    self=lambda grad, self: grad * sgn(self),
)
def _signed(grad: Any, self: Any, result: Any) -> Any:
    return blank(grad, result.shape)


unary("sign", U.sign, _zero, floats=False)
unary("sgn", U.sign, _signed, floats=False)
unary("floor", U.floor, _zero, floats=False, check=checks.no_bool("floor_vml_cpu"))
unary("ceil", U.ceil, _zero, floats=False, check=checks.no_bool("ceil_vml_cpu"))
unary("trunc", U.trunc, _zero, floats=False, check=checks.no_bool("trunc_vml_cpu"))
unary("round", U.round_half_even, _zero, floats=False, check=checks.no_bool("round_vml_cpu"))
row(
    "round(Tensor self, *, int64_t decimals)",
    "RoundBackward1",
    U.round_to,
    kind="entries",
    check=checks.rounding,
    self=_zero,
)
row(
    "frac(Tensor self)",
    "FracBackward0",
    lambda x: x - np.trunc(x),
    kind="unary",
    check=checks.only_floats("frac_cpu"),
    self=lambda grad: grad,
)

# -- exponentials, logarithms, powers --------------------------------------------------------------

unary("exp", U.exp, lambda grad, result: grad * result)
unary("exp2", U.exp2, lambda grad, result: grad * result * math.log(2))
unary("expm1", U.expm1, lambda grad, result: grad * (result + 1))
unary("log", U.log, lambda grad, self: grad / self)
unary("log2", U.log2, lambda grad, self: grad / (self * 0.6931471805599453))
unary("log10", U.log10, lambda grad, self: grad / (self * 2.3025850929940456))
unary("log1p", U.log1p, lambda grad, self: grad / (self + 1))
unary("sqrt", U.sqrt, lambda grad, result: grad / (2 * result))
unary("rsqrt", U.rsqrt, lambda grad, result: rtimes(power(result, 3), -0.5 * grad))
unary("reciprocal", U.reciprocal, lambda grad, result: rtimes(result * result, -grad))

# -- circular and hyperbolic -----------------------------------------------------------------------

unary("sin", U.sin, lambda grad, self: grad * cos(self))
unary("cos", U.cos, lambda grad, self: grad * -sin(self))
unary("tan", U.tan, lambda grad, result: grad * (1 + power(result, 2)))
unary("asin", U.asin, lambda grad, self: grad * rsqrt(-self * self + 1))
unary("acos", U.acos, lambda grad, self: grad * -rsqrt(-self * self + 1))
unary("atan", U.atan, lambda grad, self: grad / (self * self + 1))
unary("sinh", U.sinh, lambda grad, self: grad * cosh(self))
unary("cosh", U.cosh, lambda grad, self: grad * sinh(self))
unary("tanh", U.tanh, lambda grad, result: tanh_backward(grad, result))
unary("asinh", U.asinh, lambda grad, self: grad * rsqrt(power(self, 2) + 1))
unary("acosh", U.acosh, lambda grad, self: grad * rsqrt(self * self - 1))
unary("atanh", U.atanh, lambda grad, self: grad * 1 / (1 - power(self, 2)))


def _only_out_of_place(name: str) -> Any:
    def refuse(grad: Any) -> Any:
        raise NotImplementedError(
            f"the derivative for 'inplace version of {name}' is not implemented."
        )

    return refuse


for _name, _kernel in {"asinh": U.asinh, "acosh": U.acosh, "atanh": U.atanh}.items():
    row(
        f"{_name}_(Tensor self)",
        f"{_name.title()}Backward1",
        _kernel,
        floats=True,
        jvp="not_implemented",
        self=_only_out_of_place(_name),
    )
unary("deg2rad", lambda x: x * x.dtype.type(math.pi / 180), lambda grad: grad * (math.pi / 180))
unary("rad2deg", lambda x: x * x.dtype.type(180 / math.pi), lambda grad: grad * (180 / math.pi))

# -- of statistics ---------------------------------------------------------------------------------

unary("sigmoid", U.sigmoid, lambda grad, result: sigmoid_backward(grad, result))
unary("erf", U.erf, lambda grad, self: 2.0 / math.sqrt(math.pi) * exp(-power(self, 2)) * grad)
unary("erfc", U.erfc, lambda grad, self: -2.0 / math.sqrt(math.pi) * exp(-power(self, 2)) * grad)
row(
    "nan_to_num(Tensor self, double? nan=None, double? posinf=None, double? neginf=None)",
    "NanToNumBackward0",
    P.nan_to_num,
    jvp="auto_element_wise",
    self=lambda grad, self: grad * isfinite(self),
)

# -- what backward passes of these are made of: rows that only formulas run ------------------------

row(
    "tanh_backward(Tensor grad_output, Tensor output)",
    "TanhBackwardBackward0",
    fused.tanh_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, output: tanh_backward(grad, output),
    output=lambda grad, grad_output, output: grad * (-2 * output * grad_output),
)
row(
    "sigmoid_backward(Tensor grad_output, Tensor output)",
    "SigmoidBackwardBackward0",
    fused.sigmoid_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, output: sigmoid_backward(grad, output),
    output=lambda grad, grad_output, output: grad * grad_output * (-2 * output + 1),
)

# -- limits ----------------------------------------------------------------------------------------


def _kept(grad: Any, self: Any, min: Any, max: Any) -> Any:
    """grad where `self` lies between the limits; a limit that is missing limits nothing."""
    if min is not None and max is not None:
        return where(_into(self >= min, self <= max, "and"), grad, 0.0)
    return where(self >= min if max is None else self <= max, grad, 0.0)


def _to_min(grad: Any, self: Any, min: Any, max: Any) -> Any:
    beyond = self < min
    return where(beyond if max is None else _into(beyond, min < max, "and"), grad, 0.0)


def _to_max(grad: Any, self: Any, min: Any, max: Any) -> Any:
    beyond = self > max
    return where(beyond if min is None else _into(beyond, max < min, "or"), grad, 0.0)


def _into(mask: Any, other: Any, how: str) -> Any:
    """Both masks, the second written into the first as torch does it: it may not be the wider."""
    shape = errors.broadcast_shape(mask.shape, other.shape)
    if shape != tuple(mask.shape):
        raise RuntimeError(
            f"output with shape {list(mask.shape)} doesn't match the broadcast shape {list(shape)}"
        )
    return mask & other if how == "and" else mask | other


row(
    "clamp(Tensor self, Tensor? min=None, Tensor? max=None)",
    "ClampBackward0",
    P.clamp,
    kind="common",
    check=checks.clamp,
    self=_kept,
    min=_to_min,
    max=_to_max,
)
row(
    "clamp(Tensor self, Number? min=None, Number? max=None)",
    "ClampBackward1",
    P.clamp,
    kind="common",
    check=checks.clamp,
    self=_kept,
)
row(
    "clamp_min(Tensor self, Tensor min)",
    "ClampMinBackward1",
    lambda x, low: P.clamp(x, low),
    kind="common",
    self=lambda grad, self, min: where(self >= min, grad, 0.0),
    min=lambda grad, self, min: where(self < min, grad, 0.0),
)
row(
    "clamp_min(Tensor self, Number min)",
    "ClampMinBackward0",
    lambda x, low: P.clamp(x, low),
    kind="common",
    self=lambda grad, self, min: where(self >= min, grad, 0.0),
)
row(
    "clamp_max(Tensor self, Tensor max)",
    "ClampMaxBackward1",
    lambda x, high: P.clamp(x, None, high),
    kind="common",
    self=lambda grad, self, max: where(self <= max, grad, 0.0),
    max=lambda grad, self, max: where(self > max, grad, 0.0),
)
row(
    "clamp_max(Tensor self, Number max)",
    "ClampMaxBackward0",
    lambda x, high: P.clamp(x, None, high),
    kind="common",
    self=lambda grad, self, max: where(self <= max, grad, 0.0),
)
