"""Questions about nodes: every answer is what the tape holds, and every pitfall is another answer."""

import numpy as np
import pytest

import gradtui.engine as engine
from gradtui.language.program import Program, ProgramStep
from gradtui.session.answers import NOTHINGS
from gradtui.session.drill import Drill, NodeAsking
from gradtui.session.take import Take
from gradtui.tape.events import Accumulated, AnyEvent, NodeRan
from gradtui.tape.predicted import Prediction
from gradtui.tape.predictions import possible, predictions
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape
from gradtui.tape.values import array

HEAD = "import torch\n"


def taped(code: str) -> Tape:
    events: list[AnyEvent] = []
    play(Program("p", (ProgramStep("s", HEAD + code),)), engine, events.append)
    return Tape(events, {"s": HEAD + code})


def asked(tape: Tape) -> list[Prediction]:
    return [found for at in range(len(tape)) for found in predictions(tape, at)]


def of(code: str, kind: str, node: str = "") -> list[NodeAsking]:
    """The questions of a kind, about a node of that name, in any number of passes."""
    tape = taped(code)
    found = [one for at in range(len(tape)) for one in possible(tape, at) if one.kind == kind]
    named = [
        one
        for one in found
        if not node
        or (isinstance(ran := tape.events[one.at], NodeRan) and node in tape.nodes[ran.node].name)
    ]
    return [NodeAsking(one, 0) for one in named]


PASSES = "for _ in range(2):\n"
PROGRAMS = {
    "product": "x = torch.tensor([1., 2.], requires_grad=True)\n" + PASSES + "    w = 3 * x\n"
    "    (w * x).sum().backward()\n",
    "broadcast": "b = torch.tensor([1.5], requires_grad=True)\nx = torch.tensor([[1., 2.], [3., 4.]])\n"
    + PASSES + "    (x * b).sum().backward()\n",
    "matrix": "a = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)\nb = torch.ones(2, 3) * 2\n"
    + PASSES + "    (a @ b).mean().backward()\n",
    "power": "x = torch.tensor([1., 2.], requires_grad=True)\n" + PASSES
    + "    ((x - 1)**3 - x).backward(torch.tensor([2., 5.]))\n",
    "large": "x = torch.randn(50, 4, requires_grad=True)\n" + PASSES
    + "    torch.relu(x.t() @ torch.ones(50)).sum().backward()\n",
}  # fmt: skip


def is_said_of(one: Prediction, product: np.ndarray) -> bool:
    """Whether a question's answer is what its kind says of a gradient."""
    if one.kind == "entry":
        return bool(one.wanted in product)
    if one.kind == "total":
        return bool(np.isclose(one.wanted, product.sum(dtype=float)))
    return np.array_equal(one.wanted, product)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_node_is_asked_about_and_the_answer_is_what_happened(name: str) -> None:
    tape = taped(PROGRAMS[name])
    nodes = [at for at, event in enumerate(tape.events) if isinstance(event, NodeRan | Accumulated)]
    questions = asked(tape)
    assert len(questions) >= len(nodes) - 2  # of one node among one there is nothing to ask
    for one in questions:
        event = tape.events[one.at]
        asking = NodeAsking(one, 0)
        assert asking.judge(one.answer).right
        if isinstance(event, NodeRan) and isinstance(one.wanted, np.ndarray):
            products = [array(value) for value in event.products if value is not None]
            assert any(is_said_of(one, product) for product in products if product is not None)
        elif isinstance(event, NodeRan) and isinstance(one.wanted, tuple):
            assert one.wanted in [value.shape for value in event.products if value is not None]
        elif isinstance(event, NodeRan) and one.kind == "next":
            assert tape.nodes[event.node].name in one.answer
            assert one.answer in one.options
        elif isinstance(event, Accumulated) and isinstance(one.wanted, np.ndarray):
            assert np.array_equal(one.wanted, array(event.after))
        for hint in range(asking.hints):
            assert asking.hint(hint)


def test_the_kinds_take_turns() -> None:
    kinds = {one.kind for name in PROGRAMS for one in asked(taped(PROGRAMS[name]))}
    assert kinds == {"next", "gradient", "total", "where", "shape", "nothing", "sum"}


LARGE_EDGES = """a = torch.arange(12.).reshape(3, 4).requires_grad_()
b = (torch.ones(3, 4) * 2).requires_grad_()
c = torch.ones(4, 3).requires_grad_()
(((a * b).t() * c) ** 2).sum().backward()
"""


def test_each_edge_of_a_node_is_asked_about() -> None:
    tape = taped(LARGE_EDGES)
    mul = [
        one
        for at in range(len(tape))
        for one in possible(tape, at)
        if "through `a * b`" in one.prompt
    ]
    by_kind = {kind: [one for one in mul if one.kind == kind] for kind in ("entry", "where")}
    assert [one.edge for one in by_kind["entry"]] == [0, 1]
    to_a, to_b = (NodeAsking(one, 0) for one in by_kind["entry"])
    assert "entry [2, 3]" in to_a.prompt
    assert "sends to `a.grad`" in to_a.prompt
    assert "`v[2, 3] = 44`" in to_a.prompt
    assert "`b[2, 3] = 2`" in to_a.prompt
    assert to_a.judge("88").right
    assert "an addition" in to_a.judge("44").say
    assert "slope alone" in to_a.judge("2").say
    assert to_b.judge("484").right
    (which,) = (NodeAsking(one, 0) for one in by_kind["where"])
    assert len(which.options) == 2
    wrong = next(option for option in which.options if option != which.answer)
    assert "That is what it sends to `b.grad`" in which.judge(wrong).say


def test_entries_change_places_in_a_transposition() -> None:
    code = """x = torch.tensor([[1., 2., 3.], [4., 5., 6.]], requires_grad=True)
y = x.t()
y.backward(torch.tensor([[1., 9.], [2., 3.], [4., 5.]]))
"""
    (question,) = of(code, "entry", "TBackward0")
    assert "entry [1, 0]" in question.prompt
    assert question.judge("9").right
    assert "change places" in question.judge("2").say


def test_what_a_large_gradient_adds_up_to() -> None:
    (question,) = of("x = torch.ones(2, 5, requires_grad=True)\nx.sum().backward()\n", "total")
    assert question.judge("10").right
    assert "each entry of the input gets all of it" in question.judge("1").say


def test_two_edges_to_one_tensor_are_asked_about_once() -> None:
    tape = taped("x = torch.tensor([3.], requires_grad=True)\n(x * x).sum().backward()\n")
    sent = [
        one
        for at in range(len(tape))
        for one in possible(tape, at)
        if "through `x * x`" in one.prompt
    ]
    assert [one.kind for one in sent].count("gradient") == 1


# what is typed about a node of a program, and a part of what is said to it
MISTAKES = [
    ("power", "gradient", "PowBackward0", "[0, 3]", "slope alone"),
    ("power", "gradient", "PowBackward0", "[0, 15]", ""),
    ("power", "gradient", "SubBackward0", "[-2, -5]", ""),
    ("product", "gradient", "MulBackward0", "[1, 1]", "That is v itself"),
    ("broadcast", "gradient", "MulBackward0", "[[1, 2], [3, 4]]", "sum over what was stretched"),
    ("broadcast", "gradient", "MulBackward0", "[2.5]", "the mean"),
    ("broadcast", "gradient", "MulBackward0", "10", "Not that"),
    ("broadcast", "gradient", "MulBackward0", "[10]", ""),
    ("matrix", "shape", "MmBackward0", "[2, 3]", "shape of v"),
    ("matrix", "shape", "MmBackward0", "2x2", ""),
    ("matrix", "shape", "MmBackward0", "torch.Size([2, 2])", ""),
]


@pytest.mark.parametrize(("program", "kind", "node", "typed", "said"), MISTAKES)
def test_a_usual_mistake_is_named(
    program: str, kind: str, node: str, typed: str, said: str
) -> None:
    questions = of(PROGRAMS[program], kind, node)
    assert questions
    replies = [one.judge(typed) for one in questions]
    assert any(
        (not reply.right and said in reply.say) if said else reply.right for reply in replies
    )


def test_accumulated_is_not_overwritten() -> None:
    (question,) = of(PROGRAMS["power"], "sum")
    assert "not overwritten" in question.judge("[-2, 10]").say
    assert question.judge(question.answer).right


def test_none_and_zeros_are_told_apart() -> None:
    untracked = (
        "x = torch.ones(2, requires_grad=True)\nk = torch.ones(2)\n(x * k).sum().backward()\n"
    )
    (question,) = of(untracked, "nothing", "Mul")
    assert question.answer == "None"
    assert "not tracked" in question.judge("zeros").say
    again = "(2 * x).sum().backward()\n"
    code = f"x = torch.ones(2, requires_grad=True)\n{again}x.grad.zero_()\n{again}"
    leaves = of(code, "nothing")
    assert [one.answer for one in leaves] == ["None", "zeros"]
    assert leaves[1].options == NOTHINGS
    assert "It was set to 0" in leaves[1].judge("1").say


def test_the_order_is_explained() -> None:
    code = (
        "x = torch.ones(2, requires_grad=True)\ny = x * 2\n(y.sin() + y.cos()).sum().backward()\n"
    )
    (question,) = [one for one in of(code, "next") if "CosBackward0" in one.answer][:1] or [None]
    assert question is not None
    waits = next(n for n, name in enumerate(question.options, 1) if "MulBackward0" in name)
    ready = next(n for n, name in enumerate(question.options, 1) if "SinBackward0" in name)
    assert "still waits for what" in question.judge(str(waits)).say
    assert "recorded earlier" in question.judge(str(ready)).say


def test_what_is_large_or_no_number_is_not_typed() -> None:
    for code in (
        PROGRAMS["large"],
        "x = torch.zeros(2, requires_grad=True)\n(1/x).sum().backward()\n",
    ):
        for one in asked(taped(code)):
            if isinstance(one.wanted, np.ndarray):
                assert one.wanted.size <= 4
                assert np.isfinite(one.wanted).all()


def test_a_pass_is_scored_and_nothing_is_asked_twice() -> None:
    take = Take.of(taped(PROGRAMS["product"]))
    drill = Drill()
    stops = take.tape.index.stops
    assert all(drill.due(take, at) is None for at in stops)
    drill.toggle()
    told = []
    outcomes = iter(["right", "missed", "skipped"] * 20)
    for at in stops:
        question = drill.due(take, at)
        if question is not None:
            drill.settle(question, next(outcomes))  # type: ignore[arg-type]
        if score := drill.score(take.tape, at + 1):
            told.append(score)
    assert len(told) == 2
    assert told[0] == "Score: 2 of 4 right at once, 1 skipped (backward pass 1)"
