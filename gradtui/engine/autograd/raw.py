"""`grad_fn._raw_saved_self`: what a node saved, as a thing that takes hooks of its own.

>>> import gradtui.engine as torch
>>> y = torch.ones(2, requires_grad=True).exp()
>>> y.grad_fn._raw_saved_result.register_hooks(lambda t: t * 2, lambda t: t / 2)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine.autograd.packing import Packed, pack_one
from gradtui.engine.modes import no_grad
from gradtui.engine.tensor import TENSORS

FREED = (
    "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of "
    "the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if "
    "you need to backward through the graph a second time or if you need to access saved variables "
    "after calling backward."
)
TWICE = (
    "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair "
    "of hooks is allowed at a time."
)
NONE = (
    "Calling register_hooks on a saved tensor with value None is forbidden. Hint: it may be that the "
    "value was not saved because no gradient needs it."
)
CHANGED = (
    "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook "
    "cannot be modified by in-place operations as this can lead to unexpected side-effects. Please open "
    "an issue if you need to perform in-place operations on the input to a pack hook."
)


class SavedTensor:
    """One of the things a node saved."""

    __slots__ = ("_node", "_place")
    __module__ = "torch._C._autograd"
    _node: Any
    _place: int

    def __new__(cls, *given: Any) -> SavedTensor:
        raise RuntimeError("Trying to create a SavedTensor object from Python is forbidden.")

    def __repr__(self) -> str:
        return f"<torch._C._autograd.SavedTensor object at {id(self):#x}>"

    @property
    def data(self) -> Any:
        return self.unpack()

    def unpack(self) -> Any:
        """The saved tensor, as the node sees it."""
        if hasattr(self._node, "saved_tensors"):
            return self._node.saved_tensors[self._place]
        return self._node.read_saved(self._place)

    def register_hooks(
        self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]
    ) -> None:
        """Packs the tensor at once, and unpacks it whenever the node needs it."""
        node, place = self._node, self._place
        if node.saved is None:
            raise RuntimeError(FREED)
        pairs = hasattr(node, "saved_tensors")
        if (node.saved[place][0] if pairs else node.saved[place]).__class__ is Packed:
            raise RuntimeError(TWICE)
        shown = self.unpack()
        if shown.__class__ not in TENSORS:
            raise RuntimeError(NONE)
        pack_one(node, place, shown, _unchanged(pack_hook), unpack_hook)


def _unchanged(pack: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A pack hook that may not change what it is given."""

    def call(tensor: Any) -> Any:
        before = tensor._version
        with no_grad():
            found = pack(tensor)
        if tensor._version != before:
            raise RuntimeError(CHANGED)
        return found

    return call


def saved_at(node: Any, place: int) -> SavedTensor:
    """What a node saved at a place."""
    made = object.__new__(SavedTensor)
    made._node, made._place = node, place
    return made
