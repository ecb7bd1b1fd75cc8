"""What is found out behind the screen, told to the player."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradtui.course.progress import Place
    from gradtui.language.program import Look
    from gradtui.oracle.rows import Rows
    from gradtui.session import Take
    from gradtui.session.comparing import Compared
    from gradtui.session.own import Version
    from gradtui.tape.events import AnyEvent, NodeRan
    from gradtui.tui.memory import Memory
    from gradtui.tui.opening import Opening
    from gradtui.tui.shelf import Shelf


@dataclass(eq=False, repr=False)
class Opened(Message):
    """A lesson, or a script, is read."""

    opening: "Opening"


@dataclass(eq=False, repr=False)
class Remembered(Message):
    """What is known of the learner in this lesson, before its run is recorded."""

    memory: "Memory"
    place: "Place | None"
    answered: tuple[str, ...]


@dataclass(eq=False, repr=False)
class Told(Message):
    """One line for the learner, from behind the screen."""

    line: str


@dataclass(eq=False, repr=False)
class Recorded(Message):
    """Our own run of it is recorded."""

    take: "Take"


@dataclass(eq=False, repr=False)
class Reopened(Message):
    """A lesson that is watched was saved: it is read and recorded anew."""

    opening: "Opening"
    take: "Take"


@dataclass(eq=False, repr=False)
class Varied(Message):
    """A what-if is recorded."""

    step: str
    variant: str
    take: "Take"


@dataclass(eq=False, repr=False)
class Attempted(Message):
    """A learner's code for an exercise has run."""

    take: "Take"


@dataclass(eq=False, repr=False)
class Versioned(Message):
    """A version of a step that is the learner's own is recorded."""

    step: str
    version: "Version"


@dataclass(eq=False, repr=False)
class Laid(Message):
    """Two tapes are compared: another version's with that of `lesson`, or of a solution."""

    compared: "Compared"
    lesson: "Take"


@dataclass(eq=False, repr=False)
class Tried(Message):
    """What a line of the scratch pad gives here."""

    number: int
    events: "tuple[AnyEvent, ...]"


@dataclass(eq=False, repr=False)
class TriedOnTorch(Message):
    """What it gives on torch; with a `reason` torch could not say."""

    number: int
    events: "tuple[AnyEvent, ...]"
    reason: str = ""


@dataclass(eq=False, repr=False)
class Looked(Message):
    """What a look at a node gave: torch's word on its Jacobians, and our own rows and J·u."""

    take: "Take"
    at: int
    wanted: "Look"
    rows: "Rows"
    ours: "NodeRan | None"


@dataclass(eq=False, repr=False)
class Marked(Message):
    """The events of another version that the lesson has not."""

    take: "Take"
    changed: frozenset[int]


@dataclass(eq=False, repr=False)
class Filled(Message):
    """The events of a take, by number, with all numbers of their large tensors."""

    take: "Take"
    at: int
    events: "Mapping[int, AnyEvent]"


@dataclass(eq=False, repr=False)
class Heard(Message):
    """Torch's next events, of the lesson or of `take`."""

    events: "tuple[AnyEvent, ...]"
    take: "Take | None"


@dataclass(eq=False, repr=False)
class HeardAll(Message):
    """Torch's run is over; `reason` if it was cut short."""

    reason: str
    take: "Take | None"


@dataclass(eq=False, repr=False)
class TorchTurned(Message):
    """Torch's process is in another phase."""

    phase: str
    reason: str
    version: str


@dataclass(eq=False, repr=False)
class Broken(Message):
    """The lesson cannot be used; `file:line:column: …`, a line each."""

    problems: tuple[str, ...]


@dataclass(eq=False, repr=False)
class Stocked(Message):
    """There are several lessons to choose from."""

    shelf: "Shelf"


@dataclass(eq=False, repr=False)
class Failed(Message):
    """Something went wrong that should not have."""

    reason: str
