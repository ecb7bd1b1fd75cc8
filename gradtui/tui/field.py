"""A line of text being typed: the text, where its cursor is, what each key does to it.

    field = Field("x.gra")
    field.key("d", "d"); field.key("left", None)      # True: the key was for the field
    field.line(40)                                    # as it is drawn, never wider than that

It is no widget: the screen it is part of reads the keys in the order they come, so that none typed
ahead is lost, and none typed after Enter goes to a window that is closing.
"""

import re
from collections.abc import Callable, Mapping

from gradtui.tui.lines import Line, Piece, printable

LONGEST = 10_000  # characters


class Field:
    """The text and its cursor, a place from 0 to the text's length."""

    def __init__(self, text: str = "", longest: int = LONGEST) -> None:
        self.longest = longest
        self.text = text[:longest]
        self.at = len(self.text)
        self._keys: Mapping[str, Callable[[], None]] = {
            "left": lambda: self._go(self.at - 1),
            "right": lambda: self._go(self.at + 1),
            "home": lambda: self._go(0),
            "ctrl+a": lambda: self._go(0),
            "end": lambda: self._go(len(self.text)),
            "ctrl+e": lambda: self._go(len(self.text)),
            "backspace": lambda: self._cut(self.at - 1, self.at),
            "ctrl+h": lambda: self._cut(self.at - 1, self.at),
            "delete": lambda: self._cut(self.at, self.at + 1),
            "ctrl+u": lambda: self._cut(0, self.at),
            "ctrl+k": lambda: self._cut(self.at, len(self.text)),
            "ctrl+w": lambda: self._cut(self._word(), self.at),
        }

    def fill(self, text: str) -> None:
        """Put this text in place of what is there, the cursor behind it."""
        self.text = text[: self.longest]
        self.at = len(self.text)

    def insert(self, text: str) -> None:
        """Put a text at the cursor, its line ends made spaces."""
        text = " ".join(text[: self.longest].splitlines())[: self.longest - len(self.text)]
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def key(self, key: str, character: str | None) -> bool:
        """Do what a key does here; False if it does nothing."""
        if key in self._keys:
            self._keys[key]()
            return True
        if character is not None and character.isprintable():
            self.insert(character)
            return True
        return False

    def line(self, width: int, hint: str = "") -> Line:
        """The field with its cursor, the cursor in sight; `hint` is what an empty one says."""
        lead = Piece("> ", "marker")
        if not self.text:
            return Line.of(lead, Piece("_", "marker"), Piece(hint[: max(0, width - 3)], "dim"))
        room = max(4, width - 3)
        first = max(0, min(self.at - room + room // 4, len(self.text) - room + 1))
        if self.at < room:
            first = 0
        shown = self.text[first : first + room]
        before, after = shown[: self.at - first], shown[self.at - first :]
        under = Piece(printable(after[:1]), "lit") if after else Piece("_", "marker")
        pieces = (Piece(printable(before), "strong"), under, Piece(printable(after[1:]), "strong"))
        return Line.of(lead, *pieces)

    def _go(self, at: int) -> None:
        self.at = max(0, min(at, len(self.text)))

    def _cut(self, first: int, last: int) -> None:
        first = max(0, first)
        self.text, self.at = self.text[:first] + self.text[last:], first

    def _word(self) -> int:
        """Where the word before the cursor begins."""
        found = re.search(r"\S+\s*$", self.text[: self.at])
        return found.start() if found else 0
