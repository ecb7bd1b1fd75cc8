"""`warnings` as lesson code gets it: its own are shown with its lines, those of the engine too, and
`catch_warnings` keeps them.
"""

import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtui.language.faults import standing
from gradtui.language.tables import words

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

NAMES = words("catch_warnings filterwarnings resetwarnings simplefilter warn")
MOST_GAPS = 2  # `.*` in a pattern: more could take for ever to match


class Catching:
    """`catch_warnings`: with `record`, a list of what would have been shown."""

    entered = 0  # how many are around: filters hold within one, and the user's own stay

    def __init__(self, *, record: bool = False, **rest: Any) -> None:
        self._real = warnings.catch_warnings(record=record)

    def __enter__(self) -> Any:
        Catching.entered += 1
        return self._real.__enter__()

    def __exit__(self, *error: Any) -> None:
        Catching.entered -= 1
        self._real.__exit__(*error)


def function(runtime: "Runtime", name: str) -> Callable[..., Any]:
    """What a call of `warnings.<name>` runs."""
    found: dict[str, Callable[..., Any]] = {
        "catch_warnings": Catching,
        "filterwarnings": _filter,
        "simplefilter": _simple,
        "resetwarnings": lambda: warnings.resetwarnings() if Catching.entered else None,
        "warn": _warner(runtime),
    }
    return found[name]


def _warner(runtime: "Runtime") -> Callable[..., None]:
    shown: dict[Any, Any] = {}

    def warn(message: Any, category: Any = None, stacklevel: int = 1, source: Any = None) -> None:
        runtime.meters.spelled(message)
        runtime.budget.output(len(str(message)))
        at = standing()
        kind = type(message) if isinstance(message, Warning) else category or UserWarning
        if not (isinstance(kind, type) and issubclass(kind, Warning)):
            raise TypeError("category must be a Warning subclass, not 'type'")
        warnings.warn_explicit(message, kind, "<lesson>", at.line if at else 1, registry=shown)

    return warn


def _simple(action: str, category: type[Warning] = Warning, *rest: Any, **named: Any) -> None:
    if Catching.entered:
        warnings.simplefilter(action, category, *rest, **named)  # type: ignore[arg-type]


def _filter(
    action: str, message: str = "", category: type[Warning] = Warning, *rest: Any, **named: Any
) -> None:
    if not Catching.entered:
        return
    gaps = message.split(".*")
    if len(gaps) > MOST_GAPS + 1:
        raise ValueError(f"a filter may have {MOST_GAPS} times .* in the lesson language")
    warnings.filterwarnings(action, ".*".join(map(re.escape, gaps)), category)  # type: ignore[arg-type]
