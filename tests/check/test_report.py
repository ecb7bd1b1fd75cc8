"""A report reads well, and says the same to machines."""

import json
import subprocess
import sys
from pathlib import Path

from gradtui.check.findings import Counts, Finding, LessonReport, Report
from gradtui.check.report import as_json, as_text

TEXT = "format: 1\nid: small\nsteps:\n  - {id: a\x1b, code: x}\n"
BAD = LessonReport(
    Path("small.yaml"),
    "small",
    0.25,
    Counts(1200, 3, 1, 0),
    (
        Finding("a", "prints", "prints 3", 2, 5),
        Finding("", "schema", "ends \x1b[31m here", 4, 12),
    ),
    TEXT,
)
GOOD = LessonReport(Path("good.yaml"), "good", 0.5, Counts(7), ())


def test_text() -> None:
    assert as_text(Report([BAD, GOOD], 1.0)) == (
        "small.yaml:2:5: prints in step a: prints 3\n"
        "     2 | id: small\n"
        "       |     ^\n"
        "\n"
        "small.yaml:4:12: schema: ends �[31m here\n"
        "     4 |   - {id: a�, code: x}\n"
        "       |            ^\n"
        "\n"
        "small: 2 findings (1,204 events compared with torch: 1,200 the same, 3 close,"
        " 1 different; 0.25 s)\n"
        "good: ok (7 events compared with torch: 7 the same; 0.50 s)\n"
        "2 lessons, 2 findings, 1.00 s\n"
    )


def test_json() -> None:
    assert json.loads(as_json(Report([BAD, GOOD], 1.0))) == {
        "ok": False,
        "seconds": 1.0,
        "lessons": [
            {
                "path": "small.yaml",
                "id": "small",
                "ok": False,
                "seconds": 0.25,
                "compared": {"same": 1200, "close": 3, "differs": 1, "not_compared": 0},
                "findings": [
                    {"step": "a", "kind": "prints", "message": "prints 3", "line": 2, "column": 5},
                    {
                        "step": "",
                        "kind": "schema",
                        "message": "ends \x1b[31m here",
                        "line": 4,
                        "column": 12,
                    },
                ],
            },
            {
                "path": "good.yaml",
                "id": "good",
                "ok": True,
                "seconds": 0.5,
                "compared": {"same": 7, "close": 0, "differs": 0, "not_compared": 0},
                "findings": [],
            },
        ],
    }


def test_exit_codes() -> None:
    assert Report([GOOD], 1.0).exit_code == 0
    assert Report([GOOD, BAD], 1.0).exit_code == 1
    assert Report([GOOD], 1.0, "torch is missing").exit_code == 2
    assert "could not finish: torch is missing" in as_text(Report([], 1.0, "torch is missing"))


def test_a_check_loads_no_textual() -> None:
    code = "import sys, gradtui.check.runner, gradtui.check.report; print('textual' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False\n"
