"""The drawing of the tape: one line a record, joined, cut, hollow, folded."""

import msgspec
import pytest
from sample import Run, document

from gradtui.tape import events as e
from gradtui.tape.rails import RailOptions, layout


def drawn(run: Run, **options: object) -> str:
    rows = layout(run.tape(), options=RailOptions(**options))  # type: ignore[arg-type]
    return "\n".join(f"{row.glyphs}{row.label}".rstrip() for row in rows[1:])


DIAMOND = Run().leaf("x").op("a", "exp", "x").op("b", "sin", "x").op("c", "add", "a b")
DOUBLE = Run().leaf("y").op("z", "mul", "y y").op("t", "mul", "z y").op("u", "add", "t t")
BROADCAST = Run().leaf("m").leaf("row", 2.0).op("s", "mul", "m row").op("r", "add", "s row")
DETACH = Run().leaf("a").leaf("b").op("c", "detach", "b", why="detach").op("d", "add", "a c")
DETACH_LAST = Run().leaf("b").op("c", "detach", "b", why="detach")
NO_GRAD = Run().leaf("a").leaf("b").op("y", "mul", "a b", why="no_grad")
CAT = Run().leaf("a").leaf("b").leaf("c").op("d", "cat", "a b c").op("e", "mul", "d a")
SPLIT = Run().leaf("a").op("p q r", "split", "a").op("s", "mul", "p r").op("t", "add", "s q")

GOLDENS = {
    "diamond": (DIAMOND, """\
◆   x
├─● a = ExpBackward0
● │ b = SinBackward0
●─┘ c = AddBackward0"""),
    "double edge": (DOUBLE, """\
◆   y
╞═◉ z = MulBackward0
●─┘ t = MulBackward0
◉   u = AddBackward0"""),
    "broadcast": (BROADCAST, """\
◆   m
│ ◆ row
●─┤ s = MulBackward0
●─┘ r = AddBackward0"""),
    "detach": (DETACH, """\
◆   a
│ ◆ b
│ ╳ c = detach
●╌┘ d = AddBackward0"""),
    "detach of what goes on": (
        Run().leaf("b").op("c", "detach", "b", why="detach").op("d", "mul", "b c"), """\
◆   b
├╳○ c = detach
●╌┘ d = MulBackward0"""),
    "no_grad": (NO_GRAD, """\
◆   a
│ ◆ b
○─┘ y = mul"""),
    "cat": (CAT, """\
◆       a
│ ◆     b
│ │ ◆   c
├─●─┘   d = CatBackward0
●─┘     e = MulBackward0"""),
    "several outputs": (SPLIT, """\
◆     a
●─┬─┐ p, q, r = SplitBackward0
●─│─┘ s = MulBackward0
●─┘   t = AddBackward0"""),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDENS)
def test_classic_graphs(name: str) -> None:
    run, picture = GOLDENS[name]
    width = max(len(row.glyphs) for row in layout(run.tape()))
    told = "\n".join(f"{row.glyphs[:width].rstrip()} {row.label}" for row in layout(run.tape())[1:])
    wanted = "\n".join(
        " ".join(line.split(maxsplit=0)) if not line else _squeeze(line)
        for line in picture.split("\n")
    )
    assert told == wanted


def _squeeze(line: str) -> str:
    """A golden's line with its padding between glyphs and label taken out."""
    cut = next(i for i, c in enumerate(line) if c.isalpha())
    return f"{line[:cut].rstrip()} {line[cut:]}"


def test_four_epochs_and_their_zeroing() -> None:
    assert drawn(document()).split("\n")[4:12] == [
        "◆     w",
        "│ ◇   c",
        "│ ┊   epoch = 0",
        "├─┼─● m = MulBackward0",
        "│ ┊ ● l = SumBackward0",
        "│ ┊ ▽ w.grad.zero_()",
        "│ ┊   epoch = 1",
        "├─┼─● m = MulBackward0",
    ]


def test_a_long_chain_is_one_rail() -> None:
    run = Run().leaf("x")
    for _ in range(200):
        run.op("x", "sin", "x")
    rows = layout(run.tape())
    assert rows.width == 2
    assert [row.glyphs for row in rows[1:]] == ["◆ ", *["● "] * 200]


def test_many_lanes_fold_into_an_ellipsis() -> None:
    run = Run()
    for i in range(30):
        run.leaf(f"x{i}")
    run.op("c", "cat", " ".join(f"x{i}" for i in range(30)))
    rows = layout(run.tape())
    assert rows.width == 24
    assert rows[29].glyphs.endswith("◆…")


@pytest.mark.parametrize(
    ("run", "kind", "detail"),
    [
        (DETACH_LAST, "cut", "cut: shares the numbers, not the history"),
        (NO_GRAD, "hollow", "not recorded: gradients are off (no_grad)"),
        (Run().leaf("a", grad=False).op("b", "pow", "a"), "hollow",
         "not recorded: no input requires grad"),
        (DOUBLE, "operation", "takes t ×2"),
    ],
)  # fmt: skip
def test_the_reason_is_told(run: Run, kind: str, detail: str) -> None:
    row = layout(run.tape())[-1]
    assert (row.kind, row.detail) == (kind, detail)


@pytest.mark.parametrize("run", [run for run, _ in GOLDENS.values()])
def test_the_ascii_twin_is_ascii_and_as_wide(run: Run) -> None:
    for row in layout(run.tape()):
        assert row.ascii.isascii()
        assert len(row.ascii) == len(row.glyphs) == 2 * len(row.lanes)


def test_rows_of_events_nodes_and_tensors() -> None:
    tape = document().tape()
    rows = layout(tape)
    for at, row in enumerate(rows):
        assert rows.row_of_event(row.event) == at
        if row.node is not None:
            assert rows.row_of_node(row.node) == at
    assert rows[rows.row_of_tensor(0) or 0].label == "x"
    accumulate = tape.index.accumulators[0]
    assert rows.row_of_node(accumulate) == rows.row_of_tensor(0)


def test_a_step_alone_shows_where_its_tensors_came_from() -> None:
    run = Run().leaf("x").op("y", "exp", "x").step("two").op("z", "sin", "y")
    tape = run.tape()
    rows = layout(tape, tape.steps[1].start)
    assert [(row.label, row.detail) for row in rows] == [
        ("two", ""),
        ("y", "from an earlier step"),
        ("z = SinBackward0", ""),
    ]


def test_leaves_that_only_the_nodes_tell_of_have_a_rail() -> None:
    run = Run().leaf("w").leaf("x", grad=False).op("y", "mul", "x w")
    call = next(i for i, event in enumerate(run.events)
                if isinstance(event, e.Operation) and event.nodes)  # fmt: skip
    operation = run.events[call]
    assert isinstance(operation, e.Operation)
    run.events[call] = msgspec.structs.replace(operation, inputs=operation.inputs[:1])
    assert drawn(run) == "◆   w\n│ ◇ x\n●╌┘ y = MulBackward0"


def test_slices_are_the_rows() -> None:
    rows = layout(document().tape())
    assert list(rows) == rows[:] == [rows[i] for i in range(len(rows))]
