"""torch's own test inputs (`op_db`) for the operators the engine has, as calls on both engines.

>>> have, lack = operators()
>>> op = next(o for o in have if o.name == "mul")
>>> [(name, ours, theirs) for name, ours, theirs in variants(op)]  # mul, the method, `*`, multiply

An OpInfo knows torch's function only. Where that is Python of torch's tests, the engine's side is
the same code with `torch` meaning the engine; everywhere else it is looked up by name.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from parity import to_engine
from torch.testing._internal.common_methods_invocations import op_db

import gradtui.engine as engine
from gradtui.engine.tensor import wrap

Call = Callable[..., Any]
DUNDERS = {"__rdiv__": "__rtruediv__"}
"""Operators under the name the engine's tensors have them."""


# -- which callable --------------------------------------------------------------------------------


def named(path: str) -> Call | None:
    """The engine's function of a dotted name, else its tensors' method of that name."""
    found: Any = engine
    for part in path.removeprefix("torch.").split("."):
        found = getattr(found, part, None)
    return found if callable(found) else method(path)


def method(name: str) -> Call | None:
    """A method of the engine's tensors, as a function."""
    found = getattr(engine.Tensor, DUNDERS.get(name, name), None)
    return found if callable(found) else None


def seeded(call: Call, *args: Any, **kwargs: Any) -> Any:
    """What torch's tests do before an operator draws numbers: the seed is always 42."""
    engine.manual_seed(42)
    return call(*args, **kwargs)


def rebound(function: types.FunctionType) -> Call:
    """The same Python with `torch` meaning the engine."""
    names = function.__globals__ | {"torch": engine, "wrapper_set_seed": seeded}
    return types.FunctionType(function.__code__, names, function.__name__, function.__defaults__)


def of_tests(call: Any) -> bool:
    return isinstance(call, types.FunctionType) and call.__module__.startswith("torch.testing")


def counterpart(call: Any, path: str = "") -> Call | None:
    """The engine's callable for one of torch's."""
    if isinstance(call, functools.partial):
        return functools.partial(
            named(path) or named(f"nn.functional.{call.func.__name__}"), **call.keywords
        )
    if of_tests(call):
        return rebound(call) if _has_names(call) else None
    if getattr(call, "__module__", "") == "_operator":
        return call  # type: ignore[no-any-return]
    return named(path) if path else method(call.__name__)


def _has_names(call: types.FunctionType) -> bool:
    """Whether the engine has every attribute the code of one of torch's tests asks for."""
    known = ("wrapper_set_seed", "torch", "nn", "functional", "linalg")
    wanted = [n for n in _names(call.__code__) if n not in known]
    return bool(wanted) and all(_somewhere(n) for n in wanted)


def _names(code: types.CodeType) -> Iterator[str]:
    """The names of a function's code, and of what is defined in it."""
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from _names(part)


def _somewhere(name: str) -> bool:
    places = (engine, engine.Tensor, engine.nn.functional, engine.linalg)
    return name == "Tensor" or any(hasattr(place, name) for place in places)


def variants(op: Any) -> list[tuple[str, Call, Call]]:
    """The ways to call an operator that leave its input alone: (what, the engine's, torch's)."""
    ways = [("function", op.op, op.name), ("method", op.method_variant, "")]
    ways.append(("operator", op.operator_variant, ""))
    for alias in op.aliases:
        ways += [
            (alias.name, alias.op, alias.name),
            (f"{alias.name} method", alias.method_variant, ""),
        ]
    found = [(what, theirs and counterpart(theirs, path), theirs) for what, theirs, path in ways]
    return [(what, ours, theirs) for what, ours, theirs in found if ours and theirs]


def changes(op: Any) -> list[tuple[str, Call | None, Call]]:
    """The ways to call an operator that change its input, with None where the engine has none."""
    ways = [op.inplace_variant, op.inplace_operator_variant]
    ways += [alias.inplace_variant for alias in op.aliases]
    return [(getattr(f, "__name__", "in place"), counterpart(f), f) for f in ways if callable(f)]


@cache
def operators() -> tuple[list[Any], list[Any]]:
    """The entries of op_db that the engine has, and those it lacks."""
    has = [counterpart(op.op, op.name) is not None for op in op_db]
    return tuple(
        [op for op, h in zip(op_db, has, strict=True) if h is want] for want in (True, False)
    )


# -- what the engine cannot be given ---------------------------------------------------------------


class Foreign(Exception):
    """A value of torch's that the engine has no counterpart for; the text says what."""


def entries(value: Any) -> Iterator[Any]:
    """What containers hold, however deep."""
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        for v in value:
            yield from entries(v)
    elif isinstance(value, dict):
        yield from entries(list(value.values()))
    elif isinstance(value, slice):
        yield from entries([value.start, value.stop, value.step])
    else:
        yield value


def foreign(value: Any) -> str:
    """Why the engine cannot be given a value: a dtype, layout or device it does not have."""
    if isinstance(value, complex):
        return "complex"
    if isinstance(value, torch.Tensor):
        if value.layout is not torch.strided or value.device.type != "cpu":
            return f"{value.layout} on {value.device.type}"
        return "more than 64 dimensions" if value.ndim > 64 else foreign(value.dtype)
    if isinstance(value, types.BuiltinFunctionType | types.FunctionType | torch.nn.Module):
        return "functions of torch"
    if isinstance(value, (torch.dtype, torch.layout, torch.memory_format)):
        name = str(value).removeprefix("torch.")
        known = hasattr(engine, name)
        return "" if known else "complex" if name.startswith("complex") else name
    return ""


def transplanted(*values: Any) -> Any:
    """The engine's twins of torch's values; what shares memory on one side shares it on the other."""
    for value in entries(values):
        reason = foreign(value)
        if reason:
            raise Foreign(reason)
    tensors = [v for v in entries(values) if isinstance(v, torch.Tensor)]
    memo = twins(tensors)
    return tuple(to_engine(v, memo) for v in values)


def twins(tensors: list[torch.Tensor]) -> dict[int, Any]:
    """Leaves of the engine by the id of the tensor they are the twin of, on storage they share."""
    storages: dict[int, Any] = {}
    memo: dict[int, Any] = {}
    for tensor in tensors:
        storage = tensor.untyped_storage()
        key = storage.data_ptr(), tensor.dtype
        if key not in storages:
            size = storage.nbytes() // tensor.element_size()
            whole = torch.as_strided(tensor.detach(), (size,), (1,), 0)
            storages[key] = whole.clone().numpy()  # of a clone: torch resizes no array of numpy's
        root = storages[key]
        steps = [s * root.itemsize for s in tensor.stride()]
        array = np.lib.stride_tricks.as_strided(
            root[tensor.storage_offset() :], tensor.shape, steps
        )
        if tensor.is_contiguous() and array.size == root.size:
            array = root.reshape(tensor.shape)
        made = wrap(array if array.ndim else array[()])
        made._rg, made._ver = tensor.requires_grad, tensor._version
        memo.setdefault(id(tensor), made)
    return memo


# -- samples ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """The arguments of one call, on both sides."""

    label: str
    ours: tuple[tuple[Any, ...], dict[str, Any]]
    theirs: tuple[tuple[Any, ...], dict[str, Any]]
    broadcasts: bool = False

    @classmethod
    def of(cls, label: str, given: Any) -> Sample:
        args, kwargs = (given.input, *given.args), given.kwargs
        broadcasts = getattr(given, "broadcasts_input", False)
        return cls(label, transplanted(args, kwargs), (args, kwargs), broadcasts)


def samples_of(op: Any, dtype: torch.dtype, grads: bool) -> list[Any]:
    """The sample inputs of an operator, the same each time."""
    torch.default_generator.manual_seed(42)
    return list(op.sample_inputs_func(op, "cpu", dtype, grads))


def errors_of(op: Any) -> list[Any]:
    """The inputs an operator has to refuse."""
    torch.default_generator.manual_seed(42)
    return list(op.error_inputs_func(op, "cpu")) if op.error_inputs_func is not None else []


def spread(items: list[Any], limit: int) -> list[tuple[int, Any]]:
    """At most `limit` items with their numbers, from all over the list; 0 means all."""
    step = max(1, -(-len(items) // limit)) if limit else 1
    return list(enumerate(items))[::step]


def draw(shape: Any, dtype: Any, seed: int) -> Any:
    """A random cotangent's numbers."""
    generator = np.random.default_rng(seed)
    return generator.standard_normal(tuple(shape)).astype(str(dtype).removeprefix("torch."))
