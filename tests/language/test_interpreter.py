"""The interpreter as its callers use it: steps in one namespace, draws, probes, output."""

import pytest
import torch

from gradtui.language.errors import OverBudget, Refused
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Limits
from gradtui.language.source import Source
from gradtui.language.world import World

WORLD = World.over(torch)


def interpreter(**limits: float) -> Interpreter:
    return Interpreter(WORLD, Limits(**limits), output=lambda text: None)  # type: ignore[arg-type]


def test_names_live_on_between_steps() -> None:
    one = interpreter()
    one.run(Source("a", "x = 1\ndef f(): return x + y"))
    assert one.run(Source("b", "y = 2")).error is None
    assert one.evaluate("f()") == 3
    assert one.namespace["y"] == 2


def test_a_step_that_fails_keeps_what_it_did() -> None:
    one = interpreter()
    assert one.run(Source("a", "x = 1\n1 / 0\nx = 2")).error is not None
    assert one.evaluate("x") == 1


def test_output_is_what_print_writes() -> None:
    out: list[str] = []
    Interpreter(WORLD, output=out.append).run(Source("a", "print(1, 2, sep='-', end='')\nprint()"))
    assert out == ["1-2", "\n"]


DRAWS = [
    ("torch.randn(3)", [1.0, 2.0, 3.0], torch.float32),
    ("torch.randn((3,))", [1.0, 2.0, 3.0], torch.float32),
    ("torch.randn(torch.ones(3).shape)", [1.0, 2.0, 3.0], torch.float32),
    ("torch.rand(size=(1, 2))", [[0.5, 0.25]], torch.float32),
    ("torch.randn(2, dtype=torch.float64)", [1.0, 2.0], torch.float64),
    ("torch.randint(0, 9, (2,))", [7, 8], torch.int64),
    ("torch.randperm(3)", [2, 0, 1], torch.int64),
    ("torch.randn_like(torch.ones(2, dtype=torch.float64))", [1.0, 2.0], torch.float64),
    ("torch.normal(0., 1., size=(2,))", [1.0, 2.0], torch.float32),
    ("torch.normal(torch.zeros(2), 1.)", [1.0, 2.0], torch.float32),
    ("torch.randn(())", 4.5, torch.float32),
    ("torch.randn(2, requires_grad=True)", [1.0, 2.0], torch.float32),
]


@pytest.mark.parametrize(("call", "draw", "dtype"), DRAWS)
def test_a_random_call_returns_the_next_draw(call: str, draw: object, dtype: torch.dtype) -> None:
    one = interpreter()
    outcome = one.run(Source("a", f"import torch\nx = {call}"), draws=[draw])
    assert (outcome.error, outcome.unused_draws) == (None, 0)
    x = one.namespace["x"]
    assert (x.tolist(), x.dtype, x.is_leaf) == (draw, dtype, True)
    assert x.requires_grad == ("requires_grad" in call)


def test_draws_are_for_one_step_and_then_the_generator_serves() -> None:
    one = interpreter()
    code = "import torch\na = torch.randn(1)\ntorch.manual_seed(0)\nb = torch.randn(1)"
    assert one.run(Source("a", code), draws=[[5.0]]).error is None
    torch.manual_seed(0)
    assert one.namespace["b"].tolist() == torch.randn(1).tolist()


def test_unused_draws_are_counted() -> None:
    outcome = interpreter().run(Source("a", "x = 1"), draws=[[1.0], [2.0]])
    assert outcome.unused_draws == 2


def test_a_draw_of_another_shape_is_an_error_that_no_handler_hides() -> None:
    code = "import torch\ntry:\n    torch.randn(4)\nexcept Exception:\n    pass"
    error = interpreter().run(Source("a", code), draws=[[1.0, 2.0]]).error
    assert error is not None
    assert "draw 1 of this step has shape [2], but torch.randn asks for [4]" in error.message
    assert error.span is not None
    assert error.span.line == 3


PROBES = [("1 +", Refused), ("x = 1", Refused), ("1; 2", Refused), ("nope", NameError)]


@pytest.mark.parametrize(("expression", "error"), PROBES)
def test_a_probe_that_cannot_be_answered(expression: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        interpreter().evaluate(expression)


def test_a_probe_is_on_a_budget() -> None:
    with pytest.raises(OverBudget):
        interpreter().evaluate("[0] * 10 ** 9")


def test_budget_is_one_for_all_steps() -> None:
    one = interpreter(statements=100)
    step = Source("a", "for i in range(30): pass")
    for _ in range(3):
        assert one.run(step).error is None
    with pytest.raises(OverBudget):
        one.run(step)


def test_an_uncaught_error_of_several_lines_keeps_them() -> None:
    error = interpreter().run(Source("a", "raise ValueError('a\\nb')")).error
    assert error is not None
    assert (error.type_name, error.message) == ("ValueError", "a\nb")


def test_an_interrupt_passes_through_lesson_handlers() -> None:
    def interrupting(text: str) -> None:
        raise KeyboardInterrupt

    one = Interpreter(WORLD, output=interrupting)
    with pytest.raises(KeyboardInterrupt):
        one.run(Source("a", "try:\n    print(1)\nexcept:\n    pass\nfinally:\n    x = 1"))
    assert "x" not in one.namespace
