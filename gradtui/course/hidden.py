"""Characters a reader cannot see, or that would move a terminal's cursor or turn its writing.

`first(text)` finds one in what a lesson says; `told(text)` makes a line of any text harmless.
"""

import re
import unicodedata

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
