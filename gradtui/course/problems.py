"""What is wrong with a file, where, and how to mend it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple


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
    kind: str = "schema"  # what sort of thing is wrong: a kind of `gradtui.check.kinds`

    def __str__(self) -> str:
        return f"{shown(self.path)}:{self.line}:{self.column}: {self.message}"


LONGEST = 300  # characters of a message
MOST = 100  # problems of one file that are told


def shown(path: Path) -> str:
    """A path as it may be printed: whatever its name, it stays one line."""
    return "".join(one if one.isprintable() else "�" for one in str(path))


def one_line(text: str) -> str:
    """The text in one line, without what would move a terminal's cursor or turn its writing."""
    line = "".join(one if one.isprintable() else "�" for one in " ".join(text.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


class BadLesson(Exception):
    """A file that cannot be used, with all its problems in the order of the file, a line each.

    `content` and `positions` are there when only the meaning of what it says is wrong.
    """

    def __init__(
        self, problems: Sequence[Problem], content: Any = None, positions: Any = None
    ) -> None:
        said = [problem._replace(message=one_line(problem.message)) for problem in problems]
        self.problems = tuple(sorted(said, key=lambda p: (str(p.path), p.line, p.column))[:MOST])
        self.content, self.positions = content, positions
        super().__init__("\n".join(map(str, self.problems)))


class Unknown(Exception):
    """A lesson has no such step, event or change; the message is one line."""
