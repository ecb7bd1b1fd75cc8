"""One recorded run being looked at: its tape, its rails, where on it we are, torch's verdicts."""

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from gradtui.course import templates
from gradtui.language.program import Program
from gradtui.oracle.compare import KINDS, Comparison, Verdict
from gradtui.oracle.rows import Rows
from gradtui.session.torch_link import Tally
from gradtui.tape.events import AnyEvent, Probed, StepBegan
from gradtui.tape.folds import Folds
from gradtui.tape.rails import Rails, layout
from gradtui.tape.tape import StepRange, Tape


class Take(Struct):
    """A tape with a position in it. Making one lays out its rails: not on the screen's thread."""

    tape: Tape
    rails: Rails
    comparison: Comparison
    ranges: dict[str, StepRange]
    folds: Folds  # which rows of the rails are shown
    probes: dict[tuple[str, str], Probed]  # what was asked after a step, by step and probe
    program: Program | None = None  # that was run
    rows: dict[int, Rows] = {}  # torch's word on Jacobians, by event
    position: int = 0
    tally: Tally = field(default_factory=Tally)
    stale: bool = True  # torch has said more since the tally was taken

    @classmethod
    def of(cls, tape: Tape, program: Program | None = None) -> "Take":
        ranges: dict[str, StepRange] = {}
        for each in tape.steps:
            ranges.setdefault(each.id, each)
        probes = {(step, event.id): event for step, event in _probes(tape)}
        rails = layout(tape)
        folds = Folds(tape, rails)
        return cls(tape, rails, Comparison(tape.events), ranges, folds, probes, program)

    @property
    def verdicts(self) -> Sequence[Verdict]:
        return self.comparison.verdicts

    def hear(self, events: Sequence[AnyEvent]) -> None:
        """Torch's next events."""
        self.comparison.feed(events)
        self.stale = True

    def heard_all(self, reason: str) -> None:
        """Torch says no more; `reason` tells why its run was cut short, if it was."""
        self.comparison.finish(reason)
        self.stale = True

    def count(self) -> None:
        """Bring the tally up to date: it costs a look at every verdict, so not with each batch."""
        if not self.stale:
            return
        self.stale = False
        counts = self.comparison.counts()
        self.tally = Tally(*(counts[kind] for kind in KINDS))

    def quoted(self, step: str, part: str, text: str) -> str:
        """Prose of a step with each `{{ … }}` replaced by what the program answered."""
        answers = {
            quote.expression: self.probes[step, f"quote:{part}:{at}"].text
            for at, quote in enumerate(templates.quotes(text))
            if (step, f"quote:{part}:{at}") in self.probes
        }
        return templates.render(text, answers)

    def answer(self, step: str, probe: str) -> Probed | None:
        return self.probes.get((step, probe))


def _probes(tape: Tape) -> Iterator[tuple[str, Probed]]:
    step = ""
    for event in tape.events:
        if isinstance(event, StepBegan):
            step = event.step
        elif isinstance(event, Probed):
            yield step, event
