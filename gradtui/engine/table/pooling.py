"""Rows of pooling: the greatest or the mean entry of every window, on (N, C, *space)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted
from gradtui.engine.table import jvps
from gradtui.engine.table.convolution import Shape, Sizes, padded, windows
from gradtui.engine.table.functional import backward_of, nn_row

Cells = tuple[tuple[tuple[int, int], ...], ...]

# -- the greatest entry --------


def _places(x: Any, kernel: Sizes, shape: Shape) -> Any:
    """For every entry of a window its place in the flattened space of x; -1 in the padding."""
    space = x.shape[2:]
    places = np.arange(math.prod(space)).reshape(1, 1, *space)
    return windows(padded(places, shape.padding, -1), kernel, shape)[0, 0]


def max_pool(x: Any, kernel: Sizes, shape: Shape) -> tuple[Any, Any]:
    """The greatest entry of every window (the first of equal ones, nan above all) and its place."""
    low = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    seen = windows(padded(x, shape.padding, low), kernel, shape)
    out = seen.shape[: 2 + len(kernel)]
    flat = seen.reshape(*out, -1)
    at = np.argmax(flat, axis=-1)
    places = _places(x, kernel, shape).reshape(*out[2:], -1)
    where = np.take_along_axis(np.broadcast_to(places, flat.shape), at[..., None], -1)[..., 0]
    return np.take_along_axis(flat, at[..., None], -1)[..., 0], where


def _back_to(grad: Any, indices: Any, sizes: Sizes) -> Any:
    """Each cotangent at the place its entry was found."""
    rows = math.prod(sizes[:2])
    if is_tensor(grad):
        from gradtui.engine.tensor import wrap

        at = indices if is_tensor(indices) else wrap(indices)
        zeros = wrap(np.zeros((rows, math.prod(sizes[2:])), grad._data.dtype))
        into: Any = zeros
        return into.scatter_add(1, at.reshape(rows, -1), grad.reshape(rows, -1)).reshape(sizes)
    out = np.zeros((rows, math.prod(sizes[2:])), grad.dtype)
    np.add.at(out, (np.arange(rows)[:, None], indices.reshape(rows, -1)), grad.reshape(rows, -1))
    return out.reshape(sizes)


for _dims in (2, 3):
    nn_row(
        f"max_pool{_dims}d_with_indices(Tensor self, IntArrayRef kernel, object shape)",
        f"MaxPool{_dims}DWithIndicesBackward0",
        max_pool,
        outputs=("values", "indices"),
        jvp=lambda self_t, indices: jvps.read_in_space(self_t, indices),
        self=lambda grad, indices, self_sizes: _back_to(grad, indices, self_sizes),
    )

# -- the mean --------


def _counts(x: Any, kernel: Sizes, shape: Shape, whole: bool) -> Any:
    """How many entries each window counts: all of it, or only what lies inside x."""
    if whole:
        return math.prod(kernel)
    ones = np.ones((1, 1, *x.shape[2:]), x.dtype)
    seen = windows(padded(ones, shape.padding), kernel, shape)
    return seen.sum(axis=tuple(range(-len(kernel), 0)))


def avg_pool(x: Any, kernel: Sizes, shape: Shape, count_include_pad: bool, divisor: Any) -> Any:
    """The mean of every window."""
    seen = windows(padded(x, shape.padding), kernel, shape)
    total = seen.sum(axis=tuple(range(-len(kernel), 0)))
    count = _counts(x, kernel, shape, count_include_pad) if divisor is None else divisor
    return (total / count).astype(x.dtype)


def _unpool(
    grad: Any, sizes: Sizes, kernel: Sizes, shape: Shape, include: bool, divisor: Any
) -> Any:
    """Each cotangent shared out evenly over its window: the transposed convolution with ones."""
    array = grad._data if is_tensor(grad) else grad
    like = np.empty(sizes, array.dtype)
    count = _counts(like, kernel, shape, include) if divisor is None else divisor
    channels = sizes[1]
    ones = np.ones((channels, 1, *kernel), array.dtype)
    each = Shape(shape.stride, shape.padding, shape.dilation, channels)
    if is_tensor(grad):
        from gradtui.engine.tensor import wrap

        share = grad / (wrap(count.astype(array.dtype)) if hasattr(count, "astype") else count)
        return FUNCTIONS["convolution_input"](share, wrap(ones), sizes, each)
    from gradtui.engine.table.convolution import to_input

    return to_input((grad / count).astype(grad.dtype), ones, sizes, each)


for _dims in (2, 3):
    nn_row(
        f"avg_pool{_dims}d(Tensor self, IntArrayRef kernel, object shape, "
        "bool count_include_pad=True, object divisor=None)",
        f"AvgPool{_dims}DBackward0",
        avg_pool,
        self=lambda grad, self_sizes, kernel, shape, count_include_pad, divisor: _unpool(
            grad, self_sizes, kernel, shape, count_include_pad, divisor
        ),
    )

# -- windows that fit the size asked for --------


def cells(space: Sizes, out: Sizes) -> Cells:
    """For each dimension where the windows begin and end."""
    return tuple(
        tuple((i * n // m, -(-(i + 1) * n // m)) for i in range(m))
        for n, m in zip(space, out, strict=True)
    )


def _each(space: Sizes, out: Sizes) -> Any:
    """Every window: its place in the result and the slices of the input."""
    ends = cells(space, out)
    for place in np.ndindex(*out):
        yield place, tuple(slice(*ends[d][i]) for d, i in enumerate(place))


def adaptive_avg(x: Any, out: Sizes) -> Any:
    """The mean of every window."""
    found = np.empty((*x.shape[:2], *out), x.dtype)
    axes = tuple(range(2, x.ndim))
    for place, inside in _each(x.shape[2:], out):
        found[(slice(None), slice(None), *place)] = x[(..., *inside)].mean(axis=axes)
    return found


def _unadapt(grad: Any, sizes: Sizes, out: Sizes) -> Any:
    """Each cotangent shared out evenly over its window."""
    found = np.zeros(sizes, grad.dtype)
    for place, inside in _each(sizes[2:], out):
        count = math.prod(s.stop - s.start for s in inside)
        spread = (..., *(None for _ in out))
        found[(..., *inside)] += (grad[(slice(None), slice(None), *place)] / count)[spread]
    return found


def adaptive_max(x: Any, out: Sizes) -> tuple[Any, Any]:
    """The greatest entry of every window, and its place."""
    space = x.shape[2:]
    places = np.arange(math.prod(space)).reshape(space)
    found = np.empty((*x.shape[:2], *out), x.dtype)
    where = np.empty((*x.shape[:2], *out), np.int64)
    for place, inside in _each(space, out):
        flat = x[(..., *inside)].reshape(*x.shape[:2], -1)
        at = np.argmax(flat, axis=-1)
        entry = (slice(None), slice(None), *place)
        found[entry] = np.take_along_axis(flat, at[..., None], -1)[..., 0]
        where[entry] = places[inside].reshape(-1)[at]
    return found, where


unadapt: Any = backward_of(
    "adaptive_avg_pool2d_backward(Tensor grad_output, IntArrayRef sizes, IntArrayRef out)",
    "AdaptiveAvgPool2DBackwardBackward0",
    _unadapt,
    grad_output=lambda grad, out: adapt(grad, out),
)
nn_row(
    "adaptive_avg_pool2d(Tensor self, IntArrayRef out)",
    "AdaptiveAvgPool2DBackward0",
    adaptive_avg,
    self=lambda grad, self_sizes, out: unadapt(grad, self_sizes, out),
)
adapt: Any = lifted("adaptive_avg_pool2d", adaptive_avg)
nn_row(
    "adaptive_max_pool2d(Tensor self, IntArrayRef out)",
    "AdaptiveMaxPool2DBackward0",
    adaptive_max,
    outputs=("values", "indices"),
    jvp=lambda self_t, indices: jvps.read_in_space(self_t, indices),
    self=lambda grad, indices, self_sizes: _back_to(grad, indices, self_sizes),
)
