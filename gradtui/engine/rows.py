"""The vocabulary of the table: one row declares one overload of one operation.

A row reads as in PyTorch's derivatives.yaml::

row("tanh(Tensor self)", "TanhBackward0", K.tanh, self=lambda grad, result: grad * (1 - result *
result))

The signature is torch's; the kernel computes on arrays; each keyword is the derivative with respect
to the argument of that name, a function of `grad` (the cotangent of the result) and of whatever
else its parameters name: arguments, `result`, and `<argument>_sizes` for a shape. What the formulas
name is what the node saves, and only for the gradients that are wanted. Formulas run on arrays, and
on tensors under `create_graph=True`, so they use operators and the functions of
`gradtui.engine.lift`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gradtui.engine.node import Node
from gradtui.engine.signature import NUMBERS_AS_TENSORS, SIGNATURES, Signature, parse

Kernel = Callable[..., Any]
Formula = Callable[..., Any]
Check = Callable[..., None]


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """One overload. `view` marks results that share the storage of `self`."""

    signature: Signature
    node: str
    kernel: Kernel
    formulas: dict[str, Formula]
    view: bool = False
    several: bool = False
    outputs: tuple[str, ...] = ()  # names of a tuple result: ("values", "indices")
    alone: bool = False  # only the first of the outputs is differentiable
    still: tuple[int, ...] = ()  # places of other outputs that no gradient goes through
    kind: str = "general"  # "unary", "binary": fast elementwise; "common": one dtype; "entries"
    floats: bool = False  # integers become the default float first
    jvp: Any = None  # how tangents travel: see `gradtui.engine.forward`; None: nobody has said
    check: Check | None = None  # refuses arguments, as they were bound, before anything is computed
    node_class: type[Node] = Node
    saves: tuple[str, ...] = ()
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    edges: tuple[int, ...] = ()  # places of the arguments that have an edge in the graph
    spread: bool = False  # whether the one such argument is a list of tensors
    operands: tuple[int, ...] = ()  # places of the arguments that are brought to a common dtype
    takes_all: bool = False  # whether formulas take the cotangents of all outputs, `grads`
    single: bool = False  # whether it takes one tensor and settings, and gives one tensor
    savers: dict[Any, Any] = field(default_factory=dict)  # by which gradients are wanted

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.signature.names

    def moving(self, outs: Sequence[Any]) -> Sequence[Any]:
        """The results that gradients go through: torch numbers these alone."""
        return [o for n, o in enumerate(outs) if n not in self.still] if self.still else outs


def joint(*names: str) -> Callable[[Formula], Formula]:
    """Marks a formula that gives the derivatives of several arguments at once, in a tuple."""

    def mark(formula: Formula) -> Formula:
        formula.gives = names  # type: ignore[attr-defined]
        return formula

    return mark


def parameters_of(formula: Formula) -> tuple[str, ...]:
    """The names of a function's parameters; those of a formula say what it needs."""
    code = getattr(formula, "__code__", None)
    if code is None or hasattr(formula, "__wrapped__"):
        return tuple(inspect.signature(formula).parameters)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]  # type: ignore[no-any-return]


def kept_anyway(row: Row) -> set[str]:
    """What torch saves whichever gradient is wanted: results, and what several formulas name."""
    named = [n for names in row.needs.values() for n in names]
    results = {"result", *row.outputs}
    return {n for n in named if n in results or named.count(n) > 1}


TABLE: dict[str, list[Row]] = {}
NODES: dict[str, Row] = {}
SCALARS: dict[str, Row] = {}
"""Rows of a tensor and a number, which only formulas run: `grad * 2` in C++."""


IN_PLACE: dict[str, list[Row]] = {}
"""Rows of changes in place that torch differentiates otherwise than the operation: `elu_`."""


_UNFOLLOWED = frozenset({"indices", "is_target", "log_alpha", "info"})
"""Names of results that no gradient goes through, nor through any but the first beside them."""

_STILL = frozenset({"P"})
"""Names of results that no gradient goes through."""


REFUSED = (None, "not_implemented", "not_supported")
"""What `jvp` is where tangents cannot travel: nobody has said how, or torch has no formula either."""

DROPPED = "dropped"
"""What `jvp` is where torch follows neither gradients nor tangents: its results are new numbers."""


def row(
    signature: str,
    node: str,
    kernel: Kernel,
    *,
    view: bool = False,
    several: bool = False,
    outputs: tuple[str, ...] = (),
    kind: str = "general",
    floats: bool = False,
    jvp: Any = None,
    numbers: bool | None = None,
    scalar: bool = False,
    check: Check | None = None,
    **formulas: Formula,
) -> Row:
    """Declares a row and enters it in the table under its name, behind earlier overloads.

    `numbers` says that a number may stand for a tensor (by default where torch allows it); `scalar`
    that only formulas run this overload.
    """
    from gradtui.engine.derive import node_class

    parsed = parse(signature)
    allowed = parsed.name in NUMBERS_AS_TENSORS if numbers is None else numbers
    parsed = replace(parsed, numbers=allowed)
    needs = {name: parameters_of(f)[1:] for name, f in formulas.items()}
    saves = tuple(dict.fromkeys(n for names in needs.values() for n in names))
    made = Row(
        signature=parsed,
        node=node,
        kernel=kernel,
        formulas=formulas,
        view=view,
        several=several or bool(outputs),
        outputs=outputs,
        alone=bool(_UNFOLLOWED & set(outputs)),
        still=tuple(n for n, name in enumerate(outputs) if name in _STILL),
        kind=kind,
        floats=floats,
        jvp=jvp or _usual_jvp(kind, view, needs, outputs),
        check=check,
        saves=saves,
        needs=needs,
        edges=() if jvp == DROPPED else _edges(parsed, formulas),
        operands=tuple(
            place
            for place, p in enumerate(parsed.parameters)
            if p.kind == "Tensor" or (p.kind == "Number" and p.name in ("min", "max"))
        ),
        takes_all=any("grads" in parameters_of(f) for f in formulas.values()),
        spread=any(p.kind == "TensorList" and p.name in formulas for p in parsed.parameters),
    )
    object.__setattr__(made, "node_class", node_class(made))
    object.__setattr__(made, "single", _is_single(made))
    if scalar:
        SCALARS[parsed.name] = made
    elif parsed.name.endswith("_"):
        IN_PLACE.setdefault(parsed.name[:-1], []).append(made)
    else:
        TABLE.setdefault(parsed.name, []).append(made)
        SIGNATURES.setdefault(parsed.name, []).append(parsed)
    if node:
        NODES.setdefault(node, made)
    return made


def node_name(name: str, number: int = 0) -> str:
    """Torch's name of the node of overload `number` of an operation."""
    return "".join(part.title() for part in name.split("_")) + f"Backward{number}"


def unary(
    name: str,
    kernel: Kernel,
    formula: Formula,
    *,
    node: str = "",
    floats: bool = True,
    check: Check | None = None,
) -> Row:
    """A row of one tensor, entry by entry; `floats` says that integers become floats first."""
    made = node or node_name(name)
    return row(
        f"{name}(Tensor self)", made, kernel, kind="unary", floats=floats, check=check, self=formula
    )


def binary(
    name: str,
    kernel: Kernel,
    self: Formula | None = None,
    other: Formula | None = None,
    *,
    floats: bool = False,
    jvp: Any = None,
    numbers: bool | None = None,
    check: Check | None = None,
) -> Row:
    """A row of two tensors, broadcast together."""
    given = {"self": self, "other": other}
    formulas: dict[str, Any] = {name: f for name, f in given.items() if f is not None}
    return row(
        f"{name}(Tensor self, Tensor other)",
        node_name(name) if formulas else "",
        kernel,
        kind="binary",
        floats=floats,
        jvp=jvp,
        numbers=numbers,
        check=check,
        **formulas,
    )


def composite(*signatures: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares an operation made of others: a function bound by each of the signatures."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        for signature in signatures:
            parsed = parse(signature)
            made = Row(parsed, "", function, {}, kind="composite")
            TABLE.setdefault(parsed.name, []).append(made)
            SIGNATURES.setdefault(parsed.name, []).append(parsed)
        return function

    return declare


def _usual_jvp(
    kind: str, view: bool, needs: dict[str, tuple[str, ...]], outputs: tuple[str, ...]
) -> str | None:
    """Entry by entry or linear, where the kind of the row or its formulas tell."""
    if not needs:
        return None
    if kind in ("unary", "binary", "common", "entries"):
        return "auto_element_wise"
    names = {*needs, "result", *outputs}
    return "auto_linear" if view or not any(names & set(n) for n in needs.values()) else None


def _edges(signature: Signature, formulas: dict[str, Formula]) -> tuple[int, ...]:
    """Tensors with a formula have an edge; where there is no formula at all, every tensor has."""
    return tuple(
        place
        for place, p in enumerate(signature.parameters)
        if p.kind in ("Tensor", "TensorList") and (p.name in formulas or not formulas)
    )


def _is_single(row: Row) -> bool:
    tensors = [p for p in row.signature.parameters if p.kind in ("Tensor", "TensorList", "object")]
    return (
        row.edges == (0,)
        and len(tensors) == 1
        and bool(row.formulas)
        and row.kind in ("general", "unary", "entries", "binary")
        and not (row.several or row.spread)
    )
