"""A question about an event of a backward pass, and the words its prompt is made of."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from msgspec import Struct

from gradtui.tape.card import Factor
from gradtui.tape.formulas import written
from gradtui.tape.labels import label, made_by, plain
from gradtui.tape.node_card import NodeFacts, made
from gradtui.tape.pitfalls import Pitfall
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array, cell, shape

Kind: TypeAlias = Literal["next", "gradient", "entry", "total", "where", "shape", "nothing", "sum"]
Wanted: TypeAlias = "Array | tuple[int, ...] | str"

NOTHINGS = ("None", "zeros", "a value")
WIDTH = 46


class Prediction(Struct, frozen=True):
    """One question; `wanted` is an array for gradients, a shape, or the text of an option."""

    at: int  # the event
    kind: Kind
    prompt: str
    wanted: Wanted
    dtype: str = ""
    options: tuple[str, ...] = ()
    pitfalls: tuple[Pitfall, ...] = ()
    hints: tuple[str, ...] = ()
    edge: int = 0  # of the node, whose gradient it is about

    @property
    def answer(self) -> str:
        """The answer as text."""
        if isinstance(self.wanted, str):
            return self.wanted
        if isinstance(self.wanted, tuple):
            return str(list(self.wanted))
        return np.array2string(self.wanted, precision=4, separator=", ", suppress_small=False)


def named(tape: Tape, at: int, node: int) -> str:
    """A node with the code it goes back through."""
    known = tape.nodes[node]
    if known.leaf is not None:
        return f"AccumulateGrad, into {label(tape, at, known.leaf)}.grad"
    tensor = made_by(tape, node)
    if tensor is None:
        return plain(known.name)
    return f"{plain(known.name)}, back through {made(tape, tape.index.makers[node], tensor)}"


def before(about: NodeFacts, asked: str, given: Sequence[str]) -> str:
    """The question, with what is known before the answer is."""
    tape, at = about.tape, about.at
    arrived = [
        f"`v = {cell(v, WIDTH)}`  {shape(v)}" for v in about.event.cotangents if v is not None
    ]
    rows = [f"- {row}" for row in (*arrived, *given)]
    name = named(tape, at, about.node.id)
    return "\n".join([f"{_coded(name)} runs next. What arrives:", "", *rows, "", asked])


def _coded(name: str) -> str:
    head, _, tail = name.partition(", back through ")
    return f"`{head}`, back through `{tail}`," if tail else f"`{head}`"


def operands(about: NodeFacts) -> tuple[str, ...]:
    rows = {op.name: op.value for op in about.inputs if op.name and op.value is not None}
    shown = [(name, value) for name, value in rows.items() if not _is_number(name)]
    return tuple(f"`{name} = {cell(value, WIDTH)}`" for name, value in shown)


def shapes(about: NodeFacts) -> tuple[str, ...]:
    rows = {op.name: op.value for op in about.inputs if op.name and op.value is not None}
    return tuple(
        f"`{name}` is {shape(value)}" for name, value in rows.items() if not _is_number(name)
    )


def _is_number(name: str) -> bool:
    return name.lstrip("-").replace(".", "").isdigit()


def bare(to: str) -> str:
    """The target in code: `y` for `y (PowBackward0)`."""
    return f"`{to.partition(' (')[0]}`"


def hints(about: NodeFacts, factor: Factor) -> tuple[str, ...]:
    jacobian = None if factor.jacobian is None else array(factor.jacobian)
    said = [about.rule.sentence] if about.rule.sentence else ["Multiply v by the local Jacobian."]
    formula = written(about.rule, factor, about.names)
    said += [f"The rule: `{formula}`"] if formula else []
    if jacobian is not None and jacobian.size <= 16:
        said.append(f"J is `{cell(factor.jacobian, 2 * WIDTH)}`; the answer is v·J.")
    return (*said, f"v·J = `{cell(factor.product, WIDTH)}`")
