"""Tangents of torch's own operator samples, on both engines: forward, and forward over reverse."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from opinfo import counterpart
from parity import to_engine

import gradtui.engine as engine


def samples(op: Any, dtype: torch.dtype, limit: int) -> Iterator[Any]:
    """Calls of an operator: (torch's arguments, engine's arguments)."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for count, sample in enumerate(op.sample_inputs("cpu", dtype, requires_grad=True)):
            if count >= limit:
                return
            yield (sample.input, *sample.args), sample.kwargs


def duals(module: Any, value: Any, seeds: Iterator[int]) -> Any:
    """The same value with every followed tensor in it dual, its tangent drawn from a seed."""
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        return type(value)([duals(module, v, seeds) for v in value])
    if isinstance(value, dict):
        return {k: duals(module, v, seeds) for k, v in value.items()}
    if not isinstance(value, module.Tensor) or not value.requires_grad:
        return value
    rng = np.random.default_rng(next(seeds))
    kind = str(value.dtype).removeprefix("torch.")
    drawn = rng.uniform(-1, 1, tuple(value.shape)).astype(kind)
    tangent = module.tensor(drawn.tolist(), dtype=value.dtype).reshape(tuple(value.shape))
    return module.autograd.forward_ad.make_dual(value, tangent)


def followed(value: Any, module: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in followed(v, module)]
    if isinstance(value, dict):
        return followed(list(value.values()), module)
    return [value] if isinstance(value, module.Tensor) and value.requires_grad else []


def run(module: Any, call: Any, args: Any, kwargs: Any) -> list[Any]:
    """The tangents of the results, then those of the gradients; or the error that came."""
    forward = module.autograd.forward_ad
    found: list[Any] = []
    with warnings.catch_warnings(), forward.dual_level():
        warnings.simplefilter("ignore")
        try:
            seeds = iter(range(1000))
            moved, rest = duals(module, args, seeds), duals(module, kwargs, seeds)
            out = call(*moved, **rest)
            outs = [o for o in flat(out, module) if o.is_floating_point()]
            found += [_read(forward.unpack_dual(o).tangent) for o in outs]
            wanted = followed([moved, rest], module)
            total = sum((o * o).sum() for o in outs if o.requires_grad)
            if wanted and isinstance(total, module.Tensor):
                grads = module.autograd.grad(total, wanted, allow_unused=True)
                found += [
                    None if g is None else _read(forward.unpack_dual(g).tangent) for g in grads
                ]
        except Exception as error:
            found.append(f"{type(error).__name__}: {error}".split("\n")[0])
    return found


def flat(value: Any, module: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in flat(v, module)]
    return [value] if isinstance(value, module.Tensor) else []


def _read(tangent: Any) -> Any:
    if tangent is None:
        return None
    return np.array(tangent.detach().tolist(), str(tangent.dtype).removeprefix("torch.")).reshape(
        tuple(tangent.shape)
    )


def differences(op: Any, dtype: torch.dtype, limit: int) -> Iterator[str]:
    """One line for each sample whose tangents differ beyond the tolerance."""
    rtol, atol = (2e-4, 1e-5) if dtype is torch.float32 else (1e-7, 1e-7)
    ours_call = counterpart(op.op, op.name)
    if dtype not in op.supported_dtypes("cpu"):
        return
    for number, (args, kwargs) in enumerate(samples(op, dtype, limit)):
        memo: dict[int, Any] = {}
        try:
            given, rest = to_engine(args, memo), to_engine(kwargs, memo)
        except Exception:
            continue
        theirs = run(torch, op.op, args, kwargs)
        ours = run(engine, ours_call, given, rest)
        if not same(ours, theirs, rtol, atol):
            yield f"{op.name} #{number} {short(args)} {short(kwargs)}: {short(ours)} / {short(theirs)}"


def same(ours: list[Any], theirs: list[Any], rtol: float, atol: float) -> bool:
    if len(ours) != len(theirs):
        return False
    for a, b in zip(ours, theirs, strict=True):
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            if a.shape != b.shape or a.dtype != b.dtype:
                return False
            if not np.allclose(a, b, rtol, atol * max(1, np.abs(b).max(initial=0)), equal_nan=True):
                return False
        elif isinstance(a, np.ndarray) or isinstance(b, np.ndarray) or a != b:
            return False
    return True


def short(value: Any) -> str:
    return repr(value).replace("\n", "")[:150]


def lacking(line: str) -> bool:
    """Whether a difference is only that the engine lacks something, and says so."""
    return "has no attribute" in line or "is not supported by gradtui" in line
