"""`torch.cuda` where there is none: programs that ask are told so."""

from typing import Any

from gradtui.engine.absent import missing


def is_available() -> bool:
    """False: the engine computes on the processor."""
    return False


def is_initialized() -> bool:
    """False."""
    return False


def device_count() -> int:
    """0."""
    return 0


def manual_seed(seed: int) -> None:
    """Nothing: there is no generator to seed, as in torch without a device."""


def manual_seed_all(seed: int) -> None:
    """Nothing, as `manual_seed`."""


def empty_cache() -> None:
    """Nothing: there is no memory to give back."""


def __getattr__(name: str) -> Any:
    raise missing("torch.cuda", name)
