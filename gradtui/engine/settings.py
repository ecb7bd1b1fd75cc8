"""Torch's settings of the machine, which read back and change nothing here: threads, precision.

>>> import gradtui.engine as torch
>>> torch.set_num_threads(2)
>>> torch.get_num_threads()
2
"""

from __future__ import annotations

from typing import Any

from gradtui.engine import dtypes

_PRECISIONS = ("highest", "high", "medium")


class _Chosen:
    threads = 1
    between = 1
    precision = "highest"
    device: Any = None
    always = False


def _threads(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise RuntimeError(f"{name} expects an int, but got {type(value).__name__}")
    if value <= 0:
        shown = "set_num_threads" if name == "set_num_threads" else name
        raise RuntimeError(f"{shown} expects a positive integer")
    return value


def get_num_threads() -> int:
    """What `set_num_threads` set; kernels run as numpy runs them."""
    return _Chosen.threads


def set_num_threads(n: int) -> None:
    """Kept, and given back by `get_num_threads`."""
    _Chosen.threads = _threads("set_num_threads", n)


def get_num_interop_threads() -> int:
    """What `set_num_interop_threads` set."""
    return _Chosen.between


def set_num_interop_threads(n: int) -> None:
    """Kept, and given back by `get_num_interop_threads`."""
    _Chosen.between = _threads("set_num_interop_threads", n)


def get_float32_matmul_precision() -> str:
    """highest, high or medium: products are computed alike here."""
    return _Chosen.precision


def set_float32_matmul_precision(precision: str) -> None:
    """Kept, and given back; a name torch does not know is passed over, as torch does."""
    if precision in _PRECISIONS:
        _Chosen.precision = precision


def set_flush_denormal(mode: bool) -> bool:
    """Whether tiny numbers could be taken for 0: they never are here."""
    return not mode


def get_default_device() -> Any:
    """The device of new tensors: the CPU."""
    return _Chosen.device or dtypes.device("cpu")


def set_default_device(device: Any) -> None:
    """Sets it to the CPU, the one device there is."""
    _Chosen.device = None if device is None else dtypes.device(device)


def is_warn_always_enabled() -> bool:
    """What `set_warn_always` set."""
    return _Chosen.always


def set_warn_always(b: bool) -> None:
    """Kept, and given back by `is_warn_always_enabled`."""
    _Chosen.always = bool(b)


PUBLIC = {
    f.__name__: f
    for f in (
        get_num_threads,
        set_num_threads,
        get_num_interop_threads,
        set_num_interop_threads,
        get_float32_matmul_precision,
        set_float32_matmul_precision,
        set_flush_denormal,
        get_default_device,
        set_default_device,
        is_warn_always_enabled,
        set_warn_always,
    )
}
"""Torch's functions by name."""
