"""The text of tensors, character for character as torch prints them.

>>> tensor_text(np.array([1.0, 0.5], np.float32), requires_grad=True)
'tensor([1.0000, 0.5000], requires_grad=True)'

torch's `_tensor_str.py` is the specification: one width and one notation for all of a tensor,
chosen from the finite ones that are not zero; above `threshold` elements only the edges are shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from gradtui.engine import dtypes

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """How tensors are printed; see `set_printoptions`."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
_options = PrintOptions()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set digits, size from which tensors are shortened, items at their edges and line width.

    `profile` is `default`, `short` or `full`; `sci_mode` forces or forbids scientific notation, and
    falls back to torch's choice with every call that does not name it.
    """
    global _options
    given = {"precision": precision, "threshold": threshold}
    given |= {"edgeitems": edgeitems, "linewidth": linewidth}
    changes = dict(_PROFILES.get(profile or "", {}))
    changes |= {name: value for name, value in given.items() if value is not None}
    _options = replace(_options, **changes, sci_mode=sci_mode)


def get_printoptions() -> dict[str, Any]:
    """The options in use, as keywords of `set_printoptions`."""
    return asdict(_options)


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Set print options for the length of a `with` block."""
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


# ------------------------------------------------------------------------------------- numbers


def _formatter(shown: Array) -> tuple[int, Callable[[Any], str]]:
    """The width of an element and the function that writes one, right-aligned."""
    if shown.dtype.kind != "f":
        width = max([1, *(len(str(value)) for value in shown.ravel().tolist())])
        return width, lambda value: str(value).rjust(width)
    values = shown.ravel().astype(np.float64)
    chosen = values[np.isfinite(values) & (values != 0)]
    whole = bool((chosen == np.ceil(chosen)).all())
    scientific = bool(chosen.size) and _scientific(np.abs(chosen))
    write = _writer(whole, scientific)
    width = max([1, *(len(write(value)) for value in chosen.tolist())])
    if scientific:
        spec = f"{width}.{_options.precision}e"
        return width, lambda value: format(value, spec)
    return width, lambda value: write(value).rjust(width)


def _scientific(sizes: Array) -> bool:
    if _options.sci_mode is not None:
        return _options.sci_mode
    low, high = float(sizes.min()), float(sizes.max())
    return high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4


def _writer(whole: bool, scientific: bool) -> Callable[[float], str]:
    if scientific:
        return f"{{:.{_options.precision}e}}".format
    if not whole:
        return f"{{:.{_options.precision}f}}".format
    return lambda value: f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"


def format_scalar(value: Any, spec: str = "") -> str:
    """What `format(tensor, spec)` gives for a 0-d tensor: its Python number, formatted."""
    plain = value.item() if isinstance(value, np.ndarray | np.generic) else value
    return format(plain, spec)


# -------------------------------------------------------------------------------------- layout


def _shortened(data: Array) -> Array:
    """The elements that will be shown of a tensor too large to be shown whole."""
    edge = _options.edgeitems
    if data.ndim > 1 and not edge:
        return np.empty((0,) * data.ndim, data.dtype)
    for axis, size in enumerate(data.shape):
        if size > 2 * edge:
            cut = [slice(None)] * axis
            start, end = data[(*cut, slice(edge))], data[(*cut, slice(-edge, None))]
            data = np.concatenate((start, end), axis)
    return data


def _rows(data: Array, indent: int, shorten: bool, width: int, write: Callable[[Any], str]) -> str:
    if data.ndim == 0:
        return write(data.item())
    if data.ndim == 1:
        return _line(data, indent, shorten, width, write)
    edge = _options.edgeitems

    def written(part: Array) -> list[str]:
        return [_rows(row, indent + 1, shorten, width, write) for row in part]

    if shorten and len(data) > 2 * edge:
        parts = [*written(data[:edge]), "...", *written(data[len(data) - edge :])]
    else:
        parts = written(data)
    return "[" + ("," + "\n" * (data.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _line(data: Array, indent: int, shorten: bool, width: int, write: Callable[[Any], str]) -> str:
    edge = _options.edgeitems
    if shorten and not edge:
        items = ["..."]
    elif shorten and len(data) > 2 * edge:
        start, end = data[:edge].tolist(), data[-edge:].tolist()
        items = [*map(write, start), " ...", *map(write, end)]
    else:
        items = [write(value) for value in data.tolist()]
    fitting = max(1, (_options.linewidth - indent) // (width + 2))
    lines = [", ".join(items[i : i + fitting]) for i in range(0, len(items), fitting)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def array_text(data: Array, indent: int = 0) -> str:
    """The bracketed numbers alone, continued lines indented by `indent` more than the bracket."""
    if not data.size:
        return "[]"
    shorten = data.size > _options.threshold
    width, write = _formatter(_shortened(data) if shorten else data)
    return _rows(data, indent, shorten, width, write)


def _suffixes(data: Array) -> list[str]:
    """What is said of size and dtype: whatever the numbers do not show."""
    dtype, default = dtypes.of(data.dtype), dtypes.get_default_dtype()
    shape = f"size={tuple(data.shape)}"
    found = []
    if not data.size:
        if data.ndim != 1:
            found.append(shape)
        if dtype is not default:
            found.append(f"dtype={dtype}")
        return found
    if not _options.edgeitems:
        found.append(shape)
    if dtype not in (default, dtypes.int64, dtypes.bool_):
        found.append(f"dtype={dtype}")
    return found


def tensor_text(
    data: Array,
    *,
    grad_fn: str | None = None,
    requires_grad: bool = False,
    parameter: bool = False,
    tangent: str | None = None,
    name: str = "tensor",
) -> str:
    """`repr` of a tensor: numbers, then what they do not show, wrapped at the line width.

    `grad_fn` is the node's name (`AddBackward0`), `tangent` the text of a forward-mode tangent,
    `name` the class shown for a subclass.
    """
    indent = len(name) + 1
    text = f"{name}({array_text(data, indent)}"
    suffixes = _suffixes(data)
    if grad_fn is not None:
        suffixes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    if tangent is not None:
        suffixes.append(f"tangent={tangent}")
    before = "Parameter containing:\n" if parameter else ""
    return before + _with_suffixes(text, suffixes, indent)


def _with_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            used = indent + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"
