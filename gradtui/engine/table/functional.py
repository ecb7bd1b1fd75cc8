"""Rows that torch keeps in `torch.nn.functional`, as no members of torch or of tensors."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from gradtui.engine.derive import node_class
from gradtui.engine.lift import lifted
from gradtui.engine.rows import NODES, TABLE, Row, row

FUNCTIONAL: set[str] = set()
"""Names of rows that are neither members of torch nor methods of tensors."""

MEMBERS: set[str] = set()
"""Those of them that are members of torch, though no methods."""


def nn_row(signature: str, node: str, kernel: Any, *, member: bool = False, **rest: Any) -> Row:
    """A row that only `torch.nn.functional` runs (and torch itself, when it is a `member`)."""
    made = row(signature, node, kernel, **rest)
    FUNCTIONAL.add(made.name)
    if member:
        MEMBERS.add(made.name)
    return made


def backward_of(
    signature: str, node: str, kernel: Callable[..., Any], **formulas: Any
) -> Callable[..., Any]:
    """A backward formula that is an operation of its own, with a node for double backward."""
    made = nn_row(signature, node, kernel, **formulas)
    return lifted(made.name, kernel)


def twin(name: str, source: ModuleType, of: str, node: str) -> Row:
    """The first row called `of`, which `source` declares, under another name and with its node."""
    assert source.__name__ in sys.modules
    first = TABLE[of][0]
    made = replace(first, signature=replace(first.signature, name=name), node=node)
    object.__setattr__(made, "node_class", node_class(made))
    TABLE[name] = [made]
    NODES.setdefault(node, made)
    FUNCTIONAL.add(name)
    return made


class Named:
    """A formula whose parameters, which say what its node saves, are given by name."""

    def __init__(self, run: Callable[..., Any], names: Sequence[str]) -> None:
        self.run = run
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.__signature__ = inspect.Signature(
            [inspect.Parameter(n, kind) for n in ("grad", *names)]
        )

    def __call__(self, grad: Any, *rest: Any) -> Any:
        return self.run(grad, *rest)
