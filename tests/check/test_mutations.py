"""The validator's own test: good lessons broken in many ways, and changed in harmless ones.

Each break must be found with its kind, at its line; of the harmless changes nothing may be told.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mutations import BREAKS, HARMLESS, Change, Which

from gradtui.check.findings import Finding
from gradtui.check.runner import Checker
from gradtui.course.packs import bundled

SOURCES: dict[Which, Path] = {
    "doc": bundled().lesson("gradients-with-autograd"),
    "descent": Path(__file__).parent / "good" / "descent.yaml",
}


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Checker(jobs=1) as one:
        yield one


def found(checker: Checker, change: Change | None, which: Which, folder: Path) -> list[Finding]:
    text = SOURCES[which].read_text("utf-8")
    path = folder / SOURCES[which].name
    path.write_text(change.apply(text) if change else text, "utf-8")
    report = checker.check([path])
    assert not report.trouble
    return list(report.lessons[0].findings)


@pytest.mark.parametrize("which", SOURCES)
def test_the_good_lessons_are_good(which: Which, checker: Checker, tmp_path: Path) -> None:
    assert found(checker, None, which, tmp_path) == []


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS.keys())
def test_a_break_is_found(change: Change, checker: Checker, tmp_path: Path) -> None:
    findings = found(checker, change, change.lesson, tmp_path)
    line = change.line(SOURCES[change.lesson].read_text("utf-8"))
    assert (change.kind, line) in [(one.kind, one.line) for one in findings], findings


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_harmless_change_is_not(change: Change, checker: Checker, tmp_path: Path) -> None:
    assert found(checker, change, change.lesson, tmp_path) == []
