"""Members of tensors and of torch that ask what is always so here, or go entry by entry in Python.

>>> import gradtui.engine as torch
>>> torch.arange(3.0).apply_(lambda v: v * 2 + 1)
tensor([1., 3., 5.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import creation
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn import functional as nnf
from gradtui.engine.tensor import TENSORS, Tensor, bump, storage

# -- entry by entry --------------------------------------------------------------------------------


def _check_bare(tensor: Tensor, name: str) -> None:
    if tensor.requires_grad:
        raise RuntimeError(
            f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead."
        )


def apply_(self: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Replaces every entry by what the function makes of it."""
    _check_bare(self, "apply_")
    return _filled(self, [self], callable)


def map_(self: Tensor, tensor: Tensor, callable: Callable[[Any, Any], Any]) -> Tensor:
    """Replaces every entry by what the function makes of it and of another's."""
    _check_bare(self, "map_")
    return _filled(self, [self, _like(self, tensor, "map_")], callable)


def map2_(self: Tensor, x: Tensor, y: Tensor, callable: Callable[..., Any]) -> Tensor:
    """Replaces every entry by what the function makes of it and of two others'."""
    _check_bare(self, "map2_")
    return _filled(self, [self, _like(self, x, "map2_"), _like(self, y, "map2_")], callable)


def _like(self: Tensor, other: Tensor, name: str) -> Any:
    if other.dtype is not self.dtype:
        raise TypeError(f"{name}: expected {self.type()} for 'other' (got {other.type()})")
    return other.expand(self.shape)


def _filled(self: Tensor, given: list[Any], function: Callable[..., Any]) -> Tensor:
    columns = [np.asarray(t._data).ravel().tolist() for t in given]
    array = storage(self)
    made = [function(*row) for row in zip(*columns, strict=True)]
    array[...] = np.array(made, np.float64 if made else array.dtype).reshape(array.shape)
    bump(self)
    return self


# -- what is always so -----------------------------------------------------------------------------


def _is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both are the same numbers of one storage, in one shape."""
    alike = self.shape == tensor.shape and self.stride() == tensor.stride()
    return alike and self.data_ptr() == tensor.data_ptr()


def _prelu(self: Tensor, weight: Tensor) -> Any:
    return nnf.prelu(self, weight)


def _new(self: Tensor, *data: Any) -> Any:
    """A tensor of the same dtype, of a shape or of what is given."""
    if len(data) == 1 and isinstance(data[0], (list, tuple)):
        return creation.tensor(data[0], dtype=self.dtype)
    return creation.empty(data, dtype=self.dtype) if data else creation.tensor([], dtype=self.dtype)


def _pin_memory(self: Tensor, device: Any = None) -> Any:
    raise RuntimeError("Cannot access accelerator device when none is available.")


METHODS: dict[str, Any] = {
    "apply_": apply_,
    "map_": map_,
    "map2_": map2_,
    "is_set_to": _is_set_to,
    "prelu": _prelu,
    "new": _new,
    "pin_memory": _pin_memory,
    "share_memory_": lambda self: self,
    "is_conj": lambda self: False,
    "is_neg": lambda self: False,
    "is_pinned": lambda self, device=None: False,
    "is_shared": lambda self: False,
    "is_distributed": lambda self: False,
}
ALWAYS = {
    "is_cpu": True,
    **dict.fromkeys(
        "is_nested is_mps is_xpu is_xla is_ipu is_maia is_mtia is_vulkan is_sparse_csr".split(),
        False,
    ),
    "name": None,
    "volatile": False,
}
"""Attributes that say the same of every tensor."""


def _constant(value: Any) -> property:
    return property(lambda self: value)


def attach() -> None:
    """Gives tensors these methods and attributes."""
    for name, method in METHODS.items():
        method.__name__ = method.__qualname__ = name
        setattr(Tensor, name, method)
    for name, value in ALWAYS.items():
        setattr(Tensor, name, _constant(value))


# -- functions -------------------------------------------------------------------------------------


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Any:
    """What is given as a tensor: the same storage where it can be, unless a copy is wanted."""
    if obj.__class__ not in TENSORS:
        if copy is False and not isinstance(obj, np.ndarray):
            raise ValueError("can't alias arbitrary sequence.")
        if isinstance(obj, np.ndarray) and not copy:
            made = creation.as_tensor(obj, dtype=dtype)
        else:
            made = creation.tensor(obj, dtype=dtype)
        return made.requires_grad_() if requires_grad else made
    if dtype is not None and dtype is not obj.dtype:
        if copy is False:
            was, want = obj.dtype.scalar_name, dtype.scalar_name
            raise ValueError(f"can't alias tensor with dtype '{was}' into dtype '{want}'.")
        obj = obj.to(dtype)
    elif copy:
        obj = obj.clone()
    if requires_grad and not obj.requires_grad:
        return obj.requires_grad_()
    return obj


def _reduced(function: Callable[..., Any], reduction: int, *args: Any, **options: Any) -> Any:
    return function(*args, reduction=("none", "mean", "sum")[reduction], **options)


def kl_div(input: Any, target: Any, reduction: int = 0, *, log_target: bool = False) -> Any:
    """Torch's own, whose reduction is a number: none, mean, sum."""
    return _reduced(nnf.kl_div, reduction, input, target, log_target=log_target)


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: int = 0) -> Any:
    return _reduced(nnf.hinge_embedding_loss, reduction, input, target, margin)


def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0
) -> Any:
    return _reduced(nnf.margin_ranking_loss, reduction, input1, input2, target, margin)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: int = 0
) -> Any:
    return _reduced(nnf.cosine_embedding_loss, reduction, input1, input2, target, margin)


def poisson_nll_loss(
    input: Any, target: Any, log_input: bool, full: bool, eps: float, reduction: int
) -> Any:
    return _reduced(nnf.poisson_nll_loss, reduction, input, target, log_input, full, eps=eps)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: int = 0,
) -> Any:
    return _reduced(
        nnf.triplet_margin_loss, reduction, anchor, positive, negative, margin, p, eps, swap
    )


def instance_norm(
    input: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Any:
    return nnf.instance_norm(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps
    )


def frobenius_norm(input: Any, dim: Any, keepdim: bool = False) -> Any:
    """The root of the sum of squares over some dimensions."""
    return FUNCTIONS["linalg_vector_norm"](input, 2, dim, keepdim)


def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    return input.index_put(indices, values, accumulate)


def index_put_(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    return input.index_put_(indices, values, accumulate)


def channel_shuffle(input: Any, groups: int) -> Any:
    return nnf.channel_shuffle(input, groups)


def conv_transpose3d(input: Any, weight: Any, *rest: Any, **options: Any) -> Any:
    return nnf.conv_transpose3d(input, weight, *rest, **options)


def max_pool3d(input: Any, kernel_size: Any, *rest: Any, **options: Any) -> Any:
    return nnf.max_pool3d(input, kernel_size, *rest, **options)


def unsafe_split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> Any:
    return FUNCTIONS["split_with_sizes"](input, split_sizes, dim)


def is_conj(input: Any) -> bool:
    """Whether a conjugate is still to be taken: never."""
    return False


is_neg = is_conj


def is_signed(input: Any) -> bool:
    return bool(input.is_signed())


def get_device(input: Any) -> int:
    return int(input.get_device())


def detach_(input: Any) -> Any:
    return input.detach_()


def is_storage(obj: Any) -> bool:
    """Whether it is a storage, which nothing is here."""
    return False
