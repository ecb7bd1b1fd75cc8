"""Rows of convolutions.

A convolution is linear in its input and in its weight, so three operations are one another's
derivatives: the convolution, and what it sends back to its input and to its weight.

All work on (N, C, *space) with a `Shape` that holds stride, padding, dilation and groups.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtui.engine.lift import FUNCTIONS, expand, is_tensor, reshape, sum_dims
from gradtui.engine.table.functional import backward_of, nn_row
from gradtui.engine.zero import skipping

Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kernel moves over its input; each field has an entry for every dimension of space."""

    stride: Sizes
    padding: Sizes
    dilation: Sizes
    groups: int = 1
    ceil: bool = False  # whether a last window may reach beyond the padding: pooling only

    def reach(self, kernel: Sizes) -> Sizes:
        """How far a kernel extends, gaps included."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, kernel, strict=True))

    def out(self, space: Sizes, kernel: Sizes) -> Sizes:
        """The size of the result."""
        places = zip(space, self.padding, self.reach(kernel), self.stride, strict=True)
        return tuple(self._count(*place) for place in places)

    def _count(self, n: int, p: int, r: int, s: int) -> int:
        if not self.ceil:
            return (n + 2 * p - r) // s + 1
        count = -(-(n + 2 * p - r) // s) + 1
        return count - ((count - 1) * s >= n + p)  # the last window begins inside


def windows(x: Any, kernel: Sizes, shape: Shape) -> Any:
    """Every patch a kernel sees, (N, C, *out, *kernel), as a view."""
    space = len(kernel)
    axes = tuple(range(2, 2 + space))
    seen = np.lib.stride_tricks.sliding_window_view(x, shape.reach(kernel), axes)
    steps = tuple(slice(None, None, s) for s in shape.stride)
    gaps = tuple(slice(None, None, d) for d in shape.dilation)
    return seen[(slice(None), slice(None), *steps, *gaps)]


def padded(x: Any, padding: Sizes, value: float = 0.0) -> Any:
    if not any(padding):
        return x
    return np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)], constant_values=value)


def _columns(x: Any, kernel: Sizes, shape: Shape, out: Sizes | None = None) -> tuple[Any, Sizes]:
    """Patches as columns, (N, groups, C / groups · kernel, places), and the size of the result.

    `out` cuts off the places that only an output padding has room for.
    """
    seen = windows(padded(x, shape.padding), kernel, shape)
    n, channels = x.shape[:2]
    space = len(kernel)
    if out is None:
        out = seen.shape[2 : 2 + space]
    seen = seen[(slice(None), slice(None), *(slice(0, m) for m in out))]
    order = (0, 1, *range(2 + space, 2 + 2 * space), *range(2, 2 + space))
    rows = channels // shape.groups * math.prod(kernel)
    return seen.transpose(order).reshape(n, shape.groups, rows, math.prod(out)), out


def convolve(x: Any, weight: Any, bias: Any, shape: Shape, size: Sizes | None = None) -> Any:
    """The convolution: for each output channel the kernel times every patch."""
    columns, out = _columns(x, weight.shape[2:], shape, size)
    kernels = weight.reshape(shape.groups, weight.shape[0] // shape.groups, -1)
    found = np.matmul(kernels, columns).reshape(x.shape[0], weight.shape[0], *out)
    return found if bias is None else found + bias.reshape(-1, *(1,) * len(out))


def to_input(grad: Any, weight: Any, sizes: Sizes, shape: Shape) -> Any:
    """What each entry of the input gets back: every kernel that saw it, times its cotangent."""
    n, groups, kernel = sizes[0], shape.groups, weight.shape[2:]
    kernels = weight.reshape(groups, weight.shape[0] // groups, -1).swapaxes(1, 2)
    flat = grad.reshape(n, groups, weight.shape[0] // groups, math.prod(grad.shape[2:]))
    patches = np.matmul(kernels, flat).reshape(n, sizes[1], *kernel, *grad.shape[2:])
    space = [size + 2 * p for size, p in zip(sizes[2:], shape.padding, strict=True)]
    out = np.zeros((n, sizes[1], *space), grad.dtype)
    for place in np.ndindex(*kernel):
        lands = tuple(
            slice(k * d, k * d + s * (m - 1) + 1, s)
            for k, d, s, m in zip(place, shape.dilation, shape.stride, grad.shape[2:], strict=True)
        )
        out[(slice(None), slice(None), *lands)] += patches[(slice(None), slice(None), *place)]
    inside = (slice(p, p + size) for size, p in zip(sizes[2:], shape.padding, strict=True))
    return np.ascontiguousarray(out[(slice(None), slice(None), *inside)])


def to_weight(grad: Any, x: Any, sizes: Sizes, shape: Shape) -> Any:
    """What each entry of the weight gets back: every patch it met, times its cotangent."""
    columns, _ = _columns(x, sizes[2:], shape, grad.shape[2:])
    flat = grad.reshape(
        x.shape[0], shape.groups, sizes[0] // shape.groups, math.prod(grad.shape[2:])
    )
    found = np.matmul(flat, columns.swapaxes(-1, -2)).sum(0)
    return found.reshape(sizes)


def _run(name: str, kernel: Any, *args: Any) -> Any:
    if any(is_tensor(a) for a in args):
        return FUNCTIONS[name](*args)
    return kernel(*args)


def _forward(x: Any, weight: Any, shape: Shape) -> Any:
    return _run("convolution", convolve, x, weight, None, shape)


def _transposed(x: Any, weight: Any, sizes: Sizes, shape: Shape) -> Any:
    return _run("conv_transpose", transposed, x, weight, None, sizes, shape)


def transposed(x: Any, weight: Any, bias: Any, sizes: Sizes, shape: Shape) -> Any:
    """The transposed convolution: what a convolution sends back to an input of these sizes."""
    found = to_input(x, weight, sizes, shape)
    return found if bias is None else found + bias.reshape(-1, *(1,) * (x.ndim - 2))


_multi_forward, _multi_transposed = skipping(_forward), skipping(_transposed)


@skipping
def _over_space(bias: Any, x: Any) -> Any:
    """A value per channel beside (N, C, *space)."""
    return reshape(bias, (-1,) + (1,) * (len(x.shape) - 2))


def _space(x: Any) -> Sizes:
    return (0, *range(2, len(x.shape)))


# -- what a convolution sends back: torch's convolution_backward, one gradient at a time -----------


def _slope(name: str, kernel: Any, jvp: Any, **formulas: Any) -> Any:
    """A row for one gradient of a convolution; its node has edges to all three that it came from."""
    formulas = {n: formulas.get(n, lambda grad: None) for n in ("grad_output", "input", "weight")}
    return backward_of(
        f"{name}(Tensor grad_output, Tensor input, Tensor weight, object shape)",
        "ConvolutionBackwardBackward0",
        kernel,
        jvp=jvp,
        **formulas,
    )


to_input_of: Any = _slope(
    "convolution_input",
    lambda grad, x, weight, shape: to_input(grad, weight, x.shape, shape),
    lambda grad_output_t, grad_output_p, input_p, weight_t, weight_p, shape: (
        _multi_transposed(grad_output_t, weight_p, input_p.shape, shape)
        + _multi_transposed(grad_output_p, weight_t, input_p.shape, shape)
    ),
    grad_output=lambda grad, weight, shape: _forward(grad, weight, shape),
    weight=lambda grad, grad_output, weight, shape: to_weight_of(grad_output, grad, weight, shape),
)
to_weight_of: Any = _slope(
    "convolution_weight",
    lambda grad, x, weight, shape: to_weight(grad, x, weight.shape, shape),
    lambda grad_output_t, grad_output_p, input_t, input_p, weight_p, shape: (
        skipping(to_weight_of)(grad_output_t, input_p, weight_p, shape)
        + skipping(to_weight_of)(grad_output_p, input_t, weight_p, shape)
    ),
    grad_output=lambda grad, input, shape: _forward(input, grad, shape),
    input=lambda grad, grad_output, input, shape: to_input_of(grad_output, input, grad, shape),
)
to_bias_of: Any = _slope(
    "convolution_bias",
    lambda grad, x, weight, shape: sum_dims(grad, _space(grad)),
    lambda grad_output_t: sum_dims(grad_output_t, _space(grad_output_t)),
    grad_output=lambda grad, grad_output_sizes: _spread(grad, grad_output_sizes),
)
transposed_to_input: Any = _slope(
    "conv_transpose_input",
    lambda grad, x, weight, shape: convolve(grad, weight, None, shape, x.shape[2:]),
    lambda grad_output_t, grad_output_p, input_p, weight_t, weight_p, shape: (
        skipping(transposed_to_input)(grad_output_t, input_p, weight_p, shape)
        + skipping(transposed_to_input)(grad_output_p, input_p, weight_t, shape)
    ),
    grad_output=lambda grad, grad_output_sizes, weight, shape: _transposed(
        grad, weight, grad_output_sizes, shape
    ),
    weight=lambda grad, grad_output, weight, shape: transposed_to_weight(
        grad_output, grad, weight, shape
    ),
)
transposed_to_weight: Any = _slope(
    "conv_transpose_weight",
    lambda grad, x, weight, shape: to_weight(x, grad, weight.shape, shape),
    lambda grad_output_t, grad_output_p, input_t, input_p, weight_p, shape: (
        skipping(transposed_to_weight)(grad_output_t, input_p, weight_p, shape)
        + skipping(transposed_to_weight)(grad_output_p, input_t, weight_p, shape)
    ),
    grad_output=lambda grad, grad_output_sizes, input, shape: _transposed(
        input, grad, grad_output_sizes, shape
    ),
    input=lambda grad, grad_output, input, shape: transposed_to_input(
        grad_output, input, grad, shape
    ),
)


def _spread(bias: Any, sizes: Sizes) -> Any:
    """A value per channel at every place of (N, C, *space)."""
    return expand(reshape(bias, (-1,) + (1,) * (len(sizes) - 2)), tuple(sizes))


# -- convolutions ----------------------------------------------------------------------------------

nn_row(
    "convolution(Tensor input, Tensor weight, Tensor bias=None, object shape=None)",
    "ConvolutionBackward0",
    convolve,
    jvp=lambda input_t, weight_t, bias_t, input_p, weight_p, shape: (
        _multi_forward(input_t, weight_p, shape)
        + _multi_forward(input_p, weight_t, shape)
        + _over_space(bias_t, input_p)
    ),
    input=lambda grad, input, weight, shape: to_input_of(grad, input, weight, shape),
    weight=lambda grad, input, weight, shape: to_weight_of(grad, input, weight, shape),
    bias=lambda grad, input, weight, shape: to_bias_of(grad, input, weight, shape),
)
nn_row(
    "conv_transpose(Tensor input, Tensor weight, Tensor bias=None, IntArrayRef sizes=(), "
    "object shape=None)",
    "ConvolutionBackward0",
    transposed,
    jvp=lambda input_t, weight_t, bias_t, input_p, weight_p, sizes, shape: (
        _multi_transposed(input_t, weight_p, sizes, shape)
        + _multi_transposed(input_p, weight_t, sizes, shape)
        + _over_space(bias_t, input_p)
    ),
    input=lambda grad, input, weight, shape: transposed_to_input(grad, input, weight, shape),
    weight=lambda grad, input, weight, shape: transposed_to_weight(grad, input, weight, shape),
    bias=lambda grad, input, weight, shape: to_bias_of(grad, input, weight, shape),
)
