"""The facts of one event, ready to draw: `card(tape, position)` tells what happened and why.

card(tape, position).title          # "PowBackward0: back through y**2"
card(tape, position).sections       # v, rule, J, v·J as lines of text
card(tape, position).factors        # the same as values, for a widget that draws its own
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradtui.tape import events as e
from gradtui.tape.card import Card, CardKind, Factor, Section, SectionKind
from gradtui.tape.factors import shares
from gradtui.tape.labels import (
    by,
    changing,
    expression,
    label,
    plain,
    short,
    target,
    together,
    turn,
)
from gradtui.tape.ledger import entry
from gradtui.tape.mistakes import mistake
from gradtui.tape.node_card import WIDTH, node_card, paths_section
from gradtui.tape.rules import rule
from gradtui.tape.tape import Tape
from gradtui.tape.values import cell, is_zero, shape

__all__ = ["Card", "CardKind", "Factor", "Section", "SectionKind", "card"]


def card(tape: Tape, position: int) -> Card:
    """What has just happened at a position."""
    at = min(position, len(tape)) - 1
    if at < 0:
        return Card("start", "the start", "Nothing has happened yet.", -1, None, None)
    event = tape.events[at]
    return CARDS[type(event)](tape, at, event)


def _card(
    tape: Tape,
    at: int,
    kind: CardKind,
    title: str,
    sentence: str,
    *sections: Section,
    tensor: int | None = None,
    node: int | None = None,
) -> Card:
    step, span = tape.step_of(at) or None, tape.events[at].span
    return Card(kind, title, sentence, at, step, span, tensor, node, sections)


TITLE = 52  # characters of code in a title


# operations


UNRECORDED: Mapping[str, tuple[str, str]] = {
    "no_grad": (
        "not recorded: gradients are off",
        "Within no_grad() operations leave no trace: the result has no grad_fn, and no gradient "
        "will go back this way.",
    ),
    "inputs": (
        "not recorded: no input requires grad",
        "Only operations on tensors that require grad are recorded.",
    ),
    "detach": (
        "the rail is cut",
        "detach() gives the same numbers without their history: no gradient goes back this way.",
    ),
    "not differentiable": (
        "not recorded: it has no gradient",
        "Its result does not change smoothly with its inputs, so there is nothing to record.",
    ),
    "leaf": ("a new tensor", "It was made, not computed: nothing leads back from it."),
}


def _operation(tape: Tape, at: int, event: e.Operation) -> Card:
    if not event.outputs:
        return _card(tape, at, "operation", event.name, "It gave no tensor.")
    output = event.outputs[0]
    called = together(tape, at, event) or label(tape, at + 1, output.tensor)
    code = _code(tape, at, event) or expression(tape, output.tensor)
    title = code if called.startswith(code) or event.inplace else f"{called} = {code}"
    if event.inplace:
        title = f"{changing(called, event.name)}, in place"
    sections = (*_values(tape, at, event), *_recording(tape, at, event))
    sentence = _operation_sentence(tape, event)
    return _card(
        tape, at, "operation", title, sentence, *sections,
        tensor=output.tensor, node=event.grad_fn,
    )  # fmt: skip


def _code(tape: Tape, at: int, event: e.Event) -> str:
    """The code of an event in one line, shortened at the end."""
    code = " ".join(tape.source_text(tape.step_of(at), event.span).split())
    return code if len(code) <= TITLE else f"{code[: TITLE - 1]}…"


def _operation_sentence(tape: Tape, event: e.Operation) -> str:
    output = event.outputs[0]
    if event.grad_fn is not None:
        name = plain(tape.nodes[event.grad_fn].name) if event.grad_fn in tape.nodes else "a node"
        return f"Computed and recorded: the result remembers {name} as its grad_fn."
    if event.unrecorded == "leaf" and output.requires_grad:
        return "A leaf that requires grad: every operation on it will be recorded."
    return UNRECORDED.get(event.unrecorded, ("", "Computed, but not recorded."))[1]


def _values(tape: Tape, at: int, event: e.Operation) -> Iterator[Section]:
    rows = [
        f"{label(tape, at, value.tensor)} = {cell(value, WIDTH)}  {shape(value)}"
        for value in {value.tensor: value for value in event.inputs[:6]}.values()
    ]
    for value in event.outputs[:6]:
        rows.append(f"→ {cell(value, WIDTH)}  {shape(value)} {value.dtype}")
    yield Section("values", "numbers", tuple(rows))


def _recording(tape: Tape, at: int, event: e.Operation) -> Iterator[Section]:
    if event.grad_fn is None and not event.nodes:
        if event.unrecorded != "leaf":
            reason = UNRECORDED.get(event.unrecorded, (f"not recorded: {event.unrecorded}", ""))
            yield Section("reason", "record", (reason[0],))
        elif event.outputs[0].requires_grad:
            yield Section("reason", "leaf", ("gradients that arrive here go into its .grad",))
        return
    node = tape.nodes.get(event.grad_fn) if event.grad_fn is not None else None
    if node is None:
        return
    yield Section("note", "record", (_leads(tape, at, node),))
    saved = tuple(f"{name} = {cell(value, WIDTH)}" for name, value in node.saved)
    if saved:
        yield Section("saved", "saved for backward", saved)
    elif rule(node.name).derivatives in (("1", "1"), ("1", "-1"), ("-1",)):
        yield Section("saved", "saved for backward", ("nothing: its rule needs no numbers",))


def _leads(tape: Tape, at: int, node: e.Node) -> str:
    """`MulBackward0, which leads back to y**2 (PowBackward0); one input is not tracked`."""
    ways = dict.fromkeys(target(tape, at, edge) for edge in node.edges if edge.node is not None)
    untracked = sum(edge.node is None for edge in node.edges)
    back = f", which leads back to {' and '.join(ways)}" if ways else ""
    rest = (
        f"; {untracked} inputs are not tracked" if untracked > 1 else "; one input is not tracked"
    )
    return plain(node.name) + back + (rest if untracked else "")


# the backward pass


def _backward_began(tape: Tape, at: int, event: e.BackwardBegan) -> Card:
    roots = [_root(tape, at, root) for root in event.roots]
    rows = [_start(tape, at, vector) for vector in event.vectors]
    sentence = "Backward starts here and visits every recorded node, the last recorded first."
    notes = []
    if event.retain_graph:
        notes.append("retain_graph: saved tensors are kept, so it can be done again")
    if event.create_graph:
        notes.append("create_graph: the pass itself is recorded, so it can be differentiated")
    kept = (Section("note", "graph", tuple(notes)),) if notes else ()
    title = f"backward pass {event.number + 1} from {', '.join(roots)}"
    v = Section("v", "v  the vector it starts with", tuple(rows))
    return _card(tape, at, "backward", title, sentence, v, *kept, node=event.roots[0])


def _root(tape: Tape, at: int, root: int | None) -> str:
    return "a tensor without grad_fn" if root is None else target(tape, at, e.Edge(root))


def _start(tape: Tape, at: int, vector: e.Value | None) -> str:
    if vector is None:
        return "none was given, and only a scalar has an obvious one"
    if vector.tensor < 0:
        return f"{cell(vector, WIDTH)}  a scalar's derivative by itself is 1"
    return f"{label(tape, at, vector.tensor)} = {cell(vector, WIDTH)}"


def _backward_ended(tape: Tape, at: int, event: e.BackwardEnded) -> Card:
    names = [short(tape.nodes[node].name) for node in event.freed if node in tape.nodes]
    if _failed(tape, at):
        sentence = "It stopped at an error: what follows tells which."
        title = f"backward pass {event.number + 1} failed"
        return _card(tape, at, "freed", title, sentence)
    if not names:
        sentence = "The pass is over, and no saved tensor was released."
        return _card(tape, at, "freed", f"backward pass {event.number + 1} is over", sentence)
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    freed = Section("note", "released", (shown, "a second backward through them would fail"))
    sentence = "The pass is over; what the nodes had saved is released to free memory."
    return _card(tape, at, "freed", f"backward pass {event.number + 1} is over", sentence, freed)


def _failed(tape: Tape, at: int) -> bool:
    """Whether a pass ended with an error, which is told right after its end."""
    return at + 1 < len(tape) and isinstance(tape.events[at + 1], e.Raised)


def _accumulated(tape: Tape, at: int, event: e.Accumulated) -> Card:
    name = label(tape, at, event.tensor)
    before = "None" if event.before is None else cell(event.before, WIDTH)
    rows = (f"  before  {before}", f"+ added   {cell(event.added, WIDTH)}",
            f"= after   {cell(event.after, WIDTH)}")  # fmt: skip
    sections = [Section("accumulate", f"{name}.grad", rows)]
    node = tape.index.accumulators.get(event.tensor)
    sent = () if node is None else shares(tape, at, node)
    if len(sent) > 1:
        sections.append(paths_section(tape, sent))
    sections.append(Section("note", "path", (entry(tape, at).path,)))
    sentence = _accumulated_sentence(name, event)
    return _card(
        tape, at, "accumulate", f"{name}.grad += …", sentence, *sections,
        tensor=event.tensor, node=node,
    )  # fmt: skip


def _accumulated_sentence(name: str, event: e.Accumulated) -> str:
    if event.before is None:
        return f"The end of the path: {name}.grad was None and now holds this gradient."
    if is_zero(event.before):
        return f"The end of the path: {name}.grad had been set to 0, so it now holds this gradient."
    return (
        f"{name}.grad already held a gradient, and this one is added to it: gradients accumulate."
    )


# changes


def _changed(tape: Tape, at: int, event: e.Changed) -> Card:
    owner = event.owner
    name = (
        label(tape, at, event.after.tensor) if owner is None else f"{label(tape, at, owner)}.grad"
    )
    rows = (f"before  {cell(event.before, WIDTH)}", f"after   {cell(event.after, WIDTH)}")
    how = f" by {by(event.cause)}"
    if owner is None:
        versions = f"version {event.before.version} → {event.after.version}"
        sentence = f"The same tensor holds other numbers now; {versions}."
    elif is_zero(event.after):
        sentence = "The gradient is 0 again: a tensor of zeros, not None."
    else:
        sentence = "The gradient itself was changed in place."
    section = Section("values", name, rows)
    tensor = event.after.tensor if owner is None else owner
    return _card(
        tape, at, "changed", f"{name} changed in place{how}", sentence, section, tensor=tensor
    )


def _grad_set(tape: Tape, at: int, event: e.GradSet) -> Card:
    name = f"{label(tape, at, event.tensor)}.grad"
    before = "None" if event.before is None else cell(event.before, WIDTH)
    after = "None" if event.after is None else cell(event.after, WIDTH)
    section = Section("values", name, (f"before  {before}", f"after   {after}"))
    if event.after is None:
        sentence = f"{name} is None again: the next backward starts afresh."
    else:
        sentence = f"{name} is another tensor now."
    how = f" by {by(event.cause)}"
    return _card(
        tape, at, "grad", f"{name} = {after[:24]}{how}", sentence, section, tensor=event.tensor
    )


def _grad_mode(tape: Tape, at: int, event: e.GradMode) -> Card:
    if event.enabled:
        return _card(tape, at, "mode", "gradients on", "Operations are recorded again.")
    return _card(tape, at, "mode", "gradients off", "Operations from here on leave no trace.")


# the rest


def _raised(tape: Tape, at: int, event: e.Raised) -> Card:
    known = mistake(event.message)
    sections = [Section("reason", "message", tuple(event.message.splitlines()) or ("",))]
    if event.node is not None and event.node in tape.nodes:
        name = target(tape, at, e.Edge(event.node))
        sections.append(Section("note", "node at fault", (name,)))
    if known:
        sections.append(Section("remedy", "what to do", (known.remedy,)))
    caught = " (caught)" if event.caught else ""
    sentence = known.meaning if known else "The step ends here."
    return _card(tape, at, "error", f"{event.type}{caught}", sentence, *sections, node=event.node)


def _printed(tape: Tape, at: int, event: e.Printed) -> Card:
    lines = tuple(event.text.removesuffix("\n").split("\n"))
    return _card(tape, at, "printed", "printed", "", Section("output", "output", lines))


def _bound(tape: Tape, at: int, event: e.Bound) -> Card:
    what = event.text if event.tensor is None else expression(tape, event.tensor)
    return _card(
        tape, at, "bound", f"{event.name} is bound", f"{event.name} now means {what}.",
        tensor=event.tensor,
    )  # fmt: skip


def _iteration(tape: Tape, at: int, event: e.Iteration) -> Card:
    title = turn(tape, at)
    return _card(tape, at, "iteration", title, f"Iteration {event.index + 1} of the loop begins.")


def _module_began(tape: Tape, at: int, event: e.ModuleBegan) -> Card:
    code = tape.source_text(tape.step_of(at), event.span)
    said = f"{code or 'A module'} calls the forward of {event.name}."
    return _card(tape, at, "module", f"{event.name} is called", said)


def _module_ended(tape: Tape, at: int, event: e.ModuleEnded) -> Card:
    return _card(tape, at, "module", "the module is done", "What it gave goes on outside.")


def _statement(tape: Tape, at: int, event: e.Statement) -> Card:
    code = tape.source_text(tape.step_of(at), event.span).split("\n")[0]
    return _card(tape, at, "statement", code or "a statement", "This statement is about to run.")


def _step_began(tape: Tape, at: int, event: e.StepBegan) -> Card:
    return _card(tape, at, "step", f"step {event.step}", "The step begins; nothing has run yet.")


def _step_ended(tape: Tape, at: int, event: e.StepEnded) -> Card:
    return _card(tape, at, "step", f"end of {event.step}", "The step is over.")


def _stopped(tape: Tape, at: int, event: e.Stopped) -> Card:
    until = Section("note", "", ("What ran before it can be walked; the rest was not run.",))
    return _card(tape, at, "stopped", "stopped", event.reason, until)


def _probed(tape: Tape, at: int, event: e.Probed) -> Card:
    return _card(tape, at, "step", "a check", f"{event.id}: {event.error or event.text}")


CARDS: Mapping[type[e.Event], Callable[[Tape, int, Any], Card]] = {
    e.StepBegan: _step_began,
    e.StepEnded: _step_ended,
    e.Statement: _statement,
    e.Iteration: _iteration,
    e.ModuleBegan: _module_began,
    e.ModuleEnded: _module_ended,
    e.Operation: _operation,
    e.Bound: _bound,
    e.Printed: _printed,
    e.BackwardBegan: _backward_began,
    e.NodeRan: node_card,
    e.Accumulated: _accumulated,
    e.BackwardEnded: _backward_ended,
    e.Changed: _changed,
    e.GradSet: _grad_set,
    e.GradMode: _grad_mode,
    e.Raised: _raised,
    e.Stopped: _stopped,
    e.Probed: _probed,
}
