"""`torch.hann_window` and its kind: one period of a window, or the symmetric one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import creation, dtypes
from gradtui.engine.errors import c_name
from gradtui.engine.kernels import bessel
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.lift import native
from gradtui.engine.modes import no_grad
from gradtui.engine.tensor import wrap


def _checked(name: str, length: int, dtype: Any) -> Any:
    kind = dtype or dtypes.get_default_dtype()
    if not kind.is_floating_point:
        shown = {"long": "long int"}.get(c_name(kind), c_name(kind))
        raise RuntimeError(
            f"{name} expects floating point dtypes, got: TensorOptions(dtype={shown}, device=cpu, "
            "layout=Strided (default), requires_grad=false (default), pinned_memory=false, "
            "memory_format=(nullopt))"
        )
    if length < 0:
        raise RuntimeError(
            f"{name} requires non-negative window_length, got window_length={length}"
        )
    return kind


def _window(name: str, weights: Callable[..., Any], *settings: str) -> Callable[..., Any]:
    """The function of a window, from its weights over so many steps."""

    @native
    def window(
        window_length: int,
        periodic: bool = True,
        *given: float,
        dtype: Any = None,
        layout: Any = None,
        device: Any = None,
        pin_memory: bool = False,
        requires_grad: bool = False,
        **named: float,
    ) -> Any:
        kind = _checked(name, window_length, dtype)
        options = dict(zip(settings, given, strict=False)) | named
        if window_length < 2:
            return creation.ones((window_length,), dtype=kind, requires_grad=requires_grad)
        count = window_length + periodic
        with no_grad():
            made = weights(count, creation.arange(count, dtype=kind), **options)
            made = F["narrow"](made, 0, 0, window_length) if periodic else made
        return made.requires_grad_(requires_grad)

    window.__name__ = name
    return window


def _hamming(count: int, steps: Any, alpha: float = 0.54, beta: float = 0.46) -> Any:
    return steps.mul_(math.pi * 2.0 / (count - 1)).cos_().mul_(-beta).add_(alpha)


def _blackman(count: int, steps: Any) -> Any:
    steps = steps.mul_(math.pi / (count - 1))
    return steps.mul(4).cos_().mul_(0.08) - steps.mul(2).cos_().mul_(0.5) + 0.42


def _bartlett(count: int, steps: Any) -> Any:
    steps = steps.mul_(2.0 / (count - 1))
    half = ((count - 1) >> 1) + 1
    F["narrow"](steps, 0, half, count - half).mul_(-1).add_(2)
    return steps


def _kaiser(count: int, steps: Any, beta: float = 12.0) -> Any:
    kind = steps._data.dtype.type
    x = steps._data * kind(2.0 / (count - 1)) - kind(1)
    y = np.maximum(kind(0), 1 - x * x)
    scale = kind(1) / kind(bessel.i0(np.asarray(kind(beta))))
    return wrap(bessel.i0(kind(beta) * np.sqrt(y)) * scale)


hann_window = _window("hann_window", lambda count, steps: _hamming(count, steps, 0.5, 0.5))
hamming_window = _window("hamming_window", _hamming, "alpha", "beta")
blackman_window = _window("blackman_window", _blackman)
bartlett_window = _window("bartlett_window", _bartlett)
kaiser_window = _window("kaiser_window", _kaiser, "beta")
