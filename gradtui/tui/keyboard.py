"""What a terminal sends, as keys: an Esc that other keys follow at once stays an Esc, and is first.

A terminal sends one byte for Esc, and the same byte begins its longer sequences: those of keys and
of the mouse, its answers to questions, pastes. Textual takes what it does not know of these for
keys that were typed, and `Esc n` in one burst for Alt+N. Here the stream is cut by the grammar of
ECMA-48 before Textual sees it: what it knows it gets whole; what no key sends is dropped; a sequence
that does not go on was an Esc and the keys behind it.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from textual import constants, events
from textual._time import get_time
from textual._xterm_parser import (
    SPECIAL_SEQUENCES,
    XTermParser,
    _re_cursor_position,
    _re_in_band_window_resize,
    _re_mouse_event,
    _re_terminal_mode_response,
)
from textual.keys import Keys
from textual.message import Message

Rest: TypeAlias = Generator[Message, None, str]  # gives back the text that is left


class Word(NamedTuple):
    """Esc and a letter, sent as one: in an editor a move by words, elsewhere the two keys."""

    letter: str
    move: str


WORDS = {"escape+b": Word("b", "ctrl+left"), "escape+f": Word("f", "ctrl+right")}
_SEQUENCE = re.compile(
    r"""\x1b(?:
        \[M[^\x1b]{3}                         # the mouse of old terminals
      | \[(?!M)\[?[0-?]*[ -/]*[@-Z\\-~]            # a control sequence; of the Linux console, with two [
      | O[!-~]                                # a key of a keypad
      | [\]P_][^\x00-\x1f\x7f]*(?:\x07|\x1b\\) # words of a terminal's, with an end
      | [bf\x7f]
    )""",
    re.VERBOSE,
)
_BEGUN = re.compile(
    r"\x1b(?:\[M[^\x1b]{0,2}|\[\[?[0-?]*[ -/]*|O|[\]P_][^\x00-\x1f\x7f]*\x1b?)?\Z"
)  # what may go on
_TYPED = 64  # characters a person may have typed while it was not known that they end nothing
_LONGEST = 4_096  # of words that never end
_MARKS = (_re_cursor_position, _re_in_band_window_resize, _re_mouse_event)
_PASTE, _PASTED = "\x1b[200~", "\x1b[201~"
PASTE_ENDS = 3.0  # seconds of silence after which a paste without an end is over
PASTED = 2_000_000  # characters of a paste that are kept
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _escape() -> events.Key:
    return events.Key("escape", "\x1b")


class KeyParser(XTermParser):
    """Textual's parser, which is only given what it knows."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._held = ""  # the beginning of a sequence
        self._paste: list[str] | None = None  # what of a paste has come
        self._until = 0.0  # when what is held, or pasted, is over without an end

    def feed(self, data: str) -> Iterable[Message]:
        if not data:  # half a character, or the end
            return
        text, self._held = self._held + data, ""
        while text:
            text = yield from (self._plain(text) if self._paste is None else self._pasted(text))

    def tick(self) -> Iterable[Message]:
        if self._paste is not None and get_time() >= self._until:
            yield self._end_of_paste()
        held, now = self._held, get_time()
        if held and now >= self._until:
            self._held = ""
            yield from self._typed(held) if len(held) <= _TYPED else ()

    def _plain(self, text: str) -> Rest:
        """Up to the next sequence, and that one; what is left of the text."""
        before, esc, _ = text.partition("\x1b")
        if before:  # Enter typed while the terminal was not yet raw is a line feed
            yield from super().feed(before.replace("\n", "\r"))
        rest = text[len(before) :]
        if not esc:
            return ""
        found = _SEQUENCE.match(rest)
        if found is not None:
            yield from self._sequence(found[0])
            return rest[found.end() :]
        if len(rest) <= _LONGEST and _BEGUN.match(rest):
            self._held, self._until = rest, get_time() + constants.ESCAPE_DELAY
            return ""
        yield _escape()
        return rest[1:]

    def _sequence(self, sequence: str) -> Iterator[Message]:
        if f"escape+{sequence[1:]}" in WORDS:
            yield events.Key(f"escape+{sequence[1:]}", None)
        elif sequence == _PASTE:
            self._begin_paste()
        elif self._is_known(sequence):
            yield from super().feed(sequence)
        elif len(sequence) == 3:  # `Esc [ n` and the like, of which there is no other sense
            yield from self._typed(sequence)

    def _is_known(self, sequence: str) -> bool:
        if sequence in SPECIAL_SEQUENCES or any(mark.match(sequence) for mark in _MARKS):
            return True
        if _re_terminal_mode_response.match(sequence):
            return True
        return bool(list(self._sequence_to_key_events(sequence)))

    def _typed(self, text: str) -> Iterator[Message]:
        """Keys one by one."""
        for character in text:
            yield from (_escape(),) if character == "\x1b" else super().feed(character)

    def _begin_paste(self) -> None:
        self._paste, self._until = [], get_time() + PASTE_ENDS

    def _pasted(self, text: str) -> Rest:
        """Up to the end of the paste; what is left of the text."""
        assert self._paste is not None
        self._until = get_time() + PASTE_ENDS
        inside, end, after = text.partition(_PASTED)
        if not end:
            kept = max(
                (n for n in range(1, len(_PASTED)) if inside.endswith(_PASTED[:n])), default=0
            )
            inside, self._held = inside[: len(inside) - kept], inside[len(inside) - kept :]
        self._paste.append(inside)
        if end:
            yield self._end_of_paste()
        return after

    def _end_of_paste(self) -> events.Paste:
        """What was pasted, without what no key types: escapes and other controls."""
        text = "".join(self._paste or ())[:PASTED]
        self._paste, self._held = None, ""
        return events.Paste(_CONTROLS.sub("", text))

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
