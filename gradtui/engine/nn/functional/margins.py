"""Losses with a margin: what is right by more than that costs nothing."""

from __future__ import annotations

from typing import Any

from gradtui.engine.creation import zeros_like
from gradtui.engine.lift import FUNCTIONS
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
