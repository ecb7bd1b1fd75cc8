"""Pooling of (N, C, *space), or of one sample without N: the greatest or the mean of each window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.convolution_checks import spread
from gradtui.engine.table.convolution import Shape, Sizes

# -- what does not fit -----------------------------------------------------------------------------


def _shaped(
    dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any = 1, ceil: bool = False
) -> tuple[Sizes, Shape]:
    """The size of the windows and how they move; without a stride they lie side by side."""
    sizes = spread(kernel, dims)
    steps = sizes if stride is None or stride in ((), []) else spread(stride, dims)
    shape = Shape(steps, spread(padding, dims), spread(dilation, dims), 1, ceil)
    return sizes, shape


def _check_padding(kernel: Sizes, shape: Shape) -> None:
    for p, k, r, d in zip(shape.padding, kernel, shape.reach(kernel), shape.dilation, strict=True):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > r // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, "
                f"kernel_size={k} and dilation={d}"
            )


def _check_input(input: Any, dims: int) -> None:
    """Only the batch, or with a batch nothing, may be empty."""
    sizes = list(input.shape)
    inner = sizes[1:] if len(sizes) == dims + 2 else sizes
    if len(sizes) not in (dims + 1, dims + 2) or 0 in inner:
        raise RuntimeError(
            f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with optional 0 dim batch "
            f"size for input, but got:{sizes}"
        )


def _check_cube(input: Any) -> None:
    sizes = list(input.shape)
    for dim in range(len(sizes) == 5, len(sizes)):
        if not sizes[dim]:
            raise RuntimeError(
                "max_pool3d_with_indices_out_cpu_template(): Expected input's non-batch dimensions "
                f"to have positive length, but input has a shape of {sizes} and non-batch "
                "dimension 0 has length zero!"
            )


def _check_output(input: Any, kernel: Sizes, shape: Shape) -> None:
    dims = len(kernel)
    have = tuple(input.shape[-dims - 1 :])
    out = shape.out(have[1:], kernel)
    if min(out) < 1:
        given, made = ("x".join(str(n) for n in sizes) for sizes in (have, (have[0], *out)))
        raise RuntimeError(
            f"Given input size: ({given}). Calculated output size: ({made}). Output size is too "
            "small"
        )


def _check_line(input: Any, kernel: Sizes, shape: Shape) -> None:
    """What max_pool1d wants where no gradient does."""
    sizes = list(input.shape)
    if len(sizes) not in (2, 3) or 0 in (sizes[1:] if len(sizes) == 3 else sizes):
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{sizes}"
        )
    values = {"kernel_size": kernel, "stride": shape.stride, "dilation": shape.dilation}
    for name in ("kernel_size", "stride", "dilation"):
        if values[name][-1] <= 0:
            raise RuntimeError(
                f"max_pool1d() {name} must be greater than zero, but got {values[name][-1]}"
            )
    _check_padding(kernel, shape)
    out = shape.out((1, sizes[-1]), kernel)[-1]
    if out <= 0:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {out}")


# -- windows ---------------------------------------------------------------------------------------


def _max_pool(dims: int) -> Callable[..., Any]:
    def pool(
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        """The greatest entry of every window, and its place in the flattened space if asked for."""
        kernel, shape = _shaped(dims, kernel_size, stride, padding, dilation, ceil_mode)
        _check_padding(kernel, shape)
        if dims == 3:
            _check_cube(input)
        _check_input(input, dims)
        _check_output(input, kernel, shape)
        values, indices = FUNCTIONS[f"max_pool{dims}d_with_indices"](input, kernel, shape)
        return (values, indices) if return_indices else values

    pool.__name__ = pool.__qualname__ = f"_max_pool{dims}d"
    return pool


max_pool2d, max_pool3d = _max_pool(2), _max_pool(3)


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Pooling of one dimension is that of two, the first of size 1."""
    size = spread(kernel_size, 1)[0]
    step = size if stride is None or stride in ((), []) else spread(stride, 1)[0]
    kernel = (1, size)
    widths, gaps = (0, spread(padding, 1)[0]), (1, spread(dilation, 1)[0])
    if not return_indices:
        _check_line(input, kernel, Shape((1, step), widths, gaps, 1, ceil_mode))
    found = max_pool2d(input.unsqueeze(-2), kernel, (1, step), widths, gaps, ceil_mode, True)
    values, indices = (f.squeeze(-2) for f in found)
    return (values, indices) if return_indices else values


def _avg_pool(dims: int) -> Callable[..., Any]:
    def pool(
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Any:
        """The mean of every window."""
        kernel, shape = _shaped(dims, kernel_size, stride, padding, ceil=ceil_mode)
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        _check_padding(kernel, shape)
        if dims == 3 and input.dim() not in (4, 5):
            raise RuntimeError("non-empty 4D or 5D (batch mode) tensor expected for input")
        _check_input(input, dims)
        _check_output(input, kernel, shape)
        run = FUNCTIONS[f"avg_pool{dims}d"]
        return run(input, kernel, shape, count_include_pad, divisor_override)

    pool.__name__ = pool.__qualname__ = f"avg_pool{dims}d"
    return pool


avg_pool2d, avg_pool3d = _avg_pool(2), _avg_pool(3)


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    sizes = (1, spread(kernel_size, 1)[0])
    steps = None if stride is None or stride in ((), []) else (1, spread(stride, 1)[0])
    widths = (0, spread(padding, 1)[0])
    pooled = avg_pool2d(input.unsqueeze(-2), sizes, steps, widths, ceil_mode, count_include_pad)
    return pooled.squeeze(-2)


# -- windows that fit the size asked for -----------------------------------------------------------


def _wanted(input: Any, output_size: Any, dims: int) -> Sizes:
    if isinstance(output_size, int):
        return (output_size,) * dims
    if dims > 1 and input.dim() <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    space = input.shape[input.dim() - len(output_size) :]
    return tuple(n if m is None else m for m, n in zip(output_size, space, strict=True))


def _one(name: str, input: Any, output_size: Any) -> Sizes:
    """The size of one dimension, in the plane that takes its place."""
    out = _wanted(input, output_size, 1)
    if len(out) != 1:
        raise RuntimeError(
            f"{name}() argument 'output_size' should contain one int (got {len(out)})"
        )
    return (1, *out)


def _mean_of(input: Any, out: Sizes, dims: int = 2) -> Any:
    name = f"adaptive_avg_pool{dims}d"
    if len(out) != dims:
        raise RuntimeError(f"{name}: output_size must be {dims}")
    if min(out) < 0:
        last = "," if dims == 3 else ", "  # as torch writes it
        shown = "{" + ", ".join(str(n) for n in out[:-1]) + f"{last}{out[-1]}}}"
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but "
            f"received {shown}"
        )
    if set(out) == {1}:
        return input.mean(tuple(range(-1, -dims - 1, -1)), keepdim=True)
    return FUNCTIONS[name](input, out)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The means of as many windows as asked for."""
    return _mean_of(input, _wanted(input, output_size, 2))


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """The means of as many windows as asked for."""
    return _mean_of(input, _wanted(input, output_size, 3), 3)


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    out = _one("adaptive_avg_pool1d", input, output_size)
    return _mean_of(input.unsqueeze(-2), out).squeeze(-2)


def _greatest_of(input: Any, out: Sizes, dims: int = 2) -> Any:
    name = f"adaptive_max_pool{dims}d"
    if len(out) != dims:
        raise RuntimeError(f"{name}(): internal error: output_size.size() must be {dims}")
    if min(out) < 0:
        bad = next(n for n in out if n < 0)
        made = [*input.shape[:-dims], *out]
        raise RuntimeError(f"Trying to create tensor with negative dimension {bad}: {made}")
    return FUNCTIONS[name](input, out)


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The greatest entries of as many windows as asked for."""
    values, indices = _greatest_of(input, _wanted(input, output_size, 3), 3)
    return (values, indices) if return_indices else values


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The greatest entries of as many windows as asked for."""
    values, indices = _greatest_of(input, _wanted(input, output_size, 2))
    return (values, indices) if return_indices else values


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    out = _one("adaptive_max_pool1d", input, output_size)
    values, indices = (f.squeeze(-2) for f in _greatest_of(input.unsqueeze(-2), out))
    return (values, indices) if return_indices else values


for _pool in (max_pool1d, adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d):
    _pool.__qualname__ = f"_{_pool.__name__}"  # torch's, behind its choice by return_indices
