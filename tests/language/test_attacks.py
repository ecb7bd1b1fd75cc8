"""No lesson costs more than its budget: each attack ends with one line that says which limit it
met.

The attacks of a file run in one forked process, each under an alarm that would kill it.
"""

import json
import os
import signal
import threading
from types import ModuleType

import pytest
import torch

import gradtui.engine
from gradtui.language.errors import OverBudget, Refused
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Limits
from gradtui.language.source import Source
from gradtui.language.world import World

from .corpus import programs

WORLD = World.over(torch)
HARD_TIMEOUT = 10  # seconds
LIMITS = Limits(statements=50_000, operations=300_000, live_bytes=400_000_000, seconds=5.0)
PRELUDE = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n"
# What ends a program of its own accord is Python's to say.
ALLOWED_ERRORS = ("RecursionError",)


def attack(code: str, engine: ModuleType) -> str:
    """How the attack ended, in one line."""
    interpreter = Interpreter(World.over(engine), LIMITS, output=lambda text: None)
    try:
        error = interpreter.run(Source("x", code)).error
    except OverBudget as spent:
        return f"OverBudget: {spent}"
    except Refused as refused:
        return f"Refused: {refused}"
    finally:
        engine.set_printoptions(profile="default")
    return "nothing stopped it" if error is None else error.text


def run_all(codes: list[str], engine: ModuleType, pipe: int) -> None:
    for code in codes:
        signal.alarm(HARD_TIMEOUT)
        os.write(pipe, json.dumps(attack(code, engine)).encode() + b"\n")


def forked(codes: list[str], engine: ModuleType) -> list[str]:
    """What `attack` says of each; fewer answers than attacks if one of them killed the process."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            run_all(codes, engine, writer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answers:
        found = [json.loads(line) for line in answers]
    os.waitpid(child, 0)
    return found


ON_TENSORS = [PRELUDE + code for code in programs("attacks/torch.txt")]
CODES: dict[str, tuple[list[str], ModuleType]] = {
    "python": (programs("attacks/python.txt"), torch),
    "torch": (ON_TENSORS, torch),
    "own engine": (ON_TENSORS, gradtui.engine),
}


@pytest.fixture(scope="module")
def endings() -> dict[str, list[str]]:
    return {name: forked(*row) for name, row in CODES.items()}


@pytest.mark.parametrize(
    ("kind", "number"), [(kind, n) for kind, (codes, _) in CODES.items() for n in range(len(codes))]
)
def test_attack_is_stopped(endings: dict[str, list[str]], kind: str, number: int) -> None:
    codes, engine = CODES[kind]
    code = codes[number]
    assert number < len(endings[kind]), f"not survived: {code}"
    ending = endings[kind][number]
    assert "\n" not in ending
    # What the own engine lacks cannot be attacked: its world refuses the name.
    lacking = ("Refused: ", "AttributeError: ") if engine is gradtui.engine else ()
    fine = ending.startswith(("OverBudget: line ", *ALLOWED_ERRORS, *lacking))
    assert fine, f"{ending}\n{code}"


def spent(code: str, limits: Limits | None = None) -> OverBudget:
    with pytest.raises(OverBudget) as caught:
        Interpreter(WORLD, limits).run(Source("x", code))
    return caught.value


def test_over_budget_is_told_by_limit_and_line() -> None:
    error = spent("a = 1\nwhile True:\n    a = a + 1\n", Limits(statements=1000))
    assert (error.limit, error.line) == ("statements", 3)
    assert str(error) == "line 3: over the limit of 1,000 statements"


def test_cancel_ends_a_run_from_another_thread() -> None:
    interpreter = Interpreter(WORLD, Limits(statements=10**12, operations=10**12, seconds=60))
    timer = threading.Timer(0.05, interpreter.cancel)
    timer.start()
    with pytest.raises(OverBudget, match="line 1: cancelled"):
        interpreter.run(Source("x", "while True: pass"))
    timer.join()


def test_wall_time_is_limited() -> None:
    error = spent("while True: pass", Limits(statements=10**12, operations=10**12, seconds=0.05))
    assert str(error) == "line 1: over the limit of 0.05 seconds"


def test_a_probe_has_an_allowance_of_its_own() -> None:
    interpreter = Interpreter(WORLD, Limits(operations=10_000))
    interpreter.run(Source("x", "x = [0] * 6000"))
    assert interpreter.evaluate("len([0] * 6000)") == 6000
    with pytest.raises(OverBudget):
        interpreter.run(Source("y", "y = [0] * 6000"))


def test_grad_mode_is_restored_when_the_budget_ends_a_block() -> None:
    spent("import torch\nwith torch.no_grad():\n    while True: pass\n", Limits(statements=1000))
    assert torch.is_grad_enabled()
