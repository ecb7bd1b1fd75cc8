"""A step summed up as plain lines: its loop folded, its graph edge by edge, its curves as numbers.

for line in summary(tape, step):
    print(line)
for line in comparison(Run(tape, step), Run(other, other_step)):
    print(line)
"""

from collections.abc import Iterator, Sequence

from gradtui.tape.boxes import MOST, Graph, Net, graph_at, title
from gradtui.tape.curves import Curve, curves, loops
from gradtui.tape.folds import Folds, Group, told
from gradtui.tape.tape import StepRange, Tape
from gradtui.tape.values import number
from gradtui.tape.versus import Beside, Run, curves_beside, reasons

ENDS = 6  # turns of a loop told of at its beginning, and at its end
NUMBERS = 12  # numbers of a curve at its beginning, and at its end


def summary(folds: Folds, step: StepRange) -> Iterator[str]:
    """What a step did, in short; nothing for one that only makes tensors."""
    tape = folds.tape
    yield from _turns(folds, step)
    yield from _graph(tape, graph_at(tape, step.stop), step)
    for loop in loops(tape):
        found = curves(tape, loop, loop.stop) if loop.step == step.id else ()
        if found:
            yield "Over the epochs:"
            yield from (f"  {_curve(each)}" for each in found)


def _turns(folds: Folds, step: StepRange) -> Iterator[str]:
    """The outermost groups of a step, a line each."""
    found = [
        group for group in folds.groups
        if group.parent == -1 and group.kind != "bundle" and step.start <= group.event < step.stop
        and folds.ops(group)
    ]  # fmt: skip
    if not found:
        return
    yield "Folded:"
    shown: Sequence[Group | None] = found
    if len(found) > 2 * ENDS:
        shown = [*found[:ENDS], None, *found[-ENDS:]]
    for group in shown:
        if group is None:
            yield f"  … {len(found) - 2 * ENDS} more"
        else:
            name = folds.rails[group.first].label
            facts = told(folds, group, len(folds.rails), len(folds.tape))
            yield f"  {' · '.join((name, *filter(None, facts)))}"


def _graph(tape: Tape, graph: Graph, step: StepRange) -> Iterator[str]:
    """Each box with what it takes; the same as the player draws."""
    if not graph.whole:
        yield f"The graph has more than {MOST} operations and tensors; it is not listed."
    if not any(box.event is not None and box.event >= step.start for box in graph.boxes):
        return
    yield "The graph:"
    for at, box in enumerate(graph.boxes):
        taken = [
            _taken(tape, graph, net, net.targets.count(at))
            for net in sorted(graph.nets, key=lambda net: net.source)
            if at in net.targets
        ]
        yield f"  ({at + 1}) {title(tape, box)}{' takes ' if taken else ''}{', '.join(taken)}"


def _taken(tape: Tape, graph: Graph, net: Net, times: int) -> str:
    """`x (1) twice`."""
    name = title(tape, graph.boxes[net.source]).partition(" = ")[0]
    often = {1: "", 2: " twice"}.get(times, f" {times} times")
    return f"{name} ({net.source + 1}){often}{', where no gradient flows' if net.hollow else ''}"


def _curve(curve: Curve) -> str:
    measure = f" ({curve.measure})" if curve.measure else ""
    return f"{curve.name}{measure}: {_numbers(curve)}"


def _numbers(curve: Curve | None) -> str:
    if curve is None:
        return "no number of that name"
    shown = ["none" if value is None else number(value) for value in curve.values]
    if len(shown) > 2 * NUMBERS:
        shown = [*shown[:NUMBERS], "…", *shown[-NUMBERS:]]
    return ", ".join(shown)


def comparison(ours: Run, theirs: Run) -> Iterator[str]:
    """What differs between a what-if and the original: why, and the curves of both."""
    yield from reasons(ours, theirs)
    for loop in loops(ours.tape):
        found = curves_beside(ours, theirs, loop, loop.stop) if loop.step == ours.step.id else None
        for pair in found[1] if found is not None else ():
            yield from _both(pair)


def _both(pair: Beside) -> Iterator[str]:
    curve = pair.ours or pair.theirs
    if curve is None:
        return
    if pair.ours is not None and pair.theirs is not None and not pair.parting:
        yield f"{_curve(curve)}, the same in both"
        return
    yield f"{curve.name}: {_numbers(pair.ours)}; in the original {_numbers(pair.theirs)}"
