"""Small graphs as boxes: what belongs to them, where boxes stand, how lines run between them."""

from itertools import combinations
from random import Random

import pytest

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.box_layout import Picture, arranged
from gradtui.tape.boxes import MOST, Graph, Net, graph_at
from gradtui.tape.channels import Wire, routed, spread
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape

HEIGHT = 5


def played(code: str) -> Tape:
    found: list[e.AnyEvent] = []
    play(Program("test", (ProgramStep("s", code),)), engine, found.append)
    return Tape(found, {"s": code})


def names(tape: Tape, graph: Graph) -> list[str]:
    events = [None if box.event is None else tape.events[box.event] for box in graph.boxes]
    return [event.name if isinstance(event, e.Operation) else "leaf" for event in events]


DIAMOND = """import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * x
z = torch.sin(y) + torch.exp(y)
z.sum().backward()
"""
LOOP = """import torch
w = torch.ones(2, requires_grad=True)
for i in range(3):
    (w * i).sum().backward()
    w.grad = None
"""


def test_a_pass_has_all_its_root_came_from_and_a_double_edge_counts_twice() -> None:
    tape = played(DIAMOND)
    graph = graph_at(tape, len(tape))
    assert names(tape, graph) == ["leaf", "mul", "sin", "exp", "add", "sum"]
    assert [(net.source, net.targets) for net in graph.nets if net.source < 2] in (
        [(0, (1, 1)), (1, (2, 3))],
        [(1, (2, 3)), (0, (1, 1))],
    )
    assert graph_at(tape, 6).key == graph.key  # known before it has happened, so nothing jumps


def test_each_turn_of_a_loop_shows_its_own_graph() -> None:
    tape = played(LOOP)
    starts = tape.index.pass_starts
    during = [graph_at(tape, start + 1).key for start in starts]
    assert len(set(during)) == 3
    after = [each.stop for each in tape.index.passes]
    assert [graph_at(tape, stop).key for stop in after] == during
    computed = [
        at for at, event in enumerate(tape.events)
        if isinstance(event, e.Operation) and event.name == "mul"
    ]  # fmt: skip
    assert graph_at(tape, computed[1] + 1).key == during[1]


def test_without_a_pass_what_the_step_computed_is_shown() -> None:
    tape = played("import torch\na = torch.ones(2)\nb = a * 2\nc = a + 1\nd = b.detach()\n")
    graph = graph_at(tape, len(tape))
    assert names(tape, graph) == ["leaf", "mul", "add", "detach"]
    assert all(net.hollow for net in graph.nets)


def test_a_recorded_change_in_place_is_a_box_of_its_own() -> None:
    code = "import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\ny.mul_(3)\ny.sum().backward()\n"
    tape = played(code)
    assert names(tape, graph_at(tape, len(tape))) == ["leaf", "mul", "mul_", "sum"]


def test_a_graph_that_is_too_large_says_so() -> None:
    def chain(count: int) -> Graph:
        code = f"import torch\nx = torch.ones(1, requires_grad=True)\ny = x\nfor i in range({count}):\n"
        tape = played(code + "    y = y * 2\ny.backward()\n")
        return graph_at(tape, len(tape))

    assert chain(MOST - 1).whole
    assert len(chain(MOST - 1).boxes) == MOST
    assert not chain(MOST + 1).whole


def test_nothing_has_no_boxes() -> None:
    assert graph_at(played("import torch\n"), 1).boxes == ()


# the layout


def random_graph(seed: int) -> tuple[list[int], list[Net]]:
    random = Random(seed)
    count = random.randint(2, 16)
    targets: dict[int, list[int]] = {}
    for box in range(1, count):
        for _ in range(random.randint(0 if random.random() < 0.3 else 1, 3)):
            targets.setdefault(random.randrange(box), []).append(box)
    nets = [Net(s, s, tuple(sorted(t)), random.random() < 0.2) for s, t in targets.items()]
    return [random.randint(11, 30) for _ in range(count)], nets


@pytest.mark.parametrize("seed", range(60))
def test_boxes_stand_apart_and_every_edge_arrives(seed: int) -> None:
    widths, nets = random_graph(seed)
    picture = arranged(widths, nets, HEIGHT)
    for (a, here), (b, there) in combinations(enumerate(picture.places), 2):
        beside = here.x + widths[a] <= there.x or there.x + widths[b] <= here.x
        assert beside or abs(here.y - there.y) >= HEIGHT
    for number, net in enumerate(nets):
        assert sorted(reached(picture, number)) == sorted(net.targets)
        for target in net.targets:
            assert picture.places[net.source].y < picture.places[target].y


def reached(picture: Picture, net: int) -> list[int]:
    """The boxes a net's wires come to, followed from the source down."""
    wires = [laid for laid in picture.wires if laid.wire.net == net]
    boxes = []
    for laid in wires:
        for column, box in zip(laid.wire.targets, laid.wire.boxes, strict=True):
            if box is None:
                assert any(
                    other.wire.source == column and other.top == laid.bottom + 1 for other in wires
                )
            else:
                assert picture.places[box].y == laid.bottom + 1
                boxes.append(box)
    return boxes


@pytest.mark.parametrize("seed", range(60))
def test_ports_are_within_their_boxes_and_never_shared(seed: int) -> None:
    widths, nets = random_graph(seed)
    picture = arranged(widths, nets, HEIGHT)
    arrivals: list[tuple[int, int]] = []
    for laid in picture.wires:
        for column, box in zip(laid.wire.targets, laid.wire.boxes, strict=True):
            if box is not None:
                x = picture.places[box].x
                assert x < column < x + widths[box] - 1
                arrivals.append((column, laid.bottom))
    assert len(set(arrivals)) == len(arrivals)


@pytest.mark.parametrize("seed", range(40))
def test_two_wires_never_share_a_track(seed: int) -> None:
    widths, nets = random_graph(seed)
    spans: dict[int, list[tuple[int, int]]] = {}
    for laid in arranged(widths, nets, HEIGHT).wires:
        if laid.track is not None:
            spans.setdefault(laid.track, []).append(laid.wire.span)
    for each in spans.values():
        for (_, end), (start, _) in zip(sorted(each), sorted(each)[1:], strict=False):
            assert end < start


def test_a_chain_goes_straight_down() -> None:
    picture = arranged([12, 20, 15], [Net(0, 0, (1,), False), Net(1, 1, (2,), False)], HEIGHT)
    assert [laid.track for laid in picture.wires] == [None, None]
    assert picture.height == 3 * HEIGHT + 2


def test_a_wire_that_arrives_where_another_leaves_runs_below_it() -> None:
    tracks = routed([Wire(0, 10, (4,)), Wire(1, 4, (20,))])
    assert tracks == (1, 0)
    assert routed([Wire(0, 3, (3,))]) == (None,)


def test_ports_keep_their_distance() -> None:
    assert spread([5, 5, 5], 1, 9) == [5, 7, 9]
    assert spread([9, 9], 1, 9) == [7, 9]
    assert spread([0], 1, 9) == [1]
