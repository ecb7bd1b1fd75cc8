"""Every backward operation of the engine's table on a card: torch's own samples, recorded and looked at.

python tests/tape/rows.py                 # what each row's J·u came to, and which rows were not met
python tests/tape/rows.py --op conv2d     # one operator of torch's `op_db`

A sample is one operation on a tape of its own, with a backward pass behind it; of every node that
ran, J·u is worked out and held against v·J, and its card is made.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))

import numpy as np
import torch
from opinfo import counterpart
from parity import to_engine
from torch.testing._internal.common_methods_invocations import op_db

import gradtui.engine as engine
from gradtui.engine.rows import NODES, REFUSED
from gradtui.language.observer import Act
from gradtui.language.source import Span
from gradtui.tape import events as e
from gradtui.tape.factors import factors, seen
from gradtui.tape.recorder import Recorder
from gradtui.tape.rules import rule
from gradtui.tape.tangents import ONES, adjoint, incoming, push
from gradtui.tape.tape import Tape
from gradtui.tape.values import array

LARGEST = 400  # numbers of a tensor of a sample
SPAN = Span(1, 0, 1, 1)


class Taped:
    """Acts done by hand, on a tape of their own."""

    def __init__(self) -> None:
        self.events: list[e.AnyEvent] = [e.StepBegan(step="one")]
        self.recorder = Recorder(engine, self.events.append)
        self.recorder.arguments.listen()

    def act(self, call: Callable[..., Any], name: str, *args: Any, **kwargs: Any) -> Any:
        act = Act("call", name, SPAN, None, args, kwargs)
        return self.recorder.act(act, lambda: call(*args, **kwargs))

    def backward(self, root: Any) -> None:
        vector = _vector(root)
        act = Act("call", "backward", SPAN, root, (vector,), {"retain_graph": True})
        self.recorder.act(act, lambda: root.backward(vector, retain_graph=True))

    def tape(self) -> Tape:
        self.recorder.arguments.stop()
        return Tape([*self.events, e.StepEnded(step="one")], {"one": "y"})


def _vector(root: Any) -> Any:
    shape = tuple(root.shape)
    drawn = np.random.default_rng(0).uniform(0.5, 1.5, shape).tolist()
    return engine.tensor(drawn, dtype=root.dtype).reshape(shape)


def straight(taped: Taped, call: Any, name: str, args: Any, kwargs: Any) -> None:
    """The operation, and back from what it gave."""
    for root in _roots(taped.act(call, name, *args, **kwargs))[:2]:
        taped.backward(root)


def twice(taped: Taped, call: Any, name: str, args: Any, kwargs: Any) -> None:
    """Back through its gradients."""
    roots = _roots(taped.act(call, name, *args, **kwargs))[:1]
    leaves = [a for a in args if isinstance(a, engine.Tensor) and a.requires_grad]
    if not roots or not leaves:
        return
    given = {"create_graph": True, "allow_unused": True}
    seed = _vector(roots[0]).requires_grad_()
    grads = taped.act(engine.autograd.grad, "grad", roots[0], leaves, seed, **given)
    for root in _roots(grads)[:2]:
        taped.backward(root)


def in_place(taped: Taped, call: Any, name: str, args: Any, kwargs: Any) -> None:
    """The same as a change of a tensor, and of a view of one."""
    change = getattr(engine.Tensor, f"{name}_", None)
    if change is None or not isinstance(args[0], engine.Tensor) or not args[0].ndim:
        return
    for see in (lambda t: t, lambda t: t[0]):
        x = taped.act(lambda t: t * 1, "mul", args[0])
        view = taped.act(see, "getitem", x) if see(x) is not x else x
        try:
            taped.act(change, f"{name}_", view, *args[1:], **kwargs)
        except Exception:  # of another shape or dtype than its result
            continue
        for root in _roots(x) + ([] if view is x else _roots(view)):
            taped.backward(taped.act(lambda t: t * 2, "mul", root))


def recorded(way: Any, call: Callable[..., Any], name: str, args: Any, kwargs: Any) -> Tape:
    """One call on a tape, with what a way makes of it."""
    taped = Taped()
    try:
        way(taped, call, name, args, kwargs)
    finally:
        tape = taped.tape()
    return tape


def _roots(out: Any) -> list[Any]:
    found = out if isinstance(out, (tuple, list)) else (out,)
    return [t for t in found if isinstance(t, engine.Tensor) and t.grad_fn is not None]


def samples(op: Any, limit: int) -> Iterator[tuple[Any, Any]]:
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for count, sample in enumerate(op.sample_inputs("cpu", torch.float64, requires_grad=True)):
            if count >= limit:
                return
            given: Any = (sample.input, *sample.args)
            if all(t.numel() <= LARGEST for t in given if isinstance(t, torch.Tensor)):
                memo: dict[int, Any] = {}
                try:
                    yield to_engine(given, memo), to_engine(sample.kwargs, memo)
                except Exception:
                    continue


def outcomes(tape: Tape) -> Iterator[tuple[str, str]]:
    """Of each node that ran: its name, and "" or what is wrong with its J·u."""
    for at, event in enumerate(tape.events):
        if not isinstance(event, e.NodeRan):
            continue
        node = tape.nodes[event.node]
        out = push(tape, node, ONES, at)
        us = [u.value for u in incoming(tape, node, ONES, at)]
        if out.value is None:
            yield node.name, out.why or "nothing of the tangent came"
            continue
        both = adjoint(event, us, out.value)
        if len(event.cotangents) > 1 or both is None or both.agrees or not np.isfinite(both.size):
            yield node.name, ""
        else:
            yield node.name, f"{both.text} differ"


SPARSE = {"identity", "diagonal", "permutation", "selection", "broadcast-sum"}
FITS = {
    "identity": {"identity"},
    "diagonal": {"identity", "diagonal"},
    "permutation": {"identity", "permutation"},
    "selection": {*SPARSE, "reduction"},
    "reduction": {*SPARSE, "reduction", "dense"},
    "copies": {*SPARSE, "dense"},
    "broadcast-sum": SPARSE,
    "dense": {*SPARSE, "reduction", "dense"},
}
"""What the numbers of a Jacobian may show where the table says a structure."""


def structures(tape: Tape) -> Iterator[tuple[str, str]]:
    """Of each node that ran: its name, and "" or how the numbers of a Jacobian gainsay the table."""
    for at, event in enumerate(tape.events):
        for factor in factors(tape, at, event) if isinstance(event, e.NodeRan) else ():
            name = tape.nodes[event.node].name
            matrix = None if factor.jacobian is None else array(factor.jacobian)
            if matrix is None or not matrix.size or min(matrix.shape) < 2 or np.isnan(matrix).any():
                continue
            if not matrix.any():
                continue
            fits = seen(matrix) in FITS.get(factor.structure, {"none"})
            yield (
                name,
                "" if fits else f"{factor.structure} at edge {factor.edge}, not {seen(matrix)}",
            )


def survey(names: set[str], limit: int) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """What came of every node met, and which samples raised."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    faults: Counter[str] = Counter()
    for op in op_db:
        if (names and op.name not in names) or torch.float64 not in op.supported_dtypes("cpu"):
            continue
        call = counterpart(op.op, op.name)
        if call is None:
            continue
        try:
            given = list(samples(op, limit))
        except Exception:
            continue
        for (args, kwargs), way in product(given, (straight, twice, in_place)):
            try:
                tape = recorded(way, call, op.name.rpartition(".")[2], args, kwargs)
            except Exception as error:
                faults[f"{op.name}: {type(error).__name__}: {error}"[:150]] += 1
                continue
            for name, said in (*outcomes(tape), *structures(tape)):
                found[name][f"{said} [{way.__name__} {op.name}]" if said else ""] += 1
    return found, faults


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--op", action="append", default=[])
    parser.add_argument("--limit", type=int, default=6)
    asked = parser.parse_args()
    found, faults = survey(set(asked.op), asked.limit)
    for name, said in sorted(found.items()):
        bad = {why: n for why, n in said.items() if why}
        if bad:
            print(f"{name}: {said['']} well; " + "; ".join(f"{n} {w}" for w, n in bad.items()))
    unmet = [n for n, row in NODES.items() if n not in found and row.jvp not in REFUSED]
    print(f"{len(found)} nodes met, {sum(map(Counter.total, found.values()))} runs")
    plain = [
        n for n in NODES if rule(n).sentence.startswith(("Entry by entry:", "Each input gets"))
    ]
    print("told by their row alone:", " ".join(plain))
    print("not met:", " ".join(unmet))
    for line, n in faults.most_common():
        print("fault", n, line)


if __name__ == "__main__":
    main()
