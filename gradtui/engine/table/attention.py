"""Rows of attention: a softmax that gives zeros where nothing is seen, and the product as one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels import reductions as R
from gradtui.engine.lift import sum_dims
from gradtui.engine.table.activations import softmax_backward
from gradtui.engine.table.functional import backward_of, nn_row


def _safe_softmax(x: Any, dim: int) -> Any:
    """The softmax, and zeros along lines of -inf."""
    out = R.softmax(x, dim % x.ndim)
    hidden = (x == -np.inf).all(axis=dim, keepdims=True)
    return np.where(hidden, x.dtype.type(0), out)


nn_row(
    "_safe_softmax(Tensor self, int64_t dim)",
    "SafeSoftmaxBackward0",
    _safe_softmax,
    jvp=lambda self_t, result, dim: result * self_t - result * sum_dims(result * self_t, (dim,), True),
    self=lambda grad, result, dim: softmax_backward(grad, result, dim),
)


def _weights(query: Any, key: Any, mask: Any, causal: bool, scale: float | None) -> Any:
    factor = query.dtype.type(_factor(query, scale))
    scores = np.matmul(query, key.swapaxes(-1, -2)) * factor
    if causal:
        past = np.tril(np.ones(scores.shape[-2:], bool))
        scores = np.where(past, scores, query.dtype.type(-np.inf))
    if mask is not None:
        scores = scores + mask
    return _safe_softmax(scores, -1)


def _factor(query: Any, scale: float | None) -> float:
    return 1 / math.sqrt(query.shape[-1]) if scale is None else scale


def _product(
    query: Any, key: Any, value: Any, mask: Any, causal: bool, scale: float | None
) -> Any:
    """The result lies in memory as the query does."""
    out = np.empty_like(query)
    np.matmul(_weights(query, key, mask, causal, scale), value, out=out)
    return out


def _slope(
    grad: Any,
    query: Any,
    key: Any,
    value: Any,
    mask: Any,
    causal: bool,
    scale: float | None,
    place: int,
) -> Any:
    """The cotangent of query, key or value, by `place`."""
    weights = _weights(query, key, mask, causal, scale)
    if place == 2:
        return np.matmul(weights.swapaxes(-1, -2), grad)
    found = np.matmul(grad, value.swapaxes(-1, -2))
    inner = (found - (found * weights).sum(-1, keepdims=True)) * weights
    inner = inner * query.dtype.type(_factor(query, scale))
    return np.matmul(inner, key) if place == 0 else np.matmul(inner.swapaxes(-1, -2), query)


_backward = backward_of(
    "_scaled_dot_product_flash_attention_for_cpu_backward(Tensor grad_out, Tensor query, "
    "Tensor key, Tensor value, Tensor? attn_mask, bool is_causal, double? scale, int64_t place)",
    "",
    _slope,
)


def _formula(place: int) -> Any:
    def slope(
        grad: Any, query: Any, key: Any, value: Any, attn_mask: Any, is_causal: Any, scale: Any
    ) -> Any:
        return _backward(grad, query, key, value, attn_mask, is_causal, scale, place)

    return slope


nn_row(
    "_scaled_dot_product_flash_attention_for_cpu(Tensor query, Tensor key, Tensor value, "
    "Tensor attn_mask=None, bool is_causal=False, double scale=None)",
    "ScaledDotProductFlashAttentionForCpuBackward0",
    _product,
    jvp="not_implemented",
    query=_formula(0),
    key=_formula(1),
    value=_formula(2),
)
