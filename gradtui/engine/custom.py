"""Forward mode through a custom Function: its `jvp` takes the tangents of its arguments.

>>> import gradtui.engine as torch
>>> class Cube(torch.autograd.Function):
...     @staticmethod
...     def forward(ctx, x):
...         ctx.save_for_forward(x)
...         return x**3
...     @staticmethod
...     def jvp(ctx, x_t):
...         (x,) = ctx.saved_tensors
...         return 3 * x**2 * x_t
>>> torch.func.jvp(Cube.apply, (torch.tensor(2.0),), (torch.tensor(1.0),))
(tensor(8.), tensor(12.))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtui.engine.function import PUSH, UNWATCHED
from gradtui.engine.levels import Level, asleep, awake, check_tangent, set_tangent, tangent_of
from gradtui.engine.lift import zeros_like
from gradtui.engine.tensor import TENSORS, owner

__all__ = ["push"]

_NO_TENSOR = (
    "(new_grad_base.is_floating_point() || new_grad_base.is_complex()) && "
    "(self_base.is_floating_point() || self_base.is_complex()) INTERNAL ASSERT FAILED at "
    '"/__w/pytorch/pytorch/torch/csrc/autograd/autograd_meta.cpp":159, please report a bug to '
    "PyTorch. Expected both tensor and its forward grad to be floating point or complex"
)


def push(node: Any, args: Sequence[Any], outs: Sequence[Any], made: Sequence[Any]) -> None:
    """Gives the results of a Function their tangents; `outs` is what its `forward` returned."""
    for level in awake():
        given = [tangent_of(a, level) if a.__class__ in TENSORS else None for a in args]
        if all(g is None for g in given):
            continue
        with asleep(level.depth):
            if node.context.materialize_grads:
                given = [
                    zeros_like(a) if g is None and a.__class__ in TENSORS else g
                    for a, g in zip(args, given, strict=True)
                ]
            found = node.function.jvp(node.context, *given)
        found = found if isinstance(found, tuple) else (found,)
        _check(node, found, len(outs))
        for number, (out, tangent) in enumerate(zip(made, found, strict=True)):
            _set(node, out, tangent, level, number, (args, given, outs[number]))


def _check(node: Any, found: Sequence[Any], count: int) -> None:
    for place, one in enumerate(found):
        if one is not None and one.__class__ not in TENSORS:
            raise RuntimeError(
                f"expected Variable or None (got {type(one).__name__}) for grad output {place}."
            )
    if len(found) != count:
        raise RuntimeError(
            f"Function's jvp returned an invalid number of forward gradients (expected {count} but "
            f"got {len(found)})"
        )


def _set(node: Any, out: Any, tangent: Any, level: Level, number: int, origin: Any) -> None:
    args, given, original = origin
    if any(original is n for n in node.context.non_differentiable) or out.__class__ not in TENSORS:
        if tangent is not None:
            raise RuntimeError(
                f"Function's jvp returned a gradient at position {number}, but  the corresponding "
                "forward output is not a differentiable Tensor.You should return None at that "
                "position instead."
            )
        return
    if tangent is None:
        raise RuntimeError(_NO_TENSOR)
    if any(original is d for d in node.context.dirty_tensors):
        if not any(tangent is g for a, g in zip(args, given, strict=True) if a is original):
            raise RuntimeError(
                "An inplace custom Function is not modifying the forward mode gradients inplace. "
                "If the forward is modifying an input inplace, then the jvp function must modify "
                "the corresponding gradient inplace."
            )
    elif _shows(original, args) and tangent._base is None:
        raise RuntimeError(
            "A custom Function's forward is returning a view (or an input as-is) but the jvp is "
            "not returning a view."
        )
    check_tangent(out, level, tangent)
    set_tangent(out, level, tangent)


def _shows(out: Any, args: Sequence[Any]) -> bool:
    """Whether a result is one of the arguments, or a view of one."""
    owners = [owner(a) for a in args if a.__class__ in TENSORS]
    return any(owner(out) is o for o in owners)


PUSH.append(push)
UNWATCHED.append(asleep)
