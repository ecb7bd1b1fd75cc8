"""`torch.autograd.graph`: the nodes of the backward graph, and what one can do with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from gradtui.engine import state
from gradtui.engine.absent import missing
from gradtui.engine.autograd.edges import GradientEdge, get_gradient_edge
from gradtui.engine.autograd.mutation import allow_mutation_on_saved_tensors
from gradtui.engine.autograd.packing import (
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)
from gradtui.engine.node import Handle, Node
from gradtui.engine.tensor import Tensor


def increment_version(tensor: Any) -> None:
    """Counts the version of tensors up, as a change in place does."""
    from gradtui.engine.tensor import bump

    for one in [tensor] if isinstance(tensor, Tensor) else tensor:
        bump(one)


class _MultiHandle:
    """Takes several hooks away at once."""

    __module__ = "torch.autograd.graph"

    def __init__(self, handles: Sequence[Handle]) -> None:
        self._handles = tuple(handles)

    def remove(self) -> None:
        for handle in self._handles:
            handle.remove()

    def __enter__(self) -> _MultiHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., Any], *, mode: str = "all"
) -> _MultiHandle:
    """Calls `fn` with the gradients of all tensors when the last is known, or with the first."""
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    ends = [_end(t) for t in tensors]
    watch = _Watch(fn, ends) if mode == "all" else _First(fn)
    return _MultiHandle([t.register_hook(partial(watch, i)) for i, t in enumerate(tensors)])


def _end(tensor: Tensor) -> Any:
    """The node a tensor's gradient arrives at, or the tensor where it is a leaf."""
    if not tensor.requires_grad:
        raise AssertionError("Expected gradient function to be set")
    return tensor.grad_fn or tensor


class _Watch:
    """Calls `fn` once a pass, when every gradient that pass computes is known."""

    def __init__(self, fn: Callable[..., Any], ends: Sequence[Any]) -> None:
        self.fn, self.ends = fn, ends
        self.found: WeakKeyDictionary[Any, dict[int, Any]] = WeakKeyDictionary()

    def __call__(self, place: int, grad: Any) -> None:
        walk = state.passes[-1]
        found = self.found.setdefault(walk, {})
        found[place] = grad
        if len(found) == sum(map(walk.reaches, self.ends)):
            del self.found[walk]
            self.fn([found.get(i) for i in range(len(self.ends))])


class _First:
    """Calls `fn` once a pass, with the first gradient."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn
        self.seen: WeakSet[Any] = WeakSet()

    def __call__(self, place: int, grad: Any) -> None:
        if state.passes[-1] not in self.seen:
            self.seen.add(state.passes[-1])
            self.fn(grad)


__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]


def __getattr__(name: str) -> Any:
    raise missing("torch.autograd.graph", name)
