"""Rows of images: channels traded for places, and taken in turn."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.lift import lifted
from gradtui.engine.table.functional import nn_row


def _shuffled(x: Any, r: int) -> Any:
    """(…, C·r², H, W) as (…, C, H·r, W·r)."""
    *lead, channels, height, width = x.shape
    n, kept = len(lead), channels // (r * r)
    parts = x.reshape(*lead, kept, r, r, height, width)
    turned = parts.transpose(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return turned.reshape(*lead, kept, height * r, width * r)


def _unshuffled(x: Any, r: int) -> Any:
    """(…, C, H·r, W·r) as (…, C·r², H, W)."""
    *lead, channels, height, width = x.shape
    n = len(lead)
    parts = x.reshape(*lead, channels, height // r, r, width // r, r)
    turned = parts.transpose(*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return turned.reshape(*lead, channels * r * r, height // r, width // r)


def _in_turn(x: Any, groups: int) -> Any:
    """The channels of groups taken in turn."""
    batch, channels, *rest = x.shape
    parts = x.reshape(batch, groups, channels // groups, *rest)
    return np.ascontiguousarray(parts.swapaxes(1, 2)).reshape(x.shape)


shuffle, unshuffle = lifted("pixel_shuffle", _shuffled), lifted("pixel_unshuffle", _unshuffled)
in_turn = lifted("native_channel_shuffle", _in_turn)

nn_row(
    "pixel_shuffle(Tensor self, int64_t upscale_factor)",
    "PixelShuffleBackward0",
    _shuffled,
    member=True,
    jvp="auto_linear",
    self=lambda grad, upscale_factor: unshuffle(grad, upscale_factor),
)
nn_row(
    "pixel_unshuffle(Tensor self, int64_t downscale_factor)",
    "PixelUnshuffleBackward0",
    _unshuffled,
    member=True,
    jvp="auto_linear",
    self=lambda grad, downscale_factor: shuffle(grad, downscale_factor),
)
nn_row(
    "native_channel_shuffle(Tensor self, int64_t groups)",
    "ChannelShuffleBackward0",
    _in_turn,
    jvp="auto_linear",
    self=lambda grad, groups, self_sizes: in_turn(grad, self_sizes[1] // groups),
)
