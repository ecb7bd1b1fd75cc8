"""Nodes of the backward graph: what an operation leaves behind so that it can be differentiated.

A node's `edges` say where its gradients go: another `Node`, an `Output` of a node with several
outputs, a leaf tensor (which accumulates), or None. Each operation has its own subclass, whose name
is torch's (`MulBackward0`) and whose `apply` turns the incoming cotangent into one gradient per
edge.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtui.engine import dtypes, state

if TYPE_CHECKING:
    from gradtui.engine.tensor import Tensor

Edge = Any  # Node | Output | Tensor (a leaf) | None; unions of slotted classes cost a lookup here


BUILT_IN = frozenset(
    {"AccumulateGrad", "CopyBackwards", "CopySlices", "Error", "Identity", "NotImplemented"}
)
"""Nodes torch has not generated from derivatives.yaml; their names say so."""


ENDS: set[Any] = {type(None)}
"""Classes of edges that a walk cannot just carry on along: leaves, one of several outputs, None."""


FIRST = (1 << 64) - 1
"""The sequence number of nodes that run as soon as they are ready."""


class Output:
    """Output `number` of a node that has several."""

    __slots__ = ("node", "number")

    def __init__(self, node: Node, number: int) -> None:
        self.node = node
        self.number = number


ENDS.add(Output)


class Table(OrderedDict[int, Callable[..., Any]]):
    """Hooks by the id of their handle; `state.hooks` counts them while their tensor or node lives."""

    __slots__ = ()

    def __setitem__(self, number: int, hook: Callable[..., Any]) -> None:
        super().__setitem__(number, hook)
        state.hooks += 1

    def __delitem__(self, number: int) -> None:
        super().__delitem__(number)
        state.hooks -= 1

    def __del__(self) -> None:
        state.hooks -= len(self)


class Handle:
    """What registering a hook returns; `remove` takes the hook away."""

    _numbers = iter(range(1 << 62))

    def __init__(
        self, table: OrderedDict[int, Callable[..., Any]], hook: Callable[..., Any]
    ) -> None:
        self.id = next(Handle._numbers)
        self._table = weakref.ref(table)
        table[self.id] = hook

    def remove(self) -> None:
        """Takes the hook away; a second call does nothing."""
        table = self._table()
        if table is not None and self.id in table:
            del table[self.id]

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


class Hooks:
    """Hooks by the id of their handle: one ordered table for each moment they can run at."""

    __slots__ = ("after", "before", "retained", "tensors")

    def __init__(self) -> None:
        self.before = Table()
        self.after = Table()
        self.tensors: dict[int, Table] = {}
        self.retained: dict[int, Any] = {}  # output number -> weak reference to its tensor


class InputMetadata:
    """What a node knows of one of its forward outputs."""

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: Any, dtype: Any) -> None:
        self.shape = list(shape)
        self.dtype = dtypes.of(dtype)

    @property
    def is_nested_tensor(self) -> bool:
        return False

    is_cpp_nested_tensor = is_nested_tensor

    @property
    def device(self) -> dtypes.device:
        return dtypes.device("cpu")


class Saved:
    """An attribute of a node: what it saved at a place, `_saved_self`."""

    __slots__ = ("place", "whole")

    def __init__(self, place: int, whole: bool) -> None:
        self.place = place
        self.whole = whole  # whole numbers, which torch's binding takes for ones without a sign

    def __get__(self, node: Node | None, kind: type[Node]) -> Any:
        if node is None:
            return self
        found = node.read_saved(self.place)
        return unsigned(found) if self.whole else found


def unsigned(found: Any) -> Any:
    """Numbers of 64 bits without a sign: -1 as 18446744073709551615."""
    if isinstance(found, tuple):
        return tuple([unsigned(n) for n in found])
    return found % 2**64 if found.__class__ is int else found


class RawSaved:
    """The same as a thing that takes hooks, `_raw_saved_self`."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place = place

    def __get__(self, node: Node | None, kind: type[Node]) -> Any:
        from gradtui.engine.autograd.raw import saved_at

        return self if node is None else saved_at(node, self.place)


class Node:
    """One operation's part of the backward graph.

    `saved` holds what its formulas name, and is None once freed. `versions` is 0, or the versions
    the saved tensors had. `outputs` is the (shape, dtype) of the forward result, or a tuple of such
    pairs. `inputs` is None when every gradient already has its input's shape and dtype, else the
    (shape, dtype) to reduce each to.
    """

    __slots__ = (
        "__weakref__",
        "attributes",
        "edges",
        "hooks",
        "inputs",
        "outputs",
        "saved",
        "seq",
        "versions",
    )

    arity = 0  # tensor arguments of the operation, hence the length of next_functions
    several = False  # whether the forward has several outputs, each reached through an `Output`
    frees = True  # whether `saved` holds tensors, which a pass lets go
    edges: tuple[Edge, ...]
    saved: tuple[Any, ...] | None
    versions: Any
    seq: int
    outputs: Any
    inputs: Any
    hooks: Hooks | None
    attributes: dict[str, Any] | None

    def apply(self, grad: Any) -> tuple[Any, ...]:
        """The gradients of the inputs as arrays, from the cotangent of the output."""
        raise NotImplementedError

    def apply_tensor(self, grad: Any) -> tuple[Any, ...]:
        """The same with tensors, so that what it computes is recorded (`create_graph=True`)."""
        raise NotImplementedError

    def name(self) -> str:
        """Torch's name of the node, `"MulBackward0"`."""
        kind = type(self).__name__
        return f"torch::autograd::{kind}" if kind in BUILT_IN else kind

    def _sequence_nr(self) -> int:
        return self.seq if self.__class__.__name__ != "NotImplemented" else FIRST

    @property
    def facts(self) -> dict[str, Any]:
        """What few nodes have: the user's `metadata`, accumulators shown to the user, a spoilt result."""
        if self.attributes is None:
            self.attributes = {}
        return self.attributes

    @property
    def metadata(self) -> dict[str, Any]:
        return self.facts.setdefault("metadata", {})  # type: ignore[no-any-return]

    @property
    def requires_grad(self) -> bool:
        return True

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """Where the gradients go: pairs of node and the number of its output."""
        found = tuple(as_function(edge) for edge in self.edges)
        if any(isinstance(node, AccumulateGrad) for node, _ in found):
            self.facts["ends"] = found  # the graph keeps its accumulators, leaves do not
        return found + ((None, 0),) * (self.arity - len(found))

    @property
    def _input_metadata(self) -> tuple[InputMetadata, ...]:
        pairs = self.outputs if self.several else (self.outputs,)
        return tuple(InputMetadata(*pair) for pair in pairs)

    def ensure_hooks(self) -> Hooks:
        if self.hooks is None:
            self.hooks = Hooks()
        return self.hooks

    def register_hook(self, hook: Callable[..., Any]) -> Handle:
        """Calls `hook(grad_inputs, grad_outputs)` after the node ran; it may return new
        grad_inputs.
        """
        return Handle(self.ensure_hooks().after, hook)

    def register_prehook(self, hook: Callable[..., Any]) -> Handle:
        """Calls `hook(grad_outputs)` before the node runs; it may return new grad_outputs."""
        return Handle(self.ensure_hooks().before, hook)

    def __call__(self, *grads: Any) -> Any:
        """Runs the node once on tensors, outside a backward pass: a vector–Jacobian product."""
        from gradtui.engine.backward import call_node

        return call_node(self, grads)

    def read_saved(self, place: int) -> Any:
        """What is at a place of `saved`, as torch's Python shows it."""
        raise NotImplementedError

    if TYPE_CHECKING:  # what a row saves; at run time it would slow every other attribute down

        def __getattr__(self, name: str) -> Any: ...

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"


class AccumulateGrad(Node):
    """The end of a path: adds what arrives to the `.grad` of its leaf, `variable`."""

    __slots__ = ("variable",)
    arity = 0

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable
        self.edges = ()
        self.saved = ()
        self.versions = 0
        self.seq = FIRST
        self.outputs = (variable._data.shape, variable._data.dtype)
        self.inputs = None
        self.hooks = None
        self.attributes = None


ENDS.add(AccumulateGrad)


def as_function(edge: Edge) -> tuple[Any, int]:
    """An edge as torch shows it: (node, output number)."""
    if edge is None:
        return (None, 0)
    if isinstance(edge, Node):
        return (edge, 0)
    if isinstance(edge, Output):
        return (edge.node, edge.number)
    return (accumulator(edge), 0)


def accumulator(leaf: Tensor) -> AccumulateGrad:
    """The one AccumulateGrad node of a leaf; the graph keeps it, not the leaf."""
    node = leaf.aside().accumulator()
    if node is None:
        node = AccumulateGrad(leaf)
        leaf.aside().remember_accumulator(node)
    return node
