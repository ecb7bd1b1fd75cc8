"""What a check finds, and what it counts: plain data, ready to print or to serialise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gradtui.check.kinds import KINDS, Kind
from gradtui.course.problems import Position


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, where in the file, and in which step ("" outside all steps)."""

    step: str
    kind: Kind
    message: str
    line: int
    column: int

    @property
    def advice(self) -> str:
        """How findings of this kind are mended; "" where the message says it itself."""
        return KINDS[self.kind].mend

    @property
    def said(self) -> str:
        """What is wrong and how to mend it, in one line."""
        return f"{self.message} ({self.advice})" if self.advice else self.message

    @property
    def owner(self) -> str:
        """The step it is in, where `step` may be one of its what-ifs: `walk/cube`."""
        return self.step.partition("/")[0]

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
    steps: tuple[tuple[str, int], ...] = ()  # their ids and lines

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
        absent = any(one.kind == "absent" for lesson in self.lessons for one in lesson.findings)
        return 2 if self.trouble or absent else int(not self.ok)
