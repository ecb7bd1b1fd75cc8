"""Every snippet means what Python means: what it prints and how it ends, under both."""

import contextlib
import io
import sys
from pathlib import Path

import pytest
import torch
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Limits
from gradtui.language.source import Source
from gradtui.language.world import World

WORLD = World.over(torch)
FOLDER = Path(__file__).parent / "snippets"


def snippets() -> list:
    return [
        pytest.param(text.strip() + "\n", id=f"{path.stem}-{number}")
        for path in sorted(FOLDER.glob("*.txt"))
        for number, text in enumerate(path.read_text(encoding="utf-8").split("\n###"), 1)
    ]


def by_python(code: str) -> tuple[str, str]:
    """What Python prints, and the last line of its traceback."""
    out, err = io.StringIO(), io.StringIO()
    torch.manual_seed(1)
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
        except Exception:
            with contextlib.redirect_stderr(err):
                sys.__excepthook__(*sys.exc_info())
            return out.getvalue(), err.getvalue().splitlines()[-1]
    return out.getvalue(), ""


def by_interpreter(code: str) -> tuple[str, str]:
    out: list[str] = []
    torch.manual_seed(1)
    interpreter = Interpreter(WORLD, Limits(), output=out.append)
    error = interpreter.run(Source("snippet", code)).error
    return "".join(out), error.text.splitlines()[-1] if error else ""


@pytest.mark.parametrize("code", snippets())
def test_snippet(code: str) -> None:
    assert by_interpreter(code) == by_python(code)


def test_there_are_enough_snippets() -> None:
    assert len(snippets()) >= 150
