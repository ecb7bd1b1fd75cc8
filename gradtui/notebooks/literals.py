"""Code whose random calls are given their numbers, as code that needs nobody to give them.

`x = torch.randn(3, requires_grad=True)` with its draw becomes
`x = torch.tensor([1.5, -2.0, 0.5], requires_grad=True)`.
"""

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.language.draws import RANDOM
from gradtui.language.source import Span
from gradtui.session import Take
from gradtui.tape import values
from gradtui.tape.events import Operation, Value

SILENT = frozenset("print backward step zero_grad append extend update clear".split())
PLAIN = {"float32", "int64", "bool"}  # what torch.tensor makes of such numbers by itself
ELSEWHERE = "a function of another step uses its draws: the notebook draws other numbers"


def pinned(take: Take, step: str, code: str, given: int) -> tuple[str, str]:
    """The code with literals for the first `given` draws, and why some of it is not, if so.

    A call that runs once gets its tensor; one in a loop takes the next of a list before the code.
    """
    lines, lists, left = code.split("\n"), [], ""
    for number, (span, drawn) in enumerate(_sites(take, step, given), 1):
        literals = [_literal(value) for value in drawn]
        if span is None or None in literals or not _is_call(lines, span):
            left = ELSEWHERE
        elif len(literals) == 1:
            _put(lines, span, str(literals[0]))
        else:
            _put(lines, span, f"next(draws_{number})")
            rows = "".join(f"    {literal},\n" for literal in literals)
            lists.append(f"draws_{number} = iter([\n{rows}])")
    return "\n".join([*reversed(lists), *lines]), left


def silenced(code: str) -> str:
    """The code with `;` after a last expression: a notebook would show its value, a lesson not."""
    try:
        last = ast.parse(code).body[-1:]
    except SyntaxError:
        return code
    if not last or not isinstance(last[0], ast.Expr) or _called(last[0].value) in SILENT:
        return code
    lines = code.split("\n")
    row, column = (last[0].end_lineno or 1) - 1, last[0].end_col_offset or 0
    line = lines[row].encode()
    rest = line[column:].decode()
    if not rest.lstrip().startswith(";"):
        lines[row] = f"{line[:column].decode()};{rest}"
    return "\n".join(lines)


def _called(value: ast.expr) -> str:
    function = value.func if isinstance(value, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


def _sites(take: Take, step: str, given: int) -> list[tuple[Span | None, list[Value]]]:
    """The random calls among the first `given` draws, the last in the code first: what each drew."""
    here = take.ranges.get(step)
    events = take.tape.events[here.start : here.stop] if here is not None else ()
    drawn = [e for e in events if isinstance(e, Operation) and e.name in RANDOM and e.outputs]
    sites: dict[Span | None, list[Value]] = {}
    for event in drawn[:given]:
        sites.setdefault(event.span, []).append(event.outputs[0])
    return sorted(sites.items(), key=lambda site: _place(site[0]), reverse=True)


def _place(span: Span | None) -> tuple[int, int]:
    return (span.line, span.column) if span else (0, 0)


def _is_call(lines: Sequence[str], span: Span) -> bool:
    """Whether a span of the step's code is that of a random call: it may be of another step's."""
    if not 1 <= span.line <= span.end_line <= len(lines):
        return False
    first = lines[span.line - 1][span.column :]
    return any(name in first.partition("(")[0] for name in RANDOM)


def _put(lines: list[str], span: Span, literal: str) -> None:
    before = lines[span.line - 1][: span.column]
    after = lines[span.end_line - 1][span.end_column :]
    lines[span.line - 1 : span.end_line] = [before + literal + after]


def _literal(value: Value) -> str | None:
    """The tensor as Python makes it; None where its numbers were not kept."""
    array = values.array(value)
    if array is None:
        return None
    numbers = _written(array)
    dtype = "" if value.dtype in PLAIN else f", dtype=torch.{value.dtype}"
    grad = ", requires_grad=True" if value.requires_grad else ""
    return f"torch.tensor({numbers}{dtype}{grad})"


def _written(numbers: Any) -> str:
    """Nested lists of numbers, each in the fewest digits that tell it apart in its dtype."""
    numbers = np.asarray(numbers)
    if numbers.ndim:
        return f"[{', '.join(_written(one) for one in numbers)}]"
    if numbers.dtype.kind == "f":
        short = str(numbers)
        return short if np.isfinite(numbers) else f'float("{short}")'
    return str(numbers)
