"""Ways through the backward graph: what an edge leads to, and what can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from gradtui.engine.careful import run_carefully
from gradtui.engine.derive import saved_of
from gradtui.engine.hooking import own_hooks, through
from gradtui.engine.leaves import accumulate
from gradtui.engine.node import AccumulateGrad, Node, Output
from gradtui.engine.tensor import TENSORS, Tensor

recorded = attrgetter("seq")  # a node comes after all it depends on


def node_of(edge: Any) -> Any:
    """What an edge leads to: a node, or a leaf, also where its accumulator stands for it."""
    if edge.__class__ is AccumulateGrad:
        return edge.variable
    return edge.node if edge.__class__ is Output else edge


def key_of(edge: Any) -> tuple[Any, int]:
    return (edge.node, edge.number) if edge.__class__ is Output else (node_of(edge), 0)


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


def reachable(roots: Iterable[Any]) -> set[Node]:
    """Every node the roots lead to, and the roots that are nodes."""
    seen: set[Any] = set()
    stack = list(roots)
    while stack:
        end = stack.pop()
        kind = end.__class__
        if kind is Output:
            end = end.node
        elif end is None or kind in TENSORS or kind is AccumulateGrad:
            continue
        if end not in seen:
            seen.add(end)
            stack.extend(end.edges)
    return seen


def hooked(roots: Iterable[Any]) -> bool:
    """Whether some hook behind the roots can see in which order nodes run and leaves accumulate."""
    seen: set[Any] = set()
    stack = [node_of(r) for r in roots]
    while stack:
        end = stack.pop()
        if end is None or end in seen:
            continue
        seen.add(end)
        if end.__class__ in TENSORS:
            if end._rare is not None and end._rare.hooked():
                return True
        elif end.hooks is not None:
            return True
        else:
            stack.extend(map(node_of, end.edges))
    return False


class Targets:
    """Where a pass is to end: edges to catch gradients at (`autograd.grad`) or, with `accumulate`,
    tensors to accumulate them in (`backward(inputs=…)`); and which nodes lead there."""

    def __init__(
        self, edges: Sequence[Any], roots: Iterable[Any], accumulate: bool = False
    ) -> None:
        self.keys = [key_of(e) for e in edges]
        self.caught: dict[Any, Any] = dict.fromkeys(self.keys)
        self.nodes = {k[0] for k in self.keys}
        self.accumulate = accumulate
        self.versions: dict[int, int] = {}  # of the arrays that were caught, by their ids
        starts = [node_of(r) for r in roots]
        self.root = starts[0] if len(starts) == 1 else None  # torch runs a lone root as it comes
        self.needed = self._lead_to(roots)
        if accumulate:
            self.needed |= {n for n in self.nodes if isinstance(n, Node)}
        self.partial: dict[Any, tuple[Any, ...]] = {}  # of nodes with other edges: None for those
        for node in self.needed:
            if len(node.edges) == 1 and node not in self.nodes:
                continue
            unwanted = [e is not None and not self.wants(node_of(e)) for e in node.edges]
            if any(unwanted):
                pairs = zip(node.edges, unwanted, strict=True)
                self.partial[node] = tuple([None if no else e for e, no in pairs])

    def _lead_to(self, roots: Iterable[Any]) -> set[Any]:
        """Every node from which some target can be reached, targets themselves excluded."""
        needed: set[Any] = set()
        targets = self.nodes
        for node in sorted(reachable(roots), key=recorded):
            for end in node.edges:
                if end.__class__ is Output:
                    end = end.node
                elif end.__class__ is AccumulateGrad:
                    end = end.variable
                if end in needed or (end in targets and end is not None):
                    needed.add(node)
                    break
        return needed

    def wants(self, end: Any) -> bool:
        """Whether a gradient that travels to `end`, a node or leaf, is of use."""
        return end in self.needed or end in self.nodes

    def apply(self, node: Node, given: Any, create: bool) -> Sequence[Any]:
        """The gradients of a node's inputs; what torch's own operations have to do with no target
        is not computed."""
        wanted = self.partial.get(node)
        if wanted is None or (not hasattr(node, "row") and not hasattr(node, "inner")):
            return node.apply_tensor(given) if create else run_carefully(node, given)
        if hasattr(node, "row") and node.row.saves:
            saved_of(node)  # which raises, also where the formulas that are left name none of it
        if all(e is None for e in wanted) and node.arity:
            return (None,) * len(wanted)
        edges, node.edges = node.edges, wanted
        try:
            return node.apply_tensor(given) if create else run_carefully(node, given)
        finally:
            node.edges = edges

    def catch(self, node: Node, slots: Sequence[Any]) -> bool:
        """Keeps gradients that were asked for; says whether the node must run for the others."""
        runs = node in self.needed
        if not runs and (node in self.nodes or node is self.root):
            slots = [own_hooks(node, number, slot) for number, slot in enumerate(slots)]
        if not self.accumulate and node in self.nodes:
            for number, slot in enumerate(slots):
                if (node, number) in self.caught:
                    self.caught[node, number] = slot
        return runs

    def arrive(self, leaf: Tensor, grad: Any, create: bool) -> None:
        """A gradient at a leaf: accumulated, kept, or of no use."""
        if self.accumulate and leaf in self.nodes:
            accumulate(leaf, grad, create)
        elif leaf is self.root or (leaf, 0) in self.caught:
            hooks = leaf._rare.hooks if leaf._rare else None
            grad = grad if not hooks else through(hooks.values(), grad)
            if (leaf, 0) in self.caught:
                self.caught[leaf, 0] = grad
