"""Runs the same code over torch and over the engine, and says where they differ.

>>> assert_same("x = torch.ones(2, requires_grad=True); (x * 3).sum().backward(); print(x.grad)")

What is compared: printed text, the error (`Type: message`), and of every tensor its numbers (bit by
bit, or within a tolerance), dtype, shape, strides, flags, version, `.grad`, and the whole graph
behind `grad_fn`: names, edges, output numbers.
"""

from __future__ import annotations

import contextlib
import functools
import io
import re
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import gradtui.engine as engine
from gradtui.engine.tensor import wrap

torch.set_num_threads(1)

BITS = (0.0, 0.0)
"""The tolerance of arithmetic: every bit."""

CLOSE = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}
"""`torch.testing.assert_close`'s relative and absolute tolerances."""


# -- one side --------------------------------------------------------------------------------------


@dataclass
class Seen:
    """One tensor as it can be compared."""

    array: Any
    dtype: str
    strides: tuple[int, ...]
    flags: dict[str, Any]
    graph: tuple[Any, ...]
    grad: Seen | None


def graph_of(node: Any) -> tuple[Any, ...]:
    """The graph behind a node: for each node its name and (place of the next node, output) pairs."""
    if node is None:
        return ()
    places: dict[int, int] = {}
    kept, rows = [], []
    stack = [node]
    while stack:
        here = stack.pop()
        if id(here) in places:
            continue
        places[id(here)] = len(kept)
        kept.append(here)
        stack.extend(n for n, _ in reversed(here.next_functions) if n is not None)
    for here in kept:
        edges = tuple(
            None if n is None else (places[id(n)], number) for n, number in here.next_functions
        )
        rows.append((here.name(), edges))
    return tuple(rows)


def array_of(tensor: Any) -> Any:
    if isinstance(tensor, torch.Tensor):
        return tensor.detach().numpy(force=True).copy()
    return np.array(tensor._data)


def strides_of(tensor: Any) -> tuple[int, ...]:
    """Strides, where they matter: of dimensions with more than one entry."""
    if not tensor.numel():
        return ()
    return tuple(s for s, n in zip(tensor.stride(), tensor.shape, strict=True) if n > 1)


def seen(tensor: Any, deep: bool = True) -> Seen:
    """Everything about a tensor that both sides must agree on."""
    try:
        return _seen(tensor, deep)
    except RuntimeError as error:  # a view whose history its base has spoilt
        return Seen(array_of(tensor), str(tensor.dtype), (), {"error": str(error)}, (), None)


def _seen(tensor: Any, deep: bool) -> Seen:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        grad = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    flags = {
        "shape": tuple(tensor.shape),
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "is_view": tensor._is_view() and tensor.requires_grad,
        "retains_grad": tensor.retains_grad,
        "output_nr": tensor.output_nr,
        "type": type(tensor).__name__,
    }
    if not tensor.is_inference() and not tensor.is_leaf:
        flags["version"] = tensor._version
    return Seen(
        array_of(tensor),
        str(tensor.dtype),
        strides_of(tensor),
        flags,
        graph_of(tensor.grad_fn),
        seen(grad, False) if deep and grad is not None else None,
    )


def is_tensor(value: Any) -> bool:
    return isinstance(value, (torch.Tensor, engine.Tensor))


@dataclass
class Outcome:
    """What running some code left: its text, its error, the things it named."""

    text: str
    error: str
    values: dict[str, Any]


@contextlib.contextmanager
def restored(module: Any) -> Iterator[None]:
    """Sets what a program may leave switched, before it and after: grad mode, dtype, printing."""
    _reset(module)
    try:
        yield
    finally:
        _reset(module)


def _reset(module: Any) -> None:
    module.set_grad_enabled(True)
    module.set_default_dtype(module.float32)
    module.set_printoptions(profile="default", sci_mode=None)
    module.autograd.set_detect_anomaly(False)


_KEEP = (bool, int, float, str, type(None))


@functools.cache
def compiled(text: str) -> Any:
    """A program's beginning, which many share."""
    return compile(text, "<prelude>", "exec")


def run(code: str, module: Any, prelude: str = "", **names: Any) -> Outcome:
    """Runs code, after a prelude, with `torch` meaning `module`."""
    space: dict[str, Any] = {"torch": module, **names}
    text, error = io.StringIO(), ""
    with contextlib.redirect_stdout(text), warnings.catch_warnings(), restored(module):
        warnings.simplefilter("ignore")
        module.manual_seed(0)
        try:
            exec(compiled(prelude), space)
            exec(compile(code, "<program>", "exec"), space)
        except Exception as raised:
            error = explained(raised)
    for name in ("torch", "__builtins__", *names):
        space.pop(name, None)
    return Outcome(_ADDRESS.sub("0x", text.getvalue()), error, space)


_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def explained(raised: BaseException) -> str:
    return f"{type(raised).__name__}: {raised}"


# -- both sides ------------------------------------------------------------------------------------


@dataclass
class Tally:
    """How many arrays were compared, and how many of them were equal to the last bit."""

    compared: int = 0
    identical: int = 0


def same_bits(a: Any, b: Any) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    equal = (a == b) & (np.signbit(a) == np.signbit(b)) if a.dtype.kind == "f" else a == b
    return bool(np.all(equal | ((a != a) & (b != b))))


def arrays_differ(got: Any, want: Any, tolerance: Any, tally: Tally | None = None) -> str:
    """What is wrong with `got`, or nothing. `tolerance` is a pair, or a table of pairs by dtype."""
    got, want = np.asarray(got), np.asarray(want)
    if got.dtype != want.dtype:
        return f"dtype {got.dtype}, torch has {want.dtype}"
    if got.shape != want.shape:
        return f"shape {got.shape}, torch has {want.shape}"
    equal = same_bits(got, want)
    if tally is not None:
        tally.compared += 1
        tally.identical += equal
    if equal:
        return ""
    allowed = tolerance if isinstance(tolerance, tuple) else tolerance.get(want.dtype.name, BITS)
    if want.dtype.kind == "f" and any(allowed) and _near(got, want, *allowed):
        return ""
    return f"{got!r}, torch has {want!r}" if want.size <= 12 else _the_worst(got, want)


def _near(got: Any, want: Any, rtol: float, atol: float, of_largest: float = 0.0) -> bool:
    """Whether arrays agree within a part of each entry, a constant, and a part of the largest."""
    finite = np.abs(want[np.isfinite(want)], dtype=np.float64)
    atol += of_largest * float(finite.max(initial=0))
    return np.allclose(got, want, rtol, atol, equal_nan=True)


def _the_worst(got: Any, want: Any) -> str:
    """Of two large arrays, how many entries differ and where they do most."""
    wrong = (got != want) & ~((got != got) & (want != want))
    with np.errstate(all="ignore"):
        apart = np.where(wrong, np.abs(np.subtract(got, want, dtype=np.float64)), -1)
    at = np.unravel_index(np.argmax(np.where(np.isnan(apart), np.inf, apart)), want.shape)
    place = [int(i) for i in at]
    return (
        f"{wrong.sum()} of {want.size} {want.dtype} entries differ; at {place} {got[at]!r}, "
        f"torch has {want[at]!r}"
    )


def tensors_differ(
    got: Any, want: Any, tolerance: Any = BITS, strides: bool = True, tally: Tally | None = None
) -> Iterator[str]:
    """Differences of two tensors; without `strides`, of their numbers, shapes and graphs only."""
    a, b = (v if isinstance(v, Seen) else seen(v) for v in (got, want))
    if not strides:
        flags = {n: b.flags[n] for n in ("shape", "type") if n in b.flags}
    else:
        flags = b.flags
    wrong = arrays_differ(a.array, b.array, tolerance, tally)
    if wrong:
        yield wrong
    if a.dtype != b.dtype:
        yield f"dtype {a.dtype}, torch has {b.dtype}"
    if strides and a.strides != b.strides:
        yield f"strides {a.strides}, torch has {b.strides} (shape {b.array.shape})"
    for name in flags:
        if a.flags.get(name) != b.flags[name]:
            yield f"{name} {a.flags.get(name)}, torch has {b.flags[name]}"
    if a.graph != b.graph:
        yield f"graph {show_graph(a.graph)}\n    torch has {show_graph(b.graph)}"
    if (a.grad is None) != (b.grad is None):
        yield f"grad {a.grad}, torch has {b.grad}"
    elif a.grad is not None and b.grad is not None:
        yield from (f"grad: {d}" for d in tensors_differ(a.grad, b.grad, tolerance, strides, tally))


def show_graph(graph: tuple[Any, ...]) -> str:
    return " ".join(
        f"{i}:{name}({','.join('-' if e is None else str(e[0]) + ('.' + str(e[1])) * bool(e[1]) for e in edges)})"  # noqa: E501
        for i, (name, edges) in enumerate(graph)
    )


def values_differ(
    got: Any, want: Any, tolerance: Any = BITS, strides: bool = True, tally: Tally | None = None
) -> Iterator[str]:
    """Differences between what the engine and torch returned: tensors, numbers, tuples of them."""
    if is_tensor(want):
        if is_tensor(got):
            yield from tensors_differ(got, want, tolerance, strides, tally)
        else:
            yield f"{got!r}, torch has a tensor"
    elif isinstance(want, (list, tuple)):
        if not isinstance(got, (list, tuple)) or len(got) != len(want):
            yield f"{got!r}, torch has {want!r}"
            return
        if type(got).__name__ != type(want).__name__:
            yield f"a {type(got).__name__}, torch has a {type(want).__name__}"
        for i, (a, b) in enumerate(zip(got, want, strict=True)):
            yield from (f"[{i}]: {d}" for d in values_differ(a, b, tolerance, strides, tally))
    elif isinstance(want, torch.nn.Module):
        parts = [dict(m.named_parameters()) for m in (got, want)]
        yield from values_differ(parts[0], parts[1], tolerance, strides, tally)
    elif isinstance(want, dict):
        for key in want:
            yield from (
                f"[{key!r}]: {d}"
                for d in values_differ(got.get(key), want[key], tolerance, strides, tally)
            )
    elif isinstance(want, float) and isinstance(got, float):
        wrong = arrays_differ(np.float64(got), np.float64(want), tolerance)
        if wrong:
            yield wrong
    elif repr(got) != repr(want) and isinstance(want, (*_KEEP, torch.Size, torch.dtype)):
        yield f"{got!r}, torch has {want!r}"


def outcomes_differ(got: Outcome, want: Outcome, tolerance: Any = BITS) -> list[str]:
    found = []
    if got.error != want.error:
        found.append(f"error: {got.error or 'none'}\n    torch: {want.error or 'none'}")
    if not texts_agree(got.text, want.text, tolerance):
        found.append(f"text: {got.text!r}\n   torch: {want.text!r}")
    for name, value in want.values.items():
        if isinstance(value, (types.FunctionType, type)) or name.startswith("__"):
            continue
        if name not in got.values:
            found.append(f"{name} is missing")
            continue
        found += [f"{name}: {d}" for d in values_differ(got.values[name], value, tolerance)]
    return found


_NUMBER = re.compile(r"-?\d+\.\d*(?:e[+-]?\d+)?|-?nan|-?inf")


def texts_agree(got: str, want: str, tolerance: Any = BITS) -> bool:
    """Whether two texts are the same, but for the last printed digits where numbers may be close."""
    if got == want or tolerance is BITS:
        return got == want
    if _NUMBER.sub("#", got).split() != _NUMBER.sub("#", want).split():
        return False
    ours, theirs = (list(map(float, _NUMBER.findall(t))) for t in (got, want))
    return bool(np.allclose(ours, theirs, 2e-3, 2e-4, equal_nan=True))


def differences(code: str, tolerance: Any = BITS, prelude: str = "") -> list[str]:
    """Runs code on both and lists where they differ."""
    return outcomes_differ(run(code, engine, prelude), run(code, torch, prelude), tolerance)


def assert_same(code: str, tolerance: Any = BITS) -> None:
    """Fails where the engine and torch differ on a piece of code."""
    found = differences(code, tolerance)
    assert not found, code + "\n" + "\n".join(found)


def both(function: Callable[[Any], Any]) -> tuple[Any, Any]:
    """`function(torch)` on the engine and on torch: results, or errors as text."""
    results = []
    for module in (engine, torch):
        module.manual_seed(0)
        try:
            results.append(function(module))
        except Exception as raised:
            results.append(explained(raised))
    return results[0], results[1]


def assert_agree(function: Callable[[Any], Any], tolerance: Any = BITS) -> None:
    """Fails where the results of `function(torch)` differ."""
    got, want = both(function)
    found = list(values_differ(got, want, tolerance))
    assert not found, "\n".join(found)


# -- the order of a backward pass ------------------------------------------------------------------


def all_nodes(roots: list[Any]) -> list[Any]:
    """Every node behind the roots, in an order both sides share."""
    found: dict[int, Any] = {}
    stack = [r for r in reversed(roots) if r is not None]
    while stack:
        node = stack.pop()
        if id(node) in found:
            continue
        found[id(node)] = node
        stack.extend(n for n, _ in reversed(node.next_functions) if n is not None)
    return list(found.values())


def order_of(run_backward: Callable[[], Any], *roots: Any) -> list[int]:
    """The numbers of the nodes behind `roots` in the order in which the pass ran them."""
    order: list[int] = []
    nodes = all_nodes([r.grad_fn for r in roots])
    handles = [n.register_hook(lambda i, o, k=k: order.append(k)) for k, n in enumerate(nodes)]
    run_backward()
    for handle in handles:
        handle.remove()
    return order


# -- from torch to the engine ----------------------------------------------------------------------


def to_engine(value: Any, memo: dict[int, Any] | None = None) -> Any:
    """A torch value as the engine's: tensors with their strides and flags, dtypes, containers."""
    memo = {} if memo is None else memo
    if isinstance(value, torch.Tensor):
        if id(value) not in memo:
            memo[id(value)] = leaf_like(value)
        return memo[id(value)]
    if isinstance(value, torch.dtype):
        return getattr(engine, str(value).removeprefix("torch."))
    if isinstance(value, torch.Size):
        return engine.Size(value)
    if isinstance(value, torch.device):
        return engine.device(str(value))
    if isinstance(value, (torch.layout, torch.memory_format)):
        return getattr(engine, str(value).removeprefix("torch."))
    if isinstance(value, (list, tuple)):
        made = [to_engine(v, memo) for v in value]
        return made if isinstance(value, list) else tuple(made)
    if isinstance(value, dict):
        return {k: to_engine(v, memo) for k, v in value.items()}
    if isinstance(value, slice):
        return slice(*(to_engine(v, memo) for v in (value.start, value.stop, value.step)))
    return value


def leaf_like(tensor: Any) -> Any:
    """A leaf of the engine with the numbers, strides and `requires_grad` of a torch tensor."""
    array = strided_copy(tensor)
    made = wrap(array if array.ndim else array[()])
    made._rg = tensor.requires_grad
    made._ver = tensor._version
    return made


def strided_copy(tensor: Any) -> Any:
    shared = tensor.detach().numpy(force=True)
    if tensor.is_contiguous() or not shared.size:
        return np.array(shared)
    whole = torch.as_strided(
        tensor.detach(), (tensor.untyped_storage().nbytes() // tensor.element_size(),), (1,), 0
    ).numpy()
    start = tensor.storage_offset()
    return np.lib.stride_tricks.as_strided(whole.copy()[start:], shared.shape, shared.strides)
