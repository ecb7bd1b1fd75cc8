"""`SystemExit` as lesson code raises and catches it, and the status a program ends with."""

from typing import Any


class Exit(BaseException):
    """What `sys.exit` raises: a lesson may catch it, and it ends no process but the program."""

    @property
    def code(self) -> Any:
        """What `sys.exit` was given, or None."""
        return self.args[0] if len(self.args) == 1 else self.args or None

    @property
    def status(self) -> int:
        """The exit status, from 0 to 255."""
        if self.code is None:
            return 0
        return int(self.code) & 255 if isinstance(self.code, int) else 1

    @property
    def parting(self) -> str:
        """What Python writes to stderr at the end, or nothing."""
        return "" if self.code is None or isinstance(self.code, int) else str(self.code)


Exit.__name__ = Exit.__qualname__ = "SystemExit"
Exit.__module__ = "builtins"


def leave(*code: Any) -> None:
    """`sys.exit`, `exit` and `quit`."""
    if len(code) > 1:
        raise TypeError(f"exit expected at most 1 argument, got {len(code)}")
    raise Exit(*code)
