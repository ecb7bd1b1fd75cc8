"""Sums of cotangents that wait at the same place, and how often each was written to.

A large cotangent that nobody needs any more is written over by what is computed from it. The source of
the sums is `InputBuffer::accumulate` in torch's engine: where nothing is recorded, a gradient that
nobody else refers to is added to in place, which its version tells; any other sum is a new tensor.
"""

from __future__ import annotations

from sys import getrefcount
from typing import Any
from weakref import ref

import numpy as np

from gradtui.engine import state
from gradtui.engine.kernels.layout import arranged
from gradtui.engine.kernels.shapes import dense

ndarray, add = np.ndarray, np.add
LARGE = 1 << 14  # entries; what is computed from so many is written over them where it may be
HOLDERS = 3  # of what waits in a dictionary and nowhere else: that, `added`, and the count
FEW = 64  # entries; so small an array is noted itself, a larger one by a weak reference, for memory


def added(have: Any, more: Any, given: Any = ()) -> Any:
    """have + more, either of which may be missing; `given` are the gradients being handed out."""
    if have.__class__ is ndarray and more is not None:
        note = state.versions.get(id(have))  # type: ignore[union-attr]
        if note is not None and note[0] is have and getrefcount(have) == HOLDERS + 1:
            add(have, more, have)
            note[1] += 1
            return have
    elif have is None or more is None:
        return more if have is None else have
    elif not isinstance(have, np.generic):
        return have + more
    return _first(have, more, getrefcount(have) - HOLDERS - 1, given)


def _first(have: Any, more: Any, others: int, given: Any) -> Any:
    """A sum of arrays or single numbers, the first of which has not been added to so far."""
    others -= held(have)
    if others > 0 and (state.tape is not None or any(g is have for g in given)):
        others -= 1
    kind = have.__class__
    if others > 0 or have is more or (kind is ndarray and not _own(have)):
        return arranged(have + more, (have, more))
    in_place = kind is ndarray and state.tape is None
    made = add(have, more, have) if in_place else have + more
    remember(made, version_of(have) + 1)
    return made


def _own(array: Any) -> bool:
    """Whether an array is no view, and lies without gaps."""
    return array.base is None and (array.flags.forc or dense(array))


def remember(gradient: Any, version: int) -> None:
    """Notes the version of an array, for as long as the pass that runs."""
    if state.versions is not None:
        known = gradient if gradient.size <= FEW else ref(gradient)
        state.versions[id(gradient)] = [known, version]


class _Probe:
    def apply(self, grad: Any) -> int:
        return getrefcount(grad)


def _references() -> int:
    grad = np.empty(0)
    return _Probe().apply(grad)


ALONE = _references()
"""How many references a node's `apply` counts to a cotangent that only the pass itself holds."""


def overwritten(ufunc: Any, grad: Any, other: Any) -> Any:
    """ufunc(grad, other), in the place of a large cotangent that nobody else refers to."""
    if grad.base is not None or not grad.flags.writeable or grad.dtype is not other.dtype:
        return ufunc(grad, other)
    if state.versions:
        state.versions.pop(id(grad), None)
    return ufunc(grad, other, grad)


def held(gradient: Any) -> bool:
    """Whether the note of a gradient's version holds on to it, as it does to small ones."""
    note = state.versions.get(id(gradient)) if state.versions else None
    return note is not None and note[0] is gradient


def version_of(gradient: Any) -> int:
    """How often a gradient was written to while this pass runs."""
    note = state.versions.get(id(gradient)) if state.versions else None
    if note is None:
        return 0
    known, version = note
    same = known is gradient or (known.__class__ is ref and known() is gradient)
    return version if same else 0
