"""A node run with its hooks: on the cotangents of its outputs, before it, and after it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors, state
from gradtui.engine.buffers import version_of
from gradtui.engine.careful import run_carefully
from gradtui.engine.kernels.shapes import clone
from gradtui.engine.lift import reduce_to
from gradtui.engine.node import Node
from gradtui.engine.tensor import TENSORS, Tensor, wrap


def fit(node: Node, grads: Sequence[Any]) -> Sequence[Any]:
    """Each gradient in the shape and dtype of its input."""
    for grad, pair in zip(grads, node.inputs, strict=True):
        if grad is not None and pair is not None and not _fits(grad, pair):
            return [_fitted(g, pair) for g, pair in zip(grads, node.inputs, strict=True)]
    return grads


def _fits(grad: Any, pair: Any) -> bool:
    array = grad._data if grad.__class__ in TENSORS else grad
    return array.dtype is pair[1] and array.shape == pair[0]


def _fitted(grad: Any, pair: Any) -> Any:
    if grad is None or pair is None or _fits(grad, pair):
        return grad
    return reduce_to(grad, *pair)


def inspect(node: Node, grads: Sequence[Any]) -> None:
    """Anomaly mode: stops at the first node that returns what is not a number."""
    for number, grad in enumerate(grads if state.check_nan else ()):
        array = grad._data if grad.__class__ in TENSORS else grad
        if array is not None and np.isnan(array).any():
            warnings.warn(errors.DETECTED.format(node.name()), stacklevel=5)
            raise RuntimeError(
                f"Function '{node.name()}' returned nan values in its {number}th output."
            )


def as_tensor(grad: Any) -> Any:
    """A cotangent as hooks see it."""
    if grad is None or grad.__class__ in TENSORS:
        return grad
    made = wrap(grad)
    if state.versions and made._ver >= 0:
        made._ver = version_of(grad)
    return made


def _same_kind(new: Any, like: Any) -> Any:
    """What a hook returned, as an array where the pass computes on arrays."""
    if new is None or like is None or like.__class__ in TENSORS:
        return new
    return new._data


def through(hooks: Iterable[Callable[..., Any]], grad: Any) -> Any:
    for hook in list(hooks):
        given = None if grad is None else as_tensor(grad)
        answer = hook(given)
        if answer is not None:
            _check_answer(hook, answer, given)
            grad = _same_kind(answer, grad)
    return grad


def _check_answer(hook: Any, answer: Any, given: Any) -> None:
    """What a hook returns in the place of a gradient must be of its kind."""
    name = getattr(hook, "__name__", "<unknown>")
    if answer.__class__ not in TENSORS:
        raise TypeError(f"expected Variable, but hook returned '{type(answer).__name__}'")
    if given is None:
        return
    if answer._data.dtype != given._data.dtype:
        raise RuntimeError(
            f"hook '{name}' has changed the type of value (was {given.type()} got {answer.type()})"
        )
    if answer._data.shape != given._data.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")


def _answers(hook: Any, answer: Any, given: Sequence[Any]) -> tuple[Any, ...]:
    """What a node's hook returned, one value for each it was given."""
    if not isinstance(answer, tuple):
        raise TypeError(f"expected tuple, but hook returned '{type(answer).__name__}'")
    if len(answer) != len(given):
        raise RuntimeError(
            f"hook '{getattr(hook, '__name__', '<unknown>')}' has returned an incorrect number of "
            f"values (got {len(answer)}, but expected {len(given)})"
        )
    for one, of in zip(answer, given, strict=True):
        if one is not None:
            _check_answer(hook, one, of)
    return answer


def apply_plainly(node: Node, given: Any, create: bool) -> Sequence[Any]:
    """The gradients of all inputs of a node."""
    return node.apply_tensor(given) if create else run_carefully(node, given)


Apply = Callable[[Node, Any, bool], Sequence[Any]]


def run_hooked(node: Node, grad: Any, create: bool, run: Apply = apply_plainly) -> Sequence[Any]:
    """Runs a node with its hooks: on its outputs' gradients, before it, and after it.

    `run` gives the gradients of its inputs. A node that no gradient reached, because another
    returned None, sends on None.
    """
    hooks = node.hooks
    if hooks is None:
        return (None,) * len(node.edges)
    slots = [
        own_hooks(node, number, slot, create)
        for number, slot in enumerate(grad if node.several else [grad])
    ]
    if hooks.before:
        slots = before(hooks.before.values(), slots)
    given = slots if node.several else slots[0]
    if not node.several and given is None:
        grads: Sequence[Any] = (None,) * len(node.edges)
    else:
        grads = run(node, given, create)
    if node.inputs is not None:
        grads = fit(node, grads)
    return after(hooks.after.values(), node, grads, slots) if hooks.after else grads


def own_hooks(node: Node, number: int, grad: Any, create: bool = False) -> Any:
    """The gradient of a node's output, through the hooks of its tensor; kept where that was asked."""
    hooks = node.hooks
    if hooks is None:
        return grad
    if number in hooks.tensors:
        grad = through(hooks.tensors[number].values(), grad)
    if grad is None:
        return None
    tensor = hooks.retained[number]() if number in hooks.retained else None
    if tensor is not None:
        _retain(tensor, grad, create)
    return grad


def _retain(tensor: Tensor, grad: Any, create: bool) -> None:
    aside = tensor.aside()
    if aside.grad is not None:
        aside.grad = aside.grad + as_tensor(grad)
    else:
        aside.grad = _contiguous(grad)


def _contiguous(grad: Any) -> Any:
    """A copy of a gradient in rows, whatever its layout."""
    if grad.__class__ in TENSORS:
        return grad.clone(memory_format=dtypes.contiguous_format)
    return wrap(clone(grad, dtypes.contiguous_format))


def before(hooks: Iterable[Callable[..., Any]], slots: list[Any]) -> list[Any]:
    for hook in list(hooks):
        given = tuple(as_tensor(s) for s in slots)
        answer = hook(given)
        if answer is not None:
            answers = _answers(hook, answer if isinstance(answer, tuple) else (answer,), given)
            slots = [_same_kind(a, s) for a, s in zip(answers, slots, strict=True)]
    return slots


def after(
    hooks: Iterable[Callable[..., Any]], node: Node, grads: Sequence[Any], slots: list[Any]
) -> Sequence[Any]:
    padding = max(node.arity - len(grads), 0)
    for hook in list(hooks):
        shown = tuple(as_tensor(g) for g in grads) + (None,) * padding
        answer = hook(shown, tuple(as_tensor(s) for s in slots))
        if answer is not None:
            answers = _answers(hook, answer, shown)
            grads = [_same_kind(a, g) for a, g in zip(answers, grads, strict=False)]
    return grads
