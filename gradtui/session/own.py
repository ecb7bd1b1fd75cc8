"""Versions of a step that are the learner's own: what-ifs put together, code that was edited.

toggles_of(session)                   # what can be toggled in the present step's code
versions = session.versions           # those that were run, kept while the lesson is open
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from gradtui.course.toggles import Facts, Toggle, toggles
from gradtui.session.scene import Variant
from gradtui.tape import events as e
from gradtui.tape.labels import label
from gradtui.tape.tape import StepRange, Tape
from gradtui.tape.values import is_zero

if TYPE_CHECKING:
    from gradtui.session.session import Session
    from gradtui.session.take import Take

OWN, EDIT = "own", "edit"
OPTIMIZER = re.compile(r"^(\w+)\s*=\s*(?:torch\.)?optim\.\w+\(", re.MULTILINE)


class Version(Struct, frozen=True):
    """Another version of a step that was run; `earlier` is other code for steps before it."""

    variant: Variant
    take: "Take"
    earlier: tuple[tuple[str, str], ...] = ()


class Draft(Struct):
    """An edit as it stands: kept while the lesson is open, run or not."""

    code: str
    earlier: dict[str, str] = {}  # other code of steps before, by id
    numbers: dict[tuple[str, str], str] = {}  # what a call gave way to


class Bench(Struct):
    """All that is the learner's own in a lesson, kept while it is open."""

    tried: list[str] = []  # lines given to the scratch pad
    drafts: dict[str, Draft] = {}  # edits as they stand, by step
    ticked: dict[str, set[str]] = {}  # ids of toggles, by step
    versions: dict[tuple[str, str], Version] = {}  # by step and id


def keep(session: "Session", version: Version) -> None:
    """Look at a version of the present step, and keep it."""
    session.bench.versions[session.scene.id, version.variant.id] = version
    session.try_variant(version.variant, version.take)


def kept(session: "Session") -> list[Version]:
    """The learner's own versions of the present step."""
    made = session.bench.versions.items()
    return [version for (step, _), version in made if step == session.scene.id]


def toggles_of(session: "Session") -> list[Toggle]:
    """The changes that apply to the code of the present step, as the lesson has it."""
    main = session.main
    here = main.ranges.get(session.scene.id) if main is not None else None
    if main is None or here is None:
        return []
    return toggles(session.scene.code, facts(main.tape, here))


def facts(tape: Tape, here: StepRange) -> Facts:
    """What the run of a step tells about the places of its code."""
    operations = [
        one for one in tape.events[here.start : here.stop] if isinstance(one, e.Operation)
    ]
    tracked = (one.span for one in operations if one.grad_fn is not None)
    plain = (one.span for one in operations if _is_plain(one))
    added = [
        (one.span, label(tape, here.stop, one.tensor))
        for one in tape.events[here.start : here.stop]
        if isinstance(one, e.Accumulated) and one.before is not None and not is_zero(one.before)
    ]
    names = dict.fromkeys(name for _, name in added)
    parameters = any("." in name for name in names)
    return Facts(
        frozenset(span for span in tracked if span),
        frozenset(span for span in plain if span),
        frozenset(_names(tape, here.stop)),
        frozenset(span for span, _ in added if span),
        tuple(name for name in names if name.isidentifier()),
        tuple(_optimizers(tape.sources, here.id)) if parameters else (),
    )


def _is_plain(one: e.Operation) -> bool:
    made = one.outputs[0] if one.outputs else None
    return (
        made is not None
        and one.unrecorded == "leaf"
        and not made.requires_grad
        and made.dtype.startswith(("float", "bfloat", "complex"))
    )


def _names(tape: Tape, stop: int) -> Iterator[str]:
    """Names that mean tensors with requires_grad at some time before."""
    tracked: set[int] = set()
    for event in tape.events[:stop]:
        if isinstance(event, e.Operation):
            tracked |= {v.tensor for v in (*event.inputs, *event.outputs) if v.requires_grad}
        elif isinstance(event, e.Bound) and event.tensor in tracked and event.name.isidentifier():
            yield event.name


def _optimizers(sources: Mapping[str, str], step: str) -> Iterator[str]:
    """The names of optimizers made up to a step, the latest first."""
    until = list(sources).index(step) + 1 if step in sources else 0
    codes = list(sources.values())[:until]
    yield from reversed([name for code in codes for name in OPTIMIZER.findall(code)])
