"""The words of a run: frozen, serialisable events, the same for gradtui's engine and for torch.

Tensors and nodes are numbered from 0 in the order in which a run first shows them, so that the same
program gives the same numbers on both engines. Arrays are raw little-endian bytes in C order.
"""

from typing import Any, TypeAlias

import msgspec

from gradtui.language.source import Span


class Summary(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a large array: a digest of all its bytes and evenly spaced samples."""

    digest: bytes
    samples: bytes  # entries at i * size // 64, in the array's dtype


class Value(msgspec.Struct, frozen=True, gc=False):
    """A tensor as it was at one moment. `data` is empty when `summary` stands for it."""

    tensor: int
    shape: tuple[int, ...]
    dtype: str  # "float32"
    requires_grad: bool
    is_leaf: bool
    version: int
    data: bytes = b""
    summary: Summary | None = None


class Edge(msgspec.Struct, frozen=True, gc=False):
    """Where a gradient goes next: input `slot` of `node`; None where the path ends."""

    node: int | None
    slot: int = 0


class Given(msgspec.Struct, frozen=True, gc=False, eq=False, omit_defaults=True):
    """What an operation was given besides the tensors its gradients go to, as data by name.

    Only gradtui's engine tells it, so it is no part of what is compared: any two are equal.
    """

    told: tuple[tuple[str, Any], ...] = ()  # as `gradtui.tape.arguments` writes them

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Given)

    def __hash__(self) -> int:
        return 0


NOTHING = Given()


class Node(msgspec.Struct, frozen=True, gc=False):
    """A node of the backward graph. `leaf` is the tensor an AccumulateGrad adds to."""

    id: int
    name: str  # "MulBackward0"
    edges: tuple[Edge, ...] = ()
    shapes: tuple[
        tuple[int, ...], ...
    ] = ()  # of the forward outputs, hence of the incoming vectors
    leaf: int | None = None
    saved: tuple[tuple[str, Value], ...] = ()  # ("self", Value): small saved tensors
    given: Given = NOTHING


class Event(
    msgspec.Struct,
    frozen=True,
    gc=False,
    tag=True,
    tag_field="event",
    kw_only=True,
    omit_defaults=True,
):
    """One thing that happened. `span` is the sub-expression it came from, in its step's code.

    `depth` is how many calls of the lesson's functions were under way.
    """

    span: Span | None = None
    depth: int = 0


class ProgramBegan(Event, frozen=True):
    """The next of several programs played one after the other begins."""

    program: str


class StepBegan(Event, frozen=True):
    step: str


class StepEnded(Event, frozen=True):
    step: str


class Statement(Event, frozen=True):
    """A statement is about to run."""


class Iteration(Event, frozen=True):
    """A loop begins its pass number `index` (from 0); `span` is the loop's header."""

    index: int
    target: str


class ModuleBegan(Event, frozen=True):
    """A module is called, and does what can be seen: `name` is its class."""

    name: str


class ModuleEnded(Event, frozen=True):
    """The module called last, of those under way, has given its result or failed."""


class Operation(Event, frozen=True):
    """Tensors went in and tensors came out.

    `nodes` are the graph nodes it made, in topological order, the last made `outputs[0]`; when
    there are none `unrecorded` says why: `"no_grad"`, `"inputs"` (no input requires grad),
    `"detach"`, `"not differentiable"`, `"leaf"` (a creation). `inplace` if `outputs[0]` is the
    changed input itself.
    """

    name: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    nodes: tuple[Node, ...] = ()
    grad_fn: int | None = None  # the node of outputs[0]
    unrecorded: str = ""
    inplace: bool = False


class Bound(Event, frozen=True):
    """A name now means something: `tensor` if it is one, else `text` is its repr, shortened.

    With a `depth` it is a function's own, and means nothing once that many calls are not under way.
    """

    name: str
    tensor: int | None = None
    text: str = ""


class Printed(Event, frozen=True):
    text: str  # with its line end
    aside: bool = False  # on stderr


class BackwardBegan(Event, frozen=True):
    """A backward pass starts at `roots` with `vectors` (ones for a scalar without an argument)."""

    number: int  # of this pass, from 0
    call: str  # "backward" or "grad"
    roots: tuple[int | None, ...]  # node ids
    vectors: tuple[Value | None, ...]
    retain_graph: bool
    create_graph: bool
    nodes: tuple[Node, ...] = ()  # reachable and not yet told of


class NodeRan(Event, frozen=True):
    """A node turned the incoming cotangents into one product per edge.

    `jacobians[i]` is d outputs / d input i as a matrix of shape (output size, input size), read row
    by row from the node itself, or None when it is large or the edge is cut.
    """

    number: int
    node: int
    cotangents: tuple[Value | None, ...]
    products: tuple[Value | None, ...]
    jacobians: tuple[Value | None, ...] = ()


class Accumulated(Event, frozen=True):
    """`added` went into the `.grad` of leaf `tensor`: `before` is None where there was none."""

    number: int
    tensor: int
    before: Value | None
    added: Value
    after: Value


class BackwardEnded(Event, frozen=True):
    """The pass is over; `freed` are the nodes whose saved tensors are gone."""

    number: int
    freed: tuple[int, ...] = ()


class Changed(Event, frozen=True):
    """A tensor got other numbers in place. `owner` is the leaf whose `.grad` it is, if any."""

    before: Value
    after: Value
    owner: int | None = None
    cause: str = ""  # the operation: "zero_", "step"


class GradSet(Event, frozen=True):
    """A leaf's `.grad` was replaced from outside a backward pass; None where it was taken away."""

    tensor: int
    before: Value | None
    after: Value | None
    cause: str = ""


class GradMode(Event, frozen=True):
    enabled: bool


class Raised(Event, frozen=True):
    """An error left its step, or was caught within it; `node` is the node at fault, if any."""

    type: str
    message: str
    node: int | None = None
    caught: bool = False
    status: int | None = None  # of a script that left by itself: `message` is all it said then


class Stopped(Event, frozen=True):
    """The program ended early: over budget or refused. One line."""

    reason: str


class Probed(Event, frozen=True):
    """A probe's answer: its repr, whether it is true, its tensor if it is one, or its error."""

    id: str
    text: str
    truth: bool | None = None
    value: Value | None = None
    error: str = ""


AnyEvent: TypeAlias = (
    ProgramBegan
    | StepBegan
    | StepEnded
    | Statement
    | Iteration
    | ModuleBegan
    | ModuleEnded
    | Operation
    | Bound
    | Printed
    | BackwardBegan
    | NodeRan
    | Accumulated
    | BackwardEnded
    | Changed
    | GradSet
    | GradMode
    | Raised
    | Stopped
    | Probed
)
