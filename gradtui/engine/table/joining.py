"""Rows that join tensors: cat and stack, each input's gradient its part of the whole."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from gradtui.engine.kernels import joining as J
from gradtui.engine.lift import FUNCTIONS, is_tensor, slices, zeros
from gradtui.engine.rows import row
from gradtui.engine.table.functional import twin


def _parts(grad: Any, tensors_sizes: Any, dim: int) -> list[Any]:
    axis = dim % max(len(grad.shape), 1)
    found, start = [], 0
    for shape in tensors_sizes:
        if shape == (0,):  # torch joins the empty vector with anything
            found.append(zeros(grad, (0,)))
            continue
        found.append(slices(grad, axis, start, start + shape[axis]))
        start += shape[axis]
    return found


def _slices(grad: Any, dim: int) -> list[Any]:
    if is_tensor(grad):
        return [FUNCTIONS["select"](grad, dim, i) for i in range(grad._data.shape[dim])]
    parts = np.moveaxis(grad, dim, 0)
    return [parts[i, ...] for i in range(len(parts))]  # views, also of single numbers


row(
    "cat(TensorList tensors, int64_t dim=0)",
    "CatBackward0",
    J.cat,
    tensors=lambda grad, tensors_sizes, dim: _parts(grad, tensors_sizes, dim),
)
row(
    "stack(TensorList tensors, int64_t dim=0)",
    "StackBackward0",
    J.stack,
    tensors=lambda grad, dim: _slices(grad, dim),
)

def _flat_sizes(shape: Any) -> tuple[int, int]:
    """The size of a block: a vector is one row."""
    return (1, *shape)[-2:] if shape else (1, 1)


def _blocks(tensors: Any) -> Any:
    """Matrices along the diagonal of a larger one."""
    blocks = [t.reshape(_flat_sizes(t.shape)) for t in tensors]
    sizes = np.sum([b.shape for b in blocks], 0) if blocks else (1, 0)
    out = np.zeros(tuple(sizes), np.result_type(*blocks) if blocks else np.float32)
    row_, column = 0, 0
    for block in blocks:
        high, wide = block.shape
        out[row_ : row_ + high, column : column + wide] = block
        row_, column = row_ + high, column + wide
    return out


def _from_blocks(grad: Any, tensors_sizes: Any) -> list[Any]:
    found, row_, column = [], 0, 0
    for shape in tensors_sizes:
        high, wide = _flat_sizes(shape)
        part = slices(slices(grad, 0, row_, row_ + high), 1, column, column + wide)
        found.append(_squeezed(part) if len(shape) < 2 else part)
        row_, column = row_ + high, column + wide
    return found


def _squeezed(part: Any) -> Any:
    """One row as a vector."""
    return FUNCTIONS["squeeze"](part, 0) if is_tensor(part) else part[0]


row(
    "_block_diag(TensorList tensors)",
    "BlockDiagBackward0",
    _blocks,
    jvp="auto_linear",
    tensors=lambda grad, tensors_sizes: _from_blocks(grad, tensors_sizes),
)
twin("mkldnn_rnn_layer", sys.modules[__name__], "stack", "MkldnnRnnLayerBackward0")
