"""What differs between a lesson's tape and a variant's."""

from collections.abc import Hashable, Sequence

from gradtui.session.aligning import Side, blocks
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


def changed_events(lesson: Tape, variant: Tape, step: str, other: str) -> frozenset[int]:
    """Indexes of events of the variant's step `other` that the lesson's step has not."""
    theirs, ours = (
        Side(tape, events_with_keys(tape, name))
        for tape, name in ((lesson, step), (variant, other))
    )
    return frozenset(at for block in blocks(theirs, ours) if not block.same for at in block.right)


def events_with_keys(tape: Tape, step: str) -> list[tuple[int, Hashable]]:
    """The telling events of a step, each with what makes it the same as another."""
    here = next((each for each in tape.steps if each.id == step), None)
    if here is None:
        return []
    found: list[tuple[int, Hashable]] | None = tape.memo.get(("keys", step))
    if found is None:
        keyed = ((at, _key(tape.events[at])) for at in range(here.start, here.stop))
        found = tape.memo["keys", step] = [(at, key) for at, key in keyed if key is not None]
    return found


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
