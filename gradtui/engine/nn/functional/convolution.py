"""Convolutions and pooling of (N, C, *space), or of one sample without N."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.convolution_checks import (
    check_bias_type,
    check_input,
    check_size,
    check_transposed,
    check_types,
    check_weight,
    spread,
)
from gradtui.engine.nn.functional.layers import pad as grow
from gradtui.engine.table.convolution import Shape, Sizes


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
        check_bias_type(input, bias)
        given = (1,) if isinstance(padding, str) else stride
        check_input(input, weight, dims, groups, given, name)
        steps = spread(stride, dims, "stride")
        around = (0,) * dims if isinstance(padding, str) else spread(padding, dims, "padding")
        shape = Shape(steps, around, spread(dilation, dims, "dilation"), groups)
        check_weight(input, weight, bias, shape)
        check_types(input, weight, "slow_conv3d_cpu" if dims == 3 else "slow_conv2d_cpu")
        kernel = tuple(weight.shape[2:])
        run = FUNCTIONS["convolution"]

        def work(x: Any) -> Any:
            widths: Any = padding
            if isinstance(padding, str):
                x, widths = _padding(x, padding, kernel, shape)
            moved = Shape(shape.stride, spread(widths, dims), shape.dilation, groups)
            check_size(tuple(x.shape[-dims:]), kernel, moved)
            return run(x, weight, bias, moved)

        return _batched(input, dims, work)

    conv.__name__ = conv.__qualname__ = name
    return conv


conv1d, conv2d, conv3d = _convolution(1), _convolution(2), _convolution(3)


def _transposed(dims: int) -> Callable[..., Any]:
    name = f"conv_transpose{dims}d"

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
        check_input(input, weight, dims, groups, stride, name)
        steps, widths = spread(stride, dims, "stride"), spread(padding, dims, "padding")
        extra = spread(output_padding, dims, "output_padding")
        shape = Shape(steps, widths, spread(dilation, dims, "dilation"), groups)
        check_weight(input, weight, bias, shape, extra)
        reach = shape.reach(tuple(weight.shape[2:]))

        def work(x: Any) -> Any:
            space = tuple(
                (n - 1) * s - 2 * p + r + e
                for n, s, p, r, e in zip(x.shape[2:], steps, widths, reach, extra, strict=True)
            )
            check_transposed(tuple(x.shape[2:]), space, shape, extra)
            check_types(x, weight, f"slow_conv_transpose{max(dims, 2)}d_out_cpu")
            added = bias if bias is None or bias.dtype is x.dtype else bias.to(x.dtype)
            sizes = (x.shape[0], weight.shape[1] * groups, *space)
            return FUNCTIONS["conv_transpose"](x, weight, added, sizes, shape)

        return _batched(input, dims, work)

    conv.__name__ = conv.__qualname__ = name
    return conv


conv_transpose1d, conv_transpose2d, conv_transpose3d = (_transposed(d) for d in (1, 2, 3))
