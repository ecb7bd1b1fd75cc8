"""Tensors that share storage: where a view lies in its base, and what a change through it does.

After a view of a followed tensor is changed in place, the base's node becomes a CopySlices and
every view of the base gets its gradient through an AsStridedBackward0, as in torch.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from gradtui.engine import errors, state
from gradtui.engine.aside import Aside
from gradtui.engine.kernels.shapes import root
from gradtui.engine.node import Node, Output
from gradtui.engine.strided import Geometry, scattered, steps_of
from gradtui.engine.tensor import (
    DETACHED_INFERENCE,
    Tensor,
    bump,
    edge,
    owner,
    refresh_view,
    requires,
    storage,
    wrap,
)


def address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def offset(tensor: Tensor) -> int:
    """Where a tensor begins in its storage, in elements."""
    array = storage(tensor)
    return (address(array) - address(root(array))) // int(array.dtype.itemsize)


def geometry(view: Any, base: Any) -> Geometry:
    """A view's place in the memory of its base."""
    begin = (address(view) - address(base)) // view.dtype.itemsize if view.size else 0
    return Geometry(view.shape, steps_of(view), begin)


def pack(several: bool, out: Any, base: Tensor) -> Any:
    """The result of a view operation on `base`: one tensor, or a tuple of them."""
    if not several:
        return as_view(out, base, "")
    return tuple(as_view(o, base, "multiple") for o in out)


def as_view(array: Any, of: Tensor, creation: str) -> Tensor:
    """A tensor over part of the storage of `of`, which it follows through changes in place."""
    made = wrap(array)
    if array.ndim > 1 and not state.strided and not array.flags.c_contiguous:
        state.strided = True
    made._ver = 0 if of._ver >= 0 else -1
    rare = made.aside()
    rare.owner = owner(of)
    if of._ver < 0:  # views of inference tensors are followed by nobody
        return made
    before = of._rare
    rare.base = of if before is None or before.base is None else before.base
    rare.seen_version = rare.owner._ver
    if state.inference:
        rare.creation = "inference"
    elif not state.grad_enabled:
        rare.creation = "no_grad"
    else:
        inherited = "" if before is None else before.creation
        rare.creation = inherited if inherited == "inference" else creation or inherited
    return made


_SEVERAL = (
    "This view is the output of a function that returns multiple views. Such functions do not allow "
    "the output views to be modified inplace. You should replace the inplace operation by an "
    "out-of-place one."
)
_AMBIGUOUS = (
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code "
    "by moving both the view and the inplace either both inside the {0} block (if you don't want the "
    "inplace to be tracked) or both outside (if you want the inplace to be tracked)."
)
_WHY = {
    "multiple": _SEVERAL,
    "no_grad": _AMBIGUOUS.format("no_grad"),
    "inference": _AMBIGUOUS.format("inference_mode"),
    "custom": (
        "This view was created inside a custom Function (or because an input was returned as-is) and "
        "the autograd logic to handle view+inplace would override the custom backward associated with "
        "the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix "
        "this by cloning the output of the custom Function."
    ),
}


_MODES = (("no_grad", "with grad mode enabled"), ("inference", "in normal mode"))


def number_of(node: Any) -> int:
    return node.number if isinstance(node, Output) else 0


def short_name(node: Any) -> str:
    """The name of an operation, from that of its node."""
    return errors.short_name((node.node if isinstance(node, Output) else node).name())


def forbidden(view: Tensor, indirect: bool) -> RuntimeError:
    """Why a view may not be changed in place, by itself or by way of its base."""
    rare, node = view._rare, view._node
    assert rare is not None
    changed = "its base or another view of its base has been" if indirect else "is being"
    creation = rare.creation
    origin = f"Output {number_of(node)} of {short_name(node)}" if node is not None else ""
    if creation in ("inference", "no_grad") or node is None:
        start = f"{origin} is a view of a view which was" if origin else "A view was"
        mode, where = _MODES[creation == "inference"]
        head = f"{start} created in {mode} mode and {changed} modified inplace {where}."
    else:
        head = f"{origin} is a view and {changed} modified inplace."
    return RuntimeError(f"{head} {_WHY[creation]}")


def count_up(tensor: Tensor) -> None:
    """Counts the version of a storage up; inference tensors have none, and refuse late, as in torch."""
    if tensor._ver >= 0:
        bump(tensor)
    elif not state.inference and tensor._ver != DETACHED_INFERENCE:
        raise RuntimeError(errors.INFERENCE_CHANGED)


def check_in_place(tensor: Tensor, follows: bool) -> None:
    """Raises what torch raises when `tensor` may not be changed; `follows`: autograd would record it."""
    if not follows or not state.grad_enabled:
        return
    rare = tensor._rare
    if rare is not None and rare.base is not None:
        if rare.creation:
            raise forbidden(tensor, False)
        if requires(tensor) and rare.base._node is None:
            raise RuntimeError(errors.LEAF_VIEW_IN_PLACE)
    if tensor._node is None and requires(tensor):
        raise RuntimeError(errors.LEAF_IN_PLACE)


def follow_base(view: Tensor, rare: Aside) -> None:
    """After a change of its base: the view's node reads from what the base is now."""
    if rare.creation:
        raise forbidden(view, True)
    base, before = rare.base, view._node
    assert base is not None
    assert rare.owner is not None
    place = geometry(storage(view), storage(base))
    node = AsStridedBackward0(view, base, edge(base), place)
    move_retained(before, node)  # a hook stays where it was, on what no longer leads here
    view._node, view._rg = node, True
    rare.seen_version = rare.owner._ver


class _Shared(Node):
    """What CopySlices and AsStridedBackward0 have in common: a place in a base."""

    __slots__ = ("base", "place")
    base: Geometry
    place: Geometry

    def _begin(self, edges: tuple[Any, ...], outputs: Any, inputs: Any) -> None:
        self.edges = edges
        self.saved = ()
        self.versions = 0
        self.seq = state.next_sequence()
        self.outputs = outputs
        self.inputs = inputs
        self.hooks = None
        self.attributes = None


SLICE: Any = object()
"""Where the gradient of a slice goes: to its CopySlices, when the base wants one."""


class CopySlices(_Shared):
    """The node of a base after one of its views was changed by `inner`."""

    __slots__ = ("inner",)
    __module__ = ""
    inner: Node

    def __init__(self, base: Tensor, end: Any, place: Geometry, inner: Node) -> None:
        array = storage(base)
        pair = (array.shape, array.dtype)
        rest = inner.inputs[1:] if inner.inputs else (None,) * (len(inner.edges) - 1)
        self._begin((end, *inner.edges[1:]), pair, (pair, *rest))
        self.base, self.place, self.inner = geometry(array, array), place, inner
        inner.facts["origin"] = inner.edges[0]
        inner.edges = (None if end is None else SLICE, *inner.edges[1:])

    def _back(self, given: Any, create: bool) -> tuple[Any, ...]:
        """What the change makes of the gradient of its slice; a pass may want a part of it only."""
        inner = self.inner
        edges = inner.edges
        inner.edges = (None if self.edges[0] is None else SLICE, *self.edges[1:])
        try:
            return inner.apply_tensor(given) if create else inner.apply(given)
        finally:
            inner.edges = edges

    def apply(self, grad: Any) -> tuple[Any, ...]:
        if self.saved is None:
            raise RuntimeError(errors.SECOND_BACKWARD)
        flat = np.empty(self.base.end, grad.dtype)
        whole, part = self.base.within(flat), self.place.within(flat)
        whole[...] = grad
        back = self._back([part.copy()] if self.inner.several else part.copy(), False)
        if back[0] is None or self.edges[0] is None:
            return (None, *back[1:])
        if self.place.repeats:
            raise RuntimeError(errors.REPEATED)
        part[...] = back[0]
        return (whole, *back[1:])

    def apply_tensor(self, grad: Any) -> tuple[Any, ...]:
        if self.saved is None:
            raise RuntimeError(errors.SECOND_BACKWARD)
        whole: Any = wrap(self.base.within(np.empty(self.base.end, grad._data.dtype)))
        part: Any = self.place.of(whole.copy_(grad))
        back = self._back([part.clone()] if self.inner.several else part.clone(), True)
        if back[0] is None:
            return (None, *back[1:])
        part.copy_(back[0])
        return (whole, *back[1:])


class AsStridedBackward0(_Shared):
    """The node of a view whose base was changed in place: scatters into the base's gradient."""

    __slots__ = ()
    __module__ = ""
    arity = 1
    frees = False

    def __init__(self, view: Tensor, base: Tensor, end: Any, place: Geometry) -> None:
        self._begin((end,), (view._data.shape, view._data.dtype), None)
        array = storage(base)
        self.base, self.place = geometry(array, array), place

    def apply(self, grad: Any) -> tuple[Any, ...]:
        if self.edges[0] is None:  # a view of a base that nobody follows
            return (None,)
        return (scattered(grad, self.base, self.place),)

    apply_tensor = apply


def rebase(view: Tensor, inner: Node) -> None:
    """After `view` was changed by `inner`: the base's history goes through a CopySlices."""
    rare = view._rare
    assert rare is not None
    base = rare.base
    assert base is not None
    place = geometry(storage(view), storage(base))
    before = base._node
    base._node = CopySlices(base, edge(base), place, inner)
    base._rg = True
    move_retained(before, base._node)
    refresh_view(view, rare)
    inner.facts["outward"] = weakref.ref(view._node)  # what the result is known by from now on


def move_retained(before: Any, after: Node, to: int = 0) -> None:
    """A gradient that is to be kept is that of the tensor as it is after the change."""
    node, number = (before.node, before.number) if isinstance(before, Output) else (before, 0)
    if node is not None and node.hooks is not None and number in node.hooks.retained:
        after.ensure_hooks().retained[to] = node.hooks.retained.pop(number)
