"""Reports for machines: JSON, JUnit's XML, and the commands GitHub reads from a job's log.

JSON is one object, as the design fixes it. In JUnit's XML a lesson is a suite and a step a test.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree as xml

from gradtui.check.findings import Finding, LessonReport, Report
from gradtui.check.text import printable, summary
from gradtui.course import hidden

WHOLE = "lesson"  # the test that has the findings outside all steps


def as_json(report: Report) -> str:
    """One object in one line."""
    told: dict[str, object] = {
        "ok": report.ok,
        "seconds": round(report.seconds, 3),
        "lessons": [_lesson(lesson) for lesson in report.lessons],
    }
    if report.trouble:
        told["trouble"] = report.trouble
    return hidden.escaped(json.dumps(told, ensure_ascii=False)) + "\n"


def _lesson(lesson: LessonReport) -> dict[str, object]:
    return {
        "path": str(lesson.path),
        "id": lesson.id,
        "ok": lesson.ok,
        "seconds": round(lesson.seconds, 3),
        "compared": asdict(lesson.compared),
        "findings": [_finding(finding) for finding in lesson.findings],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return asdict(finding) | {"message": finding.said}


# GitHub.


def as_github(report: Report) -> str:
    """A workflow command for each finding, which GitHub shows at its line, then the summary."""
    lines = [_command(one.path, finding) for one in report.lessons for finding in one.findings]
    if report.trouble:
        lines.append(f"::error::{_escaped(report.trouble)}")
    return "\n".join([*lines, *summary(report)]) + "\n"


def _command(path: Path, finding: Finding) -> str:
    step = f" in step {finding.step}" if finding.step else ""
    where = {
        "file": _relative(path),
        "line": str(finding.line),
        "col": str(finding.column),
        "title": f"{finding.kind}{step}",
    }
    told = ",".join(f"{name}={_property(value)}" for name, value in where.items())
    return f"::error {told}::{_escaped(finding.said)}"


def _relative(path: Path) -> str:
    """As seen from the folder the check runs in, if it is below it: GitHub wants it so."""
    whole = os.path.abspath(path)
    here = os.path.relpath(whole) if whole.startswith(os.getcwd() + os.sep) else str(path)
    return here.replace(os.sep, "/")


def _escaped(text: str) -> str:
    one = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(one)


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


# JUnit.


def as_junit(report: Report) -> str:
    """XML: a suite for each lesson, a test for each step, a failure for each finding."""
    suites = [_suite(lesson) for lesson in report.lessons]
    if report.trouble:
        suites.append(_trouble(report.trouble))
    root = xml.Element("testsuites", name="gradtui check", time=f"{report.seconds:.3f}")
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.extend(suites)
    xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(root, "unicode") + "\n"


def _suite(lesson: LessonReport) -> xml.Element:
    tests = list(_tests(lesson))
    failing = sum(bool(found) for _, _, found in tests)
    path = str(lesson.path)
    suite = xml.Element(
        "testsuite",
        name=printable(lesson.id),
        file=path,
        tests=str(len(tests)),
        failures=str(failing),
        errors="0",
        skipped="0",
        time=f"{lesson.seconds:.3f}",
    )
    for name, line, found in tests:
        test = xml.SubElement(
            suite,
            "testcase",
            classname=printable(lesson.id),
            name=printable(name),
            file=path,
            line=str(line),
            time=f"{lesson.seconds / len(tests):.3f}",
        )
        for finding in found:
            where = f"{path}:{finding.line}:{finding.column}"
            failure = xml.SubElement(test, "failure", type=finding.kind)
            failure.set("message", printable(finding.message))
            failure.text = printable(f"{where}: {finding.kind}: {finding.said}")
    return suite


def _tests(lesson: LessonReport) -> Iterator[tuple[str, int, Sequence[Finding]]]:
    """The name, line and findings of each step, and of the lesson where a finding is in no step."""
    steps = dict(lesson.steps)
    outside = [one for one in lesson.findings if one.owner not in steps]
    if outside or not steps:
        yield WHOLE, outside[0].line if outside else 1, outside
    for step, line in steps.items():
        yield step, line, [one for one in lesson.findings if one.owner == step]


def _trouble(line: str) -> xml.Element:
    suite = xml.Element("testsuite", name="gradtui", tests="1", failures="0", errors="1")
    test = xml.SubElement(suite, "testcase", classname="gradtui", name="torch")
    xml.SubElement(test, "error", type="trouble", message=printable(line))
    return suite
