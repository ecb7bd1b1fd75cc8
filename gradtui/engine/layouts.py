"""How results of other operations than those entry by entry lie in memory, by torch's code for each.

An operation entry by entry lays its result out as its operands lie, the first that can tell before
the others. Those named here allocate their result in rows, or go by operands in another order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradtui.engine.kernels.layout import arranged, plain_together
from gradtui.engine.rows import Row
from gradtui.engine.tensor import TENSORS

IN_ROWS = frozenset(
    "sum mean _var _std prod amax amin aminmax logsumexp max min median nanmedian mode kthvalue "
    "nansum topk all any count_nonzero scatter scatter_add index_add index_copy gather cummax cummin "
    "_softmax _log_softmax logcumsumexp linalg_vector_norm norm_over native_layer_norm log_sigmoid "
    "smooth_l1_loss_backward mse_loss_backward huber_loss_backward glu_backward".split()
)
"""Operations that make their result anew, one row after another, however their input lies."""

ORDER: Mapping[str, tuple[int, ...]] = {
    "rsub": (1, 0),
    "threshold_backward": (1, 0),
    "leaky_relu_backward": (1, 0),
    "_prelu_kernel_backward": (1, 2, 0),
    "binary_cross_entropy": (0,),
    "binary_cross_entropy_backward": (1,),
    "binary_cross_entropy_with_logits": (1,),
    "soft_margin_loss_backward": (2,),
}
"""The places of the operands whose strides decide, in torch's order, where it is not the written one."""


def laid_out(row: Row, out: Any, bound: Sequence[Any]) -> Any:
    """A result as torch lays it out; `bound` are the operands as they were before they were cast."""
    if not bound:  # it is written into a tensor that is there already
        return out
    if row.name in IN_ROWS:
        return tuple(map(_in_rows, out)) if row.several else _in_rows(out)
    places = ORDER.get(row.name)
    if places is None and not _entry_by_entry(row):
        return out
    given = [bound[p] for p in places] if places else bound
    operands = [b._data for b in given if b.__class__ in TENSORS]
    if row.several:
        return tuple(o if plain_together(o, operands) else arranged(o, operands) for o in out)
    return out if plain_together(out, operands) else arranged(out, operands)


def _entry_by_entry(row: Row) -> bool:
    if row.kind not in ("general", "composite"):
        return True
    return not row.several and row.node != "PowBackward2" and row.jvp == "auto_element_wise"


def _in_rows(out: Any) -> Any:
    return np.ascontiguousarray(out) if out.ndim else out
