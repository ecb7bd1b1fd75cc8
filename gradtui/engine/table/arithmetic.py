"""Rows of arithmetic: two operands, broadcast together, in their common dtype."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.kernels import arithmetic as A
from gradtui.engine.kernels import fused, pairs, unary
from gradtui.engine.lift import (
    FUNCTIONS,
    array_of,
    cast,
    dtype_of,
    is_tensor,
    lifted,
    masked_fill,
    rtimes,
    times,
    where,
    zeros,
    zeros_like,
)
from gradtui.engine.rows import binary, joint, node_name, row
from gradtui.engine.table import checks
from gradtui.engine.table.operands import one_tensor
from gradtui.engine.tensor import TENSORS
from gradtui.engine.zero import ZERO, Zero

log = lifted("log", unary.log)
power = lifted("pow", lambda x, e: A.power(x, e) if hasattr(e, "dtype") else A.power_scalar(x, e))
reciprocal = lifted("reciprocal", unary.reciprocal)


def _quotient(x: Any, y: Any, mode: str) -> Any:
    """x / y rounded; torch's node for it is that of div, though its gradient is zero."""
    if x.__class__ in TENSORS:
        return FUNCTIONS["div"](x, y, rounding_mode=mode)
    kind = dtypes.result_of(x, y).numpy
    return pairs.div_mode(cast(x, kind), cast(y, kind), mode)


logical_and = lifted("logical_and", np.logical_and)


def scaled(x: Any, factor: Any) -> Any:
    """C++'s maybe_multiply: a factor of 1 leaves no node."""
    return x if factor == 1 else x * factor


# -- sums and differences ------------------------------------------------------------------------

binary("add", operator.add, lambda grad: grad, lambda grad: grad)
binary("sub", operator.sub, lambda grad: grad, lambda grad: -grad, check=checks.subtraction,
    jvp=lambda self_t, other_t: self_t - other_t)
row(
    "add(Tensor self, Tensor other, *, Number alpha=1)",
    "AddBackward0",
    fused.add_scaled,
    kind="binary",
    check=checks.alpha,
    self=lambda grad: grad,
    other=lambda grad, alpha: scaled(grad, alpha),
)
row(
    "sub(Tensor self, Tensor other, *, Number alpha=1)",
    "SubBackward0",
    lambda self, other, alpha: fused.add_scaled(self, other, -alpha),
    kind="binary",
    jvp=lambda self_t, other_t, alpha: self_t - scaled(other_t, alpha),
    check=checks.subtraction,
    self=lambda grad: grad,
    other=lambda grad, alpha: scaled(-grad, alpha),
)
row(
    "rsub(Tensor self, Tensor other, *, Number alpha=1)",
    "RsubBackward0",
    lambda self, other, alpha: fused.add_scaled(other, self, -alpha),
    kind="binary",
    check=checks.reverse_subtraction,
    self=lambda grad, alpha: scaled(-grad, alpha),
    other=lambda grad: grad,
)
row(
    "rsub(Tensor self, Number other, Number alpha=1)",
    "RsubBackward1",
    lambda self, other, alpha: fused.add_scaled(other, self, -alpha),
    kind="binary",
    check=checks.subtraction,
    self=lambda grad, alpha: scaled(-grad, alpha),
)

# -- products and quotients ----------------------------------------------------------------------

binary("mul", operator.mul, lambda grad, other: grad * other, lambda grad, self: grad * self)
binary(
    "div",
    operator.truediv,
    lambda grad, other: grad / other,
    lambda grad, self, other: rtimes((self / other) / other, -grad),
    floats=True,
    jvp=lambda self_t, other_t, other_p, result: (self_t - other_t * result) / other_p,
)
row(
    "div(Tensor self, Tensor other, *, str? rounding_mode)",
    "DivBackward2",
    pairs.div_mode,
    kind="binary",
    check=checks.rounding_mode,
    jvp=lambda self_t, other_t, self_p, other_p, rounding_mode: (
        ZERO if rounding_mode else self_t / other_p - other_t * (self_p / other_p) / other_p
    ),
    self=lambda grad, other, rounding_mode: zeros_like(grad) if rounding_mode else grad / other,
    other=lambda grad, self, other, rounding_mode: (
        zeros_like(grad) if rounding_mode else rtimes((self / other) / other, -grad)
    ),
)
binary("floor_divide", A.div_floor, check=checks.common_no_bool("div_floor_cpu"))
row(
    "remainder(Tensor self, Tensor other)",
    "RemainderBackward1",
    A.remainder,
    kind="binary",
    check=checks.common_no_bool("remainder_cpu"),
    self=lambda grad: grad,
    other=lambda grad, self, other: -grad * _quotient(self, other, "floor"),
)
row(
    "remainder(Tensor self, Number other)",
    "RemainderBackward0",
    A.remainder,
    kind="binary",
    check=checks.common_no_bool("remainder_cpu"),
    self=lambda grad: grad,
)
row(
    "remainder(Number self, Tensor other)",
    "",
    A.remainder,
    kind="binary",
    check=checks.common_no_bool("remainder_cpu"),
)
row(
    "fmod(Tensor self, Tensor other)",
    "FmodBackward1",
    A.fmod,
    kind="binary",
    check=checks.common_no_bool("fmod_cpu"),
    self=lambda grad: grad,
    other=lambda grad, self, other: -grad * _quotient(self, other, "trunc"),
)
row(
    "fmod(Tensor self, Number other)",
    "FmodBackward0",
    A.fmod,
    kind="binary",
    check=checks.common_no_bool("fmod_cpu"),
    self=lambda grad: grad,
)

# -- powers --------------------------------------------------------------------------------------


def _power_slope(grad: Any, self: Any, exponent: Any) -> Any:
    """torch's pow_backward: the derivative at exponent 0 is 0, also at 0."""
    if exponent == 0:
        return zeros(self, self.shape)
    return grad * times(power(self, exponent - 1), exponent)


def _power_base_slope(grad: Any, self: Any, exponent: Any) -> Any:
    if dtype_of(exponent).kind == "b":
        raise RuntimeError(checks.BOOL_SUBTRACTED)
    return where(exponent == 0.0, 0.0, grad * (exponent * power(self, exponent - 1)))


def _power_exponent_slope(grad: Any, self: Any, exponent: Any, result: Any) -> Any:
    """The derivative by the exponent is 0 where the base is 0 and the exponent is not negative."""
    at_zero = logical_and(self == 0, exponent >= 0)
    base = cast(self, dtypes.result_of(array_of(self), array_of(exponent)).numpy)
    return grad * where(at_zero, 0.0, result * log(base))


def _exponent_slope(grad: Any, self: Any, exponent: Any, result: Any) -> Any:
    slope = result * (math.log(self) if self > 0 else -math.inf if self == 0 else math.nan)
    return grad * (where(exponent >= 0, 0.0, slope) if self == 0 else slope)


def _number_to_power(number: Any, exponent: Any) -> Any:
    """A number to powers, which torch gives in rows however they lie."""
    kind = dtypes.result_of(number, exponent).numpy
    if kind.kind == "b":
        raise NotImplementedError("\"pow\" not implemented for 'Bool'")
    out = A.power(np.asarray(number).astype(kind), np.asarray(exponent).astype(kind))
    return np.ascontiguousarray(out) if out.ndim else out


row(
    "pow(Tensor self, Tensor exponent)",
    "PowBackward1",
    A.power,
    kind="binary",
    check=checks.common_no_bool("pow"),
    self=_power_base_slope,
    exponent=_power_exponent_slope,
)
row(
    "pow(Number self, Tensor exponent)",
    "PowBackward2",
    _number_to_power,
    jvp="auto_element_wise",
    exponent=_exponent_slope,
)


def _power(x: Any, exponent: Any) -> Any:
    """x in the dtype it has with the exponent, raised to it."""
    if x.dtype.kind == "f" and exponent.__class__ in (int, float):
        return A.power_scalar(x, exponent)
    kind = dtypes.result_of(x, exponent).numpy
    return A.power_scalar(x if x.dtype is kind else x.astype(kind), exponent)


row("pow(Tensor self, Number exponent)", "PowBackward0", _power, kind="entries", self=_power_slope)

# -- the greater, the less, angles, mixtures -----------------------------------------------------


def _shared(grad: Any, self: Any, other: Any, loses: Any) -> Any:
    """Each of two equal operands gets half of the gradient, the loser nothing."""
    shared = where(self == other, grad / 2, grad)
    return shared.masked_fill_(loses, 0) if is_tensor(shared) else masked_fill(shared, loses, 0)


def _share(self: Any, other: Any, wins: Any) -> Any:
    """How much of the result is `self`: all of it, nothing, or half where both are equal."""
    return where(self == other, 0.5, 1.0 * wins)


binary(
    "maximum",
    pairs.maximum,
    lambda grad, self, other: _shared(grad, self, other, self < other),
    lambda grad, self, other: _shared(grad, self, other, self > other),
    jvp=lambda self_t, other_t, self_p, other_p: (
        other_t + _share(self_p, other_p, self_p > other_p) * (self_t - other_t)
    ),
)
binary(
    "minimum",
    pairs.minimum,
    lambda grad, self, other: _shared(grad, self, other, self > other),
    lambda grad, self, other: _shared(grad, self, other, self < other),
    jvp=lambda self_t, other_t, self_p, other_p: (
        other_t + _share(self_p, other_p, self_p < other_p) * (self_t - other_t)
    ),
)


def _unlike(self: Any, other: Any, takes_self: Any) -> Any:
    return lifted("logical_or", np.logical_or)(takes_self, other != other)


binary(
    "fmax",
    pairs.fmax,
    lambda grad, self, other: masked_fill(grad, ~_unlike(self, other, self >= other), 0),
    lambda grad, self, other: masked_fill(grad, _unlike(self, other, self >= other), 0),
    jvp=lambda self_t, other_t, self_p, other_p: (
        other_t + _unlike(self_p, other_p, self_p > other_p) * (self_t - other_t)
    ),
)
binary(
    "fmin",
    pairs.fmin,
    lambda grad, self, other: masked_fill(grad, ~_unlike(self, other, self <= other), 0),
    lambda grad, self, other: masked_fill(grad, _unlike(self, other, self <= other), 0),
    jvp=lambda self_t, other_t, self_p, other_p: (
        other_t + _unlike(self_p, other_p, self_p <= other_p) * (self_t - other_t)
    ),
)


def _inverse_square(self: Any, other: Any) -> Any:
    """1 / (self² + other²), and 0 at the origin."""
    square = other * other
    square = self * self + square
    return masked_fill(reciprocal(square), square == 0, 0)


@joint("self", "other")
def _angle_slopes(grad: Any, self: Any, other: Any) -> tuple[Any, Any]:
    inverse = _inverse_square(self, other)
    return (grad * other) * inverse, (grad * -self) * inverse


binary(
    "atan2",
    pairs.atan2,
    _angle_slopes,
    _angle_slopes,
    floats=True,
    jvp=lambda self_t, other_t, self_p, other_p: (
        (other_p * self_t - self_p * other_t) / (self_p * self_p + other_p * other_p)
    ),
)
binary(
    "hypot",
    pairs.hypot,
    lambda grad, self, result: grad * self / result,
    lambda grad, other, result: grad * other / result,
    check=checks.common_only_floats("hypot_cpu"),
)
row(
    "addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Number value=1)",
    "AddcmulBackward0",
    fused.addcmul,
    kind="common",
    check=checks.no_bool("addcmul_cpu_out"),
    jvp=lambda self_t, tensor1_t, tensor2_t, tensor1_p, tensor2_p, value: (
        self_t + scaled(tensor1_t * tensor2_p, value) + scaled(tensor2_t * tensor1_p, value)
    ),
    self=lambda grad: grad,
    tensor1=lambda grad, tensor2, value: grad * (tensor2 * value),
    tensor2=lambda grad, tensor1, value: grad * (tensor1 * value),
)
def _divisor_slope(grad: Any, tensor1: Any, tensor2: Any, value: Any) -> Any:
    square = tensor2 * tensor2  # which C++ computes first
    return -grad * (value * tensor1 / square)


row(
    "addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Number value=1)",
    "AddcdivBackward0",
    fused.addcdiv,
    kind="common",
    check=checks.division,
    jvp=lambda self_t, tensor1_t, tensor2_t, tensor1_p, tensor2_p, value: (
        self_t
        + scaled(tensor1_t / tensor2_p, value)
        - scaled(tensor2_t * (tensor1_p / tensor2_p) / tensor2_p, value)
    ),
    self=lambda grad: grad,
    tensor1=lambda grad, tensor2, value: grad * (value / tensor2),
    tensor2=lambda grad, tensor1, tensor2, value: _divisor_slope(grad, tensor1, tensor2, value),
)
def _lerp_jvp(
    self_t: Any, end_t: Any, weight_t: Any, self_p: Any, end_p: Any, weight_p: Any
) -> Any:
    between = lifted("lerp", fused.lerp)(
        zeros_like(self_p) if self_t.__class__ is Zero else self_t,
        zeros_like(end_p) if end_t.__class__ is Zero else end_t,
        weight_p,
    )
    return between + weight_t * (end_p - self_p)


row(
    "lerp(Tensor self, Tensor end, Tensor weight)",
    "LerpBackward1",
    fused.lerp,
    kind="entries",
    check=checks.lerp,
    jvp=_lerp_jvp,
    self=lambda grad, weight: grad * (1 - weight),
    end=lambda grad, weight: grad * weight,
    weight=lambda grad, self, end: grad * (end - self),
)
row(
    "lerp(Tensor self, Tensor end, Number weight)",
    "LerpBackward0",
    fused.lerp,
    kind="entries",
    check=checks.lerp,
    jvp="auto_linear",
    self=lambda grad, weight: grad * (1 - weight),
    end=lambda grad, weight: grad * weight,
)


def _log_sum(self: Any, other: Any) -> Any:
    """The share of `self` in exp(self) + exp(other)."""
    if "b" in (dtype_of(self).kind, dtype_of(other).kind):
        raise RuntimeError(checks.BOOL_SUBTRACTED)
    return 1 + lifted("exp", unary.exp)(other - self)


binary(
    "logaddexp",
    pairs.logaddexp,
    lambda grad, self, other: grad / _log_sum(self, other),
    lambda grad, self, other: grad / _log_sum(other, self),
    check=checks.common_only_floats("logaddexp_cpu"),
)
binary(
    "xlogy",
    pairs.xlogy,
    lambda grad, self, other: masked_fill(
        lifted("xlogy", pairs.xlogy)(grad, other), (self == 0.0) & (other <= 0.0), 0.0
    ),
    lambda grad, self, other: grad * self / other,
    floats=True,
    numbers=True,
    check=one_tensor("xlogy"),
)


def _copied_sign(grad: Any, self: Any, result: Any) -> Any:
    return grad * masked_fill(result / self, self == 0, 0)


binary(
    "copysign",
    pairs.copysign,
    _copied_sign,
    lambda grad: zeros_like(grad),
    floats=True,
)
row(
    "copysign(Tensor self, Number other)",
    "CopysignBackward1",
    pairs.copysign,
    kind="binary",
    floats=True,
    self=_copied_sign,
)

# -- a tensor and a number, as formulas in C++ combine them ---------------------------------------

for _name, _kernel in {"add": operator.add, "sub": operator.sub}.items():
    row(
        f"{_name}(Tensor self, Number other)",
        node_name(_name, 1),
        _kernel,
        kind="binary",
        scalar=True,
        self=lambda grad: grad,
    )
row(
    "mul(Tensor self, Number other)",
    "MulBackward1",
    operator.mul,
    kind="binary",
    scalar=True,
    self=lambda grad, other: grad * other,
)
row(
    "div(Tensor self, Number other)",
    "DivBackward1",
    operator.truediv,
    kind="binary",
    scalar=True,
    self=lambda grad, other: grad / other,
)
