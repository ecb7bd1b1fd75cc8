"""The same picture in fewer bytes: `thrifty(frame)` tells a terminal only what changes between looks.

Rich ends each stretch of text with a reset and begins the next with its whole look; over a slow line
two thirds of a frame are such words.
"""

import re
from functools import lru_cache

from msgspec import Struct

_SGR = re.compile(r"\x1b\[([0-9;:]*)m")
_MOVES = re.compile(r"(?:\x1b\[\d+;\d+H|\r|\n)*\Z")
_COLOURS = {"38": "fg", "48": "bg"}


class Look(Struct, frozen=True):
    """How characters are drawn, in the words a terminal is told it with; "" is its own colour."""

    attributes: frozenset[str] = frozenset()  # "1" bold, "4" underlined …
    fg: str = ""
    bg: str = ""


PLAIN = Look()


def thrifty(frame: str) -> str:
    """A frame that looks the same in a terminal whose look is plain, before and after it."""
    first, *rest = _SGR.split(frame)
    made = [first]
    shown = wanted = PLAIN
    for parameters, text in zip(rest[::2], rest[1::2], strict=True):
        look = _after(wanted, parameters)
        if look is None:  # something rare: told as it is, from a plain look to a plain look
            return frame
        wanted = look
        if not text or _MOVES.match(text):
            made.append(text)
            continue
        target = (
            wanted
            if text.strip(" ") or _is_seen_in_space(shown, wanted)
            else _filled(shown, wanted)
        )
        made.append(_change(shown, target))
        made.append(text)
        shown = target
    made.append(_change(shown, wanted))
    return "".join(made)


@lru_cache(4096)
def _after(look: Look, parameters: str) -> Look | None:
    """The look after these words; None for words that are not known here."""
    numbers = iter((parameters or "0").split(";"))
    attributes, colours = look.attributes, {"fg": look.fg, "bg": look.bg}
    for number in numbers:
        if ":" in number:
            return None
        code = int(number or 0)
        if code == 0:
            attributes, colours = frozenset(), {"fg": "", "bg": ""}
        elif code <= 9:
            attributes |= {number}
        elif number in _COLOURS:
            kind = next(numbers, "")
            values = [next(numbers, "") for _ in range({"5": 1, "2": 3}.get(kind, 0))]
            if not values or "" in values:
                return None
            colours[_COLOURS[number]] = ";".join([number, kind, *values])
        elif 30 <= code <= 37 or 90 <= code <= 97:
            colours["fg"] = number
        elif 40 <= code <= 47 or 100 <= code <= 107:
            colours["bg"] = number
        else:
            return None
    return Look(attributes, **colours)


def _is_seen_in_space(shown: Look, wanted: Look) -> bool:
    """Whether more than the background shows in a space: a line through it, or colours exchanged."""
    return bool((shown.attributes | wanted.attributes) & {"4", "7", "9"})


def _filled(shown: Look, wanted: Look) -> Look:
    return Look(shown.attributes, shown.fg, wanted.bg)


@lru_cache(4096)
def _change(shown: Look, wanted: Look) -> str:
    """The words from one look to another."""
    if shown == wanted:
        return ""
    if wanted == PLAIN:
        return "\x1b[0m"
    lost = not shown.attributes <= wanted.attributes
    words = ["0"] if lost else []
    before = PLAIN if lost else shown
    words += sorted(wanted.attributes - before.attributes)
    if wanted.fg != before.fg:
        words.append(wanted.fg or "39")
    if wanted.bg != before.bg:
        words.append(wanted.bg or "49")
    return f"\x1b[{';'.join(words)}m"
