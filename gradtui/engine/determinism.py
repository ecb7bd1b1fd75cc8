"""Torch's switches for algorithms that give the same bits every time: all of the engine's do."""

from __future__ import annotations

_MODES = ("default", "warn", "error")


class _Choice:
    mode = 0


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Asks for algorithms that give the same bits every time."""
    _Choice.mode = (1 if warn_only else 2) if mode else 0


def are_deterministic_algorithms_enabled() -> bool:
    """Whether they were asked for."""
    return _Choice.mode > 0


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether others would only be warned of."""
    return _Choice.mode == 1


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """The same by number or by name: default, warn or error."""
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if isinstance(debug_mode, str):
        if debug_mode not in _MODES:
            raise RuntimeError(
                "invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got "
                + debug_mode
            )
        debug_mode = _MODES.index(debug_mode)
    if debug_mode not in (0, 1, 2):
        raise RuntimeError(
            f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}"
        )
    _Choice.mode = debug_mode


def get_deterministic_debug_mode() -> int:
    """0, 1 or 2: default, warn, error."""
    return _Choice.mode


PUBLIC = {
    f.__name__: f
    for f in (
        use_deterministic_algorithms,
        are_deterministic_algorithms_enabled,
        is_deterministic_algorithms_warn_only_enabled,
        set_deterministic_debug_mode,
        get_deterministic_debug_mode,
    )
}
"""Torch's functions by name."""
