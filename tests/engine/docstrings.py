"""The examples of torch's docstrings, run over torch and over the engine.

    for entry in entries():
        for shown in compared(entry): print(entry.name, shown.source, shown.verdict)

What counts is what torch prints, not what is written in the docstring. `python docstrings.py` lists
what differs, `python docstrings.py missing` the names the engine lacks, by how often they occur.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import inspect
import io
import math
import random
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch
from importing import builtins_over

import gradtui.engine as engine

MODULES = """
torch torch.nn torch.nn.functional torch.nn.init torch.nn.utils torch.nn.utils.parametrize
torch.nn.utils.parametrizations torch.nn.utils.rnn torch.optim torch.optim.lr_scheduler
torch.autograd torch.autograd.functional torch.autograd.forward_ad torch.autograd.graph
torch.autograd.function torch.func torch.linalg torch.special torch.random torch.utils.data
torch.utils.checkpoint torch.signal.windows
""".split()
"""Where examples are collected."""

CLASSES = (torch.Tensor, torch.nn.Module, torch.nn.ModuleList, torch.nn.Sequential)
"""Classes whose methods have docstrings of their own."""

APART = {
    r"cuda|\bgpu|xpu|accelerator": "other devices",
    r"sparse|coalesce|to_dense|to_mkldnn|crow|ccol": "sparse layouts",
    r"quant|qint|q_scale|int_repr": "quantised tensors",
    r"compile|\bjit|trace\(|script|export|\bfx\b|library|ops\.": "compilers",
    r"distributed|DataParallel|fork|share_memory|multiprocessing|SyncBatchNorm": "processes",
    r"torch\.(save|load|from_file|hub|frombuffer)|dlpack|open\(|\.pt\b": "files and foreign memory",
    r"names=|refine_names|align_|rename": "named dimensions",
    r"nested": "nested tensors",
    r"num_threads|record_stream": "the machine",
    r"profiler|amp\.|autocast|torchvision|mkldnn|flush_denormal": "the machine",
    r"rng_state|data_ptr|id\(|untyped_storage|\.storage\(\)|initial_seed|\bseed\(\)": "state",
}
"""Examples that are no matter of an autograd engine: what they mention, and what that is."""

UNKNOWN = {
    "torch.empty": "memory as it was found",
    "torch.empty_strided": "memory as it was found",
    "torch.Tensor.new_empty": "memory as it was found",
    "torch.Tensor.new_empty_strided": "memory as it was found",
    "torch.nn.utils.skip_init": "memory as it was found",
    "torch.sort": "the order of equal entries is left open",
    "torch.linalg.solve": "whether a rounding error is within a tolerance",
    "torch.vmap": "the address of a built-in function",
    "torch.kthvalue": "what follows from resize_",
    "torch.set_default_tensor_type": "deprecated",
}
"""Docstrings in which some result is not to be foretold."""

LARGE = re.compile(r"3d$|ConvTranspose2d$|\.Conv2d$|\.Transformer$|IterableDataset$")
"""Docstrings that take seconds each, mostly to draw tens of millions of random numbers."""


@dataclass(frozen=True)
class Entry:
    """One docstring: torch's name of what it documents, and its examples."""

    name: str
    sources: tuple[str, ...]

    @property
    def apart(self) -> str:
        """Why it is not run; empty where it is."""
        text = self.name + "\n" + "\n".join(self.sources)
        return next((why for words, why in APART.items() if re.search(words, text)), "")


@dataclass(frozen=True)
class Shown:
    """What one example printed on both sides.

    `same`; `last digit` of printed numbers; `close` as `torch.testing.assert_close` has it;
    `missing`: a name the engine lacks, or what follows from it; `differs`.
    """

    source: str
    ours: str
    theirs: str
    verdict: str


# -- collecting ------------------------------------------------------------------------------------


def entries() -> list[Entry]:
    """Every docstring with examples, once."""
    found: dict[tuple[str, ...], Entry] = {}
    for name, value in _documented():
        sources = _sources(inspect.getdoc(value) or "")
        if sources:
            found.setdefault(sources, Entry(name, sources))
    return list(found.values())


def _documented() -> Iterator[tuple[str, Any]]:
    for path in MODULES:
        module = importlib.import_module(path)
        for name in _public(module):
            value = getattr(module, name)
            if not isinstance(value, ModuleType):
                yield f"{path}.{name}", value
    for kind in CLASSES:
        for name in _public(kind):
            yield f"{kind.__module__}.{kind.__qualname__}.{name}", getattr(kind, name)


def _public(owner: Any) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [n for n in dir(owner) if not n.startswith("_") and hasattr(owner, n)]


def _sources(doc: str) -> tuple[str, ...]:
    try:
        return tuple(e.source for e in doctest.DocTestParser().get_examples(doc))
    except ValueError:  # a prompt without its blank
        return ()


def chosen() -> list[Entry]:
    """Those that a test suite can run: of the engine's matter, and small."""
    return [e for e in entries() if not e.apart and not LARGE.search(e.name)]


# -- running ---------------------------------------------------------------------------------------


def names_over(module: Any) -> dict[str, Any]:
    """What an example may name without importing it."""
    root = module.__name__
    space: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins_over(root)}
    space |= {"torch": module, "np": np, "numpy": np, "math": math, "random": random}
    for name, path in {
        "nn": "nn", "F": "nn.functional", "optim": "optim", "autograd": "autograd", "init":
        "nn.init", "fwAD": "autograd.forward_ad", "P": "nn.utils.parametrize",
    }.items():  # fmt: skip
        with contextlib.suppress(ModuleNotFoundError):
            space[name] = importlib.import_module(f"{root}.{path}")
    for name in ("Tensor", "vmap"):
        space[name] = getattr(module, name)
    for name in ("grad", "vjp", "jvp", "jacrev", "jacfwd", "hessian"):
        space[name] = getattr(module.func, name)
    return space


def printed(entry: Entry, module: Any) -> list[str]:
    """What each example prints, as Python's prompt would show it; an error is its last line."""
    space = names_over(module)
    for seed in (module.manual_seed, random.seed, np.random.seed):
        seed(0)
    try:
        return [_shown(source, space) for source in entry.sources]
    finally:
        module.set_printoptions(profile="default")
        module.set_default_dtype(module.float32)
        module.set_grad_enabled(True)


def _shown(source: str, space: dict[str, Any]) -> str:
    out = io.StringIO()
    hook, sys.displayhook = sys.displayhook, lambda v: v is None or print(repr(v))
    try:
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(source, "<example>", "single"), space)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=out)
    finally:
        sys.displayhook = hook
    return re.sub(r"0x[0-9a-f]+", "0x", out.getvalue())


# -- comparing -------------------------------------------------------------------------------------

MISSING = re.compile(
    r"^(AttributeError: (module|'?\w+'? ?object|type object)|NotImplementedError|"
    r"ModuleNotFoundError|ImportError)", re.MULTILINE,
)  # fmt: skip
NUMBER = re.compile(r"-?(?:\d+\.\d*(?:e[-+]\d+)?|\d+e[-+]\d+|inf|nan)")


def compared(entry: Entry) -> list[Shown]:
    """The examples of one docstring with what both sides print."""
    theirs, ours = printed(entry, torch), printed(entry, engine)
    found, lacking = [], False
    for source, a, b in zip(entry.sources, ours, theirs, strict=True):
        verdict = _verdict(a, b)
        if verdict == "differs" and (lacking or MISSING.match(a)):
            verdict, lacking = "missing", True
        found.append(Shown(source, a, b, verdict))
    return found


def _verdict(ours: str, theirs: str) -> str:
    if ours == theirs:
        return "same"
    if NUMBER.sub("#", re.sub(r"\s+", " ", ours)) != NUMBER.sub("#", re.sub(r"\s+", " ", theirs)):
        return "differs"
    numbers = list(zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True))
    if all(_near(a, b) for a, b in numbers):
        return "last digit"
    close = all(math.isclose(float(a), float(b), rel_tol=1e-4, abs_tol=1e-5) for a, b in numbers)
    return "close" if close else "differs"


def _near(ours: str, theirs: str) -> bool:
    """Whether two printed numbers are the same but for their last digit."""
    a, b = float(ours), float(theirs)
    mantissa, _, power = theirs.lower().partition("e")
    step = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    return a == b or (a != a and b != b) or abs(a - b) <= 1.5 * step


def main(what: str = "differs", *rest: str) -> None:
    counts: Counter[str] = Counter()
    lacking: Counter[str] = Counter()
    for entry in entries():
        if entry.apart or (LARGE.search(entry.name) and "large" not in rest):
            counts[f"apart: {entry.apart or 'large'}"] += 1
            continue
        counts["docstrings"] += 1
        for shown in compared(entry):
            counts["results"] += bool(shown.theirs)
            counts[shown.verdict] += bool(shown.theirs) or shown.verdict != "same"
            if shown.verdict == "missing":
                lacking[shown.ours.strip()] += 1
            if shown.verdict == what:
                print(f"--- {entry.name}\n>>> {shown.source}", end="")
                print(f"ours:   {shown.ours[:600]}torch:  {shown.theirs[:600]}")
    if what == "missing":
        print("\n".join(f"{n:4} {text}" for text, n in lacking.most_common()))
    print(dict(counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
