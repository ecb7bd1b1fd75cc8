"""What may not be written to because several elements, or an operand, share its memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine import errors
from gradtui.engine.kernels.places import fills
from gradtui.engine.kernels.shapes import dense, root
from gradtui.engine.rows import Row
from gradtui.engine.tensor import TENSORS, Tensor
from gradtui.engine.views import address

PARTIAL = (
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a "
    "single memory location. Please clone() the tensor before performing the operation."
)
UNCHECKED = frozenset({"zero", "fill", "masked_fill", "put_at", "tril", "triu"})
"""Changes in place in which torch does not look for overlaps."""


PUTTING = frozenset({"put_at", "index_add", "index_copy", "scatter", "scatter_add"})
"""Changes whose operands may share no memory at all with what is changed."""


def check(row: Row, target: Tensor, bound: Sequence[Any]) -> None:
    """Raises torch's error when writing `target` would write an element twice, or read what it wrote."""
    array = target._data
    name = row.name.rstrip("_")
    if array.__class__ is not np.ndarray:
        if name in PUTTING and any(value is target for value in bound[1:]):
            raise RuntimeError(PARTIAL)
        return
    if name == "put_at" and fills(bound[1]._data, bound[2]):
        return
    if name in PUTTING:
        if any(value is target for value in bound[1:]):
            raise RuntimeError(PARTIAL)
        for value in bound[1:]:
            _refuse_shared(array, value)
    if name in UNCHECKED and not (name == "fill" and bound[1].__class__ in TENSORS):
        return
    if name == "copy" and same_place(array, bound[1]):
        return
    if repeats(array):
        raise RuntimeError(errors.REPEATED)
    for other in bound[1:] if name != "fill" else ():
        if other.__class__ in TENSORS and overlaps(array, other._data):
            raise RuntimeError(PARTIAL)


def refuse_repeats(target: Tensor) -> None:
    """Raises torch's error when an output an operation is given has an element twice."""
    if target._data.__class__ is np.ndarray and repeats(target._data):
        raise RuntimeError(errors.REPEATED)


def refuse_shared(target: Tensor, inputs: Sequence[Tensor], apart: bool) -> None:
    """The same when it shares memory with an input: a part of it, or all where it has to lie apart."""
    array = target._data
    if array.__class__ is np.ndarray and any(
        overlaps(array, i._data) or (apart and same_place(array, i)) for i in inputs
    ):
        raise RuntimeError(PARTIAL)


def _refuse_shared(array: Any, values: Any) -> None:
    data = getattr(values, "_data", None)
    if data.__class__ is not np.ndarray or not data.size or not array.size:
        return
    if root(data) is not root(array) or not (dense(array) and dense(data)):
        return
    begin, other = address(array), address(data)
    if begin < other + data.nbytes and other < begin + array.nbytes:
        raise RuntimeError(PARTIAL)


def same_place(array: Any, other: Any) -> bool:
    """Whether a tensor shows the very memory of an array, entry for entry: copying is no work then."""
    data = getattr(other, "_data", None)
    return (
        data.__class__ is np.ndarray
        and address(data) == address(array)
        and (data.shape, data.strides, data.dtype) == (array.shape, array.strides, array.dtype)
    )


def repeats(array: Any) -> bool:
    """Whether a dimension of several entries has stride 0."""
    return (
        0 in array.strides
        and any(s == 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True))
        and bool(array.size)
    )


def overlaps(a: Any, b: Any) -> bool:
    """Whether two dense arrays share a part of their memory, but not all of it in the same order."""
    if a is b or not a.size or not b.size or b.__class__ is not np.ndarray:
        return False
    if root(a) is not root(b) or not (dense(a) and dense(b)):
        return False
    begin, other = address(a), address(b)
    if begin == other and a.nbytes == b.nbytes:
        return bool(a.strides != b.strides)
    return begin < other + b.nbytes and other < begin + a.nbytes
