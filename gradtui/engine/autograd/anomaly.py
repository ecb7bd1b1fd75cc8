"""Anomaly mode: a backward pass that stops at the first node whose gradients are not numbers."""

from __future__ import annotations

import warnings
from typing import Any

from gradtui.engine import state


class set_detect_anomaly:
    """Switches anomaly mode on or off; as a context manager it switches back."""

    __module__ = "torch.autograd.anomaly_mode"

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = state.anomaly
        state.anomaly = bool(mode) and check_nan

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        state.anomaly = self._before


class detect_anomaly:
    """Anomaly mode inside a `with` block."""

    __module__ = "torch.autograd.anomaly_mode"

    def __init__(self, check_nan: bool = True) -> None:
        self._before = state.anomaly
        self._wanted = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should "
            "only be enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        state.anomaly = self._wanted

    def __exit__(self, *error: Any) -> None:
        state.anomaly = self._before
