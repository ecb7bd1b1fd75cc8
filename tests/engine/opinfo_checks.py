"""One operator of op_db on both engines: every sample forward, backward, twice backward, in place.

>>> report = check(op, torch.float32, limit=0)
>>> report.found  # one line for each difference
[]
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from opinfo import (
    Call,
    Foreign,
    Sample,
    changes,
    draw,
    entries,
    errors_of,
    samples_of,
    spread,
    variants,
)
from opinfo_tables import (
    FORWARD_APART,
    GRAPH_APART,
    HALF_APART,
    OUT_APART,
    SAMPLES_APART,
    TIES,
    UNSET,
    tolerances,
)
from parity import Tally, explained, is_tensor, values_differ

import gradtui.engine as engine


@dataclass
class Report:
    """What came of operators: how many of what, and one line for each difference."""

    operators: int = 0
    samples: int = 0
    errors: int = 0
    tally: Tally = field(default_factory=Tally)
    skipped: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        self.operators += other.operators
        self.samples += other.samples
        self.errors += other.errors
        self.tally.compared += other.tally.compared
        self.tally.identical += other.tally.identical
        self.skipped += other.skipped

    def lines(self) -> list[str]:
        """The figures as text."""
        close = self.tally.compared - self.tally.identical
        reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(self.skipped.items()))
        return [
            f"{self.operators} operators, {self.samples} samples, {self.errors} error inputs",
            f"{self.tally.identical} results bit-identical, {close} close",
            f"{self.skipped.total()} skipped: {reasons or 'none'}",
        ]


# -- both sides in step ----------------------------------------------------------------------------


def attempt(call: Callable[[], Any]) -> tuple[Any, str]:
    """A result, or the error as text."""
    engine.manual_seed(1)
    torch.default_generator.manual_seed(1)  # torch.manual_seed also looks for other devices
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call(), ""
        except Exception as raised:
            return None, explained(raised)


class Pair:
    """The same computation on the engine and on torch, kept in step."""

    def __init__(self, report: Report, op: Any, sample: Sample) -> None:
        self.report, self.op, self.sample = report, op, sample
        self.forward, self.backward = tolerances(op)

    def fail(self, stage: str, text: str) -> None:
        self.report.found.append(f"{self.sample.label} {stage}: {text}")

    def run(
        self, stage: str, ours: Callable[[], Any], theirs: Callable[[], Any], forward: bool = True
    ) -> Any:
        """Both results, or None when either raised; what differs is reported."""
        want, expected = attempt(theirs)
        got, raised = attempt(ours)
        if raised != expected:
            self.fail(stage, f"{raised or 'no error'}\n    torch: {expected or 'no error'}")
        if raised or expected:
            return None
        for wrong in self.differences(got, want, forward):
            self.fail(stage, wrong)
        return got, want

    def differences(self, got: Any, want: Any, forward: bool) -> Iterator[str]:
        """What tells two results apart, but for what the tables excuse."""
        shown = got, want
        if forward and self.op.name in UNSET:
            shown = changed(got, blank), changed(want, blank)
        elif forward and self.op.name in TIES:
            shown = tuple(named(self.op.name, self.sample, v) for v in (got, want))
        tolerance = widened(self.forward if forward else self.backward, want)
        apart = FORWARD_APART if forward else GRAPH_APART
        for wrong in values_differ(*shown, tolerance, forward, self.report.tally):
            if "graph " not in wrong or self.op.formatted_name not in apart:
                yield wrong


def changed(result: Any, turn: Callable[[Any], Any]) -> Any:
    """A result with each of its tensors turned into another."""
    if is_tensor(result):
        return turn(result)
    return tuple(turn(t) for t in result) if isinstance(result, tuple) else result


def blank(tensor: Any) -> Any:
    """The same tensor with zeros for entries."""
    return tensor.detach().clone().zero_()


def named(name: str, sample: Sample, result: Any) -> Any:
    """A result with the entries that its indices name in the place of the indices."""
    *values, index = result if isinstance(result, tuple) else (result,)
    ours = not isinstance(index, torch.Tensor)
    args, kwargs = sample.ours if ours else sample.theirs
    whole, place = args[0].detach(), TIES[name]
    if not whole.ndim:
        return result
    dim = kwargs.get("dim", args[place] if len(args) > place else -1)
    index = index if index.ndim == whole.ndim else index.unsqueeze(dim)
    return (*values, (engine if ours else torch).gather(whole, dim, index))


def widened(tolerance: Any, want: Any) -> Any:
    """The tolerance of gradients: of terms that cancel, rounding leaves a part of the largest."""
    tensors = [t.detach() for t in entries(want) if is_tensor(t) and t.is_floating_point()]
    largest = max(
        (float(t[t.isfinite()].abs().max()) for t in tensors if t.isfinite().any()), default=0
    )
    return {name: (r, a + part * largest) for name, (r, a, part) in tolerance.items()}


def followed(value: Any) -> list[Any]:
    """The tensors of a result or of arguments that require grad."""
    return [t for t in entries(value) if is_tensor(t) and t.requires_grad]


def cotangents(outs: list[Any], module: Any, follow: bool) -> list[Any]:
    made = []
    for number, out in enumerate(outs):
        array = draw(out.shape, out.dtype, number)
        tensor = module.tensor(array, dtype=getattr(module, array.dtype.name))
        made.append(tensor.requires_grad_(follow))
    return made


def gradients(module: Any, outs: list[Any], inputs: list[Any], vectors: Any, create: bool) -> Any:
    return module.autograd.grad(outs, inputs, vectors, create_graph=create, allow_unused=True)


def differentiate(pair: Pair, results: Any, inputs: Any, second: bool) -> None:
    """First gradients, their graphs, and second gradients, on both sides."""
    outs, ins = tuple(followed(r) for r in results), tuple(followed(i) for i in inputs)
    if not outs[1] or not ins[1] or len(outs[0]) != len(outs[1]):
        return
    sides = (engine, torch)
    vectors = [cotangents(o, m, second) for o, m in zip(outs, sides, strict=True)]
    first = pair.run(
        "backward",
        lambda: gradients(engine, outs[0], ins[0], vectors[0], second),
        lambda: gradients(torch, outs[1], ins[1], vectors[1], second),
        False,
    )
    if first is None or not second:
        return
    again = tuple(followed(f) for f in first)
    if not again[1] or len(again[0]) != len(again[1]):
        return
    ones = [cotangents(a, m, False) for a, m in zip(again, sides, strict=True)]
    pair.run(
        "second backward",
        lambda: gradients(engine, again[0], [*ins[0], *vectors[0]], ones[0], False),
        lambda: gradients(torch, again[1], [*ins[1], *vectors[1]], ones[1], False),
        False,
    )


# -- one sample ------------------------------------------------------------------------------------


def check_call(pair: Pair, ways: Any, sample: Sample, grads: bool, second: bool) -> None:
    what, ours, theirs = ways
    results = pair.run(
        what,
        lambda: ours(*sample.ours[0], **sample.ours[1]),
        lambda: theirs(*sample.theirs[0], **sample.theirs[1]),
    )
    if results is not None and grads:
        differentiate(pair, results, (sample.ours, sample.theirs), second)


def check_change(pair: Pair, ways: Any, sample: Sample, grads: bool) -> None:
    """In place, on a clone of the input: value, version, history, gradient."""
    what, ours, theirs = ways
    if ours is None:
        pair.fail(what, "the engine has no such method")
        return

    def changed(call: Call, args: Any, kwargs: Any) -> Any:
        return call(args[0].clone(), *args[1:], **kwargs)

    results = pair.run(
        what,
        lambda: changed(ours, *sample.ours),
        lambda: changed(theirs, *sample.theirs),
    )
    if results is not None and grads:
        differentiate(pair, results, (sample.ours, sample.theirs), False)


def check_out(pair: Pair, sample: Sample) -> None:
    """Into a given tensor: of the right size, and of none."""
    _, ours, theirs = variants(pair.op)[0]
    bare = [[_detached(v) for v in side] for side in (sample.ours, sample.theirs)]
    want, _ = attempt(lambda: theirs(*bare[1][0], **bare[1][1]))
    if not is_tensor(want):
        return
    shapes = [tuple(want.shape), (0,)]
    for shape in shapes[: 1 if pair.op.formatted_name in OUT_APART else 2]:
        outs = [m.zeros(shape, dtype=getattr(m, str(want.dtype)[6:])) for m in (engine, torch)]
        results = pair.run(
            "out=",
            lambda o=outs[0]: ours(*bare[0][0], **bare[0][1], out=o),
            lambda o=outs[1]: theirs(*bare[1][0], **bare[1][1], out=o),
        )
        if results is not None and results[0] is not outs[0]:
            pair.fail("out=", "another tensor is returned")


def _detached(value: Any) -> Any:
    if is_tensor(value):
        return value.detach()
    if isinstance(value, dict):
        return {k: _detached(v) for k, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_detached(v) for v in value)
    return value


def check_sample(report: Report, op: Any, label: str, given: Any, first: bool, grads: bool) -> None:
    """Every way to call an operator on one sample; ways beside the first on the `first` ones."""
    sample = Sample.of(label, given)
    pair = Pair(report, op, sample)
    ways = variants(op)
    check_call(pair, ways[0], sample, grads, op.supports_gradgrad)
    for way in ways[1:] if first else ():
        check_call(pair, way, sample, False, False)
    for number, way in enumerate(changes(op)):
        if first or not number:
            check_change(pair, way, sample, grads and not number)
    if first and op.supports_out:
        check_out(pair, sample)
    report.samples += 1


def check(op: Any, dtype: torch.dtype, limit: int = 0, first: int = 3) -> Report:
    """Runs the samples of an operator in one dtype, at most `limit` of them where it is not 0."""
    report = Report()
    if dtype is torch.float16 and op.formatted_name in HALF_APART:
        report.skipped[HALF_APART[op.formatted_name]] += 1
        return report
    grads = op.supports_autograd and dtype in (torch.float32, torch.float64)
    samples = samples_of(op, dtype, grads)
    for place, (number, given) in enumerate(spread(samples, limit)):
        label = f"{op.formatted_name} {str(dtype)[6:]} #{number}"
        reason = SAMPLES_APART.get((op.formatted_name, number), "")
        try:
            if reason:
                raise Foreign(reason)
            check_sample(report, op, label, given, place < first, grads)
        except Foreign as error:
            report.skipped[str(error)] += 1
    return report


def check_errors(op: Any) -> Report:
    """What torch's tests expect to be refused: type and message."""
    report = Report()
    _, ours, theirs = variants(op)[0]
    for number, error in enumerate(errors_of(op)):
        try:
            sample = Sample.of(f"error input {number}", error.sample_input)
        except Foreign as reason:
            report.skipped[str(reason)] += 1
            continue
        report.errors += 1
        _, want = attempt(lambda s=sample: theirs(*s.theirs[0], **s.theirs[1]))
        _, got = attempt(lambda s=sample: ours(*s.ours[0], **s.ours[1]))
        if got != want:
            report.found.append(f"{sample.label}: {got or 'no error'}\n    torch: {want}")
    return report
