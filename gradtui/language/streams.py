"""Where text can go besides stdout: `sys.stderr`, `io.StringIO`, and `redirect_stdout` for a while.

Nothing here opens or is a file: a stream is a place in the run, and what is written is charged.
"""

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

OUTPUT = frozenset(["write", "writelines", "flush", "isatty", "encoding"])
BUFFER = OUTPUT - {"encoding"} | {
    *("getvalue", "read", "readline", "readlines", "seek", "tell", "truncate", "close", "closed"),
}


class Output:
    """`sys.stdout` or `sys.stderr`."""

    encoding = "utf-8"

    def __init__(self, name: str, put: Callable[[str], None]) -> None:
        self._name, self._put = name, put

    def write(self, text: Any, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._put(text)
        return len(text)

    def writelines(self, lines: Any, /) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<_io.TextIOWrapper name='<{self._name}>' mode='w' encoding='utf-8'>"


class StringIO:
    """`io.StringIO` whose text is charged as it grows."""

    def __init__(
        self, runtime: "Runtime", initial_value: str | None = "", newline: str | None = "\n"
    ) -> None:
        self._runtime = runtime
        runtime.budget.text(len(initial_value or ""))
        self._text = io.StringIO(initial_value, newline)
        self._most = len(initial_value or "")

    def write(self, text: Any, /) -> int:
        if isinstance(text, str):
            self._most = max(self._most, self._text.tell()) + len(text)
            self._runtime.budget.text(self._most)
            self._runtime.budget.operations(1)
        return self._text.write(text)

    def writelines(self, lines: Any, /) -> None:
        for line in self._runtime.consume(lines):
            self.write(line)

    def seek(self, place: int, whence: int = 0, /) -> int:
        if isinstance(place, int):
            self._runtime.budget.text(max(place, 0))
        return self._text.seek(place, whence)

    def flush(self) -> None:
        self._text.flush()

    def isatty(self) -> bool:
        return False

    def __enter__(self) -> "StringIO":
        self._text.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._text.close()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._runtime.budget.tick()
        return next(self._text)

    @property
    def closed(self) -> bool:
        return self._text.closed


def _read(name: str) -> Callable[..., Any]:
    def read(self: StringIO, *args: Any) -> Any:
        if not self._text.closed:
            self._runtime.budget.text(self._most)
        return getattr(self._text, name)(*args)

    read.__name__ = read.__qualname__ = name
    return read


for _name in ("getvalue", "read", "readline", "readlines", "tell", "truncate", "close"):
    setattr(StringIO, _name, _read(_name))
StringIO.__module__ = "_io"
StringIO.__qualname__ = "StringIO"


class Redirect:
    """`redirect_stdout(target)`: what is printed meanwhile goes to `target`."""

    def __init__(self, runtime: "Runtime", target: Any) -> None:
        self._runtime, self._target = runtime, target

    def __enter__(self) -> Any:
        self._runtime.redirected.append(self._target)
        return self._target

    def __exit__(self, *error: Any) -> None:
        self._runtime.redirected.pop()


class RedirectErrors:
    """`redirect_stderr(target)`, the same for what goes to stderr."""

    def __init__(self, runtime: "Runtime", target: Any) -> None:
        self._runtime, self._target = runtime, target
        self._kept: Any = None

    def __enter__(self) -> Any:
        self._kept = self._runtime.errors
        self._runtime.errors = lambda text: write(self._runtime, self._target, text)
        return self._target

    def __exit__(self, *error: Any) -> None:
        self._runtime.errors = self._kept


def write(runtime: "Runtime", target: Any, text: str) -> None:
    """`target.write(text)` for a stream of this module, or a lesson's own object."""
    if isinstance(target, Output | StringIO):
        target.write(text)
        return
    runtime.call(runtime.attributes.read(target, "write"), text)
