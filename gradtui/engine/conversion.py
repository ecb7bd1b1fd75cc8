"""Conversions and tests of tensors: `to`, `type`, `equal`, `allclose`, `unique`, `nonzero`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import dtypes, state
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.rows import composite
from gradtui.engine.tensor import Tensor, wrap

# -- another dtype ---------------------------------------------------------------------------------


def to(self: Tensor, *args: Any, **kw: Any) -> Any:
    """The tensor in another dtype; itself when it has it already."""
    wanted, copy = kw.get("dtype"), bool(kw.get("copy"))
    flags = []
    for arg in (*args, *(kw[n] for n in ("device", "other") if kw.get(n) is not None)):
        if isinstance(arg, dtypes.dtype):
            wanted = arg
        elif isinstance(arg, Tensor):
            wanted = arg.dtype
        elif isinstance(arg, bool):
            flags.append(arg)
        elif isinstance(arg, (str, int, dtypes.device)):
            dtypes.cpu_only(arg)
        elif arg is not None:
            raise _bad_conversion(args, kw)
    copy = copy or (len(flags) > 1 and flags[1])
    if wanted is None or wanted is self.dtype:
        return F["to_copy"](self, self._data.dtype) if copy else self
    return F["to_copy"](self, wanted.numpy)


def _bad_conversion(args: Any, kw: Any) -> TypeError:
    from gradtui.engine.refusals import type_name

    got = ", ".join([type_name(a) for a in args] + [f"{k}={type_name(v)}" for k, v in kw.items()])
    return TypeError(
        f"to() received an invalid combination of arguments - got ({got}), but expected one of:\n"
        " * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool "
        "copy = False, *, torch.memory_format memory_format = None)\n"
        " * (torch.dtype dtype, bool non_blocking = False, bool copy = False, *, "
        "torch.memory_format memory_format = None)\n"
        " * (Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format "
        "memory_format = None)\n"
    )


_SHORT = {"byte": "uint8", "char": "int8"}
NAMES = ("float", "double", "half", "long", "int", "bool", "short", *_SHORT)
"""Methods that turn a tensor into another dtype."""


def to_type(name: str) -> Any:
    """The method `float`, `long` … of tensors."""
    wanted = dtypes.NAMES[_SHORT.get(name, name)]

    def call(self: Tensor, memory_format: Any = None) -> Any:
        return to(self, wanted)

    call.__name__ = call.__qualname__ = name
    return call


def type_(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """`x.type()` names the type, `x.type(dtype)` converts."""
    if dtype is None:
        return f"torch.{self.dtype.scalar_name}Tensor"
    if isinstance(dtype, str):
        for known in dtypes.ALL:
            if dtype == f"torch.{known.scalar_name}Tensor":
                return to(self, known)
        raise ValueError(f"invalid type: '{dtype}'")
    if not isinstance(dtype, (dtypes.dtype, type)):
        raise TypeError("dtype must be a type, str, or dtype object")
    return to(self, dtype)


@composite("type_as(Tensor self, Tensor other)")
def type_as(self: Tensor, other: Tensor) -> Any:
    return to(self, other.dtype)


# -- tests -----------------------------------------------------------------------------------------


@composite("equal(Tensor self, Tensor other)")
def equal(self: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and the same numbers."""
    if self._data.shape != other._data.shape:
        return False
    return bool(np.array_equal(self._data, other._data))


@composite(
    "allclose(Tensor self, Tensor other, double rtol=1e-05, double atol=1e-08, bool "
    "equal_nan=False)"
)
def allclose(self: Tensor, other: Tensor, rtol: float, atol: float, equal_nan: bool) -> bool:
    return bool(F["all"](F["isclose"](self, other, rtol, atol, equal_nan)))


@composite("is_nonzero(Tensor self)")
def is_nonzero(self: Tensor) -> bool:
    if self._data.size != 1:
        some = "no values" if not self._data.size else "more than one value"
        raise RuntimeError(f"Boolean value of Tensor with {some} is ambiguous")
    return bool(self._data.item())


@composite("is_floating_point(Tensor self)")
def is_floating_point(self: Tensor) -> bool:
    return bool(self._data.dtype.kind == "f")


@composite("is_complex(Tensor self)")
def is_complex(self: Tensor) -> bool:
    return False


@composite("is_same_size(Tensor self, Tensor other)")
def is_same_size(self: Tensor, other: Tensor) -> bool:
    return bool(self._data.shape == other._data.shape)


def numel(input: Tensor) -> int:
    return input.numel()


# -- what is where ---------------------------------------------------------------------------------


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The places of what is not zero: rows of indices, or one tensor for each dimension."""
    data = np.asarray(input._data)
    if as_tuple:
        return F["unbind"](nonzero(input if data.ndim else F["unsqueeze"](input, 0)), 1)
    if data.ndim == 0:
        return wrap(np.zeros((int(bool(data)), 0), np.int64))
    return wrap(np.array(np.stack(np.nonzero(data), axis=1), order="F"))


@composite("argwhere(Tensor self)")
def argwhere(self: Tensor) -> Any:
    return nonzero(self)


REFUSE: list[Callable[..., None]] = []
"""What refuses operations of dual tensors, while a level of forward mode is open."""


def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The values that occur, in order; where each entry went and how often each occurs."""
    if state.duals:
        REFUSE[0]("_unique2" if dim is None else "unique_dim", input)
    data = np.asarray(input._data)
    found = np.unique(data, return_inverse=True, return_counts=True, axis=dim, equal_nan=False)
    parts = [F["_unique2"](input, found[0])]
    if return_inverse:
        parts.append(wrap(np.asarray(found[1]).reshape(data.shape if dim is None else -1)))
    if return_counts:
        parts.append(wrap(found[2]))
    return parts[0] if len(parts) == 1 else tuple(parts)


def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """Runs of equal values, each once."""
    if state.duals:
        REFUSE[0]("unique_consecutive", input)
    data = np.asarray(input._data)
    lines = data.reshape(-1) if dim is None else np.moveaxis(data, dim, 0)
    if len(lines):
        differs = (lines[1:] != lines[:-1]).any(axis=tuple(range(1, lines.ndim)))
        starts = np.flatnonzero(np.concatenate(([True], differs)))
    else:
        starts = np.zeros(0, np.int64)
    values = lines[starts] if dim is None else np.moveaxis(lines[starts], 0, dim)
    parts = [F["_unique_consecutive"](input, values)]
    counts = np.diff(np.append(starts, len(lines)))
    if return_inverse:
        inverse = np.repeat(np.arange(len(starts)), counts)
        parts.append(wrap(inverse.reshape(data.shape) if dim is None else inverse))
    if return_counts:
        parts.append(wrap(counts))
    return parts[0] if len(parts) == 1 else tuple(parts)
