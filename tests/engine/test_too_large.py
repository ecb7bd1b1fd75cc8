"""What no machine has memory for is refused in torch's words, whichever road asks for it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import gradtui.engine as engine

PROGRAMS = (
    "t.zeros(10**14)",
    "t.ones(10**7, 10**7)",
    "t.full((10**14,), 1.0)",
    "t.arange(10**14)",
    "t.eye(10**7)",
    "t.nn.Linear(10**7, 10**7)",
    "t.ones(1).expand(10**14).clone()",
    "t.ones(1).expand(10**14) * 2",
    "t.ones(1).expand(10**14).exp()",
    "t.ones(1).expand(10**14) + t.ones(1).expand(10**14)",
    "t.ones(10**7, 1) @ t.ones(1, 10**7)",
    "t.ones(1).repeat(10**14)",
    "t.cat([t.ones(1).expand(10**14)] * 2)",
    "t.nn.functional.one_hot(t.tensor([1]), 10**14)",
)


def refusal(module: Any, program: str) -> str:
    with pytest.raises(RuntimeError) as caught:
        eval(program, {"t": module})
    return str(caught.value).split("\n")[0]


@pytest.mark.parametrize("program", PROGRAMS)
def test_too_large(program: str) -> None:
    assert refusal(engine, program) == refusal(torch, program)
