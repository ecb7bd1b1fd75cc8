"""The backward graph as events tell it: nodes numbered once, their edges, shapes and saved tensors.

Torch makes a new Python object each time a node is asked for, so a node is known by its sequence
number, and an AccumulateGrad by the tensor it adds to.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from gradtui.tape.arguments import arguments
from gradtui.tape.events import Edge, Node, Value
from gradtui.tape.snapshot import take
from gradtui.tape.watch import Watch

SAVED = 64  # elements of a saved tensor that is told with its node


class GraphReader:
    """Finds the nodes a run has not yet told of, and remembers which hold saved tensors."""

    def __init__(self, torch: Any, watch: Watch) -> None:
        self.tensor = torch.Tensor
        self.watch = watch
        self.arguments = arguments(torch, watch)
        self.ids: dict[int, int] = {}  # key of a node → its id
        self.saving: dict[int, str] = {}  # node id → an attribute that holds saved tensors
        self._attributes: dict[type, tuple[str, ...]] = {}

    def key(self, node: Any) -> int:
        """What a node is known by: its sequence number, or its leaf's number below zero."""
        number: int = node._sequence_nr()
        return number if number < LEAF else ~self.watch.entry(node.variable).number

    def id(self, node: Any) -> int:
        """The id of a node, given on its first appearance."""
        return self.ids.setdefault(self.key(node), len(self.ids))

    def knows(self, node: Any) -> bool:
        """Whether the node was told of."""
        return self.key(node) in self.ids

    def of_leaf(self, tensor: int) -> int | None:
        """The id of the AccumulateGrad of a tensor, by the tensor's number."""
        return self.ids.get(~tensor)

    def discover(self, roots: Iterable[Any], shown: Sequence[Value] = ()) -> tuple[Node, ...]:
        """The nodes reachable from `roots` and not yet told of, each after those it leads to.

        `shown` are the inputs and outputs of the operation that made them: what it saved is
        recognised among them.
        """
        fresh: dict[int, Any] = {}
        stack = [root for root in reversed(list(roots)) if root is not None]
        while stack:
            node = stack.pop()
            key = self.key(node)
            if key in self.ids or key in fresh:
                continue
            fresh[key] = node
            stack += [target for target, _ in reversed(node.next_functions) if target is not None]
        ordered = sorted(fresh.items()) if len(fresh) > 1 else fresh.items()
        for key, _ in ordered:
            self.ids[key] = len(self.ids)
        return tuple([self._describe(key, node, shown) for key, node in ordered])

    def _describe(self, key: int, node: Any, shown: Sequence[Value]) -> Node:
        number = self.ids[key]
        edges = tuple(
            [
                CUT if target is None else Edge(self.ids[self.key(target)], slot)
                for target, slot in node.next_functions
            ]
        )
        shapes = tuple([tuple(output.shape) for output in metadata(node)])
        if key < 0:
            return Node(number, ACCUMULATE, edges, shapes, ~key)
        given = self.arguments.of_node(node)
        saved = self._saved(node, number, shown)
        return Node(number, short_name(node), edges, shapes, None, saved, given)

    def _saved(
        self, node: Any, number: int, shown: Sequence[Value]
    ) -> tuple[tuple[str, Value], ...]:
        found = []
        for attribute, name, tensor in self._saved_tensors(node):
            self.saving.setdefault(number, attribute)
            if tensor.numel() <= SAVED:
                found.append((name, recognised(name, take(tensor), shown)))
        return tuple(found)

    def _saved_tensors(self, node: Any) -> Iterable[tuple[str, str, Any]]:
        kind = type(node)
        attributes = self._attributes.get(kind)
        if attributes is None:
            attributes = tuple(name for name in sorted(dir(node)) if name.startswith(PREFIX))
            self._attributes[kind] = attributes
        for attribute in attributes:
            tensor = getattr(node, attribute, None)
            if isinstance(tensor, self.tensor):
                yield attribute, attribute[len(PREFIX) :], tensor
        if not attributes and is_custom(node):
            for index, tensor in enumerate(getattr(node, "saved_tensors", None) or ()):
                if isinstance(tensor, self.tensor):
                    yield "saved_tensors", str(index), tensor

    def is_freed(self, node: Any, number: int) -> bool:
        """Whether the saved tensors the node was told with are gone."""
        attribute = self.saving.get(number)
        if attribute is None:
            return False
        try:
            getattr(node, attribute)
        except RuntimeError as error:
            return "second time" in str(error)
        return False


ACCUMULATE = "AccumulateGrad"
LEAF = 1 << 63  # sequence numbers from here on are those of AccumulateGrads
PREFIX = "_saved_"
CUT = Edge(None)


def short_name(node: Any) -> str:
    """The node's name as its repr has it: `CopySlices`, without its C++ namespace."""
    name: str = node.name()
    return name.rpartition("::")[2]


def is_leaf_node(node: Any) -> bool:
    """Whether the node adds to the `.grad` of a leaf, its `variable`."""
    return bool(node._sequence_nr() >= LEAF)


def is_custom(node: Any) -> bool:
    """Whether the node's backward is written by the user (a `torch.autograd.Function`)."""
    return not node.name()[-1].isdigit() and hasattr(node, "needs_input_grad")


def metadata(node: Any) -> Sequence[Any]:
    """Shape and dtype of each forward output of the node."""
    found: Sequence[Any] = node._input_metadata
    return found


def reachable(roots: Iterable[Any]) -> list[Any]:
    """Every node a pass from `roots` can reach, each once."""
    found: dict[Any, None] = {}
    stack = [root for root in reversed(list(roots)) if root is not None]
    while stack:
        node = stack.pop()
        if node not in found:
            found[node] = None
            stack += [target for target, _ in reversed(node.next_functions) if target is not None]
    return list(found)


def recognised(name: str, saved: Value, shown: Sequence[Value]) -> Value:
    """The saved tensor as one of those the operation was shown with, where the numbers agree."""
    same = [
        value
        for value in shown
        if value.data == saved.data and value.shape == saved.shape and value.dtype == saved.dtype
    ]
    if not same:
        return saved
    return same[0] if name in FIRST else same[-1]


FIRST = ("self", "input", "mat1", "0")
