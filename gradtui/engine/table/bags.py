"""Rows of embeddings of bags: the sum, the mean or the maximum of the rows a bag names."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.lift import lifted
from gradtui.engine.table.functional import nn_row

SUM, MEAN, MAX = 0, 1, 2


def _bags(indices: Any, offsets: Any, include_last: bool) -> tuple[Any, int]:
    """The number of the bag each index is in, and how many bags there are."""
    starts = offsets[:-1] if include_last else offsets
    count = len(starts)
    places = np.arange(len(indices))
    return np.searchsorted(starts, places, "right") - 1, count


def embedding_bag(
    weight: Any,
    indices: Any,
    offsets: Any,
    scale: bool,
    mode: int,
    sparse: bool,
    factors: Any,
    include_last: bool,
    padding: int | None,
) -> tuple[Any, Any, Any, Any]:
    """The bags' rows; which bag each index is in; how many rows a bag has; where a maximum is."""
    if indices.size and (indices.max() >= len(weight) or indices.min() < 0):
        bad = indices[(indices >= len(weight)) | (indices < 0)][0]
        raise RuntimeError(
            "embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be "
            f"{bad}"
        )
    bag, count = _bags(indices, offsets, include_last)
    keep = indices != (-1 if padding is None else padding)
    sizes = np.bincount(bag[keep], minlength=count).astype(offsets.dtype)
    out = np.zeros((count, weight.shape[1]), weight.dtype)
    most = np.zeros((count, weight.shape[1]) if mode == MAX else (count,), offsets.dtype)
    if mode != MAX:
        rows = weight[indices] if factors is None else weight[indices] * factors[:, None]
        np.add.at(out, bag[keep], rows[keep])
        if mode == MEAN:
            out = out / np.maximum(sizes, 1)[:, None].astype(weight.dtype)
        return out, bag.astype(offsets.dtype), sizes, sizes.copy() if mode == MEAN else most
    for number in np.unique(bag[keep]):
        names = indices[keep & (bag == number)]
        at = np.argmax(weight[names], 0)
        out[number] = np.take_along_axis(weight[names], at[None], 0)[0]
        most[number] = names[at]
    return out, bag.astype(offsets.dtype), sizes, most


def _to_weight(
    grad: Any,
    indices: Any,
    offsets: Any,
    bag: Any,
    sizes: Any,
    most: Any,
    rows: int,
    scale: bool,
    mode: int,
    sparse: bool,
    factors: Any,
    padding: int | None,
) -> Any:
    """The rows' cotangents: each gets that of every bag it is in."""
    out = np.zeros((rows, grad.shape[1]), grad.dtype)
    if mode == MAX:
        full = sizes > 0
        columns = np.arange(grad.shape[1])
        np.add.at(out, (most[full], columns[None]), grad[full])
        return out
    keep = indices != (-1 if padding is None else padding)
    parts = grad[bag[keep]]
    if factors is not None:
        parts = parts * factors[keep][:, None]
    if mode == MEAN:
        parts = parts / sizes[bag[keep]][:, None].astype(grad.dtype)
    if scale:
        parts = parts / np.bincount(indices)[indices[keep]][:, None].astype(grad.dtype)
    np.add.at(out, indices[keep], parts)
    return out


def _to_factors(
    grad: Any, weight: Any, indices: Any, offsets: Any, bag: Any, mode: int, padding: int | None
) -> Any:
    found = (grad[bag] * weight[indices]).sum(1)
    found[indices == (-1 if padding is None else padding)] = 0
    return found


def _refuse(grad: Any) -> Any:
    raise NotImplementedError("the derivative for '_embedding_bag_backward' is not implemented.")


to_weight, to_factors = (
    lifted("_embedding_bag_backward", _to_weight),
    lifted("_embedding_bag_per_sample_weights_backward", _to_factors),
)
nn_row(
    "_embedding_bag_backward(Tensor grad, Tensor indices, Tensor offsets, Tensor offset2bag, "
    "Tensor bag_size, Tensor maximum_indices, int64_t num_weights, bool scale_grad_by_freq, "
    "int64_t mode, bool sparse, Tensor? per_sample_weights, int64_t? padding_idx)",
    "EmbeddingBagBackwardBackward0",
    _to_weight,
    jvp="not_implemented",
    grad=_refuse,
)
nn_row(
    "_embedding_bag_per_sample_weights_backward(Tensor grad, Tensor weight, Tensor indices, "
    "Tensor offsets, Tensor offset2bag, int64_t mode, int64_t? padding_idx)",
    "EmbeddingBagPerSampleWeightsBackwardBackward0",
    _to_factors,
    jvp="not_implemented",
    grad=_refuse,
)


def _slope(
    grad: Any,
    indices: Any,
    offsets: Any,
    result1: Any,
    result2: Any,
    result3: Any,
    weight_sizes: Any,
    scale_grad_by_freq: bool,
    mode: int,
    sparse: bool,
    per_sample_weights: Any,
    padding_idx: int | None,
) -> Any:
    found = (indices, offsets, result1, result2, result3, weight_sizes[0])
    return to_weight(
        grad, *found, scale_grad_by_freq, mode, sparse, per_sample_weights, padding_idx
    )


nn_row(
    "_embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool scale_grad_by_freq=False, "
    "int64_t mode=0, bool sparse=False, Tensor? per_sample_weights=None, "
    "bool include_last_offset=False, int64_t? padding_idx=None)",
    "EmbeddingBagBackward0",
    embedding_bag,
    outputs=("result0", "result1", "result2", "result3"),
    jvp="not_implemented",
    weight=_slope,
    per_sample_weights=lambda grad, weight, indices, offsets, result1, mode, padding_idx: (
        to_factors(grad, weight, indices, offsets, result1, mode, padding_idx)
    ),
)
