"""numpy within lessons means what it means in Python: over torch, over the own engine, and in truth."""

import contextlib
import io
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

import gradtui.engine
from gradtui.arrays.guest import world
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Limits
from gradtui.language.source import Source

SEED = 1
SNIPPETS = [
    part.strip() + "\n"
    for path in sorted((Path(__file__).parent / "snippets").glob("*.txt"))
    for part in path.read_text(encoding="utf-8").split("\n###")
]


def by_python(code: str) -> tuple[str, str]:
    """What Python prints, and the last line of its traceback."""
    out, err = io.StringIO(), io.StringIO()
    torch.manual_seed(SEED)
    np.random.seed(SEED)
    with contextlib.redirect_stdout(out), np.printoptions():
        try:
            exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
        except Exception:
            with contextlib.redirect_stderr(err):
                sys.__excepthook__(*sys.exc_info())
            return out.getvalue(), err.getvalue().splitlines()[-1]
    return out.getvalue(), ""


def by_interpreter(code: str, engine: ModuleType) -> tuple[str, str]:
    out: list[str] = []
    engine.manual_seed(SEED)
    interpreter = Interpreter(world(engine), Limits(seconds=20), output=out.append)
    error = interpreter.run(Source("snippet", code)).error
    return "".join(out), error.text.splitlines()[-1] if error else ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("engine", [torch, gradtui.engine], ids=["torch", "own"])
@pytest.mark.parametrize("code", SNIPPETS)
def test_numpy_means_what_it_means(code: str, engine: ModuleType) -> None:
    assert by_interpreter(code, engine) == by_python(code)
