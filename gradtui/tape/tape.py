"""The tape: the events of one run as immutable data, indexed, saved and opened again.

    tape = Tape(events, {"track-x": code})   # or TapeBuilder(sources).append(event)….tape()
    tape.steps[0]                            # StepRange(id='track-x', start=0, stop=7)
    tape.nodes[3].name                       # 'MulBackward0'
    tape.save(path); Tape.load(path)

The sources of the steps are optional: with them a tensor without a name is called by the very
sub-expression it came from.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from gradtui.language.source import Span
from gradtui.tape.events import AnyEvent, Node
from gradtui.tape.index import Index, PassRange, StepRange, index, slot

__all__ = ["PassRange", "StepRange", "Tape", "TapeBuilder", "TapeError"]

MAGIC = b"gradtui tape\n"
FORMAT = 1


class TapeError(Exception):
    """A file that is not a tape this version can open; the message is one line."""


class _Saved(msgspec.Struct, frozen=True):
    """What follows the format number in a file."""

    events: tuple[AnyEvent, ...]
    sources: dict[str, str]


class Tape:
    """An immutable run. Positions count events that have happened: 0 to `len(tape)`."""

    __slots__ = ("events", "index", "memo", "nodes", "sources", "steps")

    events: tuple[AnyEvent, ...]
    sources: Mapping[str, str]
    index: Index
    steps: tuple[StepRange, ...]
    nodes: Mapping[int, Node]
    memo: dict[Any, Any]  # what has been worked out about the run; it holds for every position

    def __init__(
        self, events: Iterable[AnyEvent] = (), sources: Mapping[str, str] | None = None
    ) -> None:
        self.events = tuple(events)
        self.sources = dict(sources or {})
        self.index = index(self.events)
        self.memo = {}
        self.steps, self.nodes = self.index.steps, self.index.nodes

    @property
    def last(self) -> int:
        """The position at the end of the last step, behind which answers were worked out."""
        return self.steps[-1].stop if self.steps else len(self)

    def __len__(self) -> int:
        return len(self.events)

    def step_at(self, position: int) -> StepRange | None:
        """The step a position lies in; a position at a step's very end belongs to it."""
        at = slot(self.index.step_starts, position)
        return self.steps[at - 1] if at else None

    def step_of(self, event: int) -> str:
        """The id of the step an event belongs to; "" outside all steps."""
        step = self.step_at(event + 1)
        return step.id if step else ""

    def source_text(self, step: str, span: Span | None) -> str:
        """The code a span stands for; "" where the step's source is unknown."""
        lines = self.sources.get(step, "").splitlines()
        if span is None or not 1 <= span.line <= span.end_line <= len(lines):
            return ""
        taken = lines[span.line - 1 : span.end_line]
        taken[-1] = taken[-1][: span.end_column]
        taken[0] = taken[0][span.column :]
        return "\n".join(taken)

    def retold(self, told: Mapping[int, AnyEvent]) -> Self:
        """The same run with some of its events told in more detail, by number."""
        events = list(self.events)
        nodes = dict(self.nodes)
        for at, event in told.items():
            events[at] = event
            nodes.update((node.id, node) for node in getattr(event, "nodes", ()))
        made = object.__new__(type(self))
        made.events, made.sources, made.index = tuple(events), self.sources, self.index
        made.steps, made.nodes, made.memo = self.steps, nodes, {}
        return made

    def save(self, path: Path | str) -> None:
        """Write the tape: a line that says what it is, the format's number, then msgpack."""
        body = msgspec.msgpack.encode(_Saved(self.events, dict(self.sources)))
        Path(path).write_bytes(MAGIC + msgspec.msgpack.encode(FORMAT) + body)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Open a saved tape; TapeError says in one line why it cannot be."""
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise TapeError(f"{path}: cannot be read: {error.strerror}") from error
        if not content.startswith(MAGIC):
            raise TapeError(f"{path}: not a gradtui tape")
        saved = _decode(str(path), content[len(MAGIC) :])
        try:
            return cls(saved.events, saved.sources)
        except (ValueError, OverflowError) as error:
            raise TapeError(f"{path}: damaged tape: {error}") from error


def _decode(path: str, content: bytes) -> _Saved:
    if content[:1] != bytes([FORMAT]):
        written = content[0] if content else "?"
        raise TapeError(f"{path}: tape format {written}, but this gradtui opens format {FORMAT}")
    try:
        return msgspec.msgpack.decode(content[1:], type=_Saved)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TapeError(f"{path}: damaged tape: {error}") from error


class TapeBuilder:
    """Collects events as they come."""

    def __init__(self, sources: Mapping[str, str] | None = None) -> None:
        self._events: list[AnyEvent] = []
        self._sources = sources

    def append(self, event: AnyEvent) -> Self:
        self._events.append(event)
        return self

    def tape(self) -> Tape:
        """The tape of what has come so far."""
        return Tape(self._events, self._sources)
