"""Convolutions and pooling of (N, C, *space), or of one sample without N."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.layers import pad as grow
from gradtui.engine.table.convolution import Shape, Sizes


def spread(value: Any, dims: int) -> Sizes:
    """One number for every dimension of space."""
    if isinstance(value, int):
        return (value,) * dims
    found = tuple(int(v) for v in value)
    return found * dims if len(found) == 1 else found


def _check(input: Any, weight: Any, dims: int, groups: int, name: str) -> None:
    if input.dim() not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got "
            f"input of size: {list(input.shape)}"
        )
    sizes, kernel = list(input.shape), list(weight.shape)
    batched = sizes if input.dim() == dims + 2 else [1, *sizes]
    if batched[1] != kernel[1] * groups:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {kernel}, expected input{batched} to have "
            f"{kernel[1] * groups} channels, but got {batched[1]} channels instead"
        )


def _check_size(space: Sizes, kernel: Sizes, shape: Shape) -> None:
    grown = [n + 2 * p for n, p in zip(space, shape.padding, strict=True)]
    reach = shape.reach(kernel)
    if any(r > n for r, n in zip(reach, grown, strict=True)):
        have, need = (" x ".join(str(n) for n in sizes) for sizes in (grown, reach))
        raise RuntimeError(
            f"Calculated padded input size per channel: ({have}). Kernel size: ({need}). Kernel "
            "size can't be greater than actual input size"
        )


def _batched(input: Any, dims: int, work: Callable[[Any], Any]) -> Any:
    """Runs `work` on a batch; a single sample goes through as a batch of one."""
    if input.dim() == dims + 2:
        return work(input)
    return work(input.unsqueeze(0)).squeeze(0)


def _padding(input: Any, padding: Any, kernel: Sizes, shape: Shape) -> tuple[Any, Sizes]:
    """Padding by name: "valid" is none, "same" keeps the size (one more after than before)."""
    if padding == "valid":
        return input, (0,) * len(kernel)
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    if any(s != 1 for s in shape.stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    total = [r - 1 for r in shape.reach(kernel)]
    if any(t % 2 for t in total):
        widths = [w for t in reversed(total) for w in (0, t % 2)]
        input = grow(input, widths)
    return input, tuple(t // 2 for t in total)


def _convolution(dims: int) -> Callable[..., Any]:
    name = f"conv{dims}d"

    def conv(
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        _check(input, weight, dims, groups, name)
        kernel = tuple(weight.shape[2:])
        zeros = (0,) * dims
        shape = Shape(spread(stride, dims), zeros, spread(dilation, dims), groups)
        if isinstance(padding, str):
            input, widths = _padding(input, padding, kernel, shape)
        else:
            widths = spread(padding, dims)
        shape = Shape(shape.stride, widths, shape.dilation, groups)
        _check_size(tuple(input.shape[-dims:]), kernel, shape)
        run = FUNCTIONS["convolution"]
        return _batched(input, dims, lambda x: run(x, weight, bias, shape))

    conv.__name__ = conv.__qualname__ = name
    return conv


conv1d, conv2d, conv3d = _convolution(1), _convolution(2), _convolution(3)


def _transposed(dims: int) -> Callable[..., Any]:
    def conv(
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Any:
        steps, widths = spread(stride, dims), spread(padding, dims)
        shape = Shape(steps, widths, spread(dilation, dims), groups)
        extra, reach = spread(output_padding, dims), shape.reach(tuple(weight.shape[2:]))

        def work(x: Any) -> Any:
            space = tuple(
                (n - 1) * s - 2 * p + r + e
                for n, s, p, r, e in zip(x.shape[2:], steps, widths, reach, extra, strict=True)
            )
            sizes = (x.shape[0], weight.shape[1] * groups, *space)
            return FUNCTIONS["conv_transpose"](x, weight, bias, sizes, shape)

        return _batched(input, dims, work)

    conv.__name__ = conv.__qualname__ = f"conv_transpose{dims}d"
    return conv


conv_transpose1d, conv_transpose2d = _transposed(1), _transposed(2)

# -- pooling ----------------------------------------------------------------------------------


def _flat(input: Any, work: Callable[[Any], Any]) -> Any:
    """Pooling of one dimension is that of two, the first of size 1."""
    return work(input.unsqueeze(-2)).squeeze(-2)


def _pool_shape(dims: int, kernel: Any, stride: Any, padding: Any, dilation: Any = 1) -> Any:
    sizes = spread(kernel, dims)
    steps = sizes if stride is None or stride == () or stride == [] else spread(stride, dims)
    widths = spread(padding, dims)
    if any(2 * p > k for p, k in zip(widths, sizes, strict=True)):
        raise RuntimeError(
            "pad should be at most half of effective kernel size, but got "
            f"pad={max(widths)}, kernel_size={min(sizes)} and dilation={spread(dilation, dims)[0]}"
        )
    return sizes, Shape(steps, widths, spread(dilation, dims))


def _ceil(input: Any, kernel: Sizes, shape: Shape, value: float) -> Any:
    """The input grown at its ends, so that a last window that begins inside it counts."""
    space = tuple(input.shape[-len(kernel) :])
    extra = []
    for n, p, r, s in zip(space, shape.padding, shape.reach(kernel), shape.stride, strict=True):
        count = math.ceil((n + 2 * p - r) / s) + 1
        count -= (count - 1) * s >= n + p
        extra.append(max((count - 1) * s + r - n - 2 * p, 0))
    if not any(extra):
        return input
    return grow(input, [w for e in reversed(extra) for w in (0, e)], value=value)


def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The greatest entry of every window, and its place in the flattened space if asked for."""
    kernel, shape = _pool_shape(2, kernel_size, stride, padding, dilation)
    if input.dim() not in (3, 4):
        raise RuntimeError(
            "non-empty 3D or 4D (batch mode) tensor expected for input, but got: "
            f"[{type(input).__name__}] {list(input.shape)}"
        )
    source = _ceil(input, kernel, shape, float("-inf")) if ceil_mode else input
    run = FUNCTIONS["max_pool2d_with_indices"]
    if source.dim() == 3:
        values, indices = (found.squeeze(0) for found in run(source.unsqueeze(0), kernel, shape))
    else:
        values, indices = run(source, kernel, shape)
    return (values, indices) if return_indices else values


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    sizes = (1, spread(kernel_size, 1)[0])
    steps = None if stride is None else (1, spread(stride, 1)[0])
    gaps = (1, spread(dilation, 1)[0])
    found = max_pool2d(
        input.unsqueeze(-2), sizes, steps, (0, spread(padding, 1)[0]), gaps, ceil_mode, True
    )
    values, indices = (f.squeeze(-2) for f in found)
    return (values, indices) if return_indices else values


def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of every window."""
    if ceil_mode:
        raise NotImplementedError("avg_pool2d with ceil_mode is not supported by gradtui's engine")
    kernel, shape = _pool_shape(2, kernel_size, stride, padding)
    run = FUNCTIONS["avg_pool2d"]
    return _batched(input, 2, lambda x: run(x, kernel, shape, count_include_pad, divisor_override))


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    sizes = (1, spread(kernel_size, 1)[0])
    steps = None if stride is None else (1, spread(stride, 1)[0])
    widths = (0, spread(padding, 1)[0])
    return _flat(input, lambda x: avg_pool2d(x, sizes, steps, widths, ceil_mode, count_include_pad))


def _wanted(input: Any, output_size: Any, dims: int) -> Sizes:
    given = (output_size,) * dims if isinstance(output_size, int) else tuple(output_size)
    space = input.shape[-dims:]
    return tuple(n if m is None else m for m, n in zip(given, space, strict=True))


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The means of as many windows as asked for."""
    out = _wanted(input, output_size, 2)
    if out == (1, 1):
        return input.mean((-1, -2), keepdim=True)
    return _batched(input, 2, lambda x: FUNCTIONS["adaptive_avg_pool2d"](x, out))


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    out = _wanted(input, output_size, 1)
    return _flat(input, lambda x: adaptive_avg_pool2d(x, (1, *out)))


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The greatest entries of as many windows as asked for."""
    out = _wanted(input, output_size, 2)
    run = FUNCTIONS["adaptive_max_pool2d"]
    if input.dim() == 3:
        values, indices = (f.squeeze(0) for f in run(input.unsqueeze(0), out))
    else:
        values, indices = run(input, out)
    return (values, indices) if return_indices else values


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    out = _wanted(input, output_size, 1)
    found = adaptive_max_pool2d(input.unsqueeze(-2), (1, *out), True)
    values, indices = (f.squeeze(-2) for f in found)
    return (values, indices) if return_indices else values
