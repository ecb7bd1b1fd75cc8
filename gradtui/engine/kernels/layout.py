"""How the result of an elementwise operation lies in memory: as its operands do, in torch's order.

The source is `TensorIteratorBase::reorder_dimensions`: dimensions are sorted by the strides of the first
operand that can tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def plain(array: Any) -> bool:
    """Whether an operand leaves the result contiguous, as most do."""
    return array.__class__ is not np.ndarray or array.ndim < 2 or array.flags.c_contiguous


def plain_together(out: Any, operands: Sequence[Any]) -> bool:
    """Whether operands leave their result contiguous; dimensions of one entry can tell otherwise."""
    if not all(map(plain, operands)):
        return False
    return out.ndim < 2 or 1 not in out.shape or all(a.shape == out.shape for a in operands)


def arranged(out: Any, operands: Sequence[Any]) -> Any:
    """`out` laid out as torch would; a copy where numpy chose another order."""
    if out.__class__ is not np.ndarray or out.ndim < 2 or not out.size:
        return out
    return in_order(out, [_strides(a, out.shape) for a in operands])


def in_order(out: Any, strides: Sequence[Sequence[int]]) -> Any:
    """`out` laid out as operands of such strides tell; a copy where it lies otherwise."""
    order = dimension_order(out.shape, strides)
    wanted = _strides_in(out.shape, order, out.itemsize)
    if out.strides == tuple(wanted):
        return out
    made = np.ndarray(out.shape, out.dtype, strides=wanted)
    made[...] = out
    return made


def dimension_order(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> list[int]:
    """The dimensions from the one that varies fastest to the slowest."""
    order = list(range(len(shape)))[::-1]
    for i in range(1, len(shape)):
        here = i
        for before in range(i - 1, -1, -1):
            comparison = _compare(order[before], order[here], shape, strides)
            if comparison > 0:
                order[before], order[here] = order[here], order[before]
                here = before
            elif comparison < 0:
                break
    return order


def _compare(a: int, b: int, shape: Sequence[int], strides: Sequence[Sequence[int]]) -> int:
    """Which of two dimensions varies faster, by the first operand that knows."""
    for steps in strides:
        if not steps[a] or not steps[b]:
            continue
        if steps[a] != steps[b]:
            return 1 if steps[a] > steps[b] else -1
        if shape[a] > shape[b]:
            return 1
    return 0


def _strides(array: Any, shape: Sequence[int]) -> list[int]:
    """An operand's strides in the dimensions of the result; 0 where it is broadcast."""
    lead = len(shape) - array.ndim
    return [0] * lead + [
        0 if have == 1 != n else step
        for have, step, n in zip(array.shape, array.strides, shape[lead:], strict=True)
    ]


def _strides_in(shape: Sequence[int], order: Sequence[int], step: int) -> list[int]:
    found = [0] * len(shape)
    for d in order:
        found[d] = step
        step *= shape[d]
    return found


def channels_last(a: Any) -> bool:
    """Whether (N, C, H, W) lies with C varying fastest, which torch's image operations then keep."""
    return a.ndim == 4 and _fastest_channels(a)


def channels_last_3d(a: Any) -> bool:
    """The same of (N, C, D, H, W)."""
    return a.ndim == 5 and _fastest_channels(a)


def _fastest_channels(a: Any) -> bool:
    return not a.flags.c_contiguous and bool(np.moveaxis(a, 1, -1).flags.c_contiguous)


def in_channels_last(a: Any) -> Any:
    """A copy of (N, C, *space) with C varying fastest."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 1, -1)), -1, 1)
