"""The reverse walk to the letter: torch's queue and its count of dependencies.

It is needed only where hooks can see in which order nodes run and leaves accumulate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtui.engine import state
from gradtui.engine.buffers import added
from gradtui.engine.hooking import (
    apply_plainly,
    as_tensor,
    before,
    fit,
    inspect,
    run_hooked,
    through,
)
from gradtui.engine.leaves import HOLDERS, accumulate
from gradtui.engine.node import AccumulateGrad, Node, Output, accumulator
from gradtui.engine.paths import Targets, finish_order, node_of
from gradtui.engine.tensor import TENSORS


class ExactQueue:
    """The C++ priority queue of ready nodes, so that ties leave it in torch's order."""

    def __init__(self) -> None:
        self.items: list[tuple[int, Node]] = []

    def __contains__(self, node: Node) -> bool:
        return any(node is item for _, item in self.items)

    def push(self, node: Node) -> None:
        item = (node._sequence_nr(), node)
        self.items.append(item)
        self._rise(len(self.items) - 1, 0, item)

    def _rise(self, hole: int, top: int, item: tuple[int, Node]) -> None:
        items = self.items
        parent = (hole - 1) // 2
        while hole > top and items[parent][0] < item[0]:
            items[hole] = items[parent]
            hole, parent = parent, (parent - 1) // 2
        items[hole] = item

    def pop(self) -> Node:
        items = self.items
        first, last = items[0], items.pop()
        size = len(items)
        if not size:
            return first[1]
        hole = child = 0
        while child < (size - 1) // 2:
            child = 2 * (child + 1)
            if items[child][0] < items[child - 1][0]:
                child -= 1
            items[hole] = items[child]
            hole = child
        if size % 2 == 0 and child == (size - 2) // 2:
            child = 2 * (child + 1)
            items[hole] = items[child - 1]
            hole = child - 1
        self._rise(hole, 0, last)
        return first[1]


class ExactWalk:
    """A pass that counts dependencies and accumulates each leaf when its last part arrived."""

    def __init__(self, keep: bool, create: bool, targets: Targets | None = None) -> None:
        self.keep, self.create, self.targets = keep, create, targets
        self.waiting: dict[Any, int] = {}
        self.buffers: dict[Any, list[Any]] = {}
        self.queue = ExactQueue()
        self.ends: set[Node] = set()
        self.run_node = apply_plainly if targets is None else targets.apply

    def run(self, roots: Sequence[tuple[Any, Any]]) -> None:
        """The whole pass, known to hooks as `state.passes[-1]` while it runs."""
        state.passes.append(self)
        try:
            self._run(roots)
        finally:
            state.passes.pop()

    def reaches(self, end: Any) -> bool:
        """Whether this pass runs a node, or accumulates into a leaf."""
        if self.targets is not None and not self.targets.wants(end):
            return False
        return self._end(end) in self.ends

    def _run(self, roots: Sequence[tuple[Any, Any]]) -> None:
        nodes = finish_order(e for e, _ in roots)
        for node in nodes:
            for edge in node.edges:
                if edge is not None:
                    end = self._end(edge)
                    self.waiting[end] = self.waiting.get(end, 0) + 1
        self.ends = {*self.waiting, *(self._end(e) for e, _ in roots)}
        for edge, grad in roots:
            end = self._end(edge)
            self._buffer(end, edge, grad)
            if not self.waiting.get(end) and end not in self.queue:
                self.queue.push(end)
        while self.queue.items:
            self._run_node(self.queue.pop())

    def _end(self, edge: Any) -> Node:
        end = node_of(edge)
        return accumulator(end) if end.__class__ in TENSORS else end

    def _buffer(self, end: Node, edge: Any, grad: Any, given: Any = ()) -> None:
        slots = self.buffers.setdefault(end, [None] * (len(end.outputs) if end.several else 1))
        number = edge.number if edge.__class__ is Output else 0
        slots[number] = added(slots[number], grad, given)

    def _run_node(self, node: Node) -> None:
        slots = self.buffers.pop(node)
        if isinstance(node, AccumulateGrad):
            self._arrive(node, slots.pop())
            return
        if self.targets is not None and not self.targets.catch(node, slots):
            return
        grads = (
            run_hooked(node, slots if node.several else slots[0], self.create, self.run_node)
            if (node.hooks is not None or (len(slots) == 1 and slots[0] is None))
            else self._apply(node, slots)
        )
        if state.anomaly:
            inspect(node, grads)
        if state.tape is not None:
            state.tape.append(("node", node, (slots if node.several else slots[0], grads)))
        if not self.keep and node.frees:
            node.saved = None
        del slots
        for edge, grad in zip(node.edges, grads, strict=True):
            if edge is not None:
                self._deliver(edge, grad, grads)

    def _apply(self, node: Node, slots: list[Any]) -> Sequence[Any]:
        given = slots if node.several else slots[0]
        grads = self.run_node(node, given, self.create)
        return grads if node.inputs is None else fit(node, grads)

    def _deliver(self, edge: Any, grad: Any, given: Any) -> None:
        end = self._end(edge)
        self.waiting[end] -= 1
        if self.targets is not None:
            key = node_of(edge)
            if not self.targets.wants(key):
                return
        self._buffer(end, edge, grad, given)
        if not self.waiting[end]:
            self.queue.push(end)

    def _arrive(self, node: AccumulateGrad, grad: Any) -> None:
        targets = self.targets
        if targets is None or (targets.accumulate and node.variable in targets.nodes):
            self._accumulate(node, grad)
        else:
            targets.arrive(node.variable, grad, self.create)

    def _accumulate(self, node: AccumulateGrad, grad: Any) -> None:
        hooks = node.hooks
        if hooks is not None and hooks.before:
            leaf_hooks = node.variable.aside().hooks
            if leaf_hooks:
                grad = through(leaf_hooks.values(), grad)
            grad = before(hooks.before.values(), [grad])[0]
            kept, node.variable.aside().hooks = node.variable.aside().hooks, None
            try:
                accumulate(node.variable, grad, self.create, HOLDERS + 1)
            finally:
                node.variable.aside().hooks = kept
        else:
            accumulate(node.variable, grad, self.create, HOLDERS + 1)
        if hooks is not None and hooks.after:
            for hook in list(hooks.after.values()):
                hook((), (as_tensor(grad),))


class Rehearsal(ExactWalk):
    """The order of a pass without its numbers: which leaves it came to before a node, in `reached`."""

    def __init__(self, last: Node | None, targets: Targets | None) -> None:
        super().__init__(False, False, targets)
        self.last = last
        self.reached: set[Any] = set()

    def _run_node(self, node: Node) -> None:
        self.buffers.pop(node)
        if node is self.last:
            self.queue.items.clear()
        elif isinstance(node, AccumulateGrad):
            self.reached.add(node.variable)
        elif self.targets is None or node in self.targets.needed:
            for edge in node.edges:
                if edge is not None:
                    self._deliver(edge, None, ())
