"""The reverse walk: cotangents travel from the roots to the leaves, each node run once, in torch's order.

Torch runs, of the nodes whose cotangent is complete, the one recorded last. A node is recorded after
everything it depends on, so the pending node with the highest sequence number is always complete, and
a heap is all the walk needs. Where hooks can see when a leaf accumulates, `ExactQueue` keeps torch's
order of leaves too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from sys import getrefcount
from typing import Any

import numpy as np

from gradtui.engine import errors, modes, state
from gradtui.engine.lift import reduce_to
from gradtui.engine.node import AccumulateGrad, Node, Output, accumulator
from gradtui.engine.tensor import TENSORS, Tensor, owner, storage, wrap


class Targets:
    """What `autograd.grad` asks for: which edges to catch gradients at, and which nodes lead there."""

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


def walk(
    roots: Sequence[tuple[Any, Any]], keep: bool, create: bool, targets: Targets | None
) -> None:
    """One backward pass from `roots`, pairs of edge and cotangent (arrays, or tensors to `create`)."""
    before = state.grad_enabled
    state.grad_enabled = create
    try:
        if state.leaf_hooks and targets is None:
            ExactWalk(keep, create).run(roots)
        else:
            _walk(roots, keep, create, targets)
    finally:
        state.grad_enabled = before


def _walk(roots: Any, keep: bool, create: bool, targets: Targets | None) -> None:
    pending: dict[Any, Any] = {}
    leaves: dict[Any, Any] = {}
    heap: list[tuple[int, Node]] = []
    deliver = _Deliver(pending, leaves, heap)
    for edge, grad in roots:
        deliver(edge, grad)
    try:
        while heap:
            node = heappop(heap)[1]
            while node is not None:
                grad = pending.pop(node)
                if targets is not None and not _catch(targets, node, grad):
                    break
                edges = node.edges
                if node.hooks is None:
                    grads = node.apply_tensor(grad) if create else node.apply(grad)
                    if node.inputs is not None:
                        grads = fit(node, grads)
                else:
                    grads = run_hooked(node, grad, create)
                if state.anomaly:
                    inspect(node, grads)
                if not keep and node.frees:
                    node.saved = None
                if len(edges) == 1 and not heap and not pending:
                    node = _carry_on(edges[0], grads[0], pending, deliver)
                    continue
                for edge, grad in zip(edges, grads, strict=True):
                    if edge is not None:
                        deliver(edge, grad)
                break
    except BaseException:
        _finish_leaves([r[0] for r in roots], leaves, pending, create, targets)
        raise
    edge = edges = grad = grads = roots = (
        None  # so that a leaf may keep a gradient nobody else holds
    )
    while leaves:
        leaf = next(iter(leaves))
        _arrive(leaf, leaves.pop(leaf), create, targets)


def _carry_on(edge: Any, grad: Any, pending: Any, deliver: _Deliver) -> Any:
    """Along a chain there is no choice to make: the next node at once, without the heap."""
    if edge is None or edge.__class__ is Output or edge.__class__ in TENSORS:
        if edge is not None:
            deliver(edge, grad)
            if deliver.heap:
                return heappop(deliver.heap)[1]
        return None
    pending[edge] = grad
    return edge


class _Deliver:
    """Adds a cotangent to what waits at an edge's end."""

    __slots__ = ("heap", "leaves", "pending")

    def __init__(self, pending: Any, leaves: Any, heap: Any) -> None:
        self.pending, self.leaves, self.heap = pending, leaves, heap

    def __call__(self, edge: Any, grad: Any) -> None:
        if edge.__class__ in TENSORS:
            leaves = self.leaves
            leaves[edge] = grad if edge not in leaves else add(leaves[edge], grad)
            return
        pending = self.pending
        if edge.__class__ is Output:
            self._to_slot(edge.node, edge.number, grad)
        elif edge.several:
            self._to_slot(edge, 0, grad)
        elif edge in pending:
            pending[edge] = add(pending[edge], grad)
        else:
            pending[edge] = grad
            heappush(self.heap, (-edge.seq, edge))

    def _to_slot(self, node: Node, number: int, grad: Any) -> None:
        slots = self.pending.get(node)
        if slots is None:
            slots = self.pending[node] = [None] * len(node.outputs)
            heappush(self.heap, (-node.seq, node))
        slots[number] = add(slots[number], grad)


def inspect(node: Node, grads: Sequence[Any]) -> None:
    """Anomaly mode: stops at the first node that returns what is not a number."""
    for number, grad in enumerate(grads if state.check_nan else ()):
        array = grad._data if grad.__class__ in TENSORS else grad
        if array is not None and np.isnan(array).any():
            warnings.warn(errors.DETECTED.format(node.name()), stacklevel=5)
            raise RuntimeError(
                f"Function '{node.name()}' returned nan values in its {number}th output."
            )


def add(have: Any, more: Any) -> Any:
    if have is None:
        return more
    return have if more is None else have + more


def fit(node: Node, grads: Sequence[Any]) -> list[Any]:
    """Each gradient in the shape and dtype of its input."""
    return [
        g
        if g is None or pair is None or (g.shape == pair[0] and _dtype(g) is pair[1])
        else reduce_to(g, *pair)
        for g, pair in zip(grads, node.inputs, strict=True)
    ]


def _dtype(grad: Any) -> Any:
    return grad._data.dtype if grad.__class__ in TENSORS else grad.dtype


def _catch(targets: Targets, node: Node, grad: Any) -> bool:
    """Keeps a gradient that was asked for; says whether the node must run for the others."""
    if node in targets.nodes:
        slots = grad if node.several else [grad]
        for number, slot in enumerate(slots):
            if (node, number) in targets.caught:
                targets.caught[node, number] = _after_tensor_hooks(node, number, slot)
    return node in targets.needed


def _after_tensor_hooks(node: Node, number: int, grad: Any) -> Any:
    if node.hooks is None or grad is None:
        return grad
    return _through(node.hooks.tensors.get(number, {}).values(), grad)


def _finish_leaves(
    roots: Any, leaves: dict[Any, Any], pending: Any, create: bool, targets: Targets | None
) -> None:
    """After an error: leaves whose gradient was already complete have accumulated, as in torch."""
    if targets is not None:
        return
    waiting = {
        e
        for n in finish_order(pending)
        for e in n.edges
        if e is not None and e.__class__ in TENSORS
    }
    for leaf, grad in leaves.items():
        if leaf not in waiting:
            accumulate(leaf, grad, create)


def _arrive(leaf: Tensor, grad: Any, create: bool, targets: Targets | None) -> None:
    if targets is None:
        accumulate(leaf, grad, create)
    elif (leaf, 0) in targets.caught:
        hooks = leaf._rare.hooks if leaf._rare else None
        targets.caught[leaf, 0] = grad if not hooks else _through(hooks.values(), grad)


# -- leaves --------------------------------------------------------------------------------------


def accumulate(leaf: Tensor, grad: Any, create: bool) -> None:
    """Adds `grad` to the leaf's `.grad`, in place unless a graph of the gradient is wanted."""
    rare = leaf.aside()
    if rare.hooks:
        grad = _through(rare.hooks.values(), grad)
    if grad is None:
        return
    have = rare.grad
    if grad.__class__ in TENSORS and (create or have is None):
        rare.grad = _copied(grad) if have is None else have + grad
    elif have is None and _is_free(grad, leaf, getrefcount(grad)):
        rare.grad = wrap(grad)
    elif have is None:
        rare.grad = wrap(np.array(grad))
        rare.grad._ver = 1  # torch copies into a new tensor, in place
    else:
        add_to(have, grad)
    if rare.post_hooks:
        for hook in list(rare.post_hooks.values()):
            if hook(leaf) is not None:
                raise RuntimeError("Tensor post accumulate grad hooks should return None.")


def _copied(grad: Tensor) -> Tensor:
    """A gradient that keeps its graph, copied into a tensor of the leaf's own."""
    copy: Any = wrap(np.empty_like(grad._data))
    return copy.copy_(grad) if grad._rg else wrap(np.array(grad._data))  # type: ignore[no-any-return]


HOLDERS = 4  # of an array in `accumulate` that nobody else refers to: frames and the count


def _is_free(grad: Any, leaf: Tensor, holders: int) -> bool:
    """Whether a gradient can become the leaf's own without a copy, as torch decides it."""
    if grad.__class__ is not np.ndarray:
        return holders <= HOLDERS
    return grad.base is None and holders <= HOLDERS and grad.strides == storage(leaf).strides


def add_to(have: Tensor, grad: Any) -> None:
    array = storage(have)
    if state.tape is not None:
        state.tape.append(("before", have, array.copy()))
    np.add(array, grad._data if grad.__class__ in TENSORS else grad, out=array)
    owner(have)._ver += 1


# -- hooks -----------------------------------------------------------------------------------------


def as_tensor(grad: Any) -> Any:
    return grad if grad is None or grad.__class__ in TENSORS else wrap(grad)


def _same_kind(new: Any, like: Any) -> Any:
    """What a hook returned, as an array where the pass computes on arrays."""
    if new is None or like is None or like.__class__ in TENSORS:
        return new
    return new._data


def _through(hooks: Iterable[Callable[..., Any]], grad: Any) -> Any:
    for hook in list(hooks):
        given = as_tensor(grad)
        answer = hook(given)
        if answer is not None:
            _check_answer(answer, given)
            grad = _same_kind(answer, grad)
    return grad


def _check_answer(answer: Any, given: Any) -> None:
    if answer.__class__ not in TENSORS:
        raise TypeError(f"expected Tensor, but hook returned '{type(answer).__name__}'")
    if answer._data.shape != given._data.shape:
        raise RuntimeError(
            f"hook 'hook' has changed the size of value (expected {list(given.shape)}, "
            f"got {list(answer.shape)})"
        )


def run_hooked(node: Node, grad: Any, create: bool) -> Sequence[Any]:
    """Runs a node with its hooks: on its outputs' gradients, before it, and after it."""
    hooks = node.hooks
    assert hooks is not None
    slots = list(grad) if node.several else [grad]
    for number, table in hooks.tensors.items():
        if slots[number] is not None:
            slots[number] = _through(table.values(), slots[number])
    for number, reference in hooks.retained.items():
        tensor = reference()
        if tensor is not None and slots[number] is not None:
            _retain(tensor, slots[number], create)
    if hooks.before:
        slots = _before(hooks.before.values(), slots)
    given = slots if node.several else slots[0]
    if not node.several and given is None:
        grads: Sequence[Any] = (None,) * len(node.edges)
    else:
        grads = node.apply_tensor(given) if create else node.apply(given)
    if node.inputs is not None:
        grads = fit(node, grads)
    return _after(hooks.after.values(), node, grads, slots) if hooks.after else grads


def _retain(tensor: Tensor, grad: Any, create: bool) -> None:
    aside = tensor.aside()
    fresh = as_tensor(grad) if create else wrap(np.array(grad))
    aside.grad = fresh if aside.grad is None else as_tensor(aside.grad + fresh)


def _before(hooks: Iterable[Callable[..., Any]], slots: list[Any]) -> list[Any]:
    for hook in list(hooks):
        answer = hook(tuple(as_tensor(s) for s in slots))
        if answer is not None:
            answers = answer if isinstance(answer, tuple) else (answer,)
            slots = [_same_kind(a, s) for a, s in zip(answers, slots, strict=True)]
    return slots


def _after(
    hooks: Iterable[Callable[..., Any]], node: Node, grads: Sequence[Any], slots: list[Any]
) -> Sequence[Any]:
    padding = max(node.arity - len(grads), 0)
    for hook in list(hooks):
        shown = tuple(as_tensor(g) for g in grads) + (None,) * padding
        answer = hook(shown, tuple(as_tensor(s) for s in slots))
        if answer is not None:
            answers = answer if isinstance(answer, tuple) else (answer,)
            grads = [_same_kind(a, g) for a, g in zip(answers, grads, strict=False)]
    return grads


# -- torch's order to the letter -------------------------------------------------------------------


class ExactQueue:
    """The C++ priority queue torch keeps ready nodes in, so that ties leave it in the same order."""

    def __init__(self) -> None:
        self.items: list[Node] = []

    def push(self, node: Node) -> None:
        items = self.items
        items.append(node)
        self._rise(len(items) - 1, 0, node)

    def _rise(self, hole: int, top: int, node: Node) -> None:
        items = self.items
        parent = (hole - 1) // 2
        while hole > top and items[parent].seq < node.seq:
            items[hole] = items[parent]
            hole, parent = parent, (parent - 1) // 2
        items[hole] = node

    def pop(self) -> Node:
        items = self.items
        first, last = items[0], items.pop()
        size = len(items)
        if not size:
            return first
        hole = child = 0
        while child < (size - 1) // 2:
            child = 2 * (child + 1)
            if items[child].seq < items[child - 1].seq:
                child -= 1
            items[hole] = items[child]
            hole = child
        if size % 2 == 0 and child == (size - 2) // 2:
            child = 2 * (child + 1)
            items[hole] = items[child - 1]
            hole = child - 1
        self._rise(hole, 0, last)
        return first


class ExactWalk:
    """A pass that counts dependencies and accumulates each leaf the moment its last part arrived."""

    def __init__(self, keep: bool, create: bool) -> None:
        self.keep, self.create = keep, create
        self.waiting: dict[Any, int] = {}
        self.buffers: dict[Any, list[Any]] = {}
        self.queue = ExactQueue()

    def run(self, roots: Sequence[tuple[Any, Any]]) -> None:
        nodes = finish_order(e for e, _ in roots)
        for node in nodes:
            for edge in node.edges:
                if edge is not None:
                    end = self._end(edge)
                    self.waiting[end] = self.waiting.get(end, 0) + 1
        for edge, grad in roots:
            end = self._end(edge)
            self._buffer(end, edge, grad)
            if not self.waiting.get(end) and end not in self.queue.items:
                self.queue.push(end)
        while self.queue.items:
            self._run_node(self.queue.pop())

    def _end(self, edge: Any) -> Node:
        return accumulator(edge) if edge.__class__ in TENSORS else node_of(edge)

    def _buffer(self, end: Node, edge: Any, grad: Any) -> None:
        slots = self.buffers.setdefault(end, [None] * (len(end.outputs) if end.several else 1))
        number = edge.number if edge.__class__ is Output else 0
        slots[number] = add(slots[number], grad)

    def _run_node(self, node: Node) -> None:
        slots = self.buffers.pop(node)
        if isinstance(node, AccumulateGrad):
            self._accumulate(node, slots.pop())
            return
        grads = (
            run_hooked(node, slots if node.several else slots[0], self.create)
            if (node.hooks is not None or (len(slots) == 1 and slots[0] is None))
            else self._apply(node, slots)
        )
        if state.anomaly:
            inspect(node, grads)
        if not self.keep and node.frees:
            node.saved = None
        for edge, grad in zip(node.edges, grads, strict=True):
            if edge is not None:
                self._deliver(edge, grad)

    def _apply(self, node: Node, slots: list[Any]) -> Sequence[Any]:
        given = slots if node.several else slots[0]
        grads = node.apply_tensor(given) if self.create else node.apply(given)
        return grads if node.inputs is None else fit(node, grads)

    def _deliver(self, edge: Any, grad: Any) -> None:
        end = self._end(edge)
        self._buffer(end, edge, grad)
        self.waiting[end] -= 1
        if not self.waiting[end]:
            self.queue.push(end)

    def _accumulate(self, node: AccumulateGrad, grad: Any) -> None:
        hooks = node.hooks
        if hooks is not None and hooks.before:
            leaf_hooks = node.variable.aside().hooks
            if leaf_hooks:
                grad = _through(leaf_hooks.values(), grad)
            grad = _before(hooks.before.values(), [grad])[0]
            kept, node.variable.aside().hooks = node.variable.aside().hooks, None
            try:
                accumulate(node.variable, grad, self.create)
            finally:
                node.variable.aside().hooks = kept
        else:
            accumulate(node.variable, grad, self.create)
        if hooks is not None and hooks.after:
            for hook in list(hooks.after.values()):
                hook((), (as_tensor(grad),))


# -- one node by hand --------------------------------------------------------------------------------


def call_node(node: Node, grads: Sequence[Any]) -> Any:
    """Runs one node on tensors: what `grad_fn(v)` returns."""
    if isinstance(node, AccumulateGrad):
        accumulate(node.variable, grads[0], False)
        return None
    given = list(grads) if node.several else grads[0]
    if not node.several and given is None:
        found: Sequence[Any] = (None,) * len(node.edges)
    else:
        found = node.apply_tensor(given)
    if node.inputs is not None:
        found = fit(node, found)
    padded = tuple(found) + (None,) * max(node.arity - len(found), 0)
    return padded[0] if len(padded) == 1 else padded


__all__ = ["Targets", "accumulate", "call_node", "modes", "walk"]
_ = errors
