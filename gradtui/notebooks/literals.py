"""Code whose random calls are given their numbers, as code that needs nobody to give them.

`x = torch.randn(3, requires_grad=True)` with its draw becomes
`x = torch.tensor([1.5, -2.0, 0.5], requires_grad=True)`.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.language.draws import RANDOM
from gradtui.language.source import Span
from gradtui.session import Take
from gradtui.tape import values
from gradtui.tape.events import Operation, Value

PLAIN = {"float32", "int64", "bool"}  # what torch.tensor makes of such numbers by itself
ELSEWHERE = "its draws are used in a loop or a function: the notebook draws other numbers"


def pinned(take: Take, step: str, code: str, given: int) -> tuple[str, str]:
    """The code with literals for the first `given` draws, and why some of it is not, if so."""
    here = take.ranges.get(step)
    events = take.tape.events[here.start : here.stop] if here is not None else ()
    drawn = [e for e in events if isinstance(e, Operation) and e.name in RANDOM and e.outputs]
    drawn = drawn[:given]
    places = Counter(event.span for event in drawn)
    lines = code.split("\n")
    left = ""
    for event in sorted(drawn, key=_place, reverse=True):
        literal = _literal(event.outputs[0])
        span = event.span
        if span is None or places[span] > 1 or literal is None or not _is_call(lines, span):
            left = ELSEWHERE
        else:
            _put(lines, span, literal)
    return "\n".join(lines), left


def _place(event: Operation) -> tuple[int, int]:
    return (event.span.line, event.span.column) if event.span else (0, 0)


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
