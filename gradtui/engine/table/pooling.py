"""Rows of pooling: the greatest or the mean entry of every window, on (N, C, *space) or (C, *space)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine.kernels.layout import channels_last, in_channels_last
from gradtui.engine.lift import lifted, zeros_like
from gradtui.engine.table import jvps
from gradtui.engine.table.convolution import Shape, Sizes, windows
from gradtui.engine.table.functional import backward_of, nn_row

Cells = tuple[tuple[tuple[int, int], ...], ...]


def _batched(x: Any, dims: int) -> Any:
    return x if x.ndim == dims + 2 else x[None]


def _laid_out(out: Any, x: Any, dims: int) -> Any:
    """The result as the input came: without N, or with the channels last."""
    if x.ndim == dims + 1:
        return out[0]
    return in_channels_last(out) if dims == 2 and channels_last(x) else out


def _grown(x: Any, kernel: Sizes, shape: Shape, value: Any) -> Any:
    """x within its padding, and as much behind it as a last window takes that begins inside."""
    space = x.shape[2:]
    out = shape.out(space, kernel)
    widths = []
    for n, p, r, s, m in zip(
        space, shape.padding, shape.reach(kernel), shape.stride, out, strict=True
    ):
        widths.append((p, max(p, (m - 1) * s + r - n - p)))
    if not any(any(w) for w in widths):
        return x
    return np.pad(x, [(0, 0), (0, 0), *widths], constant_values=value)


def _windows(x: Any, kernel: Sizes, shape: Shape, value: Any) -> Any:
    """Every window, (N, C, *out, *kernel)."""
    seen = windows(_grown(x, kernel, shape, value), kernel, shape)
    out = shape.out(x.shape[2:], kernel)
    return seen[(slice(None), slice(None), *(slice(0, m) for m in out))]


# -- the greatest entry ----------------------------------------------------------------------------


def max_pool(x: Any, kernel: Sizes, shape: Shape) -> tuple[Any, Any]:
    """The greatest entry of every window (the first of equal ones, nan above all) and its place."""
    dims = len(kernel)
    batch = _batched(x, dims)
    space = batch.shape[2:]
    low = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    seen = _windows(batch, kernel, shape, low)
    out = seen.shape[: 2 + dims]
    flat = seen.reshape(*out, math.prod(kernel))
    places = np.arange(math.prod(space)).reshape(1, 1, *space)
    numbers = _windows(places, kernel, shape, -1)[0, 0].reshape(*out[2:], math.prod(kernel))
    at = np.argmax(np.where(numbers < 0, low, flat), axis=-1)
    where = np.take_along_axis(np.broadcast_to(numbers, flat.shape), at[..., None], -1)[..., 0]
    values = np.take_along_axis(flat, at[..., None], -1)[..., 0]
    return _laid_out(values, x, dims), _laid_out(where, x, dims)


def _like(out: Any, x: Any) -> Any:
    return in_channels_last(out) if channels_last(x) else out


def _declare_max(
    name: str, node: str, kernel: Callable[..., Any], signature: str, dims: int
) -> None:
    slope = backward_of(
        f"{name}_backward(Tensor grad_output, Tensor self, Tensor indices)",
        f"{node}BackwardBackward0",
        lambda grad, x, indices: _scattered(grad, x, indices, dims),
        jvp="auto_linear",
        grad_output=lambda grad, indices: jvps.read_in_space(grad, indices, dims),
        self=lambda grad, self: zeros_like(self),
    )
    nn_row(
        f"{name}(Tensor self, {signature})",
        f"{node}Backward0",
        kernel,
        outputs=("values", "indices"),
        jvp=lambda self_t, indices: jvps.read_in_space(self_t, indices, dims),
        self=lambda grad, self, indices: slope(grad, self, indices),
    )


def _scattered(grad: Any, x: Any, indices: Any, dims: int) -> Any:
    """Each cotangent at the place its entry was found."""
    rows, space = math.prod(x.shape[:-dims]), math.prod(x.shape[-dims:])
    out, seen = np.zeros((rows, space), grad.dtype), (rows, math.prod(grad.shape[-dims:]))
    np.add.at(out, (np.arange(rows)[:, None], indices.reshape(seen)), grad.reshape(seen))
    return _like(out.reshape(x.shape), x)


for _dims in (2, 3):
    _declare_max(
        f"max_pool{_dims}d_with_indices",
        f"MaxPool{_dims}DWithIndices",
        max_pool,
        "IntArrayRef kernel, object shape",
        _dims,
    )

# -- the mean --------------------------------------------------------------------------------------


def _counts(space: Sizes, kernel: Sizes, shape: Shape, padding: bool, dtype: Any) -> Any:
    """How many entries each window counts: those inside x, or inside its padding too."""
    ones = np.ones((1, 1, *space), dtype)
    if padding:
        ones = np.pad(ones, [(0, 0), (0, 0), *((p, p) for p in shape.padding)], constant_values=1)
        shape = Shape(shape.stride, (0,) * len(kernel), shape.dilation, shape.groups, shape.ceil)
    seen = _windows(ones, kernel, shape, 0)
    return seen.sum(axis=tuple(range(-len(kernel), 0)))


def _divisor(x: Any, kernel: Sizes, shape: Shape, padding: bool, divisor: Any) -> Any:
    if divisor is not None:
        return divisor
    space = x.shape[-len(kernel) :]
    found = _counts(space, kernel, shape, padding, x.dtype)
    out = shape.out(space, kernel)
    return found[(slice(None), slice(None), *(slice(0, m) for m in out))]


def avg_pool(x: Any, kernel: Sizes, shape: Shape, count_include_pad: bool, divisor: Any) -> Any:
    """The mean of every window."""
    seen = _windows(_batched(x, len(kernel)), kernel, shape, 0)
    total = seen.sum(axis=tuple(range(-len(kernel), 0)))
    count = _divisor(x, kernel, shape, count_include_pad, divisor)
    return _laid_out((total / count).astype(x.dtype), x, len(kernel))


def _unpool(
    grad: Any, x: Any, kernel: Sizes, shape: Shape, count_include_pad: bool, divisor: Any
) -> Any:
    """Each cotangent shared out evenly over its window."""
    dims = len(kernel)
    share = _batched(grad, dims) / _divisor(x, kernel, shape, count_include_pad, divisor)
    space, out = x.shape[-dims:], share.shape[2:]
    reach = [
        (m - 1) * s + r for m, s, r in zip(out, shape.stride, shape.reach(kernel), strict=True)
    ]
    sizes = [max(n + 2 * p, r) for n, p, r in zip(space, shape.padding, reach, strict=True)]
    found = np.zeros((*share.shape[:2], *sizes), grad.dtype)
    for place in np.ndindex(*kernel):
        lands = (
            slice(k, k + s * (m - 1) + 1, s)
            for k, s, m in zip(place, shape.stride, out, strict=True)
        )
        found[(slice(None), slice(None), *lands)] += share
    inside = (slice(p, p + n) for n, p in zip(space, shape.padding, strict=True))
    return _laid_out(np.ascontiguousarray(found[(slice(None), slice(None), *inside)]), x, dims)


def _declare_avg(dims: int) -> None:
    options = "IntArrayRef kernel, object shape, bool count_include_pad=True, object divisor=None)"
    pool = lifted(f"avg_pool{dims}d", avg_pool)
    slope = backward_of(
        f"avg_pool{dims}d_backward(Tensor grad_output, Tensor self, {options}",
        f"AvgPool{dims}DBackwardBackward0",
        _unpool,
        jvp="auto_linear",
        grad_output=lambda grad, kernel, shape, count_include_pad, divisor: pool(
            grad, kernel, shape, count_include_pad, divisor
        ),
        self=lambda grad, self: zeros_like(self),
    )
    nn_row(
        f"avg_pool{dims}d(Tensor self, {options}",
        f"AvgPool{dims}DBackward0",
        avg_pool,
        jvp="auto_linear",
        self=lambda grad, self, kernel, shape, count_include_pad, divisor: slope(
            grad, self, kernel, shape, count_include_pad, divisor
        ),
    )


_declare_avg(2)
_declare_avg(3)

# -- windows that fit the size asked for -----------------------------------------------------------


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
        yield (..., *place), (..., *(slice(*ends[d][i]) for d, i in enumerate(place)))


def adaptive_avg(x: Any, out: Sizes) -> Any:
    """The mean of every window."""
    dims = len(out)
    found = np.empty((*x.shape[:-dims], *out), x.dtype)
    for place, inside in _each(x.shape[-dims:], out):
        found[place] = x[inside].mean(axis=tuple(range(-dims, 0)))
    return _like(found, x)


def _unadapt(grad: Any, x: Any, dims: int) -> Any:
    """Each cotangent shared out evenly over its window."""
    found = np.zeros(x.shape, grad.dtype)
    for place, inside in _each(x.shape[-dims:], grad.shape[-dims:]):
        count = math.prod(s.stop - s.start for s in inside[1:])
        found[inside] += (grad[place] / count)[(..., *(None for _ in range(dims)))]
    return _like(found, x)


def adaptive_max(x: Any, out: Sizes) -> tuple[Any, Any]:
    """The greatest entry of every window, and its place."""
    dims = len(out)
    lead, space = x.shape[:-dims], x.shape[-dims:]
    places = np.arange(math.prod(space)).reshape(space)
    found, where = np.empty((*lead, *out), x.dtype), np.empty((*lead, *out), np.int64)
    for place, inside in _each(space, out):
        flat = x[inside].reshape(*lead, -1)
        at = np.argmax(flat, axis=-1)
        found[place] = np.take_along_axis(flat, at[..., None], -1)[..., 0]
        where[place] = places[inside[1:]].reshape(-1)[at]
    return _like(found, x), _like(where, x)


def _declare_adaptive(dims: int) -> None:
    name, node = f"adaptive_avg_pool{dims}d", f"AdaptiveAvgPool{dims}D"
    adapt = lifted(name, adaptive_avg)
    unadapt = backward_of(
        f"{name}_backward(Tensor grad_output, Tensor self)",
        f"{node}BackwardBackward0",
        lambda grad, x: _unadapt(grad, x, dims),
        jvp="auto_linear",
        grad_output=lambda grad, grad_output_sizes: adapt(grad, grad_output_sizes[-dims:]),
        self=lambda grad, self: zeros_like(self),
    )
    nn_row(
        f"{name}(Tensor self, IntArrayRef out)",
        f"{node}Backward0",
        adaptive_avg,
        jvp="auto_linear",
        self=lambda grad, self: unadapt(grad, self),
    )
    _declare_max(
        f"adaptive_max_pool{dims}d",
        f"AdaptiveMaxPool{dims}D",
        adaptive_max,
        "IntArrayRef out",
        dims,
    )


for _dims in (2, 3):
    _declare_adaptive(_dims)

# -- back to the places the greatest entries came from ---------------------------------------------


def max_unpool(x: Any, indices: Any, out: Sizes) -> Any:
    """Zeros of a size with each entry at the place its index names."""
    lead = x.shape[: x.ndim - len(out)]
    rows = math.prod(lead)
    found = np.zeros((rows, math.prod(out)), x.dtype)
    seen = (rows, math.prod(x.shape[-len(out) :]))
    found[np.arange(rows)[:, None], indices.reshape(seen)] = x.reshape(seen)
    return _like(found.reshape(*lead, *out), x)


def _declare_unpool(dims: int) -> None:
    nn_row(
        f"max_unpool{dims}d(Tensor self, Tensor indices, IntArrayRef output_size)",
        f"MaxUnpool{dims}DBackward0",
        max_unpool,
        jvp="auto_linear",
        self=lambda grad, indices: jvps.read_in_space(grad, indices, dims),
    )


_declare_unpool(2)
_declare_unpool(3)

# -- windows whose places are drawn ----------------------------------------------------------------


def _starts(sample: Any, size: int, out: int, kernel: int) -> Any:
    """Where windows begin along a dimension (Graham, 2014): steps of two lengths, by one draw."""
    if out == 1:
        return np.array([size - kernel])
    alpha = sample.dtype.type(size - kernel) / sample.dtype.type(out - 1)
    steps = np.arange(out - 1, dtype=sample.dtype) + sample
    begun = (steps * alpha).astype(np.int64) - int(sample * alpha)
    return np.append(begun, size - kernel)


def fractional_max(x: Any, kernel: Sizes, out: Sizes, samples: Any) -> tuple[Any, Any]:
    """The greatest entry of windows whose places a sample per channel decides."""
    dims = len(out)
    batch = _batched(x, dims)
    space = batch.shape[2:]
    numbers = np.arange(math.prod(space)).reshape(space)
    found = np.empty((*batch.shape[:2], *out), x.dtype)
    where = np.empty(found.shape, np.int64)
    for n, c in np.ndindex(*batch.shape[:2]):
        begun = [
            _starts(samples[n, c, dims - 1 - d], space[d], out[d], kernel[d]) for d in range(dims)
        ]
        for place in np.ndindex(*out):
            cut = tuple(
                slice(begun[d][i], begun[d][i] + kernel[d]) for d, i in enumerate(place)
            )
            window = batch[n, c][cut].reshape(-1)
            at = int(np.argmax(window))
            found[(n, c, *place)] = window[at]
            where[(n, c, *place)] = numbers[cut].reshape(-1)[at]
    return _laid_out(found, x, dims), _laid_out(where, x, dims)


for _dims in (2, 3):
    _declare_max(
        f"fractional_max_pool{_dims}d",
        f"FractionalMaxPool{_dims}D",
        fractional_max,
        "IntArrayRef kernel, IntArrayRef out, Tensor samples",
        _dims,
    )
