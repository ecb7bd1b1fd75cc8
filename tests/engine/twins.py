"""Runs one program over gradtui's engine and over torch and compares what it prints and returns."""

import contextlib
import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import gradtui.engine as engine


def outcome(program: Callable[..., Any], module: Any) -> tuple[str, Any]:
    """What `program(module)` printed, and what it returned or the error it raised, as text."""
    module.manual_seed(0)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", DeprecationWarning)  # torch's, about parts of its own
        warnings.filterwarnings("ignore", "The PyTorch API of nested tensors")
        try:
            returned = program(module)
        except Exception as error:
            returned = f"{type(error).__name__}: {error}"
    return out.getvalue() + "".join(f"[{w.message}]" for w in warned), returned


def arrays(value: Any) -> Any:
    """Nested tensors as arrays, modules' own types left behind."""
    if isinstance(value, (engine.Tensor, torch.Tensor)):
        return np.array(value.detach().numpy(force=True))
    if isinstance(value, dict):
        return {str(k): arrays(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [arrays(v) for v in value]
    return value


def agree(program: Callable[..., Any], rtol: float = 0, atol: float = 0) -> None:
    """Asserts that both print and return the same, bit for bit unless told otherwise."""
    ours, theirs = outcome(program, engine), outcome(program, torch)
    assert ours[0] == theirs[0]
    same(arrays(ours[1]), arrays(theirs[1]), rtol, atol)


def same(a: Any, b: Any, rtol: float, atol: float) -> None:
    if isinstance(b, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)
    elif isinstance(b, (list, dict)):
        assert len(a) == len(b)
        for key in b if isinstance(b, dict) else range(len(b)):
            same(a[key], b[key], rtol, atol)
    elif isinstance(b, float):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)
    else:
        assert a == b
