"""numpy opens no way out of the lesson language, and nothing of it is had for nothing."""

import json
import os
import signal
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

import gradtui.engine
from gradtui.arrays.guest import world
from gradtui.language.errors import Complaint, OverBudget, Refused
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Limits
from gradtui.language.source import Source

HARD_TIMEOUT = 10.0  # seconds of the processor
LIMITS = Limits(statements=50_000, operations=300_000, live_bytes=400_000_000, seconds=5.0)
PRELUDE = (
    "import copy, functools, itertools, math, operator, random\nimport torch\nimport numpy as np\n"
    "from torch import nn\nimport torch.nn.functional as F\n"
)
ENGINES = {"torch": torch, "own": gradtui.engine}


def programs(name: str) -> list[str]:
    text = (Path(__file__).parent / "attacks" / name).read_text(encoding="utf-8")
    return [PRELUDE + part.strip() + "\n" for part in text.split("\n###")]


COSTS, ESCAPES = programs("costs.txt"), programs("escapes.txt")


def ending(interpreter: Interpreter, code: str) -> str:
    """How a program ended, in one line."""
    try:
        error = interpreter.run(Source("attack", code)).error
    except OverBudget as spent:
        return f"OverBudget: {spent}"
    except Refused as refused:
        return f"Refused: {refused}"
    return "nothing stopped it" if error is None else error.text


def run_all(engine: ModuleType, pipe: int) -> None:
    for code in COSTS:
        signal.setitimer(signal.ITIMER_PROF, HARD_TIMEOUT)
        interpreter = Interpreter(world(engine), LIMITS, output=lambda text: None)
        os.write(pipe, json.dumps(ending(interpreter, code)).encode() + b"\n")


def forked(engine: ModuleType) -> list[str]:
    """The ends of all; fewer if one of them killed the process."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            run_all(engine, writer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answers:
        found = [json.loads(line) for line in answers]
    os.waitpid(child, 0)
    return found


@pytest.fixture(scope="module")
def endings() -> dict[str, list[str]]:
    return {name: forked(engine) for name, engine in ENGINES.items()}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", range(len(COSTS)))
def test_nothing_is_had_for_nothing(
    endings: dict[str, list[str]], engine: str, number: int
) -> None:
    code = COSTS[number].removeprefix(PRELUDE)
    assert number < len(endings[engine]), f"not survived: {code}"
    told = endings[engine][number]
    lacking = ("AttributeError: ",) if engine == "own" else ()
    assert told.startswith(("OverBudget: line ", *lacking)), f"{told}\n{code}"


class Unchecked(Interpreter):
    """Runs code without looking at it first, so that only the rules at run time stand."""

    def check(self, source: Source) -> tuple[Complaint, ...]:
        super().check(source)  # by which numpy joins the world
        return ()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [Interpreter, Unchecked])
@pytest.mark.parametrize("code", ESCAPES)
def test_there_is_no_way_out(code: str, kind: type[Interpreter], engine: str) -> None:
    interpreter = kind(world(ENGINES[engine]), Limits(), output=lambda text: None)
    assert ending(interpreter, code) != "nothing stopped it", code


def test_nothing_of_numpy_was_changed() -> None:
    before = np.get_printoptions(), np.geterr(), np.random.get_state()[1].tolist()
    code = "np.set_printoptions(precision=1)\nnp.seterr(all='raise')\nnp.random.seed(3)\nnp.random.rand(3)"
    for engine in ENGINES.values():
        interpreter = Interpreter(world(engine), Limits(), output=lambda text: None)
        assert ending(interpreter, PRELUDE + code) == "nothing stopped it"
    assert (np.get_printoptions(), np.geterr(), np.random.get_state()[1].tolist()) == before


def test_what_a_program_sets_of_numpy_is_its_own() -> None:
    told: list[str] = []
    first = Interpreter(world(torch), Limits(), output=told.append)
    second = Interpreter(world(torch), Limits(), output=told.append)
    first.run(Source("a", PRELUDE + "np.set_printoptions(precision=2)\nnp.random.seed(5)"))
    second.run(Source("b", PRELUDE + "print(np.array([1.23456]))"))
    first.run(Source("c", "print(np.array([1.23456]), np.random.randint(100))"))
    assert told == ["[1.23456]\n", "[1.23] 99\n"]
    assert first.evaluate("str(np.array([1.23456]))") == "[1.23]"
