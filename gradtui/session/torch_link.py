"""What is known of the torch beside us, in one line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol


class TorchPhase(Enum):
    """Where the torch child is."""

    OFF = "off"
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    LOST = "lost"
    MISSING = "missing"


class Verdict(Protocol):
    """What the comparison says of one event."""

    @property
    def kind(self) -> str: ...  # "same", "close", "differs", "waiting", "not compared"
    @property
    def reason(self) -> str: ...
    @property
    def ulps(self) -> int | float | None: ...


@dataclass(frozen=True, slots=True)
class TorchLink:
    """The child's state; `restarts` counts how often it had to be started again."""

    phase: TorchPhase = TorchPhase.OFF
    version: str = ""
    reason: str = ""
    restarts: int = 0

    def started(self) -> "TorchLink":
        return replace(self, phase=TorchPhase.STARTING)

    def running(self, version: str = "") -> "TorchLink":
        return replace(self, phase=TorchPhase.RUNNING, version=version or self.version)

    def done(self, version: str = "") -> "TorchLink":
        return replace(self, phase=TorchPhase.DONE, version=version or self.version)

    def lost(self, reason: str) -> "TorchLink":
        return replace(self, phase=TorchPhase.LOST, reason=reason, restarts=self.restarts + 1)

    def missing(self, reason: str) -> "TorchLink":
        return replace(self, phase=TorchPhase.MISSING, reason=reason)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many events have each verdict."""

    same: int = 0
    close: int = 0
    differs: int = 0
    waiting: int = 0
    uncompared: int = 0

    @property
    def total(self) -> int:
        return self.same + self.close + self.differs + self.waiting + self.uncompared


_FIELDS = {
    "same": "same",
    "close": "close",
    "differs": "differs",
    "waiting": "waiting",
    "not compared": "uncompared",
}


def tally(verdicts: Sequence[Verdict | None]) -> Tally:
    """Verdicts counted by kind; an event without one is waiting."""
    counts = dict.fromkeys(_FIELDS.values(), 0)
    for verdict in verdicts:
        counts[_FIELDS[verdict.kind] if verdict is not None else "waiting"] += 1
    return Tally(**counts)
