"""No way leads from a lesson to files, processes or the interpreter's insides."""

from types import ModuleType

import pytest
import torch

import gradtui.engine
from gradtui.language.errors import Complaint, OverBudget, Refused
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Limits
from gradtui.language.source import Source
from gradtui.language.world import World

from .corpus import programs

ESCAPES = programs("attacks/escapes.txt")
# Refused for their syntax alone: run unchecked, they reach nothing.
HARMLESS_UNCHECKED = {
    "class A(metaclass=type): pass\n",
    "class P: pass\nmatch P():\n    case P(__dict__=d): pass\n",
    "__builtins__ = {}\n",
    "b'abc'\n",
}


class Unchecked(Interpreter):
    """Runs code without looking at it first, so that only the rules at run time stand."""

    def check(self, source: Source) -> tuple[Complaint, ...]:
        return ()


def ending(interpreter: Interpreter, code: str) -> str:
    try:
        error = interpreter.run(Source("escape", code)).error
    except (Refused, OverBudget) as stop:
        return f"stopped: {stop}"
    return "it ran" if error is None else error.text


@pytest.mark.parametrize("engine", [torch, gradtui.engine], ids=["torch", "own"])
@pytest.mark.parametrize("code", ESCAPES)
def test_checked(code: str, engine: ModuleType) -> None:
    interpreter = Interpreter(World.over(engine), Limits(), output=lambda text: None)
    assert ending(interpreter, code) != "it ran"


@pytest.mark.parametrize("engine", [torch, gradtui.engine], ids=["torch", "own"])
@pytest.mark.parametrize("code", [code for code in ESCAPES if code not in HARMLESS_UNCHECKED])
def test_unchecked(code: str, engine: ModuleType) -> None:
    interpreter = Unchecked(World.over(engine), Limits(), output=lambda text: None)
    assert ending(interpreter, code) != "it ran"


def test_nothing_of_the_world_was_changed() -> None:
    assert torch.zeros(1).add(1).item() == 1.0
    assert torch.nn.Linear(1, 1)(torch.ones(1, 1)).shape == (1, 1)
