"""`allow_mutation_on_saved_tensors`: what was saved may be changed; the backward pass sees it unchanged.

>>> import gradtui.engine as torch
>>> with torch.autograd.graph.allow_mutation_on_saved_tensors():
...     a = torch.ones(2, requires_grad=True)
...     b = a.clone()
...     out = (b**2).sum()
...     _ = b.sin_()
...     out.backward()
>>> a.grad
tensor([2., 2.])
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from gradtui.engine.autograd.packing import saved_tensors_hooks
from gradtui.engine.modes import no_grad

OUTSIDE = (
    "Trying to backward outside of the 'allow_mutation_on_saved_tensors' contextin which the graph was "
    "originally recorded."
)
_active: list[Any] = []


class _Handle:
    """What stands for a saved tensor."""

    __slots__ = ("__weakref__",)


class _AllowMutationOnSavedContext:
    """Copies of what was saved inside, which go when the context ends."""

    __module__ = "torch.autograd.graph"

    def __init__(self) -> None:
        self.original: WeakKeyDictionary[_Handle, Any] = WeakKeyDictionary()

    def clear(self) -> None:
        self.original.clear()

    def pack(self, tensor: Any) -> _Handle:
        handle = _Handle()
        with no_grad():
            self.original[handle] = tensor.detach().clone()
        return handle

    def unpack(self, handle: _Handle) -> Any:
        if not _active or handle not in self.original:
            raise AssertionError(OUTSIDE)
        return self.original[handle]


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[_AllowMutationOnSavedContext]:
    """Inside, tensors that were saved may be changed in place; backward must run inside too."""
    if _active:
        raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
    context = _AllowMutationOnSavedContext()
    with saved_tensors_hooks(context.pack, context.unpack):
        _active.append(context)
        try:
            yield context
        finally:
            context.clear()
            _active.pop()
