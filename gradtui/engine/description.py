"""The text of a tensor as torch prints it, also inside the transforms of `torch.func`.

>>> import gradtui.engine as torch
>>> torch.func.grad(lambda x: print(x) or x)(torch.tensor(1.0))
GradTrackingTensor(lvl=1, value=
    tensor(1.)
)
tensor(1.)
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import state, text
from gradtui.engine.levels import shown
from gradtui.engine.paths import finish_order, node_of
from gradtui.engine.tensor import DESCRIBE, TENSORS, Tensor, edge, requires, storage

Tracks = Callable[[Tensor], bool]
TRACKING: list[Tracks | None] = []
"""Of every transform that runs, from the outermost, whether it tracks a tensor; None: it never does."""


def ends_of(tensor: Tensor) -> set[int]:
    """The ids of all that the history of a tensor leads to: its nodes, and its leaves."""
    start = edge(tensor)
    nodes = finish_order([start])
    found = [start, *(e for node in nodes for e in node.edges)]
    return {id(node_of(e)) for e in found if e is not None} | {id(n) for n in nodes}


def described(tensor: Tensor) -> str:
    """The text of a tensor, within that of the transforms that track it."""
    levels = [n for n, tracks in enumerate(TRACKING, 1) if tracks is not None and tracks(tensor)]
    found = plain(tensor, bare=bool(levels))
    for level in levels:
        found = f"GradTrackingTensor(lvl={level}, value=\n{textwrap.indent(found, '    ')}\n)"
    return found


def plain(tensor: Tensor, bare: bool = False) -> str:
    """The text of a tensor alone; `bare` without its history."""
    return text.tensor_text(
        storage(tensor) if tensor._data.ndim else np.asarray(tensor._data),
        grad_fn=None if bare else _history(tensor),
        requires_grad=not bare and requires(tensor),
        parameter=tensor._is_parameter(),
        tangent=shown(tensor) if state.duals and not bare else None,
    )


def _history(tensor: Tensor) -> str | None:
    try:
        node = tensor.grad_fn
    except RuntimeError:  # a view that may no longer be one
        return "Invalid"
    return None if node is None else node.name().rpartition("::")[2]


def _text(tensor: Any) -> str:
    assert tensor.__class__ in TENSORS
    return described(tensor) if TRACKING else plain(tensor)


DESCRIBE.append(_text)
