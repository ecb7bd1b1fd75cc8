"""The reverse walk: cotangents travel from the roots to the leaves, in torch's order.

Torch runs, of the nodes whose cotangent is complete, the one recorded last. A node is recorded
after everything it depends on, so the pending node with the highest sequence number is always
complete, and a heap is all the walk needs. Where hooks can see when a leaf accumulates,
`ExactQueue` keeps torch's order of leaves too.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush, heappushpop
from typing import Any

from gradtui.engine import state
from gradtui.engine.buffers import added, version_of
from gradtui.engine.careful import in_rows, run_on_tensors
from gradtui.engine.exact import ExactWalk, Rehearsal
from gradtui.engine.hooking import apply_plainly, fit, inspect, run_hooked
from gradtui.engine.kernels.shapes import root
from gradtui.engine.leaves import accumulate
from gradtui.engine.node import ENDS, AccumulateGrad, Node, Output
from gradtui.engine.paths import Targets, hooked
from gradtui.engine.tensor import TENSORS, Tensor, wrap


def walk(
    roots: Sequence[tuple[Any, Any]], keep: bool, create: bool, targets: Targets | None
) -> None:
    """One backward pass from `roots`: pairs of edge and cotangent, a tensor to `create`."""
    before, outer = state.grad_enabled, state.versions
    state.grad_enabled, state.versions = create, {}
    if state.duals and not create:  # tangents travel with tensors only
        roots, create = [(edge, wrap(grad)) for edge, grad in roots], True
    try:
        if state.hooks and hooked(edge for edge, _ in roots):
            ExactWalk(keep, create, targets).run(roots)
        else:
            _walk(roots, keep, create, targets)
    finally:
        state.grad_enabled = before
        if state.versions and targets is not None:
            arrays = [root(g) for g in targets.caught.values() if hasattr(g, "base")]
            targets.versions = {id(a): version_of(a) for a in arrays}
        state.versions = outer


def _walk(roots: Any, keep: bool, create: bool, targets: Targets | None) -> None:
    arrivals = _Arrivals()
    first = None
    if len(roots) == 1 and roots[0][0].__class__ not in ENDS:
        ((first, grad),) = roots
    else:
        for edge, grad in roots:
            arrivals.add(edge, grad)
    try:
        _run_nodes(arrivals, first, grad, keep, create, targets)
    except BaseException:
        _finish_leaves(arrivals, roots, create, targets)
        raise
    leaves = arrivals.leaves
    del roots
    edge = grad = None  # so that a leaf may keep a gradient nobody else holds
    while leaves:
        leaf = next(iter(leaves))
        _arrive(leaf, leaves.pop(leaf), create, targets)


class _Arrivals:
    """Cotangents on their way: of nodes still to run, in a heap by number, and of leaves."""

    __slots__ = ("failed", "heap", "leaves", "pending")

    def __init__(self) -> None:
        self.failed: Any = None
        self.pending: dict[Any, Any] = {}
        self.leaves: dict[Any, Any] = {}
        self.heap: list[tuple[int, Node]] = []

    def add(self, edge: Any, grad: Any, given: Any = ()) -> None:
        """Adds a cotangent, one of those a node has `given`, to what waits at an edge's end."""
        if edge.__class__ in TENSORS:
            leaves = self.leaves
            leaves[edge] = grad if edge not in leaves else added(leaves[edge], grad, given)
            return
        pending = self.pending
        if edge.__class__ is Output:
            self._to_slot(edge.node, edge.number, grad, given)
        elif edge.__class__ is AccumulateGrad:
            self.add(edge.variable, grad, given)
        elif edge in pending:
            pending[edge] = added(pending[edge], grad, given)
        else:
            pending[edge] = grad
            heappush(self.heap, (-edge.seq, edge))

    def _to_slot(self, node: Node, number: int, grad: Any, given: Any) -> None:
        slots = self.pending.get(node)
        if slots is None:
            slots = self.pending[node] = [None] * len(node.outputs)
            heappush(self.heap, (-node.seq, node))
        slots[number] = added(slots[number], grad, given)


def _run_nodes(
    arrivals: _Arrivals, first: Any, grad: Any, keep: bool, create: bool, targets: Targets | None
) -> None:
    """Runs every node, the one recorded last first; along a chain the heap is left alone.

    `first` is a node to begin with and `grad` its cotangent, unless all roots wait in `arrivals`.
    """
    pending, heap, leaves = arrivals.pending, arrivals.heap, arrivals.leaves
    arrive, strided = arrivals.add, state.strided
    run = apply_plainly if targets is None else targets.apply
    partial = {} if targets is None else targets.partial
    node: Any = None
    grads: Any
    following: Any = first
    try:
        while following is not None or heap:
            if heap:
                if following is None:
                    node = heappop(heap)[1]
                else:
                    pending[following] = grad
                    node = heappushpop(heap, (-following.seq, following))[1]
                grad = pending.pop(node)
            else:
                node = following
            following = None
            if targets is not None and not targets.catch(node, grad if node.several else (grad,)):
                continue
            if node.hooks is None and grad is not None:
                if partial and node in partial:
                    grads = run(node, grad, create)
                elif create:
                    grads = node.apply_tensor(grad)
                elif strided and not in_rows(node, grad):
                    grads = run_on_tensors(node, grad)
                else:
                    grads = node.apply(grad)
                if node.inputs is not None:
                    grads = fit(node, grads)
            else:
                grads = run_hooked(node, grad, create, run)
            if state.anomaly:
                inspect(node, grads)
            if state.tape is not None:
                state.tape.append(("node", node, (grad, grads)))
            if not keep and node.frees:
                node.saved = None
            edges = partial.get(node, node.edges) if partial else node.edges
            if len(edges) == 1 and not pending and edges[0].__class__ not in ENDS:
                following, grad, grads = edges[0], grads[0], None
                continue
            grad = None
            for edge, found in zip(edges, grads):  # noqa: B905 - one each, by the formulas
                if edge is None:
                    continue
                if edge.__class__ in TENSORS:
                    leaves[edge] = (
                        found if edge not in leaves else added(leaves[edge], found, grads)
                    )
                elif edge is following:
                    grad = added(grad, found, grads)
                elif following is not None or edge.__class__ in ENDS or edge in pending:
                    arrive(edge, found, grads)
                else:
                    following, grad = edge, found
            grads = found = None  # so that the next node may write over what is its alone
    except BaseException:
        arrivals.failed = node
        raise


def _finish_leaves(arrivals: _Arrivals, roots: Any, create: bool, targets: Targets | None) -> None:
    """After an error: leaves that torch comes to before the node that failed have accumulated."""
    if targets is not None and not targets.accumulate:
        return
    rehearsal = Rehearsal(arrivals.failed, targets)
    rehearsal.run(roots)
    for leaf, grad in arrivals.leaves.items():
        if leaf in rehearsal.reached:
            _arrive(leaf, grad, create, targets)


def _arrive(leaf: Tensor, grad: Any, create: bool, targets: Targets | None) -> None:
    if targets is None:
        accumulate(leaf, grad, create)
    else:
        targets.arrive(leaf, grad, create)


def call_node(node: Node, grads: Sequence[Any]) -> Any:
    """Runs one node on tensors: what `grad_fn(v)` returns."""
    if isinstance(node, AccumulateGrad):
        accumulate(node.variable, grads[0], False)
        return None
    count = len(node.outputs) if node.several else 1
    if len(grads) != count:
        s = "s" if count != 1 else ""
        raise TypeError(f"expected {count} argument{s}, got {len(grads)} instead")
    given = list(grads) if node.several else grads[0]
    if not node.several and given is None:
        found: Sequence[Any] = (None,) * len(node.edges)
    else:
        found = node.apply_tensor(given)
    padded = tuple(found) + (None,) * max(node.arity - len(found), 0)
    return padded[0] if len(padded) == 1 else padded
