"""Recording: what operations and backward passes do, in order, for as long as a `with` block lasts.

>>> import gradtui.engine as torch
>>> from gradtui.engine.record import record
>>> x = torch.tensor([1.0, 2.0], requires_grad=True)
>>> with record() as tape:
...     (x * 2).sum().backward()
>>> [event.name for event in tape]
['mul', 'sum', 'SumBackward0', 'MulBackward0', 'AccumulateGrad']
>>> tape[0].result
array([2., 4.], dtype=float32)

An operation costs one append while it is recorded: the tape keeps the very tensors, and arrays are
made of them when an event is asked for. What is changed in place is copied before the change, so
that an event shows the numbers there were when it happened, whatever was written since.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.kernels.shapes import root
from gradtui.engine.tensor import TENSORS
from gradtui.engine.views import geometry


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; tensors are arrays with the numbers they had then.

    `kind` is "operation" (`inputs` are its arguments, `result` what it returned), "node" (`inputs` are
    the cotangents that came in, `result` those that went out) or "leaf" (`inputs` is the gradient that
    arrived at a leaf, `result` its `.grad` from then on).
    """

    kind: str
    name: str
    inputs: tuple[Any, ...]
    result: Any


class Tape:
    """The events of one recording, by index and in order."""

    def __init__(self) -> None:
        self.raw: list[Any] = []
        self._kept: list[int] = []
        self._seen = 0

    def __len__(self) -> int:
        return len(self._places())

    def __iter__(self) -> Iterator[Event]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: int) -> Event:
        place = self._places()[index]
        kind, *what = self.raw[place]
        make = _MAKERS[kind] if isinstance(kind, str) else _operation
        event: Event = make(_Past(self.raw, place + 1), kind, *what)
        return event

    def _places(self) -> list[int]:
        """Where in `raw` the events are, between the copies that changes in place left."""
        new = range(self._seen, len(self.raw))
        self._kept += [i for i in new if self.raw[i][0] is not BEFORE]
        self._seen = len(self.raw)
        return self._kept


BEFORE = "before"


class _Past:
    """Arrays as they were at a position of the tape."""

    def __init__(self, raw: list[Any], position: int) -> None:
        self.raw, self.position = raw, position

    def array(self, value: Any) -> Any:
        """A tensor or array with the numbers it had; lists and tuples of them too."""
        if isinstance(value, (tuple, list)):
            return tuple(self.array(v) for v in value)
        found = value._data if value.__class__ in TENSORS else value
        if not isinstance(found, np.ndarray):
            return found
        whole = root(found)
        changes = [e for e in self.raw[self.position :] if e[0] is BEFORE and _within(e[1], whole)]
        if not changes:
            return found
        flat = whole.ravel(order="K").copy()
        for _, tensor, before in reversed(changes):
            geometry(tensor._data, whole).within(flat)[...] = before
        return geometry(found, whole).within(flat).copy()


def _within(tensor: Any, whole: Any) -> bool:
    data = tensor._data
    return isinstance(data, np.ndarray) and root(data) is whole


def _operation(past: _Past, row: Any, bound: Any, result: Any) -> Event:
    name = str(getattr(row, "name", None) or row.__name__)
    return Event("operation", name, past.array(tuple(bound)), past.array(result))


def _node(past: _Past, kind: str, node: Any, grads: Any) -> Event:
    incoming, outgoing = grads
    given = tuple(incoming) if node.several else (incoming,)
    return Event("node", node.name(), past.array(given), past.array(tuple(outgoing)))


def _leaf(past: _Past, kind: str, grad: Any, total: Any) -> Event:
    return Event("leaf", "AccumulateGrad", (past.array(grad),), past.array(total))


_MAKERS: dict[Any, Any] = {"node": _node, "leaf": _leaf}


@contextmanager
def record() -> Iterator[Tape]:
    """Keeps what happens inside on a tape; tapes may be opened within each other."""
    tape, outer = Tape(), state.tape
    state.tape = tape.raw if outer is None else _Both(tape.raw, outer)
    try:
        yield tape
    finally:
        state.tape = outer


class _Both(list[Any]):
    """Tells two tapes the same."""

    def __init__(self, inner: list[Any], outer: list[Any]) -> None:
        super().__init__()
        self.inner, self.outer = inner, outer

    def append(self, event: Any) -> None:
        self.inner.append(event)
        self.outer.append(event)
