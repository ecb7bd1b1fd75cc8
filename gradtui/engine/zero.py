"""The tangent of what does not move: zero in a formula, without being computed with.

>>> ZERO * 3.0 + 4.0
4.0

As torch's ZeroTensor, it leaves infinities and signed zeros alone, which zeros would spoil; and as
there, its product with a tensor that autograd follows is followed, so that a sum with it has a
node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine import state
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.node import Node
from gradtui.engine.tensor import TENSORS, Tensor, requires, wrap


class _Nowhere(Node):
    """The history of a zero: whatever gradient arrives ends here."""

    __slots__ = ()

    def __init__(self, zero: Tensor) -> None:
        self.edges, self.saved, self.versions = (), (), 0
        self.seq = state.next_sequence()
        self.outputs, self.inputs = (zero._data.shape, zero._data.dtype), None
        self.hooks = self.attributes = None

    def apply(self, grad: Any) -> tuple[Any, ...]:
        return ()

    apply_tensor = apply


class Zero:
    """A zero of any shape; sums with it are the other operand, products are it again."""

    __slots__ = ("follows",)
    __array_ufunc__ = None

    def __init__(self, follows: bool) -> None:
        self.follows = follows

    def __neg__(self) -> Zero:
        return self

    def __mul__(self, other: Any) -> Zero:
        return zero_with(self, other)

    def __add__(self, other: Any) -> Any:
        return zero_with(self, other) if other.__class__ is Zero else self._joined("add", other)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return self._joined("sub", other)

    __rmul__ = __truediv__ = __mul__
    __radd__ = __add__

    def _joined(self, name: str, x: Any) -> Any:
        """x, with the node that a sum with torch's ZeroTensor leaves where autograd follows."""
        if x.__class__ not in TENSORS or not state.grad_enabled:
            return x
        if not self.follows and not requires(x):
            return x
        nothing = wrap(x._data.dtype.type(-0.0 if name == "add" else 0.0))
        if self.follows:
            nothing._node, nothing._rg = _Nowhere(nothing), True
        return FUNCTIONS[name](x, nothing)


ZERO = Zero(False)
_FOLLOWED = Zero(True)


def zero_with(*values: Any) -> Zero:
    """Zero, followed where one of the values it meets is."""
    return _FOLLOWED if state.grad_enabled and any(map(_follows, values)) else ZERO


def _follows(value: Any) -> bool:
    if value.__class__ is Zero:
        return bool(value.follows)
    return value.__class__ in TENSORS and requires(value)


def skipping(function: Callable[..., Any]) -> Callable[..., Any]:
    """A multilinear function that answers zero where one of its arguments is zero."""

    def call(*args: Any) -> Any:
        return zero_with(*args) if any(a.__class__ is Zero for a in args) else function(*args)

    return call
