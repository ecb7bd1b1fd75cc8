"""What few tensors have, kept beside them so that the many stay small."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.engine.node import AccumulateGrad, Table
    from gradtui.engine.tensor import Tensor


class Aside:
    """What few tensors have: a `.grad`, hooks, a base they are a view of, an accumulator.

    What nobody has set stands in the class, for most tensors set one of these.
    """

    grad: Tensor | None = None
    base: Tensor | None = None  # what it is a differentiable view of
    owner: Tensor | None = None  # whose storage, and so whose version, it shares
    seen_version: int = 0  # of the storage, when the view's node was made
    detached: int = -1  # when it was cut from its graph in place
    creation: str = ""  # how a view came to be that may not be changed in place: "no_grad" …
    hooks: Table | None = None
    post_hooks: Table | None = None
    accumulator_node: weakref.ref[AccumulateGrad] | None = None
    retains: bool = False
    grad_dtype: Any = None  # of gradients to come, where it is not the leaf's own
    tangents: dict[Any, Tensor | None] | None = None  # of forward mode, by level

    def accumulator(self) -> AccumulateGrad | None:
        return None if self.accumulator_node is None else self.accumulator_node()

    def hooked(self) -> bool:
        """Whether the leaf has hooks of its own, or its accumulator has."""
        node = self.accumulator()
        return bool(self.hooks or self.post_hooks or (node is not None and node.hooks))

    def remember_accumulator(self, node: AccumulateGrad) -> None:
        self.accumulator_node = weakref.ref(node)
