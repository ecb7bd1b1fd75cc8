"""What a name that is not here answers: torch's own words, or what is supported nearby.

`names.txt` lists torch's names by module (`tests/engine/write_names.py` writes it).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from gradtui.engine import dtypes
from gradtui.engine.tensor import Tensor


@cache
def torchs() -> dict[str, frozenset[str]]:
    """Torch's public names, by module, and the tensor's."""
    lines = Path(__file__).with_name("names.txt").read_text().splitlines()
    rows = (line.partition(": ") for line in lines)
    return {module: frozenset(names.split()) for module, _, names in rows}


OUTSIDE: dict[str, str] = {
    r"complex(?!_?conj)|^c(float|double|half)$|^view_as_real|^polar$|^imag$|^eig(vals)?$|^i?stft$": (
        "complex numbers are not supported; real ones are, and for eigenvalues eigh, eigvalsh"
    ),
    r"^fft$": "Fourier transforms are complex, which is not supported; matmul, conv1d are",
    r"sparse|^(to_dense|coalesce|is_coalesced|[sd]smm|h?spmm|hsmm|smm|saddmm)$"
    r"|^(c?crow|ccol|row|col)_indices": (
        "sparse tensors are not supported; strided ones are: zeros, index_add, scatter_add"
    ),
    r"quantiz|^q(u?int|scheme|_)|^int_repr$": (
        "quantised tensors are not supported; integers are: uint8, int8, int32"
    ),
    r"^b?float(8|4)|^bfloat16$|^BFloat16": "supported nearby: float16, float32, float64",
    r"^channels_last": "supported nearby: contiguous_format, preserve_format",
    r"^uint(16|32|64)$": "supported nearby: uint8, int16, int32, int64",
    r"^(jit|compile|export|fx|onnx)$": "compilers are not supported; the function itself is",
    r"^(save|load|from_file|hub)$": (
        "no file is read or written; state_dict and load_state_dict are supported"
    ),
    r"^(distributed|multiprocessing)$": "one process alone is supported",
}
"""What torch has and this engine has not, by what the name is like, and what to use."""


def _outside(name: str) -> str:
    return next((why for like, why in OUTSIDE.items() if re.search(like, name)), "")


def _nearby(name: str, have: list[str], module: str) -> str:
    found = get_close_matches(name, [h for h in have if h in torchs()[module]], 3, 0.5)
    return f"; supported nearby: {', '.join(found)}" if found else ""


def missing(module: str, name: str) -> AttributeError:
    """The error of `module.name`, where `module` is torch's: `torch.nn`."""
    text = f"module '{module}' has no attribute '{name}'"
    outside = _outside(name)
    if outside:
        return AttributeError(f"{text} in gradtui's engine: {outside}")
    if name in torchs().get(module, ()):
        here = sys.modules.get("gradtui.engine" + module.removeprefix("torch"))
        text += f" in gradtui's engine{_nearby(name, dir(here), module)}"
    return AttributeError(text)


def _missing_method(kind: type[Tensor], name: str) -> AttributeError:
    text = f"'{kind.__name__}' object has no attribute '{name}'"
    outside = _outside(name)
    if outside:
        text += f" in gradtui's engine: {outside}"
    else:
        text += f" in gradtui's engine{_nearby(name, _present(dir(Tensor)), 'Tensor')}"
    return AttributeError(text, name=name, obj=kind)


class Absent:
    """A name that torch's tensors have and these lack.

    One for each name, since a `__getattr__` would make every attribute of a tensor slow to read.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, tensor: Tensor | None, kind: type[Tensor]) -> None:
        raise _missing_method(kind, self.name)


def _present(names: Iterable[str]) -> list[str]:
    return [n for n in names if vars(Tensor).get(n).__class__ is not Absent]


def _names(self: Tensor) -> list[str]:
    return [n for n in _present(object.__dir__(self)) if n not in Tensor.__slots__]


def attach() -> None:
    """Lets tensors answer for names they lack, and for attributes that cannot be set."""
    for name in torchs()["Tensor"].difference(dir(Tensor)):
        setattr(Tensor, name, Absent(name))
    setattr(Tensor, "__dir__", _names)  # noqa: B010 - what mypy knows it by
    for name, value in list(vars(Tensor).items()):
        if isinstance(value, property) and value.fset is None:
            setattr(Tensor, name, _fixed(name, value))
    setattr(Tensor, "__delitem__", _delete_item)  # noqa: B010 - as above
    for kind in (dtypes.Size, dtypes.dtype, dtypes.device, dtypes.layout, dtypes.memory_format):
        setattr(kind, "__getattr__", _missing_member)  # noqa: B010 - as above


def _fixed(name: str, value: property) -> property:
    """A property that says in torch's words that it cannot be set."""

    def refuse(self: Tensor, given: Any = None) -> None:
        raise AttributeError(f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable")

    return value.setter(refuse).deleter(refuse)


def _missing_member(self: Any, name: str) -> None:
    kind = f"torch.{type(self).__name__}"
    raise AttributeError(f"'{kind}' object has no attribute '{name}'", name=name, obj=self)


def cuda(self: Tensor, device: Any = None, non_blocking: bool = False, **options: Any) -> None:
    """AssertionError, as where torch is without CUDA."""
    if device is not None and dtypes.device(device).type != "cuda":
        raise RuntimeError("Invalid device, must be cuda device")
    raise AssertionError("Torch not compiled with CUDA enabled")


def _delete_item(self: Tensor, index: Any) -> None:
    raise TypeError("Tensor does not support deleting items")
