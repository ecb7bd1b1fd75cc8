"""Pooling as modules: the greatest, the mean or the norm of windows, and the way back."""

from __future__ import annotations

from typing import Any

from gradtui.engine.nn import functional as F
from gradtui.engine.nn.functional.convolution_checks import spread
from gradtui.engine.nn.module import Module


class _Pool(Module):
    __module__ = "torch.nn.modules.pooling"
    _dims = 1


class _MaxPool(_Pool):
    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Any) -> Any:
        return getattr(F, f"max_pool{self._dims}d")(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )

    def extra_repr(self) -> str:
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return ", ".join(f"{n}={getattr(self, n)}" for n in names)


class MaxPool1d(_MaxPool):
    """The greatest entry of every window of (N, C, L)."""


class MaxPool2d(_MaxPool):
    """The greatest entry of every window of (N, C, H, W)."""

    _dims = 2


class MaxPool3d(_MaxPool):
    """The greatest entry of every window of (N, C, D, H, W)."""

    _dims = 3


class AvgPool1d(_Pool):
    """The mean of every window of (N, C, L)."""

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = spread(kernel_size, 1)
        self.stride = spread(stride if stride is not None else kernel_size, 1)
        self.padding = spread(padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Any) -> Any:
        return F.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_Pool):
    """The mean of every window of (N, C, H, W)."""

    _dims = 2

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Any) -> Any:
        return getattr(F, f"avg_pool{self._dims}d")(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool3d(AvgPool2d):
    """The mean of every window of (N, C, D, H, W)."""

    _dims = 3


class _Adaptive(_Pool):
    _kind = "avg"

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        return getattr(F, f"adaptive_{self._kind}_pool{self._dims}d")(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_Adaptive):
    """The means of as many windows of (N, C, L) as asked for."""


class AdaptiveAvgPool2d(_Adaptive):
    """The means of as many windows of (N, C, H, W) as asked for."""

    _dims = 2


class AdaptiveAvgPool3d(_Adaptive):
    """The means of as many windows of (N, C, D, H, W) as asked for."""

    _dims = 3


class AdaptiveMaxPool1d(_Adaptive):
    """The greatest entries of as many windows of (N, C, L) as asked for."""

    _kind = "max"

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Any) -> Any:
        pool = getattr(F, f"adaptive_max_pool{self._dims}d")
        return pool(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(AdaptiveMaxPool1d):
    """The greatest entries of as many windows of (N, C, H, W) as asked for."""

    _dims = 2


class AdaptiveMaxPool3d(AdaptiveMaxPool1d):
    """The greatest entries of as many windows of (N, C, D, H, W) as asked for."""

    _dims = 3


class _LPPool(_Pool):
    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Any) -> Any:
        pool = getattr(F, f"lp_pool{self._dims}d")
        return pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        names = ("norm_type", "kernel_size", "stride", "ceil_mode")
        return ", ".join(f"{n}={getattr(self, n)}" for n in names)


class LPPool1d(_LPPool):
    """The p-norm of every window of (N, C, L)."""


class LPPool2d(_LPPool):
    """The p-norm of every window of (N, C, H, W)."""

    _dims = 2


class LPPool3d(_LPPool):
    """The p-norm of every window of (N, C, D, H, W)."""

    _dims = 3


class _MaxUnpool(_Pool):
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size = spread(kernel_size, self._dims)
        self.stride = spread(stride if stride is not None else kernel_size, self._dims)
        self.padding = spread(padding, self._dims)

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        unpool = getattr(F, f"max_unpool{self._dims}d")
        return unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """Back to where the greatest entries of (N, C, L) came from."""


class MaxUnpool2d(_MaxUnpool):
    """Back to where the greatest entries of (N, C, H, W) came from."""

    _dims = 2


class MaxUnpool3d(_MaxUnpool):
    """Back to where the greatest entries of (N, C, D, H, W) came from."""

    _dims = 3


class FractionalMaxPool2d(Module):
    """The greatest entry of windows of (N, C, H, W) whose places are drawn (Graham, 2014)."""

    __module__ = "torch.nn.modules.pooling"
    _dims = 2

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = spread(kernel_size, self._dims)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else spread(output_size, self._dims)
        many = isinstance(output_ratio, (list, tuple))
        self.output_ratio = (
            output_ratio if many or output_ratio is None else (output_ratio,) * self._dims
        )
        if output_size is None and output_ratio is None:
            raise ValueError(
                f"{name} requires specifying either an output size, or a pooling ratio"
            )
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if self.output_ratio is not None and not all(0 < r < 1 for r in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def forward(self, input: Any) -> Any:
        pool = getattr(F, f"fractional_max_pool{self._dims}d")
        return pool(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            _random_samples=self._random_samples,
        )


class FractionalMaxPool3d(FractionalMaxPool2d):
    """The same of (N, C, D, H, W)."""

    _dims = 3
