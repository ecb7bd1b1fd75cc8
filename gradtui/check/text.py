"""A report for people: each finding with its place, its line, a caret and how to mend it."""

from collections.abc import Iterator
from pathlib import Path

from gradtui.check.findings import Counts, Finding, LessonReport, Report

WIDTH = 100  # columns of an excerpt


def as_text(report: Report) -> str:
    """For reading: each finding with its place, its line and a caret, then a summary."""
    lines = [line for lesson in report.lessons for line in _told(lesson)]
    return "\n".join([*lines, *summary(report)]) + "\n"


def _told(lesson: LessonReport) -> Iterator[str]:
    for finding in lesson.findings:
        yield from told(lesson.path, lesson.text, finding)
        yield ""
    mark = "ok" if lesson.ok else _plural(len(lesson.findings), "finding")
    yield f"{lesson.id}: {mark} ({counted(lesson.compared)}; {lesson.seconds:.2f} s)"


def told(path: Path, text: str, finding: Finding) -> Iterator[str]:
    """The lines that tell one finding, with the line of the file it is about."""
    where = f"{path}:{finding.line}:{finding.column}"
    step = f" in step {finding.step}" if finding.step else ""
    yield f"{where}: {finding.kind}{step}: {printable(finding.message)}"
    lines = text.splitlines()
    if 1 <= finding.line <= len(lines):
        yield from _excerpt(lines[finding.line - 1], finding)
    if finding.advice:
        yield f"{'':>6} = {finding.advice}"


def _excerpt(line: str, finding: Finding) -> Iterator[str]:
    start = max(0, finding.column - WIDTH)
    shown = printable(line[start : start + WIDTH])
    yield f"{finding.line:>6} | {shown}"
    yield f"{'':>6} | {' ' * (finding.column - 1 - start)}^"


def printable(text: str) -> str:
    """The text without what would move the cursor or turn the writing direction."""
    return "".join(one if one.isprintable() else "�" if one != "\t" else " " for one in text)


def counted(counts: Counts) -> str:
    """The verdicts in words."""
    total = counts.same + counts.close + counts.differs
    if not total:
        return f"{counts.not_compared:,} events, none compared with torch"
    parts = [f"{total:,} events compared with torch: {counts.same:,} the same"]
    named = (
        ("close", counts.close),
        ("different", counts.differs),
        ("not compared", counts.not_compared),
    )
    return ", ".join([*parts, *(f"{number:,} {name}" for name, number in named if number)])


def summary(report: Report) -> Iterator[str]:
    """The last lines of a report."""
    lessons = _plural(len(report.lessons), "lesson")
    findings = sum(len(lesson.findings) for lesson in report.lessons)
    yield f"{lessons}, {_plural(findings, 'finding')}, {report.seconds:.2f} s"
    if report.trouble:
        yield f"could not finish: {report.trouble}"


def _plural(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
