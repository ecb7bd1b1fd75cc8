"""Rows of the losses: a distance between input and target, and its mean, its sum or neither.

`reduction` is torch's number: 0 for none, 1 for the mean, 2 for the sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine import errors, state
from gradtui.engine.kernels import classes
from gradtui.engine.kernels import unary as U
from gradtui.engine.kernels.sums import mean_, sum_
from gradtui.engine.lift import cast, dtype_of, into, is_tensor, lifted, sum_all, where, zeros_like
from gradtui.engine.table import checks, jvps
from gradtui.engine.table.functional import backward_of, nn_row
from gradtui.engine.zero import skipping

log = lifted("log", U.log)
log1p = lifted("log1p", U.log1p)
exp = lifted("exp", U.exp)
sigmoid = lifted("sigmoid", U.sigmoid)
log_sigmoid = lifted("log_sigmoid", U.log_sigmoid)
logit = lifted("logit", U.logit)
maximum = lifted("maximum", np.maximum)


def reduced(x: Any, reduction: int) -> Any:
    """Every loss, their mean, or their sum."""
    if reduction == 0:
        return x
    return mean_(x) if reduction == 1 else sum_(x)


def _count(x: Any) -> int:
    return math.prod(x.shape)


def _share(x: Any, reduction: int) -> float:
    """What one entry counts for in the reduced loss."""
    return 1.0 / _count(x) if reduction == 1 and _count(x) else 1.0


def _apart(self: Any, target: Any, grad: Any) -> Any:
    """self - target in the dtype of the cotangent."""
    return self - target if is_tensor(grad) else np.subtract(self, target, dtype=grad.dtype)


def _averaged(x: Any, self: Any, reduction: int) -> Any:
    """What a mean sends on, divided in place as torch does it."""
    if reduction != 1:
        return x
    return into(x, "div", _count(self))


def as_numbers(mask: Any, like: Any) -> Any:
    """A mask as ones and zeros."""
    return cast(mask, dtype_of(like))


def _typed(x: Any, number: float) -> Any:
    """A number that keeps the dtype of an array."""
    return number if is_tensor(x) else x.dtype.type(number)


# -- squared error ----------------------------------------


def _mse_slope(grad: Any, self: Any, target: Any, reduction: int) -> Any:
    norm = 2.0 / _count(self) if reduction == 1 and _count(self) else 2.0
    return _typed(grad, norm) * _apart(self, target, grad) * grad


def _mse_curve(grad: Any, grad_output: Any, self: Any, reduction: int) -> Any:
    return _averaged(grad * grad_output * _typed(grad, 2.0), self, reduction)


mse_loss_backward: Any = backward_of(
    "mse_loss_backward(Tensor grad_output, Tensor self, Tensor target, int64_t reduction)",
    "MseLossBackwardBackward0",
    _mse_slope,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, target, reduction: mse_loss_backward(
        grad, self, target, reduction
    ),
    self=lambda grad, grad_output, self, reduction: _mse_curve(grad, grad_output, self, reduction),
    target=lambda grad, grad_output, self, reduction: (
        -_mse_curve(grad, grad_output, self, reduction)
    ),
)
nn_row(
    "mse_loss(Tensor self, Tensor target, int64_t reduction=1)",
    "MseLossBackward0",
    lambda self, target, reduction: reduced((self - target) * (self - target), reduction),
    check=checks.common_only_floats("mse_cpu"),
    kind="common",
    jvp=lambda self_t, target_t, self_p, target_p, reduction: jvps.reduced(
        skipping(_mse_slope)(self_t, self_p, target_p, 0)
        + skipping(_mse_slope)(target_t, target_p, self_p, 0),
        reduction,
    ),
    self=lambda grad, self, target, reduction: mse_loss_backward(grad, self, target, reduction),
    target=lambda grad, self, target, reduction: mse_loss_backward(grad, target, self, reduction),
)

# -- absolute error with a smooth bottom ----------------------------------------


def _smooth_l1(self: Any, target: Any, reduction: int, beta: float) -> Any:
    kind = self.dtype.type
    z = np.abs(self - target)
    return reduced(
        np.where(z < beta, kind(0.5) * z * z / kind(beta), z - kind(0.5 * beta)), reduction
    )


def _smooth_l1_slope(grad: Any, self: Any, target: Any, reduction: int, beta: float) -> Any:
    norm, x = _typed(grad, _share(self, reduction)), _apart(self, target, grad)
    inside = norm * x * grad / _typed(grad, beta)
    return where(x <= -beta, -norm * grad, where(x >= beta, norm * grad, inside))


def _smooth_l1_curve(
    grad: Any, grad_output: Any, self: Any, target: Any, reduction: int, beta: float
) -> Any:
    if beta == 0:
        return zeros_like(grad)
    inside = as_numbers(abs(self - target) < beta, grad)
    return _averaged(grad * grad_output * inside / beta, self, reduction)


smooth_l1_loss_backward: Any = backward_of(
    "smooth_l1_loss_backward(Tensor grad_output, Tensor self, Tensor target, int64_t reduction, "
    "double beta)",
    "SmoothL1LossBackwardBackward0",
    _smooth_l1_slope,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, target, reduction, beta: smooth_l1_loss_backward(
        grad, self, target, reduction, beta
    ),
    self=lambda grad, grad_output, self, target, reduction, beta: _smooth_l1_curve(
        grad, grad_output, self, target, reduction, beta
    ),
    target=lambda grad, grad_output, self, target, reduction, beta: (
        -_smooth_l1_curve(grad, grad_output, self, target, reduction, beta)
    ),
)
nn_row(
    "smooth_l1_loss(Tensor self, Tensor target, int64_t reduction=1, double beta=1.0)",
    "SmoothL1LossBackward0",
    _smooth_l1,
    check=checks.common_only_floats("smooth_l1_cpu"),
    kind="common",
    jvp=lambda self_t, target_t, self_p, target_p, reduction, beta: jvps.reduced(
        skipping(_smooth_l1_slope)(self_t, self_p, target_p, 0, beta)
        + skipping(_smooth_l1_slope)(target_t, target_p, self_p, 0, beta),
        reduction,
    ),
    self=lambda grad, self, target, reduction, beta: smooth_l1_loss_backward(
        grad, self, target, reduction, beta
    ),
    target=lambda grad, self, target, reduction, beta: smooth_l1_loss_backward(
        grad, target, self, reduction, beta
    ),
)


def _huber(self: Any, target: Any, reduction: int, delta: float) -> Any:
    kind = self.dtype.type
    z = np.abs(self - target)
    far = kind(delta) * (z - kind(0.5) * kind(delta))
    return reduced(np.where(z <= delta, kind(0.5) * z * z, far), reduction)


def _huber_slope(grad: Any, self: Any, target: Any, reduction: int, delta: float) -> Any:
    norm, x = _typed(grad, _share(self, reduction)), _apart(self, target, grad)
    far = norm * grad * _typed(grad, delta)
    return where(x <= -delta, -far, where(x >= delta, far, norm * x * grad))


def _huber_curve(
    grad: Any, grad_output: Any, self: Any, target: Any, reduction: int, delta: float
) -> Any:
    inside = abs(self - target) < delta
    return _averaged(grad * grad_output * inside, self, reduction)


huber_loss_backward: Any = backward_of(
    "huber_loss_backward(Tensor grad_output, Tensor self, Tensor target, int64_t reduction, "
    "double delta)",
    "HuberLossBackwardBackward0",
    _huber_slope,
    jvp="not_implemented",
    grad_output=lambda grad, self, target, reduction, delta: huber_loss_backward(
        grad, self, target, reduction, delta
    ),
    self=lambda grad, grad_output, self, target, reduction, delta: _huber_curve(
        grad, grad_output, self, target, reduction, delta
    ),
    target=lambda grad, grad_output, self, target, reduction, delta: (
        -_huber_curve(grad, grad_output, self, target, reduction, delta)
    ),
)
nn_row(
    "huber_loss(Tensor self, Tensor target, int64_t reduction=1, double delta=1.0)",
    "HuberLossBackward0",
    _huber,
    check=checks.huber,
    kind="common",
    jvp=lambda self_t, target_t, self_p, target_p, reduction, delta: jvps.reduced(
        skipping(_huber_slope)(self_t, self_p, target_p, 0, delta)
        + skipping(_huber_slope)(target_t, target_p, self_p, 0, delta),
        reduction,
    ),
    self=lambda grad, self, target, reduction, delta: huber_loss_backward(
        grad, self, target, reduction, delta
    ),
    target=lambda grad, self, target, reduction, delta: huber_loss_backward(
        grad, target, self, reduction, delta
    ),
)

# -- likelihood of a class ----------------------------------------


def _declare_nll(name: str, node: str) -> None:
    """The likelihood of a class in two dimensions, or in more (`nll_loss2d`)."""
    options = "Tensor target, Tensor weight=None, int64_t reduction=1, int64_t ignore_index=-100)"
    loss = lifted(name, classes.nll)
    slope = backward_of(
        f"{name}_backward(Tensor grad_output, Tensor self, {options}",
        f"{node}BackwardBackward0",
        classes.nll_backward,
        jvp="auto_linear",
        grad_output=lambda grad, target, weight, reduction, ignore_index: loss(
            grad, target, weight, reduction, ignore_index
        ),
        self=lambda grad: zeros_like(grad),
    )
    nn_row(
        f"{name}(Tensor self, {options}",
        f"{node}Backward0",
        classes.nll,
        jvp="auto_linear",
        self=lambda grad, self, target, weight, reduction, ignore_index: slope(
            grad, self, target, weight, reduction, ignore_index
        ),
    )


_declare_nll("nll_loss", "NllLoss")
_declare_nll("nll_loss2d", "NllLoss2D")

# -- cross entropy of two probabilities ----------------------------------------


def _weighted(x: Any, weight: Any) -> Any:
    return x if weight is None else x * weight


def _reweighted(x: Any, weight: Any) -> Any:
    return x if weight is None else into(x, "mul", weight)


def _then(x: Any, name: str, y: Any) -> Any:
    """The next step of a formula that is computed in place, unless it is recorded."""
    return getattr(x, name)(y) if is_tensor(x) and state.grad_enabled else into(x, name, y)


def _bce(self: Any, target: Any, weight: Any, reduction: int) -> Any:
    if np.any(~((self >= 0) & (self <= 1))):
        raise RuntimeError("all elements of input should be between 0 and 1")
    if np.any(~((target >= 0) & (target <= 1))):
        raise RuntimeError("all elements of target should be between 0 and 1")
    low, kind = self.dtype.type(-100), self.dtype.type
    yes, no = np.maximum(U.log(self), low), np.maximum(U.log1p(-self), low)
    return reduced(_weighted((target - kind(1)) * no - target * yes, weight), reduction)


def _bce_slope(grad: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    safe = (1 - self) * self
    floor = _typed(grad, 1e-12)
    safe = where(safe > floor, safe, floor) if is_tensor(safe) else np.maximum(safe, floor)
    out = _weighted(grad * (self - target) / safe, weight)
    return out / _count(self) if reduction == 1 else out


def _bce_target(grad: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    out = _reweighted(into(into(logit(self), "neg"), "mul", grad), weight)
    return _averaged(out, target, reduction)


def _bce_cross(grad: Any, grad_output: Any, self: Any, weight: Any, reduction: int) -> Any:
    """How the slope by the input turns with the target."""
    out = _reweighted(-grad * grad_output, weight)
    return _averaged(into(out, "div", into(1 - self, "mul", self)), self, reduction)


def _bce_curve(
    grad: Any, grad_output: Any, self: Any, target: Any, weight: Any, reduction: int
) -> Any:
    beside, across = self + 1e-12, 1 - self + 1e-12
    curve = (self * self - self * 2 * target + target) / (beside**2 * across**2)
    both = grad * grad_output
    curve = _reweighted(into(curve, "mul", both), weight)
    return curve / _count(self) if reduction == 1 else curve


binary_cross_entropy_backward: Any = backward_of(
    "binary_cross_entropy_backward(Tensor grad_output, Tensor self, Tensor target, "
    "Tensor weight=None, int64_t reduction=1)",
    "BinaryCrossEntropyBackwardBackward0",
    _bce_slope,
    jvp="auto_element_wise",
    grad_output=lambda grad, self, target, weight, reduction: binary_cross_entropy_backward(
        grad, self, target, weight, reduction
    ),
    self=lambda grad, grad_output, self, target, weight, reduction: _bce_curve(
        grad, grad_output, self, target, weight, reduction
    ),
    target=lambda grad, grad_output, self, weight, reduction: _bce_cross(
        grad, grad_output, self, weight, reduction
    ),
)
nn_row(
    "binary_cross_entropy(Tensor self, Tensor target, Tensor weight=None, int64_t reduction=1)",
    "BinaryCrossEntropyBackward0",
    _bce,
    jvp=lambda self_t, target_t, self_p, target_p, weight, reduction: jvps.reduced(
        skipping(_bce_slope)(self_t, self_p, target_p, weight, 0)
        + skipping(_bce_target)(target_t, self_p, target_p, weight, 0),
        reduction,
    ),
    self=lambda grad, self, target, weight, reduction: binary_cross_entropy_backward(
        grad, self, target, weight, reduction
    ),
    target=lambda grad, self, target, weight, reduction: _bce_target(
        grad, self, target, weight, reduction
    ),
)


def _bce_logits(self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    one = self.dtype.type(1)
    soft = U.log_sigmoid(self)
    if pos_weight is not None:
        try:
            soft = ((pos_weight - one) * target + one) * soft
        except ValueError:
            raise errors.broadcast(pos_weight.shape, target.shape) from None
    return reduced(_weighted((one - target) * self - soft, weight), reduction)


def _bce_logits_slope(
    grad: Any, self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int
) -> Any:
    if pos_weight is None:
        slope = _then(sigmoid(self), "sub", target)
    else:
        t = pos_weight * target
        slope = _then(_then(_then(t + 1, "sub", target), "mul", sigmoid(self)), "sub", t)
    out = _then(slope, "mul", grad)
    if weight is not None:
        out = _then(out, "mul", weight)
    return _averaged(out, self, reduction)


def _bce_logits_target(
    grad: Any, self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int
) -> Any:
    if pos_weight is None:
        out = -self * grad
    else:
        out = into(log_sigmoid(-self), "sub", into(log_sigmoid(self), "mul", pos_weight))
        out = into(out, "mul", grad)
    return _averaged(_reweighted(out, weight), target, reduction)


nn_row(
    "binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor weight=None, "
    "Tensor pos_weight=None, int64_t reduction=1)",
    "BinaryCrossEntropyWithLogitsBackward0",
    _bce_logits,
    check=checks.logits,
    member=True,
    jvp=lambda self_t, target_t, self_p, target_p, weight, pos_weight, reduction: jvps.reduced(
        skipping(_bce_logits_slope)(self_t, self_p, target_p, weight, pos_weight, 0)
        + skipping(_bce_logits_target)(target_t, self_p, target_p, weight, pos_weight, 0),
        reduction,
    ),
    self=lambda grad, self, target, weight, pos_weight, reduction: _bce_logits_slope(
        grad, self, target, weight, pos_weight, reduction
    ),
    target=lambda grad, self, target, weight, pos_weight, reduction: _bce_logits_target(
        grad, self, target, weight, pos_weight, reduction
    ),
)

# -- others ----------------------------------------


def _soft_margin(self: Any, target: Any, reduction: int) -> Any:
    return reduced(U.log1p(U.exp((-target * self).astype(self.dtype))), reduction)


def _soft_margin_slope(grad: Any, self: Any, target: Any, reduction: int) -> Any:
    z = exp(-target * self)
    return grad * (-target * z / (z + 1)) * _typed(grad, _share(self, reduction))


def _soft_margin_along(grad: Any, grad_output: Any, self: Any, target: Any, reduction: int) -> Any:
    if reduction == 0:
        return soft_margin_loss_backward(grad, self, target, reduction)
    one = zeros_like(grad_output) + 1
    return sum_all(soft_margin_loss_backward(one, self, target, reduction) * grad)


def _soft_margin_curve(grad: Any, self: Any, target: Any, reduction: int) -> Any:
    z = exp(self * -target)
    more = z + 1
    below = more * more  # which C++ computes first
    return _averaged(grad * (target * target) * z / below, self, reduction)


soft_margin_loss_backward: Any = backward_of(
    "soft_margin_loss_backward(Tensor grad_output, Tensor self, Tensor target, int64_t reduction)",
    "SoftMarginLossBackwardBackward0",
    _soft_margin_slope,
    jvp="not_implemented",
    grad_output=lambda grad, grad_output, self, target, reduction: _soft_margin_along(
        grad, grad_output, self, target, reduction
    ),
    self=lambda grad, grad_output, self, target, reduction: _soft_margin_curve(
        grad * grad_output, self, target, reduction
    ),
)
nn_row(
    "soft_margin_loss(Tensor self, Tensor target, int64_t reduction=1)",
    "SoftMarginLossBackward0",
    _soft_margin,
    check=checks.into_input,
    jvp=lambda self_t, self_p, target, reduction: jvps.reduced(
        _soft_margin_slope(self_t, self_p, target, 0), reduction
    ),
    self=lambda grad, self, target, reduction: soft_margin_loss_backward(
        grad, self, target, reduction
    ),
)
