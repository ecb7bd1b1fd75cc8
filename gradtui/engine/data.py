"""Arrays from Python values: what `torch.tensor(data)` and the factory functions make.

>>> array_from([[1, 2.5], [3, 4]])
array([[1. , 2.5],
       [3. , 4. ]], dtype=float32)

A value with a numpy array in `_data` counts as a tensor. The errors are torch's, type and text.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from itertools import chain
from typing import Any, NoReturn

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.dtypes import Size
from gradtui.engine.kernels.shapes import laid_out_like

Array = np.ndarray[Any, np.dtype[Any]]
Dtype = dtypes.dtype

MAX_DIMS = 128
_PLAIN = {bool, int, float}
_SEQUENCES = {list, tuple, Size}


def tensor_array(value: object) -> Any:
    """The array of a tensor, or None for any other value."""
    inner = getattr(value, "_data", None)
    return inner if isinstance(inner, np.ndarray | np.generic) else None


def type_name(value: object) -> str:
    """The name torch's messages give a value's type."""
    kind = type(value)
    return f"numpy.{kind.__name__}" if kind.__module__ == "numpy" else kind.__name__


def dtype_argument(value: object, function: str) -> Dtype | None:
    """A dtype, or one of Python's float, int and bool, which torch takes for one; None stays."""
    if value is None or isinstance(value, Dtype):
        return value
    python: dict[object, Dtype] = {
        float: dtypes.float64,
        int: dtypes.int64,
        bool: dtypes.bool_,
    }
    if isinstance(value, type) and value in python:
        return python[value]
    raise TypeError(
        f"{function}(): argument 'dtype' must be torch.dtype, not {type(value).__name__}"
    )


def converted(array: Any, dtype: Dtype) -> Array:
    """A copy of `array` in `dtype`, rounded as torch's `.to(dtype)` rounds."""
    with np.errstate(all="ignore"):
        if dtype is dtypes.float16 and array.dtype == np.float64:
            array = array.astype(np.float32)
        return np.array(array, dtype.numpy)


# ---------------------------------------------------------------------------- torch.tensor(data)


def array_from(data: Any, dtype: Dtype | None = None) -> Array:
    """The array of `torch.tensor(data, dtype=dtype)`: a copy, its dtype inferred when None.

    Raises torch's ValueError for ragged sequences and Python integers beyond 64 bits, TypeError for
    strings, RuntimeError for anything without a dtype and for numbers the dtype cannot hold.
    """
    if type(data) in _SEQUENCES:
        plain = _plain(data, dtype)
        return _stored(data, dtype) if plain is None else plain
    tensor = tensor_array(data)
    if tensor is not None:
        copy: Array = converted(tensor, dtype or dtypes.of(tensor.dtype))
        return laid_out_like(copy, tensor)  # type: ignore[no-any-return]
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type_name(data)}'")
    if isinstance(data, np.ndarray):
        return _from_numpy(data, dtype)
    return _stored(data, dtype)


def _from_numpy(data: Array, dtype: Dtype | None) -> Array:
    own = numpy_dtype(data)
    check_strides(data)
    return converted(data, dtype or own)


def check_strides(array: Array) -> None:
    """Raises torch's ValueError for an array that lies in memory backwards, or in another's order."""
    if array.size and min(array.strides, default=0) < 0:
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative "
            "strides are not currently supported. (You can probably work around this by making a "
            "copy of your array  with array.copy().) "
        )


def numpy_dtype(value: Any) -> Dtype:
    """The dtype a tensor over such an array has; torch's errors where there is none."""
    if not value.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion "
            "between byte orders is currently not supported."
        )
    try:
        return dtypes.of(value.dtype)
    except KeyError:
        if value.dtype.kind in "cu":
            raise NotImplementedError(f"tensors of {value.dtype} are not supported here") from None
        raise TypeError(
            f"can't convert np.ndarray of type {value.dtype.type.__module__}."
            f"{value.dtype.type.__name__}. The only supported types are: float64, float32, "
            "float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, "
            "uint8, and bool."
        ) from None


def _plain(data: Any, dtype: Dtype | None) -> Array | None:
    """The quick way for rectangular lists of Python numbers; None where it does not apply."""
    shape, items = [len(data)], data
    kinds = set(map(type, items))
    while kinds and kinds <= _SEQUENCES:
        lengths = set(map(len, items))
        if len(lengths) != 1:
            return None
        shape.append(lengths.pop())
        items = list(chain.from_iterable(items))
        kinds = set(map(type, items))
    if not kinds <= _PLAIN or len(shape) > 64:
        return None
    target = dtype or _natural(kinds)
    made = _plain_items(items, kinds, target)
    return made if made is None or len(shape) == 1 else made.reshape(shape)


def _natural(kinds: set[type]) -> Dtype:
    """The dtype torch infers for a list of these Python numbers."""
    if float in kinds or not kinds:
        return dtypes.get_default_dtype()
    return dtypes.int64 if int in kinds else dtypes.bool_


def _plain_items(items: Any, kinds: set[type], target: Dtype) -> Array | None:
    if target.is_floating_point:
        wide = np.array(items, np.float64)
        return wide if target is dtypes.float64 else converted(wide, target)
    if float in kinds or target is not dtypes.int64:
        return None if items else np.empty(0, target.numpy)
    try:
        return np.array(items, np.int64)
    except OverflowError:
        return None


def _stored(data: Any, dtype: Dtype | None) -> Array:
    """torch's own way: measure along the first items, infer, then store one item after another."""
    sizes = _sizes(data)
    target = dtype or inferred(data)
    store = _storing(target)
    items: list[Any] = []
    if 0 not in sizes:
        _store(items, data, sizes, 0, store)
    wide = np.float64 if target.is_floating_point else target.numpy
    return converted(np.array(items, wide).reshape(sizes), target)


def _is_sequence(value: object) -> bool:
    kind = type(value)
    if isinstance(value, dict) or tensor_array(value) is not None or issubclass(kind, np.generic):
        return False
    return hasattr(kind, "__getitem__") and hasattr(kind, "__len__")


def _sizes(data: Any) -> list[int]:
    sizes: list[int] = []
    while _is_sequence(data):
        sizes.append(len(data))
        if len(sizes) > MAX_DIMS:
            raise ValueError(f"too many dimensions '{type_name(data)}'")
        if not sizes[-1]:
            break
        data = data[0]
    return sizes


def inferred(data: Any) -> Dtype:
    """The dtype `torch.tensor(data)` would have."""
    known = tensor_array(data)
    if known is not None or isinstance(data, np.ndarray | np.generic):
        return numpy_dtype(data if known is None else known)
    if isinstance(data, bool | int | float):
        return dtypes.scalar_dtype(data)
    if isinstance(data, complex):
        raise NotImplementedError("complex tensors are not supported here")
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type_name(data)}'")
    if not _is_sequence(data):
        raise RuntimeError(f"Could not infer dtype of {type_name(data)}")
    found: Dtype | None = None
    for item in data:
        if item is data:
            raise TypeError("new(): self-referential lists are incompatible")
        kind = inferred(item)
        found = kind if found is None else dtypes.promote_types(found, kind)
    return found or dtypes.get_default_dtype()


def _store(
    items: list[Any], data: Any, sizes: list[int], dim: int, store: Callable[[Any], Any]
) -> None:
    if dim == len(sizes):
        items.append(store(data))
        return
    known = tensor_array(data)
    try:
        row = list(data) if known is None else [_Element(item) for item in known]
    except TypeError:
        raise TypeError("not a sequence") from None
    if len(row) != sizes[dim]:
        raise ValueError(f"expected sequence of length {sizes[dim]} at dim {dim} (got {len(row)})")
    for item in row:
        _store(items, item, sizes, dim + 1, store)


class _Element:
    """A tensor met while storing the rows of a tensor."""

    __slots__ = ("_data",)

    def __init__(self, data: Any) -> None:
        self._data = data


def _storing(target: Dtype) -> Callable[[Any], Any]:
    if target.is_floating_point:
        return _as_float
    if target is dtypes.bool_:
        return _as_bool
    return lambda value: fitted(_as_number(value), target, target.name)


def _as_float(value: Any) -> float:
    tensor = tensor_array(value)
    if tensor is not None:
        if tensor.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return float(tensor.item())
    if isinstance(value, str | bytes) or not (
        hasattr(type(value), "__float__") or hasattr(type(value), "__index__")
    ):
        raise TypeError(f"must be real number, not {type_name(value)}")
    return float(value)


def _as_number(value: Any) -> int | float:
    """A Python float, or whatever counts as an index, within 64 bits."""
    if isinstance(value, float):
        return float(value)
    number = _as_index(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError("Overflow when unpacking long long")
    return number


def _as_index(value: Any) -> int:
    tensor = tensor_array(value)
    if tensor is None:
        return operator.index(value)
    if tensor.size != 1 or tensor.dtype.kind not in "iub":
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(tensor.item())


def _as_bool(value: Any) -> bool:
    return bool(value if isinstance(value, float | np.bool_) else _as_index(value))


def fitted(number: int | float, target: Dtype, shown: str) -> int:
    """A number in an integer dtype: floats lose their fraction, negatives wrap in uint8.

    Raises RuntimeError, with the type called `shown`, for what the dtype cannot hold.
    """
    low, high = _LIMITS[target]
    lowest = -high if target is dtypes.uint8 and isinstance(number, int) else low
    if not lowest <= number <= (float(high) if isinstance(number, float) else high):
        raise RuntimeError(f"value cannot be converted to type {shown} without overflow")
    whole = int(number)
    if whole > high:  # 2.0**63, which the comparison in float64 lets through
        return low
    return whole + 256 if whole < low else whole


_LIMITS = {
    d: (int(np.iinfo(d.numpy).min), int(np.iinfo(d.numpy).max))
    for d in (dtypes.uint8, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)
}
_C_NAMES = {
    dtypes.uint8: "uint8_t",
    dtypes.int8: "int8_t",
    dtypes.int16: "int16_t",
    dtypes.int32: "int",
    dtypes.int64: "int64_t",
    dtypes.float16: "c10::Half",
    dtypes.float32: "float",
}


def scalar_as(value: bool | int | float, dtype: Dtype) -> Any:
    """A Python number as a numpy scalar of `dtype`, as `fill_` and `full` take it.

    Raises torch's RuntimeError for a finite number beyond the dtype's range.
    """
    if dtype is dtypes.bool_ or dtype is dtypes.float64:
        return dtype.numpy.type(value)
    name = _C_NAMES[dtype]
    if not dtype.is_floating_point:
        return np.array(fitted(value, dtype, name)).astype(dtype.numpy)[()]
    if math.isfinite(value) and abs(value) > float(np.finfo(dtype.numpy).max):
        raise RuntimeError(f"value cannot be converted to type {name} without overflow")
    return dtype.numpy.type(np.float32(value))


# -------------------------------------------------------------------------------------- shapes


def _is_extent(value: object) -> bool:
    """Whether torch takes a value for one integer of a size at its first place."""
    if isinstance(value, bool | np.bool_):
        return False
    inner = tensor_array(value)
    array = value if isinstance(value, np.ndarray) else inner
    if array is not None:
        return bool(array.ndim == 0 and array.dtype.kind in "iu")
    return isinstance(value, int | np.integer)


def shape_from(args: tuple[Any, ...], function: str) -> Size:
    """The size `torch.zeros(*args)` means: several integers, or one tuple or list of them.

    Raises torch's errors, with `function` as the name of the caller.
    """
    if not args:
        raise TypeError(f'{function}() missing 1 required positional arguments: "size"')
    first = args[0]
    if len(args) == 1 and isinstance(first, tuple | list):
        items: Any = first
        if items and not _is_extent(items[0]):
            raise TypeError(
                f"{function}(): argument 'size' (position 1) must be tuple of ints, "
                f"but found element of type {type_name(items[0])} at pos 0"
            )
    elif _is_extent(first):
        items = args
    else:
        _refuse_size(args, function)
    return checked_shape([_extent(i, item, function) for i, item in enumerate(items)], function)


def _refuse_size(args: tuple[Any, ...], function: str) -> NoReturn:
    if len(args) > 1:
        raise TypeError(f"{function}() takes 1 positional argument but {len(args)} were given")
    raise TypeError(
        f"{function}(): argument 'size' (position 1) must be tuple of ints, "
        f"not {type_name(args[0])}"
    )


def _extent(position: int, item: Any, function: str) -> int:
    if type(item) is int and -(2**63) <= item < 2**63:
        return item
    problem = f"{function}(): argument 'size' failed to unpack the object at pos {position + 1}"
    if not isinstance(item, bool) and not _is_extent(item):
        wrong = f"type must be tuple of ints,but got {type_name(item)}"
        raise TypeError(f'{problem} with error "{wrong}"')
    inner = tensor_array(item)
    number = int(item if inner is None else inner)
    if not -(2**63) <= number < 2**63:
        raise TypeError(f'{problem} with error "Overflow when unpacking long long"')
    return number


TOO_MANY_DIMENSIONS = (
    "A tensor of more than 64 dimensions is not supported by gradtui's engine: numpy's arrays have no "
    "more"
)


def checked_shape(shape: Any, function: str = "", itemsize: int = 4) -> Size:
    """`shape` as a Size; RuntimeError when an extent is negative or no memory could hold it."""
    shown = f"[{', '.join(map(str, shape))}]"
    if shape and min(shape) < 0:
        if function == "zeros":
            raise RuntimeError("zeros: Dimension size must be non-negative.")
        negative = next(n for n in shape if n < 0)
        raise RuntimeError(f"Trying to create tensor with negative dimension {negative}: {shown}")
    if len(shape) > 64:
        raise NotImplementedError(TOO_MANY_DIMENSIONS)
    if math.prod(shape) * itemsize >= 2**63:
        raise RuntimeError(f"Storage size calculation overflowed with sizes={shown}")
    return Size(shape)
