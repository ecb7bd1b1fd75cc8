"""`torch.autograd.graph`: the nodes of the backward graph, and what one can do with them."""

from __future__ import annotations

from typing import Any

from gradtui.engine.node import Node, accumulator
from gradtui.engine.tensor import Tensor


def get_gradient_edge(tensor: Tensor) -> tuple[Any, int]:
    """The node and the number of its output that a tensor's gradient arrives at."""
    if not tensor.requires_grad:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not require "
            "gradients"
        )
    node = tensor.grad_fn
    return (accumulator(tensor) if node is None else node, tensor.output_nr)


def increment_version(tensor: Any) -> None:
    """Counts the version of tensors up, as a change in place does."""
    from gradtui.engine.tensor import owner

    for one in [tensor] if isinstance(tensor, Tensor) else tensor:
        owner(one)._ver += 1


__all__ = ["Node", "get_gradient_edge", "increment_version"]
