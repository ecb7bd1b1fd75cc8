"""What a terminal sends, as keys: an Esc that other keys follow at once stays an Esc, and is first.

A terminal sends one byte for Esc, and the same byte begins its longer sequences. Textual waits for
what comes next, and takes `Esc n` in one burst for Alt+N, and `Esc Enter` for Enter: the Esc is lost.
No action of ours is on Alt, so it is told apart here; what begins a sequence of a terminal's own
(`[`, `O`, the words of `b` and `f`, replies) is left as it is.
"""

import re
from collections.abc import Iterable

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

BEGINS = "[Obf\x7fP]_^\x1b"  # what makes a sequence of an Esc before it
ESCAPE = "[27u"  # behind its first byte, which is there: the key itself, as newer terminals send it
_ALONE = re.compile(f"\x1b(?=[^{re.escape(BEGINS)}])")
_PASTES, _PASTED = "\x1b[200~", "\x1b[201~"


class KeyParser(XTermParser):
    """Textual's parser; an Esc before a plain key is a key of its own, impossible numbers are none."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._waits = False  # the last byte was an Esc, and nothing is known of it yet
        self._pastes = False

    def feed(self, data: str) -> Iterable[Message]:
        if data and not constants.DISABLE_KITTY_KEY:
            data = self._told_apart(data)
        return super().feed(data)

    def tick(self) -> Iterable[Message]:
        for message in super().tick():
            self._waits = False
            yield message

    def _parse_extended_key(self, sequence: str) -> list[events.Key] | None:  # type: ignore[override]
        try:
            return super()._parse_extended_key(sequence)
        except (ValueError, OverflowError):
            return [events.Key(Keys.Ignore, sequence)]

    def parse_mouse_code(self, code: str) -> Message | None:
        try:
            return super().parse_mouse_code(code)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None

    def _told_apart(self, data: str) -> str:
        waited, self._waits = self._waits, data.endswith("\x1b")
        if _PASTES in data or self._pastes:
            self._pastes = data.rfind(_PASTES) > data.rfind(_PASTED) or (
                self._pastes and _PASTED not in data
            )
            return data
        lead = ESCAPE if waited and data[0] not in BEGINS else ""
        return lead + _ALONE.sub(f"\x1b{ESCAPE}", data)
