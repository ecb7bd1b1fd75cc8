"""What a check finds, and what it counts: plain data, ready to print or to serialise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gradtui.course.problems import Position

Kind = Literal[
    "schema",  # the file is not a lesson
    "prints",  # a step prints something else
    "raises",  # an expected error is missing, or is another one
    "error",  # an error nobody expected
    "check",  # a check is false, or does not compute
    "quote",  # prose quotes a value that does not compute
    "what_if",  # a what-if changes nothing
    "answer",  # a question's answer does not compute
    "mistake",  # a mistake equals the answer, or does not compute
    "choice",  # choices coincide, or none or several are the answer
    "draws",  # draws left over, or of another shape
    "exercise",  # a starter that passes, a solution that fails
    "differs",  # gradtui's engine and torch disagree
    "limit",  # over budget, or not in the lesson language
    "crash",  # the run came to no proper end
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, where in the file, and in which step ("" outside all steps)."""

    step: str
    kind: Kind
    message: str
    line: int
    column: int

    @classmethod
    def at(cls, position: Position, step: str, kind: Kind, message: str) -> "Finding":
        return cls(step, kind, message, position.line, position.column)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many events of a run are bit-equal, within tolerance, different, or have no verdict."""

    same: int = 0
    close: int = 0
    differs: int = 0
    not_compared: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.same + other.same,
            self.close + other.close,
            self.differs + other.differs,
            self.not_compared + other.not_compared,
        )


@dataclass(frozen=True, slots=True)
class LessonReport:
    """What one file came to."""

    path: Path
    id: str
    seconds: float
    compared: Counts
    findings: tuple[Finding, ...]
    text: str = ""  # the file, for excerpts

    @property
    def ok(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Report:
    """What a whole check came to. `trouble` is the line that says why it could not run, if so."""

    lessons: Sequence[LessonReport]
    seconds: float
    trouble: str = field(default="")

    @property
    def ok(self) -> bool:
        return not self.trouble and all(lesson.ok for lesson in self.lessons)

    @property
    def exit_code(self) -> int:
        """0 all well, 1 findings, 2 could not run."""
        return 2 if self.trouble else int(not self.ok)
