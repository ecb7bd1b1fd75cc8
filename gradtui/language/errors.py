"""How a run can end early: refused before it starts, stopped over its budget, or failed as Python
fails.
"""

from dataclasses import dataclass, field

from gradtui.language.exits import Exit
from gradtui.language.source import Span


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """One thing the lesson language does not take: line from 1, column from 0 in characters."""

    line: int
    column: int
    message: str


class Refused(Exception):
    """The code was not run: every complaint about it, in the order of the source."""

    def __init__(self, complaints: tuple[Complaint, ...], name: str = "") -> None:
        self.complaints = complaints
        self.name = name
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One `name:line:column: message` per complaint, columns from 1 as editors count them."""
        head = f"{self.name}:" if self.name else ""
        return [f"{head}{c.line}:{c.column + 1}: {c.message}" for c in self.complaints]


class OverBudget(BaseException):
    """A cost was refused before it was paid. Lesson code cannot catch it."""

    def __init__(self, limit: str, allowed: float, what: str = "") -> None:
        self.limit = limit
        self.allowed = allowed
        self.what = what
        self.line: int | None = None
        self.span: Span | None = None
        super().__init__(limit, allowed, what)

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        about = f"{self.what}: " if self.what else ""
        if self.limit == "cancelled":
            return f"{where}cancelled"
        allowed = int(self.allowed) if self.allowed == int(self.allowed) else self.allowed
        return f"{where}{about}over the limit of {allowed:,} {UNITS[self.limit]}"


UNITS = {
    "statements": "statements",
    "operations": "operations",
    "elements": "elements in one operation",
    "live_bytes": "bytes alive at once",
    "integer_bits": "bits in one integer",
    "text": "characters or items in one value",
    "output": "characters printed",
    "recursion": "calls within one another",
    "seconds": "seconds",
    "loop_seconds": "seconds in one while loop",
}


class DrawMismatch(Exception):
    """A step's next draw has another shape than the random call asks for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One level of the lesson's own call stack: what ran (`<module>` outermost) and where it
    stood.
    """

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that nothing in the step caught.

    `text` is the last line Python would print, `Type: message`; `span` is the innermost expression
    at fault and `stack` the lesson's calls, outermost first.
    """

    type_name: str
    message: str
    text: str
    span: Span | None
    stack: tuple[Frame, ...]
    error: BaseException = field(compare=False)

    @property
    def exit(self) -> Exit | None:
        """The exit that the program asked for, if that is what ended it."""
        return self.error if isinstance(self.error, Exit) else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended: its error, if any, and how many of its draws nobody asked for."""

    error: Failure | None
    unused_draws: int = 0
