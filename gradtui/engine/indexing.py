"""`x[…]` and `x[…] = …`: numbers, slices, None and … make views; lists, masks and tensors gather.

The source is `torch/csrc/autograd/python_variable_indexing.cpp`, down to which dimension an error names.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from gradtui.engine import errors
from gradtui.engine.data import array_from, scalar_as
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.tensor import TENSORS, Tensor, requires, wrap
from gradtui.engine.views import check_in_place

_FULL = slice(None)
_KINDS = (
    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
    "(got {})"
)
_DEPRECATED = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in "
    "pytorch 2.9; use x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as "
    "tensor index, x[torch.tensor(seq)], which will result either in an error or a different result"
)


def getitem(self: Tensor, key: Any) -> Any:
    """What torch returns for `self[key]`."""
    if key is Ellipsis:
        return F["alias"](self)
    if isinstance(key, slice):
        return _sliced(self, 0, key, False)
    try:
        view, advanced = basic(self, key)
    except _NotGathered as error:
        raise IndexError(*error.args) from None
    if advanced is not None:
        return F["take_at"](view, advanced)
    return F["alias"](self) if view is self else view


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """Writes `value` at `key`, broadcast, as an in-place operation."""
    given = value if value.__class__ in TENSORS else _as_value(value, self)
    if isinstance(key, (bool, np.bool_)):
        if key:
            _copy_to(F["unsqueeze"](self, 0), given)
        return
    try:
        view, advanced = basic(self, key)
    except _NotGathered as error:
        _check_changed(error.view, given)
        raise IndexError(*error.args) from None
    if advanced is not None:
        if given._data.size == 1 and _one_mask_of_bytes(key):
            _check_changed(view, given)
            raise RuntimeError(_BYTES)
        _put(view, advanced, given)
    else:
        _copy_to(view, given)


class _NotGathered(IndexError):
    """An index of tensors that is wrong, which is found out once the view before it is made."""

    def __init__(self, message: str, view: Any) -> None:
        super().__init__(message)
        self.view = view


def _check_changed(view: Any, value: Any) -> None:
    """Raises what may not be changed in place, which torch looks at before an index of tensors."""
    check_in_place(view, requires(view) or requires(value))


def _one_mask_of_bytes(key: Any) -> bool:
    """Whether an index gathers by one mask of uint8, which torch hands to `masked_fill_`."""
    items = key if isinstance(key, tuple) else (key,)
    masks = [i for i in items if i.__class__ in TENSORS and i._data.ndim]
    lists = any(isinstance(i, (list, range, np.ndarray)) for i in items)
    return len(masks) == 1 and not lists and masks[0]._data.dtype == np.uint8


_BYTES = "masked_fill_ only supports boolean masks, but got mask with dtype unsigned char"


def _copy_to(view: Any, value: Any) -> None:
    """A value of the same shape is copied, a 0-d one fills, others are expanded first."""
    if value._data.shape == view._data.shape:
        view.copy_(value)
    elif not value._data.ndim:
        view.fill_(value)
    else:
        fitted = F["view"](value, _without_leading_ones(value._data.shape))
        same = fitted._data.shape == view._data.shape
        view.copy_(fitted if same else F["expand"](fitted, view._data.shape))


def _put(view: Any, advanced: Any, value: Any) -> None:
    shape = _without_leading_ones(value._data.shape)
    if shape != value._data.shape:
        value = F["view"](value, shape)
    view.put_at_(value, advanced, False)


def _without_leading_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    first = next((i for i, n in enumerate(shape) if n != 1), len(shape))
    return shape[first:]


def _as_value(value: Any, like: Tensor) -> Tensor:
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, (int, float)):
        raise TypeError(
            f"can't assign a {type(value).__name__} to a torch.{like.dtype.scalar_name}Tensor"
        )
    return wrap(scalar_as(value, like.dtype))


# -- taking an index apart ---------------------------------------------------------------------------


def basic(self: Tensor, given: Any) -> tuple[Any, Any]:
    """Applies the items that make views; returns what is left as an index, or None."""
    key = tuple(given) if _is_tuple(given) else (given,)
    if any(isinstance(k, range) for k in key):
        key = tuple(list(k) if isinstance(k, range) else k for k in key)
    if any(isinstance(k, (list, np.ndarray)) for k in key):
        key = tuple(_listed(k) if isinstance(k, (list, np.ndarray)) else k for k in key)
    consumed = sum(map(_consumes, key))
    if consumed > self._data.ndim:
        raise IndexError(_too_many(self, given))
    view, dim = self, 0
    advanced: list[Any] = []
    for place, item in enumerate(key):
        view, dim, gathers = _apply(view, dim, item, place, self._data.ndim - consumed)
        if gathers is not None:
            array, width = gathers
            advanced += [_FULL] * (dim - len(advanced) - width) + [array] + [_SKIP] * (width - 1)
    index = tuple(a for a in advanced if a is not _SKIP)
    return view, index if any(a is not _FULL for a in index) else None


_SKIP = object()  # further dimensions of a mask, which is one item of the index


def _is_tuple(key: Any) -> bool:
    """Lists that hold sequences, slices or tensors are taken for tuples, as numpy once did."""
    if isinstance(key, tuple):
        return True
    if not isinstance(key, list) or len(key) >= 32:
        return False
    several = any(
        k is None
        or k is Ellipsis
        or k.__class__ in TENSORS
        or isinstance(k, (list, tuple, slice, str))
        for k in key
    )
    if several:
        warnings.warn(_DEPRECATED, UserWarning, stacklevel=4)
    return several


def _consumes(item: Any) -> int:
    """How many dimensions of the tensor an index item speaks of."""
    if item is None or item is Ellipsis or isinstance(item, (bool, np.bool_)):
        return 0
    if item.__class__ in TENSORS and item._data.dtype in (np.bool_, np.uint8):
        return int(item._data.ndim)
    return 1


def _too_many(self: Tensor, given: Any) -> str:
    """A lone slice or number is told apart from other indices of a 0-d tensor."""
    if self._data.ndim == 0 and isinstance(given, slice):
        return "slice() cannot be applied to a 0-dim tensor."
    if self._data.ndim == 0 and isinstance(given, int):
        if given == 0:
            return (
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
                "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
            )
        return f"index {given} is out of bounds for dimension 0 with size 0"
    return f"too many indices for tensor of dimension {self._data.ndim}"


def _apply(view: Any, dim: int, item: Any, place: int, left: int) -> Any:
    """One item: the view after it, the dimension it leads to, and what it gathers by, if it does."""
    if isinstance(item, (bool, np.bool_)):
        return F["unsqueeze"](view, dim), dim + 1, (_of_bool(item), 1)
    if item is None:
        return F["unsqueeze"](view, dim), dim + 1, None
    if item is Ellipsis:
        return view, dim + left, None
    if isinstance(item, slice):
        return _sliced(view, dim, item, True), dim + 1, None
    if item.__class__ in TENSORS:
        return _gathering(view, dim, item, place)
    return _selected(view, dim, item, place), dim, None


def _of_bool(item: Any) -> Any:
    """A lone bool picks all of a new dimension of size 1, or nothing."""
    return np.zeros(int(bool(item)), np.int64)


def _gathering(view: Any, dim: int, item: Tensor, place: int) -> Any:
    data = item._data
    mask = data.dtype in (np.bool_, np.uint8)
    if data.dtype == np.uint8:
        data = data != 0
    if data.ndim == 0 and data.dtype.kind in "iu":  # of any width
        return _selected(view, dim, int(data), place), dim, None
    if data.ndim == 0 and mask:
        return F["unsqueeze"](view, dim), dim + 1, (_of_bool(data), 1)
    if data.dtype.kind == "f":
        raise _NotGathered("tensors used as indices must be long, int, byte or bool tensors", view)
    width = max(data.ndim, 1) if mask else 1
    if dim >= view._data.ndim:
        raise _NotGathered(
            f"too many indices for tensor of dimension {view._data.ndim} (got {dim + 1})", view
        )
    return view, dim + width, (data, width)


def _selected(view: Any, dim: int, item: Any, place: int) -> Any:
    try:
        index = item.__index__()
    except (AttributeError, TypeError):
        if isinstance(item, str):
            raise TypeError("new(): invalid data type 'str'") from None
        raise IndexError(_KINDS.format(type(item).__name__)) from None
    size = view._data.shape[dim] if dim < view._data.ndim else 0
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of bounds for dimension {place} with size {size}")
    return F["select"](view, dim, index)


def _bound(value: Any, missing: int) -> int:
    if value is None:
        return missing
    try:
        return int(value.__index__())
    except (AttributeError, TypeError):
        raise TypeError(
            "slice indices must be integers or None or have an __index__ method"
        ) from None


def _sliced(view: Any, dim: int, item: slice, skips: bool) -> Any:
    """A slice of a dimension; `skips` says that one of all entries leaves no node."""
    step = _bound(item.step, 1)
    if step <= 0:
        raise ValueError("step must be greater than zero")
    if not view._data.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    start, stop = _bound(item.start, 0), _bound(item.stop, sys.maxsize)
    dim = errors.wrap_dim(dim, view._data.ndim)
    if skips and start == 0 and step == 1 and stop >= view._data.shape[dim]:
        return view
    return F["slice"](view, dim, start, stop, step)


def _listed(item: Any) -> Tensor:
    array = array_from(item) if not isinstance(item, np.ndarray) else item
    if array.size == 0 or (array.dtype.kind == "f" and isinstance(item, list)):
        array = array.astype(np.int64)  # numbers in a list are cut to whole ones
    return wrap(array)


# -- functions that index by other means -----------------------------------------------------------------


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
    return F["put_at"](self, values, _places(self, indices), accumulate)


def index_put_(self: Any, indices: Any, values: Tensor, accumulate: bool = False) -> Any:
    return self.put_at_(values, _places(self, indices), accumulate)


def _places(self: Tensor, indices: Any) -> tuple[Any, ...]:
    """The index of `index_put`, checked."""
    if len(indices) > max(self._data.ndim, 0):
        raise IndexError(
            f"too many indices for tensor of dimension {self._data.ndim} (got {len(indices)})"
        )
    return tuple(i._data for i in indices)
