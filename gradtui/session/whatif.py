"""What differs between a lesson's tape and a variant's."""

from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

from gradtui.tape.events import (
    Accumulated,
    AnyEvent,
    BackwardBegan,
    GradSet,
    NodeRan,
    Operation,
    Printed,
    Raised,
    Value,
)
from gradtui.tape.tape import Tape

MOST = 3_000  # events of a step that are aligned; longer steps are not marked


def changed_events(lesson: Tape, variant: Tape, step: str, other: str) -> frozenset[int]:
    """Indexes of events of the variant's step `other` that the lesson's step has not."""
    theirs, ours = events_with_keys(lesson, step), events_with_keys(variant, other)
    if len(theirs) > MOST or len(ours) > MOST:
        return frozenset()
    matcher = SequenceMatcher(
        None, [key for _, key in theirs], [key for _, key in ours], autojunk=False
    )
    found: set[int] = set()
    for tag, _, _, start, stop in matcher.get_opcodes():
        if tag != "equal":
            found.update(at for at, _ in ours[start:stop])
    return frozenset(found)


def events_with_keys(tape: Tape, step: str) -> list[tuple[int, Hashable]]:
    """The telling events of a step, each with what makes it the same as another."""
    here = next((each for each in tape.steps if each.id == step), None)
    if here is None:
        return []
    keyed = ((at, _key(tape.events[at])) for at in range(here.start, here.stop))
    return [(at, key) for at, key in keyed if key is not None]


def _key(event: AnyEvent) -> Hashable | None:
    match event:
        case Operation():
            return ("operation", event.name, event.unrecorded, _numbers(event.outputs))
        case NodeRan():
            return ("node", _numbers(event.cotangents), _numbers(event.products))
        case Accumulated():
            return ("accumulated", _numbers((event.added, event.after)))
        case BackwardBegan():
            return ("backward", event.call, event.retain_graph, event.create_graph)
        case GradSet():
            return ("grad set", event.cause, _numbers((event.after,)))
        case Printed() | Raised():
            return str(event.text if isinstance(event, Printed) else event.message)
    return None


def _numbers(values: Sequence[Value | None]) -> Hashable:
    return tuple(
        (v.shape, v.dtype, v.requires_grad, v.data, v.summary and v.summary.digest) if v else None
        for v in values
    )
