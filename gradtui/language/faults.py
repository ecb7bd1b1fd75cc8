"""Reading an error: where in the lesson it arose, and the line Python would end its report with."""

import traceback
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from gradtui.language.errors import Failure, Frame, OverBudget
from gradtui.language.source import Span

_HERE = __name__.rpartition(".")[0]


def _frames(error: BaseException) -> Iterator[FrameType]:
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").startswith(_HERE):
            yield trace.tb_frame
        trace = trace.tb_next


def _marks(error: BaseException) -> Iterator[tuple[str, Any]]:
    """The lesson functions and spans an error passed, outermost first."""
    for frame in _frames(error):
        local = frame.f_locals
        at = local.get("at")
        if isinstance(at, Span):
            yield "at", at
        elif "lesson_function" in local:
            yield "function", local["lesson_function"]


def innermost(error: BaseException) -> Span | None:
    """The span of the innermost lesson expression `error` passed through."""
    found = None
    for kind, mark in _marks(error):
        if kind == "at":
            found = mark
    return found


def lesson_stack(error: BaseException) -> tuple[Frame, ...]:
    """The lesson's calls at the moment of `error`, each with where it stood, outermost first."""
    stack: list[Frame] = []
    name, span = "<module>", None
    for kind, mark in _marks(error):
        if kind == "at":
            span = mark
        else:
            if span is not None:
                stack.append(Frame(name, span))
            name, span = mark, None
    if span is not None:
        stack.append(Frame(name, span))
    return tuple(stack)


def failure(error: BaseException, names: Iterable[str], *, line: bool = True) -> Failure:
    """What there is to say about an uncaught `error`; `names` are those it could have meant."""
    span = innermost(error)
    if isinstance(error, OverBudget) and span is not None and line:
        error.line = span.line
    stack = lesson_stack(error)
    text = _last_line(error, names)
    type_name, _, message = text.partition(": ")
    return Failure(type_name, message, text, span, stack, error)


def _last_line(error: BaseException, names: Iterable[str]) -> str:
    if isinstance(error, OverBudget):
        return f"OverBudget: {error}"
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError) and error.name:
        near = suggestion(error.name, names)
        hint = f". Did you mean: '{near}'?" if near else ""
        return f"{type(error).__name__}: {error}{hint}"
    try:
        report = traceback.TracebackException(type(error), error, None)
        lines = "".join(report.format_exception_only()).rstrip("\n")
    except (KeyboardInterrupt, OverBudget):
        raise
    except BaseException:
        lines = f"{type(error).__name__}: <exception str() failed>"
    return lines


def suggestion(wrong: str, names: Iterable[str]) -> str | None:
    """The name Python would offer instead of `wrong`, by its own distance and limits."""
    best, found = len(wrong) * _MOVE, None
    candidates = sorted(set(names))
    if len(wrong) > 40 or len(candidates) > 750:
        return None
    for name in candidates:
        limit = min((len(name) + len(wrong) + 3) * _MOVE // 6, best - 1)
        if name == wrong or len(name) > 40:
            continue
        distance = _distance(wrong, name, limit)
        if distance <= limit and (found is None or distance < best):
            best, found = distance, name
    return found


_MOVE, _CASE = 2, 1


def _cost(a: str, b: str) -> int:
    if a == b:
        return 0
    return _CASE if a.lower() == b.lower() else _MOVE


def _distance(a: str, b: str, limit: int) -> int:
    """Levenshtein's distance with moves of cost 2 and changes of case of cost 1, as in CPython."""
    row = [j * _MOVE for j in range(len(b) + 1)]
    for i, left in enumerate(a, 1):
        before, row = row, [i * _MOVE]
        for j, right in enumerate(b, 1):
            row.append(
                min(before[j - 1] + _cost(left, right), before[j] + _MOVE, row[j - 1] + _MOVE)
            )
        if min(row) > limit:
            return limit + 1
    return row[-1]
