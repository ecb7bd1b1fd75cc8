"""Rows of views that copy: `torch.expand_copy`, `permute_copy` and their kind; loaded when a
program calls one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gradtui.engine.derive import node_class
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.rows import NODES, TABLE, Row, composite, row
from gradtui.engine.signature import SIGNATURES
from gradtui.engine.table.shapes import slice_backward


def _copied(out: Any) -> Any:
    return tuple(o.copy() for o in out) if isinstance(out, tuple | list) else out.copy()


def _copying(of: Row) -> Row:
    """The row of a view as one that copies, with a node of its own."""
    signature = replace(of.signature, name=f"{of.name}_copy")
    kernel = of.kernel
    made = replace(
        of,
        signature=signature,
        node=f"{of.node}_copy",
        kernel=lambda *args: _copied(kernel(*args)),
        view=False,
        savers={},
    )
    object.__setattr__(made, "node_class", node_class(made))
    return made


VIEWS = """
alias as_strided expand permute select slice split split_with_sizes squeeze t transpose unbind
unfold unsqueeze view
"""

for _name in VIEWS.split():
    for _row in TABLE[_name]:
        if _row.view:
            made = _copying(_row)
            TABLE.setdefault(made.name, []).append(made)
            SIGNATURES.setdefault(made.name, []).append(made.signature)
            NODES.setdefault(made.node, made)


def _narrow(x: Any, dim: int, start: int, length: int) -> Any:
    return x[(slice(None),) * (dim % x.ndim) + (slice(start, start + length),)].copy()


def _check_narrow(self: Any, dim: int, start: int, length: int) -> None:
    if self.dim() and dim >= self.dim():
        raise RuntimeError(
            "Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.  "
            "(Could this error message be improved?  If so, please report an enhancement request "
            "to PyTorch.)"
        )
    if self.dim() and length < 0 <= start:
        raise RuntimeError(
            f"start ({start}) + length ({length}) exceeds dimension size ({self.shape[dim]})."
        )
    FUNCTIONS["narrow"](self.detach(), dim, start, length)


row(
    "narrow_copy(Tensor self, int64_t dim, int64_t start, int64_t length)",
    "NarrowCopyBackward0",
    _narrow,
    check=_check_narrow,
    jvp="auto_linear",
    self=lambda grad, self_sizes, dim, start, length: slice_backward(
        grad, self_sizes, dim, start, start + length, 1
    ),
)


@composite("view_copy(Tensor self, ScalarType dtype)")
def view_as_dtype(self: Any, dtype: Any) -> Any:
    """The same memory read as another dtype, copied."""
    return FUNCTIONS["view"](self, dtype).clone()
