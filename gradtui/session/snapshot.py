"""What there is to draw at one moment of a session, as frozen data."""

from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

from gradtui.oracle.compare import Verdict
from gradtui.oracle.rows import Rows
from gradtui.session.scene import Scene, Variant
from gradtui.session.torch_link import Tally, TorchLink
from gradtui.tape import cursor
from gradtui.tape.events import AnyEvent
from gradtui.tape.folds import Folds
from gradtui.tape.rails import Rails
from gradtui.tape.state import State, tape_state
from gradtui.tape.tangents import Direction
from gradtui.tape.tape import StepRange, Tape
from gradtui.tape.versus import Run


class Snapshot(Struct, frozen=True):
    """All there is to draw, at one moment. `tape` is None until our own run is recorded."""

    title: str
    scenes: tuple[Scene, ...]
    at: int  # the scene
    tape: Tape | None
    rails: Rails | None
    folds: Folds | None  # which rows of the rails are shown
    position: int
    range: StepRange | None  # the scene's events
    verdicts: Sequence[Verdict]
    tally: Tally
    torch: TorchLink
    playing: bool
    speed: float
    variant: Variant | None
    changed: frozenset[int]  # events that differ from the lesson's own tape
    answered: frozenset[str]  # scenes whose question is answered or skipped
    skipped: frozenset[str]  # scenes whose question was passed over
    drilling: bool  # whether the nodes of backward passes are asked about
    solved: frozenset[str]  # scenes whose exercise is done with
    notice: str
    said: str  # the prose, with what it quotes
    explained: str  # what is said afterwards
    direction: Direction | None = None  # of the tangent that cards show, in forward mode
    beside: tuple[Run, Run] | None = None  # a what-if's step, and the original's
    rows: Rows | None = None  # what torch says of the Jacobians of the node that ran

    @property
    def scene(self) -> Scene:
        return self.scenes[self.at]

    @property
    def code(self) -> str:
        return self.variant.code.rstrip("\n") if self.variant else self.scene.code

    @property
    def state(self) -> State | None:
        return tape_state(self.tape, self.position) if self.tape is not None else None

    @property
    def event(self) -> AnyEvent | None:
        here = self.tape is not None and 0 < self.position <= len(self.tape)
        return self.tape.events[self.position - 1] if self.tape is not None and here else None

    @property
    def fresh(self) -> bool:
        """Nothing of the scene has run yet."""
        return self.range is None or self.position <= self.range.start + 1

    @property
    def finished(self) -> bool:
        """Nothing worth seeing is left in the scene."""
        return self.range is None or self.position >= self.last_stop

    @property
    def stops(self) -> int:
        """How many things worth seeing the scene has."""
        if self.tape is None or self.range is None:
            return 0
        stops = self.tape.index.stops
        first = bisect_left(stops, self.range.start + 1)
        return bisect_left(stops, self.range.stop) - first

    @property
    def last_stop(self) -> int:
        """The position after the last thing worth seeing in the scene."""
        if self.tape is None or self.range is None:
            return 0
        last = cursor.previous_stop(self.tape, self.range.stop + 1)
        return max(last, self.range.start + 1)
