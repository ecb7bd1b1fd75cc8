"""`torch.FloatTensor` and its kin: a dtype as a type, from the time before `torch.tensor`.

>>> import gradtui.engine as torch
>>> torch.LongTensor([1, 2]), isinstance(torch.ones(1), torch.FloatTensor)
(tensor([1, 2]), True)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import creation, data, dtypes
from gradtui.engine.errors import cast_name
from gradtui.engine.tensor import TENSORS

_OPTIONS = (
    "TensorOptions(dtype={}, device=cpu, layout=Strided, requires_grad=false (default), "
    "pinned_memory=false (default), memory_format=(nullopt))"
)


class _Kind(type):
    """Tensors of one dtype, as `isinstance` sees them."""

    dtype: dtypes.dtype

    def __instancecheck__(cls, value: Any) -> bool:
        return value.__class__ in TENSORS and value.dtype is cls.dtype

    def __call__(cls, *given: Any) -> Any:
        if len(given) == 1 and isinstance(given[0], (list, tuple)) and not _is_size(given[0]):
            return creation.tensor(given[0], dtype=cls.dtype)
        if len(given) == 1 and given[0].__class__ in TENSORS:
            if given[0].dtype is not cls.dtype:
                want, got = (_OPTIONS.format(cast_name(k)) for k in (cls.dtype, given[0].dtype))
                raise TypeError(f"expected {want} (got {got})")
            return given[0]
        if len(given) == 1 and isinstance(given[0], np.ndarray):
            return creation.tensor(given[0], dtype=cls.dtype)
        if not given:
            return creation.tensor([], dtype=cls.dtype)
        shape = data.checked_shape(data.shape_from(given, cls.__name__), cls.__name__)
        return creation.empty(shape, dtype=cls.dtype)


def _is_size(value: Any) -> bool:
    return isinstance(value, dtypes.Size)


PUBLIC: dict[str, Any] = {
    name: _Kind(name, (), {"dtype": kind, "__module__": "torch"})
    for name, kind in {
        "FloatTensor": dtypes.float32,
        "DoubleTensor": dtypes.float64,
        "HalfTensor": dtypes.float16,
        "LongTensor": dtypes.int64,
        "IntTensor": dtypes.int32,
        "ShortTensor": dtypes.int16,
        "ByteTensor": dtypes.uint8,
        "CharTensor": dtypes.int8,
        "BoolTensor": dtypes.bool_,
    }.items()
}
"""The types by torch's names."""
