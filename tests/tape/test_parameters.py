"""What a tensor is called that the engine hands to a function of the lesson: it has no binding."""

import pytest
from test_facts import cards, played

from gradtui.tape.events import NodeRan, Operation
from gradtui.tape.labels import label
from gradtui.tape.parameters import operand_names

HOOKS = """
import torch
x = torch.ones(2, requires_grad=True)
y = x * 2
y.register_hook(lambda upstream: {})
y.sum().backward()
"""


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("grad * (x >= 0)", ("grad", "")),
        ("torch.exp(g)", ("torch", "g")),
        ("g.clamp(0, 1)", ("g",)),
        ("-g", ("g",)),
        ("a < b", ("a", "b")),
        ("g[0]", ("g",)),
        ("not code", ("code",)),
        ("1 +", ()),
        ("g + " * 200 + "g", ()),
    ],
)
def test_operands_of_an_expression(code: str, names: tuple[str, ...]) -> None:
    assert operand_names(code) == names


@pytest.mark.parametrize("code", ["upstream * 3", "torch.exp(upstream)", "upstream.clamp(0, 1)"])
def test_a_hooks_gradient_is_called_as_the_hook_calls_it(code: str) -> None:
    tape = played(HOOKS.format(code))
    at, event = next(
        (at, event)
        for at, event in enumerate(tape.events)
        if isinstance(event, Operation) and tape.source_text("0", event.span) == code
    )
    assert label(tape, at, event.inputs[0].tensor) == "upstream"


def test_a_diagonal_jacobian_with_infinity_has_nothing_beside_its_diagonal() -> None:
    code = "x = torch.tensor([1.0, 1000.0], requires_grad=True)\n(2 * x).exp().sum().backward()"
    made = cards(played(f"import torch\n{code}"), NodeRan)[1]
    told = [line for section in made.sections for line in section.lines]
    assert "[ 7.3891    · ]" in told
    assert "[      ·  inf ]" in told
    assert any("∂(exp(2 * x))/∂(2 * x)" in line for line in told)
