"""Where on a tape something is: an operation, a node, a tensor's name, a line, a value.

    found = matches(tape, "pow")       # positions of the stops that match, in order
    matches(tape, "line 3"); matches(tape, "x"); matches(tape, "nan"); matches(tape, "0.25")

A tensor's name is matched whole; words within names of operations and nodes, errors and printed
text; a number as it is shown, to the digits that were typed.
"""

import re
from array import array as numbers_of
from collections.abc import Callable, Iterator
from math import isinf, isnan
from typing import Any

import numpy as np

from gradtui.tape import events as e
from gradtui.tape.index import Ints
from gradtui.tape.labels import made_by, plain
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array, samples

LONGEST = 200  # characters of what is looked for
Test = Callable[[e.AnyEvent], bool]


def matches(tape: Tape, text: str) -> Ints:
    """The positions right after each stop that matches; those of the last search are kept."""
    wanted = " ".join(text.split())[:LONGEST].casefold()
    kept = tape.memo.get("search")
    if kept is None or kept[0] != wanted:
        kept = tape.memo["search"] = (wanted, _scan(tape, wanted))
    found: Ints = kept[1]
    return found


def _scan(tape: Tape, wanted: str) -> Ints:
    found = numbers_of("I")
    if not wanted:
        return found
    test, stops = _test(tape, wanted), iter(tape.index.stops)
    at = next(stops, None)
    for step in tape.steps:  # what was asked after a step belongs to no replay
        while at is not None and at < step.stop:
            if at >= step.start and test(tape.events[at]):
                found.append(at + 1)
            at = next(stops, None)
    return found


def _test(tape: Tape, wanted: str) -> Test:
    """How an event is told to match: a line, a name of a tensor, a value, or words."""
    line = re.fullmatch(r"(?:line|l) ?(\d{1,7})", wanted)
    if line is not None:
        number = int(line[1])
        return lambda event: event.span is not None and event.span.line == number
    tensors = _named(tape, wanted)
    if tensors:
        return lambda event: not tensors.isdisjoint(_about(tape, event))
    try:
        return _value(float(wanted), wanted)
    except ValueError:
        return lambda event: any(wanted in word.casefold() for word in _words(tape, event))


def _named(tape: Tape, wanted: str) -> frozenset[int]:
    """The tensors that ever had a name; `x.grad` is the name of what belongs to x."""
    name, dot, rest = wanted.partition(".grad")
    same = [
        number
        for known, number in tape.index.names.items()
        if known.partition(" ")[0].casefold() == name
    ]
    bound = (tape.events[at] for number in same for at in tape.index.bindings.of(number))
    found = {event.tensor for event in bound if isinstance(event, e.Bound)} - {None}
    tensors = frozenset(tensor for tensor in found if tensor is not None)
    if not dot or rest:
        return tensors if not rest else frozenset()
    return frozenset(grad for grad, leaf in tape.index.owners.items() if leaf in tensors)


def _about(tape: Tape, event: e.AnyEvent) -> Iterator[int]:
    """The tensors an event makes, changes or sends a gradient through."""
    match event:
        case e.Operation():
            yield from (value.tensor for value in event.outputs)
        case e.NodeRan():
            made = made_by(tape, event.node)
            if made is not None:
                yield made
        case e.Accumulated() | e.GradSet():
            yield event.tensor
            if event.after is not None:
                yield event.after.tensor
        case e.Changed():
            yield event.after.tensor
            if event.owner is not None:
                yield event.owner


def _words(tape: Tape, event: e.AnyEvent) -> Iterator[str]:
    """What an event can be found by, besides the tensors it is about."""
    match event:
        case e.Operation():
            yield event.name
            if event.grad_fn is not None:
                yield from _node_name(tape, event.grad_fn)
        case e.NodeRan():
            yield from _node_name(tape, event.node)
        case e.Accumulated():
            yield "AccumulateGrad"
        case e.BackwardBegan():
            yield event.call
        case e.Printed():
            yield event.text
        case e.Raised():
            yield f"{event.type}: {event.message}"
        case e.Stopped():
            yield event.reason
        case e.Changed() | e.GradSet():
            yield event.cause


def _node_name(tape: Tape, node: int) -> Iterator[str]:
    if node in tape.nodes:
        yield plain(tape.nodes[node].name)


# values


def _value(number: float, typed: str) -> Test:
    """Whether an event shows the number anew: exactly, or to the decimals that were typed."""
    holds = _holds(number, typed)

    def test(event: e.AnyEvent) -> bool:
        return any(
            holds(found) for value in _shown(event) if (found := _numbers(value)) is not None
        )

    return test


def _holds(number: float, typed: str) -> Callable[[Array], bool]:
    if isnan(number):
        return lambda found: bool(np.isnan(found).any())
    if isinf(number):
        signed = typed[0] in "+-"
        return lambda found: bool(((found if signed else abs(found)) == number).any())
    decimals = re.search(r"\.(\d*)", typed)
    room = 0.5 * 10.0 ** -len(decimals[1]) if decimals and decimals[1] else 0.0
    if "e" in typed or not room:
        return lambda found: bool(np.isclose(found, number, 1e-6, 0.0).any())
    return lambda found: bool((abs(found - number) <= room * (1 + 1e-6)).any())


def _numbers(value: e.Value) -> Array | None:
    """The numbers as floats; of a large tensor its samples."""
    found = array(value) if value.data or value.summary is None else samples(value)
    if found is None or found.dtype.kind == "c":
        return None
    with np.errstate(all="ignore"):
        return found.astype(float)


def _shown(event: e.AnyEvent) -> Iterator[e.Value]:
    """The values an event brings that were not there before."""
    given: tuple[Any, ...] = ()
    match event:
        case e.Operation():
            given = event.outputs
        case e.NodeRan():
            given = (*event.cotangents, *event.products)
        case e.BackwardBegan():
            given = event.vectors
        case e.Accumulated():
            given = (event.added, event.after)
        case e.Changed() | e.GradSet():
            given = (event.after,)
    return (value for value in given if value is not None)
