"""The likelihood of a class: `nll_loss` and its derivative, summed as torch sums them.

`x` holds a number for each class, along dimension 1 (0 where there is only one); `target` names the
classes; `reduction` is torch's number: 0 for none, 1 for the mean, 2 for the sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels.bare import bare

_LEVELS = 8
_maximum: Any = np.maximum.reduce
_accumulate: Any = np.add.accumulate


def nll(x: Any, target: Any, weight: Any, reduction: int, ignore: int) -> Any:
    """Minus x at the targets, weighted; a target of `ignore` counts as 0."""
    index, heavy, skipped = _chosen(x, target, weight, ignore)
    losses = -(x[index] if heavy is None else x[index] * heavy)
    if skipped is not None:
        losses = bare(np.where(skipped, x.dtype.type(0), losses))
    if reduction == 0 and x.ndim > 1:
        return losses
    total = _cascade(losses, skipped)
    return total / _weight_of(x, target, heavy, skipped) if reduction == 1 else total


def nll_backward(grad: Any, x: Any, target: Any, weight: Any, reduction: int, ignore: int) -> Any:
    """The cotangent of x: minus the weights at the targets, 0 elsewhere."""
    index, heavy, skipped = _chosen(x, target, weight, ignore)
    out = np.zeros(x.shape, x.dtype)
    each = -(grad / _weight_of(x, target, heavy, skipped) if reduction == 1 else grad)
    if heavy is not None:
        each = each * heavy
    out[index] = each if skipped is None else np.where(skipped, x.dtype.type(0), each)
    return out


def total_weight(x: Any, target: Any, weight: Any, ignore: int) -> Any:
    """What all targets weigh together: how many count, where there are no weights."""
    _, heavy, skipped = _chosen(x, target, weight, ignore)
    return _weight_of(x, target, heavy, skipped)


def _chosen(x: Any, target: Any, weight: Any, ignore: int) -> tuple[Any, Any, Any]:
    """Indices of the chosen entries, what each weighs (None: 1), which are ignored (None: none)."""
    classes = x.shape[0] if x.ndim == 1 else x.shape[1]
    skipped = None
    if not _all_count(target, classes, ignore):
        skipped = target == ignore
        bad = target[~skipped & ((target < 0) | (target >= classes))]
        if bad.size:
            raise IndexError(f"Target {bad.flat[0]} is out of bounds.")
        target = np.where(skipped, 0, target)
    heavy = None if weight is None else weight[target].astype(x.dtype, copy=False)
    return _index(x, target), heavy, skipped


def _all_count(target: Any, classes: int, ignore: int) -> bool:
    """Whether every target is a class and none is ignored; negative ones are large unsigned."""
    if not target.size or 0 <= ignore < classes:
        return False
    return bool(_maximum(target.astype(np.uint64), None) < classes)


def _index(x: Any, at: Any) -> tuple[Any, ...]:
    if x.ndim == 1:
        return (at,)
    if x.ndim == 2:
        return (np.arange(len(at)), at)
    places = np.indices(at.shape, sparse=True)
    return (places[0], at, *places[1:])


def _weight_of(x: Any, target: Any, heavy: Any, skipped: Any) -> Any:
    """What all targets weigh together."""
    if heavy is None:
        ignored = 0 if skipped is None else np.count_nonzero(skipped)
        return x.dtype.type(target.size - ignored)
    return _cascade(
        heavy if skipped is None else np.where(skipped, x.dtype.type(0), heavy), skipped
    )


def _cascade(terms: Any, skipped: Any) -> Any:
    """The sum in the order of torch's nll_loss: eight levels, the first term apart."""
    terms = terms.ravel()
    zero = terms.dtype.type(0)
    if not terms.size:
        return zero
    power = max(4, math.ceil(math.log2(terms.size)) // _LEVELS)
    step = 1 << power
    if skipped is not None and skipped.ravel()[::step].any():
        return _cascade_with_gaps(terms, skipped.ravel(), power)
    total, first, rest = zero, terms[0], terms[1:]
    for _ in range(_LEVELS - 1):
        if not len(rest):
            return total + first
        full = len(rest) // step * step
        if full < len(rest):
            total = total + _accumulate(rest[full:])[-1]
        rest = _accumulate(rest[:full].reshape(-1, step), 1)[:, -1]
    return total + _accumulate(np.concatenate((terms[:1], rest)))[-1]


def _cascade_with_gaps(terms: Any, skipped: Any, power: int) -> Any:
    """The same where a sum is not handed to the next level, as the term that would do so is ignored."""
    levels = [terms.dtype.type(0)] * _LEVELS
    begun = 0
    for i in (np.flatnonzero(~skipped[:: 1 << power]) << power).tolist():
        levels[0] = levels[0] + _accumulate(terms[begun : i + 1])[-1]
        begun = i + 1
        for j in range(_LEVELS - 1):
            if i >> (j * power) & ((1 << power) - 1):
                break
            levels[j + 1], levels[j] = levels[j + 1] + levels[j], terms.dtype.type(0)
    if begun < len(terms):
        levels[0] = levels[0] + _accumulate(terms[begun:])[-1]
    return sum(levels[1:], levels[0])
