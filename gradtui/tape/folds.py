"""The tape summed up: a loop's turns, a module's calls and layers of several nodes, folded.

folds = Folds(tape, rails)          # calls and loops open, layers of several nodes shut
folds.rows                          # rows of the rails that are shown, in order
folds.toggle(row); folds.toggle_all()
told(folds, group, row, position)   # Facts("3 of 200", "12 ops", "loss 0.41", "backward", "")
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from gradtui.tape import events as e
from gradtui.tape.index import Ints
from gradtui.tape.labels import made_by, own_name
from gradtui.tape.lanes import HEADERS, RowKind
from gradtui.tape.rails import Rails
from gradtui.tape.state import shown
from gradtui.tape.tape import Tape
from gradtui.tape.values import array as numbers_in
from gradtui.tape.values import number

GroupKind: TypeAlias = Literal["epoch", "module", "bundle"]


class Group(NamedTuple):
    """Rows `first` (a heading) up to `stop`, of the events from `event` up to `end`."""

    first: int
    stop: int
    kind: GroupKind
    event: int
    end: int
    turn: int = 0  # of a loop: which turn, from 1
    turns: int = 0  # and of how many
    parent: int = -1  # the number of the group around it


class Folds:
    """What is folded of one tape's rails. Changing it costs what the rows shown cost to copy."""

    def __init__(self, tape: Tape, rails: Rails) -> None:
        self.tape, self.rails = tape, rails
        self.groups = tuple(_groups(tape, rails))
        self._firsts = array("I", (group.first for group in self.groups))
        self.heads = {group.first: at for at, group in enumerate(self.groups)}
        self.every = _worth_showing(rails, self.groups)
        self.work = _work(tape, rails)
        self.shut = {at for at, group in enumerate(self.groups) if group.kind == "bundle"}
        self.rows: Ints = self._rows()
        self.memo: dict[Any, Any] = {}  # what has been worked out about groups

    # asking

    def headed(self, row: int) -> Group | None:
        """The group whose heading a row is."""
        at = self.heads.get(row)
        return None if at is None else self.groups[at]

    def is_shut(self, group: Group) -> bool:
        return self.heads[group.first] in self.shut

    def shown(self, row: int) -> int:
        """The place among the shown rows of a row, or of the fold it is in; -1 before the first."""
        return bisect_right(self.rows, row) - 1

    def around(self, row: int) -> Group | None:
        """The innermost group a row is in; its own, if it is a heading."""
        at = bisect_right(self._firsts, row) - 1
        while at >= 0 and row >= self.groups[at].stop:
            at = self.groups[at].parent
        return self.groups[at] if at >= 0 else None

    def ops(self, group: Group, until: int | None = None) -> int:
        """How many operations are in a group, or in its rows before row `until`."""
        stop = group.stop if until is None else max(group.first, min(until, group.stop))
        return self.work[stop] - self.work[group.first]

    # folding

    def toggle(self, row: int) -> Group | None:
        """Fold or unfold the innermost group a shown row is in; the group, if there is one."""
        group = self.around(row)
        if group is not None:
            at = self.heads[group.first]
            self.shut ^= {at}
            start, stop = self._span(group)
            inside = array("I", self.every[start : start + 1])
            if at not in self.shut:
                inside = self._without(start, stop, range(at + 1, len(self.groups)))
            low, high = bisect_left(self.rows, group.first), bisect_left(self.rows, group.stop)
            self.rows = self.rows[:low] + inside + self.rows[high:]
        return group

    def toggle_all(self) -> bool:
        """Fold all loops and calls, or unfold them if they are all folded; whether they are now."""
        every = {at for at, group in enumerate(self.groups) if group.kind != "bundle"}
        every = every or set(range(len(self.groups)))
        fold = bool(every - self.shut)
        self.shut = self.shut | every if fold else self.shut - every
        self.rows = self._rows()
        return fold

    def _rows(self) -> Ints:
        return self._without(0, len(self.every), range(len(self.groups)))

    def _without(self, start: int, stop: int, groups: range) -> Ints:
        """The rows `every[start:stop]` without what the shut ones of these groups hide."""
        kept = array("I")
        for at in groups:
            if at not in self.shut:
                continue
            first, last = self._span(self.groups[at])
            if first >= stop:
                break
            if first >= start:
                kept += self.every[start : first + 1]
                start = last
        return kept + self.every[start:stop]

    def _span(self, group: Group) -> tuple[int, int]:
        return bisect_left(self.every, group.first), bisect_left(self.every, group.stop)


def _groups(tape: Tape, rails: Rails) -> Iterator[Group]:
    """All groups by their first row; one within another ends no later than it."""
    plans = rails.plans
    ends = _ends(tape)
    turns = _turns(tape)
    around: list[tuple[int, int]] = []  # numbers and ends of the groups around
    number = 0
    for row, plan in enumerate(plans.rows):
        if plan.kind not in HEADERS:
            continue
        end = plan.event + 1 if plan.kind == "bundle" else ends.get(plan.event, plan.event + 1)
        stop = bisect_left(plans.events, end)
        while around and around[-1][1] <= row:
            around.pop()
        parent, last = around[-1] if around else (-1, len(plans.rows))
        stop = max(row + 1, min(stop, last))
        turn, count = turns.get(plan.event, (0, 0))
        yield Group(row, stop, _kind(plan.kind), plan.event, end, turn, count, parent)
        around.append((number, stop))
        number += 1


def _kind(kind: RowKind) -> GroupKind:
    assert kind in ("epoch", "module", "bundle")
    return kind


def _ends(tape: Tape) -> dict[int, int]:
    """Where each turn of a loop and each call of a module is over."""
    index = tape.index
    ends = dict(zip(index.calls, index.call_stops, strict=True))
    before: tuple[int, ...] = ()
    for stack, at in zip(index.loops, index.loop_events, strict=True):
        for turn in before:
            if turn not in stack:
                ends[turn] = at
        before = stack
    return ends | dict.fromkeys(before, len(tape))


def _turns(tape: Tape) -> dict[int, tuple[int, int]]:
    """For each turn of a loop, its number from 1 and how many turns the loop takes."""
    running: dict[tuple[int, ...], list[int]] = {}  # turns so far, by the loops around
    found: dict[int, tuple[int, int]] = {}

    def close(turns: list[int]) -> None:
        found.update((at, (number, len(turns))) for number, at in enumerate(turns, 1))

    for stack in tape.index.loops:
        if not stack:
            continue
        turns = running.setdefault(stack[:-1], [])
        if turns and turns[-1] == stack[-1]:
            continue
        if turns and _anew(tape, turns[-1], stack[-1]):
            close(turns)
            turns.clear()
        turns.append(stack[-1])
    for turns in running.values():
        close(turns)
    return found


def _anew(tape: Tape, last: int, now: int) -> bool:
    """Whether a turn belongs to another loop than the turn before it."""
    before, after = tape.events[last], tape.events[now]
    assert isinstance(before, e.Iteration)
    assert isinstance(after, e.Iteration)
    return before.span != after.span or after.index <= before.index


def _work(tape: Tape, rails: Rails) -> Ints:
    """How many operations and changes in place stand above each row."""
    found = array("I", (0,))
    for plan in rails.plans.rows:
        event = tape.events[plan.event]
        counts = type(event) is e.Changed
        if type(event) is e.Operation and plan.node is None:
            counts = bool(event.outputs) and event.outputs[0].tensor == plan.tensor
        found.append(found[-1] + counts)
    return found


def _worth_showing(rails: Rails, groups: Sequence[Group]) -> Ints:
    """All rows but headings over nothing."""
    kinds = list(rails.kinds())
    below = array("I", (0,))  # rows above each that are no headings
    for kind in kinds:
        below.append(below[-1] + (kind not in HEADERS and kind != "step"))
    steps = [row for row, kind in enumerate(kinds) if kind == "step"]
    spans = [(group.first, group.stop) for group in groups]
    spans += zip(steps, [*steps[1:], len(kinds)], strict=True)
    empty = {first for first, stop in spans if below[stop] == below[first]}
    return array("I", (row for row in range(len(kinds)) if row not in empty))


# what a fold says


class Facts(NamedTuple):
    """What is worth knowing of a group, each "" where there is nothing to say."""

    turn: str
    ops: str
    loss: str
    passes: str
    error: str

    def within(self, room: int, between: int = 3) -> tuple[str, ...]:
        """Those that fit into so many columns with a gap before each; the least needed go first."""
        kept = [fact for fact in self if fact]
        for needless in (self.passes, self.ops, self.turn, self.loss):
            if sum(len(fact) + between for fact in kept) > room and needless in kept:
                kept.remove(needless)
        return tuple(kept)


def told(folds: Folds, group: Group, row: int, position: int) -> Facts:
    """A group in a few facts: which turn, how many operations of how many, passes, the loss.

    `row` is the first that has not happened yet.
    """
    tape = folds.tape
    stop = min(group.end, position)
    turn = f"{group.turn} of {group.turns}" if group.kind == "epoch" else ""
    done, count = folds.ops(group, row), folds.ops(group)
    so_far = f"{done} of " if done < count else ""
    ops = f"{so_far}{count} {'op' if count == 1 else 'ops'}"
    starts = tape.index.pass_starts
    passes = bisect_left(starts, stop) - bisect_left(starts, group.event)
    backward = "" if not passes else "backward" if passes == 1 else f"{passes} backward passes"
    return Facts(turn, ops, _loss(tape, group, stop), backward, _error(tape, group, stop))


def _loss(tape: Tape, group: Group, stop: int) -> str:
    """The number the group's last backward pass started from, by its name."""
    starts = tape.index.pass_starts
    at = bisect_left(starts, stop) - 1
    if at < 0 or starts[at] < group.event:
        return ""
    began = tape.events[starts[at]]
    root = began.roots[0] if isinstance(began, e.BackwardBegan) and began.roots else None
    tensor = None if root is None else made_by(tape, root)
    origin = None if tensor is None else tape.index.values.before(tensor, stop)
    value = (
        shown(tape.events[origin], tensor) if origin is not None and tensor is not None else None
    )
    numbers = None if value is None else numbers_in(value)
    if tensor is None or numbers is None or numbers.size != 1:
        return ""
    return f"{own_name(tape, tensor) or 'root'} {number(float(numbers.reshape(-1)[0]))}"


def _error(tape: Tape, group: Group, stop: int) -> str:
    errors = tape.index.errors
    at = bisect_left(errors, stop) - 1
    if at < 0 or errors[at] < group.event:
        return ""
    event = tape.events[errors[at]]
    return event.type if isinstance(event, e.Raised) else ""
