"""Rows of activation functions, and the rows of their derivatives where torch has a kernel for
those.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.errors import wrap_dim
from gradtui.engine.kernels import fused
from gradtui.engine.kernels import limits as P
from gradtui.engine.kernels import reductions as R
from gradtui.engine.kernels import slopes as S
from gradtui.engine.kernels import unary as U
from gradtui.engine.lift import (
    FUNCTIONS,
    is_tensor,
    lifted,
    lifted_one,
    rtimes,
    sum_dims,
    where,
    zeros_like,
)
from gradtui.engine.rows import composite, row, unary
from gradtui.engine.table import checks, jvps, sized_checks
from gradtui.engine.table.functional import backward_of
from gradtui.engine.zero import skipping

exp, sigmoid, tanh, cosh = (
    lifted_one(n, k)
    for n, k in {"exp": U.exp, "sigmoid": U.sigmoid, "tanh": U.tanh, "cosh": U.cosh}.items()
)
threshold_backward = lifted("threshold_backward", S.threshold_backward)
gelu_backward = lifted("gelu_backward", S.gelu_backward)
elu_backward = lifted("elu_backward", S.elu_backward)
leaky_relu_backward = lifted("leaky_relu_backward", S.leaky_relu_backward)
softplus_backward = lifted("softplus_backward", S.softplus_backward)
hardtanh_backward = lifted("hardtanh_backward", S.hardtanh_backward)
hardsigmoid_backward = backward_of(
    "hardsigmoid_backward(Tensor grad_output, Tensor self)", "", S.hardsigmoid_backward
)
hardswish_backward = lifted("hardswish_backward", S.hardswish_backward)
hardshrink_backward = lifted("hardshrink_backward", S.hardshrink_backward)
softshrink_backward = lifted("softshrink_backward", S.hardshrink_backward)
log_sigmoid_backward = lifted("log_sigmoid_backward", S.log_sigmoid_backward)
softmax_backward = lifted("_softmax_backward_data", S.softmax_backward)
sigmoid_backward = lifted("sigmoid_backward", fused.sigmoid_backward)
log_softmax_backward = lifted("_log_softmax_backward_data", S.log_softmax_backward)


def _zero(grad: Any) -> Any:
    return zeros_like(grad)


unary(
    "relu",
    U.relu,
    lambda grad, result: threshold_backward(grad, result, 0),
    floats=False,
    check=checks.relu,
)
row(
    "threshold(Tensor self, Number threshold, Number value)",
    "ThresholdBackward0",
    P.threshold,
    check=checks.no_bool("threshold_cpu"),
    jvp="auto_element_wise",
    self=lambda grad, self, threshold: threshold_backward(grad, self, threshold),
)
row(
    "threshold_(Tensor self, Number threshold, Number value)",
    "ThresholdBackward1",
    P.threshold,
    jvp="auto_element_wise",
    self=lambda grad, self, threshold: threshold_backward(grad, self, threshold),
)
row(
    "threshold_backward(Tensor grad_output, Tensor self, Number threshold)",
    "ThresholdBackwardBackward0",
    S.threshold_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, threshold: threshold_backward(grad, self, threshold),
    self=_zero,
)
row(
    "leaky_relu(Tensor self, Number negative_slope=0.01)",
    "LeakyReluBackward0",
    U.leaky_relu,
    check=checks.only_floats("leaky_relu_cpu"),
    jvp="auto_element_wise",
    self=lambda grad, self, negative_slope: leaky_relu_backward(grad, self, negative_slope, False),
)
row(
    "leaky_relu_(Tensor self, Number negative_slope=0.01)",
    "LeakyReluBackward1",
    U.leaky_relu,
    check=checks.negative_slope,
    jvp="auto_element_wise",
    self=lambda grad, result, negative_slope: leaky_relu_backward(
        grad, result, negative_slope, True
    ),
)
row(
    "leaky_relu_backward(Tensor grad_output, Tensor self, Number slope, bool is_result)",
    "LeakyReluBackwardBackward0",
    S.leaky_relu_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, slope: leaky_relu_backward(grad, self, slope, False),
    self=_zero,
)
row(
    "elu(Tensor self, Number alpha=1, Number scale=1, Number input_scale=1)",
    "EluBackward0",
    U.elu,
    jvp="auto_element_wise",
    check=checks.only_floats("elu_cpu"),
    self=lambda grad, self, alpha, scale, input_scale: elu_backward(
        grad, alpha, scale, input_scale, False, self
    ),
)
row(
    "elu_(Tensor self, Number alpha=1, Number scale=1, Number input_scale=1)",
    "EluBackward1",
    U.elu,
    check=checks.elu_in_place,
    jvp="auto_element_wise",
    self=lambda grad, result, alpha, scale, input_scale: elu_backward(
        grad, alpha, scale, input_scale, True, result
    ),
)
row(
    "elu_backward(Tensor grad_output, Number alpha, Number scale, Number input_scale, "
    "bool is_result, Tensor self_or_result)",
    "EluBackwardBackward0",
    S.elu_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, alpha, scale, input_scale, is_result, self_or_result: elu_backward(
        grad, alpha, scale, input_scale, is_result, self_or_result
    ),
    self_or_result=lambda grad, grad_output, alpha, scale, input_scale, is_result, self_or_result: (
        _elu_curvature(grad, grad_output, alpha, scale, input_scale, is_result, self_or_result)
    ),
)


def _elu_curvature(
    grad: Any, grad_output: Any, alpha: Any, scale: Any, inner: Any, is_result: bool, x: Any
) -> Any:
    if is_result:
        return grad * grad_output * inner * (x < 0)
    return elu_backward(grad * grad_output * inner, alpha, scale, inner, False, x) * (x < 0)


SELU = (1.6732632423543772, 1.0507009873554805)  # alpha and scale


@composite("selu(Tensor self)")
def selu(self: Any) -> Any:
    return FUNCTIONS["elu"](self, *SELU)


row(
    "celu(Tensor self, Number alpha=1.0)",
    "CeluBackward0",
    lambda self, alpha: U.elu(self, alpha, 1.0, 1.0 / alpha),
    check=checks.celu,
    jvp="auto_element_wise",
    self=lambda grad, self, alpha: elu_backward(grad, alpha, 1, 1.0 / _single(alpha), False, self),
)


row(
    "celu_(Tensor self, Number alpha=1.0)",
    "CeluBackward1",
    lambda self, alpha: U.elu(self, alpha, 1.0, 1.0 / alpha),
    jvp="auto_element_wise",
    check=checks.celu,
    self=lambda grad, result, alpha: elu_backward(grad, alpha, 1, 1.0 / _single(alpha), True, result),
)


def _single(number: float) -> float:
    """A number as float32 holds it, which is how celu's derivative takes alpha."""
    return float(np.float32(number))


row(
    "softplus(Tensor self, Number beta=1, Number threshold=20)",
    "SoftplusBackward0",
    U.softplus,
    check=checks.only_floats("softplus_cpu"),
    jvp="auto_element_wise",
    self=lambda grad, self, beta, threshold: softplus_backward(grad, self, beta, threshold),
)
row(
    "softplus_backward(Tensor grad_output, Tensor self, Number beta, Number threshold)",
    "SoftplusBackwardBackward0",
    S.softplus_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, beta, threshold: softplus_backward(grad, self, beta, threshold),
    self=lambda grad, grad_output, self, beta, threshold: _softplus_curvature(
        grad * grad_output, self, beta, threshold
    ),
)


def _softplus_curvature(grad: Any, x: Any, beta: Any, threshold: Any) -> Any:
    bent = x * beta
    return sigmoid_backward(grad, sigmoid(bent)) * (bent < threshold) * beta


silu_backward = backward_of("silu_backward(Tensor grad_output, Tensor self)", "", S.silu_backward)
mish_backward = backward_of("mish_backward(Tensor grad_output, Tensor self)", "", S.mish_backward)
logit_backward = backward_of(
    "logit_backward(Tensor grad_output, Tensor self, double? eps=None)", "", S.logit_backward
)


def _silu_slope(grad: Any, self: Any) -> Any:
    if not (is_tensor(grad) and state.grad_enabled):
        return silu_backward(grad, self)
    s = sigmoid(self)
    rest = 1 + self * (1 - s)  # which C++ computes first
    return grad * s * rest


def _mish_slope(grad: Any, self: Any) -> Any:
    if not (is_tensor(grad) and state.grad_enabled):
        return mish_backward(grad, self)
    s = sigmoid(self)  # which C++ computes first
    bent = tanh(FUNCTIONS["log1p"](exp(self)))
    return grad * (bent + rtimes(1 - bent * bent, self * s))


row(
    "silu(Tensor self)",
    "SiluBackward0",
    U.silu,
    kind="unary",
    check=checks.only_floats("silu_cpu"),
    self=_silu_slope,
)
row(
    "mish(Tensor self)",
    "MishBackward0",
    U.mish,
    kind="unary",
    check=checks.only_floats("mish_cpu"),
    self=_mish_slope,
)
row(
    "gelu(Tensor self, *, str approximate='none')",
    "GeluBackward0",
    U.gelu,
    kind="entries",
    check=checks.gelu,
    jvp="auto_element_wise",
    self=lambda grad, self, approximate: gelu_backward(grad, self, approximate),
)
row(
    "gelu_backward(Tensor grad_output, Tensor self, str approximate='none')",
    "GeluBackwardBackward0",
    S.gelu_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, approximate: gelu_backward(grad, self, approximate),
    self=lambda grad, grad_output, self, approximate: _gelu_curvature(
        grad, grad_output, self, approximate
    ),
)


def _gelu_curvature(ggx: Any, gO: Any, self: Any, approximate: str) -> Any:
    """torch's gelu_double_backward."""
    if approximate == "none":
        square = self * self
        pdf = exp(square * -0.5) * (2 / math.sqrt(math.pi) * math.sqrt(0.5) * 0.5)
        curved = square * pdf  # which C++ computes first
        return ggx * gO * (pdf * 2 - curved)
    beta, kappa = math.sqrt(2) * (2 / math.sqrt(math.pi)) * 0.5, 0.044715
    bent = (self + self**3 * kappa) * beta
    inner, sech = tanh(bent), 1 / cosh(bent)
    half, steep = self * 0.5, 1 - inner * inner
    slope = (self * (3 * kappa) * self + 1) * beta
    straight = steep * 0.5 * slope
    turned = -sech * inner  # here and below C++ computes the right side of a product or sum first
    bend = sech * 2 * turned * slope
    second = half * slope * bend
    steeper = self * (6 * kappa) * beta
    third = half * steep * steeper
    return ggx * gO * (straight * 2 + second + third)


row(
    "hardtanh(Tensor self, Number min_val=-1, Number max_val=1)",
    "HardtanhBackward0",
    lambda x, low, high: P.clamp(x, low, high),
    check=sized_checks.hardtanh,
    jvp="auto_element_wise",
    self=lambda grad, self, min_val, max_val: hardtanh_backward(grad, self, min_val, max_val),
)
row(
    "hardtanh_backward(Tensor grad_output, Tensor self, Number min_val, Number max_val)",
    "HardtanhBackwardBackward0",
    S.hardtanh_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, min_val, max_val: hardtanh_backward(
        grad, self, min_val, max_val
    ),
    self=_zero,
)
row(
    "hardsigmoid(Tensor self)",
    "HardsigmoidBackward0",
    lambda x: P.clamp(x + 3, 0, 6) / x.dtype.type(6),
    kind="unary",
    check=checks.only_floats("hardsigmoid_cpu"),
    self=lambda grad, self: hardsigmoid_backward(grad, self),
)
row(
    "hardswish(Tensor self)",
    "HardswishBackward0",
    lambda x: x * P.clamp(x + 3, 0, 6) / x.dtype.type(6),
    kind="unary",
    check=checks.only_floats("hardswish_cpu"),
    self=lambda grad, self: hardswish_backward(grad, self),
)
row(
    "hardswish_backward(Tensor grad_output, Tensor self)",
    "HardswishBackwardBackward0",
    S.hardswish_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, self: hardswish_backward(grad, self),
    self=lambda grad, grad_output, self: where(
        (self > -3.0) & (self < 3.0), grad * grad_output / 3.0, 0.0
    ),
)
row(
    "hardshrink(Tensor self, Number lambd=0.5)",
    "HardshrinkBackward0",
    P.hardshrink,
    check=checks.only_floats("hardshrink_cpu"),
    jvp="auto_element_wise",
    self=lambda grad, self, lambd: hardshrink_backward(grad, self, lambd),
)
row(
    "hardshrink_backward(Tensor grad_out, Tensor self, Number lambd)",
    "HardshrinkBackwardBackward0",
    S.hardshrink_backward,
    jvp="auto_element_wise",
    grad_out=lambda grad, self, lambd: hardshrink_backward(grad, self, lambd),
    self=_zero,
)
row(
    "softshrink(Tensor self, Number lambd=0.5)",
    "SoftshrinkBackward0",
    P.softshrink,
    check=checks.softshrink,
    jvp="auto_element_wise",
    self=lambda grad, self, lambd: softshrink_backward(grad, self, lambd),
)
row(
    "softshrink_backward(Tensor grad_output, Tensor self, Number lambd)",
    "SoftshrinkBackwardBackward0",
    S.hardshrink_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, lambd: softshrink_backward(grad, self, lambd),
    self=_zero,
)
row(
    "log_sigmoid(Tensor self)",
    "LogSigmoidBackward0",
    U.log_sigmoid,
    jvp="auto_element_wise",
    check=checks.only_floats("log_sigmoid_cpu"),
    self=lambda grad, self: log_sigmoid_backward(grad, self),
)
row(
    "log_sigmoid_backward(Tensor grad_output, Tensor self)",
    "LogSigmoidBackwardBackward0",
    S.log_sigmoid_backward,
    jvp="auto_element_wise",
    grad_output=lambda grad, self: log_sigmoid_backward(grad, self),
    self=lambda grad, grad_output, self: _bent(grad * grad_output, self),
)


def _bent(grad: Any, x: Any) -> Any:
    s = sigmoid(x)
    return grad * (s - 1) * s


def _logit_slope(grad: Any, self: Any, eps: Any) -> Any:
    if not (is_tensor(grad) and state.grad_enabled):
        return logit_backward(grad, self, eps)
    low, high = (0.0, 1.0) if eps is None else (eps, 1.0 - eps)
    inside = (self >= low) & (self <= high)
    return where(inside, grad / (self * (1.0 - self)), 0.0 if eps is not None else math.nan)


row(
    "logit(Tensor self, double? eps=None)",
    "LogitBackward0",
    U.logit,
    kind="entries",
    floats=True,
    jvp="auto_element_wise",
    self=_logit_slope,
)

# -- soft maxima -----------------------------------------------------------------------------------

row(
    "_softmax(Tensor self, int64_t dim, bool half_to_float)",
    "SoftmaxBackward0",
    lambda x, dim, _: R.softmax(x, wrap_dim(dim, x.ndim)),
    check=checks.softmax("softmax"),
    jvp=lambda self_p, self_t, result, dim: (
        result * (self_t - jvps.logsumexp(self_p, self_t, dim, True))
    ),
    self=lambda grad, result, dim: softmax_backward(grad, result, dim),
)
row(
    "_log_softmax(Tensor self, int64_t dim, bool half_to_float)",
    "LogSoftmaxBackward0",
    lambda x, dim, _: R.log_softmax(x, wrap_dim(dim, x.ndim)),
    check=checks.softmax("log_softmax"),
    jvp=lambda self_p, self_t, dim: self_t - jvps.logsumexp(self_p, self_t, dim, True),
    self=lambda grad, result, dim: log_softmax_backward(grad, result, dim),
)
row(
    "_softmax_backward_data(Tensor grad_output, Tensor output, int64_t dim)",
    "SoftmaxBackwardDataBackward0",
    S.softmax_backward,
    jvp=lambda grad_output_t, grad_output_p, output_t, output_p, dim: (
        _softmax_slope(grad_output_t, output_p, dim)
        + _softmax_bent(output_t, grad_output_p, output_p, dim)
    ),
    grad_output=lambda grad, output, dim: softmax_backward(grad, output, dim),
    output=lambda grad, grad_output, output, dim: _softmax_curvature(
        grad, grad_output, output, dim
    ),
)
row(
    "_log_softmax_backward_data(Tensor grad_output, Tensor output, int64_t dim)",
    "LogSoftmaxBackwardDataBackward0",
    S.log_softmax_backward,
    jvp=lambda grad_output_t, grad_output_p, output_t, output_p, dim: (
        grad_output_t
        - _total(grad_output_t, dim) * exp(output_p)
        - sum_dims(grad_output_p, (dim,), True) * exp(output_p) * output_t
    ),
    grad_output=lambda grad, output, dim: grad - sum_dims(grad * exp(output), (dim,), True),
    output=lambda grad, grad_output, output, dim: (
        rtimes(exp(output), -sum_dims(grad_output, (dim,), True)) * grad
    ),
)


_softmax_slope: Any = skipping(softmax_backward)
_total: Any = skipping(lambda x, dim: sum_dims(x, (dim,), True))


@skipping
def _softmax_bent(output_t: Any, grad: Any, output: Any, dim: int) -> Any:
    """The tangent of output · (grad - Σ grad · output) where only `output` moves."""
    along = sum_dims(grad * output, (dim,), True)
    return output_t * (grad - along) - output * sum_dims(grad * output_t, (dim,), True)


def _softmax_curvature(grad: Any, grad_output: Any, output: Any, dim: int) -> Any:
    """torch's softmax_double_backward, its terms from the last to the first, as C++ computes them."""
    last = grad_output * sum_dims(output * grad, (dim,), True)
    second = sum_dims(output * grad_output, (dim,), True) * grad
    return grad_output * grad - second - last
