"""Every snippet means what Python means: what it prints and how it ends, under both."""

import contextlib
import io
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
import torch

import gradtui.engine
from gradtui.language.interpreter import Interpreter
from gradtui.language.program import Limits
from gradtui.language.source import Source
from gradtui.language.world import World

from .corpus import programs


def snippets() -> list:
    return [
        pytest.param(code, id=f"{name}-{number}")
        for name in (
            "expressions",
            "functions",
            "classes",
            "errors",
            "standard",
            "library",
            "torch",
            "transforms",
        )
        for number, code in enumerate(programs(f"snippets/{name}.txt"), 1)
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


def by_interpreter(code: str, engine: ModuleType = torch) -> tuple[str, str]:
    out: list[str] = []
    engine.manual_seed(1)
    aside: list[str] = []  # what went to stderr, which Python's side does not keep either
    interpreter = Interpreter(World.over(engine), Limits(), output=out.append, errors=aside.append)
    error = interpreter.run(Source("snippet", code)).error
    return "".join(out), error.text.splitlines()[-1] if error else ""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """A script may change what holds for all."""
    yield
    for engine in (torch, gradtui.engine):
        engine.set_default_dtype(engine.float32)
        engine.set_printoptions(profile="default")


@pytest.mark.parametrize("code", snippets())
def test_snippet(code: str) -> None:
    assert by_interpreter(code) == by_python(code)


@pytest.mark.parametrize("code", programs("snippets/torch.txt"))
def test_snippet_over_the_own_engine(code: str) -> None:
    assert by_interpreter(code, gradtui.engine) == by_python(code)


@pytest.mark.parametrize("code", programs("snippets/scripts.txt"))
def test_whole_script_over_the_own_engine(code: str) -> None:
    assert by_interpreter(code, gradtui.engine) == by_python(code)


@pytest.mark.skipif(not hasattr(gradtui.engine, "func"), reason="the engine has no torch.func yet")
@pytest.mark.parametrize("code", programs("snippets/transforms.txt"))
def test_transforms_over_the_own_engine(code: str) -> None:
    assert by_interpreter(code, gradtui.engine) == by_python(code)


def test_there_are_enough_snippets() -> None:
    assert len(snippets()) >= 150
