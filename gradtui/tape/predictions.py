"""What to ask before a node of a backward pass is revealed, with the answer computed from the tape.

    asked = prediction(tape, 41)        # of event 41, a NodeRan or an Accumulated; else None
    asked.prompt, asked.options
    asked.wanted                        # a shape, an array, or the text of an option
    asked.pitfalls                      # likely wrong answers, each with its own words

The kinds take turns within a pass: which node runs next, what it sends on, of which shape, and
whether None, zeros or a value goes to an input.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from gradtui.tape import events as e
from gradtui.tape.card import Factor
from gradtui.tape.factors import shares
from gradtui.tape.formulas import written
from gradtui.tape.labels import label, made_by, plain
from gradtui.tape.ledger import pass_of
from gradtui.tape.node_card import NodeFacts, about_node, made
from gradtui.tape.pitfalls import Pitfall, of_addition, of_product, of_shape
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array, cell, is_zero, same, shape, size

Kind: TypeAlias = Literal["next", "gradient", "shape", "nothing", "sum"]
Wanted: TypeAlias = "Array | tuple[int, ...] | str"

MOST = 4  # entries of a gradient that are typed
AHEAD = 64  # events in which other nodes of a pass are looked for
OTHERS = 3  # nodes beside the right one
NOTHINGS = ("None", "zeros", "a value")
WIDTH = 46


@dataclass(frozen=True, slots=True)
class Prediction:
    """One question; `wanted` is an array for gradients, a shape, or the text of an option."""

    at: int  # the event
    kind: Kind
    prompt: str
    wanted: Wanted
    dtype: str = ""
    options: tuple[str, ...] = ()
    pitfalls: tuple[Pitfall, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """The answer as text."""
        if isinstance(self.wanted, str):
            return self.wanted
        if isinstance(self.wanted, tuple):
            return str(list(self.wanted))
        return np.array2string(self.wanted, precision=4, separator=", ", suppress_small=False)


def prediction(tape: Tape, at: int) -> Prediction | None:
    """The question about an event; None if it is no node of a backward pass, or too large to ask."""
    found = possible(tape, at)
    return found[_turn(tape, at) % len(found)] if found else None


def possible(tape: Tape, at: int) -> list[Prediction]:
    """All that can be asked about an event, at most one question of each kind."""
    event = tape.events[at] if 0 <= at < len(tape) else None
    if isinstance(event, e.Accumulated):
        return [_accumulated(tape, at, event)]
    if not isinstance(event, e.NodeRan) or event.node not in tape.nodes:
        return []
    about = about_node(tape, at, event, tape.nodes[event.node])
    return [made for make in _MAKERS for made in make(about)]


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
    right = _named(tape, at, about.node.id)
    others = {_named(tape, at, node): node for node in waiting}
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


def _named(tape: Tape, at: int, node: int) -> str:
    """A node with the code it goes back through."""
    known = tape.nodes[node]
    if known.leaf is not None:
        return f"AccumulateGrad, into {label(tape, at, known.leaf)}.grad"
    tensor = made_by(tape, node)
    if tensor is None:
        return plain(known.name)
    return f"{plain(known.name)}, back through {made(tape, tape.index.makers[node], tensor)}"


def _why_not(tape: Tape, at: int, node: int) -> str:
    running = pass_of(tape, at)
    stop = running.stop if running else at
    for feeder in tape.index.feeders.of(node):
        runs = tape.index.runs.at_or_after(feeder, at)
        if runs is not None and runs < stop:
            name = plain(tape.nodes[feeder].name)
            return f"It still waits for what {name} will send it."
    return "It could run too, but it was recorded earlier: the one recorded last goes first."


# what is sent on


def _gradient(about: NodeFacts) -> Iterator[Prediction]:
    changed_first = sorted(about.factors, key=lambda factor: same(factor.product, factor.v))
    for factor in changed_first:
        product = None if factor.product is None else array(factor.product)
        if factor.structure == "cut" or product is None or not 0 < product.size <= MOST:
            continue
        if product.dtype.kind != "f" or not np.isfinite(product).all():
            continue
        asked = f"What does it send to {_bare(factor.target)}?"
        yield Prediction(
            about.at,
            "gradient",
            _before(about, asked, (*_operands(about),)),
            product,
            factor.product.dtype if factor.product else "",
            pitfalls=tuple(of_product(about, factor, product)),
            hints=_hints(about, factor),
        )
        return


def _shape(about: NodeFacts) -> Iterator[Prediction]:
    arrived = about.node.shapes[0] if about.node.shapes else ()
    for factor in about.factors:
        product = factor.product
        if factor.structure == "cut" or product is None:
            continue
        if product.shape == arrived and (len(arrived) < 2 and size(product) <= MOST):
            continue
        asked = f"Of what shape is what it sends to {_bare(factor.target)}?"
        yield Prediction(
            about.at,
            "shape",
            _before(about, asked, _shapes(about)),
            product.shape,
            pitfalls=tuple(of_shape(product.shape, arrived)),
            hints=(
                "A gradient has the shape of the tensor it is the gradient of.",
                f"Which shape has {_bare(factor.target).removesuffix('.grad')}?",
                f"It is {shape(product)}.",
            ),
        )
        return


def _nothing(about: NodeFacts) -> Iterator[Prediction]:
    for factor, operand in zip(about.factors, about.inputs, strict=False):
        cut = factor.structure == "cut" and operand.name.isidentifier()
        zero = factor.product is not None and is_zero(factor.product)
        if not cut and not zero:
            continue
        to = operand.name if cut else _bare(factor.target)
        yield Prediction(
            about.at,
            "nothing",
            _before(about, f"What goes to {to}: None, zeros or a value?", _operands(about)),
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
    _gradient,
    _next,
    _nothing,
    _shape,
)


def _before(about: NodeFacts, asked: str, given: Sequence[str]) -> str:
    """The question, with what is known before the answer is."""
    tape, at = about.tape, about.at
    arrived = [
        f"`v = {cell(v, WIDTH)}`  {shape(v)}" for v in about.event.cotangents if v is not None
    ]
    rows = [f"- {row}" for row in (*arrived, *given)]
    name = _named(tape, at, about.node.id)
    return "\n".join([f"{_coded(name)} runs next. What arrives:", "", *rows, "", asked])


def _coded(name: str) -> str:
    head, _, tail = name.partition(", back through ")
    return f"`{head}`, back through `{tail}`," if tail else f"`{head}`"


def _operands(about: NodeFacts) -> tuple[str, ...]:
    rows = {op.name: op.value for op in about.inputs if op.name and op.value is not None}
    shown = [(name, value) for name, value in rows.items() if not _is_number(name)]
    return tuple(f"`{name} = {cell(value, WIDTH)}`" for name, value in shown)


def _shapes(about: NodeFacts) -> tuple[str, ...]:
    rows = {op.name: op.value for op in about.inputs if op.name and op.value is not None}
    return tuple(
        f"`{name}` is {shape(value)}" for name, value in rows.items() if not _is_number(name)
    )


def _is_number(name: str) -> bool:
    return name.lstrip("-").replace(".", "").isdigit()


def _bare(to: str) -> str:
    """The target in code: `y` for `y (PowBackward0)`."""
    return f"`{to.partition(' (')[0]}`"


def _hints(about: NodeFacts, factor: Factor) -> tuple[str, ...]:
    jacobian = None if factor.jacobian is None else array(factor.jacobian)
    said = [about.rule.sentence] if about.rule.sentence else ["Multiply v by the local Jacobian."]
    formula = written(about.rule, factor, about.names)
    said += [f"The rule: `{formula}`"] if formula else []
    if jacobian is not None and jacobian.size <= 16:
        said.append(f"J is `{cell(factor.jacobian, 2 * WIDTH)}`; the answer is v·J.")
    return (*said, f"v·J = `{cell(factor.product, WIDTH)}`")


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
