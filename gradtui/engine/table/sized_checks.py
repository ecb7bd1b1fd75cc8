"""What operations along a dimension, normalisations and embeddings refuse: dtypes, and sizes of 0."""

from __future__ import annotations

from typing import Any

from gradtui.engine import dtypes, errors, state
from gradtui.engine.table.checks import kind_of, no_bool, only_floats


def running(name: str) -> Any:
    """Refuses bools as running totals do, which count them in integers unless told otherwise."""

    def check(self: Any, dim: int, dtype: Any = None) -> None:
        if dtype is dtypes.bool_:
            errors.wrap_dim(dim, self._data.ndim)
            raise NotImplementedError(f"\"{name}_out_cpu\" not implemented for 'Bool'")

    return check


def _filled(name: str, self: Any, dim: Any) -> None:
    axis = errors.wrap_dim(dim, self._data.ndim)
    if self._data.ndim and not self._data.shape[axis]:
        raise IndexError(f"{name}(): Expected reduction dim {axis} to have non-zero size.")


def median(self: Any, dim: Any = None, *rest: Any) -> None:
    if isinstance(dim, int):
        _filled("median", self, dim)
    no_bool("median_out")(self)


def kthvalue(self: Any, k: int, dim: int, *rest: Any) -> None:
    if self._data.ndim and k == 1:
        _filled("kthvalue", self, dim)
    axis = errors.wrap_dim(dim, self._data.ndim)
    if not 1 <= k <= (self._data.shape[axis] if self._data.ndim else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {axis}")
    no_bool("kthvalue_cpu")(self)


def trace(self: Any) -> None:
    no_bool("trace")(self)


def hardtanh(self: Any, low: Any, high: Any) -> None:
    kind = kind_of(self)
    if kind == "b":
        raise RuntimeError("Bool inputs not supported for hardtanh")
    if kind == "u" and (low < 0 or high < 0):
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")


# -- normalisations: of floats, or of halves by floats ----------


def normalised(kernel: str, *places: int) -> Any:
    """All of one dtype, or halves with float32 beside them; `places` are those of the others."""

    def check(*bound: Any) -> None:
        kind = bound[0].dtype
        others = [bound[place].dtype for place in places if bound[place] is not None]
        if all(other is kind for other in others) or kernel == "batch_norm":
            only_floats(kernel)(bound[0])
        if any(other is not kind for other in others):
            if any(other is not dtypes.float32 for other in others):
                raise RuntimeError(_MIXED + "expect parameter to have scalar type of Float")
            if kind is not dtypes.float16:
                raise RuntimeError(_MIXED + "all inputs must share same datatype.")

    return check


_MIXED = "mixed dtype (CPU): "


# -- embeddings ----------


def embedding(weight: Any, indices: Any, *rest: Any) -> None:
    """A matrix, and integers."""
    if not weight._data.ndim and state.grad_enabled and weight.requires_grad:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    if weight._data.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if indices.dtype not in (dtypes.int64, dtypes.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: "
            f"Long, Int; but got {_type_name(indices)} instead (while checking arguments for embedding)"
        )
    if indices._data.size and not weight._data.shape[0]:
        raise RuntimeError("index_select(): self indexing axis dim should be positive")


def _type_name(tensor: Any) -> str:
    """What C++ calls the type of a tensor; of bools it has no name in torch."""
    return "CPUBoolType" if kind_of(tensor) == "b" else str(tensor.type())
