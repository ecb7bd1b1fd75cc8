"""Rows of the leaky ReLU whose slopes are drawn: `noise` holds the slope of every entry."""

from __future__ import annotations

from typing import Any

from gradtui.engine.kernels import slopes
from gradtui.engine.kernels import unary as U
from gradtui.engine.lift import zeros_like
from gradtui.engine.table import checks
from gradtui.engine.table.functional import backward_of, nn_row

_SETTINGS = "Tensor noise, Number lower, Number upper, bool training"


def rrelu(x: Any, noise: Any, lower: float, upper: float, training: bool) -> Any:
    return x * noise if training else U.leaky_relu(x, (lower + upper) / 2)


def _backward(
    grad: Any, x: Any, noise: Any, lower: float, upper: float, training: bool, is_result: bool
) -> Any:
    if training and upper - lower > 1e-6:
        return grad * noise
    return slopes.leaky_relu_backward(grad, x, (lower + upper) / 2, is_result)


def _zero(grad: Any) -> Any:
    return zeros_like(grad)


backward: Any = backward_of(
    f"rrelu_with_noise_backward(Tensor grad_output, Tensor self, {_SETTINGS}, bool self_is_result)",
    "RreluWithNoiseBackwardBackward0",
    _backward,
    jvp=lambda grad_output_t, self_p, noise, lower, upper, training: backward(
        grad_output_t, self_p, noise, lower, upper, training, False
    ),
    grad_output=lambda grad, self, noise, lower, upper, training: backward(
        grad, self, noise, lower, upper, training, False
    ),
    self=_zero,
)
nn_row(
    f"rrelu_with_noise(Tensor self, {_SETTINGS})",
    "RreluWithNoiseBackward0",
    rrelu,
    jvp="auto_element_wise",
    check=checks.only_floats("rrelu_with_noise_out_cpu"),
    self=lambda grad, self, noise, lower, upper, training: backward(
        grad, self, noise, lower, upper, training, False
    ),
)
nn_row(
    f"rrelu_with_noise_(Tensor self, {_SETTINGS})",
    "RreluWithNoiseBackward1",
    rrelu,
    jvp="auto_element_wise",
    check=checks.only_floats("rrelu_with_noise_out_cpu"),
    self=lambda grad, result, noise, lower, upper, training: backward(
        grad, result, noise, lower, upper, training, True
    ),
)
