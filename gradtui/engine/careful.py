"""A node run where its cotangent or what it saved does not lie in rows.

Formulas on arrays leave it to numpy how a gradient lies in memory, which for arrays in rows is what
torch does; for others they are run on tensors, whose operations follow torch's rule.
"""

from __future__ import annotations

from typing import Any

from gradtui.engine import state
from gradtui.engine.buffers import remember
from gradtui.engine.derive import array_of
from gradtui.engine.kernels.layout import plain
from gradtui.engine.kernels.shapes import root
from gradtui.engine.node import Node
from gradtui.engine.tensor import TENSORS, owner, wrap


def run_carefully(node: Node, given: Any) -> Any:
    """The gradients of a node's inputs, as arrays, laid out as torch lays them out."""
    return node.apply(given) if in_rows(node, given) else run_on_tensors(node, given)


def in_rows(node: Node, given: Any) -> bool:
    """Whether the formulas of a node may run on arrays: all they read lies in rows."""
    if not hasattr(node, "row") or node.saved is None:
        return True
    grads = given if node.several else (given,)
    return all(map(plain, grads)) and all(plain(array_of(s)) for s in node.saved)


def run_on_tensors(node: Node, given: Any) -> Any:
    """The gradients of a node's inputs, as arrays, by way of tensors."""
    tape, state.tape = state.tape, None
    try:
        found = node.apply_tensor([*map(_lifted, given)] if node.several else _lifted(given))
    finally:
        state.tape = tape
    return [_lowered(grad) for grad in found]


def _lifted(grad: Any) -> Any:
    return None if grad is None else wrap(grad)


def _lowered(grad: Any) -> Any:
    if grad.__class__ not in TENSORS:
        return grad
    version = owner(grad)._ver
    if version > 0:
        remember(root(grad._data), version)
    return grad._data
