"""Typed answers read as people write them, and compared with what the program computed.

agrees("[3.17, 1.59]", probed)      # to the digits that were typed
shape_of("2x3"), shape_of("torch.Size([2, 3])")      # (2, 3)
numbers("tensor([1., 2.])")         # ((2,), [1.0, 2.0])
"""

import ast
import math
import re
from typing import Any, TypeAlias

from gradtui.oracle.tolerance import TOLERANCES, compare_text
from gradtui.tape import values
from gradtui.tape.events import Probed

DECIMALS = 2  # how exactly an answer has to be given at least
COARSE = 0.1  # of a small number, that its typed digits may leave open: 0.00 is not 0.003
FINE = 1e-4  # of a large number, whose digits nobody types all

Numbers: TypeAlias = tuple[tuple[int, ...], list[float]]  # shape, entries


def agrees(given: str, probed: Probed) -> bool:
    """Whether a typed answer means what the program computed, to the digits that were typed."""
    if probed.text.startswith("torch.Size("):
        return shape_of(given) == shape_of(probed.text)
    theirs = _numbers_of(probed)
    if theirs is None or numbers(given) is None:
        return plain(given) == plain(unquoted(probed.text))
    return matches(given, theirs, probed.value.dtype if probed.value else "")


def matches(given: str, wanted: Numbers, dtype: str = "") -> bool:
    """Whether a typed text is these numbers: to its digits, or within the dtype's tolerance."""
    typed = numbers(given)
    if typed is None or typed[0] != wanted[0] or len(typed[1]) != len(wanted[1]):
        return False
    digits = 0.51 * 10.0 ** -max(_decimals(given), DECIMALS)
    part = max(FINE, TOLERANCES.get(dtype, (0.0, 0.0))[0])
    return all(_near(a, b, digits, part) for a, b in zip(typed[1], wanted[1], strict=True))


def _near(typed: float, computed: float, digits: float, part: float) -> bool:
    if not math.isfinite(typed) or not math.isfinite(computed):
        return typed == computed or (math.isnan(typed) and math.isnan(computed))
    off, size = abs(typed - computed), abs(computed)
    return off <= part * size or (off <= digits and (not size or off <= COARSE * size))


def _decimals(text: str) -> int:
    """The fewest digits after a point that were typed, among the numbers that have any."""
    return min((len(digits) for digits in re.findall(r"\.(\d+)", text)), default=DECIMALS)


def _numbers_of(probed: Probed) -> Numbers | None:
    if probed.value is None:
        return numbers(probed.text)
    held = values.array(probed.value)
    return None if held is None or held.dtype.kind == "c" else numbers_of(held)


def numbers_of(held: values.Array) -> Numbers:
    """The shape and the entries of an array of real numbers."""
    return tuple(held.shape), [float(each) for each in held.ravel()]


def numbers(text: str) -> Numbers | None:
    """Numbers, or nested lists of them, with or without `tensor(…)` around; None for other text."""
    body = re.sub(r",\s*(requires_grad|grad_fn|dtype)=.*", "", text.strip())
    body = re.sub(r"^(torch\.)?tensor\((.*?)\)?$", r"\2", body, flags=re.DOTALL)
    body = re.sub(r"(?<![\w.])inf\b", "1e999", body)
    body = re.sub(r"(?<![\w.])nan\b", "'nan'", body)
    try:
        read = ast.literal_eval(body)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        read = _spaced(body)
    return None if read is None else _shaped(read)


def shape_of(text: str) -> tuple[int, ...] | None:
    """A shape in any of the ways it is written: `[2, 3]`, `(3,)`, `2x3`, `torch.Size([])`, `scalar`."""
    body = re.sub(r"(torch\.)?size", "", text.strip().casefold()).strip("()[] ,")
    if body in ("", "scalar"):
        return ()
    parts = re.split(r"\s*[x×*,\s]\s*", body)
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None


def _spaced(text: str) -> list[float] | None:
    """`3 3 3`, or `3, 3, 3` left open: numbers in a row."""
    try:
        found = [float(part) for part in re.split(r"[\s,]+", text.strip(" []()")) if part]
    except ValueError:
        return None
    return found or None


def _shaped(read: Any) -> Numbers | None:
    if isinstance(read, bool) or read is None:
        return None
    if isinstance(read, int | float) or read == "nan":
        return (), [float(read)]
    if not isinstance(read, list | tuple):
        return None
    parts = [_shaped(part) for part in read]
    shapes = {part[0] for part in parts if part is not None}
    if None in parts or len(shapes) > 1:
        return None
    inner = shapes.pop() if shapes else ()
    return (len(parts), *inner), [entry for part in parts if part for entry in part[1]]


def printed_so(given: str, printed: str) -> bool:
    """Whether a typed text is what was printed, but for spaces and the last digits of numbers."""
    mine, theirs = (" ".join(text.split()) for text in (given.replace("\\n", "\n"), printed))
    return compare_text(mine, theirs).kind in ("same", "close")


def plain(text: str) -> str:
    """Without quotes, case and the width of spaces."""
    return " ".join(unquoted(text).split()).casefold()


def unquoted(text: str) -> str:
    """A string's text without the quotes of its repr."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text
