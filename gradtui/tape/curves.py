"""A loop's epochs as curves: its losses, and the size of each weight and of its gradient.

    loop = loop_at(tape, position)              # the loop one is in, or was in last
    for curve in curves(tape, loop, position):  # only what has happened by then
        curve.name, curve.values                # "weights.grad", (3.0, 6.0, 9.0, 12.0)

A gradient is taken where the epoch's last backward pass left it, before it is zeroed. A tensor's
size is its norm; where all its entries are always equal, that entry.
"""

from array import array as numbers_of
from collections.abc import Iterator
from math import nan, sqrt

import numpy as np
from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.index import slot
from gradtui.tape.labels import label
from gradtui.tape.state import shown
from gradtui.tape.tape import Tape
from gradtui.tape.values import array

MOST = 8  # curves of one kind
LOSSES = ("loss", "cost", "error", "nll", "mse")  # words of names whose number is a curve


class Loop(Struct, frozen=True):
    """An outermost loop: the events that begin its passes, and where the last of them ends."""

    step: str
    passes: tuple[int, ...]
    stop: int


class Curve(Struct, frozen=True):
    """A number an epoch; None where there is none. `kind` is loss, weight or gradient."""

    kind: str
    name: str
    values: tuple[float | None, ...]
    measure: str = ""  # "norm", "each entry"


class _Epoch(Struct, frozen=True):
    """What one pass of a loop left behind: by name, losses; by leaf, (norm, entry) pairs."""

    losses: dict[str, float]
    weights: dict[int, tuple[float, float]]
    grads: dict[int, tuple[float, float]]


def loops(tape: Tape) -> tuple[Loop, ...]:
    """All outermost loops, in the order they ran."""
    found = tape.memo.get("loops")
    if found is None:
        found = tape.memo["loops"] = tuple(_loops(tape))
    made: tuple[Loop, ...] = found
    return made


def _loops(tape: Tape) -> Iterator[Loop]:
    """Stacks with the same outermost header, one after the other, are one loop."""
    passes = numbers_of("I")
    for stack, at in zip(tape.index.loops, tape.index.loop_events, strict=True):
        outer = stack[0] if stack else None
        if passes and (outer is None or _starts_anew(tape, passes[-1], outer)):
            yield Loop(tape.step_of(passes[0]), tuple(passes), at)
            passes = numbers_of("I")
        if outer is not None and (not passes or passes[-1] != outer):
            passes.append(outer)
    if passes:
        yield Loop(tape.step_of(passes[0]), tuple(passes), _end(tape, passes[-1]))


def _starts_anew(tape: Tape, last: int, outer: int) -> bool:
    before, after = tape.events[last], tape.events[outer]
    assert isinstance(before, e.Iteration)
    assert isinstance(after, e.Iteration)
    return outer != last and (before.span != after.span or after.index <= before.index)


def _end(tape: Tape, at: int) -> int:
    step = tape.step_at(at + 1)
    return step.stop if step is not None else len(tape)


def loop_at(tape: Tape, position: int) -> Loop | None:
    """The last loop that has begun by then."""
    return next((each for each in reversed(loops(tape)) if each.passes[0] < position), None)


def curves(tape: Tape, loop: Loop, position: int) -> tuple[Curve, ...]:
    """The loop's curves as far as they have come, losses first."""
    stops = (*loop.passes[1:], loop.stop)
    epochs = [
        _epoch(tape, start, min(stop, position), stop <= position)
        for start, stop in zip(loop.passes, stops, strict=True)
        if start < position
    ]
    return (*_losses(epochs), *_leaves(tape, epochs, min(position, loop.stop)))


def _losses(epochs: list[_Epoch]) -> Iterator[Curve]:
    names = list(dict.fromkeys(name for epoch in epochs for name in epoch.losses))
    for name in names[:MOST]:
        yield Curve("loss", name, tuple(epoch.losses.get(name) for epoch in epochs))


def _leaves(tape: Tape, epochs: list[_Epoch], position: int) -> Iterator[Curve]:
    leaves = list(dict.fromkeys(leaf for epoch in epochs for leaf in epoch.weights))[:MOST]
    for leaf in leaves:
        name = label(tape, position, leaf)
        yield _curve("weight", name, [epoch.weights.get(leaf) for epoch in epochs])
        yield _curve("gradient", f"{name}.grad", [epoch.grads.get(leaf) for epoch in epochs])


def _curve(kind: str, name: str, sizes: list[tuple[float, float] | None]) -> Curve:
    """The entry, where every epoch's are all equal; else the norm."""
    there = [size for size in sizes if size is not None]
    alike = bool(there) and all(entry == entry for _, entry in there)
    values = tuple(None if size is None else size[alike] for size in sizes)
    return Curve(kind, name, values, "each entry" if alike else "norm")


def _epoch(tape: Tape, start: int, stop: int, whole: bool) -> _Epoch:
    """What a pass left behind; kept once it is whole."""
    key = ("epoch", start)
    found: _Epoch | None = tape.memo.get(key)
    if found is None:
        found = _read(tape, start, stop)
        if whole:
            tape.memo[key] = found
    return found


def _read(tape: Tape, start: int, stop: int) -> _Epoch:
    losses: dict[str, float] = {}
    grads: dict[int, tuple[float, float]] = {}
    printed: dict[str, float] = {}
    roots = _roots(tape, start, stop)
    for at in range(start, stop):
        event = tape.events[at]
        if isinstance(event, e.Bound):
            number = _scalar(tape, at, event, roots)
            if number is not None:
                losses[event.name] = number
        elif isinstance(event, e.Accumulated):
            size = _size(event.after)
            if size is not None:
                grads[event.tensor] = size
        elif isinstance(event, e.Printed):
            printed.update(_last_number(event.text))
    weights = {leaf: size for leaf in grads if (size := _size(_now(tape, leaf, stop))) is not None}
    return _Epoch(losses or printed, weights, grads)


def _roots(tape: Tape, start: int, stop: int) -> frozenset[int | None]:
    """The nodes the backward passes of an epoch start from."""
    found = tape.index.pass_starts
    begun = (tape.events[at] for at in found[slot(found, start) : slot(found, stop)])
    return frozenset(
        root for event in begun if isinstance(event, e.BackwardBegan) for root in event.roots
    )


def _scalar(tape: Tape, at: int, event: e.Bound, roots: frozenset[int | None]) -> float | None:
    """The number a name got: of a loss by its name, or of what the backward pass starts from."""
    called = any(word in event.name.casefold() for word in LOSSES)
    if event.tensor is None:
        return _float(event.text) if called else None
    value = _now(tape, event.tensor, at + 1)
    numbers = None if value is None else array(value)
    if numbers is None or numbers.size != 1 or numbers.dtype.kind != "f":
        return None
    origin = tape.index.origins.get(event.tensor)
    made = tape.events[origin] if origin is not None else None
    rooted = isinstance(made, e.Operation) and made.grad_fn is not None and made.grad_fn in roots
    return float(numbers.reshape(-1)[0]) if called or rooted else None


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _last_number(text: str) -> Iterator[tuple[str, float]]:
    """The number a printed line ends with."""
    words = text.split()
    number = _float(words[-1]) if words else None
    if number is not None:
        yield "printed", number


def _now(tape: Tape, tensor: int, position: int) -> e.Value | None:
    at = tape.index.values.before(tensor, position)
    return None if at is None else shown(tape.events[at], tensor)


def _size(value: e.Value | None) -> tuple[float, float] | None:
    """A tensor's norm, and its entry where all are equal (else nan); None of one not kept whole."""
    numbers = None if value is None else array(value)
    if numbers is None or not numbers.size or numbers.dtype.kind != "f":
        return None
    flat = numbers.reshape(-1).astype(float)
    with np.errstate(all="ignore"):
        norm = sqrt(float(flat @ flat)) if np.isfinite(flat).all() else float(abs(flat).sum())
    return norm, float(flat[0]) if (flat == flat[0]).all() else nan
