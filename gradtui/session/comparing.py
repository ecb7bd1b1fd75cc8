"""The lesson's tape beside another version's: which lines differ, and why each does.

found = compared(lesson_tape, "step", version_tape, "step/own")
found.rows        # Row(left, right, kind, why): indexes of events, None where one tape has none
found.gradients   # what each .grad is in the end, on both
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gradtui.session.aligning import Side, blocks, rematched
from gradtui.session.whatif import events_with_keys
from gradtui.tape import events as e
from gradtui.tape.facts import card
from gradtui.tape.labels import label, plain
from gradtui.tape.rails import REASONS
from gradtui.tape.state import tape_state
from gradtui.tape.tape import StepRange, Tape
from gradtui.tape.values import cell

EXPLAINED = 2_000  # rows that differ whose reason is told

Kind: TypeAlias = Literal["same", "changed", "gone", "new"]
Pair: TypeAlias = tuple[int | None, int | None, Kind]


class Row(Struct, frozen=True):
    """One thing that happened, by its index on the lesson's tape and on the other."""

    left: int | None
    right: int | None
    kind: Kind
    why: str = ""


class Gradient(Struct, frozen=True):
    """A leaf's `.grad` in the end, as text, on both tapes."""

    name: str
    left: str
    right: str


class Compared(Struct, frozen=True):
    """Two versions of a step beside one another; `why` is told of the first rows that differ."""

    rows: tuple[Row, ...]
    gradients: tuple[Gradient, ...]

    @property
    def first(self) -> Row | None:
        """Where the two part: the cause of what differs later is here or before."""
        return next((row for row in self.rows if row.kind != "same"), None)

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many rows there are of each kind."""
        return Counter(row.kind for row in self.rows)


def compared(lesson: Tape, step: str, version: Tape, other: str) -> Compared:
    """The step `step` of one tape beside the step `other` of the other."""
    here, there = _range(lesson, step), _range(version, other)
    gradients = tuple(_gradients(lesson, here, version, there))
    mine = Side(lesson, events_with_keys(lesson, step))
    theirs = Side(version, events_with_keys(version, other))
    rows = list(_explained(_aligned(mine, theirs), lesson, version))
    return Compared(tuple(_cut_short(rows, version)), gradients)


def _explained(pairs: Iterable[Pair], lesson: Tape, version: Tape) -> Iterator[Row]:
    """The pairs as rows, the first of those that differ with their reasons."""
    told = 0
    for left, right, kind in pairs:
        told += kind != "same"
        tells = kind != "same" and told <= EXPLAINED
        yield Row(left, right, kind, _why(lesson, version, left, right) if tells else "")


def _cut_short(rows: list[Row], version: Tape) -> list[Row]:
    """What the other tape lacks because an error ended it is told so."""
    at = len(rows) - 1
    while at >= 0 and (rows[at].right is None or _fails(version, rows[at].right)):
        at -= 1
    ends = any(_fails(version, row.right) for row in rows[at + 1 :])
    missing = "the error ends the run before this"
    late = (replace(row, why=missing) if row.right is None else row for row in rows[at + 1 :])
    return [*rows[: at + 1], *late] if ends else rows


def _range(tape: Tape, step: str) -> StepRange | None:
    return next((each for each in tape.steps if each.id == step), None)


def _fails(tape: Tape, at: int | None) -> bool:
    event = None if at is None else tape.events[at]
    return isinstance(event, e.Raised) and not event.caught


# aligning


def _aligned(mine: Side, theirs: Side) -> Iterator[Pair]:
    """Events that are the same, then within what differs those of the same kind."""
    for same, left, right in blocks(mine, theirs):
        if same:
            yield from zip(left, right, repeat("same"))
        else:
            yield from _by_kind(left, right, mine.tape, theirs.tape)


def _by_kind(left: list[int], right: list[int], lesson: Tape, version: Tape) -> Iterator[Pair]:
    mine = tuple([_shape(lesson, at) for at in left])
    theirs = tuple([_shape(version, at) for at in right])
    for tag, i, j, k, m in rematched(mine, theirs):
        while i < j and k < m and (tag == "equal" or mine[i][0] == theirs[k][0]):
            yield left[i], right[k], "changed"
            i, k = i + 1, k + 1
        for a in left[i:j]:
            yield a, None, "gone"
        for b in right[k:m]:
            yield None, b, "new"


def _shape(tape: Tape, at: int) -> tuple[str, str]:
    """What makes two events the same happening, whatever its numbers: its kind, and of what."""
    event: Any = tape.events[at]
    if isinstance(event, e.NodeRan):
        return ("node", plain(tape.nodes[event.node].name))
    if isinstance(event, e.Accumulated):
        return ("accumulated", label(tape, at, event.tensor))
    return (type(event).__name__, getattr(event, "name", ""))


# why


def _why(lesson: Tape, version: Tape, left: int | None, right: int | None) -> str:
    mine = None if left is None else lesson.events[left]
    theirs = None if right is None else version.events[right]
    if mine == theirs and type(mine) is type(theirs):
        return ""
    if isinstance(theirs, e.Raised):
        assert right is not None
        return card(version, right + 1).sentence
    if theirs is None:
        return _missing(mine)
    if mine is None:
        return _added(theirs)
    if isinstance(mine, e.Operation) and isinstance(theirs, e.Operation):
        assert right is not None
        return _operation(mine, theirs, version, right)
    return _change(mine, theirs)


def _missing(event: e.AnyEvent | None) -> str:
    match event:
        case e.NodeRan():
            return "no gradient comes this way any more"
        case e.Accumulated():
            return "nothing reaches this leaf any more"
        case e.Operation():
            cut = event.unrecorded == "detach"
            return "it is not cut off here any more" if cut else "this is not on the other tape"
        case e.GradSet() | e.Changed():
            return "nothing empties or changes it any more"
        case e.Raised():
            return "the error does not come any more"
    return ""


def _added(event: e.AnyEvent) -> str:
    match event:
        case e.NodeRan():
            return "a gradient comes this way now"
        case e.Accumulated():
            return "a gradient reaches this leaf now"
        case e.GradSet():
            return "the lesson does not touch .grad here"
        case e.Operation():
            switched = event.unrecorded in ("no_grad", "detach")  # else it is as it has to be
            return REASONS[event.unrecorded] if switched else "a further line of yours"
    return ""


def _operation(mine: e.Operation, theirs: e.Operation, version: Tape, at: int) -> str:
    if mine.unrecorded != theirs.unrecorded:
        reason = REASONS.get(theirs.unrecorded, theirs.unrecorded)
        if theirs.grad_fn is not None and theirs.grad_fn in version.nodes:
            return f"recorded now, as {plain(version.nodes[theirs.grad_fn].name)}"
        return reason or "it is a leaf now"
    asks = [bool(one.outputs and one.outputs[0].requires_grad) for one in (mine, theirs)]
    if asks[0] != asks[1]:
        return "it requires grad now" if asks[1] else "it requires no grad now"
    changed = [
        label(version, at, b.tensor)
        for a, b in zip(mine.inputs, theirs.inputs, strict=False)
        if _numbers(a) != _numbers(b)
    ]
    if changed:
        verb = "has" if len(changed) == 1 else "have"
        return f"{' and '.join(dict.fromkeys(changed))} {verb} other numbers"
    return "the code is another"


def _numbers(value: e.Value | None) -> Hashable:
    return None if value is None else (value.shape, value.data, value.summary)


def _same(mine: Sequence[e.Value | None], theirs: Sequence[e.Value | None]) -> bool:
    return [_numbers(one) for one in mine] == [_numbers(one) for one in theirs]


def _change(mine: e.AnyEvent, theirs: e.AnyEvent) -> str:
    """Why two events of one kind are not the same."""
    match mine, theirs:
        case e.Accumulated(), e.Accumulated():
            if _numbers(mine.before) != _numbers(theirs.before):
                held = "nothing" if theirs.before is None else cell(theirs.before, 24)
                there = "nothing" if mine.before is None else cell(mine.before, 24)
                return f".grad held {held} before, in the lesson {there}"
            return "another gradient arrives"
        case e.NodeRan(), e.NodeRan():
            if not _same(mine.cotangents, theirs.cotangents):
                return "another vector comes in"
            flows = [sum(part is not None for part in one.products) for one in (mine, theirs)]
            if flows[0] == flows[1]:
                return "what it saved is other"
            more = flows[1] > flows[0]
            return f"it leads to {'more' if more else 'fewer'} of its inputs now"
        case e.BackwardBegan(), e.BackwardBegan():
            if mine.retain_graph != theirs.retain_graph:
                kept = "keeps the graph" if theirs.retain_graph else "frees the graph"
                return f"this pass {kept}"
            return "it starts from other numbers"
        case e.Printed(), e.Printed():
            return "other text is printed"
        case e.GradSet(), e.GradSet():
            return "another .grad was there"
    return ""


# the gradients in the end


def _gradients(
    lesson: Tape, here: StepRange | None, version: Tape, there: StepRange | None
) -> Iterator[Gradient]:
    mine, theirs = _grads(lesson, here), _grads(version, there)
    for name in dict.fromkeys((*mine, *theirs)):
        left, right = mine.get(name, "no such leaf"), theirs.get(name, "no such leaf")
        if left != right:
            yield Gradient(f"{name}.grad", left, right)


def _grads(tape: Tape, here: StepRange | None) -> dict[str, str]:
    """Each named leaf's `.grad` at the end of a step, as text."""
    if here is None:
        return {}
    state = tape_state(tape, here.stop)
    found = {}
    for leaf in state.leaves:
        grad = state.grad(leaf)
        if state.names_of(leaf):
            found[state.label(leaf)] = "None" if grad.value is None else cell(grad.value, 40)
    return found
