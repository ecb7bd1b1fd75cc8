"""One recorded run being looked at: its tape, its rails, where on it we are, torch's verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gradtui.oracle.compare import Comparison, Verdict
from gradtui.session.torch_link import Tally, tally
from gradtui.tape.events import AnyEvent, Probed
from gradtui.tape.rails import Rails, layout
from gradtui.tape.tape import StepRange, Tape


@dataclass(slots=True)
class Take:
    """A tape with a position in it. Making one lays out the rails, so do it off the screen's thread."""

    tape: Tape
    rails: Rails
    comparison: Comparison
    ranges: dict[str, StepRange]
    probes: dict[str, Probed]  # the answers asked for after each step, by id
    position: int = 0
    tally: Tally = field(default_factory=Tally)

    @classmethod
    def of(cls, tape: Tape) -> "Take":
        ranges = {each.id: each for each in tape.steps}
        probes = {event.id: event for event in tape.events if isinstance(event, Probed)}
        return cls(tape, layout(tape), Comparison(tape.events), ranges, probes)

    @property
    def verdicts(self) -> Sequence[Verdict | None]:
        return self.comparison.verdicts

    def hear(self, events: Sequence[AnyEvent]) -> None:
        """Torch's next events."""
        self.comparison.feed(events)
        self.tally = tally(self.verdicts)
