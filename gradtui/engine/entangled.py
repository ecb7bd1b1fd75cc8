"""Changes in place that read what they have written, since an operand shares memory in another order.

Torch forbids what it can tell apart at once; the rest, `x += x[:, :1]`, runs entry by entry, each of
which sees what was written before it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradtui.engine import errors
from gradtui.engine.kernels.layout import dimension_order
from gradtui.engine.kernels.shapes import root, strided
from gradtui.engine.rows import Row
from gradtui.engine.strided import Geometry, steps_of
from gradtui.engine.views import address

ENTRIES = ("unary", "binary", "common", "entries")


def may_read(array: Any, operands: Sequence[Any]) -> bool:
    """Whether an operand may lie in the memory of `array`, as far as a quick look tells."""
    others = [getattr(operand, "_data", None) for operand in operands]
    return any(
        o.__class__ is np.ndarray
        and o is not array
        and (o.base is not None or array.base is not None)
        for o in others
    )


def reads_what_it_writes(row: Row, array: Any, operands: Sequence[Any]) -> bool:
    """Whether an operand lies in the memory of `array`, but not entry for entry."""
    return _by_entries(row) and any(_entangled(array, other) for other in operands)


def _by_entries(row: Row) -> bool:
    return row.kind in ENTRIES or row.jvp == "auto_element_wise"


def overlaps_itself(row: Row, array: Any) -> bool:
    """Whether a change of entries comes to some of them twice: a view as `unfold` makes them."""
    if array.ndim < 2 or array.base is None or not array.size or not _by_entries(row):
        return False
    return Geometry(array.shape, steps_of(array), 0).overlaps


def _entangled(array: Any, other: Any) -> bool:
    if other.__class__ is not np.ndarray or other is array or other.dtype is not array.dtype:
        return False
    if other.base is None and array.base is None:
        return False
    if root(other) is not root(array) or not np.may_share_memory(array, other):
        return False
    alike = (other.shape, other.strides) == (array.shape, array.strides)
    return not (alike and address(other) == address(array))


def one_by_one(row: Row, array: Any, operands: Sequence[Any]) -> Any:
    """What `array` holds after a change of one entry after another, in torch's order."""
    memory = root(array)
    copy = memory.copy()
    out = _moved(array, memory, copy)
    given = [_widened(_moved(x, memory, copy), array.shape) for x in operands]
    steps = [a.strides for a in (out, *given) if a.__class__ is np.ndarray]
    for place in _places(array.shape, steps):
        out[place] = row.kernel(*[x[place] if x.__class__ is np.ndarray else x for x in given])
    return out


def _moved(x: Any, memory: Any, copy: Any) -> Any:
    """The view of a copy that an array is of the memory that was copied."""
    if x.__class__ is not np.ndarray or root(x) is not memory:
        return x
    begin = (address(x) - address(memory)) // memory.itemsize
    return strided(copy.reshape(-1)[begin:], x.shape, x.strides)


def _widened(x: Any, shape: Sequence[int]) -> Any:
    return np.broadcast_to(x, shape) if x.__class__ is np.ndarray else x


def _places(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    order = dimension_order(shape, strides)[::-1]
    for steps in itertools.product(*(range(shape[d]) for d in order)):
        place = dict(zip(order, steps, strict=True))
        yield tuple(place[d] for d in range(len(shape)))


def triangle(row: Row, array: Any, diagonal: int) -> Any:
    """A triangle of what repeats its entries: zeros are written, the rest is left alone."""
    if not _in_matrices(array):
        raise RuntimeError(errors.REPEATED)
    memory = root(array)
    out = _moved(array, memory, memory.copy())
    kept = getattr(np, row.name)(np.ones(array.shape, bool), diagonal)
    out[~kept] = 0
    return out


def _in_matrices(array: Any) -> bool:
    """Whether matrices lie one behind the other; `checkTrilTriuBatchContiguous` in torch."""
    step = array.itemsize * array.shape[-1] * array.shape[-2]
    for dim in range(array.ndim - 3, -1, -1):
        if dim == 0 and (array.strides[0] == 0 or array.shape[0] == 1):
            continue
        if array.strides[dim] != step:
            return False
        step *= array.shape[dim]
    return True


def put_until_error(x: Any, values: Any, indices: Any, accumulate: bool = False) -> None:
    """Puts, into x itself, what torch has put when it comes to the first index out of range."""
    wide = np.zeros([3 * n for n in x.shape], np.intp) - 1  # places, and -1 around them
    wide[tuple(slice(n, 2 * n) for n in x.shape)] = np.arange(x.size).reshape(x.shape)
    shifted = [
        np.clip(np.where(i < 0, i + n, i), -n, 2 * n - 1) + n if _is_places(i) else i
        for i, n in zip(indices, x.shape, strict=False)
    ]
    rest = [slice(n, 2 * n) for n in x.shape]
    key = [r if isinstance(s, slice) else s for s, r in zip(shifted, rest, strict=False)]
    places = wide[(*key, *rest[len(key) :])]
    count = int(np.argmax(places.reshape(-1) < 0))
    at = np.unravel_index(places.reshape(-1)[:count], x.shape)
    given = np.broadcast_to(np.asarray(values), places.shape).reshape(-1)[:count]
    if accumulate:
        np.add.at(x, at, given)
    else:
        x[at] = given


def _is_places(index: Any) -> bool:
    return isinstance(index, np.ndarray) and index.dtype.kind in "iu"
