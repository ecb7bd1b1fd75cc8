"""Values as numpy arrays, as torch prints them, and as short text for a cell.

array(value)            # array([3.173, 1.592, 6.425], dtype=float32), read-only
text(value)             # 'tensor([3.1732, 1.5918, 6.4249])'
cell(value, 20)         # '[3.173, 1.592, …]'
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from gradtui.engine.text import tensor_text
from gradtui.tape.events import Value

Array = npt.NDArray[Any]


def array(value: Value) -> Array | None:
    """The numbers, read-only, in the value's shape; None if only a summary was kept."""
    try:
        if value.dtype == "bfloat16":
            words = np.frombuffer(value.data, "<u2").astype("<u4") << 16
            return words.view("<f4").reshape(value.shape)
        return np.frombuffer(value.data, _dtype(value.dtype)).reshape(value.shape)
    except (ValueError, TypeError):
        return None


def samples(value: Value) -> Array | None:
    """Evenly spaced numbers of a value that is too large to keep, flat."""
    if value.summary is None:
        return None
    flat = Value(-1, (), value.dtype, False, True, 0, value.summary.samples)
    size = len(flat.data) // max(1, _itemsize(value.dtype))
    return array(_with_shape(flat, (size,)))


def _with_shape(value: Value, shape: tuple[int, ...]) -> Value:
    return Value(value.tensor, shape, value.dtype, False, True, 0, value.data)


def _dtype(name: str) -> np.dtype[Any]:
    return np.dtype(name.removeprefix("torch.")).newbyteorder("<")


def _itemsize(name: str) -> int:
    return 2 if name == "bfloat16" else _dtype(name).itemsize


def size(value: Value) -> int:
    """How many numbers it holds."""
    return int(np.prod(value.shape, dtype=np.int64))


def is_zero(value: Value) -> bool:
    """Whether every number is 0; False if only a summary was kept."""
    numbers = array(value)
    return numbers is not None and not numbers.any()


def same(one: Value | None, other: Value | None) -> bool:
    """Whether the two hold the same numbers, bit for bit."""
    if one is None or other is None:
        return one is other
    return (one.shape, one.dtype, one.data, one.summary) == (
        other.shape, other.dtype, other.data, other.summary,
    )  # fmt: skip


def shape(value: Value) -> str:
    """`[3]`, `[]` for a scalar."""
    return str(list(value.shape))


def number(item: Any) -> str:
    """One number, rounded as torch rounds in print: `1.5866`, `-2`, `6.4e-05`, `True`, `nan`."""
    if isinstance(item, (bool, np.bool_)):
        return str(bool(item))
    if isinstance(item, (complex, np.complexfloating)):
        return f"{number(item.real)}{'+' if item.imag >= 0 else ''}{number(item.imag)}j"
    if isinstance(item, (int, np.integer)):
        return str(int(item))
    real = float(item)
    if 1e-3 <= abs(real) < 1e5:
        return f"{real:.4f}".rstrip("0").rstrip(".")
    return f"{real:.4g}"


def cell(value: Value | None, width: int = 40) -> str:
    """`[3.173, 1.592, 6.425]`, with `…` for what does not fit into `width` characters."""
    if value is None:
        return "none"
    numbers = array(value)
    if numbers is not None:
        return nested(numbers, width)
    some = samples(value)
    return f"{shape(value)} of {value.dtype}" if some is None else nested(some, width, more=True)


def nested(numbers: Array, width: int, more: bool = False) -> str:
    """Numbers in nested brackets, as many as fit into `width` characters, then `…`."""
    if numbers.ndim == 0:
        return number(numbers[()])
    if not more and 3 * numbers.size <= width + 2:
        whole = _rows(numbers)
        if len(whole) <= width:
            return whole
    if numbers.ndim > 1 and len(numbers):
        return _first_rows(numbers, width, more)
    return f"[{''.join(_first(numbers, width - 3))}…]"


def _first_rows(numbers: Array, width: int, more: bool) -> str:
    """The first rows, as many as fit; of a first row that does not fit, what does."""
    if width < 5 * numbers.ndim - 2:
        return "[…]"
    parts: list[str] = []
    room = width - len("[…]")
    for row in numbers:
        whole = _rows(row) if 3 * row.size <= room + 2 else ""
        if not whole or len(whole) + 2 > room:
            break
        parts.append(f"{whole}, ")
        room -= len(parts[-1])
    if not parts:
        rest = more or len(numbers) > 1
        inner = nested(numbers[0], width - (5 if rest else 2), more=True)
        return f"[{inner}, …]" if rest else f"[{inner}]"
    return f"[{''.join(parts)}…]"


def _first(numbers: Array, room: int) -> list[str]:
    """The first numbers, each with its comma, as many as fit."""
    parts: list[str] = []
    for item in numbers.flat:
        parts.append(f"{number(item)}, ")
        room -= len(parts[-1])
        if room < 0:
            return parts[:-1]
    return parts


def _rows(numbers: Array) -> str:
    if numbers.ndim == 0:
        return number(numbers[()])
    return f"[{', '.join(_rows(row) for row in numbers)}]"


def grid(numbers: Array) -> tuple[str, ...]:
    """A matrix as aligned lines: `[ 2   0   0 ]`; zeros are shown as `·`."""
    cells = [["·" if item == 0 else number(item) for item in row] for row in numbers]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return tuple(
        "[ " + "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) + " ]"
        for row in cells
    )


def text(value: Value, grad_fn: str | None = None) -> str:
    """As torch prints the tensor: `tensor([1.5866], grad_fn=<AddBackward0>)`."""
    numbers = array(value)
    if numbers is None:
        return f"tensor(…, shape={shape(value)}, dtype={value.dtype})"
    return tensor_text(numbers, grad_fn=grad_fn, requires_grad=value.requires_grad)


COPIED = 10_000  # entries of a tensor that are written as code


def code(value: Value, exact: bool = True) -> str:
    """Python that makes the tensor again: to the last bit, or with the digits torch prints."""
    numbers = array(value)
    if numbers is None or numbers.size > COPIED:
        return f"# a tensor of shape {shape(value)}, {value.dtype}: too large to be written out"
    given = [f"dtype=torch.{value.dtype}"]
    given += ["requires_grad=True"] if value.requires_grad else []
    if 0 in value.shape:
        return f"torch.empty({', '.join([str(tuple(value.shape)), *given])})"
    return f"torch.tensor({', '.join([_literal(numbers, exact), *given])})"


def _literal(numbers: Array, exact: bool) -> str:
    if numbers.ndim:
        return f"[{', '.join(_literal(row, exact) for row in numbers)}]"
    item = numbers[()]
    if isinstance(item, np.floating) and not np.isfinite(item):
        return f'float("{item}")'
    if isinstance(item, np.complexfloating):
        return f"complex({_literal(item.real, exact)}, {_literal(item.imag, exact)})"
    return str(item) if exact else number(item)
