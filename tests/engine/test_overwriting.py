"""What is computed from a large cotangent takes its place only where nobody can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import gradtui.engine as engine
from gradtui.engine import derive

COUNT = 40_000
START = np.random.default_rng(0).normal(size=COUNT).astype(np.float32)


def chain(t: Any, x: Any) -> list[Any]:
    (((x * 0.5).sin() * 3 - x) * x * x).sum().backward()
    return [x.grad]


def hooked_gradients_stay(t: Any, x: Any) -> list[Any]:
    seen: list[Any] = []
    y = x * 2
    z = y * 3
    for made in (y, z):
        made.register_hook(lambda grad: seen.append(grad))
    (z * z).sum().backward()
    return [*seen, x.grad]


def retained_gradients_stay(t: Any, x: Any) -> list[Any]:
    y, z = x * 2, x * x
    y.retain_grad(), z.retain_grad()
    (y * z * 5).sum().backward()
    return [y.grad, z.grad, x.grad]


def given_gradients_stay(t: Any, x: Any) -> list[Any]:
    vector = t.tensor(START * 2)
    y = x * 3
    y.backward(vector, retain_graph=True)
    y.backward(vector)
    return [vector, x.grad]


def wanted_gradients_stay(t: Any, x: Any) -> list[Any]:
    y = x * 2
    z = y * 3
    return list(t.autograd.grad((z * z * 2).sum(), [x, y, z]))


def shared_cotangents_stay(t: Any, x: Any) -> list[Any]:
    a, b = x * 2, x * 3
    c = a + b
    (c * c * 0.5).sum().backward()
    return [x.grad]


def versions_are_torchs(t: Any, x: Any) -> list[Any]:
    y = x * 2
    ((y * 3 + y * y + y.exp()) * 2).sum().backward()
    return [x.grad, t.tensor([x.grad._version])]


def second_derivatives(t: Any, x: Any) -> list[Any]:
    (first,) = t.autograd.grad((x * x * x * 2).sum(), x, create_graph=True)
    (first * first * 2).sum().backward()
    return [first, x.grad]


PROGRAMS = [
    chain,
    hooked_gradients_stay,
    retained_gradients_stay,
    given_gradients_stay,
    wanted_gradients_stay,
    shared_cotangents_stay,
    versions_are_torchs,
    second_derivatives,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_as_torch(program: Callable[[Any, Any], list[Any]]) -> None:
    found, wanted = (program(t, t.tensor(START, requires_grad=True)) for t in (engine, torch))
    for mine, theirs in zip(found, wanted, strict=True):
        array = mine.detach().numpy()
        np.testing.assert_allclose(array, theirs.detach().numpy(), rtol=2e-6, atol=1e-6)


def test_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[bool] = []
    real = derive.overwritten

    def watched(ufunc: Any, grad: Any, other: Any) -> Any:
        made = real(ufunc, grad, other)
        places.append(made is grad)
        return made

    monkeypatch.setattr(derive, "overwritten", watched)
    x = engine.tensor(START, requires_grad=True)
    (x * 2 * 3 * 4).exp().sum().backward()
    assert places == [True, True, True]
