"""What to ask before a node of a backward pass is revealed, with the answer computed from the tape.

    asked = predictions(tape, 41)[0]    # of event 41, a NodeRan or an Accumulated; else there is none
    asked.prompt, asked.options
    asked.wanted                        # a shape, an array, or the text of an option
    asked.pitfalls                      # likely wrong answers, each with its own words

The kinds take turns within a pass: what goes along each edge, which node runs next, whether None,
zeros or a value goes to an input, of which shape it is, and which gradient goes where.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from gradtui.tape import events as e
from gradtui.tape.edge_questions import MOST, sent, shaped, where
from gradtui.tape.factors import shares
from gradtui.tape.labels import label, plain
from gradtui.tape.ledger import pass_of
from gradtui.tape.node_card import NodeFacts, about_node
from gradtui.tape.pitfalls import Pitfall, of_addition
from gradtui.tape.predicted import NOTHINGS, WIDTH, Prediction, bare, before, named, operands
from gradtui.tape.tape import Tape
from gradtui.tape.values import array, cell, is_zero

AHEAD = 64  # events in which other nodes of a pass are looked for
OTHERS = 3  # nodes beside the right one


def predictions(tape: Tape, at: int) -> tuple[Prediction, ...]:
    """The questions about an event, one for each edge; none for what is no node of a pass."""
    found = _possible(tape, at)
    return found[_turn(tape, at) % len(found)] if found else ()


def possible(tape: Tape, at: int) -> list[Prediction]:
    """All that can be asked about an event."""
    return [one for those in _possible(tape, at) for one in those]


def _possible(tape: Tape, at: int) -> list[tuple[Prediction, ...]]:
    """The questions by what they are about."""
    event = tape.events[at] if 0 <= at < len(tape) else None
    if isinstance(event, e.Accumulated):
        return [(_accumulated(tape, at, event),)]
    if not isinstance(event, e.NodeRan) or event.node not in tape.nodes:
        return []
    about = about_node(tape, at, event, tape.nodes[event.node])
    return [found for make in _MAKERS if (found := tuple(make(about)))]


def _turn(tape: Tape, at: int) -> int:
    """How many nodes ran before in this pass, and how many passes: so that the kinds take turns."""
    running = pass_of(tape, at)
    if running is None:
        return 0
    last = max(running.start, at - AHEAD)
    ran = sum(isinstance(event, e.NodeRan) for event in tape.events[last:at])
    return ran + running.number


# which node


def _next(about: NodeFacts) -> Iterator[Prediction]:
    tape, at = about.tape, about.at
    waiting = [node for node in _waiting(tape, at) if node != about.node.id]
    right = named(tape, at, about.node.id)
    others = {named(tape, at, node): node for node in waiting}
    others.pop(right, None)
    if not others:
        return
    ids = {right: about.node.id, **dict(list(others.items())[:OTHERS])}
    options = tuple(sorted(ids, key=lambda name: ids[name]))
    yield Prediction(
        at,
        "next",
        "Which node runs next?",
        right,
        options=options,
        pitfalls=tuple(
            Pitfall(name, _why_not(tape, at, ids[name])) for name in ids if name != right
        ),
        hints=(
            "A node runs when everything that leads to it has arrived.",
            "Of those that can run, the one that was recorded last runs first.",
            f"It is {right}.",
        ),
    )


def _waiting(tape: Tape, at: int) -> list[int]:
    """The nodes of the pass that run, or accumulate, after this event."""
    running = pass_of(tape, at)
    stop = min(running.stop, at + AHEAD) if running else at
    found: dict[int, None] = {}
    for event in tape.events[at + 1 : stop]:
        if isinstance(event, e.NodeRan) and event.node in tape.nodes:
            found[event.node] = None
        elif isinstance(event, e.Accumulated) and event.tensor in tape.index.accumulators:
            found[tape.index.accumulators[event.tensor]] = None
    return list(found)


def _why_not(tape: Tape, at: int, node: int) -> str:
    running = pass_of(tape, at)
    stop = running.stop if running else at
    for feeder in tape.index.feeders.of(node):
        runs = tape.index.runs.at_or_after(feeder, at)
        if runs is not None and runs < stop:
            name = plain(tape.nodes[feeder].name)
            return f"It still waits for what {name} will send it."
    return "It could run too, but it was recorded earlier: the one recorded last goes first."


# what is None


def _nothing(about: NodeFacts) -> Iterator[Prediction]:
    for factor, operand in zip(about.factors, about.inputs, strict=False):
        cut = factor.structure == "cut" and operand.name.isidentifier()
        zero = factor.product is not None and is_zero(factor.product)
        if not cut and not zero:
            continue
        to = operand.name if cut else bare(factor.target)
        yield Prediction(
            about.at,
            "nothing",
            before(about, f"What goes to {to}: None, zeros or a value?", operands(about)),
            NOTHINGS[0] if cut else NOTHINGS[1],
            options=NOTHINGS,
            pitfalls=_CUT if cut else _ZERO,
            hints=(
                "None: there is no gradient. Zeros: there is one, and it is 0.",
                "Does this input ask for a gradient at all?",
            ),
        )
        return


_CUT = (
    Pitfall(
        NOTHINGS[1], "Zeros would be a gradient. This input is not tracked, so none is computed."
    ),
    Pitfall(NOTHINGS[2], "This input is not tracked: no edge leads to it, so nothing is computed."),
)
_ZERO = (
    Pitfall(NOTHINGS[0], "The path leads there, so something is sent; here it happens to be 0."),
    Pitfall(NOTHINGS[2], "Look at the numbers again: every entry of v·J is 0."),
)

_MAKERS: Sequence[Callable[[NodeFacts], Iterator[Prediction]]] = (
    sent,
    _next,
    _nothing,
    shaped,
    where,
)


# what a leaf holds


def _accumulated(tape: Tape, at: int, event: e.Accumulated) -> Prediction:
    name = f"{label(tape, at, event.tensor)}.grad"
    asked = _summed(tape, at, event, name) if event.before is not None else None
    return asked or _held(at, event, name)


def _held(at: int, event: e.Accumulated, name: str) -> Prediction:
    """Whether the leaf held anything before."""
    before = event.before
    wanted = NOTHINGS[0] if before is None else NOTHINGS[1 if is_zero(before) else 2]
    said = {
        NOTHINGS[0]: "Nothing was ever put there, or it was taken away: it is None, not 0.",
        NOTHINGS[1]: "It was set to 0: there is a tensor, of zeros.",
        NOTHINGS[2]: "An earlier backward pass left its gradient, and nobody reset it.",
    }
    prompt = f"The path ends at a leaf: `{cell(event.added, WIDTH)}` arrives at `{name}`.\n\n"
    prompt += f"What does `{name}` hold just before it is added: None, zeros or a value?"
    return Prediction(
        at,
        "nothing",
        prompt,
        wanted,
        options=NOTHINGS,
        pitfalls=tuple(Pitfall(one, said[wanted]) for one in NOTHINGS if one != wanted),
        hints=("Has a backward pass reached this leaf before?", "Was its .grad reset since?"),
    )


def _summed(tape: Tape, at: int, event: e.Accumulated, name: str) -> Prediction | None:
    """What the leaf holds afterwards, where it held something before."""
    before, added, after = (
        None if value is None else array(value)
        for value in (event.before, event.added, event.after)
    )
    if before is None or added is None or after is None or not 0 < after.size <= MOST:
        return None
    if not before.any() or after.dtype.kind != "f" or not np.isfinite(after).all():
        return None
    node = tape.index.accumulators.get(event.tensor)
    sent = () if node is None else shares(tape, at, node)
    prompt = (
        f"The path ends at a leaf: `{cell(event.added, WIDTH)}` arrives at `{name}`, which holds "
        f"`{cell(event.before, WIDTH)}`.\n\nWhat does `{name}` hold afterwards?"
    )
    return Prediction(
        at,
        "sum",
        prompt,
        after,
        event.after.dtype,
        pitfalls=tuple(of_addition(before, added, [array(share.value) for share in sent])),
        hints=(
            "backward() accumulates: it never replaces.",
            "Add what arrives to what is there.",
            f"It is `{cell(event.after, WIDTH)}`.",
        ),
    )
