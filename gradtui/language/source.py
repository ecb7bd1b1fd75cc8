"""Where a piece of lesson code stands: its text, and spans within it."""

from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of source text: lines from 1, columns from 0 in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Source:
    """Lesson code and what to call it in a message: a file's path or a step's id."""

    name: str
    text: str
