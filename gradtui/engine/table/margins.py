"""Rows of losses that compare the score of a right class with the scores of the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.table.functional import backward_of, nn_row

_MEAN, _SUM = 1, 2


def _reduced(losses: Any, reduction: int, single: bool) -> Any:
    if reduction == _MEAN:
        return losses.dtype.type(losses.mean())
    if reduction == _SUM:
        return losses.dtype.type(losses.sum())
    return losses[0] if single else losses


def _spread(grad: Any, reduction: int, count: int) -> Any:
    """The cotangent of each sample's loss, as a column."""
    each = np.broadcast_to(np.asarray(grad).reshape(-1, 1), (count, 1))
    return each / each.dtype.type(count) if reduction == _MEAN else each


# -- one right class -------------------------------------------------------------------------------


def _excess(x: Any, target: Any, margin: float) -> tuple[Any, Any, Any]:
    """Scores and classes as a batch, and by how much every other class comes too near."""
    rows, right = np.atleast_2d(x), np.atleast_1d(target)
    bad = right[(right < 0) | (right >= rows.shape[1])]
    if bad.size:
        raise RuntimeError("target out of range")
    at = np.arange(len(rows)), right
    gaps = rows.dtype.type(margin) - rows[at][:, None] + rows
    gaps[at] = 0
    return rows, at, np.maximum(gaps, 0)


def multi_margin(
    x: Any, target: Any, p: float, margin: float, weight: Any, reduction: int
) -> Any:
    rows, at, gaps = _excess(x, target, margin)
    losses = gaps if p == 1 else gaps * gaps
    if weight is not None:
        losses = losses * weight[at[1]][:, None]
    return _reduced(losses.sum(1) / rows.dtype.type(rows.shape[1]), reduction, np.ndim(target) == 0)


def _multi_margin_backward(
    grad: Any, x: Any, target: Any, p: float, margin: float, weight: Any, reduction: int
) -> Any:
    rows, at, gaps = _excess(x, target, margin)
    slope = (gaps > 0).astype(rows.dtype) if p == 1 else 2 * gaps
    if weight is not None:
        slope = slope * weight[at[1]][:, None]
    slope = slope / rows.dtype.type(rows.shape[1])
    slope[at] = 0 - slope.sum(1)
    found = (slope * _spread(grad, reduction, len(rows))).astype(x.dtype, order="C")
    return found.reshape(x.shape)


_SETTINGS = "Number p=1, Number margin=1, Tensor? weight=None, int64_t reduction=1"
multi_margin_backward = backward_of(
    f"multi_margin_loss_backward(Tensor grad_output, Tensor self, Tensor target, {_SETTINGS})",
    "",
    _multi_margin_backward,
)
nn_row(
    f"multi_margin_loss(Tensor self, Tensor target, {_SETTINGS})",
    "MultiMarginLossBackward0",
    multi_margin,
    jvp="not_implemented",
    self=lambda grad, self, target, p, margin, weight, reduction: multi_margin_backward(
        grad, self, target, p, margin, weight, reduction
    ),
)

# -- several right classes -------------------------------------------------------------------------


def _chosen(target: Any) -> tuple[Any, Any]:
    """Which of the named classes count: those before the first -1; and which classes they are."""
    rows = np.atleast_2d(target)
    counts = np.cumprod(rows >= 0, axis=1).astype(bool)
    right = np.zeros(rows.shape, bool)
    for n, row in enumerate(rows):
        right[n, row[counts[n]]] = True
    return counts, right


def multilabel_margin(x: Any, target: Any, reduction: int) -> tuple[Any, Any]:
    """The loss, and which classes are targets."""
    rows, named = np.atleast_2d(x), np.atleast_2d(target)
    counts, right = _chosen(target)
    losses = np.zeros(len(rows), rows.dtype)
    for n, row in enumerate(rows):
        gaps = 1 - row[named[n][counts[n]]][:, None] + row[~right[n]]
        losses[n] = np.maximum(gaps, 0).sum() / row.dtype.type(row.size)
    marks = right.astype(rows.dtype).reshape(np.shape(target))
    return _reduced(losses, reduction, np.ndim(x) <= 1), marks


def _multilabel_margin_backward(
    grad: Any, x: Any, target: Any, reduction: int, is_target: Any
) -> Any:
    rows, named = np.atleast_2d(x), np.atleast_2d(target)
    counts, right = _chosen(target)
    out = np.zeros_like(rows)
    for n, row in enumerate(rows):
        near = (1 - row[named[n][counts[n]]][:, None] + row[~right[n]] > 0).astype(row.dtype)
        near = near / row.dtype.type(row.size)
        np.subtract.at(out[n], named[n][counts[n]], near.sum(1))
        out[n, ~right[n]] += near.sum(0)
    return (out * _spread(grad, reduction, len(rows))).astype(x.dtype).reshape(x.shape)


multilabel_margin_backward = backward_of(
    "multilabel_margin_loss_backward(Tensor grad_output, Tensor self, Tensor target, "
    "int64_t reduction, Tensor is_target)",
    "",
    _multilabel_margin_backward,
)
nn_row(
    "multilabel_margin_loss_forward(Tensor self, Tensor target, int64_t reduction)",
    "MultilabelMarginLossBackward0",
    multilabel_margin,
    outputs=("result0", "is_target"),
    jvp="not_implemented",
    self=lambda grad, self, target, reduction, is_target: multilabel_margin_backward(
        grad, self, target, reduction, is_target
    ),
)

