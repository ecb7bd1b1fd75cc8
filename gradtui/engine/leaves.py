"""Where a backward pass ends: what arrives at a leaf is added to its `.grad`."""

from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors, state
from gradtui.engine.buffers import held, version_of
from gradtui.engine.grad_types import converted
from gradtui.engine.hooking import through
from gradtui.engine.kernels.shapes import dense, root
from gradtui.engine.tensor import TENSORS, Tensor, bump, storage, wrap

HOLDERS = 4  # of an array in `accumulate` that nobody else refers to: frames and the count


def accumulate(leaf: Tensor, grad: Any, create: bool, holders: int = HOLDERS) -> None:
    """Adds `grad` to the leaf's `.grad`, in place unless a graph of the gradient is wanted.

    `holders` is how many references to an array mean that nobody else has it.
    """
    rare = leaf.aside()
    if rare.hooks:
        grad = through(rare.hooks.values(), grad)
    if not leaf._rg:  # detached since
        _call(rare.post_hooks, leaf)
        return
    if grad is None:
        return
    if rare.grad_dtype is not None:
        grad = converted(grad, rare.grad_dtype)
    have = rare.grad
    if grad.__class__ in TENSORS and (create or have is None):
        rare.grad = _copied(grad, leaf) if have is None else have + grad
    elif have is None and _is_free(
        grad, leaf, getrefcount(grad) - holders - (state.tape is not None)
    ):
        rare.grad = wrap(grad)
        if state.versions:
            rare.grad._ver += version_of(root(grad))
    elif have is None:
        rare.grad = wrap(_laid_out(grad, leaf))
        rare.grad._ver = 1  # torch copies into a new tensor, in place
    else:
        add_to(have, grad)
    if state.tape is not None:
        state.tape.append(("leaf", grad, rare.grad))
    if rare.post_hooks:
        _call(rare.post_hooks, leaf)


def _call(post_hooks: Any, leaf: Tensor) -> None:
    for hook in list((post_hooks or {}).values()):
        _check_none(hook(leaf), leaf)


def _check_none(answer: Any, leaf: Tensor) -> None:
    """A hook after accumulation returns nothing, or the leaf itself."""
    if answer is None or answer is leaf:
        return
    if answer.__class__ not in TENSORS:
        raise TypeError(f"expected Variable, but hook returned '{type(answer).__name__}'")
    raise RuntimeError("Tensor post accumulate grad hooks should return None.")


def _laid_out(grad: Any, leaf: Tensor) -> Any:
    """A copy with the strides of the leaf, where that is dense."""
    array = leaf._data
    if array.__class__ is not np.ndarray or not dense(array):
        return np.array(grad, order="C")
    made = np.empty_like(array, dtype=grad.dtype)
    made[...] = grad
    return made


def _copied(grad: Tensor, leaf: Tensor) -> Tensor:
    """A gradient that keeps its graph, copied into a tensor of the leaf's own."""
    if grad._rg and leaf._data.size and not dense(storage(leaf)):
        return grad.clone(memory_format=dtypes.contiguous_format)  # type: ignore[no-any-return]
    copy: Any = wrap(_laid_out(grad._data, leaf))
    if grad._rg:
        copy.copy_(grad)
    made: Tensor = copy
    return made


def _is_free(grad: Any, leaf: Tensor, others: int) -> bool:
    """Whether a gradient can become the leaf's own without a copy, as torch decides it."""
    if grad.__class__ is not np.ndarray:
        return others <= held(grad)
    return others <= held(grad) and grad.flags.writeable and _fits(grad, storage(leaf))


def _fits(grad: Any, array: Any) -> bool:
    """Whether a gradient lies in memory as torch wants it: as its leaf, or in rows."""
    steps = grad.strides
    if steps == array.strides and (grad.base is None or 0 not in steps):
        return True
    if not dense(array):
        return bool(grad.flags.c_contiguous)
    sizes = zip(grad.shape, steps, array.strides, strict=True)
    return all(step == wanted if n != 1 else step != 0 for n, step, wanted in sizes)


def add_to(have: Tensor, grad: Any) -> None:
    if have._ver == -1 and not state.inference:
        raise RuntimeError(errors.INFERENCE_CHANGED)
    array = storage(have)
    if state.tape is not None:
        state.tape.append(("before", have, array.copy()))
    np.add(array, grad._data if grad.__class__ in TENSORS else grad, out=array)
    bump(have)
