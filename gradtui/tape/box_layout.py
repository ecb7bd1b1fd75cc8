"""Where boxes stand and how their lines run: layers from above, few crossings, no line over another.

    picture = arranged(widths, nets, height)      # widths of the boxes, nets of `gradtui.tape.boxes`
    picture.places[0]                             # Place(x, y) of the first box's upper left corner
    picture.wires                                 # lines from box to box, column by column

The layers are those of Sugiyama, Tagawa and Toda (1981): longest paths, barycentres for the order.
Columns come from an isotonic regression towards the neighbours; lines between two layers are laid
like those of a channel (Hashimoto and Stevens, 1971).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from gradtui.tape.boxes import Net
from gradtui.tape.channels import Wire, clear_of, routed, spread

GAP = 3  # columns between two neighbours
SWEEPS = 8


class Place(NamedTuple):
    """Column and line of a box's upper left corner."""

    x: int
    y: int


class Laid(Struct, frozen=True):
    """A wire with the lines it runs in: from `top`, its track in line `track`, to `bottom`."""

    wire: Wire
    top: int
    track: int | None  # None where it only goes straight down
    bottom: int


class Picture(Struct, frozen=True):
    """Boxes and wires in a plane of `width` columns and `height` lines."""

    places: tuple[Place, ...]
    wires: tuple[Laid, ...]
    width: int
    height: int


class Spot(Struct, eq=False):
    """Something in a layer: a box, or a wire on its way past (`box` is None)."""

    box: int | None
    width: int
    layer: int
    x: int = 0
    above: list["Spot"] = []
    below: list["Spot"] = []

    @property
    def centre(self) -> float:
        return self.x + (self.width - 1) / 2


class Strand(NamedTuple):
    """A net between two layers: from one spot to those it reaches in the next."""

    net: int
    source: Spot
    targets: tuple[Spot, ...]


def arranged(widths: Sequence[int], nets: Sequence[Net], height: int) -> Picture:
    """Places for boxes of these widths, all of one height."""
    layers, strands = _layered(widths, nets)
    _order(layers)
    _set_columns(layers)
    return _stacked(layers, [_wires(each) for each in strands], len(widths), height)


# layers


def _layers_of(count: int, nets: Sequence[Net]) -> list[int]:
    """A layer for each box: below all it takes; what takes nothing stands just above its first use.

    Boxes come in the order of their making, so a net's source comes before its targets.
    """
    layer = [0] * count
    inputs: dict[int, list[int]] = {}
    outputs: dict[int, list[int]] = {}
    for net in nets:
        for target in net.targets:
            inputs.setdefault(target, []).append(net.source)
            outputs.setdefault(net.source, []).append(target)
    for _ in range(count):
        before = list(layer)
        for box, sources in inputs.items():
            layer[box] = 1 + max(layer[source] for source in sources)
        if layer == before:
            break
    for box, targets in outputs.items():
        if box not in inputs:
            layer[box] = min(layer[target] for target in targets) - 1
    return layer


def _layered(
    widths: Sequence[int], nets: Sequence[Net]
) -> tuple[list[list[Spot]], list[list[Strand]]]:
    level = _layers_of(len(widths), nets)
    layers: list[list[Spot]] = [[] for _ in range(max(level, default=-1) + 1)]
    spots = [Spot(box, width, level[box]) for box, width in enumerate(widths)]
    for spot in spots:
        layers[spot.layer].append(spot)
    strands: list[list[Strand]] = [[] for _ in layers[1:]]
    for number, net in enumerate(nets):
        source, left = spots[net.source], [spots[target] for target in net.targets]
        while left:
            reached = [spot for spot in left if spot.layer == source.layer + 1]
            left = [spot for spot in left if spot.layer > source.layer + 1]
            if left:
                layers[source.layer + 1].append(Spot(None, 1, source.layer + 1))
                reached.append(layers[source.layer + 1][-1])
            strands[source.layer].append(Strand(number, source, tuple(reached)))
            for spot in reached:
                source.below.append(spot)
                spot.above.append(source)
            source = reached[-1]
    return layers, strands


# the order within each layer


def _order(layers: list[list[Spot]]) -> None:
    """The order with the fewest crossings of those the sweeps come by."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for before, layer in pairwise(layers if down else layers[::-1]):
            rank = {spot: at for at, spot in enumerate(before)}
            middle = {
                spot: _mean([rank[other] for other in (spot.above if down else spot.below)], at)
                for at, spot in enumerate(layer)
            }
            layer.sort(key=middle.__getitem__)
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _crossings(layers: Sequence[Sequence[Spot]]) -> int:
    count = 0
    for upper, lower in pairwise(layers):
        rank = {spot: at for at, spot in enumerate(lower)}
        ends = [(at, rank[below]) for at, spot in enumerate(upper) for below in spot.below]
        count += sum(1 for a, b in ends for c, d in ends if a < c and b > d)
    return count


# columns


def _set_columns(layers: Sequence[Sequence[Spot]]) -> None:
    for layer in layers:
        _place(layer, [0.0] * len(layer))
    for sweep in range(2 * SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            wishes = [
                _mean([other.centre for other in (spot.above if down else spot.below)], spot.centre)
                - (spot.width - 1) / 2
                for spot in layer
            ]
            _place(layer, wishes)
    for layer in layers:
        _straighten(layer)
    left = min((spot.x for layer in layers for spot in layer), default=0)
    for layer in layers:
        for spot in layer:
            spot.x -= left


def _place(layer: Sequence[Spot], wishes: Sequence[float]) -> None:
    """As near to the wished columns as the order and the gaps allow, in the least squares."""
    offsets = [0]
    for spot in layer[:-1]:
        offsets.append(offsets[-1] + spot.width + GAP)
    near = _isotonic([wish - offset for wish, offset in zip(wishes, offsets, strict=True)])
    for spot, offset, at in zip(layer, offsets, near, strict=True):
        spot.x = round(at) + offset


def _straighten(layer: Sequence[Spot]) -> None:
    """A wire that comes past in the layer above too goes straight on, where there is room."""
    for at, spot in enumerate(layer):
        if spot.box is not None or not spot.above or spot.above[0].box is not None:
            continue
        wish = spot.above[0].x
        after_left = at == 0 or layer[at - 1].x + layer[at - 1].width < wish
        if after_left and (at + 1 == len(layer) or wish + 1 < layer[at + 1].x):
            spot.x = wish


def _isotonic(values: Sequence[float]) -> list[float]:
    """The nearest sequence that never falls: neighbours that would are pooled."""
    pools: list[tuple[float, int]] = []  # mean, size
    for value in values:
        pools.append((value, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [((a * m + b * n) / (m + n), m + n)]
    return [mean for mean, size in pools for _ in range(size)]


# wires


def _wires(strands: Sequence[Strand]) -> list[Wire]:
    """The strands of one channel with the columns they leave from and arrive in."""
    leaving = _leaving(strands)
    arriving: dict[Spot, list[tuple[int, int]]] = {}  # target → (source column, strand), repeated
    for at, strand in enumerate(strands):
        for target in strand.targets:
            arriving.setdefault(target, []).append((leaving[at], at))
    reached: list[list[tuple[int, int | None]]] = [[] for _ in strands]
    for target, ends in arriving.items():
        ends.sort()
        others = {leaving[at] for at in range(len(strands)) if at not in {one for _, one in ends}}
        columns = _inside(target, [column for column, _ in ends])
        if target.box is not None:
            columns = clear_of(columns, others, target.x + 1, target.x + target.width - 2)
        for (_, at), column in zip(ends, columns, strict=True):
            reached[at].append((column, target.box))
    return [
        Wire(
            strand.net,
            leaving[at],
            tuple(column for column, _ in reached[at]),
            tuple(box for _, box in reached[at]),
        )
        for at, strand in enumerate(strands)
    ]


def _leaving(strands: Sequence[Strand]) -> list[int]:
    """The column each strand leaves from: towards a single target, else from the middle."""
    by_source: dict[Spot, list[int]] = {}
    for at, strand in enumerate(strands):
        by_source.setdefault(strand.source, []).append(at)
    found = [0] * len(strands)
    for source, group in by_source.items():
        wishes = [
            _mean([target.centre for target in strands[at].targets], source.centre)
            if len(group) > 1 or len(set(strands[at].targets)) == 1
            else source.centre
            for at in group
        ]
        order = sorted(range(len(group)), key=wishes.__getitem__)
        columns = _inside(source, [int(wishes[at]) for at in order])
        for at, column in zip(order, columns, strict=True):
            found[group[at]] = column
    return found


def _inside(spot: Spot, wishes: Sequence[int]) -> list[int]:
    if spot.box is None:
        return [spot.x] * len(wishes)
    return spread(wishes, spot.x + 1, spot.x + spot.width - 2)


def _stacked(
    layers: Sequence[Sequence[Spot]], channels: Sequence[Sequence[Wire]], count: int, height: int
) -> Picture:
    """Layers and channels one below the other; a wire on its way past a layer goes through it."""
    places = [Place(0, 0)] * count
    laid: list[Laid] = []
    y = 0
    for at, layer in enumerate(layers):
        for spot in layer:
            if spot.box is not None:
                places[spot.box] = Place(spot.x, y)
        wires = channels[at] if at < len(channels) else ()
        tracks = routed(wires)
        room = max((1 + track for track in tracks if track is not None), default=1)
        top = y + height
        passing = {spot.x for spot in layer if spot.box is None}
        for wire, track in zip(wires, tracks, strict=True):
            start = y if wire.source in passing else top
            line = None if track is None else top + track
            laid.append(Laid(wire, start, line, top + room - 1))
        y = top + room
    y -= 1 if layers else 0
    width = max((spot.x + spot.width for layer in layers for spot in layer), default=0)
    return Picture(tuple(places), tuple(laid), width, y)
