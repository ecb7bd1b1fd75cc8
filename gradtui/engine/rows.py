"""The vocabulary of the table: one row declares one overload of one operation.

A row reads as in PyTorch's derivatives.yaml::

    row("tanh(Tensor self)", "TanhBackward0", K.tanh, self=lambda grad, result: grad * (1 - result * result))

The signature is torch's; the kernel computes on arrays; each keyword is the derivative with respect to
the argument of that name, a function of `grad` (the cotangent of the result) and of whatever else its
parameters name: arguments, `result`, and `<argument>_sizes` for a shape. What the formulas name is what
the node saves, and only for the gradients that are wanted. Formulas run on arrays, and on tensors under
`create_graph=True`, so they use operators and the functions of `gradtui.engine.lift`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from gradtui.engine.node import Node
from gradtui.engine.signature import Signature, parse

Kernel = Callable[..., Any]
Formula = Callable[..., Any]


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
    kind: str = "general"  # "unary", "binary": elementwise rows with a fast path
    floats: bool = False  # integers become the default float first
    jvp: Any = "vjp"
    node_class: type[Node] = Node
    saves: tuple[str, ...] = ()
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.signature.parameters)


TABLE: dict[str, list[Row]] = {}
NODES: dict[str, Row] = {}


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
    jvp: Any = "vjp",
    **formulas: Formula,
) -> Row:
    """Declares a row and enters it in the table under its name, behind earlier overloads."""
    from gradtui.engine.derive import node_class

    parsed = replace(parse(signature), numbers=kind == "binary")
    needs = {name: tuple(inspect.signature(f).parameters)[1:] for name, f in formulas.items()}
    saves = tuple(dict.fromkeys(n for names in needs.values() for n in names))
    made = Row(
        signature=parsed,
        node=node,
        kernel=kernel,
        formulas=formulas,
        view=view,
        several=several or bool(outputs),
        outputs=outputs,
        kind=kind,
        floats=floats,
        jvp=jvp,
        saves=saves,
        needs=needs,
    )
    object.__setattr__(made, "node_class", node_class(made))
    TABLE.setdefault(parsed.name, []).append(made)
    if node:
        NODES.setdefault(node, made)
    return made
