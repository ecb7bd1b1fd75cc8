"""Printed text against the text expected: equal to the letter, or but for what torch may change.

A last digit, the number at the end of a node's name (`MulBackward0`) and the order of an error
message's words may be another in another version of torch, without the lesson being wrong. An
address in memory (`object at 0x7f82b0aa0`) is another in every run and never counts.
"""

import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher

from gradtui.oracle.tolerance import ADDRESS

_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+\.\d+(?:[eE][+-]?\d+)?")
_NODE = re.compile(r"(Backward)\d+\b")
_WORD = re.compile(r"\w+")
ROUNDED = 4  # decimals: with fewer, a number is taken as exact
FEWEST = 4  # words of a phrase that may come in another order
ALIKE = 0.6  # of the words of two messages, in order


def first_difference(expected: str, printed: str, strict: bool = False) -> int | None:
    """The first line, from 0, where two texts differ in more than a last digit; None if none does.

    A missing or extra line counts as a difference where it is missing; a final line end does not.
    `strict` asks for the very same lines.
    """
    wanted, got = _lines(expected), _lines(printed)
    for number, (one, other) in enumerate(zip(wanted, got, strict=False)):
        if one != other and (strict or not same_line(one, other)):
            return number
    return None if len(wanted) == len(got) else min(len(wanted), len(got))


def line(text: str, number: int) -> str | None:
    """A line of a printed text; None past its end."""
    lines = _lines(text)
    return lines[number] if number < len(lines) else None


def same_line(expected: str, printed: str) -> bool:
    """Whether two lines are equal but for one unit in the last of four or more decimals.

    The number after a node's name does not count.
    """
    if expected == printed:
        return True
    if _words(expected) != _words(printed):
        return False
    pairs = zip(_NUMBER.findall(expected), _NUMBER.findall(printed), strict=True)
    return all(_same_number(one, other) for one, other in pairs)


def _lines(text: str) -> list[str]:
    text = ADDRESS.sub(r"\1", text)
    return [one.rstrip() for one in text.rstrip("\n").split("\n")] if text.strip("\n") else []


def _words(text: str) -> list[str]:
    return ["".join(part.split()) for part in _NUMBER.split(unnumbered(text))]


def unnumbered(text: str) -> str:
    """The text without the numbers after nodes' names: `MulBackward` for `MulBackward0`."""
    return _NODE.sub(r"\1", text)


def says(phrase: str, message: str, strict: bool = False) -> bool:
    """Whether a message holds a phrase; unless `strict`, its words in any order will do."""
    if phrase in message:
        return True
    wanted, got = _WORD.findall(phrase.lower()), _WORD.findall(message.lower())
    return not strict and len(wanted) >= FEWEST and not Counter(wanted) - Counter(got)


def reworded(one: str, other: str) -> bool:
    """Whether two messages say the same in other words, as two versions of torch may."""
    mine, theirs = _WORD.findall(one.lower()), _WORD.findall(other.lower())
    return SequenceMatcher(None, mine, theirs, autojunk=False).ratio() >= ALIKE


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
