"""Changing a tensor in place: `x.add_(1)` from the row of `add`, `x[0] = 1`, `x.zero_()`.

The rules are torch's: leaves that require grad may not be changed, the version goes up, the node of
the tensor becomes the operation's, and what an earlier node had saved of it is remembered as
spoilt.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import dtypes, entangled, errors, overlap, state, views
from gradtui.engine.derive import result_of
from gradtui.engine.dispatch import (
    any_requires,
    arrays_for,
    as_given,
    check_history,
    compute,
    edges_of,
    make_node,
    not_followed,
    wanted_arguments,
)
from gradtui.engine.kernels.places import put_shared, repeated_copy
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.node import Output
from gradtui.engine.plans import Plans
from gradtui.engine.rows import IN_PLACE, SCALARS, Row
from gradtui.engine.signature import mismatch
from gradtui.engine.tensor import TENSORS, Tensor, owner, requires, storage, wrap


def in_place(rows: Sequence[Row], name: str = "", method: bool = True) -> Callable[..., Any]:
    """The method (or function) `name` (`add_`) of the operation that `rows` declare."""
    shown = name or rows[0].name + "_"
    rows = IN_PLACE.get(rows[0].name, rows)
    if rows[0].kind == "composite":
        return in_place_of(rows[0].name)

    find = Plans(rows, method).find
    scalar = SCALARS.get(rows[0].name)

    def call(*args: Any, **kwargs: Any) -> Any:
        found = find(args, kwargs)
        if found is None or found[1][0].__class__ not in TENSORS:
            raise mismatch(shown, args, kwargs, method)
        if scalar is not None and state.native and args[1].__class__ not in TENSORS:
            return change(scalar, found[1][:2])
        return change(*found)

    call.__name__ = call.__qualname__ = shown
    return call


def in_place_of(name: str) -> Callable[..., Any]:
    """The change in place of an operation made of others: its result copied into the tensor."""

    def call(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        made_of = MADE_OF.get(name)
        if made_of is not None:
            return made_of(self, *args, **kwargs)
        return self.copy_(FUNCTIONS[name](self, *args, **kwargs))

    call.__name__ = call.__qualname__ = name + "_"
    return call


MADE_OF: dict[str, Callable[..., Any]] = {}
"""Operations made of one other, with some arguments given, which is what changes in place."""


def reshape_in_place(name: str) -> Callable[..., Any]:
    """`t_`, `squeeze_` and their kind: the tensor itself takes the shape of the view."""
    rows = IN_PLACE[_SAME.get(name, name)]

    find = Plans(rows, True).find

    def call(*args: Any, **kwargs: Any) -> Any:
        found = find(args, kwargs)
        if found is None or found[1][0].__class__ not in TENSORS:
            raise mismatch(name + "_", args, kwargs, True)
        return take_on(*found)

    call.__name__ = call.__qualname__ = name + "_"
    return call


_SAME = {"swapaxes": "transpose", "swapdims": "transpose"}


def take_on(row: Row, bound: Sequence[Any]) -> Tensor:
    """Gives a tensor the shape that the row's kernel makes of its storage."""
    target: Tensor = bound[0]
    follows = state.grad_enabled and any_requires(row, bound)
    views.check_in_place(target, follows)
    edges = edges_of(row, bound) if follows else ()
    array = row.kernel(storage(target), *bound[1:])
    node = make_node(row, bound, (wrap(array),), edges) if follows else None
    taint(target)
    target._data = array
    views.count_up(target)
    if follows and array.dtype.kind != "f":
        raise not_followed(target)
    if node is not None:
        target._node, target._rg = node, True
    if follows and target._rare is not None:
        target._rare.seen_version = owner(target)._ver
    if state.tape is not None:
        state.tape.append((row, tuple(bound), target))
    return target


UNFOLLOWED = frozenset({"logical_not", "logical_and", "logical_or", "logical_xor"})
"""Changes in place that torch hides from autograd."""


def _is_followed(row: Row, target: Tensor) -> bool:
    """Whether autograd sees a change; what is copied into integers, it does not."""
    return row.name not in UNFOLLOWED and (row.name != "copy" or target._data.dtype.kind == "f")


def change(row: Row, bound: Sequence[Any]) -> Tensor:
    """Runs `row` and puts what it computes into its first argument."""
    target: Tensor = bound[0]
    follows = state.grad_enabled and _is_followed(row, target) and any_requires(row, bound)
    views.check_in_place(target, follows)
    edges = edges_of(row, bound) if follows else ()
    unlike = follows and target._data.dtype.kind != "f" and requires(target)
    if unlike and "self" in _wanted(row, edges):
        raise not_followed(target)  # what is saved of it is a copy
    try:
        out = _compute(row, bound, target)
    except Exception:
        if follows:
            check_history(row, bound, True)
        raise
    node = _node_before(row, bound, target, edges) if follows else None
    write(target, out)
    if node is not None:
        follow(target, node)
    if state.tape is not None:
        state.tape.append((row, tuple(bound), target))
    return target


_OF_PRODUCTS = frozenset({"addmm", "addmv", "baddbmm"})
"""Operations that say in words of their own that the result does not fit."""


def _compute(row: Row, bound: Sequence[Any], target: Tensor) -> Any:
    try:
        if row.check is not None:
            row.check(*bound)
    except NotImplementedError:  # a kernel's, which torch asks after it has looked at the memory
        overlap.check(row, target, bound)
        raise
    if row.name in ("clamp", "clip"):
        _check_cast(row.name, _common(bound), target)
    if row.name == "ldexp":
        _check_cast(row.name, dtypes.get_default_dtype(), target)
    overlap.check(row, target, bound)
    if row.kind in ("binary", "common", "entries") or row.name == "masked_fill":
        _check_shape(target, bound)
    if target._data.__class__ is np.ndarray and (out := _together(row, bound, target)) is not None:
        return out
    try:
        out = compute(row, arrays_for(row, bound))
    except IndexError:
        if row.name == "put_at" and target._data.ndim:
            _put_until_error(target, as_given(bound)[1:])
        raise
    except RuntimeError:  # of a division by zero, which torch comes to later
        if row.kind == "binary":
            _check_cast(row.name, _common(bound[:2]), target)
            _divide_until_zero(row, target, bound)
        raise
    if out.shape != target._data.shape:
        _refit(row.name, target, bound, out)
    if out.dtype is target._data.dtype:
        return out
    _check_cast(row.name, dtypes.of(out.dtype), target)
    return out


def _common(operands: Sequence[Any]) -> Any:
    """The dtype that operands have together."""
    return dtypes.result_of(
        *[v._data if v.__class__ in TENSORS else v for v in operands if v is not None]
    )


def _check_cast(name: str, got: Any, target: Tensor) -> None:
    """A result may not lose its kind where it is written: no fractions into integers."""
    wanted = target.dtype
    if dtypes.can_cast(got, wanted):
        return
    if name in ("cumsum", "cumprod"):
        raise NotImplementedError(f"\"{name}_out_cpu\" not implemented for 'Bool'")
    if name == "ldexp":
        raise RuntimeError(f"ldexp can't be cast to the desired output type {wanted.scalar_name}")
    if name == "mvlgamma":  # it names the two the other way round
        raise RuntimeError(
            f"mvlgamma: result type {wanted.scalar_name} can't be cast to the desired output "
            f"type {got.scalar_name}"
        )
    shown = errors.cast_name(wanted) if name in ("clamp", "clip") else wanted.scalar_name
    raise RuntimeError(
        f"result type {got.scalar_name} can't be cast to the desired output type {shown}"
    )


def _put_until_error(target: Tensor, given: Sequence[Any]) -> None:
    """Before the index that is out of range torch has written already, and counts no version."""
    array = storage(target)
    if state.tape is not None:
        state.tape.append(("before", target, array.copy()))
    with contextlib.suppress(IndexError, ValueError):  # the index is wrong in another way
        entangled.put_until_error(array, *given)


def _divide_until_zero(row: Row, target: Tensor, bound: Sequence[Any]) -> None:
    """Before the divisor that is 0 torch has written already, and counts no version."""
    left, right = arrays_for(row, bound)[:2]
    array = storage(target)
    zeros = np.flatnonzero(np.broadcast_to(right, array.shape) == 0)
    if not zeros.size or not array.flags.c_contiguous:
        return
    if state.tape is not None:
        state.tape.append(("before", target, array.copy()))
    first = zeros[0]
    parts = (np.broadcast_to(x, array.shape).reshape(-1)[:first] for x in (left, right))
    array.reshape(-1)[:first] = row.kernel(*parts)


def _together(row: Row, bound: Sequence[Any], target: Tensor) -> Any:
    """What a change makes of entries that share memory with each other or with an operand."""
    array = target._data
    if row.name == "put_at" and overlap.repeats(array):
        return put_shared(array, *as_given(bound)[1:])
    if row.name in ("tril", "triu") and array.ndim > 1 and overlap.repeats(array):
        return entangled.triangle(row, array, bound[1])
    if entangled.overlaps_itself(row, array):
        return entangled.one_by_one(row, array, arrays_for(row, bound))
    if not entangled.may_read(array, bound[1:]):
        return None
    operands = arrays_for(row, bound)
    if entangled.reads_what_it_writes(row, array, operands[1:]):
        return entangled.one_by_one(row, array, operands)
    return None


def _check_shape(target: Tensor, bound: Sequence[Any]) -> None:
    """An elementwise change may not make its tensor wider; said before anything is computed."""
    shape = have = target._data.shape
    for other in bound[1:]:
        if other.__class__ in TENSORS and other._data.shape != have:
            shape = errors.broadcast_shape(shape, other._data.shape)
    if shape != have:
        raise RuntimeError(
            f"output with shape {list(have)} doesn't match the broadcast shape {list(shape)}"
        )


def _refit(name: str, target: Tensor, bound: Sequence[Any], out: Any) -> None:
    """A result of another shape than the tensor it is to be written into."""
    have, want = list(target._data.shape), list(out.shape)
    if name == "addbmm":  # torch gives the tensor the shape of the product
        target._data = np.zeros(out.shape, out.dtype)
    elif name in _OF_PRODUCTS:
        raise RuntimeError(
            f"Bad in-place call: input tensor size {have} and output tensor size {want} should "
            "match"
        )
    elif name == "addr":
        raise RuntimeError(f"2D tensor expected, got {len(have)}D tensor for input")
    elif name == "masked_scatter":
        raise RuntimeError(
            f"expand(CPUBoolType{{{list(bound[1]._data.shape)}}}, size={have}): the number of sizes "
            f"provided ({len(have)}) must be greater or equal to the number of dimensions in the "
            f"tensor ({len(want)})"
        )
    else:
        raise RuntimeError(f"output with shape {have} doesn't match the broadcast shape {want}")


def _wanted(row: Row, edges: Any) -> set[str]:
    """What the formulas of the wanted gradients name."""
    return {n for a in wanted_arguments(row, edges) for n in row.needs.get(a, ())}


def _node_before(row: Row, bound: Sequence[Any], target: Tensor, edges: Any) -> Any:
    """The node of a change, made before it: what is saved is saved at the version it has now."""
    number = state.next_sequence()
    original = FUNCTIONS["clone"](target) if "self" in _wanted(row, edges) else target
    storage(target)  # so that a saved result is the very array that is written to
    node = make_node(row, [original, *bound[1:]], (target,), edges)
    node.seq = number
    if not row.formulas:
        node.facts["in place"] = True  # its name ends in an underscore
    return node


def write(target: Tensor, out: Any) -> None:
    """Puts new numbers into the storage and counts the version up; a tape keeps the old ones."""
    array = storage(target)
    if not array.flags.writeable:  # a gradient that repeats one number without copying it
        array = target._data = repeated_copy(array)
    if state.tape is not None:
        state.tape.append(("before", target, array.copy()))
    taint(target)
    array[...] = out
    views.count_up(target)


def taint(target: Tensor) -> None:
    """A node that saved its own result can no longer be differentiated."""
    whole = owner(target)
    for tensor in (target,) if whole is target else (target, whole):
        if tensor._node is None:
            continue
        node = tensor._node.node if isinstance(tensor._node, Output) else tensor._node
        number = views.number_of(tensor._node)
        if not node.saved or not any(_is_result(s, number) for s in node.saved):
            continue
        node.facts.setdefault("tainted", (whole, whole._ver))


def _is_result(saved: Any, number: int) -> bool:
    """Whether a saved thing is the result of that number; custom functions save it as an output."""
    if saved.__class__ is tuple and saved and saved[0].__class__ is Output:
        return bool(saved[0].number == number)
    result = result_of(saved)
    return result is not None and result.number == number


def follow(target: Tensor, node: Any) -> None:
    """Makes `node` the history of a tensor that was just changed."""
    if target._base is not None:
        views.rebase(target, node)
        return
    before = target._node
    target._node, target._rg = node, True
    views.move_retained(before, node)
