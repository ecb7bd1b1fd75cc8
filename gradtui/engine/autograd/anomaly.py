"""Anomaly mode: a backward pass that stops at the first node whose gradients are not numbers."""

from __future__ import annotations

import warnings

from gradtui.engine import state


class set_detect_anomaly:
    """Switches anomaly mode on or off; as a context manager it switches back."""

    __module__ = "torch.autograd.anomaly_mode"

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = (state.anomaly, state.check_nan)
        state.anomaly, state.check_nan = bool(mode), bool(check_nan)

    def __enter__(self) -> None:
        """Nothing is left to do: the mode was switched when it was made."""

    def __exit__(self, *error: object) -> None:
        state.anomaly, state.check_nan = self._before


class detect_anomaly:
    """Anomaly mode inside a `with` block."""

    __module__ = "torch.autograd.anomaly_mode"

    def __init__(self, check_nan: bool = True) -> None:
        self._before = (state.anomaly, state.check_nan)
        self._check_nan = bool(check_nan)
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should "
            "only be enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        state.anomaly, state.check_nan = True, self._check_nan

    def __exit__(self, *error: object) -> None:
        state.anomaly, state.check_nan = self._before


def is_anomaly_enabled() -> bool:
    """Whether backward passes look for anomalies now."""
    return state.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Whether what they look for are numbers that are none."""
    return state.check_nan


def set_anomaly_enabled(enabled: bool, check_nan: bool = True) -> None:
    """Switches anomaly mode, without switching it back."""
    state.anomaly, state.check_nan = bool(enabled), bool(check_nan)
