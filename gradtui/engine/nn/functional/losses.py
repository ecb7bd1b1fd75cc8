"""Losses: how far an input is from its target, as a mean, a sum or one by one."""

from __future__ import annotations

import math
import warnings
from typing import Any

from gradtui.engine.creation import ones_like
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.shared import broadcast, check_floating, native

_NUMBERS = {"none": 0, "mean": 1, "sum": 2}


def enum(reduction: Any) -> int:
    if reduction in _NUMBERS:
        return _NUMBERS[reduction]
    raise ValueError(f"{reduction} is not a valid value for reduction")


def legacy(size_average: Any, reduce: Any, reduction: str) -> str:
    """The reduction that torch's older switches mean, with its warning."""
    if size_average is None and reduce is None:
        return reduction
    average = True if size_average is None else size_average
    kept = True if reduce is None else reduce
    meant = ("mean" if average else "sum") if kept else "none"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{meant}' instead.",
        stacklevel=3,
    )
    return meant


def apply_reduction(loss: Any, reduction: str) -> Any:
    number = enum(reduction)
    if number == 0:
        return loss
    return loss.mean() if number == 1 else loss.sum()


# -- distances --------------------------------------------------------------------------------


def _matched(input: Any, target: Any) -> tuple[Any, ...]:
    """Both in one shape; torch warns when that takes broadcasting."""
    if target.size() != input.size():
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size "
            f"({input.size()}). This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
            stacklevel=3,
        )
    return broadcast(input, target)


def _weigh(errors: Any, input: Any, weight: Any, reduction: str, by_weight: bool = True) -> Any:
    if weight.size() != input.size():
        raise ValueError("Weights and input must have the same size.")
    weighted = errors * weight
    if reduction == "none":
        return weighted
    if reduction == "sum":
        return weighted.sum()
    if reduction == "mean":
        return weighted.sum() / weight.sum() if by_weight else weighted.mean()
    raise ValueError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")


def mse_loss(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """(input - target)²."""
    a, b = _matched(input, target)
    reduction = legacy(size_average, reduce, reduction)
    if weight is not None:
        return _weigh((a - b) ** 2, input, weight, reduction)
    return FUNCTIONS["mse_loss"](a, b, enum(reduction))


def l1_loss(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """|input - target|."""
    a, b = _matched(input, target)
    reduction = legacy(size_average, reduce, reduction)
    if weight is not None:
        return _weigh((a - b).abs(), input, weight, reduction)
    return apply_reduction((a - b).abs(), reduction)


def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """|input - target|, squared where it is below `beta`."""
    a, b = _matched(input, target)
    reduction = legacy(size_average, reduce, reduction)
    if beta == 0.0:
        return apply_reduction((a - b).abs(), reduction)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    return FUNCTIONS["smooth_l1_loss"](a, b, enum(reduction), beta)


def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Any:
    """Half the squared error below `delta`, linear above (Huber, 1964)."""
    a, b = _matched(input, target)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    if weight is not None:
        errors = FUNCTIONS["huber_loss"](a, b, 0, delta)
        return _weigh(errors, input, weight, reduction, by_weight=False)
    return FUNCTIONS["huber_loss"](a, b, enum(reduction), delta)


# -- likelihoods ------------------------------------------------------------------------------


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Minus the input at the class each target names (dimension 1 holds the classes)."""
    number = enum(legacy(size_average, reduce, reduction))
    return _nll(input, target, weight, number, ignore_index)


def _nll(input: Any, target: Any, weight: Any, number: int, ignore: int) -> Any:
    _check_classes(input, target, weight)
    check_floating("nll_loss_out_frame" if input.dim() <= 2 else "nll_loss2d_out_frame", input)
    if input.dim() <= 2:
        return FUNCTIONS["nll_loss"](input, target, weight, number, ignore)
    rows, classes, *rest = input.shape
    if input.dim() == 4:
        return FUNCTIONS["nll_loss2d"](input, target, weight, number, ignore)
    flat = input.contiguous().view((rows, classes, 1, -1))
    found = FUNCTIONS["nll_loss2d"](flat, target.view((rows, 1, -1)), weight, number, ignore)
    return found if number else found.view((rows, *rest))


def _check_classes(input: Any, target: Any, weight: Any) -> None:
    if input.dim() < 1:
        raise ValueError(f"Expected 1 or more dimensions (got {input.dim()})")
    if input.dim() != 1 and (target.dim() == 0 or input.shape[0] != target.shape[0]):
        raise ValueError(
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size "
            f"({target.shape[0] if target.dim() else 1})."
        )
    if input.dim() <= 2:
        _check_flat(input, target)
    elif tuple(target.shape[1:]) != tuple(input.shape[2:]):
        wanted = [input.shape[0], *input.shape[2:]]
        raise RuntimeError(f"Expected target size {wanted}, got {list(target.shape)}")
    if target._data.dtype.kind not in "iu" or target._data.dtype.itemsize not in (1, 8):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {target.dtype.scalar_name}"
        )
    classes = input.shape[0 if input.dim() == 1 else 1]
    if weight is not None and (weight.dim() != 1 or weight.numel() != classes):
        raise RuntimeError(
            "weight tensor should be defined either for all "
            f"{classes} classes or no classes but got weight tensor of shape: "
            f"{list(weight.shape)}"
        )


def _check_flat(input: Any, target: Any) -> None:
    if target.dim() > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """The likelihood of classes, or of probabilities, under the softmax of the input."""
    reduction = legacy(size_average, reduce, reduction)
    number = enum(reduction)
    if input.shape == target.shape:
        _check_soft(target, ignore_index)
        _check_smoothing(label_smoothing)
        return _soft_entropy(input, target, weight, reduction, label_smoothing)
    logs = input.log_softmax(0 if input.dim() == 1 else 1)
    if label_smoothing > 0.0:
        _check_smoothing(label_smoothing)
        return _smooth_entropy(logs, target, weight, number, ignore_index, label_smoothing)
    return _nll(logs, target, weight, number, ignore_index)


def _check_smoothing(amount: float) -> None:
    if amount > 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {amount:g}")


def _check_soft(target: Any, ignore_index: int) -> None:
    if not target.is_floating_point():
        raise RuntimeError(
            "Expected floating point type for target with class probabilities, got "
            f"{target.dtype.scalar_name}"
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")


@native
def _soft_entropy(input: Any, target: Any, weight: Any, reduction: str, smoothing: float) -> Any:
    dim = 0 if input.dim() == 1 else 1
    if not input.dim():
        raise IndexError("Dimension specified as 1 but tensor has no dimensions")
    classes = input.shape[dim]
    logs = input.log_softmax(dim)
    if smoothing > 0.0:
        target = target * (1 - smoothing) + smoothing / classes
    product = _by_class(logs * target, weight, dim)
    if reduction == "none":
        return -product.sum(dim)
    total = -product.sum()
    return total / (input.numel() // classes) if reduction == "mean" else total


def _by_class(x: Any, weight: Any, dim: int) -> Any:
    """x times the weight of each class."""
    if weight is None:
        return x
    return x * weight.view([-1 if d == dim else 1 for d in range(x.dim())])


@native
def _smooth_entropy(
    logs: Any, target: Any, weight: Any, number: int, ignore: int, smoothing: float
) -> Any:
    dim = 0 if logs.dim() == 1 else 1
    classes = logs.shape[dim]
    hard = _nll(logs, target, weight, number, ignore)
    smooth = -_by_class(logs, weight, dim).sum(dim)
    ignored = target == ignore
    smooth = smooth.masked_fill(ignored, 0.0)
    if number == 1:
        kept = ~ignored
        count = kept.sum() if weight is None else weight.gather(0, target.masked_select(kept)).sum()
        smooth = smooth.sum() / count
    elif number == 2:
        smooth = smooth.sum()
    return hard * (1 - smoothing) + smooth * (smoothing / classes)


def binary_cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Of probabilities: -(target·log input + (1 - target)·log(1 - input))."""
    number = enum(legacy(size_average, reduce, reduction))
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size "
            f"({input.size()}) is deprecated. Please ensure they have the same size."
        )
    _same_dtype(input, target)
    check_floating("binary_cross_entropy", input)
    weight = None if weight is None else weight.expand(target.size())
    return FUNCTIONS["binary_cross_entropy"](input, target, weight, number)


def _same_dtype(input: Any, target: Any) -> None:
    if input.dtype is not target.dtype:
        raise RuntimeError(
            f"Found dtype {target.dtype.scalar_name} but expected {input.dtype.scalar_name}"
        )


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """Of logits, in one stable formula."""
    number = enum(legacy(size_average, reduce, reduction))
    if target.size() != input.size():
        raise ValueError(
            f"Target size ({target.size()}) must be the same as input size ({input.size()})"
        )
    return FUNCTIONS["binary_cross_entropy_with_logits"](input, target, weight, pos_weight, number)


def kl_div(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """target·(log target - input): the input is a log-probability."""
    if size_average is None and reduce is None and reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math "
            "definition.'mean' will be changed to behave the same as 'batchmean' in the next major "
            "release.",
            stacklevel=2,
        )
    reduction = legacy(size_average, reduce, reduction)
    if not (input.is_floating_point() and target.is_floating_point()):
        raise RuntimeError("kl_div: Integral inputs not supported.")
    if log_target:
        apart = target - input
        loss = target.exp() * apart
    else:
        product = target * input
        loss = FUNCTIONS["xlogy"](target, target) - product
    found = apply_reduction(loss, "sum" if reduction == "batchmean" else reduction)
    return found / input.shape[0] if reduction == "batchmean" and input.dim() else found


@native
def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: Any = None,
    eps: float = 1e-8,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """Of counts; the input is the (log) rate."""
    reduction = legacy(size_average, reduce, reduction)
    if reduction not in _NUMBERS:
        raise ValueError(reduction + " is not a valid value for reduction")
    product = target * (input if log_input else (input + eps).log())
    loss = (input.exp() if log_input else input) - product
    if full:
        tail = 0.5 * (2 * math.pi * target).log()
        stirling = target * target.log() - target + tail
        loss += stirling.masked_fill(target <= 1, 0)
    return apply_reduction(loss, reduction)


def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """Of normal values with the given variance."""
    if isinstance(var, float):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        ones: Any = ones_like(input)
        var = var * ones
    elif bool((var < 0).any()):
        raise ValueError("var has negative entry/entries")
    if var.size() != input.size():
        var = _variance_shape(input, var)
    if reduction not in _NUMBERS:
        raise ValueError(reduction + " is not valid")
    from gradtui.engine.modes import no_grad

    var = var.clone()
    with no_grad():
        var.clamp_(min=eps)
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        loss += 0.5 * math.log(2 * math.pi)
    return apply_reduction(loss, reduction)


def _variance_shape(input: Any, var: Any) -> Any:
    if tuple(input.shape[:-1]) == tuple(var.shape):
        return var.unsqueeze(-1)
    same = input.ndim == var.ndim
    if same and sum(b for a, b in zip(input.shape, var.shape, strict=True) if a != b) == 1:
        return var
    raise ValueError("var is of incorrect size")
