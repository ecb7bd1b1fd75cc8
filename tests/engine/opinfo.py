"""Every sample and error input torch's own tests have for an operator, run on both engines.

`check(op, dtype)` runs one OpInfo: forward, graph, backward, second backward, in place, errors.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from parity import (
    BITS,
    CLOSE,
    Tally,
    explained,
    is_tensor,
    to_engine,
    values_differ,
)

import gradtui.engine as engine

DUNDERS = {"__rdiv__": "__rtruediv__"}


def resolve(module: Any, op: Any) -> Callable[..., Any] | None:
    """The callable an OpInfo names: a function, else a method, else an attribute of a tensor."""
    if op.name in ("T", "H", "mT", "mH"):
        return lambda self: getattr(self, op.name) if hasattr(module.Tensor, op.name) else None
    found = module
    for part in op.name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            found = None
            break
    if found is None:
        found = getattr(module.Tensor, DUNDERS.get(op.name, op.name), None)
    return found


@dataclass
class Report:
    """What came of one operator: counts, and one line for each difference."""

    samples: int = 0
    errors: int = 0
    tally: Tally = field(default_factory=Tally)
    found: list[str] = field(default_factory=list)


@dataclass
class Case:
    """One call on both sides, with the tensors to differentiate by."""

    call: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def tensors_in(value: Any) -> Iterator[Any]:
    if is_tensor(value):
        yield value
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from tensors_in(v)
    elif isinstance(value, dict):
        for v in value.values():
            yield from tensors_in(v)


def attempt(call: Callable[[], Any]) -> tuple[Any, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call(), ""
        except Exception as raised:
            return None, explained(raised)


class Pair:
    """The same computation on the engine and on torch, kept in step."""

    def __init__(self, report: Report, label: str, tolerance: Any) -> None:
        self.report, self.label, self.tolerance = report, label, tolerance

    def fail(self, stage: str, text: str) -> None:
        self.report.found.append(f"{self.label} {stage}: {text}")

    def run(
        self, stage: str, ours: Callable[[], Any], theirs: Callable[[], Any], strides: bool = True
    ) -> Any:
        """Both results, or None when either raised; what differs is reported."""
        want, expected = attempt(theirs)
        got, raised = attempt(ours)
        if raised != expected:
            self.fail(stage, f"{raised or 'no error'} || torch: {expected or 'no error'}")
            return None
        if raised:
            return None
        for wrong in values_differ(got, want, self.tolerance, strides, self.report.tally):
            self.fail(stage, wrong)
        return got, want


def outputs_of(result: Any) -> list[Any]:
    return [t for t in tensors_in(result) if t.requires_grad]


def draw(shape: Any, dtype: Any, seed: int) -> Any:
    generator = np.random.default_rng(seed)
    return generator.standard_normal(tuple(shape)).astype(str(dtype).removeprefix("torch."))


def cotangents(outs: list[Any], module: Any, follow: bool = True) -> list[Any]:
    made = []
    for number, out in enumerate(outs):
        array = draw(out.shape, out.dtype, number)
        tensor = (
            module.from_numpy(array)
            if array.ndim
            else module.tensor(array.item(), dtype=getattr(module, array.dtype.name))
        )
        made.append(tensor.requires_grad_(follow))
    return made


def gradients(module: Any, outs: list[Any], inputs: list[Any], vectors: Any, create: bool) -> Any:
    return module.autograd.grad(outs, inputs, vectors, create_graph=create, allow_unused=True)


def differentiate(pair: Pair, results: Any, inputs: Any, second: bool) -> None:
    """First gradients, their graphs, and second gradients, on both sides."""
    got, want = results
    outs = outputs_of(got), outputs_of(want)
    ins = tuple([t for t in side if t.requires_grad] for side in inputs)
    if not outs[1] or not ins[1]:
        return
    vectors = cotangents(outs[0], engine), cotangents(outs[1], torch)
    first = pair.run(
        "backward",
        lambda: gradients(engine, outs[0], ins[0], vectors[0], second),
        lambda: gradients(torch, outs[1], ins[1], vectors[1], second),
        False,
    )
    if first is None or not second:
        return
    again = tuple([g for g in side if g is not None and g.requires_grad] for side in first)
    if not again[1] or len(again[0]) != len(again[1]):
        return
    ones = cotangents(again[0], engine, False), cotangents(again[1], torch, False)
    pair.run(
        "second backward",
        lambda: gradients(engine, again[0], [*ins[0], *vectors[0]], ones[0], False),
        lambda: gradients(torch, again[1], [*ins[1], *vectors[1]], ones[1], False),
        False,
    )


def check_sample(
    report: Report, label: str, op: Any, sample: Any, tolerance: Any, second: bool, grads: bool
) -> None:
    ours, theirs = resolve(engine, op), op.op
    memo: dict[int, Any] = {}
    args, kwargs = (sample.input, *sample.args), sample.kwargs
    mine = to_engine(args, memo), to_engine(kwargs, memo)
    pair = Pair(report, label, tolerance)
    seed = lambda f: lambda: (engine.manual_seed(1), torch.manual_seed(1), f())[-1]  # noqa: E731
    results = pair.run(
        "forward", seed(lambda: ours(*mine[0], **mine[1])), seed(lambda: theirs(*args, **kwargs))
    )
    report.samples += 1
    if results is not None and grads:
        inputs = list(tensors_in((mine[0], mine[1]))), list(tensors_in((args, kwargs)))
        differentiate(pair, results, inputs, second)


def check_in_place(report: Report, label: str, op: Any, sample: Any, tolerance: Any) -> None:
    name = getattr(op.inplace_variant, "__name__", "")
    if not name or not hasattr(engine.Tensor, name) or sample.broadcasts_input:
        if name and not hasattr(engine.Tensor, name):
            report.found.append(f"{label} has no {name}")
        return
    memo: dict[int, Any] = {}
    mine = to_engine((sample.input, sample.args, sample.kwargs), memo)
    pair = Pair(report, label + " in place", tolerance)
    leaf, theirs = mine[0], sample.input
    results = pair.run(
        name,
        lambda: getattr(leaf.clone(), name)(*mine[1], **mine[2]),
        lambda: op.inplace_variant(theirs.clone(), *sample.args, **sample.kwargs),
    )
    if results is not None:
        inputs = (
            list(tensors_in(mine)),
            list(tensors_in((sample.input, sample.args, sample.kwargs))),
        )
        differentiate(pair, results, inputs, False)


def check_errors(report: Report, op: Any) -> None:
    ours = resolve(engine, op)
    if op.error_inputs_func is None:
        return
    for number, error in enumerate(op.error_inputs("cpu")):
        sample = error.sample_input
        memo: dict[int, Any] = {}
        try:
            args, kwargs = to_engine(((sample.input, *sample.args), sample.kwargs), memo)
        except (AttributeError, TypeError):
            continue
        _, want = attempt(lambda: op.op(sample.input, *sample.args, **sample.kwargs))
        _, got = attempt(lambda: ours(*args, **kwargs))
        report.errors += 1
        if got != want:
            report.found.append(f"error {number}: {got} || torch: {want}")


def check(op: Any, dtype: torch.dtype, second: bool = True, limit: int = 0) -> Report:
    """Runs every sample of an operator in one dtype."""
    report = Report()
    exact = op.name in EXACT
    tolerance = BITS if exact else CLOSE
    grads = op.supports_autograd and dtype.is_floating_point
    samples = list(op.sample_inputs("cpu", dtype, requires_grad=grads))
    for number, sample in enumerate(samples):
        if limit and number >= limit:
            break
        label = f"{op.formatted_name} {str(dtype)[6:]} #{number}"
        check_sample(report, label, op, sample, tolerance, second and op.supports_gradgrad, grads)
        if op.inplace_variant is not None:
            check_in_place(report, label, op, sample, tolerance)
    return report


EXACT: frozenset[str] = frozenset()
