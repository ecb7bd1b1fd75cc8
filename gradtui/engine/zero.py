"""The tangent of what does not move: zero in a formula, without being computed with.

>>> ZERO * 3.0 + 4.0
4.0

As torch's ZeroTensor, it leaves infinities and signed zeros alone, which zeros would spoil.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine import state
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.tensor import TENSORS, requires, wrap


class Zero:
    """A zero of any shape; sums with it are the other operand, products are it again."""

    __slots__ = ()
    __array_ufunc__ = None

    def __neg__(self) -> Zero:
        return self

    def __mul__(self, other: Any) -> Zero:
        return self

    def __add__(self, other: Any) -> Any:
        return _recorded("add", other, -0.0)

    def __sub__(self, other: Any) -> Any:
        return -other

    def __rsub__(self, other: Any) -> Any:
        return _recorded("sub", other, 0.0)

    __rmul__ = __truediv__ = __mul__
    __radd__ = __add__


ZERO = Zero()


def _recorded(name: str, x: Any, zero: float) -> Any:
    """x, with the node that adding torch's ZeroTensor leaves where autograd follows x."""
    if x.__class__ not in TENSORS or not state.grad_enabled or not requires(x):
        return x
    return FUNCTIONS[name](x, wrap(x._data.dtype.type(zero)))


def skipping(function: Callable[..., Any]) -> Callable[..., Any]:
    """A multilinear function that answers zero where one of its arguments is zero."""

    def call(*args: Any) -> Any:
        return ZERO if any(a is ZERO for a in args) else function(*args)

    return call
