"""A million nodes are walked without recursion and freed without a crash; dead hooks count no more."""

import gc
from collections.abc import Callable
from typing import Any

import pytest

import gradtui.engine as torch
from gradtui.engine import state

DEEP = 1_000_000
LONG = 6_000


def chain(x: Any, count: int) -> Any:
    for _ in range(count):
        x = x * 1.0
    return x


def changed(x: Any, count: int) -> Any:
    y = x * 1.0
    for _ in range(count):
        y.mul_(1.0)
    return y


def viewed(x: Any, count: int) -> Any:
    y = x * 1.0
    for _ in range(count):
        y = y.view(2)
    return y


def changed_through_a_view(x: Any, count: int) -> Any:
    y = x * 1.0
    part = y[:1]
    for _ in range(count):
        part.mul_(1.0)
    return y


def test_a_million_nodes() -> None:
    x = torch.ones(2, requires_grad=True)
    y = chain(x, DEEP)
    y.sum().backward(retain_graph=True)
    assert x.grad.tolist() == [1.0, 1.0]
    del y  # never freed by a pass: the whole chain goes at once


@pytest.mark.parametrize("make", [chain, changed, viewed, changed_through_a_view])
@pytest.mark.parametrize("use", ["dropped", "backward", "kept", "hooked", "twice"])
def test_long_chains(make: Callable[[Any, int], Any], use: str) -> None:
    x = torch.ones(2, requires_grad=True)
    y = make(x, LONG)
    if use == "hooked":
        x.register_hook(lambda grad: grad * 2)
    if use == "twice":
        (gradient,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        assert gradient.tolist() == [1.0, 1.0]
        del gradient
    elif use != "dropped":
        y.sum().backward(retain_graph=use == "kept")
        assert x.grad.tolist() == ([2.0, 2.0] if use == "hooked" else [1.0, 1.0])
    del y


def test_a_graph_of_changes_through_views_needs_no_collector() -> None:
    gc.collect()
    y = changed_through_a_view(torch.ones(2, requires_grad=True), 50)
    del y
    assert gc.collect() == 0


def test_hooks_count_while_their_tensors_live() -> None:
    gc.collect()
    before = state.hooks
    x = torch.ones(3, requires_grad=True)
    y = x * 2
    handle = x.register_hook(lambda grad: None)
    x.register_post_accumulate_grad_hook(lambda leaf: None)
    y.register_hook(lambda grad: None)
    y.grad_fn.register_prehook(lambda grads: None)
    assert state.hooks == before + 4
    handle.remove()
    handle.remove()
    assert state.hooks == before + 3
    del y
    assert state.hooks == before + 1
    del x
    assert state.hooks == before
    handle.remove()
    assert state.hooks == before
