"""Reading an error: where in the lesson it arose, and the line Python would end its report with."""

import builtins
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from types import FrameType
from typing import Any

from gradtui.language.errors import Failure, Frame, OverBudget
from gradtui.language.frames import UNSET, Cell
from gradtui.language.scopes import Scope
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
        elif isinstance(local.get("lesson_function"), Scope):
            yield "function", local["lesson_function"].name


def standing() -> Span | None:
    """The span of the lesson's expression that is being evaluated in this thread."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        at = frame.f_locals.get("at")
        if isinstance(at, Span) and frame.f_globals.get("__name__", "").startswith(_HERE):
            return at
        frame = frame.f_back
    return None


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


def locate(spent: OverBudget) -> None:
    """Write into a spent budget's error where the lesson stood."""
    spent.span = innermost(spent)
    spent.line = spent.span.line if spent.span is not None else None


def failure(error: BaseException, variables: Iterable[str]) -> Failure:
    """What there is to say about an uncaught `error`; `variables` are the global ones."""
    span = innermost(error)
    stack = lesson_stack(error)
    text = _last_line(error, variables)
    type_name, _, message = text.partition(": ")
    return Failure(type_name, message, text, span, stack, error)


def _last_line(error: BaseException, variables: Iterable[str]) -> str:
    try:
        report = traceback.TracebackException(type(error), error, None)
        line = "".join(report.format_exception_only()).rstrip("\n")
    except (KeyboardInterrupt, OverBudget):
        raise
    except BaseException:
        return f"{type(error).__name__}: <exception str() failed>"
    line = writable(line)
    near = _meant(error, variables)
    return f"{line}. Did you mean: '{near}'?" if near and "Did you mean" not in line else line


def writable(text: str) -> str:
    """The text with half characters spelled, as Python writes errors."""
    return text.encode("utf-8", "backslashreplace").decode()


def _meant(error: BaseException, variables: Iterable[str]) -> str | None:
    """The name Python would suggest for a misspelt variable or attribute."""
    wrong = getattr(error, "name", None)
    if not isinstance(wrong, str):
        return None
    if isinstance(error, NameError):
        scopes = [_locals(error), list(variables), list(vars(builtins))]
    elif isinstance(error, AttributeError) and error.obj is not None:
        scopes = [_listed(error.obj)]
    else:
        return None
    return next(filter(None, (suggestion(wrong, names) for names in scopes)), None)


def _listed(value: Any) -> list[str]:
    """The attributes of a value; none of one that was never begun."""
    try:
        return dir(value)
    except Exception:
        return []


def _locals(error: BaseException) -> list[str]:
    """The names bound in the lesson function in which `error` arose."""
    found: list[str] = []
    for frame in _frames(error):
        scope, slots = (frame.f_locals.get(name) for name in ("lesson_function", "frame"))
        if isinstance(scope, Scope) and isinstance(slots, list):
            found = [name for name, slot in scope.slots.items() if _is_bound(slots[slot])]
    return found


def _is_bound(value: Any) -> bool:
    return (value.value if isinstance(value, Cell) else value) is not UNSET


def suggestion(wrong: str, names: Sequence[str]) -> str | None:
    """The name Python would offer instead of `wrong`, by its own distance and limits."""
    if len(wrong) > LONGEST_NAME or len(names) > MOST_NAMES:
        return None
    best, found = 10**9, None
    for name in names:
        limit = min((len(name) + len(wrong) + 3) * _MOVE // 6, best - 1)
        if name == wrong or len(name) > LONGEST_NAME:
            continue
        distance = _distance(wrong, name, limit)
        if distance <= limit:
            best, found = distance, name
    return found


LONGEST_NAME, MOST_NAMES = 40, 749  # CPython's own limits
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
