"""How near two numbers, two tensors or two printed texts are: same, close, or different.

    compare_values(ours, torch)     # Nearness("close", ulps=1)
    compare_text("3.0001", "3.0002")

`close` for numbers is what `torch.testing.assert_close` allows by default for their dtype; for text
it is one unit of the last printed digit. Not a number is equal to not a number.
"""

import re
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from gradtui.tape.events import Value
from gradtui.tape.values import array, samples

Array: TypeAlias = npt.NDArray[Any]

TOLERANCES: dict[str, tuple[float, float]] = {  # dtype: relative, absolute
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}
FLOAT32_DIGITS = 9
ADDRESS = re.compile(r"(\bat 0x)[0-9a-f]+")  # <AddBackward0 object at 0x7f82b0aa0>
NUMBER = re.compile(r"-?\d+\.\d*(?:e[-+]?\d+)?|-?\d+e[-+]?\d+")


class Nearness(Struct, frozen=True):
    """`ulps` is the largest distance in units in the last place, where it is close."""

    kind: Literal["same", "close", "not compared", "differs"]
    ulps: int | None = None
    reason: str = ""


SAME = Nearness("same")
RANK = {"same": 0, "close": 1, "not compared": 2, "differs": 3}


def compare_values(ours: Value, torch: Value) -> Nearness:
    """The numbers of two tensors of the same shape and dtype."""
    if ours.data == torch.data and ours.summary == torch.summary:
        return SAME
    if ours.summary is not None and torch.summary is not None:
        return _of_samples(ours, torch)
    left, right = array(ours), array(torch)
    if left is None or right is None or left.shape != right.shape:
        return Nearness("not compared", reason="the numbers of one side cannot be read")
    return compare_arrays(left, right, ours.dtype)


def _of_samples(ours: Value, torch: Value) -> Nearness:
    left, right = samples(ours), samples(torch)
    if left is None or right is None or left.shape != right.shape:
        return Nearness("differs", reason="the samples cannot be read")
    near = compare_arrays(left, right, ours.dtype)
    if near.kind == "differs":
        return near
    return Nearness("close", near.ulps, f"{left.size} samples of a large tensor were compared")


def compare_arrays(ours: Array, torch: Array, dtype: str) -> Nearness:
    """Numbers one by one, within the tolerance of their dtype."""
    both_nan = (ours != ours) & (torch != torch)
    if bool((_same_bits(ours, torch) | both_nan).all()):
        return SAME
    if dtype not in TOLERANCES:
        return Nearness("differs")
    relative, absolute = TOLERANCES[dtype]
    finite = np.isfinite(ours) & np.isfinite(torch)
    with np.errstate(all="ignore"):
        near = finite & (np.abs(ours - torch) <= absolute + relative * np.abs(torch))
    if not bool((near | both_nan | (ours == torch)).all()):
        return Nearness("differs")
    return Nearness("close", ulps(ours[~both_nan], torch[~both_nan], dtype))


def _same_bits(ours: Array, torch: Array) -> Any:
    equal = ours == torch
    if ours.dtype.kind != "f":
        return equal
    return equal & (np.signbit(ours) == np.signbit(torch))


def ulps(ours: Array, torch: Array, dtype: str) -> int:
    """The largest distance between two floats of the same dtype, counted in floats between them."""
    if ours.dtype.kind == "c":
        parts = [(ours.real, torch.real), (ours.imag, torch.imag)]
        return max(ulps(np.ascontiguousarray(a), np.ascontiguousarray(b), dtype) for a, b in parts)
    distances = [abs(a - b) for a, b in zip(_ordered(ours), _ordered(torch), strict=True)]
    shift = 16 if dtype == "bfloat16" else 0
    return max(distances, default=0) >> shift


def _ordered(numbers: Array) -> list[int]:
    """Integers in the order of the floats, neighbours one apart."""
    flat = np.ascontiguousarray(numbers).reshape(-1)
    bits = flat.view(f"<i{flat.dtype.itemsize}")
    lowest = int(np.iinfo(bits.dtype).min)
    return [int(b) if b >= 0 else lowest - int(b) for b in bits]


ROUNDED = 4  # decimals of a number printed rounded: with fewer it is printed as it is


def compare_text(ours: str, torch: str) -> Nearness:
    """Texts alike but for the last digit of printed numbers, or for addresses, are close."""
    if ours == torch:
        return SAME
    ours, torch = ADDRESS.sub(r"\1", ours), ADDRESS.sub(r"\1", torch)
    if ours == torch:
        return Nearness("close", reason="an address in memory")
    mine, theirs = NUMBER.findall(ours), NUMBER.findall(torch)
    if _frame(ours) != _frame(torch) or len(mine) != len(theirs):
        return Nearness("differs")
    apart = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    if all(_last_digit(a, b) for a, b in apart):
        return Nearness("close", reason="the last printed digit")
    if all(_last_digit(a, b) or _in_full(a, b) for a, b in apart):
        return Nearness("close", reason="a float32 printed in full")
    return Nearness("differs")


def _frame(text: str) -> str:
    """What stands around the numbers, its spaces made one: columns shift with a sign."""
    return " ".join(NUMBER.sub("0", text).replace("[ ", "[").split())


def _in_full(a: str, b: str) -> bool:
    """Whether they are near for a float32 and show more digits than it has, as `item()` prints."""
    digits = min(len(text.partition("e")[0].strip("-0.").replace(".", "")) for text in (a, b))
    relative, _ = TOLERANCES["float32"]
    return digits > FLOAT32_DIGITS and abs(float(a) - float(b)) <= relative * abs(float(b))


def _last_digit(a: str, b: str) -> bool:
    mantissa, _, exponent = b.partition("e")
    if a.partition("e")[2] != exponent:
        return False
    places = len(mantissa.partition(".")[2])
    if places < ROUNDED:
        return False
    unit = 10.0 ** (int(exponent or 0) - places)
    return len(a.partition("e")[0].partition(".")[2]) == places and (
        abs(float(a) - float(b)) <= 1.001 * unit
    )
