"""Losses with a margin: what is right by more than that costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine.creation import zeros_like
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.activations import logsigmoid
from gradtui.engine.nn.functional.distances import pairwise_distance
from gradtui.engine.nn.functional.losses import apply_reduction, enum, legacy
from gradtui.engine.nn.functional.shared import native, number


def soft_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """log(1 + exp(-target·input)), targets being 1 and -1."""
    number = enum(legacy(size_average, reduce, reduction))
    return FUNCTIONS["soft_margin_loss"](input, target, number)


@native
def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """max(0, -target·(input1 - input2) + margin)."""
    reduction = legacy(size_average, reduce, reduction)
    if not input1.dim() == input2.dim() == target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return apply_reduction((-target * (input1 - input2) + margin).clamp_min_(0), reduction)


@native
def hinge_embedding_loss(
    input: Any,
    target: Any,
    margin: float = 1.0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """The input where target is 1, max(0, margin - input) where it is -1."""
    reduction = legacy(size_average, reduce, reduction)
    zeros = zeros_like(input)
    far = FUNCTIONS["where"](target != 1, (number(margin, input) - input).clamp_min(0), zeros)
    return apply_reduction(far + FUNCTIONS["where"](target != -1, input, zeros), reduction)


@native
def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """1 - cos where target is 1, max(0, cos - margin) where it is -1."""
    reduction = legacy(size_average, reduce, reduction)
    dim = target.dim()
    products = (input1 * input2).sum(dim)
    first = (input1 * input1).sum(dim) + 9.999999960041972e-13
    second = (input2 * input2).sum(dim) + 9.999999960041972e-13
    cosine = products / (first * second).sqrt()
    zeros = zeros_like(cosine)
    near = FUNCTIONS["where"](target == 1, number(1, cosine) - cosine, zeros)
    far = FUNCTIONS["where"](target == -1, (cosine - margin).clamp_min(0), zeros)
    return apply_reduction(near + far, reduction)


@native
def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """max(0, margin + d(anchor, positive) - d(anchor, negative))."""
    reduction = legacy(size_average, reduce, reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    dims = [t.dim() for t in (anchor, positive, negative)]
    if len(set(dims)) > 1:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of "
            f"dimensions, but got: anchor {dims[0]}D, positive {dims[1]}D, and negative "
            f"{dims[2]}D inputs"
        )
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = FUNCTIONS["minimum"](far, pairwise_distance(positive, negative, p, eps))
    return apply_reduction((margin + near - far).clamp_min(0), reduction)


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """The same with a distance of one's own."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    dims = [t.ndim for t in (anchor, positive, negative)]
    if len(set(dims)) > 1:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of "
            f"dimensions, but got: anchor {dims[0]}D, positive {dims[1]}D, and negative "
            f"{dims[2]}D inputs"
        )
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = FUNCTIONS["minimum"](far, distance(positive, negative))
    return apply_reduction(FUNCTIONS["clamp_min"](margin + near - far, 0), reduction)


# -- one right class among others, or several ------------------------------------------------------


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """The mean of max(0, margin - x[target] + x[i])ᵖ over the other classes."""
    kind = enum(legacy(size_average, reduce, reduction))
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.dim() != 1:
        raise ValueError("weight must be one-dimensional")
    _check_scores(input, target, weight)
    return FUNCTIONS["multi_margin_loss"](input, target, p, margin, weight, kind)


def _check_scores(input: Any, target: Any, weight: Any) -> None:
    sizes = list(input.shape)
    batch = sizes[0] if len(sizes) == 2 else 1
    classes = sizes[-1] if sizes else 1
    if len(sizes) > 2 or (len(sizes) == 2 and not classes) or (len(sizes) == 1 and not classes):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {sizes}"
        )
    if target.dim() > 1 or target._data.size != batch:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input "
            f"samples (batch size). Expected target size [{batch}], but got {list(target.shape)}. "
            f"Input has shape {sizes}."
        )
    if weight is not None and weight._data.size != classes:
        raise RuntimeError(
            f"inconsistent weight size, expected {classes} but got {list(weight.shape)}"
        )
    if target._data.dtype != "int64":
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")


def multilabel_margin_loss(
    input: Any,
    target: Any,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """max(0, 1 - (x[right] - x[wrong])) over all pairs of a right class and a wrong one."""
    kind = enum(legacy(size_average, reduce, reduction))
    sizes = list(input.shape)
    if len(sizes) > 2 or (sizes and not sizes[-1]):
        raise RuntimeError(
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {sizes}"
        )
    if sizes != list(target.shape):
        raise RuntimeError(
            f"inconsistent target size: {list(target.shape)} for input of size: {sizes}"
        )
    if target._data.dtype != "int64":
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")
    classes = sizes[-1] if sizes else 1
    if target._data.size and not -1 <= target._data.min() <= target._data.max() < classes:
        raise RuntimeError("argument #2 'target' is out of range")
    return FUNCTIONS["multilabel_margin_loss_forward"](input, target, kind)[0]


def multilabel_soft_margin_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: Any = None,
    reduce: Any = None,
    reduction: str = "mean",
) -> Any:
    """The mean over the classes of the binary cross entropy of each."""
    reduction = legacy(size_average, reduce, reduction)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    last = input.dim() - 1
    loss = loss.sum(dim=last) / input.size(last)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction + " is not valid")
    return apply_reduction(loss, reduction)
