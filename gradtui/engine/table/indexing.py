"""Rows that read and write at chosen places: index, gather, scatter, masks, where."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.errors import wrap_dim
from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted, where, zeros_like
from gradtui.engine.rows import row
from gradtui.engine.table import base as K

_gather = lifted("gather", lambda x, dim, index: K.gather(x, dim, index))


def index(x: Any, indices: Any) -> Any:
    try:
        out = x[indices]
    except IndexError as error:
        raise IndexError(_out_of_bounds(x, indices, error)) from None
    return np.array(out) if isinstance(out, np.ndarray) else out


def _out_of_bounds(x: Any, indices: Any, error: IndexError) -> str:
    for dim, i in enumerate(i for i in indices if i is not None):
        if isinstance(i, np.ndarray) and i.dtype.kind in "iu" and dim < x.ndim:
            bad = i[(i < -x.shape[dim]) | (i >= x.shape[dim])]
            if bad.size:
                return (
                    f"index {bad.flat[0]} is out of bounds for dimension {dim} with size "
                    f"{x.shape[dim]}"
                )
        if isinstance(i, np.ndarray) and i.dtype.kind == "b" and i.shape != x.shape[dim : dim + i.ndim]:
            return (
                f"The shape of the mask {list(i.shape)} at index 0 does not match the shape of the "
                f"indexed tensor {list(x.shape)} at index 0"
            )
    return str(error)


def index_put(x: Any, values: Any, indices: Any, accumulate: bool) -> Any:
    out = np.array(x)
    values = np.asarray(values).astype(x.dtype)
    if accumulate:
        np.add.at(out, indices, values)
    else:
        out[indices] = values
    return out


def _zeros_put(grad: Any, sizes: Any, indices: Any) -> Any:
    if is_tensor(grad):
        from gradtui.engine.tensor import wrap

        zeros = wrap(np.zeros(sizes, grad._data.dtype))
        return FUNCTIONS["put_at"](zeros, grad, indices, True)
    return index_put(np.zeros(sizes, grad.dtype), grad, indices, True)


def _take(grad: Any, indices: Any) -> Any:
    return FUNCTIONS["take_at"](grad, indices) if is_tensor(grad) else grad[indices]


row("take_at(Tensor self, object indices)", "IndexBackward0", index,
    self=lambda grad, self_sizes, indices: _zeros_put(grad, self_sizes, indices))
row("put_at(Tensor self, Tensor values, object indices, bool accumulate=False)",
    "IndexPutBackward0", index_put,
    self=lambda grad, indices, accumulate: grad if accumulate else _blank(grad, indices),
    values=lambda grad, indices: _take(grad, indices))


def _blank(grad: Any, indices: Any) -> Any:
    """`grad` with zeros where other values were put."""
    if is_tensor(grad):
        from gradtui.engine.tensor import wrap

        zero = wrap(np.zeros((), grad._data.dtype))
        return FUNCTIONS["put_at"](grad, zero, indices, False)
    return index_put(grad, grad.dtype.type(0), indices, False)


row("where(Tensor condition, Tensor self, Tensor other)", "WhereBackward0", K.where,
    self=lambda grad, condition: where(condition, grad, 0),
    other=lambda grad, condition: where(condition, 0, grad))
row("where(Tensor condition, Number self, Tensor other)", "WhereBackward0", K.where,
    other=lambda grad, condition: where(condition, 0, grad))
row("where(Tensor condition, Tensor self, Number other)", "WhereBackward0", K.where,
    self=lambda grad, condition: where(condition, grad, 0))
row("where(Tensor condition, Number self, Number other)", "", K.where)


def _gathered(grad: Any, sizes: Any, dim: int, at: Any) -> Any:
    from gradtui.engine.table.reductions import scatter_zeros

    return scatter_zeros(grad, at, sizes, dim) if sizes else grad


row("gather(Tensor self, int64_t dim, Tensor index)", "GatherBackward0", K.gather,
    self=lambda grad, self_sizes, dim, index: _gathered(grad, self_sizes, dim, index))
row("scatter_add(Tensor self, int64_t dim, Tensor index, Tensor src)", "ScatterAddBackward0",
    lambda x, dim, i, src: K.scatter_add(x, wrap_dim(dim, x.ndim), i, src),
    self=lambda grad: grad,
    src=lambda grad, dim, index: _gather(grad, dim, index))
row("scatter(Tensor self, int64_t dim, Tensor index, Tensor src)", "ScatterBackward0", K.scatter,
    self=lambda grad, dim, index: _scattered_zero(grad, dim, index),
    src=lambda grad, dim, index: _gather(grad, dim, index))
row("scatter(Tensor self, int64_t dim, Tensor index, Number value)", "ScatterBackward1", K.scatter,
    self=lambda grad, dim, index: _scattered_zero(grad, dim, index))


def _scattered_zero(grad: Any, dim: int, index: Any) -> Any:
    if is_tensor(grad):
        return FUNCTIONS["scatter"](grad, dim, index, 0)
    return K.scatter(grad, dim, index, 0)


row("index_select(Tensor self, int64_t dim, Tensor index)", "IndexSelectBackward0", K.index_select,
    self=lambda grad, self_sizes, dim, index: _selected(grad, self_sizes, dim, index))


def _selected(grad: Any, sizes: Any, dim: int, at: Any) -> Any:
    array = at._data if is_tensor(at) else at
    if not sizes:
        return grad.sum()
    place = (slice(None),) * wrap_dim(dim, len(sizes)) + (array,)
    return _zeros_put(grad, sizes, place)


row("masked_fill(Tensor self, Tensor mask, Number value)", "MaskedFillBackward0", K.masked_fill,
    self=lambda grad, mask: where(mask, 0, grad))
row("masked_fill(Tensor self, Tensor mask, Tensor value)", "MaskedFillBackward1", K.masked_fill,
    self=lambda grad, mask: where(mask, 0, grad),
    value=lambda grad, mask: where(mask, grad, 0).sum())
row("masked_select(Tensor self, Tensor mask)", "MaskedSelectBackward0",
    lambda x, mask: np.broadcast_to(x, np.broadcast_shapes(x.shape, mask.shape))[
        np.broadcast_to(mask, np.broadcast_shapes(x.shape, mask.shape))],
    self=lambda grad, self_sizes, mask: _unmasked(grad, self_sizes, mask))


def _unmasked(grad: Any, sizes: Any, mask: Any) -> Any:
    array = mask._data if is_tensor(mask) else mask
    shape = np.broadcast_shapes(sizes, array.shape)
    return _zeros_put(grad, shape, (np.broadcast_to(array, shape),))


row("take(Tensor self, Tensor index)", "TakeBackward0", lambda x, i: x.reshape(-1)[i],
    self=lambda grad, self_sizes, index: _zeros_put(
        grad, self_sizes, np.unravel_index(
            (index._data if is_tensor(index) else index) % int(np.prod(self_sizes)), self_sizes)))
row("fill(Tensor self, Number value)", "FillBackward0", K.fill,
    self=lambda grad: zeros_like(grad))
row("fill(Tensor self, Tensor value)", "FillBackward1", K.fill,
    self=lambda grad: zeros_like(grad), value=lambda grad: grad.sum())
row("zero(Tensor self)", "ZeroBackward0", lambda x: np.zeros_like(x), self=zeros_like)
row("copy(Tensor self, Tensor src)", "CopyBackwards", K.copy,
    self=lambda grad: zeros_like(grad), src=lambda grad: grad)
row("embedding_rows(Tensor weight, Tensor indices, int64_t padding_idx=-1)", "EmbeddingBackward0",
    K.embedding,
    weight=lambda grad, weight_sizes, indices, padding_idx: _embedded(
        grad, weight_sizes, indices, padding_idx))


def _embedded(grad: Any, sizes: Any, indices: Any, padding: int) -> Any:
    array = indices._data if is_tensor(indices) else indices
    if padding >= 0:
        grad = where((array == padding)[..., None], 0, grad)
    return _zeros_put(grad, sizes, (array,))
