"""Two runs of one step beside each other: what went into each `.grad`, and why they part.

ours, theirs = Run(tape, step), Run(other, other_step)
for pair in ledgers(ours, theirs, leaf):
    pair.ours, pair.theirs, pair.differs
reasons(ours, theirs)               # one sentence each
"""

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.curves import Curve, Loop, curves, loops
from gradtui.tape.index import slot
from gradtui.tape.labels import label, meaning
from gradtui.tape.ledger import LedgerEntry, entry
from gradtui.tape.tape import StepRange, Tape

MOST = 400  # entries of one leaf that are set beside each other, the first ones
SWEEPS = ("zeroed", "removed")


class Run(Struct, frozen=True):
    """One step as it ran on one tape."""

    tape: Tape
    step: StepRange


class Pair(Struct, frozen=True):
    """What happened to a `.grad` in both runs at the same point; None where nothing did."""

    ours: LedgerEntry | None
    theirs: LedgerEntry | None

    @property
    def differs(self) -> bool:
        if self.ours is None or self.theirs is None:
            return True
        return _result(self.ours) != _result(self.theirs)


def ledgers(ours: Run, theirs: Run, leaf: int) -> tuple[Pair, ...]:
    """A leaf's entries of the step, set beside those of the leaf of the same name."""
    key = ("versus", ours.step, theirs.step, leaf)
    found: tuple[Pair, ...] | None = ours.tape.memo.get(key)
    if found is None:
        other = _namesake(ours, theirs, leaf)
        mine, yours = _entries(ours, leaf), [] if other is None else _entries(theirs, other)
        found = ours.tape.memo[key] = tuple(_aligned(mine, yours))
    return found


def happened(pairs: Sequence[Pair], position: int) -> tuple[Pair, ...]:
    """The pairs up to what our run has come to: of what only the other did, what is before that."""
    done = 0
    for at, pair in enumerate(pairs, 1):
        if pair.ours is not None and pair.ours.event >= position:
            return tuple(pairs[:done])
        if pair.ours is not None:
            done = at
    return tuple(pairs)


def _namesake(ours: Run, theirs: Run, leaf: int) -> int | None:
    name = label(ours.tape, ours.step.stop, leaf)
    bound = meaning(theirs.tape, theirs.step.stop, name)
    return None if bound is None else bound.tensor


def _entries(run: Run, leaf: int) -> list[LedgerEntry]:
    changes = run.tape.index.grads.of(leaf, run.step.stop)
    return [entry(run.tape, at) for at in changes[slot(changes, run.step.start) :][:MOST]]


def _aligned(ours: Sequence[LedgerEntry], theirs: Sequence[LedgerEntry]) -> Iterator[Pair]:
    matcher = SequenceMatcher(None, [*map(_place, ours)], [*map(_place, theirs)], autojunk=False)
    for _, first, last, begin, end in matcher.get_opcodes():
        for mine, yours in zip_longest(ours[first:last], theirs[begin:end]):
            yield Pair(mine, yours)


def _place(told: LedgerEntry) -> Hashable:
    return told.epoch, told.kind in SWEEPS


def _result(told: LedgerEntry) -> Hashable:
    value = told.after
    return value and (value.shape, value.dtype, value.data, value.summary)


# why


def reasons(ours: Run, theirs: Run) -> tuple[str, ...]:
    """Why the runs part, a sentence for each leaf or error; none where they do not."""
    found = [*_failed(ours, theirs)]
    for leaf in _leaves(ours, theirs):
        pairs = ledgers(ours, theirs, leaf)
        if any(pair.differs for pair in pairs):
            found.append(_why(f"{label(ours.tape, ours.step.stop, leaf)}.grad", pairs))
    return tuple(dict.fromkeys(found))


def _leaves(*runs: Run) -> Iterator[int]:
    """Leaves of the first run whose `.grad` changes in either."""
    ours, theirs = runs
    index = ours.tape.index
    for leaf in index.leaves[: slot(index.leaf_events, ours.step.stop)]:
        bound = _namesake(ours, theirs, leaf)
        if _entries(ours, leaf) or (bound is not None and _entries(theirs, bound)):
            yield leaf


def _failed(ours: Run, theirs: Run) -> Iterator[str]:
    mine, yours = _error(ours), _error(theirs)
    if mine != yours:
        yield f"Here {mine} ends the step." if mine else f"In the original {yours} ends the step."


def _error(run: Run) -> str:
    index = run.tape.index
    for at in reversed(index.errors[slot(index.errors, run.step.start) :]):
        event = run.tape.events[at]
        if at < run.step.stop and isinstance(event, e.Raised) and not event.caught:
            return event.type
    return ""


def _why(name: str, pairs: Sequence[Pair]) -> str:
    """The first of the reasons that holds, from the telling to the plain."""
    mine = [pair.ours for pair in pairs if pair.ours is not None]
    yours = [pair.theirs for pair in pairs if pair.theirs is not None]
    swept, sweeps = _swept(mine), _swept(yours)
    if not any(told.kind == "added" for told in mine):
        return f"Here no backward pass adds to {name}."
    if not any(told.kind == "added" for told in yours):
        return f"In the original no backward pass adds to {name}."
    if sweeps and not swept:
        return (
            f"Here nothing clears {name}, so each pass adds to what the passes before it left. "
            f"The original clears it by {sweeps}."
        )
    if swept and not sweeps:
        return (
            f"Here {swept} clears {name}, so each pass starts afresh. "
            "In the original the passes add up."
        )
    if len(mine) != len(yours):
        return f"{name} changes {len(mine)} times here, {len(yours)} times in the original."
    return f"Other numbers are added to {name}."


def _swept(entries: Sequence[LedgerEntry]) -> str:
    """By what a `.grad` is cleared; "" if it never is."""
    return next((told.path for told in entries if told.kind in SWEEPS), "")


# the curves


class Beside(Struct, frozen=True):
    """A curve of both runs; None where a run has none of that name."""

    ours: Curve | None
    theirs: Curve | None

    @property
    def parting(self) -> tuple[int, ...]:
        """The epochs, from 0, in which both runs have a number, and not the same."""
        if self.ours is None or self.theirs is None:
            return ()
        both = zip(self.ours.values, self.theirs.values, strict=False)
        return tuple(
            at for at, (a, b) in enumerate(both)
            if a is not None and b is not None and a != b and (a == a or b == b)
        )  # fmt: skip


def curves_beside(
    ours: Run, theirs: Run, loop: Loop, position: int
) -> tuple[Loop, tuple[Beside, ...]] | None:
    """The other run's loop, and the curves of both after as many epochs; None without a loop."""
    mine = [each for each in loops(ours.tape) if each.step == loop.step]
    yours = [each for each in loops(theirs.tape) if each.step == theirs.step.id]
    at = mine.index(loop) if loop in mine else 0
    if at >= len(yours):
        return None
    other = yours[at]
    begun = sum(1 for start in loop.passes if start < position)
    over = position >= loop.stop or begun >= len(other.passes)
    found = curves(ours.tape, loop, position)
    there = curves(theirs.tape, other, other.stop if over else other.passes[begun])
    return other, tuple(_matched(found, there))


def _matched(ours: Sequence[Curve], theirs: Sequence[Curve]) -> Iterator[Beside]:
    left = {(curve.kind, curve.name): curve for curve in theirs}
    for curve in ours:
        yield Beside(curve, left.pop((curve.kind, curve.name), None))
    for curve in left.values():
        yield Beside(None, curve)
