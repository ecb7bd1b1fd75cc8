"""The words of the trade: those of a lesson, and those that come with gradtui.

words = glossary(lesson)             # the lesson's own meaning of a word before the bundled one
matching(words, "vect")              # whose term, or another way of writing it, holds the text
discussed(words, "x is a leaf …")    # those a text speaks of, in the order it does
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from gradtui.course.filling import fill
from gradtui.course.schema import Lesson, Line, Term
from gradtui.course.yaml_nodes import read

FILE = "glossary.yaml"


class Word(Term, frozen=True, kw_only=True):
    """A word with the other ways of writing it."""

    also: tuple[Line, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.term, *self.also)


@cache
def bundled() -> tuple[Word, ...]:
    """The words that come with gradtui."""
    text = files("gradtui.course").joinpath(FILE).read_text(encoding="utf-8")
    listed: list[Any] = read(text)[0]
    words = [fill(Word, one)[0] for one in listed]
    return tuple(word for word in words if word)


def glossary(lesson: Lesson | None = None) -> tuple[Word, ...]:
    """All words by name; where a lesson explains one itself, its own explanation stands."""
    words = {_plain(word.term): word for word in bundled()}
    for term in lesson.glossary if lesson else ():
        known = words.get(_plain(term.term)) or _spelt_so(_plain(term.term))
        also = tuple(name for name in known.names if name != term.term) if known else ()
        if known is not None:
            words.pop(_plain(known.term), None)
        words[_plain(term.term)] = Word(term=term.term, means=term.means, also=also)
    return tuple(sorted(words.values(), key=lambda word: _plain(word.term)))


def _spelt_so(name: str) -> Word | None:
    """The bundled word one of whose longer ways of writing this is."""
    return next((w for w in bundled() if name in map(_plain, w.also) and len(name) > 1), None)


def matching(words: Sequence[Word], typed: str) -> list[Word]:
    """The words that hold the text, those whose term begins with it first; all, of no text."""
    sought = _plain(typed)
    found = [word for word in words if any(sought in _plain(name) for name in word.names)]
    return sorted(found, key=lambda word: not _plain(word.term).startswith(sought))


def discussed(words: Sequence[Word], text: str) -> list[Word]:
    """The words a text speaks of, the first one it names first."""
    places = {word.term: _first(word.names, text) for word in words}
    named = [word for word in words if places[word.term] < len(text)]
    return sorted(named, key=lambda word: places[word.term])


def _first(names: Iterable[str], text: str) -> int:
    """Where in a text one of the names stands as a word; its length, if none does."""
    return min((at for name in names if (at := _at(name, text)) is not None), default=len(text))


def _at(name: str, text: str) -> int | None:
    if len(name) < 2:
        return None  # v and J are found by typing; in prose they say little
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text, re.IGNORECASE)
    return found.start() if found else None


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[-‐–—\s]+", " ", name.casefold()).split())
