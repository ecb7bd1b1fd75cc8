"""The tape drawn as rails, one line a record, the way `git log --graph` draws a history.

    for row in layout(tape):
        print(row.glyphs, row.label, row.shape, row.detail)

    ◆     x                   [3]
    ●     y = AddBackward0    [3]
    ├─◉   MulBackward0        [3]   y twice: two gradients add up
    ●─┘   z = MulBackward0    [3]

Forward runs downwards; a tensor that is used later keeps a lane until its last use. A solid rail
(│ ─) carries gradients back, a dotted one (┊ ╌) never will, a double one (═) is taken twice.
◆ leaf that requires grad, ◇ constant, ● recorded operation, ◉ one that takes a tensor twice, ○ not
recorded, ╳ cut, ▼ changed in place (▽ unrecorded), ▣ rows folded into one. Each mark
has an ASCII twin.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from msgspec import Struct
from msgspec.structs import replace

from gradtui.tape import events as e
from gradtui.tape.labels import by, changing, label, name_from, plain, sized, together, turn
from gradtui.tape.lanes import (
    EMPTY,
    Join,
    Plan,
    Planner,
    Plans,
    RowKind,
    taken,
    together_as_one,
)
from gradtui.tape.tape import Tape

__all__ = ["Lane", "RailOptions", "RailRow", "Rails", "RowKind", "layout"]


class Lane(Struct, frozen=True):
    """What a lane of a row carries: columns 2·i and 2·i + 1 of its glyphs."""

    tensor: int
    hollow: bool  # no gradient will ever flow here


class RailRow(Struct, frozen=True):
    """One line. `glyphs` and `ascii` have the same width; lane i is columns 2·i and 2·i + 1."""

    glyphs: str
    ascii: str
    kind: RowKind
    label: str  # "y = AddBackward0", "x"
    detail: str  # the reason of a cut or a hollow operation, else ""
    shape: str  # "[3]"
    tensor: int | None
    node: int | None
    event: int  # index of the event in the tape; its position is event + 1
    lanes: tuple[Lane | None, ...]
    times: int = 1  # how often it takes a tensor that it takes most often


class RailOptions(Struct, frozen=True):
    """`lanes`: how many are drawn at most; the last stands for all beyond."""

    lanes: int = 12


USUAL = RailOptions()

REASONS: Mapping[str, str] = {
    "no_grad": "not recorded: gradients are off (no_grad)",
    "inputs": "not recorded: no input requires grad",
    "detach": "cut: shares the numbers, not the history",
    "not differentiable": "not recorded: it has no gradient",
    "leaf": "",
}

MARKS: Mapping[str, str] = {
    "leaf": "◆",
    "constant": "◇",
    "operation": "●",
    "hollow": "○",
    "cut": "╳",
    "inplace": "▼",
    "epoch": "▣",
    "module": "▣",
}

TWINS = str.maketrans("▣◆◇●◉○╳▼▽│┊─╌═├┤┼┴└┘╞╡╪╧╘╛┐┌┬…", "%#.*@oxVv|:-.=+++'''+++'''...~")


class Rails(Sequence[RailRow]):
    """Rows of a layout, drawn when asked for: slices are cheap at any length."""

    def __init__(self, tape: Tape, plans: Plans) -> None:
        self._tape, self._plans = tape, plans
        self.shapes = _widest(tape)  # columns of the widest shape, as `2×4×128×128`

    def __len__(self) -> int:
        return len(self._plans.rows)

    @overload
    def __getitem__(self, at: int) -> RailRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[RailRow]: ...
    def __getitem__(self, at: int | slice) -> RailRow | list[RailRow]:
        if isinstance(at, slice):
            return [self._row(plan) for plan in self._plans.rows[at]]
        return self._row(self._plans.rows[at])

    def __iter__(self) -> Iterator[RailRow]:
        return map(self._row, self._plans.rows)

    def folded(self, first: int, stop: int, end: int) -> RailRow:
        """Rows `first` (their heading) up to `stop` drawn as one: a mark between what they took
        and what goes on. Event `end` is the first that is no longer theirs."""
        rows = self._plans.rows[first:stop]
        drawn = self._row(together_as_one(rows, self._plans.width))
        if rows[0].kind != "module":
            return replace(drawn, kind=rows[0].kind)
        last = self._row(rows[-1])
        name = name_from(self._tape, end, rows[-1].tensor)
        return replace(
            drawn, kind="module", label=f"{name} = {drawn.label}" if name else drawn.label,
            shape=last.shape, node=last.node,
        )  # fmt: skip

    @property
    def plans(self) -> Plans:
        """The rows before they are drawn."""
        return self._plans

    def kinds(self) -> Iterator[RowKind]:
        """The kind of every row, without drawing any."""
        return (plan.kind for plan in self._plans.rows)

    @property
    def width(self) -> int:
        """Columns of glyphs of every row."""
        return 2 * self._plans.width

    def row_of_event(self, event: int) -> int | None:
        """The row that stands for an event: its own, or the last one before it."""
        return self._plans.at(event)

    def row_of_node(self, node: int) -> int | None:
        """The row of the operation that made a node; for an AccumulateGrad, that of its leaf."""
        found = self._tape.nodes.get(node)
        if found is None:
            return None
        if found.leaf is not None:
            return self.row_of_tensor(found.leaf)
        row = self._own_row(self._tape.index.makers[node])
        return row if row is None else self._inner_row(node, row)

    def _inner_row(self, node: int, row: int) -> int:
        """The row of a node inside an operation, above the operation's own."""
        rows = self._plans.rows
        for at in range(row - 1, -1, -1):
            if rows[at].kind != "inner":
                break
            if rows[at].node == node:
                return at
        return row

    def row_of_tensor(self, tensor: int) -> int | None:
        """The row in which a tensor first stands."""
        index = self._tape.index
        made = index.origins.get(tensor)
        return self._own_row(index.uses.at_or_after(tensor, 0) if made is None else made, tensor)

    def _own_row(self, event: int | None, tensor: int | None = None) -> int | None:
        """The row of an event; of several, that of a tensor where it has one."""
        last = None if event is None else self._plans.at(event)
        row = last
        while tensor is not None and row is not None and row >= 0:
            plan = self._plans.rows[row]
            if plan.event != event:
                break
            if plan.tensor == tensor:
                return row
            row -= 1
        return last

    def _row(self, plan: Plan) -> RailRow:
        glyphs = _glyphs(self._tape, plan, self._plans.width)
        event = self._tape.events[plan.event]
        text = _texts(self._tape, plan, event)
        return RailRow(
            glyphs,
            glyphs.translate(TWINS),
            plan.kind,
            text.label,
            text.detail,
            text.shape,
            None if plan.tensor == EMPTY else plan.tensor,
            _node_of(plan, event),
            plan.event,
            _lanes(plan, self._plans.width),
            max((join.times for join in plan.joins), default=1),
        )


def layout(
    tape: Tape, start: int = 0, stop: int | None = None, options: RailOptions = USUAL
) -> Rails:
    """The rails of `tape.events[start:stop]`; tensors from before it appear at their first use."""
    end = len(tape) if stop is None else min(stop, len(tape))
    planner = Planner(tape, max(0, start), end, max(2, options.lanes))
    return Rails(tape, planner.plan())


def _widest(tape: Tape) -> int:
    found = {value.shape for event in tape.events if type(event) is e.Operation
             for value in event.outputs[:1]}  # fmt: skip
    return max((len("×".join(map(str, shape))) for shape in found), default=0)


# texts


class _Texts(Struct, frozen=True):
    label: str
    detail: str
    shape: str


def _node_of(plan: Plan, event: e.AnyEvent) -> int | None:
    if plan.node is None and isinstance(event, e.Operation) and _is_own(plan, event):
        return event.grad_fn
    return plan.node


def _is_own(plan: Plan, event: e.Operation) -> bool:
    """Whether a row stands for the operation itself, not for one of its inputs."""
    return bool(event.outputs) and event.outputs[0].tensor == plan.tensor


def _texts(tape: Tape, plan: Plan, event: e.AnyEvent) -> _Texts:
    match event:
        case e.StepBegan():
            return _Texts(event.step, "", "")
        case e.Iteration():
            return _Texts(turn(tape, plan.event), "", "")
        case e.ModuleBegan():
            return _Texts(event.name, "", "")
        case e.Operation() if plan.node is not None:
            node = tape.nodes[plan.node]
            return _Texts(
                plain(node.name),
                f"inside {sized(event) or event.name}",
                str(list(*node.shapes[:1])),
            )
        case e.Operation() if plan.kind == "bundle":
            return _Texts(sized(event) or event.name, "", "")
        case e.Operation() if _is_own(plan, event):
            return _operation_texts(tape, plan, event)
        case e.Operation():
            value = next(value for value in taken(tape, event) if value.tensor == plan.tensor)
            known = tape.index.origins.get(plan.tensor, plan.event) < plan.event
            earlier = "from an earlier step" if known else ""
            return _Texts(label(tape, plan.event, plan.tensor), earlier, str(list(value.shape)))
        case e.Changed():
            name = label(tape, plan.event, plan.tensor)
            how = f"new numbers by {by(event.cause)}"
            return _Texts(name, f"{how}, in place", str(list(event.after.shape)))
    return _Texts("", "", "")


def _operation_texts(tape: Tape, plan: Plan, event: e.Operation) -> _Texts:
    shape = str(list(event.outputs[0].shape))
    named = together(tape, plan.event, event)
    what = event.name if event.grad_fn is None else _node_name(tape, event.grad_fn, event.name)
    if plan.kind in ("leaf", "constant"):
        return _Texts(named or event.name, "", shape)
    if event.inplace:
        changed = changing(label(tape, plan.event, plan.tensor), event.name)
        what = changed if event.grad_fn is None else f"{changed} → {what}"
        if event.name == "requires_grad_":
            tracked = "now requires grad" if event.outputs[0].requires_grad else "no longer tracked"
            return _Texts(what, tracked, shape)
        if plan.tensor in tape.index.owners:
            return _Texts(what, "changes the gradient in place, not the graph", shape)
    elif named or sized(event):
        what = f"{named} = {what}" if named else f"{sized(event)}: {what}"
    details = (
        sized(event) if named else "",
        REASONS.get(event.unrecorded, event.unrecorded),
        _taken_twice(tape, plan),
    )
    return _Texts(what, "; ".join(filter(None, details)), shape)


def _node_name(tape: Tape, node: int, fallback: str) -> str:
    found = tape.nodes.get(node)
    return plain(found.name) if found else fallback


def _taken_twice(tape: Tape, plan: Plan) -> str:
    """`y ×2` for an operation that takes a tensor more than once."""
    return ", ".join(
        f"takes {label(tape, plan.event, code >> 1)} ×{join.times}"
        for join in plan.joins
        if join.times > 1 and (code := _code(plan.before, join.lane)) != EMPTY
    )


def _code(lanes: tuple[int, ...], lane: int) -> int:
    return lanes[lane] if lane < len(lanes) else EMPTY


# glyphs


def _lanes(plan: Plan, width: int) -> tuple[Lane | None, ...]:
    codes = (
        after if (after := _code(plan.after, i)) != EMPTY else _code(plan.before, i)
        for i in range(width)
    )
    return tuple(None if code == EMPTY else Lane(code >> 1, bool(code & 1)) for code in codes)


def _glyphs(tape: Tape, plan: Plan, width: int) -> str:
    cells = [" "] * (2 * width)
    for i in range(width):
        before, after = _code(plan.before, i), _code(plan.after, i)
        if before != EMPTY and after != EMPTY:
            cells[2 * i] = "┊" if before & 1 else "│"
    if plan.more:
        cells[-1] = "…"
    if plan.lane == EMPTY:
        return "".join(cells)
    own = min(plan.lane, width - 1)
    arms = [join._replace(lane=min(join.lane, width - 1)) for join in plan.joins]
    arms = [arm for arm in arms if arm.lane != own]
    event = tape.events[plan.event]
    born = [
        Join(min(lane, width - 1), bool(_code(plan.after, lane) & 1), 1, False)
        for lane in plan.born
    ]
    for side in (-1, 1):
        _arms(cells, own, [a for a in arms if (a.lane - own) * side > 0], side, plan.kind == "cut")
        _branches(cells, own, [b for b in born if (b.lane - own) * side > 0], side)
    cells[2 * own] = "○" if plan.kind == "cut" and arms else _mark(plan, event)
    return "".join(cells)


def _mark(plan: Plan, event: e.AnyEvent) -> str:
    recorded = isinstance(event, e.Operation) and event.grad_fn is not None
    if plan.kind == "inplace":
        return "▼" if recorded else "▽"
    twice = any(join.times > 1 for join in plan.joins)
    return "◉" if twice and plan.kind == "operation" else MARKS[plan.kind]


def _arms(cells: list[str], own: int, arms: list[Join], side: int, cut: bool) -> None:
    """Draws lines from the mark to the inputs on one side, the furthest first."""
    for rank, arm in enumerate(sorted(arms, key=lambda arm: -abs(arm.lane - own))):
        line = "═" if arm.times > 1 else "╌" if arm.hollow else "─"
        low, high = sorted((2 * own, 2 * arm.lane))
        for column in range(low + 1, high):
            if column % 2 or cells[column] == " ":
                cells[column] = _stronger(cells[column], line)
        if cut:
            cells[2 * own + side] = "╳"
        cells[2 * arm.lane] = _corner(arm, side, outermost=rank == 0)


def _stronger(drawn: str, line: str) -> str:
    """Of two lines in one place, the one that says more."""
    return max(drawn, line, key=" ╌─═".index) if drawn in " ╌─═" else drawn


def _corner(arm: Join, side: int, outermost: bool) -> str:
    """Where an input's lane meets the line: it goes on or ends, at the line's end or along it."""
    single = {(1, True): "┘┤", (-1, True): "└├", (1, False): "┴┼", (-1, False): "┴┼"}
    double = {(1, True): "╛╡", (-1, True): "╘╞", (1, False): "╧╪", (-1, False): "╧╪"}
    return (double if arm.times > 1 else single)[side, outermost][0 if arm.ends else 1]


def _branches(cells: list[str], own: int, born: list[Join], side: int) -> None:
    """Draws lines from the mark to further outputs, which begin here."""
    for rank, branch in enumerate(sorted(born, key=lambda each: -abs(each.lane - own))):
        low, high = sorted((2 * own, 2 * branch.lane))
        for column in range(low + 1, high):
            if column % 2 or cells[column] == " ":
                cells[column] = _stronger(cells[column], "╌" if branch.hollow else "─")
        cells[2 * branch.lane] = ("┐" if side > 0 else "┌") if rank == 0 else "┬"
