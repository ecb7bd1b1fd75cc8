"""Convolutions and pooling of (N, C, *space), or of one sample without N."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine import errors
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.layers import pad as grow
from gradtui.engine.table.convolution import Shape, Sizes


def spread(value: Any, dims: int) -> Sizes:
    """One number for every dimension of space."""
    if isinstance(value, int):
        return (value,) * dims
    found = tuple(int(v) for v in value)
    return found * dims if len(found) == 1 else found


def _check_types(input: Any, weight: Any, bias: Any) -> None:
    for name, other in (("weight", weight), ("bias", bias)):
        if other is not None and other.dtype is not input.dtype:
            raise RuntimeError(
                f"Input type ({errors.cast_name(input.dtype)}) and {name} type "
                f"({errors.cast_name(other.dtype)}) should be the same"
            )


def _check_settings(weight: Any, shape: Shape, padding: Any) -> None:
    """Strides, gaps and groups have to be positive, and padding not negative."""
    if shape.groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if weight.dim() < 3:
        raise RuntimeError("weight should have at least three dimensions")
    if not isinstance(padding, str) and min(spread(padding, 1)) < 0:
        raise RuntimeError("negative padding is not supported")
    if min(shape.stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(shape.dilation) <= 0:
        raise RuntimeError("dilation should be greater than zero")
    if weight.shape[0] < shape.groups:
        raise RuntimeError(
            f"Given groups={shape.groups}, expected weight to be at least {shape.groups} at "
            f"dimension 0, but got weight of size {list(weight.shape)} instead"
        )


def _check(input: Any, weight: Any, dims: int, groups: int, name: str) -> None:
    if input.dim() not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got "
            f"input of size: {list(input.shape)}"
        )
    if weight.dim() != dims + 2:
        raise RuntimeError(
            f"Expected {weight.dim()}-dimensional input for {weight.dim()}-dimensional weight"
            f"{list(weight.shape)}, but got {dims + 2}-dimensional input of size "
            f"{list(input.shape)} instead"
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
        _check_types(input, weight, bias)
        zeros = (0,) * dims
        shape = Shape(spread(stride, dims), zeros, spread(dilation, dims), groups)
        _check_settings(weight, shape, padding)
        _check(input, weight, dims, groups, name)
        kernel = tuple(weight.shape[2:])
        run = FUNCTIONS["convolution"]

        def work(x: Any) -> Any:
            widths: Any = padding
            if isinstance(padding, str):
                x, widths = _padding(x, padding, kernel, shape)
            moved = Shape(shape.stride, spread(widths, dims), shape.dilation, groups)
            _check_size(tuple(x.shape[-dims:]), kernel, moved)
            return run(x, weight, bias, moved)

        return _batched(input, dims, work)

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


conv_transpose1d, conv_transpose2d, conv_transpose3d = (_transposed(d) for d in (1, 2, 3))
