"""`torch.accelerator` where there is none: programs that ask are told so."""

from typing import Any


def is_available() -> bool:
    """False: the engine computes on the processor."""
    return False


def device_count() -> int:
    """0."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """None."""


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'torch.accelerator' has no attribute '{name}'")
