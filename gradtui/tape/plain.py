"""The replay as linear text, for pipes, CI and screen readers.

for line in lines(tape, sources={"square": "z = y*y"}):
    print(line)

describe(tape, position)        # one line for what has just happened
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, Protocol

from gradtui.tape import events as e
from gradtui.tape.card import Card, Section
from gradtui.tape.facts import card
from gradtui.tape.index import first_from
from gradtui.tape.jvp_card import jvp_card
from gradtui.tape.labels import by, label, plain, target, turn
from gradtui.tape.rails import REASONS
from gradtui.tape.tangents import Direction
from gradtui.tape.tape import Tape
from gradtui.tape.values import cell, shape

__all__ = ["Verdict", "describe", "lines"]

DETAIL = 44  # characters of a value in a line


class Verdict(Protocol):
    """What the comparison with torch says of an event."""

    @property
    def kind(self) -> str:
        """`same`, `close`, `differs`, `waiting` or `not compared`."""

    @property
    def ours(self) -> str:
        """What gradtui has, where the two differ."""

    @property
    def torch(self) -> str:
        """What torch has, where the two differ."""


def describe(tape: Tape, position: int) -> str:
    """One line for the event that has just happened."""
    if not 0 < position <= len(tape):
        return "Nothing has happened yet."
    at = position - 1
    event = tape.events[at]
    return TELLERS[type(event)](tape, at, event)


def lines(
    tape: Tape,
    verdicts: Sequence[Verdict | None] | None = None,
    width: int = 80,
    sources: Mapping[str, str] | None = None,
    events: range | None = None,
    rows: Mapping[int, str] | None = None,
    direction: Direction | None = None,
) -> Iterator[str]:
    """Every step, or some events, line by line.

    `sources` maps a step's id to its code; `verdicts` is by event, and so is what torch says of the
    `rows` of Jacobians. With a `direction` each node's J·u is told too.
    """
    told = Tape(tape.events, sources) if sources is not None else tape
    for at in events or range(len(told)):
        verdict = verdicts[at] if verdicts and at < len(verdicts) else None
        yield from _event(told, at, verdict, width)
        if rows and at in rows:
            yield from _wrapped(f"torch: {rows[at]}", 6, width)
        if direction is not None and isinstance(told.events[at], e.NodeRan):
            yield from _forward(told, at, direction, width)


def _forward(tape: Tape, at: int, direction: Direction, width: int) -> Iterator[str]:
    """The node in forward mode: its tangents, J·u, and both sides of the identity."""
    found = jvp_card(tape, at + 1, direction)
    if found is None or found.node is None or tape.nodes[found.node].leaf is not None:
        return
    yield from _wrapped(found.title, 4, width)
    for section in found.sections:
        if section.kind != "jacobian":
            yield from _section(section, 6, width)


def _event(tape: Tape, at: int, verdict: Verdict | None, width: int) -> Iterator[str]:
    event = tape.events[at]
    if isinstance(event, e.Bound | e.StepEnded | e.Probed | e.ModuleEnded) or _told_next(tape, at):
        return
    if isinstance(event, e.Printed):
        for line in event.text.removesuffix("\n").split("\n"):
            yield f"  | {line}"
        if verdict is not None and verdict.kind != "same":
            yield f"   {_said(verdict)}"
        return
    depth = 0 if isinstance(event, e.StepBegan) else 2
    if isinstance(event, e.StepBegan) and at:
        yield ""
    told = card(tape, at + 1).title if isinstance(event, e.NodeRan) else describe(tape, at + 1)
    said = told + _said(verdict, isinstance(event, e.StepBegan | e.Statement | e.Iteration))
    yield from _wrapped(said, depth + 2 * isinstance(event, e.NodeRan | e.Accumulated), width)
    yield from _more(tape, at, event, width)


def _told_next(tape: Tape, at: int) -> bool:
    """Whether an operation is told as the change in place that follows it."""
    event = tape.events[at]
    return isinstance(event, e.Operation) and first_from(tape.index.stops, at) != at


def _said(verdict: Verdict | None, silent: bool = False) -> str:
    """What torch says, at the end of a line; nothing where there is no value to compare."""
    if verdict is None or silent:
        return ""
    differs = verdict.kind == "differs"
    detail = f": gradtui {verdict.ours}, torch {verdict.torch}" if differs else ""
    return f"  [{verdict.kind}{detail}]"


def _wrapped(text: str, indent: int, width: int) -> Iterator[str]:
    room = max(20, width)
    yield from wrap(
        text,
        room,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _more(tape: Tape, at: int, event: e.AnyEvent, width: int) -> Iterator[str]:
    """What a node did, or what an error means, in further lines."""
    if isinstance(event, e.NodeRan):
        for section in card(tape, at + 1).sections:
            yield from _section(section, 6, width)
    elif isinstance(event, e.Accumulated | e.Raised):
        told = card(tape, at + 1)
        for section in _worth(told):
            yield from _section(section, 6 if isinstance(event, e.Accumulated) else 4, width)


def _worth(told: Card) -> Iterator[Section]:
    """The sections of a card that its line does not say already."""
    if told.kind == "error":
        yield Section("note", "why", (told.sentence,))
    for section in told.sections:
        if section.kind in ("paths", "remedy") or section.title in ("node at fault", "path"):
            yield section


def _section(section: Section, indent: int, width: int) -> Iterator[str]:
    if section.kind in ("jacobian", "paths") and ", identity" not in section.title:
        yield from _wrapped(f"{section.title}:", indent, width)
        for line in section.lines:
            if line.lstrip().startswith("["):
                yield f"{' ' * (indent + 2)}{line}"
            else:
                yield from _wrapped(line, indent + 2, width)
        return
    title = section.title if section.kind in ("jacobian", "rule") else section.title.split("  ")[0]
    text = section.lines[-1:] if section.kind == "jacobian" else section.lines
    said = " ".join(map(str.strip, text))
    yield from _wrapped(f"{title}: {said}" if title else said, indent, width)


# one line an event


def _step(tape: Tape, at: int, event: e.StepBegan) -> str:
    number = next((i for i, step in enumerate(tape.steps, 1) if step.start == at), 0)
    return f"Step {number}: {event.step}"


def _step_ended(tape: Tape, at: int, event: e.StepEnded) -> str:
    return f"The step {event.step} is over."


def _statement(tape: Tape, at: int, event: e.Statement) -> str:
    code = tape.source_text(tape.step_of(at), event.span).split("\n")[0]
    line = event.span.line if event.span else "?"
    return f"> {code}" if code else f"> line {line}"


def _iteration(tape: Tape, at: int, event: e.Iteration) -> str:
    return f"Loop: {turn(tape, at)}"


def _module_began(tape: Tape, at: int, event: e.ModuleBegan) -> str:
    return f"{event.name} is called:"


def _module_ended(tape: Tape, at: int, event: e.ModuleEnded) -> str:
    return "The module has given its result."


def _operation(tape: Tape, at: int, event: e.Operation) -> str:
    if not event.outputs:
        return f"{event.name} gives no tensor"
    output = event.outputs[0]
    told = card(tape, at + 1).title
    numbers = f"{cell(output, DETAIL)} {shape(output)}"
    if event.grad_fn is not None and event.grad_fn in tape.nodes:
        return f"{told} → {numbers}, recorded as {plain(tape.nodes[event.grad_fn].name)}"
    if event.unrecorded == "leaf":
        leaf = "a leaf that requires grad" if output.requires_grad else "a constant"
        return f"{told} → {numbers}, {leaf}"
    reason = REASONS.get(event.unrecorded, f"not recorded: {event.unrecorded}")
    return f"{told} → {numbers}, {reason}"


def _bound(tape: Tape, at: int, event: e.Bound) -> str:
    return f"{event.name} now means {event.text or 'the tensor'}"


def _printed(tape: Tape, at: int, event: e.Printed) -> str:
    return f"printed: {' '.join(event.text.split())}"


def _backward_began(tape: Tape, at: int, event: e.BackwardBegan) -> str:
    told = card(tape, at + 1)
    vector = event.vectors[0] if event.vectors else None
    start = "without a vector" if vector is None else f"with v = {cell(vector, DETAIL)}"
    kept = ", keeping the graph" if event.retain_graph else ""
    return f"{told.title[0].upper()}{told.title[1:]} {start}{kept}"


def _node_ran(tape: Tape, at: int, event: e.NodeRan) -> str:
    told = card(tape, at + 1)
    sent = [
        f"{cell(factor.product, DETAIL)} → {factor.target}"
        for factor in told.factors
        if factor.structure != "cut"
    ]
    return f"{told.title} ⇒ {'; '.join(sent)}" if sent else told.title


def _accumulated(tape: Tape, at: int, event: e.Accumulated) -> str:
    name = label(tape, at, event.tensor)
    before = "None" if event.before is None else cell(event.before, DETAIL)
    return f"{name}.grad: {before} + {cell(event.added, DETAIL)} = {cell(event.after, DETAIL)}"


def _ended(tape: Tape, at: int, event: e.BackwardEnded) -> str:
    told = card(tape, at + 1)
    count = f"{len(event.freed)} node{'s' if len(event.freed) > 1 else ''}"
    released = f", {count} released what they saved" if event.freed else ""
    return f"{told.title[0].upper()}{told.title[1:]}{released}"


def _changed(tape: Tape, at: int, event: e.Changed) -> str:
    title = card(tape, at + 1).title
    return f"{title}: {cell(event.before, DETAIL)} became {cell(event.after, DETAIL)}"


def _grad_set(tape: Tape, at: int, event: e.GradSet) -> str:
    name = label(tape, at, event.tensor)
    after = "None" if event.after is None else cell(event.after, DETAIL)
    return f"{name}.grad is {after} now, by {by(event.cause)}"


def _mode(tape: Tape, at: int, event: e.GradMode) -> str:
    return f"Gradients are {'on' if event.enabled else 'off'} from here"


def _raised(tape: Tape, at: int, event: e.Raised) -> str:
    node = ""
    if event.node is not None and event.node in tape.nodes:
        node = f" at {target(tape, at, e.Edge(event.node))}"
    return f"{'Caught' if event.caught else 'Error'}{node}: {event.type}: {event.message}"


def _stopped(tape: Tape, at: int, event: e.Stopped) -> str:
    return f"Stopped: {event.reason}"


def _probed(tape: Tape, at: int, event: e.Probed) -> str:
    return f"Checked {event.id}: {event.error or event.text}"


TELLERS: Mapping[type[e.Event], Callable[[Tape, int, Any], str]] = {
    e.StepBegan: _step,
    e.StepEnded: _step_ended,
    e.Statement: _statement,
    e.Iteration: _iteration,
    e.ModuleBegan: _module_began,
    e.ModuleEnded: _module_ended,
    e.Operation: _operation,
    e.Bound: _bound,
    e.Printed: _printed,
    e.BackwardBegan: _backward_began,
    e.NodeRan: _node_ran,
    e.Accumulated: _accumulated,
    e.BackwardEnded: _ended,
    e.Changed: _changed,
    e.GradSet: _grad_set,
    e.GradMode: _mode,
    e.Raised: _raised,
    e.Stopped: _stopped,
    e.Probed: _probed,
}
