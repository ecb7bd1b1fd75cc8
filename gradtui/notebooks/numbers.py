"""The numbers of printed text, and the text around them.

numbers("tensor([ 1.5000, -2.])")     # [Number(1.5, 1e-4), Number(-2.0, 1e-4)]
frame("tensor([ 1.5000, -2.])")       # "tensor([#, #])", its spaces made one
"""

import re
from typing import NamedTuple

_NUMBER = re.compile(
    r"(?<![\w.])[+-]?(?:\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+|inf|nan)(?![\w])"
)
FINEST = 1e-4  # torch prints four decimals; fewer mean that the number is exact


class Number(NamedTuple):
    """A printed number, and the unit of its last digit."""

    value: float
    unit: float


def numbers(text: str) -> list[Number]:
    """Every number of a text, in order."""
    return [_number(found[0]) for found in _NUMBER.finditer(text)]


def frame(text: str) -> str:
    """The text without its numbers; columns shift with a sign, so spaces do not count."""
    return "".join(_NUMBER.sub("#", text).split())


def _number(written: str) -> Number:
    mantissa, _, exponent = written.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    scale = 10.0 ** int(exponent or 0)
    return Number(float(written), (10.0**-decimals if decimals else FINEST) * scale)
