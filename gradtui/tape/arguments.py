"""What an operation was given besides the tensors its gradients go to: `dim=1`, an index, a mask.

    ears = arguments(torch, watch)         # hears gradtui's engine; of torch it learns nothing
    ears.of_node(node)                     # Given((("dim", 1), ("other", ["tensor", 3])))
    decoded(["tuple", 0, 1])               # (0, 1)

A value is told as data: a number, a text or None as it is, anything else as a list whose first item
says what it is. Tensors that were shown are told by their number, others by their numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from gradtui.tape import snapshot
from gradtui.tape.events import NOTHING, Given, Value
from gradtui.tape.watch import Watch

KEPT = 4096  # different sets of arguments that are told as one object
PLAIN = (int, float, str, bool, type(None))


class Unkept(Exception):
    """A value that is not told: too large, or not data."""


class Silence:
    """Of torch nothing is heard."""

    def listen(self) -> None: ...

    def stop(self) -> None: ...

    def deaf(self, deed: Callable[[], Any]) -> Any:
        return deed()

    def of_node(self, node: Any) -> Given:
        return NOTHING


def arguments(torch: Any, watch: Watch) -> "Arguments | Silence":
    """Ears for the engine, which tells what it runs."""
    if torch.__name__ != "gradtui.engine":
        return Silence()
    from gradtui.engine import state
    from gradtui.engine.rows import NODES, Row
    from gradtui.engine.signature import MISSING

    return Arguments(state, (Row, NODES), MISSING, watch)


class Arguments:
    """The engine's tape for one run: keeps, of each operation that left a node, what it was given."""

    outer = None  # nobody listens behind it

    def __init__(
        self, state: Any, rows: tuple[Any, Mapping[str, Any]], missing: Any, watch: Watch
    ) -> None:
        self.state, self.missing, self.watch = state, missing, watch
        self.row, self.nodes = rows
        self.heard: dict[int, Given] = {}  # by sequence number of the node
        self._alike: dict[bytes, Given] = {}

    def listen(self) -> None:
        """Hear every operation from now on."""
        self.state.tape = self

    def stop(self) -> None:
        """Hear nothing more."""
        self.state.tape = None

    def deaf(self, deed: Callable[[], Any]) -> Any:
        """Runs a deed that makes no node worth hearing, as fast as if nobody listened."""
        if self.state.tape is not self:
            return deed()
        self.state.tape = None
        try:
            return deed()
        finally:
            if self.state.tape is None:
                self.state.tape = self

    def append(self, event: Any) -> None:
        """The engine tells of one thing that happened."""
        row = event[0]
        if type(row) is not self.row:
            return
        bound, result = event[1], event[2]
        made = result if not row.several else next((r for r in result if r._node is not None), None)
        place = _slices(bound, made)
        node = made._node if place is None and made is not None else place
        if node is not None:
            node = getattr(node, "node", node)  # of several outputs, the node itself
            if len(self.heard) >= KEPT:  # of nodes that nobody will ever tell of
                del self.heard[next(iter(self.heard))]
            self.heard[node.seq] = self._given(row, bound, result, place)

    def of_node(self, node: Any) -> Given:
        """What the operation behind a node was given; it is asked for once."""
        given = self.heard.pop(node.seq, NOTHING)
        if given is NOTHING and hasattr(node, "place"):
            return Given(_where(node))
        return given

    def _given(self, row: Any, bound: Sequence[Any], result: Any, slices: Any) -> Given:
        told: list[tuple[str, Any]] = (
            [] if slices is None else [("inner", row.node), *_where(slices)]
        )
        if self.nodes.get(row.node) is not row:
            told.append(("row", row.name))
        for place, parameter in enumerate(row.signature.parameters):
            value = bound[place] if place < len(bound) else parameter.default
            if value is parameter.default or value is result or value is self.missing:
                continue
            if place in row.edges:
                value = self._without_edges(value)
                if value is None:
                    continue
            try:
                told.append((parameter.name, self._encoded(value)))
            except Unkept:
                continue
        return self._one(tuple(told))

    def _without_edges(self, value: Any) -> Any:
        """What no gradient goes to of a tensor or a list of them; None if one goes everywhere."""
        if isinstance(value, (list, tuple)):
            found = [self._without_edges(each) for each in value]
            return None if all(each is None for each in found) else found
        return None if hasattr(value, "_data") and value.requires_grad else value

    def _one(self, told: tuple[tuple[str, Any], ...]) -> Given:
        """The same object for the same arguments: most operations of a long run are given alike."""
        if not told:
            return NOTHING
        key = msgspec.msgpack.encode(told)
        found = self._alike.get(key)
        if found is None:
            found = Given(told)
            if len(key) < 256:
                if len(self._alike) >= KEPT:
                    self._alike.clear()
                self._alike[key] = found
        return found

    def _encoded(self, value: Any) -> Any:
        if hasattr(value, "_data"):
            known = self.watch.known.get(id(value))
            return ["tensor", known.number] if known is not None else encoded(value._data)
        if type(value) in (list, tuple) or isinstance(value, tuple):
            return ["list" if isinstance(value, list) else "tuple", *map(self._encoded, value)]
        return encoded(value)


def _slices(bound: Sequence[Any], made: Any) -> Any:
    """The CopySlices a change of a view in place left in its base; None if it was none."""
    if made is None or not bound or made is not bound[0] or made._base is None:
        return None
    node = made._base._node
    return node if type(node).__name__ == "CopySlices" else None


def _where(node: Any) -> tuple[tuple[str, Any], ...]:
    """Where a view lies in its base, for the nodes of views of a changed base."""
    return ("base", encoded(node.base)), ("place", encoded(node.place))


def encoded(value: Any) -> Any:
    """A plain value as data; Unkept where it is none, or large."""
    kind = type(value)
    if kind in PLAIN:
        return value if kind is not int or value.bit_length() < 64 else _refuse()
    if isinstance(value, (np.ndarray, np.generic)):
        return _array(np.asarray(value))
    if kind is slice:
        return ["slice", *map(encoded, (value.start, value.stop, value.step))]
    if value is Ellipsis:
        return ["..."]
    if isinstance(value, np.dtype):
        return ["dtype", value.name]
    if kind.__name__ == "dtype":
        return ["torch", str(value).removeprefix("torch.")]
    if isinstance(value, (list, tuple)):
        return ["list" if isinstance(value, list) else "tuple", *map(encoded, value)]
    if kind.__name__ in ("Shape", "Geometry"):
        fields = (getattr(value, name) for name in kind.__dataclass_fields__)
        return [kind.__name__, *map(encoded, fields)]
    return _refuse()


def _refuse() -> Any:
    raise Unkept


def _array(value: Any) -> Any:
    if value.size > snapshot.largest or value.dtype.kind not in "biuf":
        return _refuse()
    return ["array", value.dtype.name, list(value.shape), np.ascontiguousarray(value).tobytes()]


def decoded(value: Any, tensor: Callable[[int], Any] | None = None) -> Any:
    """The value again, tensors by number from `tensor`; ValueError for what is no such data."""
    if type(value) in PLAIN:
        return value
    if not isinstance(value, (list, tuple)) or not value or value[0] not in DECODERS:
        raise ValueError("an argument that cannot be read")
    kind, *items = value
    if kind == "array":
        return array(value)
    if kind == "tensor":
        number = tensor_number(value)
        if tensor is None or number is None:
            raise ValueError("an argument that is a tensor")
        return tensor(number)
    return DECODERS[kind](*(decoded(item, tensor) for item in items))


def array(value: Any) -> Any:
    """The numbers of an encoded array, read-only."""
    _, dtype, shape, data = value
    return np.frombuffer(data, np.dtype(dtype).newbyteorder("=")).reshape(shape)


def _shape(*fields: Any) -> Any:
    from gradtui.engine.table.convolution import Shape

    return Shape(*fields)


def _geometry(*fields: Any) -> Any:
    from gradtui.engine.strided import Geometry

    return Geometry(*fields)


def _torch(name: str) -> Any:
    from gradtui.engine import dtypes

    return dtypes.of(np.dtype(name))


DECODERS: Mapping[str, Callable[..., Any]] = {
    "array": lambda *items: None,
    "tensor": lambda *items: None,
    "tuple": lambda *items: items,
    "list": lambda *items: list(items),
    "slice": slice,
    "...": lambda: Ellipsis,
    "dtype": np.dtype,
    "torch": _torch,
    "Shape": _shape,
    "Geometry": _geometry,
}


def as_value(told: Any) -> Value | None:
    """An encoded number or array as a value; None for anything else."""
    if isinstance(told, (bool, int, float)):
        return Value(-1, (), "float64", False, True, 0, np.float64(told).tobytes())
    try:
        numbers = array(told) if told[0] == "array" else None
    except (ValueError, TypeError, KeyError, IndexError):
        return None
    if numbers is None:
        return None
    return Value(-1, numbers.shape, numbers.dtype.name, False, True, 0, numbers.tobytes())


def tensor_number(told: Any) -> int | None:
    """The number of a tensor that was told by it; None for anything else."""
    plain = isinstance(told, (list, tuple)) and len(told) == 2 and told[0] == "tensor"
    return told[1] if plain and isinstance(told[1], int) else None
