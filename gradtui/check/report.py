"""A report as text for people and as JSON for machines."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from gradtui.check.findings import Counts, Finding, LessonReport, Report

WIDTH = 100  # columns of an excerpt


def as_json(report: Report) -> str:
    """One object, as `gradtui check --format json` prints it."""
    told: dict[str, object] = {
        "ok": report.ok,
        "seconds": round(report.seconds, 3),
        "lessons": [_lesson(lesson) for lesson in report.lessons],
    }
    if report.trouble:
        told["trouble"] = report.trouble
    return json.dumps(told, ensure_ascii=False)


def _lesson(lesson: LessonReport) -> dict[str, object]:
    return {
        "path": str(lesson.path),
        "id": lesson.id,
        "ok": lesson.ok,
        "seconds": round(lesson.seconds, 3),
        "compared": asdict(lesson.compared),
        "findings": [asdict(finding) for finding in lesson.findings],
    }


def as_text(report: Report) -> str:
    """For reading: each finding with its place, its line and a caret, then a summary."""
    lines = [line for lesson in report.lessons for line in _told(lesson)]
    return "\n".join([*lines, *_summary(report)]) + "\n"


def _told(lesson: LessonReport) -> Iterator[str]:
    for finding in lesson.findings:
        yield from _finding(lesson.path, lesson.text, finding)
    mark = "ok" if lesson.ok else _plural(len(lesson.findings), "finding")
    yield f"{lesson.id}: {mark} ({counted(lesson.compared)}; {lesson.seconds:.2f} s)"


def _finding(path: Path, text: str, finding: Finding) -> Iterator[str]:
    where = f"{path}:{finding.line}:{finding.column}"
    step = f" in step {finding.step}" if finding.step else ""
    yield f"{where}: {finding.kind}{step}: {printable(finding.message)}"
    lines = text.splitlines()
    if 1 <= finding.line <= len(lines):
        yield from _excerpt(lines[finding.line - 1], finding)
    yield ""


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


def _summary(report: Report) -> Iterator[str]:
    lessons = _plural(len(report.lessons), "lesson")
    findings = sum(len(lesson.findings) for lesson in report.lessons)
    yield f"{lessons}, {_plural(findings, 'finding')}, {report.seconds:.2f} s"
    if report.trouble:
        yield f"could not finish: {report.trouble}"


def _plural(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
