"""Context managers that `contextlib` makes of other things, for lesson code: Python's rules, and a
budget that is spent passes them all.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtui.language.errors import OverBudget

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

ATTRIBUTES = frozenset({"enter_context", "callback", "push", "pop_all", "close"})
Leave = Callable[[BaseException | None], Any]


class ExitStack:
    """Managers and callbacks that are left in the order opposite to that in which they came."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._leaves: list[Leave] = []

    def _add(self, leave: Leave) -> None:
        self._runtime.budget.items(len(self._leaves) >> 8)
        self._leaves.append(leave)

    def enter_context(self, manager: Any) -> Any:
        """Enter `manager` and give what it gives."""
        kind = type(manager)
        if not (hasattr(kind, "__enter__") and hasattr(kind, "__exit__")):
            raise TypeError(
                f"'{kind.__module__}.{kind.__qualname__}' object does not support the context "
                "manager protocol"
            )
        value = kind.__enter__(manager)
        self.push(manager)
        return value

    def push(self, leave: Any) -> Any:
        """Have a manager left, or a function called like its `__exit__`."""
        kind = type(leave)
        own = kind in self._runtime.attributes.lesson_types or not hasattr(kind, "__exit__")

        def run(error: BaseException | None) -> Any:
            if own and isinstance(error, OverBudget):
                return False
            told = (None, None, None) if error is None else (type(error), error, None)
            if hasattr(kind, "__exit__"):
                return kind.__exit__(leave, *told)
            return self._runtime.call(leave, *told)

        self._add(run)
        return leave

    def callback(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Have `function` called with these arguments."""

        def run(error: BaseException | None) -> bool:
            if not isinstance(error, OverBudget):
                self._runtime.call(function, *args, **kwargs)
            return False

        self._add(run)
        return function

    def pop_all(self) -> "ExitStack":
        """A new stack that leaves what this one would have left."""
        other = ExitStack(self._runtime)
        other._leaves, self._leaves = self._leaves, []
        return other

    def close(self) -> None:
        """Leave everything now."""
        self.__exit__(None, None, None)

    def __enter__(self) -> "ExitStack":
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        given = error
        while self._leaves:
            try:
                if self._leaves.pop()(error):
                    error = None
            except BaseException as raised:
                raised.__context__ = raised.__context__ or error
                error = raised
        if error is not None and error is not given:
            raise error
        return given is not None and error is None


class Closing:
    """`closing(thing)`: calls `thing.close()` at the end."""

    def __init__(self, runtime: "Runtime", thing: Any) -> None:
        self._runtime, self._thing = runtime, thing

    def __enter__(self) -> Any:
        return self._thing

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if not isinstance(error, OverBudget):
            self._runtime.call(self._runtime.attributes.read(self._thing, "close"))
