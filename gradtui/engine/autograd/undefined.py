"""What a derivative does where nothing arrives: no cotangent, no tangent."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.autograd.differences import GradcheckError, as_tuple, followed, real
from gradtui.engine.autograd.entry import grad
from gradtui.engine.autograd.forward_ad import dual_level, make_dual, unpack_dual
from gradtui.engine.creation import zeros_like
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.node import Node
from gradtui.engine.tensor import Tensor, alias, edge

Tensors = tuple[Any, ...]


class _UndefinedGrad(Node):
    """A node whatever arrives at which goes no further."""

    __slots__ = ()
    arity = 1

    def __init__(self, of: Tensor) -> None:
        self.edges, self.saved, self.versions = (edge(of),), (), 0
        self.seq = state.next_sequence()
        self.outputs, self.inputs = (of._data.shape, of._data.dtype), None
        self.hooks = self.attributes = None

    def apply(self, grad: Any) -> tuple[Any, ...]:
        return (None,)

    apply_tensor = apply


def _unreached(out: Tensor) -> Tensor:
    made = alias(out)
    made._node, made._rg = _UndefinedGrad(out), True
    return made


def backward(func: Callable[..., Any], inputs: Tensors, count: int) -> None:
    """Gradients must be zero where no cotangent arrives, at all outputs or at any one of them."""
    _check_none([_unreached(o) for o in followed(func(*inputs))], followed(inputs))
    for missing in range(count if count > 1 else 0):
        outs = followed(func(*inputs))
        _check_none(
            [_unreached(o) if i == missing else o for i, o in enumerate(outs)], followed(inputs)
        )


def _check_none(outs: Sequence[Any], wanted: Tensors) -> None:
    zeros = [zeros_like(o) for o in outs]
    try:
        found = grad(outs, wanted, zeros, allow_unused=True) if outs else ()
    except RuntimeError as error:
        _warn()
        raise GradcheckError(
            "Expected backward function to handle undefined output grads. Please look at "
            '"Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"'
        ) from error
    if any(g is not None and np.any(g._data != 0) for g in found):
        _warn()
        raise GradcheckError(
            "Expected all input grads to be undefined or zero when all output grads are undefined "
            'or zero. Please look at "Notes about undefined output gradients" in '
            '"tools/autograd/derivatives.yaml"'
        )


def _warn() -> None:
    warnings.warn(
        "Backwards compatibility: New undefined gradient support checking feature is enabled by "
        "default, but it may break existing callers of this function. If this is true for you, you "
        'can call this function with "check_undefined_grad=False" to disable the feature',
        stacklevel=5,
    )


def forward(func: Callable[..., Any], inputs: Tensors, directions: Sequence[Any]) -> None:
    """An input without a tangent must count as one whose tangent is zero."""
    with dual_level():
        moving = iter(directions)
        given = [
            _moving(x, next(moving)) if isinstance(x, Tensor) and x.requires_grad else x
            for x in inputs
        ]
        for place, x in enumerate(inputs):
            if not (isinstance(x, Tensor) and x.requires_grad):
                continue
            kept = given[place]
            given[place] = make_dual(x.detach(), zeros_like(x))
            resting = _tangents(func, given)
            given[place] = x.detach()
            _check_equal(resting, _tangents(func, given), x)
            given[place] = kept


def _moving(x: Tensor, u: Any) -> Tensor:
    tangent = zeros_like(x)
    tangent._data = np.array(u).reshape(x._data.shape)
    return make_dual(x.detach(), tangent)


def _tangents(func: Callable[..., Any], given: list[Any]) -> list[Any]:
    return [unpack_dual(o).tangent for o in real(func(*given))]


def _check_equal(resting: list[Any], without: list[Any], x: Tensor) -> None:
    for number, (a, b) in enumerate(zip(resting, without, strict=True)):
        if a is not None and b is not None and not FUNCTIONS["allclose"](a, b):
            raise GradcheckError(
                "Mismatch in tangent values for output with index: ",
                number,
                " when input: ",
                x,
                " has an undefined tangent value. ",
                " Got: ",
                a,
                " but expected: ",
                b,
            )


def pushed(
    func: Callable[..., Any], given: list[Any], place: int, primal: Any, tangent: Any
) -> Tensors:
    """J·u for every result, where one argument moves."""
    with dual_level():
        given[place] = make_dual(primal, tangent)
        found = [unpack_dual(o) for o in as_tuple(func(*given)) if o is not None]
        return tuple(zeros_like(out) if moved is None else moved for out, moved in found)
