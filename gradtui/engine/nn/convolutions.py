"""Convolutions as modules."""

from __future__ import annotations

import math
from typing import Any

from gradtui.engine.creation import empty
from gradtui.engine.nn import functional as F
from gradtui.engine.nn import init
from gradtui.engine.nn.functional.convolution_checks import spread
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.parameter import Parameter

_MODES = ("zeros", "reflect", "replicate", "circular")


class _Conv(Module):
    """What convolutions of any dimension share: their options, parameters and text."""

    __module__ = "torch.nn.modules.conv"
    _dims = 1
    _transposed = False

    def _begin(self, channels: tuple[int, int], kernel_size: Any, options: dict[str, Any]) -> None:
        self.in_channels, self.out_channels = channels
        self.groups = options["groups"]
        self._check(options)
        self.kernel_size = spread(kernel_size, self._dims)
        for name in ("stride", "padding", "dilation", "output_padding"):
            value = options.get(name, 0)
            setattr(self, name, value if isinstance(value, str) else spread(value, self._dims))
        self.padding_mode = options["padding_mode"]
        made = {"device": options["device"], "dtype": options["dtype"]}
        first, second = channels[::-1] if not self._transposed else channels
        shape = (first, second // self.groups, *self.kernel_size)
        self.weight = Parameter(empty(shape, **made))
        bias = Parameter(empty(self.out_channels, **made)) if options["bias"] else None
        self.register_parameter("bias", bias)
        self.reset_parameters()

    def _check(self, options: dict[str, Any]) -> None:
        if self.groups <= 0:
            raise ValueError("groups must be a positive integer")
        if self.in_channels % self.groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if self.out_channels % self.groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        padding, mode = options["padding"], options["padding_mode"]
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(
                f"Invalid padding string {padding!r}, should be one of {{'valid', 'same'}}"
            )
        if mode not in _MODES:
            raise ValueError(
                f"padding_mode must be one of {set(_MODES)}, but got padding_mode='{mode}'"
            )

    def reset_parameters(self) -> None:
        """Draws weight and bias again."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in != 0:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        none, one = (0,) * self._dims, (1,) * self._dims
        shown = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        shown.append(f"stride={self.stride}")
        usual = {"padding": none, "dilation": one, "output_padding": none, "groups": 1}
        for name, value in usual.items():
            if getattr(self, name) != value:
                shown.append(f"{name}={getattr(self, name)}")
        if self.bias is None:
            shown.append("bias=False")
        if self.padding_mode != "zeros":
            shown.append(f"padding_mode={self.padding_mode}")
        return ", ".join(shown)


class _Forward(_Conv):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        options = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
            "bias": bias,
            "padding_mode": padding_mode,
            "device": device,
            "dtype": dtype,
        }
        self._begin((in_channels, out_channels), kernel_size, options)

    def forward(self, input: Any) -> Any:
        padding = self.padding
        if self.padding_mode != "zeros":
            widths = [w for p in reversed(self._widths()) for w in (p, p)]
            input, padding = F.pad(input, widths, mode=self.padding_mode), 0
        function = getattr(F, f"conv{self._dims}d")
        return function(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )

    def _widths(self) -> tuple[int, ...]:
        if isinstance(self.padding, str):
            reach = zip(self.dilation, self.kernel_size, strict=True)
            return tuple(d * (k - 1) // 2 if self.padding == "same" else 0 for d, k in reach)
        return tuple(self.padding)


class Conv1d(_Forward):
    """A convolution of (N, C, L)."""


class Conv2d(_Forward):
    """A convolution of (N, C, H, W)."""

    _dims = 2


class Conv3d(_Forward):
    """A convolution of (N, C, D, H, W)."""

    _dims = 3


class _Backward(_Conv):
    _transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__()
        options = {
            "stride": stride,
            "padding": padding,
            "output_padding": output_padding,
            "dilation": dilation,
            "groups": groups,
            "bias": bias,
            "padding_mode": padding_mode,
            "device": device,
            "dtype": dtype,
        }
        self._begin((in_channels, out_channels), kernel_size, options)

    def forward(self, input: Any, output_size: Any = None) -> Any:
        function = getattr(F, f"conv_transpose{self._dims}d")
        missing = self.output_padding if output_size is None else self._rest(input, output_size)
        return function(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            missing,
            self.groups,
            self.dilation,
        )

    def _rest(self, input: Any, output_size: Any) -> list[int]:
        """What must be added at the end of each dimension to reach an output size."""
        dims = self._dims
        lead = 2 if input.dim() == dims + 2 else 1
        sizes = list(output_size)[lead if len(output_size) == lead + dims else 0 :]
        if len(sizes) != dims:
            raise ValueError(
                f"ConvTranspose{dims}D: for {input.dim()}D input, output_size must have {dims} or "
                f"{lead + dims} elements (got {len(output_size)})"
            )
        steps = zip(
            input.shape[lead:], self.stride, self.padding, self.dilation, self.kernel_size,
            strict=True,
        )  # fmt: skip
        least = [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, s, p, d, k in steps]
        most = [n + s - 1 for n, s in zip(least, self.stride, strict=True)]
        if any(n < lo or n > hi for n, lo, hi in zip(sizes, least, most, strict=True)):
            raise ValueError(
                f"requested an output size of {type(output_size)(sizes)}, but valid sizes range "
                f"from {least} to {most} (for an input of {input.shape[2:]})"
            )
        return [n - lo for n, lo in zip(sizes, least, strict=True)]


class ConvTranspose1d(_Backward):
    """The transpose of a convolution of (N, C, L)."""


class ConvTranspose2d(_Backward):
    """The transpose of a convolution of (N, C, H, W)."""

    _dims = 2


class ConvTranspose3d(_Backward):
    """The transpose of a convolution of (N, C, D, H, W)."""

    _dims = 3
