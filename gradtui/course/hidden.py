"""Characters a reader cannot see, or that would move a terminal's cursor or turn its writing.

`first(text)` finds one in what a lesson says; `harmless(text)` is any text without them, and `put`
writes what a program printed: as it is to a file or a pipe, harmless to a terminal.
"""

import re
import unicodedata
from typing import TextIO

# Controls but tab and line ends; bidirectional marks, embeddings, overrides and isolates (U+202A is
# how source can read other than it runs); zero-width marks, line separators, invisible operators,
# variation tags, private use and lone surrogates.
_HIDDEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\ue000-\uf8ff\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")  # scripts and emoji need them, code does not
_STACKED = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{5}")


def first(text: str, prose: bool = True) -> re.Match[str] | None:
    """The first character a text should not hold; in prose, letters and emoji may be joined."""
    found = _HIDDEN.search(text) or _STACKED.search(text)
    return found or (None if prose else _JOINERS.search(text))


def name_of(match: re.Match[str]) -> str:
    """What to call the character found: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    one = match[0][0]
    return f"U+{ord(one):04X} {unicodedata.name(one, 'a control character')}"


def harmless(text: str) -> str:
    """The text with its lines, tabs and letters, and � for whatever would not be seen as it is."""
    return _HIDDEN.sub("�", text)


def escaped(json: str) -> str:
    """JSON with the hidden characters of its strings as escapes: the same JSON, safe to look at."""
    return _HIDDEN.sub(_as_escapes, json)


def _as_escapes(found: re.Match[str]) -> str:
    units = memoryview(found[0].encode("utf-16-le", "surrogatepass")).cast("H")
    return "".join(f"\\u{unit:04x}" for unit in units)


def put(text: str, stream: TextIO) -> None:
    """Writes a program's own text; a terminal gets nothing of it that it would obey.

    A carriage return is let through: scripts count epochs with it.
    """
    if stream.isatty():
        text = "\r".join(map(harmless, text.split("\r")))
    stream.write(text)
