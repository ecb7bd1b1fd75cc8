"""torch's own tests of its operators, run on the engine: every operator of op_db it has.

`pytest tests/engine/test_opinfo.py` runs some samples of each operator and all its error inputs;
with GRADTUI_ALL=1 it runs every sample. The figures are printed at the end.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from opinfo import operators
from opinfo_checks import Report, check, check_errors
from opinfo_tables import DIFFERENT, OPERATORS_APART

DTYPES = (torch.float32, torch.float64, torch.int64, torch.bool, torch.float16)
LIMITS = dict.fromkeys(DTYPES, 0 if os.environ.get("GRADTUI_ALL") else 3)
if not os.environ.get("GRADTUI_ALL"):
    LIMITS[torch.float32] = 8
HAVE, LACK = operators()


class Summary:
    """What all operators together came to, printed when the session ends."""

    def __init__(self) -> None:
        self.total = Report()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("op_db")
        for line in self.total.lines():
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"{len(LACK)} entries of op_db that the engine lacks")


@pytest.fixture(scope="module")
def summary(request: pytest.FixtureRequest) -> Iterator[Summary]:
    made = Summary()
    request.config.pluginmanager.register(made)
    return made


def cases() -> Iterator[Any]:
    for op in HAVE:
        name = op.formatted_name
        marks = []
        if name in OPERATORS_APART:
            marks = [pytest.mark.skip(reason=OPERATORS_APART[name])]
        elif name in DIFFERENT:
            marks = [pytest.mark.xfail(reason=DIFFERENT[name], strict=True)]
        yield pytest.param(op, id=name, marks=marks)


@pytest.mark.parametrize("op", list(cases()))
def test_operator(op: Any, summary: Summary) -> None:
    report = check_errors(op)
    report.operators = 1
    for dtype in DTYPES:
        if dtype in op.dtypes:
            part = check(op, dtype, LIMITS[dtype])
            report.add(part)
            report.found += part.found
    if op.formatted_name not in DIFFERENT:
        summary.total.add(report)
    if report.found:
        shown = "\n".join(report.found[:10])
        pytest.fail(f"{len(report.found)} differences, the first of them:\n{shown}", pytrace=False)
