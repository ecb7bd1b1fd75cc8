"""What is known of the torch beside us, in one line."""

from enum import Enum

from msgspec import Struct
from msgspec.structs import replace


class TorchPhase(Enum):
    """Where torch's process is: the kinds of `gradtui.oracle.client.ChildState`."""

    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    RUNNING = "running"
    LOST = "lost"
    MISSING = "missing"
    CLOSED = "closed"


class TorchLink(Struct, frozen=True):
    """The process's state; `losses` counts how often it died or fell silent."""

    phase: TorchPhase = TorchPhase.OFF
    version: str = ""
    reason: str = ""
    losses: int = 0

    def turned(self, phase: TorchPhase, reason: str = "", version: str = "") -> "TorchLink":
        """The process is in another phase now."""
        return replace(
            self,
            phase=phase,
            reason=reason,
            version=version or self.version,
            losses=self.losses + (phase is TorchPhase.LOST),
        )

    @property
    def silent(self) -> bool:
        """Nothing will come from it, as things stand."""
        return self.phase in (TorchPhase.OFF, TorchPhase.MISSING, TorchPhase.CLOSED)


class Tally(Struct, frozen=True):
    """How many events have each verdict."""

    same: int = 0
    close: int = 0
    differs: int = 0
    waiting: int = 0
    uncompared: int = 0

    @property
    def total(self) -> int:
        return self.same + self.close + self.differs + self.waiting + self.uncompared
