"""`torch.autograd.grad_mode`: what of autograd is switched for a while."""

from __future__ import annotations

from typing import Any

from gradtui.engine.modes import enable_grad, inference_mode, no_grad, set_grad_enabled, switch
from gradtui.engine.tensor import Tensor, owner

__all__ = [
    "enable_grad",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
    "set_multithreading_enabled",
]


class set_multithreading_enabled:
    """Accepted as torch accepts it: a backward pass runs in one thread here."""

    __module__ = "torch.autograd.grad_mode"

    def __init__(self, mode: bool) -> None:
        self.mode = switch("set_multithreading_enabled", mode)

    def clone(self) -> set_multithreading_enabled:
        return type(self)(self.mode)

    def __enter__(self) -> None:
        """Nothing is to be switched."""

    def __exit__(self, *error: object) -> None:
        """Nothing was switched."""


class _force_original_view_tracking(set_multithreading_enabled):
    """Accepted as torch accepts it: views are followed in one way here."""


class _unsafe_preserve_version_counter:
    """Gives tensors the versions back that they had before what happened inside."""

    __module__ = "torch.autograd.grad_mode"

    def __init__(self, tensors: Any) -> None:
        self.tensors = (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)
        self.prev_versions = tuple(t._version for t in self.tensors)

    def __enter__(self) -> None:
        """The versions were taken when it was made."""

    def __exit__(self, *error: object) -> None:
        for tensor, version in zip(self.tensors, self.prev_versions, strict=True):
            owner(tensor)._ver = version
