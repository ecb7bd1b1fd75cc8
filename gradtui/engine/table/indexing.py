"""Rows that read and write at chosen places: index, gather, scatter, masks, where."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors
from gradtui.engine.data import scalar_as
from gradtui.engine.kernels import masks as M
from gradtui.engine.kernels import places as P
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.shapes import laid_out_like
from gradtui.engine.lift import (
    FUNCTIONS,
    array_of,
    built,
    cast,
    expand,
    is_tensor,
    lifted,
    masked_fill,
    reshape,
    sum_all,
    unsqueeze,
    view,
    where,
    zeros,
    zeros_like,
)
from gradtui.engine.rows import row
from gradtui.engine.table import checks, sized_checks
from gradtui.engine.zero import ZERO

gather, scatter = lifted("gather", P.gather), lifted("scatter", P.scatter)
scatter_add = lifted("scatter_add", P.scatter_add)
index_select, index_fill = (
    lifted("index_select", P.index_select),
    lifted("index_fill", P.index_fill),
)


def _added_lines(x: Any, dim: int, index: Any, source: Any) -> Any:
    return (
        FUNCTIONS["index_add"](x, dim, index, source)
        if is_tensor(x)
        else P.index_add(x, dim, index, source)
    )


take, put = lifted("take", P.take), lifted("put", P.put)
masked_select = lifted("masked_select", P.masked_select)
masked_scatter = lifted("masked_scatter", P.masked_scatter)
added_at = lifted("added_at", lambda x, values, indices: P.index_put(x, values, indices, True))
take_at, put_at = lifted("take_at", P.index), lifted("put_at", P.index_put)
embedding_backward = lifted("embedding_dense_backward", P.embedding_backward)


# -- x[...] with lists, masks and tensors --------------------------------------------------------

row(
    "take_at(Tensor self, object indices)",
    "IndexBackward0",
    P.index,
    self=lambda grad, self_sizes, indices: built(
        added_at(zeros(grad, self_sizes), grad, indices)
    ),
)
row(
    "put_at(Tensor self, Tensor values, object indices, bool accumulate=False)",
    "IndexPutBackward0",
    P.index_put,
    self=lambda grad, values_sizes, indices, accumulate: (
        grad if accumulate else put_at(grad, zeros(grad, values_sizes), indices, False)
    ),
    values=lambda grad, indices: take_at(grad, indices),
)


row(
    "added_at(Tensor self, Tensor values, object indices)",
    "IndexPutImplBackward0",
    lambda x, values, indices: P.index_put(x, values, indices, True),
    self=lambda grad: grad,
    values=lambda grad, indices: take_at(grad, indices),
)


# -- where and masks -----------------------------------------------------------------------------


def choose(mask: Any, yes: Any, no: Any) -> Any:
    """where, its branches promoted; a mask of uint8 counts as bool."""
    kind = _branch_dtype(yes, no)
    first, second = (np.asarray(x).astype(kind, copy=False) for x in (yes, no))
    return M.choose(np.asarray(mask), first, second)


def _branch_dtype(yes: Any, no: Any) -> Any:
    return dtypes.result_of(yes, no).numpy


row(
    "where(Tensor condition, Tensor self, Tensor other)",
    "WhereBackward0",
    choose,
    kind="entries",
    jvp="auto_linear",
    numbers=True,
    check=checks.condition,
    self=lambda grad, condition: where(condition, grad, 0),
    other=lambda grad, condition: where(condition, 0, grad),
)
row(
    "masked_fill(Tensor self, Tensor mask, Tensor value)",
    "MaskedFillBackward1",
    P.masked_fill,
    check=checks.mask,
    self=lambda grad, mask: masked_fill(grad, mask, 0),
    value=lambda grad, mask: sum_all(masked_select(grad, mask)),
)
row(
    "masked_fill(Tensor self, Tensor mask, Number value)",
    "MaskedFillBackward0",
    P.masked_fill,
    check=checks.mask,
    jvp=lambda self_t, mask: masked_fill(self_t, mask, 0),
    self=lambda grad, mask: masked_fill(grad, mask, 0),
)
def _put_back(blank: Any, mask: Any, grad: Any) -> Any:
    """The entries of a cotangent put in place where a mask took them."""
    if is_tensor(grad):
        return blank.masked_scatter_(mask, grad)
    return built(laid_out_like(P.masked_scatter(blank, mask, grad), blank))


row(
    "masked_select(Tensor self, Tensor mask)",
    "MaskedSelectBackward0",
    P.masked_select,
    jvp="auto_linear",
    check=checks.select_mask,
    self=lambda grad, self, mask: _put_back(
        zeros_like(expand(self, np.broadcast_shapes(self.shape, array_of(mask).shape))), mask, grad
    ),
)
row(
    "masked_scatter(Tensor self, Tensor mask, Tensor source)",
    "MaskedScatterBackward0",
    P.masked_scatter,
    check=checks.scatter_mask,
    self=lambda grad, mask: masked_fill(grad, mask, 0),
    source=lambda grad, mask, source_sizes: lifted("masked_scatter_backward", _unscattered)(
        grad, mask, source_sizes
    ),
)


def _unscattered(grad: Any, mask: Any, sizes: Any) -> Any:
    """What masked_scatter took from the front of its source, in the source's size."""
    taken = P.masked_select(grad, mask)
    out = np.zeros(int(np.prod(sizes)), grad.dtype)
    out[: taken.size] = taken
    return out.reshape(sizes)


row(
    "masked_scatter_backward(Tensor grad_output, Tensor mask, IntArrayRef sizes)",
    "MaskedScatterBackwardBackward0",
    _unscattered,
    jvp="auto_linear",
    grad_output=lambda grad, grad_output, mask: masked_scatter(zeros_like(grad_output), mask, grad),
)

# -- along a dimension -----------------------------------------------------------------------------

row(
    "gather(Tensor self, int64_t dim, Tensor index, *, bool sparse_grad=False)",
    "GatherBackward0",
    lambda x, dim, index, _: P.gather(x, dim, index),
    jvp="auto_linear",
    self=lambda grad, self, dim, index, sparse_grad: built(
        scatter_add(zeros(grad, self.shape), dim, index, grad)
    ),
)
row(
    "scatter(Tensor self, int64_t dim, Tensor index, Tensor src)",
    "ScatterBackward0",
    P.scatter,
    self=lambda grad, dim, index: scatter(grad, dim, index, 0),
    src=lambda grad, dim, index: gather(grad, dim, index),
)
row(
    "scatter(Tensor self, int64_t dim, Tensor index, Number value)",
    "ScatterBackward1",
    P.scatter,
    jvp=lambda self_t, dim, index: scatter(self_t, dim, index, 0),
    self=lambda grad, dim, index: scatter(grad, dim, index, 0),
)
row("scatter(Tensor self, int64_t dim, Tensor index, Tensor src, *, str reduce)", "", P.scatter)
row("scatter(Tensor self, int64_t dim, Tensor index, Number value, *, str reduce)", "", P.scatter)
row(
    "scatter_add(Tensor self, int64_t dim, Tensor index, Tensor src)",
    "ScatterAddBackward0",
    P.scatter_add,
    self=lambda grad: grad,
    src=lambda grad, dim, index: gather(grad, dim, index),
)
row(
    "index_select(Tensor self, int64_t dim, Tensor index)",
    "IndexSelectBackward0",
    P.index_select,
    self=lambda grad, self_sizes, dim, index: built(
        _added_lines(zeros(grad, self_sizes), dim, index, grad)
    ),
)


def _lines(grad: Any, dim: int, index: Any, source: Any) -> Any:
    """The cotangent of what was put along a dimension."""
    if source.ndim:
        return expand(index_select(grad, dim, index), source.shape)
    return index_select(grad, dim, reshape(index, ()))


row(
    "index_add(Tensor self, int64_t dim, Tensor index, Tensor source, *, Number alpha=1)",
    "IndexAddBackward0",
    P.index_add,
    jvp="auto_linear",
    check=checks.index_add,
    self=lambda grad: grad,
    source=lambda grad, dim, index, source, alpha: (
        _lines(grad, dim, index, source)
        if alpha == 1
        else _lines(grad, dim, index, source) * alpha
    ),
)
row(
    "index_copy(Tensor self, int64_t dim, Tensor index, Tensor source)",
    "IndexCopyBackward0",
    P.index_copy,
    jvp="auto_linear",
    check=checks.index_copy,
    self=lambda grad, dim, index: index_fill(grad, dim, index, 0),
    source=lambda grad, dim, index, source: _lines(grad, dim, index, source),
)
row(
    "index_fill(Tensor self, int64_t dim, Tensor index, Tensor value)",
    "IndexFillBackward1",
    P.index_fill,
    self=lambda grad, dim, index: index_fill(grad, dim, index, 0),
    value=lambda grad, dim, index: sum_all(index_select(grad, dim, _distinct(index))),
)
row(
    "index_fill(Tensor self, int64_t dim, Tensor index, Number value)",
    "IndexFillBackward0",
    P.index_fill,
    jvp=lambda self_t, dim, index: index_fill(self_t, dim, index, 0),
    self=lambda grad, dim, index: index_fill(grad, dim, index, 0),
)


def _distinct(index: Any) -> Any:
    from gradtui.engine.tensor import wrap

    found = np.unique(array_of(index))
    return wrap(found) if is_tensor(index) else found


# -- in the flat order of a tensor -----------------------------------------------------------------

row(
    "take(Tensor self, Tensor index)",
    "TakeBackward0",
    P.take,
    jvp="auto_linear",
    self=lambda grad, self, index: built(put(zeros_like(self), index, grad, True)),
)
row(
    "put(Tensor self, Tensor index, Tensor source, bool accumulate=False)",
    "PutBackward0",
    P.put,
    self=lambda grad, index, source_sizes, accumulate: (
        grad if accumulate else put(grad, index, zeros(grad, source_sizes), False)
    ),
    source=lambda grad, index, source_sizes: reshape(take(grad, index), source_sizes),
)

# -- filling ---------------------------------------------------------------------------------------

row(
    "fill(Tensor self, Tensor value)",
    "FillBackward1",
    lambda x, v: bare(np.full_like(x, v)),
    check=checks.fill,
    self=lambda grad: zeros_like(grad),
    value=lambda grad: sum_all(grad),
)
row(
    "fill(Tensor self, Number value)",
    "FillBackward0",
    lambda x, v: bare(np.full_like(x, scalar_as(v, dtypes.of(x.dtype)))),
    jvp=lambda: ZERO,
    self=lambda grad: zeros_like(grad),
)
row(
    "fill_(Tensor self, Tensor value)",
    "FillBackward3",
    lambda x, v: bare(np.full_like(x, v)),
    check=checks.fill,
    self=lambda grad: zeros_like(grad),
    value=lambda grad: sum_all(grad),
)
row(
    "fill_(Tensor self, Number value)",
    "FillBackward2",
    lambda x, v: bare(np.full_like(x, scalar_as(v, dtypes.of(x.dtype)))),
    jvp=lambda: ZERO,
    self=lambda grad: zeros_like(grad),
)
row(
    "zero(Tensor self)",
    "ZeroBackward0",
    lambda x: bare(np.zeros_like(x)),
    self=lambda grad: zeros_like(grad),
)
row(
    "copy(Tensor self, Tensor src, bool non_blocking=False)",
    "CopyBackwards",
    lambda x, source, _: _copied(x, source),
    self=lambda grad: zeros_like(grad),
    src=lambda grad, src_dtype: cast(grad, src_dtype),
)


def _copied(x: Any, source: Any) -> Any:
    shape = errors.broadcast_shape(x.shape, source.shape) if hasattr(source, "shape") else x.shape
    if shape != x.shape:
        raise RuntimeError(
            f"output with shape {list(x.shape)} doesn't match the broadcast shape {list(shape)}"
        )
    return np.broadcast_to(source, shape).astype(x.dtype)


# -- embeddings ------------------------------------------------------------------------------------

row(
    "embedding_rows(Tensor weight, Tensor indices, int64_t padding_idx=-1, "
    "bool scale_grad_by_freq=False)",
    "EmbeddingBackward0",
    lambda w, i, *_: P.embedding(w, i),
    check=sized_checks.embedding,
    weight=lambda grad, indices, weight_sizes, padding_idx, scale_grad_by_freq: embedding_backward(
        grad, indices, weight_sizes[0], padding_idx, scale_grad_by_freq
    ),
)
row(
    "embedding_dense_backward(Tensor grad_output, Tensor indices, int64_t rows, "
    "int64_t padding_idx, bool scale_grad_by_freq)",
    "EmbeddingDenseBackwardBackward0",
    P.embedding_backward,
    grad_output=lambda grad, indices, padding_idx: _embedded(grad, indices, padding_idx),
)


def _embedded(grad: Any, indices: Any, padding: int) -> Any:
    picked = index_select(grad, 0, reshape(indices, (-1,)))
    if padding >= 0:
        picked = masked_fill(picked, unsqueeze(reshape(indices == padding, (-1,)), 1), 0)
    return view(picked, (*indices.shape, grad.shape[-1]))
