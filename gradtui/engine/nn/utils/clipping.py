"""`nn.utils`: clipping of gradients, and all parameters as one vector."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from types import GeneratorType
from typing import Any

import numpy as np

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import no_grad
from gradtui.engine.naming import typename
from gradtui.engine.tensor import Tensor, wrap


def _listed(parameters: Any) -> list[Any]:
    return [parameters] if isinstance(parameters, Tensor) else list(parameters)


def get_total_norm(
    tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None
) -> Any:
    """The norm of the norms of some tensors, as if they were one."""
    listed, norm = _listed(tensors), FUNCTIONS["linalg_vector_norm"]
    order = float(norm_type)
    if not listed:
        return wrap(np.float32(0.0))
    with no_grad():
        total = norm(FUNCTIONS["stack"]([norm(t, order, None, False) for t in listed]), order)
    if error_if_nonfinite and not np.isfinite(total._data):
        raise RuntimeError(
            f"The total norm of order {order} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped. To disable this error and scale the gradients by the non-finite "
            "norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def clip_grads_with_norm_(
    parameters: Any, max_norm: float, total_norm: Any, foreach: Any = None
) -> None:
    """Scales all gradients so that their norm, now `total_norm`, is at most `max_norm`."""
    with no_grad():
        factor = FUNCTIONS["clamp"](float(max_norm) / (total_norm + 1e-6), max=1.0)
        for p in _listed(parameters):
            if p.grad is not None:
                p.grad.mul_(factor)


def clip_grad_norm_(
    parameters: Any,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: Any = None,
) -> Any:
    """Scales gradients in place so that their norm is at most `max_norm`; returns what it was."""
    listed = _listed(parameters)
    if isinstance(parameters, GeneratorType) and not listed:
        warnings.warn(
            "`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2
        )
    grads = [p.grad for p in listed if p.grad is not None]
    total = get_total_norm(grads, norm_type, error_if_nonfinite, foreach)
    clip_grads_with_norm_(listed, max_norm, total, foreach)
    return total


def clip_grad_value_(parameters: Any, clip_value: float, foreach: Any = None) -> None:
    """Clamps every gradient to ±`clip_value`, in place."""
    limit = float(clip_value)
    with no_grad():
        for p in _listed(parameters):
            if p.grad is not None:
                p.grad.clamp_(min=-limit, max=limit)


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """All parameters, flattened, one after the other."""
    return FUNCTIONS["cat"]([p.view(-1) for p in parameters])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Puts the parts of a vector into the parameters, in order."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {typename(vec)}")
    start = 0
    for p in parameters:
        p.data = vec[start : start + p.numel()].view_as(p).data  # type: ignore[index]
        start += p.numel()
