"""Jacobians from a function's own values, by central differences, and from its derivatives.

A Jacobian here is torch's: one row for each entry of the input, one column for each of the output.
`along` gives a direction u instead, and the Jacobian is J·u.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gradtui.engine.autograd.entry import grad
from gradtui.engine.autograd.forward_ad import dual_level, make_dual, unpack_dual
from gradtui.engine.creation import zeros_like
from gradtui.engine.tensor import Tensor, storage, wrap

Tensors = tuple[Any, ...]


class GradcheckError(RuntimeError):
    """What is wrong with a derivative."""

    __module__ = "torch.autograd.gradcheck"


def as_tuple(value: Any) -> Tensors:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def followed(values: Any) -> Tensors:
    """The tensors that require grad."""
    return tuple(v for v in as_tuple(values) if isinstance(v, Tensor) and v.requires_grad)


def real(values: Any) -> list[Any]:
    """The results that have derivatives."""
    return [v for v in as_tuple(values) if isinstance(v, Tensor) and v.is_floating_point()]


# -- by differences --------------------------------------------------------------------------------


def numerical(func: Any, inputs: Tensors, eps: float) -> list[list[Any]]:
    """For each input that requires grad, for each output, the Jacobian by differences."""
    return [_numerical(func, inputs, x, eps) for x in followed(inputs)]


def _numerical(func: Any, inputs: Tensors, x: Tensor, eps: float) -> list[Any]:
    array = storage(x)
    rows = []
    for entry in np.ndindex(array.shape):
        steps = (array[entry] - eps, array[entry] + eps)
        rows.append(list(_slopes(func, inputs, array, entry, steps, eps, f"on index {entry} ")))
    return [np.stack([np.ravel(r) for r in column]) for column in zip(*rows, strict=True)]


def numerical_along(func: Any, inputs: Tensors, x: Tensor, u: Any, eps: float) -> list[Any]:
    """For each output J·u by differences, flat."""
    array = storage(x)
    step = (u * eps).reshape(array.shape)
    steps = (array - step, array + step)
    return [np.ravel(s) for s in _slopes(func, inputs, array, (...,), steps, eps, "")]


def _slopes(
    func: Any, inputs: Tensors, array: Any, place: Any, steps: Any, eps: float, where: str
) -> Iterator[Any]:
    """The difference quotients of every output, with part of an input moved back and forth."""
    before = np.array(array[place])
    found = []
    for moved in steps:
        array[place] = moved
        found.append([np.array(o.clone()._data) for o in as_tuple(func(*inputs))])
    array[place] = before
    for low, high in zip(*found, strict=True):
        _check_alike(low, high, where, eps)
        if low.dtype.kind == "f":
            yield (high - low) / (2 * eps)


def _check_alike(low: Any, high: Any, where: str, eps: float) -> None:
    start = "Expected `func` to return outputs with the same {} when inputs are perturbed " + where
    if low.shape != high.shape:
        shapes = (wrap(low).shape, wrap(high).shape)
        raise AssertionError(
            start.format("shape") + f"by {eps}, but got: shapes {shapes[0]} and {shapes[1]}."
        )
    if low.dtype != high.dtype:
        kinds = (wrap(low).dtype, wrap(high).dtype)
        raise AssertionError(
            start.format("dtype") + f"by {eps}, but got: dtypes {kinds[0]} and {kinds[1]}."
        )


# -- by backward passes ----------------------------------------------------------------------------


def backward(
    inputs: Tensors, out: Any, nondet: float, dtypes: bool, vectors: Sequence[Any] | None = None
) -> list[Any]:
    """For each input the Jacobian by a backward pass for each of `vectors` (all unit vectors)."""
    vectors = list(np.eye(out.numel(), dtype=out._data.dtype)) if vectors is None else vectors
    first, typed, sized = _matrices(inputs, out, vectors)
    again, _, _ = _matrices(inputs, out, vectors)
    if dtypes and not typed:
        raise GradcheckError("Gradient has dtype mismatch")
    if not sized:
        raise GradcheckError("Analytical gradient has incorrect size")
    if any(a.size and np.abs(a - b).max() > nondet for a, b in zip(first, again, strict=True)):
        raise GradcheckError(_NOT_REENTRANT.format(nondet))
    return first


def _matrices(inputs: Tensors, out: Any, vectors: Sequence[Any]) -> tuple[list[Any], bool, bool]:
    """The Jacobians, and whether every gradient had the dtype and the size of its input."""
    wanted = followed(inputs)
    passes = [
        grad(out, wanted, wrap(v.reshape(out._data.shape)), retain_graph=True, allow_unused=True)
        for v in vectors
    ]
    made = [np.zeros((x.numel(), len(vectors)), x._data.dtype) for x in wanted]
    typed = sized = True
    for column, found in enumerate(passes):
        for matrix, one, x in zip(made, found, wanted, strict=True):
            if one is None:
                continue
            sized = sized and one.size() == x.size()
            typed = typed and (one.size() != x.size() or one.dtype is x.dtype)
            matrix[:, column] = np.ravel(one._data)
    return made, typed, sized


# -- by forward mode -------------------------------------------------------------------------------


def forward(
    func: Callable[..., Any], inputs: Tensors, directions: Sequence[Any] | None = None
) -> list[list[Any]]:
    """For each input, for each output, the Jacobian (or J·u) by a forward pass for each row."""
    with dual_level():
        given = [_resting(x) if isinstance(x, Tensor) and x.requires_grad else x for x in inputs]
        tangents = [unpack_dual(x).tangent for x in given if isinstance(x, Tensor)]
        moving = [t for t in tangents if t is not None]
        if directions is None:
            return [_forward_rows(func, given, tangent) for tangent in moving]
        return [_towards(func, given, t, u) for t, u in zip(moving, directions, strict=True)]


def _resting(x: Tensor) -> Tensor:
    """A dual tensor whose tangent is zero, to be changed in place."""
    return make_dual(x.detach(), zeros_like(x))


def _forward_rows(func: Any, given: list[Any], tangent: Any) -> list[Any]:
    array, rows = storage(tangent), []
    for entry in np.ndindex(array.shape):
        array[entry] = 1
        rows.append([_pushed(o) for o in real(func(*given))])
        array[entry] = 0
    return [np.stack(column) for column in zip(*rows, strict=True)]


def _towards(func: Any, given: list[Any], tangent: Any, u: Any) -> list[Any]:
    array = storage(tangent)
    array[...] = u.reshape(array.shape)
    found = [_pushed(o) for o in real(func(*given))]
    array[...] = 0
    return found


def _pushed(out: Tensor) -> Any:
    tangent = unpack_dual(out).tangent
    if tangent is None:
        return np.zeros(out.numel(), out._data.dtype)
    return np.array(tangent._data).reshape(-1)


_NOT_REENTRANT = (
    "Backward is not reentrant, i.e., running backward with same input and grad_output multiple "
    "times gives different values, although analytical gradient matches numerical gradient.The "
    "tolerance for nondeterminism was {}.\n\n"
    "NOTE: If your op relies on non-deterministic operations i.e., it is listed here:\n"
    "https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html\n"
    "this failure might be expected.\n\n"
    "If you are adding a new operator, please file an issue and then use one of the\n"
    "workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.\n"
    "If the test\n"
    "- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck\n"
    "  with `nondet_tol=<tol>` as a keyword argument.\n"
    "- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test\n"
    "  to have `gradcheck_nondet_tol=<tol>`.\n"
    "- is a Module test (e.g., in common_nn.py), then modify the corresponding\n"
    "  module_test entry to have `gradcheck_nondet_tol=<tol>`\n"
)
