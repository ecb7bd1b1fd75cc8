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
    return list(np.moveaxis(grad, dim, 0))


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

twin("mkldnn_rnn_layer", sys.modules[__name__], "stack", "MkldnnRnnLayerBackward0")
