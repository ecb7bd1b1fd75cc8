"""A report reads well, and says the same to machines."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gradtui.check.findings import Counts, Finding, LessonReport, Report
from gradtui.check.kinds import KINDS, as_markdown
from gradtui.check.report import FORMATS
from gradtui.course.problems import Position

TEXT = "format: 1\nid: small\nsteps:\n  - {id: a\x1b, code: x}\n"
BAD = LessonReport(
    Path("some,where", "small.yaml"),
    "small",
    0.25,
    Counts(1200, 3, 1, 0),
    (
        Finding("a", "prints", "prints 100%: 3", 2, 5),
        Finding("", "schema", "ends \x1b[31m here", 4, 12),
        Finding("b/other", "what_if", "does just that", 4, 1),
    ),
    TEXT,
    (("a", 2), ("b", 3)),
)
GOOD = LessonReport(Path("good.yaml"), "good", 0.5, Counts(7), (), "", (("one", 5),))
PRINTS = KINDS["prints"].mend
WHAT_IF = KINDS["what_if"].mend


def test_text() -> None:
    assert FORMATS["text"](Report([BAD, GOOD], 1.0)) == (
        "some,where/small.yaml:2:5: prints in step a: prints 100%: 3\n"
        "     2 | id: small\n"
        "       |     ^\n"
        f"       = {PRINTS}\n"
        "\n"
        "some,where/small.yaml:4:12: schema: ends �[31m here\n"
        "     4 |   - {id: a�, code: x}\n"
        "       |            ^\n"
        "\n"
        "some,where/small.yaml:4:1: what_if in step b/other: does just that\n"
        "     4 |   - {id: a�, code: x}\n"
        "       | ^\n"
        f"       = {WHAT_IF}\n"
        "\n"
        "small: 3 findings (1,204 events compared with torch: 1,200 the same, 3 close,"
        " 1 different; 0.25 s)\n"
        "good: ok (7 events compared with torch: 7 the same; 0.50 s)\n"
        "2 lessons, 3 findings, 1.00 s\n"
    )


def test_json() -> None:
    told = json.loads(FORMATS["json"](Report([BAD, GOOD], 1.0)))
    assert told["ok"] is False
    assert told["seconds"] == 1.0
    bad, good = told["lessons"]
    assert good == {
        "path": "good.yaml",
        "id": "good",
        "ok": True,
        "seconds": 0.5,
        "compared": {"same": 7, "close": 0, "differs": 0, "not_compared": 0},
        "findings": [],
    }
    assert bad["findings"][0] == {
        "step": "a",
        "kind": "prints",
        "message": f"prints 100%: 3 ({PRINTS})",
        "line": 2,
        "column": 5,
    }
    assert set(bad) == set(good)


def test_junit_has_a_test_for_each_step() -> None:
    told = FORMATS["junit"](Report([BAD, GOOD], 1.0, "no \x1btorch"))
    root = ElementTree.fromstring(told)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "3", "1")
    bad, good, trouble = root
    assert [(one.get("name"), one.get("line"), len(one)) for one in bad] == [
        ("lesson", "4", 1),
        ("a", "2", 1),
        ("b", "3", 1),
    ]
    assert all(one.get("file") == "some,where/small.yaml" for one in bad)
    failure = bad[1][0]
    assert (failure.get("type"), failure.get("message")) == ("prints", "prints 100%: 3")
    assert str(failure.text).startswith("some,where/small.yaml:2:5: prints: prints 100%: 3")
    assert [(one.get("name"), len(one)) for one in good] == [("one", 0)]
    assert trouble[0][0].get("message") == "no �torch"


def test_github_escapes_what_it_must() -> None:
    lines = FORMATS["github"](Report([BAD], 1.0, "50%\nof it")).splitlines()
    assert lines[0] == (
        "::error file=some%2Cwhere/small.yaml,line=2,col=5,title=prints in step a::"
        f"prints 100%25: 3 ({PRINTS})"
    )
    assert lines[1].endswith("title=schema::ends �[31m here")
    assert lines[3] == "::error::50%25%0Aof it"


def test_github_names_files_as_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lesson = LessonReport(tmp_path / "a b.yaml", "a", 0.1, Counts(), BAD.findings[:1])
    told = FORMATS["github"](Report([lesson], 1.0))
    assert told.startswith("::error file=a b.yaml,line=2,")


def test_exit_codes() -> None:
    assert Report([GOOD], 1.0).exit_code == 0
    assert Report([GOOD, BAD], 1.0).exit_code == 1
    assert Report([GOOD], 1.0, "torch is missing").exit_code == 2
    absent = Finding.at(Position(1, 1), "", "absent", "there is no such file or folder")
    nothing = LessonReport(Path("nowhere"), "nowhere", 0.0, Counts(), (absent,))
    assert Report([GOOD, nothing], 1.0).exit_code == 2
    told = FORMATS["text"](Report([], 1.0, "torch is missing"))
    assert "could not finish: torch is missing" in told


def test_every_kind_says_how_to_mend_it() -> None:
    by_message = {"schema", "language", "id"}  # each message of these says it itself
    assert {kind for kind, row in KINDS.items() if not row.mend} == by_message
    assert all(row.says for row in KINDS.values())


def test_the_table_of_kinds_is_the_one_in_the_docs() -> None:
    docs = Path(__file__).parents[2] / "docs" / "findings.md"
    assert docs.read_text("utf-8") == as_markdown() + "\n"


def test_a_check_loads_no_textual() -> None:
    code = "import sys, gradtui.check.runner, gradtui.check.report; print('textual' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"
