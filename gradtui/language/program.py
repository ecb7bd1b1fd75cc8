"""What to run, as data: steps of code with the draws they are given and the probes asked after."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Draw: TypeAlias = Any  # a number or nested lists of numbers: what one random call returns


@dataclass(frozen=True, slots=True)
class Limits:
    """The budget of one run; every cost is charged before it is paid."""

    statements: int = 20_000
    operations: int = 2_000_000
    elements: int = 50_000_000  # array elements allocated in one call
    live_bytes: int = 1_000_000_000
    integer_bits: int = 100_000
    text: int = 1_000_000  # characters of one string, items of one list
    output: int = 1_000_000  # characters printed
    recursion: int = 200  # calls of lesson functions within one another
    seconds: float = 1.5
    loop_seconds: float = 0.8  # of one `while` loop, the only kind that may have no end


@dataclass(frozen=True, slots=True)
class Probe:
    """An expression evaluated after a step, unseen by the tape: a check, a template, an answer."""

    id: str
    expression: str


@dataclass(frozen=True, slots=True)
class ProgramStep:
    """One step's code, what its random calls return, and what is asked of the state it leaves."""

    id: str
    code: str
    draws: tuple[Draw, ...] = ()
    probes: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True)
class Scratch:
    """Lines tried at a moment of a run: after so many `events` of a step, before all that follows.

    The lines run one after another, each seeing what those before it did; the run ends with them.
    """

    step: str
    events: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A node by its number, in backward pass `number` of a run: its Jacobians are to be read.

    With `tangents`, u along each edge, also the J·u that a Function's own jvp() gives.
    """

    number: int
    node: int
    tangents: tuple[tuple[float, ...] | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """Steps run in order in one namespace; an uncaught error ends its step, not the program.

    `watched` asks for every event; without it only prints and errors are told, and it runs faster.
    Steps before number `told_from` only prepare the state of those that are told of. `then` are
    programs to play afterwards in the same process, each from its own beginning. With `scratch`
    nothing is told but what its lines give, with `look` nothing but rows of a node's Jacobians.
    """

    name: str
    steps: tuple[ProgramStep, ...]
    seed: int = 0
    limits: Limits = field(default_factory=Limits)
    watched: bool = True
    told_from: int = 0
    then: tuple["Program", ...] = ()
    scratch: Scratch | None = None
    look: Look | None = None

    @property
    def patience(self) -> float:
        """Seconds that it and the programs after it may take."""
        lines = len(self.scratch.lines) if self.scratch is not None else 0
        return self.limits.seconds * (1 + lines) + sum(each.patience for each in self.then)

    @property
    def codes(self) -> Iterator[str]:
        """The code of every step, of those that follow too."""
        yield from (step.code for step in self.steps)
        if self.scratch is not None:
            yield from self.scratch.lines
        for program in self.then:
            yield from program.codes
