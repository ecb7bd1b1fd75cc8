"""Modules for images: norms of each channel, channels traded for places, softmax over channels."""

from __future__ import annotations

import warnings
from typing import Any

from gradtui.engine.nn import functional as F
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.normalisation import BatchNorm1d


class _InstanceNorm(BatchNorm1d):
    """Mean 0 and variance 1 over each channel of each sample."""

    __module__ = "torch.nn.modules.instancenorm"
    _whole = 3

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        options = {"device": device, "dtype": dtype}
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats=track_running_stats, **options
        )

    def forward(self, input: Any) -> Any:
        dims = self._whole
        if input.dim() not in (dims, dims - 1):
            raise ValueError(f"expected {dims - 1}D or {dims}D input (got {input.dim()}D input)")
        channels = input.shape[-(dims - 1)]
        if channels != self.num_features:
            where = f"expected input's size at dim={input.dim() - dims + 1} to match num_features"
            if self.affine:
                raise ValueError(f"{where} ({self.num_features}), but got: {channels}.")
            warnings.warn(
                f"input's size at dim={input.dim() - dims + 1} does not match num_features. You "
                "can silence this warning by not passing in num_features, which is not used "
                "because affine=False",
                stacklevel=2,
            )
        x = input if input.dim() == dims else input.unsqueeze(0)
        out = F.instance_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return out if input.dim() == dims else out.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Instance norm of (N, C, L) or (C, L)."""


class InstanceNorm2d(_InstanceNorm):
    """Instance norm of (N, C, H, W) or (C, H, W)."""

    _whole = 4


class InstanceNorm3d(_InstanceNorm):
    """Instance norm of (N, C, D, H, W) or (C, D, H, W)."""

    _whole = 5


class PixelShuffle(Module):
    """(…, C·r², H, W) as (…, C, H·r, W·r)."""

    __module__ = "torch.nn.modules.pixelshuffle"

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Any:
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """(…, C, H·r, W·r) as (…, C·r², H, W)."""

    __module__ = "torch.nn.modules.pixelshuffle"

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Any:
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """The channels of groups taken in turn."""

    __module__ = "torch.nn.modules.channelshuffle"

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Any) -> Any:
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"


class Softmax2d(Module):
    """The softmax over the channels of each place."""

    __module__ = "torch.nn.modules.activation"

    def forward(self, input: Any) -> Any:
        if input.dim() not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead"
            )
        return F.softmax(input, -3)
