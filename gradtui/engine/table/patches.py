"""Rows between images and their patches as columns: `im2col` and `col2im`, each other's slope."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine import errors
from gradtui.engine.lift import lifted
from gradtui.engine.table.convolution import Shape, padded, windows
from gradtui.engine.table.functional import nn_row

Pair = tuple[int, int]


def _counts(space: Any, kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> list[int]:
    """How many patches there are along each side."""
    shape = Shape(stride, padding, dilation)
    return list(shape.out(tuple(space), kernel))


def _shown(sizes: Any) -> str:
    return f"({', '.join(str(n) for n in sizes)})"


def _refuse_settings(**pairs: Pair) -> None:
    for name, pair in pairs.items():
        if min(pair) < (0 if name == "padding" else 1):
            least = "non-negative" if name == "padding" else "greater than zero"
            short = "pad" if name == "padding" else name
            raise RuntimeError(
                f"{name} should be {least}, but got {short}_height: {pair[0]} {short}_width: "
                f"{pair[1]}"
            )


def unfolded(x: Any, kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> Any:
    """Every patch of (N, C, H, W), or of (C, H, W), as a column."""
    batch = x if x.ndim == 4 else x[None]
    shape = Shape(stride, padding, dilation)
    seen = windows(padded(batch, padding, x.dtype.type(0)), kernel, shape)
    n, channels, high, wide = seen.shape[:4]
    found = seen.transpose(0, 1, 4, 5, 2, 3).reshape(n, channels * math.prod(kernel), high * wide)
    return np.ascontiguousarray(found if x.ndim == 4 else found[0])


def folded(x: Any, out: Pair, kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> Any:
    """The sum of patches in their places."""
    batch = x if x.ndim == 3 else x[None]
    high, wide = _counts(out, kernel, dilation, padding, stride)
    n, channels = batch.shape[0], batch.shape[1] // math.prod(kernel)
    parts = batch.reshape(n, channels, *kernel, high, wide)
    image = np.zeros((n, channels, *(s + 2 * p for s, p in zip(out, padding, strict=True))), x.dtype)
    for i, j in np.ndindex(*kernel):
        top, left = i * dilation[0], j * dilation[1]
        rows = slice(top, top + stride[0] * (high - 1) + 1, stride[0])
        columns = slice(left, left + stride[1] * (wide - 1) + 1, stride[1])
        image[:, :, rows, columns] += parts[:, :, i, j]
    inside = (slice(p, p + s) for s, p in zip(out, padding, strict=True))
    found = np.ascontiguousarray(image[(slice(None), slice(None), *inside)])
    return found if x.ndim == 3 else found[0]


def _check_image(x: Any, kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> None:
    _refuse_settings(kernel=kernel, dilation=dilation, padding=padding, stride=stride)
    sizes = list(x.shape)
    if len(sizes) == 2:
        raise errors.dimension(2, 2)
    if len(sizes) not in (3, 4) or 0 in sizes[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {sizes}"
        )
    counts = _counts(sizes[-2:], kernel, dilation, padding, stride)
    if min(counts) < 1:
        raise RuntimeError(
            f"Given input with spatial size {_shown(sizes[-2:])}, kernel_size={_shown(kernel)}, "
            f"dilation={_shown(dilation)}, padding={_shown(padding)}, "
            f"calculated shape of the array of sliding blocks as {_shown(counts)}, but its "
            "components must be at least one."
        )


def _check_columns(
    x: Any, out: Pair, kernel: Pair, dilation: Pair, padding: Pair, stride: Pair
) -> None:
    _refuse_settings(kernel=kernel, dilation=dilation, stride=stride, padding=padding)
    sizes = list(x.shape)
    if len(sizes) not in (2, 3) or 0 in sizes[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
            f"non-zero dimensions for input, but got: {sizes}"
        )
    if sizes[-2] % math.prod(kernel):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, "
            f"but got input.size(1)={sizes[-2]} and kernel_size={_shown(kernel)}."
        )
    counts = _counts(out, kernel, dilation, padding, stride)
    settings = (
        f"output_size={_shown(out)}, kernel_size={_shown(kernel)}, dilation={_shown(dilation)}, "
        f"padding={_shown(padding)}, stride={_shown(stride)}"
    )
    if min(counts) > 0 and sizes[-1] != math.prod(counts):
        raise RuntimeError(
            f"Given {settings}, expected size of input's dimension 2 to match the calculated "
            f"number of sliding blocks {counts[0]} * {counts[1]} = {math.prod(counts)}, but got "
            f"input.size(2)={sizes[-1]}."
        )
    if min(counts) < 1:
        raise RuntimeError(
            f"Given {settings}, expected size of input's dimension 2 to match the calculated "
            f"number of sliding blocks {counts[0]} * {counts[1]} = {math.prod(counts)}, but got "
            f"input.size(2)={sizes[-1]}."
        )


im2col, col2im = lifted("im2col", unfolded), lifted("col2im", folded)

nn_row(
    "im2col(Tensor self, IntArrayRef kernel_size, IntArrayRef dilation, IntArrayRef padding, "
    "IntArrayRef stride)",
    "Im2ColBackward0",
    unfolded,
    jvp="auto_linear",
    check=_check_image,
    self=lambda grad, self_sizes, kernel_size, dilation, padding, stride: col2im(
        grad, tuple(self_sizes[-2:]), kernel_size, dilation, padding, stride
    ),
)
nn_row(
    "col2im(Tensor self, IntArrayRef output_size, IntArrayRef kernel_size, IntArrayRef dilation, "
    "IntArrayRef padding, IntArrayRef stride)",
    "Col2ImBackward0",
    folded,
    jvp="auto_linear",
    check=_check_columns,
    self=lambda grad, kernel_size, dilation, padding, stride: im2col(
        grad, kernel_size, dilation, padding, stride
    ),
)
