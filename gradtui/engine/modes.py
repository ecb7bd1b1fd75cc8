"""Grad modes: `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`.

Each is a context manager and a decorator.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.refusals import type_name


class _Mode:
    """Sets grad mode to `wanted` inside a `with` block or a decorated function."""

    __module__ = "torch.autograd.grad_mode"

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._before: list[bool] = []

    def clone(self) -> _Mode:
        made = object.__new__(type(self))
        _Mode.__init__(made, self._wanted)
        return made

    def __enter__(self) -> None:
        self._before.append(state.grad_enabled)
        state.grad_enabled = self._wanted

    def __exit__(self, *error: object) -> None:
        state.grad_enabled = self._before.pop()

    def __call__(self, function: Callable[..., Any]) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return function(*args, **kwargs)

        if hasattr(function, "__name__"):
            return functools.wraps(function)(wrapped)
        return wrapped


class _Bare(_Mode):
    """A mode without arguments, which also decorates without parentheses."""

    wanted = True

    def __new__(cls, function: Any = None) -> Any:
        made = super().__new__(cls)
        if function is None:
            return made
        _Mode.__init__(made, cls.wanted)
        return made(function)

    def __init__(self, function: Any = None) -> None:
        super().__init__(self.wanted)


class no_grad(_Bare):
    """Nothing inside is recorded."""

    __module__ = "torch.autograd.grad_mode"
    wanted = False


class enable_grad(_Bare):
    """Recording goes on inside, also within `no_grad`."""

    __module__ = "torch.autograd.grad_mode"
    wanted = True


def switch(function: str, value: Any) -> bool:
    """What torch's binding takes for a switch of that function."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{function}(): argument 'enabled' (position 1) must be bool, not {type_name(value)}"
        )
    return bool(value)


class set_grad_enabled(_Mode):
    """Switches recording at once; as a context manager it switches back."""

    __module__ = "torch.autograd.grad_mode"

    def __init__(self, mode: bool) -> None:
        super().__init__(switch("set_grad_enabled", mode))
        self._outer = state.grad_enabled
        state.grad_enabled = self._wanted

    def clone(self) -> _Mode:
        return set_grad_enabled(self._wanted)

    def __enter__(self) -> None:
        state.grad_enabled = self._wanted

    def __exit__(self, *error: object) -> None:
        state.grad_enabled = self._outer

    def __call__(self, function: Callable[..., Any]) -> Any:
        state.grad_enabled = self._outer
        return super().__call__(function)


class inference_mode(_Mode):
    """`no_grad` whose tensors can never take part in autograd again."""

    __module__ = "torch.autograd.grad_mode"

    def __new__(cls, mode: Any = True) -> Any:
        made = super().__new__(cls)
        if isinstance(mode, bool):
            return made
        made.__init__()  # type: ignore[misc]
        return made(mode)

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)
        self._mode = mode
        self._outer: list[bool] = []

    def clone(self) -> _Mode:
        return type(self)(self._mode)

    def __enter__(self) -> None:
        self._outer.append(state.inference)
        super().__enter__()
        state.inference = self._mode

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        state.inference = self._outer.pop()


def is_inference_mode_enabled() -> bool:
    """Whether tensors made now can never take part in autograd."""
    return state.inference


def is_grad_enabled() -> bool:
    """Whether operations are recorded now."""
    return state.grad_enabled
