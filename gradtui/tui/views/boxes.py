"""A small graph as boxes joined by lines: forward downwards, gradients back up the same lines.

drawn = boxes(snap, width, glyphs)
drawn.lines(left, width)            # a window onto the picture, from column `left` on
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from msgspec import Struct

from gradtui.session import Snapshot
from gradtui.tape.box_layout import Laid, Picture, arranged
from gradtui.tape.boxes import Box, Graph, title
from gradtui.tape.events import Accumulated, Changed, GradSet, NodeRan, Operation
from gradtui.tape.rails import MARKS, TWINS
from gradtui.tape.state import State, tape_state
from gradtui.tape.tape import Tape
from gradtui.tui.glyphs import UNICODE, Glyphs, in_ascii
from gradtui.tui.lines import Line, Piece, Target, cells, pad, printable
from gradtui.tui.views.cells import cell

ROOMS = (26, 20, 16, 13)  # columns inside the widest box, the first with which all fit
NARROWEST = 7
BORDER = 4  # columns of a box that are not inside

NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8
SOLID = " ╵╶└╷│┌├╴┘─┴┐┤┬┼"  # by the sides a line goes to
DOTTED: Mapping[str, str] = {"│": "┊", "─": "╌"}
FRAMES: Mapping[str, str] = {"plain": "┌┐└┘─│", "lit": "╔╗╚╝═║", "hollow": "┌┐└┘╌┊"}
PORTS_LIT: Mapping[str, str] = {"┬": "╤", "┴": "╧"}
LINES_ASCII = str.maketrans("╵╶└╷│┌├╴┘─┴┐┤┬┼┊╌╔╗╚╝═║╤╧", "|-'||.+-'-+.+++:.########")

Cell: TypeAlias = tuple[str, str, Target | None]
Grid: TypeAlias = list[list[Cell]]


class Drawn(Struct, frozen=True):
    """A picture: its cells, where the current box is (column, line, columns, lines), its width."""

    rows: tuple[tuple[Cell, ...], ...]
    focus: tuple[int, int, int, int] | None
    width: int

    def lines(self, left: int, width: int) -> list[Line]:
        """A window onto the picture."""
        return [Line(tuple(_pieces(row[left : left + width]))) for row in self.rows]


def _pieces(row: Sequence[Cell]) -> Iterator[Piece]:
    for (role, target), run in groupby(row, itemgetter(1, 2)):
        yield Piece("".join(sign for sign, _, _ in run), role, target)


def boxes(snap: Snapshot, graph: Graph, width: int, glyphs: Glyphs) -> Drawn | None:
    """A graph as it is at the cursor, in boxes as wide as `width` allows."""
    tape, state = snap.tape, snap.state
    if tape is None or state is None or not graph.boxes:
        return None
    return _Drawing(snap, tape, state, graph, _sizes(tape, graph, width), glyphs).drawn()


# sizes


class Sizes(Struct, frozen=True):
    """A layout, with how wide each box is inside and how many lines of text it has."""

    picture: Picture
    rooms: tuple[int, ...]
    lines: int


def _sizes(tape: Tape, graph: Graph, width: int) -> Sizes:
    """The layout with the widest boxes that fit; it is the same whatever has happened."""
    key = ("box sizes", graph.key, width)
    found: Sizes | None = tape.memo.get(key)
    if found is None:
        tries = (_sized(tape, graph, most) for most in ROOMS)
        fits = next((each for each in tries if each.picture.width <= width), None)
        found = tape.memo[key] = fits or _sized(tape, graph, ROOMS[-1])
    return found


def _sized(tape: Tape, graph: Graph, most: int) -> Sizes:
    rooms = tuple(_room(tape, box, most) for box in graph.boxes)
    lines = 3 if any(not net.hollow for net in graph.nets) else 2
    return Sizes(arranged([room + BORDER for room in rooms], graph.nets, lines + 2), rooms, lines)


def _room(tape: Tape, box: Box, most: int) -> int:
    """Columns a box needs inside, for its title and its numbers as they are at last."""
    end = tape_state(tape, len(tape))
    shown = (end.value(box.tensor), end.grad(box.tensor).value)
    numbers = [2 + cells(cell(value, most - 2, UNICODE)) for value in shown if value is not None]
    return max(NARROWEST, min(most, max([2 + cells(printable(title(tape, box))), *numbers])))


# drawing


class _Drawing(Struct):
    """One picture being drawn, cell by cell."""

    snap: Snapshot
    tape: Tape
    state: State
    graph: Graph
    sizes: Sizes
    glyphs: Glyphs

    def drawn(self) -> Drawn:
        picture = self.sizes.picture
        grid: Grid = [[(" ", "", None)] * picture.width for _ in range(picture.height)]
        ports = self._wires(grid)
        here, focus = self._current(), None
        for at, box in enumerate(self.graph.boxes):
            if not self._is_there(at):
                continue
            self._box(grid, at, box, at == here)
            if at == here:
                place = picture.places[at]
                focus = (place.x, place.y, self.sizes.rooms[at] + BORDER, self.sizes.lines + 2)
        for x, y, sign in ports:
            edge, role, target = grid[y][x]
            lit = edge in "═#"
            grid[y][x] = (self._sign(PORTS_LIT[sign] if lit else sign), role, target)
        return Drawn(tuple(map(tuple, grid)), focus, picture.width)

    def _sign(self, sign: str) -> str:
        return sign.translate(LINES_ASCII) if self.glyphs.ascii else sign

    # what has happened

    def _is_there(self, at: int) -> bool:
        return self.graph.boxes[at].shown < self.snap.position

    def _current(self) -> int | None:
        """The box the current event is about."""
        event = self.snap.event
        made, tensor = None, None
        if isinstance(event, Operation):
            made = self.snap.position - 1
            tensor = event.outputs[0].tensor if event.outputs else None
        elif isinstance(event, NodeRan):
            made = self.tape.index.makers.get(event.node)
        elif isinstance(event, Accumulated | GradSet):
            tensor = event.tensor
        elif isinstance(event, Changed):
            tensor = event.owner if event.owner is not None else event.after.tensor
        for at, box in enumerate(self.graph.boxes):
            same = box.event is None and box.tensor == tensor
            if same or (made is not None and box.event == made):
                return at
        return None

    def _run(self, box: Box) -> NodeRan | None:
        """How the box's node ran in the pass shown, if it has."""
        event = self.tape.events[box.event] if box.event is not None else None
        node = event.grad_fn if isinstance(event, Operation) else None
        at = None if node is None else self.tape.index.runs.before(node, self.snap.position)
        ran = None if at is None else self.tape.events[at]
        return ran if isinstance(ran, NodeRan) and ran.number == self.state.number else None

    # boxes

    def _box(self, grid: Grid, at: int, box: Box, lit: bool) -> None:
        x, y = self.sizes.picture.places[at]
        room, mark = self.sizes.rooms[at], self._mark(box)
        hollow = mark in (MARKS["hollow"], MARKS["constant"], MARKS["cut"])
        frame = FRAMES["lit" if lit else "hollow" if hollow else "plain"]
        back = "here " if lit else ""
        line = back + ("marker" if lit else "backward" if self._run(box) else "dim")
        target = Target("goto", box.shown + 1)
        sides, across = (frame[5], line), frame[4] * (room + 2)
        self._write(grid, x, y, target, (frame[0] + across + frame[1], line))
        texts = tuple(self._texts(box, room, mark))[: self.sizes.lines]
        for row, (text, role) in enumerate(texts, 1):
            inside = f" {pad(text, room, self.glyphs.ellipsis)} "
            self._write(grid, x, y + row, target, sides, (inside, f"{back}{role}".strip()), sides)
        below = y + self.sizes.lines + 1
        self._write(grid, x, below, target, (frame[2] + across + frame[3], line))

    def _write(self, grid: Grid, x: int, y: int, target: Target, *runs: tuple[str, str]) -> None:
        for text, role in runs:
            shown = text.translate(LINES_ASCII) if self.glyphs.ascii else text
            for sign in shown:
                grid[y][x] = (sign, role, target)
                x += 1

    def _mark(self, box: Box) -> str:
        event = self.tape.events[box.event] if box.event is not None else None
        if not isinstance(event, Operation):
            value = self.state.value(box.tensor)
            return MARKS["leaf" if value is not None and value.requires_grad else "constant"]
        if event.inplace:
            return MARKS["inplace"]
        if event.grad_fn is not None:
            taken = [value.tensor for value in event.inputs]
            return "◉" if len(set(taken)) < len(taken) else MARKS["operation"]
        return MARKS["cut" if event.unrecorded == "detach" else "hollow"]

    def _texts(self, box: Box, room: int, mark: str) -> Iterator[tuple[str, str]]:
        """Title, numbers, and what came back."""
        name = printable(title(self.tape, box))
        if cells(name) > room - 2:
            name = name.removeprefix("torch.")
        if box.event is None and cells(name) > room - 2:  # of a parameter, its end says most
            name = self.glyphs.ellipsis + name[3 - room :]
        if self.glyphs.ascii:
            mark, name = mark.translate(TWINS), in_ascii(name)
        yield f"{mark} {name}", "strong"
        yield "  " + cell(self.state.value(box.tensor), room - 2, self.glyphs), ""
        yield self._gradient(box, room)

    def _gradient(self, box: Box, room: int) -> tuple[str, str]:
        ran = self._run(box)
        if ran is not None:
            sent = ran.cotangents[0] if ran.cotangents else None
            return f"{self.glyphs.up} {cell(sent, room - 2, self.glyphs)}", "cotangent"
        value = self.state.value(box.tensor)
        if box.event is not None or value is None or not value.requires_grad:
            return "", ""
        grad = self.state.grad(box.tensor)
        if grad.value is None:
            words = f"  .grad {grad.kind}"
            return words if cells(words) <= room else f"  {grad.kind}", "faint"
        return f"{self.glyphs.up} {cell(grad.value, room - 2, self.glyphs)}", "cotangent"

    # wires

    def _wires(self, grid: Grid) -> list[tuple[int, int, str]]:
        """Draws the wires; where they leave and enter boxes."""
        ports: list[tuple[int, int, str]] = []
        sides: dict[tuple[int, int], tuple[int, str, bool]] = {}
        for laid in self.sizes.picture.wires:
            net = self.graph.nets[laid.wire.net]
            ends = zip(laid.wire.targets, laid.wire.boxes, strict=True)
            columns = [column for column, box in ends if self._reaches(laid, box)]
            if not columns or not self._is_there(net.source):
                continue
            ran = any(self._run(self.graph.boxes[target]) for target in net.targets)
            role = "dim" if net.hollow else "backward" if ran else "forward"
            for place, side in _traced(laid, columns).items():
                _lay(sides, place, side, role, net.hollow)
            ports += self._ports(laid, columns)
        for (x, y), (side, role, hollow) in sides.items():
            sign = DOTTED.get(SOLID[side], SOLID[side]) if hollow else SOLID[side]
            grid[y][x] = (self._sign(sign), role, None)
        return ports

    def _ports(self, laid: Laid, columns: Sequence[int]) -> Iterator[tuple[int, int, str]]:
        """Where a wire leaves a box and enters others; one on its way past touches none."""
        source = self.graph.nets[laid.wire.net].source
        if laid.top == self.sizes.picture.places[source].y + self.sizes.lines + 2:
            yield laid.wire.source, laid.top - 1, "┬"
        for column, box in zip(laid.wire.targets, laid.wire.boxes, strict=True):
            if box is not None and column in columns:
                yield column, laid.bottom + 1, "┴"

    def _reaches(self, laid: Laid, box: int | None) -> bool:
        """Whether there is something at the end of a branch; of one that goes on, further down."""
        if box is not None:
            return self._is_there(box)
        places = self.sizes.picture.places
        targets = self.graph.nets[laid.wire.net].targets
        return any(self._is_there(each) and places[each].y > laid.bottom + 1 for each in targets)


def _traced(laid: Laid, columns: Sequence[int]) -> dict[tuple[int, int], int]:
    """The cells of a wire, each with the sides it goes to."""
    found: dict[tuple[int, int], int] = {}

    def add(x: int, y: int, side: int) -> None:
        found[x, y] = found.get((x, y), 0) | side

    source, track = laid.wire.source, laid.track
    for y in range(laid.top, laid.bottom + 1 if track is None else track):
        add(source, y, NORTH | SOUTH)
    if track is None:
        return found
    add(source, track, NORTH)
    for column in columns:
        step = 1 if column > source else -1
        for x in range(source, column, step):
            add(x, track, EAST if step > 0 else WEST)
            add(x + step, track, WEST if step > 0 else EAST)
        add(column, track, SOUTH)
        for y in range(track + 1, laid.bottom + 1):
            add(column, y, NORTH | SOUTH)
    return found


def _lay(
    sides: dict[tuple[int, int], tuple[int, str, bool]],
    place: tuple[int, int],
    side: int,
    role: str,
    hollow: bool,
) -> None:
    """Where two wires cross, the one that goes down is drawn."""
    if place not in sides or side != EAST | WEST:
        sides[place] = (side, role, hollow)
