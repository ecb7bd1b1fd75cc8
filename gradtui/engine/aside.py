"""What few tensors have, kept beside them so that the many stay small."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.engine.node import AccumulateGrad, Table
    from gradtui.engine.tensor import Tensor


class Aside:
    """What few tensors have: a `.grad`, hooks, a base they are a view of, an accumulator."""

    __slots__ = (
        "accumulator_node",
        "base",
        "creation",
        "detached",
        "grad",
        "hooks",
        "owner",
        "post_hooks",
        "retains",
        "seen_version",
        "tangents",
    )

    def __init__(self) -> None:
        self.grad: Tensor | None = None
        self.base: Tensor | None = None  # what it is a differentiable view of
        self.owner: Tensor | None = None  # whose storage, and so whose version, it shares
        self.seen_version = 0  # of the storage, when the view's node was made
        self.detached = -1  # when it was cut from its graph in place
        self.creation = ""  # how a view came to be that may not be changed in place: "no_grad" …
        self.hooks: Table | None = None
        self.post_hooks: Table | None = None
        self.accumulator_node: weakref.ref[AccumulateGrad] | None = None
        self.retains = False
        self.tangents: dict[Any, Tensor | None] | None = None  # of forward mode, by level

    def accumulator(self) -> AccumulateGrad | None:
        return None if self.accumulator_node is None else self.accumulator_node()

    def hooked(self) -> bool:
        """Whether the leaf has hooks of its own, or its accumulator has."""
        node = self.accumulator()
        return bool(self.hooks or self.post_hooks or (node is not None and node.hooks))

    def remember_accumulator(self, node: AccumulateGrad) -> None:
        self.accumulator_node = weakref.ref(node)
