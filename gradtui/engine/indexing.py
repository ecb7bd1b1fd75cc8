"""`x[…]` and `x[…] = …`: numbers, slices, None and … make views; lists and masks gather."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.data import array_from
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.tensor import TENSORS, Tensor, wrap

_FULL = slice(None)


def getitem(self: Tensor, key: Any) -> Any:
    """What torch returns for `self[key]`."""
    if key is Ellipsis:
        return F["alias"](self)
    view, advanced = basic(self, key if isinstance(key, tuple) else (key,))
    if advanced is not None:
        return F["take_at"](view, advanced)
    return F["alias"](self) if view is self else view


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """Writes `value` at `key`, broadcast, as an in-place operation."""
    view, advanced = basic(self, key if isinstance(key, tuple) else (key,))
    given = value if value.__class__ in TENSORS else _as_value(value, self)
    if advanced is not None:
        _put(view, advanced, given)
        return
    if view is self:
        self.copy_(_fit(given, self))
    else:
        view.copy_(_fit(given, view))


def _put(view: Tensor, advanced: Any, given: Tensor) -> None:
    if given._data.dtype != view._data.dtype and given._data.ndim:
        names = given.dtype.scalar_name, view.dtype.scalar_name
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{names[1]} for the destination and {names[0]} for the source."
        )
    target = view._data[advanced].shape
    try:
        np.broadcast_shapes(target, given._data.shape)
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(given.shape)} cannot be broadcast to "
            f"indexing result of shape {list(target)}"
        ) from None
    view.put_at_(given, advanced, False)


def _fit(value: Tensor, view: Tensor) -> Tensor:
    """Leading dimensions of size 1 fall away, as in torch."""
    shape = value._data.shape
    while len(shape) > view._data.ndim and shape[0] == 1:
        value = F["squeeze"](value, 0)
        shape = value._data.shape
    return value


def _as_value(value: Any, like: Tensor) -> Tensor:
    if isinstance(value, (int, float, bool, np.generic)):
        return wrap(np.asarray(value).astype(like._data.dtype))
    if isinstance(value, (list, tuple)) or hasattr(value, "__array__"):
        raise TypeError(f"can't assign a {type(value).__name__} to a torch.{_legacy(like)}")
    raise TypeError(f"can't assign a {type(value).__name__} to a torch.{_legacy(like)}")


def _legacy(tensor: Tensor) -> str:
    return f"{tensor.dtype.scalar_name}Tensor"


def _consumes(item: Any) -> int:
    """How many dimensions of the tensor an index item speaks of."""
    if item is None or item is Ellipsis or isinstance(item, (bool, np.bool_)):
        return 0
    if item.__class__ in TENSORS and item._data.dtype.kind == "b":
        return int(item._data.ndim)
    return 1


def basic(self: Tensor, key: tuple[Any, ...]) -> tuple[Tensor, Any]:
    """Applies the items that make views; returns what is left as an index, or None."""
    if any(isinstance(k, (list, np.ndarray)) for k in key):
        key = tuple(_listed(k) if isinstance(k, (list, np.ndarray)) else k for k in key)
    consumed = sum(map(_consumes, key))
    if consumed > self._data.ndim:
        if self._data.ndim == 0 and len(key) == 1:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
                "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {self._data.ndim}")
    view, dim = self, 0
    advanced: list[Any] = []
    for item in key:
        view, dim, gathers = _apply(view, dim, item, consumed, self._data.ndim)
        if gathers is not None:
            advanced += [_FULL] * (dim - len(advanced) - gathers[1]) + [gathers[0]]
            advanced += [None] * 0
            _pad(advanced, gathers[1])
    index = [a for a in advanced if a is not _SKIP]
    return view, (tuple(index) if any(a is not _FULL for a in index) else None)


_SKIP = object()


def _pad(advanced: list[Any], width: int) -> None:
    """A mask over several dimensions is one item of the index but several dimensions."""
    advanced += [_SKIP] * (width - 1)


def _apply(view: Tensor, dim: int, item: Any, consumed: int, ndim: int) -> Any:
    if isinstance(item, (bool, np.bool_)):
        view = F["unsqueeze"](view, dim)
        return view, dim + 1, (np.asarray([bool(item)]), 1)
    if item is None:
        return F["unsqueeze"](view, dim), dim + 1, None
    if item is Ellipsis:
        return view, dim + ndim - consumed, None
    if isinstance(item, slice):
        return _sliced(view, dim, item), dim + 1, None
    if item.__class__ in TENSORS:
        return _gathering(view, dim, item)
    return _selected(view, dim, item), dim, None


def _gathering(view: Tensor, dim: int, item: Tensor) -> Any:
    data = item._data
    if data.dtype.kind == "f":
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
    if data.ndim == 0 and data.dtype.kind in "iu":
        return _selected(view, dim, int(data)), dim, None
    if data.dtype.kind == "b" and data.ndim == 0:
        return F["unsqueeze"](view, dim), dim + 1, (np.asarray([bool(data)]), 1)
    width = data.ndim if data.dtype.kind == "b" else 1
    return view, dim + width, (data, width)


def _selected(view: Tensor, dim: int, item: Any) -> Any:
    try:
        index = item.__index__()
    except (AttributeError, TypeError):
        raise TypeError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
            "valid "
            f"indices (got {type(item).__name__})"
        ) from None
    size = view._data.shape[dim]
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of bounds for dimension {dim} with size {size}")
    return F["select"](view, dim, index)


def _bound(value: Any) -> int | None:
    if value is None:
        return None
    try:
        return int(value.__index__())
    except (AttributeError, TypeError):
        raise TypeError(
            "slice indices must be integers or None or have an __index__ method"
        ) from None


def _sliced(view: Tensor, dim: int, item: slice) -> Any:
    start, stop, step = _bound(item.start), _bound(item.stop), _bound(item.step)
    if step is not None and step <= 0:
        raise ValueError("step must be greater than zero")
    size = view._data.shape[dim]
    if (
        (start is None or start == 0)
        and (stop is None or (stop >= size and stop > 1 << 60))
        and (step in (None, 1))
    ):
        return view
    begin, end, _ = slice(start, stop, step).indices(size)
    return F["slice"](view, dim, begin, max(end, begin), step or 1)


def _listed(item: Any) -> Tensor:
    array = array_from(item) if not isinstance(item, np.ndarray) else item
    if array.size == 0:
        array = array.astype(np.int64)
    if array.dtype.kind == "f":
        raise TypeError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are "
            "valid "
            "indices (got float)"
        )
    return wrap(array)


def contains(self: Tensor, element: Any) -> bool:
    """Whether some entry equals `element`."""
    if element.__class__ in TENSORS or isinstance(element, (int, float, bool)):
        return bool(F["any"](F["eq"](self, element)))
    raise RuntimeError(
        f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}."
    )


def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> Any:
    """Pieces of one size, or of the sizes of a list, along a dimension."""
    if isinstance(split_size_or_sections, int):
        return F["split"](tensor, split_size_or_sections, dim)
    return F["split_with_sizes"](tensor, tuple(split_size_or_sections), dim)


def index_put(self: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Any:
    """A copy with `values` put at an index of tensors."""
    return F["put_at"](self, values, tuple(i._data for i in indices), accumulate)


def index_put_(self: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Any:
    return self.put_at_(values, tuple(i._data for i in indices), accumulate)
