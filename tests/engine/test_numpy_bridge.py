"""Arrays and tensors meet over the own engine as over torch: a line of `numpy_cases.txt` a case."""

import gc
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import gradtui.engine

CASES = (Path(__file__).parent / "numpy_cases.txt").read_text(encoding="utf-8").splitlines()
BITS = frozenset("&|^")


def operands(engine: ModuleType, case: str) -> dict[str, Any]:
    """The names of the cases: an array A, a tensor T, G with gradients, a number s, 0-d ones."""
    whole = any(f" {sign} " in case for sign in BITS)
    return {
        "np": np,
        "torch": engine,
        "A": np.array([1, 2, 3]) if whole else np.array([1.0, 2.0, 3.0]),
        "T": engine.arange(1, 4) if whole else engine.tensor([1.0, 2.0, 3.0]),
        "G": engine.ones(3, requires_grad=True),
        "s": np.int64(2) if whole else np.float64(2),
        "A1": np.array(2.0),
        "T1": engine.tensor(3.0),
        "b": np.bool_(True),
        "Tb": engine.tensor([True, False]),
    }


def told(engine: ModuleType, case: str) -> str:
    try:
        value = eval(case, operands(engine, case))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return f"{type(value).__name__} {value!r}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_arrays_and_tensors_meet_as_in_torch(case: str) -> None:
    assert told(gradtui.engine, case) == told(torch, case)


@pytest.mark.parametrize("engine", [torch, gradtui.engine], ids=["torch", "own"])
def test_memory_is_shared_both_ways(engine: ModuleType) -> None:
    a = np.arange(4.0)
    t = engine.from_numpy(a)
    t.mul_(2)
    a += 1
    assert t.tolist() == a.tolist() == [1.0, 3.0, 5.0, 7.0]
    n = (t.reshape(2, 2)).numpy()
    n[0, 0] = 50
    assert (t[0].item(), a[0]) == (50.0, 50.0)
    scalar = engine.tensor(1.5)
    scalar.numpy()[...] = 4
    assert scalar.item() == 4
    copied = engine.tensor(a)
    a[1] = -1
    assert copied[1].item() == 3.0
    assert engine.as_tensor(a).numpy().base is not None


@pytest.mark.parametrize("engine", [torch, gradtui.engine], ids=["torch", "own"])
def test_an_array_outlives_its_tensor_and_backward_sees_what_was_written(
    engine: ModuleType,
) -> None:
    n = engine.ones(1000).numpy()
    gc.collect()
    others = [engine.zeros(1000) for _ in range(5)]
    assert n.sum() == 1000
    assert len(others) == 5
    w = engine.ones(2, requires_grad=True)
    x = engine.ones(2)
    y = (w * x).sum()
    x.numpy()[0] = 7
    y.backward()
    assert w.grad.numpy().tolist() == [7.0, 1.0]
    w.grad.numpy()[:] = 0
    assert w.grad.tolist() == [0.0, 0.0]
