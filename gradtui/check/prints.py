"""Printed text against the text expected: equal to the letter, or but for a last digit."""

import re
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+\.\d+(?:[eE][+-]?\d+)?")
ROUNDED = 4  # decimals: with fewer, a number is taken as exact


def first_difference(expected: str, printed: str) -> int | None:
    """The first line, from 0, where two texts differ in more than a last digit; None if none does.

    A missing or extra line counts as a difference where it is missing; a final line end does not.
    """
    wanted, got = _lines(expected), _lines(printed)
    for number, (one, other) in enumerate(zip(wanted, got, strict=False)):
        if not same_line(one, other):
            return number
    return None if len(wanted) == len(got) else min(len(wanted), len(got))


def line(text: str, number: int) -> str | None:
    """A line of a printed text; None past its end."""
    lines = _lines(text)
    return lines[number] if number < len(lines) else None


def same_line(expected: str, printed: str) -> bool:
    """Whether two lines are equal but for one unit in the last of four or more decimals."""
    if expected == printed:
        return True
    if _words(expected) != _words(printed):
        return False
    pairs = zip(_NUMBER.findall(expected), _NUMBER.findall(printed), strict=True)
    return all(_same_number(one, other) for one, other in pairs)


def _lines(text: str) -> list[str]:
    return [one.rstrip() for one in text.rstrip("\n").split("\n")] if text.strip("\n") else []


def _words(text: str) -> list[str]:
    return ["".join(part.split()) for part in _NUMBER.split(text)]


def _same_number(expected: str, printed: str) -> bool:
    if expected == printed:
        return True
    try:
        one, other = Decimal(expected), Decimal(printed)
    except InvalidOperation:
        return False
    mantissa = re.split("[eE]", expected)[0]
    decimals = len(mantissa.partition(".")[2])
    unit = Decimal(1).scaleb(int(one.as_tuple().exponent))
    return decimals >= ROUNDED and abs(one - other) <= unit
