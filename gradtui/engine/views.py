"""Tensors that share storage: where a view lies in its base, and what a change through it does.

After a view of a followed tensor is changed in place, the base's node becomes a CopySlices and
every view of the base gets its gradient through an AsStridedBackward0, as in torch.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from gradtui.engine import errors, state
from gradtui.engine.node import Node
from gradtui.engine.tensor import Tensor, owner, storage, wrap


@dataclass(frozen=True, slots=True)
class Geometry:
    """A view's place in its base: shape, strides and offset, in elements of the storage."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    def within(self, array: Any) -> Any:
        """The part of `array`, laid out as the contiguous base, that the view shows."""
        step = array.dtype.itemsize
        flat = array.reshape(-1)[self.offset :]
        return as_strided(flat, self.shape, [s * step for s in self.strides])


def address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def root(array: Any) -> Any:
    """The array that owns the storage."""
    while (base := array.base) is not None:
        if not isinstance(base, np.ndarray):
            base = getattr(base, "base", None)  # what as_strided puts between
            if not isinstance(base, np.ndarray):
                break
        array = base
    return array


def offset(tensor: Tensor) -> int:
    """Where a tensor begins in its storage, in elements."""
    array = storage(tensor)
    return (address(array) - address(root(array))) // array.dtype.itemsize


def geometry(view: Any, base: Any) -> Geometry:
    step = view.dtype.itemsize
    strides = tuple(s // step for s in view.strides)
    begin = (address(view) - address(base)) // step if view.size else 0
    return Geometry(view.shape, strides, begin)


def pack(several: bool, out: Any, base: Tensor) -> Any:
    """The result of a view operation on `base`: one tensor, or a tuple of them."""
    if not several:
        return as_view(out, base, "")
    return tuple(as_view(o, base, "multiple") for o in out)


def as_view(array: Any, of: Tensor, creation: str) -> Tensor:
    """A tensor over part of the storage of `of`; without grad mode it keeps `requires_grad`."""
    made = wrap(array)
    aside = made.aside()
    aside.owner = owner(of)
    aside.base = of if of._base is None else of._base
    aside.creation = creation
    if of._rare is not None and of._rare.creation and not creation:
        aside.creation = of._rare.creation
    if not state.grad_enabled:
        aside.creation = "no_grad"
        made._rg = of._rg
    aside.base.aside().views.append(weakref.ref(made))
    return made


_FORBIDDEN = {
    "no_grad": (
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled. "
        "Given that this use case is ambiguous and error-prone, it is forbidden. You can "
        "clarify your "
        "code by moving both the view and the inplace either both inside the no_grad block (if you "
        "don't want the inplace to be tracked) or both outside (if you want the inplace to be "
        "tracked)."
    ),
    "multiple": (
        " is a view and is being modified inplace. This view is the output of a function that "
        "returns "
        "multiple views. Such functions do not allow the output views to be modified inplace. You "
        "should replace the inplace operation by an out-of-place one."
    ),
}


def check_in_place(tensor: Tensor, follows: bool) -> None:
    """Raises what torch raises when `tensor` may not be changed while grad mode is on."""
    base = tensor._base
    if base is not None and (follows or tensor._rg):
        creation = tensor._rare.creation if tensor._rare else ""
        if creation == "multiple":
            name = tensor.grad_fn.name().split("Backward")[0] if tensor.grad_fn else "View"
            raise RuntimeError(f"Output {tensor.output_nr} of {name}{_FORBIDDEN[creation]}")
        if creation == "no_grad":
            raise RuntimeError(_FORBIDDEN[creation])
        if base._node is None and base._rg:
            raise RuntimeError(errors.LEAF_VIEW_IN_PLACE)
    if tensor._node is None and tensor._rg:
        raise RuntimeError(errors.LEAF_IN_PLACE)


class _Shared(Node):
    """What CopySlices and AsStridedBackward0 have in common: a place in a base."""

    __slots__ = ("base_shape", "place")
    base_shape: tuple[int, ...]
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

    def read_saved(self, name: str) -> Any:
        raise errors.no_attribute(type(self).__name__, name)


class CopySlices(_Shared):
    """The node of a base after one of its views was changed by `inner`."""

    __slots__ = ("inner",)
    __module__ = ""
    inner: Node

    def __init__(self, base: Tensor, edge: Any, place: Geometry, inner: Node) -> None:
        pair = (base._data.shape, base._data.dtype)
        rest = inner.inputs[1:] if inner.inputs else (None,) * (len(inner.edges) - 1)
        self._begin((edge, *inner.edges[1:]), pair, (pair, *rest))
        self.base_shape, self.place, self.inner = base._data.shape, place, inner
        inner.edges = (self, *inner.edges[1:])  # the slice's gradient is always wanted

    def apply(self, grad: Any) -> tuple[Any, ...]:
        if self.saved is None:
            raise RuntimeError(errors.SECOND_BACKWARD)
        whole = np.array(grad, order="C")
        part = self.place.within(whole)
        back = self.inner.apply(part.copy())
        part[...] = 0 if back[0] is None else back[0]
        return (whole if self.edges[0] is not None else None, *back[1:])

    def apply_tensor(self, grad: Any) -> tuple[Any, ...]:
        from gradtui.engine.lift import put_slice, take_slice

        if self.saved is None:
            raise RuntimeError(errors.SECOND_BACKWARD)
        back = self.inner.apply_tensor(take_slice(grad, self.place))
        return (put_slice(grad, self.place, back[0]), *back[1:])


class AsStridedBackward0(_Shared):
    """The node of a view whose base was changed in place: scatters into the base's gradient."""

    __slots__ = ()
    __module__ = ""
    arity = 1
    frees = False

    def __init__(self, view: Tensor, base: Tensor, edge: Any, place: Geometry) -> None:
        self._begin((edge,), (view._data.shape, view._data.dtype), None)
        self.base_shape, self.place = base._data.shape, place

    def apply(self, grad: Any) -> tuple[Any, ...]:
        whole = np.zeros(self.base_shape, grad.dtype)
        part = self.place.within(whole)
        part += grad
        return (whole,)

    def apply_tensor(self, grad: Any) -> tuple[Any, ...]:
        from gradtui.engine.lift import put_slice

        zeros = wrap(np.zeros(self.base_shape, grad._data.dtype))
        return (put_slice(zeros, self.place, grad),)


def rebase(view: Tensor, inner: Node) -> None:
    """After `view` was changed by `inner`: the base's history goes through a CopySlices."""
    base = view._base
    assert base is not None
    base_array = storage(base)
    place = geometry(storage(view), base_array)
    edge = base._node if base._node is not None else (base if base._rg else None)
    base._node = CopySlices(base, edge, place, inner)
    base._rg = True
    alive = [v for v in (r() for r in base.aside().views) if v is not None]
    base.aside().views = [weakref.ref(v) for v in alive]
    for other in alive:
        where = geometry(storage(other), base_array)
        other._node = AsStridedBackward0(other, base, base._node, where)
        other._rg = True
