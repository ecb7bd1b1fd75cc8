"""What is said of numpy: before a program runs, on its tape, and of what its names mean."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import gradtui.engine
from gradtui.arrays.guest import world
from gradtui.language.checker import check
from gradtui.language.program import Program, ProgramStep
from gradtui.language.source import Source
from gradtui.tape import events as e
from gradtui.tape.operands import brief
from gradtui.tape.recorder import play

REFUSALS = [
    # (code, line, column, part of the message)
    ("import numpy as np\nx = np.frompyfunc", 2, 4, "map the function over a list"),
    ("import numpy as np\nnp.load('x')", 2, 0, "files cannot be reached"),
    ("import numpy as np\nnp.arrange(3)", 2, 0, "did you mean numpy.arange?"),
    ("import numpy as np\nnp.random.rnd(3)", 2, 0, "did you mean numpy.random.rand"),
    ("import numpy as np\nnp.linalg.inverse(3)", 2, 0, "numpy.linalg.inverse is not in the lesson"),
    ("from numpy import memmap", 1, 18, "files cannot be reached"),
    ("import numpy.lib", 1, 7, "the module numpy.lib is not in the lesson language"),
    ("from numpy import *", 1, 18, "name what you need"),
]


@pytest.mark.parametrize("engine", [torch, gradtui.engine], ids=["torch", "own"])
@pytest.mark.parametrize(("code", "line", "column", "message"), REFUSALS)
def test_what_is_outside_is_refused_by_name(
    code: str, line: int, column: int, message: str, engine: ModuleType
) -> None:
    first, *_ = check(Source("lesson", code), world(engine))
    assert (first.line, first.column) == (line, column)
    assert message in first.message


WRITES = """\
import torch
import numpy as np
a = np.ones(2)
t = torch.from_numpy(a)
a[0] = 5
a += 1
np.add(a, 1, out=a)
a.fill(3)
np.copyto(a, [1.0, 2.0])
n = torch.zeros(2)
b = n.numpy()
b[:] = a
"""


def told(engine: Any, code: str) -> list[e.AnyEvent]:
    events: list[e.AnyEvent] = []
    play(Program("p", (ProgramStep("s", code),)), engine, events.append)
    return events


@pytest.mark.parametrize("engine", [torch, gradtui.engine], ids=["torch", "own"])
def test_the_tape_tells_of_tensors_an_array_writes_to(engine: ModuleType) -> None:
    changed = [event for event in told(engine, WRITES) if isinstance(event, e.Changed)]
    assert [event.cause for event in changed] == [
        "setitem", "iadd", "add", "fill", "copyto", "setitem",
    ]  # fmt: skip
    last = changed[-2].after
    assert np.frombuffer(last.data, last.dtype).tolist() == [1.0, 2.0]


def test_a_name_that_means_an_array_says_so() -> None:
    assert brief(np.arange(3.0)) == "array [0, 1, 2], shape [3], float64"
    assert brief([np.float32(0.5), np.arange(2)]) == "[0.5, array [0, 1], shape [2], int64]"
    assert len(brief(np.ones((100, 100)))) <= 80


@pytest.mark.parametrize("engine", [torch, gradtui.engine], ids=["torch", "own"])
def test_programs_draw_from_their_own_seed(engine: ModuleType) -> None:
    code = "import numpy as np\nprint(np.random.rand(), np.random.default_rng().random())"
    runs: list[e.AnyEvent] = []
    one = Program("one", (ProgramStep("s", code),), seed=3)
    two = Program("two", (ProgramStep("s", code),), seed=4, then=(one,))
    play(two, engine, runs.append)
    first, second = [event.text for event in runs if isinstance(event, e.Printed)]
    assert first != second
    rand, drawn = np.random.RandomState(3).rand(), np.random.default_rng(3).random()
    assert second == f"{rand} {drawn}\n"
