"""Torch's words for what goes wrong, in one place so that every operation says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SECOND_BACKWARD = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they "
    "have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)
NO_GRAD = "element {} of tensors does not require grad and does not have a grad_fn"
LEAF_IN_PLACE = "a leaf Variable that requires grad is being used in an in-place operation."
LEAF_VIEW_IN_PLACE = (
    "a view of a leaf Variable that requires grad is being used in an in-place operation."
)


def no_attribute(kind: str, name: str) -> AttributeError:
    return AttributeError(f"'{kind}' object has no attribute '{name}'")


def broadcast(a: Sequence[int], b: Sequence[int]) -> RuntimeError:
    """Which dimension keeps two shapes from being broadcast together."""
    for back in range(1, min(len(a), len(b)) + 1):
        x, y = a[-back], b[-back]
        if x != y and 1 not in (x, y):
            dim = max(len(a), len(b)) - back
            return RuntimeError(
                f"The size of tensor a ({x}) must match the size of tensor b ({y}) "
                f"at non-singleton dimension {dim}"
            )
    return RuntimeError(f"shapes {list(a)} and {list(b)} cannot be broadcast together")


def modified(kind: str, shape: Sequence[int], source: str, now: int, then: int) -> RuntimeError:
    """A saved tensor is no longer what the formula needs."""
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: [torch.{kind}Tensor {list(shape)}]{source}, is at version {now}; expected "
        f"version {then} instead. Hint: enable anomaly detection to find the operation that failed "
        "to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


def dimension(dim: int, ndim: int) -> IndexError:
    n = max(ndim, 1)
    return IndexError(
        f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})"
    )


def wrap_dim(dim: int, ndim: int) -> int:
    """A dimension counted from the front; 0-d tensors have dimension 0 and -1."""
    n = max(ndim, 1)
    if not -n <= dim < n:
        raise dimension(dim, ndim)
    return dim % n


def unsupported(what: str, nearby: str = "") -> NotImplementedError:
    hint = f"; supported nearby: {nearby}" if nearby else ""
    return NotImplementedError(f"{what} is not supported by gradtui's engine{hint}")


def operand(symbol: str, left: Any, right: Any) -> TypeError:
    return TypeError(
        f"unsupported operand type(s) for {symbol}: '{type(left).__name__}' and "
        f"'{type(right).__name__}'"
    )
