"""`Tensor.grad_dtype`: the dtype a leaf's `.grad` has, where that is not the leaf's own.

>>> import gradtui.engine as torch
>>> x = torch.ones(2, requires_grad=True)
>>> x.grad_dtype = torch.float64
>>> (x * 2).sum().backward()
>>> x.grad
tensor([2., 2.], dtype=torch.float64)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtui.engine import dtypes, errors
from gradtui.engine.tensor import TENSORS, Tensor

ANY = "any"
"""What stands for `grad_dtype = None`: gradients stay as they come."""


def grad_dtype(tensor: Tensor) -> Any:
    """The dtype of a leaf's gradient; None where any is accepted."""
    if not tensor.is_leaf:
        raise RuntimeError("grad_dtype can only be accessed on leaf tensors.")
    rare = tensor._rare
    found = None if rare is None else rare.grad_dtype
    return tensor.dtype if found is None else None if found is ANY else found


def set_grad_dtype(tensor: Tensor, wanted: Any) -> None:
    """Sets the dtype of the gradients to come; those that are there must have it already."""
    if not isinstance(wanted, dtypes.dtype | None):
        raise RuntimeError(
            f"grad_dtype must be a torch.dtype or None, but got {type(wanted).__name__}"
        )
    if not tensor.is_leaf:
        raise RuntimeError("grad_dtype can only be set on leaf tensors.")
    aside = tensor.aside()
    if aside.grad is not None and wanted is not None and aside.grad.dtype is not wanted:
        raise RuntimeError(
            f"Cannot set grad_dtype to '{wanted.scalar_name}' because there is already a gradient "
            f"with dtype '{errors.cast_name(aside.grad.dtype)}'. Please clear the gradient (.grad = "
            "None) before changing grad_dtype, or ensure the new grad_dtype matches the existing "
            "gradient's dtype."
        )
    aside.grad_dtype = ANY if wanted is None else wanted


def converted(grad: Any, kind: Any) -> Any:
    """A gradient in the dtype its leaf wants."""
    if kind is ANY or grad is None:
        return grad
    if grad.__class__ in TENSORS:
        return grad.to(kind)
    return grad.astype(kind.numpy)


def in_their_types(leaves: Sequence[Any], grads: tuple[Any, ...]) -> tuple[Any, ...]:
    """Gradients in the dtypes that the leaves they are of want."""
    kinds = [None if t._rare is None else t._rare.grad_dtype for t in leaves]
    if not any(kinds):
        return grads
    pairs = zip(grads, kinds, strict=True)
    return tuple(g if kind is None else converted(g, kind) for g, kind in pairs)


setattr(Tensor, "grad_dtype", property(grad_dtype, set_grad_dtype))  # noqa: B010 - mypy
