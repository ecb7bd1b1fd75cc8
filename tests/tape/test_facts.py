"""The cards of real runs: what a learner is told of each event."""

import pytest
from sample import Run

import gradtui.engine as torch
from gradtui.language.program import Program, ProgramStep
from gradtui.tape import events as e
from gradtui.tape.facts import Card, card
from gradtui.tape.mistakes import MISTAKES, mistake
from gradtui.tape.recorder import play
from gradtui.tape.tape import Tape
from gradtui.tape.values import array


def played(*codes: str) -> Tape:
    """The tape of steps `0`, `1`, … over the engine."""
    found: list[e.AnyEvent] = []
    steps = tuple(ProgramStep(str(i), code) for i, code in enumerate(codes))
    play(Program("test", steps), torch, found.append)
    return Tape(found, {step.id: step.code for step in steps})


def cards(tape: Tape, kind: type[e.Event]) -> list[Card]:
    return [card(tape, at + 1) for at, event in enumerate(tape.events) if isinstance(event, kind)]


def section(told: Card, kind: str) -> str:
    return "\n".join(line for one in told.sections if one.kind == kind for line in one.lines)


SQUARE = played(
    "import torch\nx = torch.tensor([-0.4134, -1.2041, 1.2125], requires_grad=True)\n"
    "y = x + 2\nz = 2*y**2\na = z.mean()\na.backward()"
)


def test_a_power_with_the_learners_numbers() -> None:
    told = cards(SQUARE, e.NodeRan)[2]
    assert told.title == "PowBackward0: back through y**2"
    assert section(told, "rule") == "∂(y^2)/∂y = 2·y\n  = [2·1.5866, 2·0.7959, 2·3.2125]"
    assert [factor.structure for factor in told.factors] == ["diagonal"]
    assert told.factors[0].size == (3, 3)
    assert told.factors[0].target == "y (AddBackward0)"
    assert section(told, "product").endswith("→ y (AddBackward0)")
    assert SQUARE.source_text("0", told.span) == "y**2"


def test_the_factor_is_the_product() -> None:
    for told in cards(SQUARE, e.NodeRan):
        for factor in told.factors:
            if factor.jacobian is not None and factor.v is not None and factor.product is not None:
                v, j, product = map(array, (factor.v, factor.jacobian, factor.product))
                assert v is not None
                assert j is not None
                assert product is not None
                assert (v.reshape(-1) @ j).tolist() == pytest.approx(product.reshape(-1).tolist())


def test_a_scalar_factor_and_an_added_number_are_named() -> None:
    rules = [section(told, "rule").split("\n")[0] for told in cards(SQUARE, e.NodeRan)]
    assert rules[0] == "v·J = v / 3, repeated for every entry"
    assert rules[1] == "∂(2·(y**2))/∂(y**2) = 2"
    assert rules[3] == "∂(x + 2)/∂x = 1"


def test_operations_say_what_was_recorded_and_saved() -> None:
    power = cards(SQUARE, e.Operation)[2]
    assert "grad_fn" in power.sentence
    assert section(power, "saved") == "self = [1.5866, 0.7959, 3.2125]"
    add = cards(SQUARE, e.Operation)[1]
    assert section(add, "saved").startswith("nothing")


def test_a_square_written_as_a_product_adds_two_gradients() -> None:
    tape = played(
        "import torch\nr = torch.ones(2, requires_grad=True)\ns = r*r\ns.backward(torch.ones(2))"
    )
    told = cards(tape, e.NodeRan)[0]
    assert section(told, "rule").split("\n")[0] == "∂(r₁·r₂)/∂r₁ = r₂"
    assert "r₁ and r₂ are both r" in section(told, "note")
    added = cards(tape, e.Accumulated)[0]
    assert section(added, "paths").count("from MulBackward0") == 2


def test_an_exponent_is_read_off_where_no_jacobian_was_built() -> None:
    tape = played(
        "import torch\nw = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\n"
        "g, = torch.autograd.grad((w**3).sum(), w, create_graph=True)"
    )
    assert section(cards(tape, e.NodeRan)[1], "rule").startswith("∂(w^3)/∂w = 3·w^2")


def test_a_linear_layer() -> None:
    tape = played(
        "import torch\nbias = torch.zeros(2, requires_grad=True)\n"
        "x = torch.ones(4, 3, requires_grad=True)\nw = torch.ones(3, 2, requires_grad=True)\n"
        "torch.addmm(bias, x, w).sum().backward()"
    )
    told = cards(tape, e.NodeRan)[1]
    assert section(told, "rule").split("\n") == [
        "v·J = v, summed over the rows of the batch",
        "v·J = v @ wᵀ",
        "v·J = xᵀ @ v",
    ]
    assert [f.structure for f in told.factors] == ["broadcast-sum", "dense", "dense"]


def test_each_of_several_outputs_is_called_by_its_name() -> None:
    tape = played(
        "import torch\nw = torch.ones(3, requires_grad=True)\na, b, c = w.unbind()\n"
        "(a*b).backward()"
    )
    product, layers = cards(tape, e.NodeRan)
    assert [f.target for f in product.factors] == ["a (UnbindBackward0)", "b (UnbindBackward0)"]
    assert layers.title == "UnbindBackward0: back through a, b, c = w.unbind()"
    assert "output 2: nothing arrived: it counts as 0" in section(layers, "v")


def test_broadcasting_is_summed() -> None:
    tape = played(
        "import torch\nm = torch.ones(2, 3, requires_grad=True)\n"
        "row = torch.ones(3, requires_grad=True)\n(m*row).sum().backward()"
    )
    told = cards(tape, e.NodeRan)[1]
    assert [factor.structure for factor in told.factors] == ["diagonal", "broadcast-sum"]
    assert "summed over dim 0: 3 entries stretched by broadcasting to 6" in section(told, "product")


def test_a_large_jacobian_is_never_built() -> None:
    tape = played(
        "import torch\nx = torch.ones(5000, requires_grad=True)\nx.exp().sum().backward()"
    )
    told = cards(tape, e.NodeRan)[1]
    assert "never built: 25,000,000 entries, at most 5,000 of them not 0" in section(
        told, "jacobian"
    )


def test_accumulating_and_zeroing() -> None:
    tape = played(
        "import torch\nw = torch.ones(1, requires_grad=True)\nfor i in range(2):\n"
        "    (w*3).sum().backward()\nw.grad.zero_()\n(w*3).sum().backward()"
    )
    first, second, third = cards(tape, e.Accumulated)
    assert section(first, "accumulate") == "  before  None\n+ added   [3]\n= after   [3]"
    assert section(second, "accumulate") == "  before  [3]\n+ added   [3]\n= after   [6]"
    assert "accumulate" in second.sentence
    assert "set to 0" in third.sentence
    assert "not None" in cards(tape, e.Changed)[0].sentence


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("x = torch.ones(2, requires_grad=True)\n(x*2).backward()", "z.sum().backward()"),
        ("torch.ones(2).sum().backward()", "requires_grad=True"),
        ("x = torch.ones(2, requires_grad=True)\ny = (x**2).sum()\ny.backward()\ny.backward()",
         "retain_graph=True"),
        ("x = torch.ones(2, requires_grad=True)\ny = x.exp()\ny += 1\ny.sum().backward()",
         "instead of y += 1"),
        ("x = torch.ones(2, requires_grad=True)\nx += 1", "torch.no_grad()"),
        ("x = torch.ones(2, requires_grad=True)\nx[0] = 1", "torch.no_grad()"),
        ("torch.optim.SGD(torch.ones(2, requires_grad=True), lr=0.1)", "Put it in a list"),
        ("x = torch.ones(2, requires_grad=True)\ntorch.optim.SGD([x*2], lr=0.1)", "started from"),
        ("x = torch.ones(2, requires_grad=True)\nx.exp().backward(torch.ones(3))", "ones_like"),
        ("torch.ones(2, dtype=torch.int64).requires_grad_()", "float tensor"),
        ("torch.ones(2) + torch.ones(3)", "Print both shapes"),
        ("torch.ones(2, 3) @ torch.ones(2, 3)", "Print both shapes"),
        ("x = torch.ones(2, requires_grad=True)\nx.grad.zero_()", "is not None"),
        ("x = torch.ones(2, requires_grad=True)\nx.exp().requires_grad_(False)", "t.detach()"),
        ("torch.ones(2).item()", "Reduce the tensor first"),
        ("if torch.ones(2) > 0:\n    pass", ".all() or .any()"),
    ],
)  # fmt: skip
def test_the_classic_errors_are_explained(code: str, remedy: str) -> None:
    told = cards(played(f"import torch\n{code}"), e.Raised)[0]
    assert remedy in section(told, "remedy")
    assert told.kind == "error"


def test_the_node_at_fault_is_named() -> None:
    tape = played(
        "import torch\nx = torch.ones(2, requires_grad=True)\ny = (x**2).sum()",
        "y.backward()\ny.backward()",
    )
    told = cards(tape, e.Raised)[0]
    assert told.node is not None
    assert tape.nodes[told.node].name == "PowBackward0"


def test_an_error_of_no_known_kind_still_has_a_card() -> None:
    told = cards(played("1/0"), e.Raised)[0]
    assert (told.title, section(told, "reason")) == ("ZeroDivisionError", "division by zero")


def test_every_mistake_is_found_by_its_own_words() -> None:
    assert mistake("something else") is None
    assert all(known.meaning.endswith((".", ".)")) for known in MISTAKES)
    assert all(known.remedy.endswith(".") for known in MISTAKES)


def test_every_event_of_a_run_has_a_card() -> None:
    tape = Run().leaf("x").op("y", "mul", "x x").backward("y", {"x": (1, 1, 1)}).tape()
    for position in range(len(tape) + 1):
        assert card(tape, position).title
