"""Functions of images: norms of each channel of each, and channels traded for places."""

from __future__ import annotations

from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.layers import batch_norm
from gradtui.engine.nn.functional.shared import native


@native
def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 over each channel of each sample (Ulyanov et al., 2016)."""
    sizes = tuple(input.shape)
    batch, channels = sizes[:2]
    if use_input_stats:
        count = 1
        for n in sizes[2:]:
            count *= n
        if count == 1:
            raise ValueError(
                f"Expected more than 1 spatial element when training, got input size {input.size()}"
            )
    weight, bias, mean, var = (
        None if t is None else t.repeat(batch) for t in (weight, bias, running_mean, running_var)
    )
    flat = input.contiguous().view(1, batch * channels, *sizes[2:])
    out = batch_norm(flat, mean, var, weight, bias, use_input_stats, momentum, eps)
    for kept, seen in ((running_mean, mean), (running_var, var)):
        if kept is not None and use_input_stats:
            means: Any = seen
            kept.detach().copy_(means.view(batch, channels).mean(0))
    return out.view(sizes)


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """(…, C·r², H, W) as (…, C, H·r, W·r) (Shi et al., 2016)."""
    _check(input, "pixel_shuffle")
    channels, r = input.shape[-3], upscale_factor
    if r <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {r}")
    if channels % (r * r):
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor, but input.size(-3)={channels} is not divisible by {r * r}"
        )
    return FUNCTIONS["pixel_shuffle"](input, r)


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """(…, C, H·r, W·r) as (…, C·r², H, W)."""
    _check(input, "pixel_unshuffle")
    (height, width), r = input.shape[-2:], downscale_factor
    if r <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {r}")
    for name, place, size in (("height", -2, height), ("width", -1, width)):
        if size % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({place})={size} is not divisible by {r}"
            )
    return FUNCTIONS["pixel_unshuffle"](input, r)


def _check(input: Any, name: str) -> None:
    if input.dim() < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with "
            f"{input.dim()} dimension(s)"
        )


def channel_shuffle(input: Any, groups: int) -> Any:
    """The channels of g groups taken in turn (Zhang et al., 2017)."""
    if input.shape[1] % groups:
        raise RuntimeError(
            "Number of channels must be divisible by groups. Got "
            f"{input.shape[1]} channels and {groups} groups."
        )
    return FUNCTIONS["native_channel_shuffle"](input, groups)
