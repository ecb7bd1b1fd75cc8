"""Lessons as tests: `pytest lessons/` collects each step of each lesson, `lesson.yaml::step-id`.

Files are taken from folders that are packs (they hold a `pack.yaml` with lessons), or when they are
given by name. A lesson is run once a process, on both engines, by the first of its steps that is
asked for. Nothing but pytest is imported until there is a lesson.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradtui.check.findings import Finding, LessonReport
    from gradtui.check.runner import Checker

PACK = "pack.yaml"
SUFFIXES = (".yaml", ".yml")
_LESSON = re.compile(r"^(?:format|steps) *:", re.MULTILINE)
_LESSONS = re.compile(r"^lessons *:", re.MULTILINE)
_CHECKER = pytest.StashKey["Checker"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradtui", "gradtui lessons")
    group.addoption(
        "--lessons-strict",
        action="store_true",
        help="a last digit or a reworded message fails a lesson's step too",
    )
    group.addoption(
        "--lessons-no-torch",
        action="store_true",
        help="run lessons on gradtui's engine alone",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix not in SUFFIXES:
        return None
    in_pack = _says(file_path.parent / PACK, _LESSONS)
    if file_path.name == PACK:
        return PackFile.from_parent(parent, path=file_path) if in_pack else None
    given = parent.session.isinitpath(file_path) and _says(file_path, _LESSON)
    return LessonFile.from_parent(parent, path=file_path) if in_pack or given else None


def pytest_unconfigure(config: pytest.Config) -> None:
    checker = config.stash.get(_CHECKER, None)
    if checker is not None:
        checker.__exit__()


def _says(path: Path, what: re.Pattern[str]) -> bool:
    """Whether a small file has such a line."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return what.search(file.read(1_000_000)) is not None
    except OSError:
        return False


def _checker(config: pytest.Config) -> Checker:
    """The one checker of this process, with torch kept warm."""
    if _CHECKER not in config.stash:
        from gradtui.check.runner import Checker

        strict, alone = config.getoption("lessons_strict"), config.getoption("lessons_no_torch")
        config.stash[_CHECKER] = Checker(1, not alone, strict=bool(strict)).__enter__()
    return config.stash[_CHECKER]


class Wrong(Exception):
    """What a step is not as its lesson says."""

    def __init__(self, report: LessonReport, findings: list[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.report, self.findings = report, findings

    def __str__(self) -> str:
        from gradtui.check.text import told

        of = self.report
        path = Path(os.path.relpath(of.path))
        return "\n\n".join("\n".join(told(path, of.text, one)) for one in self.findings)


class LessonFile(pytest.File):
    """A lesson: its steps are tests. A file that cannot be read is one failing test, `lesson`."""

    report: LessonReport | None = None

    def collect(self) -> Iterator[pytest.Item]:
        from gradtui.check.reading import Runs, read, steps_of

        runs = read(self.path)
        steps = steps_of(runs.loaded) if isinstance(runs, Runs) else [("lesson", 1)]
        for number, (step, line) in enumerate(steps):
            yield StepItem.from_parent(self, name=step, line=line, first=number == 0)

    def findings(self, step: str, first: bool) -> list[Finding]:
        """Those of a step; the first step has also those that are in none."""
        report = self.checked()
        steps = dict(report.steps)
        return [
            one
            for one in report.findings
            if one.owner == step or (first and one.owner not in steps)
        ]

    def checked(self) -> LessonReport:
        """What the check of this file came to; it runs once."""
        if self.report is None:
            whole = _checker(self.config).check([self.path])
            if whole.trouble:
                self.warn(pytest.PytestWarning(whole.trouble))
            self.report = whole.lessons[0]
        return self.report


class StepItem(pytest.Item):
    """One step of a lesson, with its what-ifs, its question and its exercise."""

    parent: LessonFile

    def __init__(self, *, line: int, first: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self.line, self.first = line, first

    def runtest(self) -> None:
        findings = self.parent.findings(self.name, self.first)
        if findings:
            raise Wrong(self.parent.checked(), findings)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Wrong):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, f"{self.path.name}::{self.name}"


class PackFile(pytest.File):
    """A pack's description: one failing test if it is broken, and none if it is not."""

    def collect(self) -> Iterator[pytest.Item]:
        from gradtui.course.packs import FoundPack
        from gradtui.course.problems import BadLesson

        try:
            FoundPack(self.path.parent, "path").lessons()
        except BadLesson as bad:
            yield BrokenPack.from_parent(self, name="pack", why=str(bad))


class BrokenPack(pytest.Item):
    """A pack that cannot be taken as it is."""

    def __init__(self, *, why: str, **settings: Any) -> None:
        super().__init__(**settings)
        self.why = why

    def runtest(self) -> None:
        pytest.fail(self.why, pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}::{self.name}"
