"""Ways through the backward graph: what an edge leads to, and what can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gradtui.engine.node import Node, Output
from gradtui.engine.tensor import TENSORS


def node_of(edge: Any) -> Any:
    return edge.node if edge.__class__ is Output else edge


def key_of(edge: Any) -> tuple[Any, int]:
    return (edge.node, edge.number) if edge.__class__ is Output else (edge, 0)


def finish_order(roots: Iterable[Any]) -> list[Node]:
    """Every node reachable from the roots, each after the nodes its edges lead to."""
    order: list[Node] = []
    seen: set[Any] = set()
    stack: list[tuple[Any, bool]] = [(node_of(r), False) for r in roots]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
            continue
        if node is None or node.__class__ in TENSORS or node in seen:
            continue
        seen.add(node)
        stack.append((node, True))
        stack.extend((node_of(e), False) for e in node.edges)
    return order


class Targets:
    """What `autograd.grad` asks for: where to catch gradients, and which nodes lead there."""

    def __init__(self, edges: Sequence[Any], roots: Iterable[Any]) -> None:
        self.keys = [key_of(e) for e in edges]
        self.caught: dict[Any, Any] = dict.fromkeys(self.keys)
        self.nodes = {k[0] for k in self.keys}
        self.needed = self._lead_to(roots)

    def _lead_to(self, roots: Iterable[Any]) -> set[Any]:
        """Every node from which some target can be reached, targets themselves excluded."""
        needed: set[Any] = set()
        for node in finish_order(roots):
            if any(
                e in needed or e in self.nodes for e in map(node_of, node.edges) if e is not None
            ):
                needed.add(node)
        return needed
