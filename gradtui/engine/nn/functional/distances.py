"""Distances and similarities between tensors, and codes of classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.dtypes import result_type
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import no_grad
from gradtui.engine.nn.functional.shared import broadcast, native
from gradtui.engine.tensor import Tensor, wrap


@native
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """x1·x2 / (max(|x1|, eps)·max(|x2|, eps)) along `dim`."""
    common = result_type(x1, x2)
    if not common.is_floating_point:
        raise RuntimeError(
            "expected common dtype to be floating point, yet common dtype is " + common.scalar_name
        )
    x1, x2 = broadcast(x1, x2)
    norms = [FUNCTIONS["linalg_vector_norm"](x, 2, (dim,), True).clone() for x in (x1, x2)]
    with no_grad():
        for norm in norms:
            norm.clamp_min_(eps)
    right = x2 / norms[1]  # which C++ computes first
    return ((x1 / norms[0]) * right).sum(dim)


@native
def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """The p-norm of x1 - x2 + eps over the last dimension."""
    return FUNCTIONS["norm_over"](x1 - x2 + eps, p, (-1,), keepdim)


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """The input divided by its p-norm along `dim`."""
    return input / input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Any:
    """A new last dimension of zeros with a one at the class that was there."""
    classes = tensor._data
    if classes.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if not classes.size:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return wrap(np.zeros((*classes.shape, num_classes), np.int64))
    if classes.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        num_classes = int(classes.max()) + 1
    elif num_classes < 1:
        raise RuntimeError("num_classes should be positive")
    elif num_classes <= classes.max():
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((classes[..., None] == np.arange(num_classes)).astype(np.int64, order="C"))
