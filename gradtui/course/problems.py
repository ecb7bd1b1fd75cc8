"""What is wrong with a file, where, and how to mend it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Position(NamedTuple):
    """A place in a file: line and column from 1, columns in characters."""

    line: int
    column: int


class Problem(NamedTuple):
    """One thing wrong in one place; printed as `file:line:column: message`."""

    path: Path
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class BadLesson(Exception):
    """A file that cannot be used, with all its problems in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (str(p.path), p.line, p.column)))
        super().__init__("\n".join(map(str, self.problems)))
