"""Dual tensors: tensors with a tangent, and the levels on which tangents travel.

While a level is open, every operation that runs is watched, from the place where a tape watches
(`state.tape`), and the tangents of its inputs are pushed through it; closed, it costs nothing.
Levels nest: the tangents of a deeper level may themselves have tangents of the levels above it, as
in a derivative of a derivative. Several levels of one depth are several directions of one pass.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradtui.engine import errors, forward, state, views
from gradtui.engine.conversion import REFUSE
from gradtui.engine.derive import RESTORE
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.rows import DROPPED, REFUSED, Row
from gradtui.engine.tensor import TENSORS, Tensor, storage, wrap


class Level:
    """One direction; `depth` says how many levels it may differentiate."""

    __slots__ = ("arrays", "depth", "duals")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.duals: list[weakref.ref[Tensor]] = []
        self.arrays: dict[int, tuple[Any, Tensor]] = {}  # tangents of results that nodes saved


opened: list[Level] = []
ceiling = sys.maxsize  # levels of this depth and deeper are asleep


def awake() -> list[Level]:
    """The levels whose tangents travel now."""
    return [level for level in opened if level.depth < ceiling]


def open_levels(count: int = 1) -> list[Level]:
    """Opens `count` levels of one depth, below all that are open."""
    depth = opened[-1].depth + 1 if opened else 0
    made = [Level(depth) for _ in range(count)]
    if not opened:
        state.tape = Watch(state.tape)
        state.duals = True
    opened.extend(made)
    return made


def close_levels(levels: Sequence[Level]) -> None:
    """Closes levels; their tangents are gone, also from tensors that live on."""
    for level in levels:
        opened.remove(level)
        for tensor in (ref() for ref in level.duals):
            if tensor is not None and tensor._rare is not None and tensor._rare.tangents:
                tensor._rare.tangents.pop(level, None)
    if not opened:
        state.duals = False
        _unwatch()


def _unwatch() -> None:
    tape: Any = state.tape
    if isinstance(tape, Watch):
        state.tape = tape.outer
        return
    while tape is not None:  # another tape was laid over it since
        if isinstance(tape.outer, Watch):
            tape.outer = tape.outer.outer
            return
        tape = tape.outer


@contextmanager
def asleep(depth: int = 0) -> Iterator[None]:
    """Inside, tangents of `depth` and deeper do not travel, and no tape is written."""
    global ceiling
    before = ceiling, state.tape
    ceiling = min(ceiling, depth)
    state.tape = Watch(None) if any(level.depth < ceiling for level in opened) else None
    try:
        yield
    finally:
        ceiling, state.tape = before


def shown(tensor: Tensor) -> str | None:
    """The tangent a tensor's text shows: that of the level the user opened."""
    if not opened or opened[0].depth >= ceiling:
        return None
    tangent = tangent_of(tensor, opened[0])
    return None if tangent is None else f"{tangent}"


# -- tangents of tensors ---------------------------------------------------------------------------


def tangent_of(tensor: Any, level: Level) -> Tensor | None:
    """The tangent of a tensor; that of a view is the same view of its base's tangent."""
    rare = tensor._rare
    if rare is None:
        return None
    if rare.tangents is not None and level in rare.tangents:
        found: Tensor | None = rare.tangents[level]
        return found
    if rare.base is None:
        return None
    whole = tangent_of(rare.base, level)
    return None if whole is None else _seen_through(tensor, rare.base, whole, level)


def _seen_through(view: Tensor, base: Tensor, whole: Tensor, level: Level) -> Tensor:
    place = views.geometry(storage(view), storage(base))
    begin = whole.storage_offset() + place.offset
    before, state.grad_enabled = state.grad_enabled, True  # a view that may be changed anywhere
    try:
        with asleep(level.depth):
            made: Tensor = FUNCTIONS["as_strided"](whole, place.shape, place.strides, begin)
    finally:
        state.grad_enabled = before
    set_tangent(view, level, made)
    return made


def set_tangent(tensor: Tensor, level: Level, tangent: Tensor) -> None:
    """Makes `tangent` that of a tensor, which shares its history."""
    aside = tensor.aside()
    if aside.tangents is None:
        aside.tangents = {}
    aside.tangents[level] = tangent
    level.duals.append(weakref.ref(tensor))
    level.arrays[id(tensor._data)] = (tensor._data, tangent)


def check_tangent(tensor: Tensor, level: Level, tangent: Tensor) -> None:
    """Raises torch's error where a tangent does not fit its tensor."""
    if tangent_of(tangent, level) is not None:
        raise RuntimeError(
            "Setting a forward grad that itself has a forward gradient at the same "
            f"level{level.depth} is not supported."
        )
    if tangent._data.shape != tensor._data.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original "
            f"Tensor, this is not supported. Tensor is of size {list(tensor.shape)} while the given "
            f"forward gradient is of size {list(tangent.shape)}."
        )


def restore(made: Tensor) -> None:
    """Gives a result that a node saved as an array the tangents it had as a tensor."""
    for level in awake():
        found = level.arrays.get(id(made._data))
        if found is not None:
            set_tangent(made, level, found[1])


def carry(tensor: Tensor, made: Any, through: Callable[[Tensor], Any] = lambda t: t) -> Any:
    """`made`, which moves as `tensor` does, its tangents passed `through` a function."""
    for level in awake():
        tangent = tangent_of(tensor, level)
        if tangent is not None:
            set_tangent(made, level, through(tangent))
    return made


# -- watching operations ---------------------------------------------------------------------------


class Watch(list[Any]):
    """A tape that pushes tangents through what it is told, and keeps nothing itself."""

    def __init__(self, outer: Any) -> None:
        super().__init__()
        self.outer = outer
        self.original: tuple[Any, Tensor] | None = None

    def append(self, event: Any) -> None:
        if self.outer is not None:
            self.outer.append(event)
        if event[0] == "before":
            self.original = (event[1], _as_it_was(event[1], event[2]))
        elif isinstance(event[0], Row) and not state.inference:
            row, bound, result = event
            _operation(row, bound, result, self.original)
            self.original = None


def _as_it_was(tensor: Tensor, array: Any) -> Tensor:
    """A tensor about to be changed in place, with its numbers and history from before."""
    made = wrap(array)
    made._node, made._rg = tensor._node, tensor._rg
    return made


def _operation(row: Row, bound: Sequence[Any], result: Any, original: Any) -> None:
    places = [p for p, a in enumerate(row.signature.parameters) if a.kind.startswith("Tensor")]
    for level in awake():
        tangents = [_tangents(v, level) if p in places else None for p, v in enumerate(bound)]
        if any(t is not None for t in tangents):
            _push(row, bound, result, tangents, level, original)


def _tangents(value: Any, level: Level) -> Any:
    """The tangent of an argument, or the list of those of a list; None without any."""
    if value.__class__ in TENSORS:
        return tangent_of(value, level)
    if isinstance(value, (list, tuple)):
        found = [_tangents(v, level) for v in value]
        return found if any(f is not None for f in found) else None
    return None


def _push(
    row: Row, bound: Sequence[Any], result: Any, tangents: list[Any], level: Level, original: Any
) -> None:
    outs = tuple(result) if row.several else (result,)
    if row.jvp == DROPPED or not any(o._data.dtype.kind == "f" for o in outs):
        return
    if row.jvp in REFUSED:
        raise errors.no_forward(row.name, row.jvp != "not_supported" and bool(row.formulas))
    changed = bool(bound) and result is bound[0]
    if changed and original is not None and original[0] is result:
        bound = [original[1], *bound[1:]]
    arrays = [o._data for o in outs]  # as nodes saved them, before a view is made of them
    with asleep(level.depth):
        made = forward.push(row, bound, result, tangents)
        found = made if row.several else (made,)
        for out, array, tangent in zip(outs, arrays, found, strict=True):
            if tangent is None:
                continue
            if changed:
                _change(out, level, tangent)
            else:
                kept = FUNCTIONS["clone"](tangent) if _is_lent(row, tangent, tangents) else tangent
                set_tangent(out, level, kept)
                level.arrays[id(array)] = (array, kept)


def _is_lent(row: Row, tangent: Tensor, tangents: list[Any]) -> bool:
    """Whether a tangent is an input's own, which entry by entry torch shares (`frac`, `%`)."""
    shared = row.jvp == "auto_element_wise" and len(row.formulas) == 1
    return not shared and any(tangent is t for t in tangents)


def _change(target: Tensor, level: Level, tangent: Tensor) -> None:
    """Changes a tangent as its tensor was changed: in place, through views of both."""
    have = tangent_of(target, level)
    if have is None and target._base is not None:
        whole = wrap(np.zeros_like(storage(target._base)))
        set_tangent(target._base, level, whole)
        have = tangent_of(target, level)
    if have is None:
        set_tangent(target, level, FUNCTIONS["clone"](tangent))
    elif have is not tangent:
        if have._data.shape == tangent._data.shape and not _same_memory(have, tangent):
            _write(have, tangent)
        else:
            set_tangent(target, level, tangent)


def _write(have: Any, tangent: Tensor) -> None:
    """Puts new numbers into a tangent; one that was expanded has fewer places than entries."""
    if any(step == 0 < n - 1 for step, n in zip(have.stride(), have.shape, strict=True)):
        storage(have)[...] = tangent._data
    else:
        have.copy_(tangent)


def _same_memory(a: Tensor, b: Tensor) -> bool:
    return bool(np.may_share_memory(storage(a), storage(b)))


def refuse(name: str, *tensors: Tensor, known: bool = True) -> None:
    """Raises torch's error where a tensor moves through an operation without a formula."""
    for level in awake():
        if any(tangent_of(t, level) is not None for t in tensors):
            raise errors.no_forward(name, known)


RESTORE.append(restore)
REFUSE.append(refuse)
