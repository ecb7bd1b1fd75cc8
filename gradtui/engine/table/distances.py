"""Rows of distances between all rows of one matrix and all of another, or among themselves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels.masks import choose
from gradtui.engine.lift import (
    FUNCTIONS,
    is_tensor,
    lifted,
    masked_fill,
    sum_dims,
    unsqueeze,
)
from gradtui.engine.rows import composite
from gradtui.engine.table.functional import nn_row


def _norm(gaps: Any, p: float) -> Any:
    """The p-norm of the last dimension."""
    size = np.abs(gaps)
    if p == 0:
        return (size != 0).sum(-1).astype(gaps.dtype)
    if p == 1:
        return size.sum(-1)
    if p == 2:
        return np.sqrt((gaps * gaps).sum(-1))
    if math.isinf(p):
        return size.max(-1, initial=0)
    return (size ** gaps.dtype.type(p)).sum(-1) ** gaps.dtype.type(1 / p)


def _slope(gaps: Any, distance: Any, grad: Any, p: float) -> Any:
    """The cotangent of every gap, from those of the distances."""
    grad, distance = grad[..., None], distance[..., None]
    if p == 0:
        return np.zeros_like(gaps)
    if p == 1:
        return grad * np.sign(gaps)
    if math.isinf(p):
        return grad * np.sign(gaps) * (np.abs(gaps) == distance)
    none = distance == 0
    safe = np.where(none, 1, distance)
    if p == 2:
        found = grad * gaps / safe
    else:
        power = gaps.dtype.type(p - 1)
        found = np.sign(gaps) * np.abs(gaps) ** power * grad / safe**power
        if p < 1:
            none = none | (gaps == 0)
    return choose(np.broadcast_to(none, found.shape), np.zeros_like(found), found)


def _gaps(x1: Any, x2: Any) -> Any:
    return x1[..., :, None, :] - x2[..., None, :, :]


def _between(x1: Any, x2: Any, p: float, mode: int | None) -> Any:
    return _norm(_gaps(x1, x2), p).astype(x1.dtype, copy=False)


def _between_backward(grad: Any, x1: Any, x2: Any, p: float, distance: Any) -> Any:
    found = _slope(_gaps(x1, x2), distance, grad, p).sum(-2)
    return np.ascontiguousarray(found).astype(x1.dtype, copy=False)


between_backward = lifted("_cdist_backward", _between_backward)


def _turned(x: Any) -> Any:
    if is_tensor(x):
        return FUNCTIONS["contiguous"](FUNCTIONS["transpose"](x, -2, -1))
    return np.ascontiguousarray(np.swapaxes(x, -2, -1))


def _not_implemented(name: str) -> Any:
    def refuse(grad: Any) -> Any:
        raise NotImplementedError(f"the derivative for '{name}' is not implemented.")

    return refuse


def _last(name: str, signature: str, kernel: Any, *arguments: str) -> None:
    """A backward formula that torch differentiates no further."""
    node = "".join(part.title() for part in name.strip("_").split("_")) + "Backward0"
    refuse = _not_implemented(name)
    nn_row(
        f"{name}({signature})",
        node,
        kernel,
        jvp="not_implemented",
        **dict.fromkeys(arguments, refuse),
    )


_last(
    "_cdist_backward",
    "Tensor grad, Tensor x1, Tensor x2, double p, Tensor cdist",
    _between_backward,
    "grad",
    "x1",
    "x2",
    "cdist",
)
nn_row(
    "_cdist_forward(Tensor x1, Tensor x2, double p, int64_t? compute_mode)",
    "CdistBackward0",
    _between,
    jvp="not_implemented",
    x1=lambda grad, x1, x2, p, result: between_backward(grad, x1, x2, p, result),
    x2=lambda grad, x1, x2, p, result: between_backward(
        _turned(grad), x2, x1, p, _turned(result)
    ),
)


def _euclidean(x1: Any, x2: Any) -> Any:
    """By one product of matrices: |a - b|² = |a|² - 2·a·b + |b|²."""
    squares = [(x * x).sum(-1, keepdims=True) for x in (x1, x2)]
    ones = [np.ones_like(s) for s in squares]
    left = np.concatenate([x1 * -2, squares[0], ones[0]], -1)
    right = np.concatenate([x2, ones[1], squares[1]], -1)
    found = np.matmul(left, np.swapaxes(right, -2, -1))
    return np.sqrt(np.maximum(found, 0))


matmul = lifted("matmul", np.matmul)


def _ratio(grad: Any, result: Any) -> Any:
    return masked_fill(grad / result, result == 0, 0)


nn_row(
    "_euclidean_dist(Tensor x1, Tensor x2)",
    "EuclideanDistBackward0",
    _euclidean,
    jvp="not_implemented",
    x1=lambda grad, x1, x2, result: _toward(_ratio(grad, result), x1, x2),
    x2=lambda grad, x1, x2, result: _toward(_back(_ratio(grad, result)), x2, x1),
)


def _back(x: Any) -> Any:
    return FUNCTIONS["transpose"](x, -2, -1) if is_tensor(x) else np.swapaxes(x, -2, -1)


def _toward(ratio: Any, own: Any, other: Any) -> Any:
    return own * unsqueeze(sum_dims(ratio, (-1,)), -1) - matmul(ratio, other)


@composite("cdist(Tensor x1, Tensor x2, double p=2, int64_t? compute_mode=None)")
def cdist(x1: Any, x2: Any, p: float, compute_mode: int | None) -> Any:
    _check(x1, x2, p, compute_mode)
    rows = x1.shape[-2], x2.shape[-2]
    mode = compute_mode or 0
    lead = tuple(np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2]))
    product = mode == 1 or (mode == 0 and max(rows) > 25)
    if p != 2 or not product or not math.prod((*lead, *rows)):
        return FUNCTIONS["_cdist_forward"](x1, x2, p, compute_mode)
    given = [
        FUNCTIONS["reshape"](
            FUNCTIONS["expand"](x, (*lead, *x.shape[-2:])), (math.prod(lead), *x.shape[-2:])
        )
        if lead
        else x
        for x in (x1, x2)
    ]
    return FUNCTIONS["view"](FUNCTIONS["_euclidean_dist"](*given), (*lead, *rows))


def _check(x1: Any, x2: Any, p: float, mode: int | None) -> None:
    for name, x in (("X1", x1), ("X2", x2)):
        if x.dim() < 2:
            raise RuntimeError(
                f"cdist only supports at least 2D tensors, {name} got: {x.dim()}D"
            )
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: "
            f"{x2.shape[-1]}"
        )
    for name, x in (("X1", x1), ("X2", x2)):
        if x._data.dtype.kind != "f":
            raise RuntimeError(
                f"cdist only supports floating-point dtypes, {name} got: {x.dtype.scalar_name}"
            )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if mode is not None and not 0 <= mode <= 2:
        raise RuntimeError(f"possible modes: 0, 1, 2, but was: {mode}")


# -- among the rows of one matrix ------------------------------------------------------------------


def _pairs(count: int) -> tuple[Any, Any]:
    return np.triu_indices(count, 1)


def _among(x: Any, p: float) -> Any:
    first, second = _pairs(len(x))
    return _norm(x[first] - x[second], p).astype(x.dtype, copy=False)


def _among_backward(grad: Any, x: Any, p: float, distance: Any) -> Any:
    first, second = _pairs(len(x))
    found = _slope(x[first] - x[second], distance, grad, p)
    out = np.zeros_like(x)
    np.add.at(out, first, found)
    np.subtract.at(out, second, found)
    return out


among_backward = lifted("_pdist_backward", _among_backward)
_last(
    "_pdist_backward",
    "Tensor grad, Tensor self, double p, Tensor pdist",
    _among_backward,
    "grad",
    "self",
    "pdist",
)
nn_row(
    "_pdist_forward(Tensor self, double p=2)",
    "PdistBackward0",
    _among,
    jvp="not_implemented",
    self=lambda grad, self, p, result: among_backward(grad, self, p, result),
)


@composite("pdist(Tensor self, double p=2)")
def pdist(self: Any, p: float) -> Any:
    if self.dim() != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {self.dim()}D")
    if self._data.dtype.kind != "f":
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    return FUNCTIONS["_pdist_forward"](FUNCTIONS["contiguous"](self), p)
