"""`torch.accelerator` where there is none: programs that ask are told so."""

from typing import Any

from gradtui.engine.absent import missing


def is_available() -> bool:
    """False: the engine computes on the processor."""
    return False


def device_count() -> int:
    """0."""
    return 0


def current_accelerator(check_available: bool = False) -> None:
    """None."""


def __getattr__(name: str) -> Any:
    raise missing("torch.accelerator", name)
