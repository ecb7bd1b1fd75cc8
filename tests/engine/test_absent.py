"""A name the engine lacks says what is near, one torch lacks says what torch says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from write_names import lines

import gradtui.engine as engine

LACKING: dict[str, Callable[[Any], Any]] = {
    "torch": lambda t: t.sofmax,
    "nn": lambda t: t.nn.Liner,
    "functional": lambda t: t.nn.functional.gelew,
    "optim": lambda t: t.optim.SGDD,
    "linalg": lambda t: t.linalg.invert,
    "a tensor": lambda t: t.ones(1).sume,
}


def said(call: Callable[[Any], Any], module: Any) -> str:
    with pytest.raises(AttributeError) as raised:
        call(module)
    return str(raised.value)


@pytest.mark.parametrize("name", LACKING)
def test_what_torch_lacks(name: str) -> None:
    assert said(LACKING[name], engine) == said(LACKING[name], torch)


def test_what_only_torch_has() -> None:
    told = said(lambda t: t.nn.LinearCrossEntropyLoss, engine)
    assert "has no attribute 'LinearCrossEntropyLoss' in gradtui's engine" in told
    assert "supported nearby: " in told
    assert "CrossEntropyLoss" in told
    told = said(lambda t: t.ones(1).to_sparse, engine)
    assert told.startswith("'Tensor' object has no attribute 'to_sparse' in gradtui's engine")


OUTSIDE = {
    "complex64": "complex numbers are not supported",
    "complex": "complex numbers are not supported",
    "fft": "Fourier transforms are complex",
    "sparse_coo_tensor": "sparse tensors are not supported",
    "quantize_per_tensor": "quantised tensors are not supported",
    "bfloat16": "supported nearby: float16",
    "uint16": "supported nearby: uint8",
    "compile": "compilers are not supported",
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_outside_says_so(name: str) -> None:
    assert hasattr(torch, name)
    told = said(lambda t: getattr(t, name), engine)
    assert told.startswith(f"module 'torch' has no attribute '{name}' in gradtui's engine: ")
    assert OUTSIDE[name] in told
    assert "sparse tensors are not supported" in said(lambda t: t.ones(1).to_sparse(), engine)


def test_the_names_are_torchs() -> None:
    """Torch may have more by now: what is imported late becomes a name of its module."""
    written = Path(engine.__file__).with_name("names.txt").read_text().splitlines()
    for ours, theirs in zip(written, lines(), strict=True):
        assert set(ours.split()) <= set(theirs.split())


def test_tensors_and_nodes_are_quick_to_read() -> None:
    """Python reads every attribute slowly where a class has a `__getattr__`."""
    node = type(engine.ones(1, requires_grad=True).exp().grad_fn)
    assert not hasattr(engine.Tensor, "__getattr__")
    assert not hasattr(node, "__getattr__")


def test_what_is_lacking_is_not_listed() -> None:
    assert "to_sparse" not in dir(engine.ones(1))
    assert not hasattr(engine.Tensor, "to_sparse")
    assert "exp" in dir(engine.ones(1))
