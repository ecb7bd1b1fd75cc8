"""A pack is checked as a whole: its order, its lessons, its previous version; all at once."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gradtui.check import lessons, reading
from gradtui.check.findings import Finding, Report
from gradtui.check.runner import check

GOOD = Path(__file__).parent / "good" / "descent.yaml"
PACK = """\
format: 1
id: evening
version: 1.0.0
title: An evening
lessons: [descent]
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "evening"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK)
    (folder / "descent.yaml").write_text(GOOD.read_text())
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def findings(report: Report) -> list[tuple[str, str, str, int]]:
    """File, kind, step and line of each finding."""
    return [
        (lesson.path.name, one.kind, one.step, one.line)
        for lesson in report.lessons
        for one in lesson.findings
    ]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gradtui.cli", "check", "--no-torch", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_broken_order_does_not_keep_the_lessons_from_being_checked(pack: Path) -> None:
    edit(pack / "pack.yaml", "[descent]", "[descent, gone]")
    (pack / "more.yaml").write_text(GOOD.read_text().replace("id: descent", "id: more"))
    edit(pack / "descent.yaml", "- w.grad is None", "- w.grad is 1")
    assert findings(check([pack], against_torch=False)) == [
        ("pack.yaml", "order", "", 5),
        ("pack.yaml", "order", "", 5),
        ("descent.yaml", "check", "weights", 35),
    ]


def test_a_lesson_goes_by_its_file(pack: Path) -> None:
    edit(pack / "descent.yaml", "id: descent", "id: downhill")
    assert findings(check([pack], against_torch=False)) == [("descent.yaml", "id", "", 3)]


def test_what_does_not_parse_hides_nothing_before_it(pack: Path) -> None:
    lesson = pack / "descent.yaml"
    edit(lesson, "- w.grad is None", "- w.grad is 1")
    edit(lesson, "tensor([0.5000, 3.0000])", "tensor([0.5000, 4.0000])")
    edit(lesson, "loss = (w * x).sum() ** 2", "loss = (w * x.sum() ** 2")
    edit(lesson, "title: One step", "title: One step  # not read any more")
    edit(lesson, "(#weights)", "(#wights)")
    told = findings(check([pack], against_torch=False))
    assert [(kind, step) for _, kind, step, _ in told] == [
        ("prints", "weights"),
        ("check", "weights"),
        ("language", "loss"),
        ("link", "loss"),
    ]


def gone(folder: Path, before: Path) -> list[Finding]:
    report = check([folder], against_torch=False, against=before)
    return [one for lesson in report.lessons for one in lesson.findings]


def test_a_step_that_is_gone_takes_progress_with_it(pack: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for name in ("pack.yaml", "descent.yaml"):
        (before / name).write_text((pack / name).read_text())
    assert gone(pack, before) == []
    edit(pack / "descent.yaml", "- id: again", "- id: once-more")
    (told,) = gone(pack, before)
    assert (told.kind, told.step, told.line) == ("gone", "once-more", 122)
    assert "step again of the previous version is gone; once-more is like it" in told.message
    assert "was: [old-id]" in told.said
    edit(pack / "descent.yaml", "- id: once-more", "- id: once-more\n    was: [again]")
    assert gone(pack, before) == []


def test_a_lesson_that_is_gone_is_told(pack: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    (before / "pack.yaml").write_text(PACK.replace("[descent]", "[descent, other]"))
    (before / "descent.yaml").write_text(GOOD.read_text())
    (before / "other.yaml").write_text(GOOD.read_text().replace("id: descent", "id: other"))
    (told,) = gone(pack, before)
    assert (told.kind, told.message) == ("gone", "lesson other is gone")


def test_a_lesson_of_another_name_says_what_it_was(pack: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for name in ("pack.yaml", "descent.yaml"):
        (before / name).write_text((pack / name).read_text())
    (before / "pack.yaml").write_text(PACK.replace("[descent]", "[descent, other]"))
    (before / "other.yaml").write_text(GOOD.read_text().replace("id: descent", "id: other"))
    text = GOOD.read_text().replace("id: descent", "id: second").replace("id: again", "id: more", 1)
    (pack / "pack.yaml").write_text(PACK.replace("[descent]", "[descent, second]"))
    (pack / "second.yaml").write_text(text)
    assert "lesson other is gone" in [one.message for one in gone(pack, before)]
    (pack / "second.yaml").write_text(text.replace("title:", "was: [other]\ntitle:", 1))
    (told,) = gone(pack, before)  # its steps are compared with those it had
    assert told.message == "step again of the previous version is gone; more is like it"


def test_an_earlier_id_that_is_another_lesson_is_told(pack: Path) -> None:
    edit(pack / "descent.yaml", "id: descent", "id: descent\nwas: [second]")
    (pack / "pack.yaml").write_text(PACK.replace("[descent]", "[descent, second]"))
    (pack / "second.yaml").write_text(GOOD.read_text().replace("id: descent", "id: second"))
    report = check([pack], against_torch=False)
    (told,) = findings(report)
    assert told[:2] == ("descent.yaml", "id")


def test_a_prerequisite_may_be_an_earlier_id(pack: Path) -> None:
    text = GOOD.read_text().replace("prerequisites:\n", "prerequisites:\n  - an-old-walk\n", 1)
    (pack / "pack.yaml").write_text(PACK.replace("[descent]", "[descent, second]"))
    (pack / "descent.yaml").write_text(text)
    second = GOOD.read_text().replace("id: descent", "id: second")
    (pack / "second.yaml").write_text(second)
    (told,) = findings(check([pack], against_torch=False))
    assert told[:2] == ("descent.yaml", "link")
    (pack / "second.yaml").write_text(second.replace("title:", "was: [an-old-walk]\ntitle:", 1))
    assert not findings(check([pack], against_torch=False))


def test_a_previous_version_that_is_none_is_no_run(pack: Path, tmp_path: Path) -> None:
    done = run(str(pack), "--against", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "there is no such file or folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_formats_of_the_command(pack: Path) -> None:
    edit(pack / "descent.yaml", "- w.grad is None", "- w.grad is 1")
    done = run(str(pack), "--format", "json")
    assert (done.returncode, done.stderr) == (1, "")  # no progress where there is no terminal
    assert json.loads(done.stdout)["lessons"][0]["findings"][0]["line"] == 35
    root = ElementTree.fromstring(run(str(pack), "--format", "junit").stdout)
    assert root.get("failures") == "1"
    assert run(str(pack), "--format", "github").stdout.startswith("::error file=")


def test_strict_wants_every_digit(pack: Path) -> None:
    edit(pack / "descent.yaml", "tensor([0.5000, 3.0000])", "tensor([0.5001, 3.0000])")
    assert run(str(pack)).returncode == 0
    done = run(str(pack), "--strict")
    assert (done.returncode, "descent.yaml:32:7: prints" in done.stdout) == (1, True), done.stdout


def test_a_fault_of_the_check_itself_is_told_where_it_is(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pack / "pack.yaml").unlink()
    (pack / "more.yaml").write_text(GOOD.read_text())

    def fails(runs: reading.Runs, *more: object) -> object:
        if runs.loaded.path.name == "descent.yaml":
            raise ZeroDivisionError("no\nway")
        return judge(runs, *more)

    judge = lessons.report
    monkeypatch.setattr(lessons, "report", fails)
    report = check([pack], against_torch=False)
    assert findings(report) == [("descent.yaml", "crash", "", 1)]
    assert report.lessons[0].findings[0].message.endswith("ZeroDivisionError: no")
