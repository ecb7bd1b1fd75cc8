"""Random programs over dual tensors: the programs of `programs.py`, every new tensor made dual."""

from __future__ import annotations

import contextlib
import io
import random
import re
import warnings
from typing import Any

import numpy as np
from programs import PRELUDE, write

DUAL = """
fw = torch.autograd.forward_ad

def dual(x):
    if not x.is_floating_point():
        return x
    rise = torch.arange(1.0, x.numel() + 1).to(x.dtype).reshape(x.shape) / 4
    return fw.make_dual(x, rise)
"""
_MADE = re.compile(
    r"^(\s+)(v\d+) = (torch\.(?:tensor|randn|rand|ones|zeros|full|arange)\(.*\))$", re.M
)


APART = re.compile(
    r"inference_mode|%|fmod|remainder|frac|\.(?:t|squeeze|unsqueeze|transpose|swap\w+|as_strided)_\("
)
"""What torch lets two tensors share a tangent by, which a later change in place then spoils."""


def dual_program(seed: int) -> str:
    """The text of a program whose tensors move; what it prints in between does not count."""
    text = write(random.Random(seed).randrange).removeprefix(PRELUDE)
    return PRELUDE + DUAL + "fw.enter_dual_level()\n" + _MADE.sub(r"\1\2 = dual(\3)", text)


def moved(module: Any, program: str) -> tuple[dict[str, Any], str]:
    """Every tensor of the program with its tangent, and the errors it printed."""
    space: dict[str, Any] = {"torch": module}
    module.manual_seed(0)
    module.set_grad_enabled(True)  # whatever an earlier program left behind
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(program, "program", "exec"), space)
            unpack = module.autograd.forward_ad.unpack_dual
            found = {n: _read(unpack, v) for n, v in space.items() if re.fullmatch(r"v\d+", n)}
    finally:
        with contextlib.suppress(RuntimeError):
            module.autograd.forward_ad.exit_dual_level()
    return found, out.getvalue()


def _read(unpack: Any, value: Any) -> Any:
    if not hasattr(value, "storage_offset") or not value.is_floating_point():
        return None
    try:
        tangent = unpack(value).tangent
        if tangent is not None:
            tangent.detach().tolist()
    except RuntimeError as error:
        return str(error)
    if tangent is None:
        return None
    return np.array(tangent.detach().tolist()).reshape(tuple(tangent.shape))


def first_difference(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    for name in theirs:
        a, b = ours.get(name, "missing"), theirs[name]
        if isinstance(b, str):  # torch itself could not read it
            continue
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
            if a.shape != b.shape or not np.allclose(a, b, 1e-5, 1e-6, equal_nan=True):
                return f"{name}: {a.tolist()} / {b.tolist()}"
        elif isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
            return f"{name}: {a} / {b}"
    return ""
