"""The tape as rails: one line a record, with shape, value, gradient and torch's verdict."""

from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from gradtui.session import Snapshot
from gradtui.tape.events import Accumulated, NodeRan, Operation, Raised
from gradtui.tape.folds import Folds, Group, told
from gradtui.tape.index import Ints
from gradtui.tape.rails import RailRow, Rails
from gradtui.tape.saved import NOTHING, Held, held
from gradtui.tape.state import State
from gradtui.tui.glyphs import Glyphs, in_ascii
from gradtui.tui.lines import Line, Piece, Target, cells, cut, pad, printable
from gradtui.tui.views import verdicts
from gradtui.tui.views.cells import cell

_ROLES: Mapping[str, str] = {
    "leaf": "strong",
    "constant": "dim",
    "operation": "",
    "hollow": "hollow",
    "cut": "warning",
    "inplace": "warning",
    "inner": "",
    "epoch": "dim",
    "module": "strong",
    "bundle": "",
    "step": "dim",
}


class Columns(Struct, frozen=True):
    """How wide each column is; 0 leaves it out."""

    rails: int
    label: int
    shape: int
    value: int
    gradient: int
    saved: int = 0  # a sign: whether numbers are saved, or freed


_REASONS: Mapping[str, str] = {
    "no_grad": "off: no_grad",
    "inputs": "not tracked",
    "detach": "cut: detached",
    "not differentiable": "no gradient",
    "inplace": "in place",
}
_SHORT: Mapping[str, str] = {
    "no_grad": "no_grad",
    "inputs": "untracked",
    "detach": "detached",
    "not differentiable": "no slope",
}

NAME = 6  # columns of a tensor's name that are enough beside a whole node's
WIDEST = 11  # columns of a shape: 2×4×128×128
ENOUGH = 16  # columns for the numbers beside it
VERDICT = 5  # columns: the operation's sign, an arrow, its node's sign, the mark of a difference


def columns(width: int, rails: int, shapes: int = 0) -> Columns:
    """A share of the width for each column: the label first, then the numbers.

    `shapes` is what the widest shape takes, which it gets where the gradient has enough without.
    """
    rails = min(rails, max(4, width // 4))
    room = width - 1 - rails - 1 - VERDICT
    label = max(17, min(30, room - 47)) if room >= 34 else max(8, room // 2)
    room -= label + 1
    shape = 9 if room >= 60 else 6 if room >= 44 else 5 if room >= 22 else 0
    usual = shape
    if shape:
        shape = max(shape, min(shapes, WIDEST, room - ENOUGH - 3))
    room -= shape + 1 if shape else 0
    if room < 8:
        return Columns(rails, label + max(0, room), 0, 0, 0)
    saved = 1 if room >= 22 or shape > usual else 0
    room -= saved + 1 if saved else 0
    value = (room - 2) // 2 if room >= 21 else 0
    return Columns(rails, label, shape, value, room - value - (2 if value else 1), saved)


def heads(width: int, rails: int, shapes: int, skip: int = 0) -> Line:
    """The names of the columns; the first `skip` cells are left to others."""
    cols = columns(width, rails, shapes)
    lead = cols.rails + 2 + cols.label + 1
    text = "" if skip else pad("", lead)
    text = pad(text, max(0, lead - skip))
    for name, room in (("shape", cols.shape), ("value", cols.value), ("gradient", cols.gradient)):
        text += pad(name, room) + " " if room else ""
    text += "s " if cols.saved else ""
    return Line.of(Piece(text + "torch", "dim"))


class TapeView(Struct, frozen=True):
    """Everything needed to draw any row: what is drawn is drawn when asked for."""

    snap: Snapshot
    state: State
    rails: Rails
    folds: Folds
    glyphs: Glyphs
    width: int
    rows: Ints  # that are shown; what is folded later is of a later view
    count: int  # of them that have happened
    happened: int  # the first row that has not
    current: int | None  # the row of the current event
    backward: bool
    since: int  # where the backward pass shown began

    @classmethod
    def of(cls, snap: Snapshot, width: int, glyphs: Glyphs) -> "TapeView | None":
        state, rails, tape, folds = snap.state, snap.rails, snap.tape, snap.folds
        if state is None or rails is None or tape is None or folds is None:
            return None
        last = rails.row_of_event(snap.position - 1) if snap.position else None
        happened = 0 if last is None else last + 1
        count = folds.shown(happened - 1) + 1
        number = state.number
        since = len(tape) if number is None else tape.index.passes[number].start
        current = current_row(snap)
        backward = _backward(snap)
        return cls(
            snap=snap,
            state=state,
            rails=rails,
            folds=folds,
            glyphs=glyphs,
            width=width,
            rows=folds.rows,
            count=count,
            happened=happened,
            current=current,
            backward=backward,
            since=since,
        )

    @property
    def cols(self) -> Columns:
        return columns(self.width, self.rails.width, self.rails.shapes)

    def line(self, at: int) -> Line:
        place, here = self.rows[at], at == self.current
        group = self.folds.headed(place)
        if group is not None:
            return self._heading(group, here)
        row = self.rails[place]
        cols = self.cols
        if row.kind == "step":
            return self._step(row, here)
        role = _ROLES[row.kind]
        pieces = [
            self._pointer(here),
            Piece(self._rails(row, cols.rails) + " ", self._rail_role(row)),
            Piece(self._shortened(self._label(row), cols.label, row.times) + " ", role),
            *self._numbers(row, cols),
            *self._verdicts(row),
        ]
        line_role = "here" if here else ""
        return Line(tuple(pieces), line_role, Target("goto", row.event + 1))

    def _heading(self, group: Group, here: bool) -> Line:
        """A group's line: with its sign, a click on which folds or unfolds it."""
        shut, cols = self.folds.is_shut(group), self.cols
        row = self.rails[group.first]
        if shut:
            row = self.rails.folded(group.first, group.stop, group.end)
        if group.kind == "module" and group.end > self.snap.position:
            row = replace(row, label=self.rails[group.first].label, tensor=None, shape="")
        role = _ROLES[row.kind]
        sign = self.glyphs.shut if shut else self.glyphs.open
        pieces = [
            self._pointer(here),
            Piece(self._rails(row, cols.rails) + " ", self._rail_role(row) if shut else role),
            Piece(f"{sign} ", "marker", Target("fold", group.first)),
            *(self._columns(row, group, cols) if shut else self._facts(row, group, cols)),
        ]
        return Line(tuple(pieces), "here" if here else "", Target("goto", row.event + 1))

    def _columns(self, row: RailRow, group: Group, cols: Columns) -> list[Piece]:
        """What a fold holds: for a turn of a loop in words, else as the one row it stands for."""
        if group.kind == "epoch" or not cols.gradient:
            return [*self._facts(row, group, cols), *self._worst(group)]
        more = f" +{group.stop - group.first - 2}"
        if group.kind == "module":
            done, count = self.folds.ops(group, self.happened), self.folds.ops(group)
            more = (
                f" {self.glyphs.dot} {done}/{count}"
                if done < count
                else f" {self.glyphs.dot} {count}"
            )
            more += " op" if count == 1 else " ops"
        room = cols.label - 2
        text = cut(self._label(row), room - cells(more), self.glyphs.ellipsis) + more
        label = Piece(pad(text, room) + " ", _ROLES[row.kind], Target("fold", group.first))
        return [label, *self._numbers(row, cols), *self._worst(group)]

    def _facts(self, row: RailRow, group: Group, cols: Columns) -> list[Piece]:
        """A group's name and, in words, what is in it."""
        room = self.width - 4 - cols.rails - VERDICT
        name = cut(self._label(row), room, self.glyphs.ellipsis)
        facts = told(self.folds, group, self.happened, self.snap.position)
        known = facts.within(room - cells(name))
        if not self.folds.is_shut(group):
            known = (facts.turn,) if group.kind == "epoch" else ()
        dot = f" {self.glyphs.dot} "
        rest = cut(dot.join(("", *known)), room - cells(name), self.glyphs.ellipsis)
        return [
            Piece(name, _ROLES[row.kind], Target("fold", group.first)),
            Piece(pad(rest, room - cells(name)) + " ", "dim"),
        ]

    def _worst(self, group: Group) -> list[Piece]:
        """Torch's word on all a fold holds, and whether the other tape has anything else."""
        found = self.folds.memo.get(group.first)
        if found is None:
            found = verdicts.worst(self.snap.verdicts, range(group.event, group.end))
            if found is not None:
                self.folds.memo[group.first] = found
        sign = verdicts.sign(found, self.glyphs)
        differing = _in_order(self.snap.changed)
        at = bisect_left(differing, group.event)
        if at < len(differing) and differing[at] < group.end:
            return [sign, Piece(" " + self.glyphs.changed, "warning")]
        return [sign]

    def _step(self, row: RailRow, here: bool) -> Line:
        title = self._title(row.label)
        rule = self.glyphs.rule * 2
        text = cut(f"{rule} {printable(title)} ", self.width - 2, self.glyphs.ellipsis)
        return Line.of(
            self._pointer(here), Piece(text, "dim"), target=Target("goto", row.event + 1)
        )

    def _title(self, step: str) -> str:
        """A step's title; of another version of it, what is other."""
        name, _, other = step.partition("/")
        if other and self.snap.variant is not None:
            return self.snap.variant.heading
        return next((scene.title for scene in self.snap.scenes if scene.id == name), step)

    def _pointer(self, here: bool) -> Piece:
        if not here:
            return Piece(" ")
        return Piece(self.glyphs.up if self.backward else self.glyphs.current, "marker")

    def _rails(self, row: RailRow, width: int) -> str:
        drawn = row.ascii if self.glyphs.ascii else row.glyphs
        return pad(drawn.rstrip(), width, self.glyphs.ellipsis)

    def _rail_role(self, row: RailRow) -> str:
        return "backward" if self._run_of(row) is not None else _ROLES[row.kind] or "forward"

    def _label(self, row: RailRow) -> str:
        text = in_ascii(row.label) if self.glyphs.ascii else printable(row.label)
        return f"  {text}" if row.kind == "inner" else text

    def _shortened(self, text: str, width: int, times: int = 1) -> str:
        """Where name and node have no room, each keeps a half: `model_o… = SumBa…`.

        How often a tensor is taken, if more than once, is never cut: `y = MulBa… ×2`.
        """
        if times > 1:
            often = f" x{times}" if self.glyphs.ascii else f" ×{times}"
            shorter = self._shortened(text, width - cells(often)).rstrip()
            return pad(shorter + often, width)
        name, equals, node = text.partition(" = ")
        if equals and cells(text) > width:
            rest = width - cells(equals + node)
            half = rest if rest >= NAME else width // 2 - 1
            text = cut(name, half, self.glyphs.ellipsis) + equals + node
        return pad(text, width, self.glyphs.ellipsis)

    def _numbers(self, row: RailRow, cols: Columns) -> list[Piece]:
        value = self.state.value(row.tensor) if row.tensor is not None else None
        keeps = self._held(row)
        gradient, role = self._gradient(row, keeps)
        shown = (
            (_tight(row.shape, cols.shape, self.glyphs), cols.shape, "dim"),
            (cell(value, cols.value, self.glyphs), cols.value, "future" if value is None else ""),
            (gradient or "", cols.gradient, role),
            (self._saved_sign(keeps), cols.saved, "error" if keeps.kind == "stale" else "dim"),
        )
        return [
            Piece(pad(text, room, self.glyphs.ellipsis) + " ", role)
            for text, room, role in shown
            if room
        ]

    def _held(self, row: RailRow) -> Held:
        """What the row's node holds; of a change in place also the version it made."""
        tape, event = self.state.tape, self.state.tape.events[row.event]
        if row.node is None:
            return NOTHING
        found = held(tape, self.snap.position, row.node)
        if row.kind == "inplace" and isinstance(event, Operation):
            made = f"{found.text}, v{event.outputs[0].version}".removeprefix(", ")
            return replace(found, text=made)
        return found

    def _saved_sign(self, keeps: Held) -> str:
        signs = {"saved": self.glyphs.saved, "freed": self.glyphs.freed, "stale": "!"}
        return signs.get(keeps.kind, "")

    def _gradient(self, row: RailRow, keeps: Held) -> tuple[str, str]:
        """What flows into this record: the cotangent of its node, or a leaf's .grad; before that,
        what the node saves for it."""
        cols = self.cols
        run = self._run_of(row)
        if run is not None:
            ran = self.state.tape.events[run]
            assert isinstance(ran, NodeRan)
            return cell(
                ran.cotangents[0] if ran.cotangents else None, cols.gradient, self.glyphs
            ), "cotangent"
        if keeps.text:
            text = in_ascii(keeps.text) if self.glyphs.ascii else printable(keeps.text)
            return text, "error" if keeps.kind == "stale" else "dim"
        if row.detail:
            return self._reason(row, cols.gradient), _ROLES[row.kind]
        if row.kind != "leaf" or row.tensor is None:
            return "", ""
        grad = self.state.grad(row.tensor)
        if grad.value is not None:
            return cell(grad.value, cols.gradient, self.glyphs), "strong"
        return grad.kind, "faint"

    def _reason(self, row: RailRow, width: int) -> str:
        """Why no gradient comes here: in full, or in the words there is room for."""
        if len(row.detail) <= width:
            return in_ascii(row.detail) if self.glyphs.ascii else row.detail
        event = self.state.tape.events[row.event]
        reason = event.unrecorded if isinstance(event, Operation) else ""
        said = _REASONS.get(reason) or _REASONS.get(row.kind, row.detail)
        return said if len(said) <= width else _SHORT.get(reason, said)

    def _run_of(self, row: RailRow) -> int | None:
        """The event in which this row's node ran in the pass shown, if it has."""
        if row.node is None:
            return None
        found = self.state.tape.index.runs.before(row.node, self.snap.position)
        return found if found is not None and found >= self.since else None

    def _verdicts(self, row: RailRow) -> list[Piece]:
        sign = verdicts.sign(verdicts.at(self.snap.verdicts, row.event), self.glyphs)
        run = self._run_of(row)
        second = [] if run is None else [
            Piece(self.glyphs.up, "backward"),
            verdicts.sign(verdicts.at(self.snap.verdicts, run), self.glyphs),
        ]  # fmt: skip
        if {row.event, run} & self.snap.changed:
            return [sign, *second, Piece(" " + self.glyphs.changed, "warning")]
        return [sign, *second]


def current_row(snap: Snapshot) -> int | None:
    """The place of the shown row the current event is about, or of the fold it is in: on the way
    back that of the node."""
    row = _row(snap)
    at = -1 if row is None or snap.folds is None else snap.folds.shown(row)
    return at if at >= 0 else None


def _tight(shape: str, width: int, glyphs: Glyphs) -> str:
    """A shape as short as its column wants: `[3, 40]`, `[3,40]`, `3×40`."""
    between = "x" if glyphs.ascii else "×"
    forms = (shape, shape.replace(", ", ","), shape.strip("[]").replace(", ", between))
    return next((form for form in forms if len(form) <= width), forms[-1])


@lru_cache(maxsize=4)
def _in_order(events: frozenset[int]) -> tuple[int, ...]:
    return tuple(sorted(events))


def _row(snap: Snapshot) -> int | None:
    event, rails = snap.event, snap.rails
    if event is None or rails is None:
        return None
    if isinstance(event, NodeRan):
        return rails.row_of_node(event.node)
    if isinstance(event, Accumulated):
        return rails.row_of_tensor(event.tensor)
    if isinstance(event, Raised) and event.node is not None:  # the node at fault
        return rails.row_of_node(event.node)
    return rails.row_of_event(snap.position - 1)


def _backward(snap: Snapshot) -> bool:
    return isinstance(snap.event, NodeRan | Accumulated)
