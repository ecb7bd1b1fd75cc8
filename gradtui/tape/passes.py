"""One backward pass, watched from within: hooks on every node it can reach, taken away afterwards.

The hooks only read, and small Jacobians are read before the pass: a lesson sees nothing of either.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from gradtui.language.observer import Act
from gradtui.language.source import Span
from gradtui.tape import events as e
from gradtui.tape.events import Value
from gradtui.tape.graph_reader import GraphReader, is_leaf_node, reachable
from gradtui.tape.jacobians import JacobianReader
from gradtui.tape.operands import tensors_in
from gradtui.tape.snapshot import take
from gradtui.tape.watch import Watch


class Request(Struct, frozen=True):
    """What a call of `backward` or `grad` asks for."""

    call: str
    roots: tuple[Any, ...]  # tensors
    vectors: tuple[Any, ...]
    retain_graph: bool
    create_graph: bool


METHOD = ("gradient", "retain_graph", "create_graph", "inputs")
FUNCTION = ("tensors", "grad_tensors", "retain_graph", "create_graph", "grad_variables", "inputs")
GRAD = ("outputs", "inputs", "grad_outputs", "retain_graph", "create_graph")
VECTORS = ("gradient", "grad_tensors", "grad_outputs")


def request(act: Act, tensor: type) -> Request | None:
    """The pass an act asks for; None if it asks for none."""
    if act.kind != "call" or act.name not in ("backward", "grad"):
        return None
    if act.name == "backward" and isinstance(act.receiver, tensor):
        return _request("backward", (act.receiver,), _named(METHOD, act), tensor)
    given = _named(FUNCTION if act.name == "backward" else GRAD, act)
    roots = given.get("tensors" if act.name == "backward" else "outputs")
    found = tuple(tensors_in((roots,), tensor))
    return _request(act.name, found, given, tensor) if found else None


def _named(names: Sequence[str], act: Act) -> Mapping[str, Any]:
    return {**dict(zip(names, act.args, strict=False)), **act.kwargs}


def _request(call: str, roots: tuple[Any, ...], given: Mapping[str, Any], tensor: type) -> Request:
    vectors = next((given[name] for name in VECTORS if given.get(name) is not None), None)
    listed = tuple(vectors) if isinstance(vectors, (list, tuple)) else (vectors,)
    create = bool(given.get("create_graph"))
    retain = given.get("retain_graph")
    return Request(call, roots, listed, create if retain is None else bool(retain), create)


class Pass:
    """A backward pass under way: `begin`, then the call itself, then `end`."""

    def __init__(
        self,
        number: int,
        asked: Request,
        span: Span,
        torch: Any,
        graph: GraphReader,
        watch: Watch,
        reader: JacobianReader,
        emit: Callable[[e.AnyEvent], None],
    ) -> None:
        self.number, self.asked, self.span = number, asked, span
        self.torch, self.graph, self.watch, self.emit = torch, graph, watch, emit
        self.reader = reader
        self.handles: list[Any] = []
        self.ran: list[tuple[Any, int]] = []
        self.running: int | None = None
        self.jacobians: dict[int, tuple[Value | None, ...]] = {}
        self.before: dict[int, Value | None] = {}

    def begin(self) -> None:
        """Tells of the pass, reads the Jacobians of its nodes and puts the hooks in place."""
        functions = [root.grad_fn for root in self.asked.roots]
        fresh = self.graph.discover(functions)
        vectors = tuple(self._vector(i, root) for i, root in enumerate(self.asked.roots))
        self.emit(
            e.BackwardBegan(
                span=self.span,
                number=self.number,
                call=self.asked.call,
                roots=tuple(self._root(root) for root in self.asked.roots),
                vectors=vectors,
                retain_graph=self.asked.retain_graph,
                create_graph=self.asked.create_graph,
                nodes=fresh,
            )
        )
        nodes = reachable(functions)
        if not self.asked.create_graph:
            self._read_jacobians(nodes)
        for node in nodes:
            self._hook(node)

    def _root(self, root: Any) -> int | None:
        if root.grad_fn is not None:
            return self.graph.id(root.grad_fn)
        return self.graph.of_leaf(self.watch.entry(root).number)

    def _vector(self, index: int, root: Any) -> Value | None:
        given = self.asked.vectors[index] if index < len(self.asked.vectors) else None
        if isinstance(given, self.torch.Tensor):
            return self.watch.see(given)
        if root.numel() != 1 or not root.requires_grad:
            return None
        with self.torch.no_grad():
            return take(self.torch.ones_like(root))

    def _hook(self, node: Any) -> None:
        number = self.graph.id(node)
        leaf = node.variable if is_leaf_node(node) else None
        if leaf is not None:
            before = partial(self._before_leaf, number, leaf)
            after = partial(self._after_leaf, leaf)
        else:
            before, after = partial(self._before, number), partial(self._after, node, number)
        self.handles += [node.register_prehook(before), node.register_hook(after)]

    def _before(self, number: int, cotangents: Any) -> None:
        self.running = number

    def _after(self, node: Any, number: int, products: Any, cotangents: Any) -> None:
        self.running = None
        self.ran.append((node, number))
        self.emit(
            e.NodeRan(
                span=self.span,
                number=self.number,
                node=number,
                cotangents=self._values(cotangents),
                products=self._values(products),
                jacobians=self.jacobians.get(number, ()),
            )
        )

    def _values(self, tensors: Sequence[Any]) -> tuple[Value | None, ...]:
        return tuple(None if tensor is None else self._take(tensor) for tensor in tensors)

    def _take(self, tensor: Any) -> Value:
        """A gradient on its way: without a graph of its own it asks for none, be it the very vector
        that the lesson gave."""
        value = take(tensor)
        if value.requires_grad and not self.asked.create_graph:
            return msgspec.structs.replace(value, requires_grad=False, is_leaf=True)
        return value

    def _before_leaf(self, number: int, leaf: Any, cotangents: Any) -> None:
        self.running = number
        entry = self.watch.entry(leaf)
        self.before[entry.number] = owned(self.watch, leaf)

    def _after_leaf(self, leaf: Any, products: Any, cotangents: Any) -> None:
        self.running = None
        if cotangents[0] is not None:  # nothing at all reached the leaf
            self._accumulated(leaf, self._take(cotangents[0]))

    def _accumulated(self, leaf: Any, added: Value) -> None:
        entry = self.watch.entry(leaf)
        after = owned(self.watch, leaf)
        if after is None:
            return
        self.emit(
            e.Accumulated(
                span=self.span,
                number=self.number,
                tensor=entry.number,
                before=self.before.get(entry.number),
                added=added,
                after=after,
            )
        )

    def end(self) -> None:
        """Takes the hooks away and tells which nodes were freed."""
        for handle in self.handles:
            handle.remove()
        self.handles.clear()
        self.emit(e.BackwardEnded(span=self.span, number=self.number, freed=self._freed()))
        self.ran.clear()

    def _freed(self) -> tuple[int, ...]:
        if self.asked.retain_graph:
            return ()
        freed = tuple(number for node, number in self.ran if self.graph.is_freed(node, number))
        for number in freed:
            del self.graph.saving[number]
        return freed

    @property
    def fault(self) -> int | None:
        """The node an error of the pass came from: the one that was running, else a single root."""
        if self.running is not None or self.ran or len(self.asked.roots) != 1:
            return self.running
        return self._root(self.asked.roots[0])

    def _read_jacobians(self, nodes: Sequence[Any]) -> None:
        with self.torch.no_grad():
            for node in sorted(nodes, key=self.graph.key, reverse=True):
                found = self.reader.read(node)
                if found is not None:
                    self.jacobians[self.graph.id(node)] = found


def owned(watch: Watch, leaf: Any) -> Value | None:
    """The leaf's `.grad` now, known from here on as this leaf's."""
    grad = leaf.grad
    entry = watch.entry(leaf)
    if grad is None:
        entry.grad = None
        return None
    entry.grad = watch.grad(grad, entry.number)
    return watch.see(grad)
