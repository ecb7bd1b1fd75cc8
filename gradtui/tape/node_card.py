"""The card of a backward node: v, the local Jacobian J, v·J, and the rule with the numbers."""

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.card import Card, Factor, Section
from gradtui.tape.factors import (
    Operand,
    Share,
    entries,
    factors,
    fixed,
    operands,
    result,
    shares,
)
from gradtui.tape.formulas import (
    SHOWN,
    Names,
    derivative,
    fill,
    names,
    worked,
    written,
)
from gradtui.tape.inputs import is_own
from gradtui.tape.labels import changing, label, made_by, plain, short, together
from gradtui.tape.ledger import pass_of
from gradtui.tape.pictures import BLOCKS, SHADES, Picture, picture
from gradtui.tape.rules import STRUCTURES, NodeRule, rule
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array, cell, grid, number

GRID = 8  # rows and columns of a Jacobian drawn as a grid
WIDTH = 50  # characters of a value in a card, which leaves room to say whose it is


class NodeFacts(Struct, frozen=True):
    """Everything about a node that ran which its sections tell of."""

    tape: Tape
    at: int
    event: e.NodeRan
    node: e.Node
    rule: NodeRule
    factors: tuple[Factor, ...]
    inputs: tuple[Operand, ...]
    output: Operand
    names: Names


def node_card(tape: Tape, at: int, event: e.NodeRan) -> Card:
    """The card of a node that has just run."""
    node = tape.nodes.get(event.node)
    if node is None:
        return Card("node", "a node", "A node ran that the tape does not know.", at, None, None)
    about = about_node(tape, at, event, node)
    maker = tape.index.makers.get(node.id, at)
    tensor = made_by(tape, node.id)
    title = plain(node.name)
    if tensor is not None:
        title = f"{title}: back through {made(tape, maker, tensor)}"
    return Card(
        "node",
        title,
        about.rule.sentence or _plain_sentence(about),
        at,
        tape.step_of(maker),
        tape.events[maker].span,
        tensor,
        node.id,
        tuple(_sections(about)),
        about.factors,
    )


def made(tape: Tape, maker: int, tensor: int) -> str:
    """What an operation made, as it is written: `z = 2*y**2`."""
    event = tape.events[maker]
    name = label(tape, maker, tensor)
    if isinstance(event, e.Operation):
        if event.inplace:
            return changing(name, event.name)
        name = together(tape, maker, event) or name
    code = " ".join(tape.source_text(tape.step_of(maker), tape.events[maker].span).split())
    return f"{name} = {code}" if code and code != name and len(code) <= 40 else name


def about_node(tape: Tape, at: int, event: e.NodeRan, node: e.Node) -> NodeFacts:
    """What there is to tell of a node that ran at event `at`."""
    known, found, inputs = rule(node.name), factors(tape, at, event), operands(tape, node)
    output = result(tape, node)
    cut = [factor.edge for factor in found if factor.structure == "cut"]
    called = names(inputs, output, fixed(node), cut)
    return NodeFacts(tape, at, event, node, known, found, inputs, output, called)


def _plain_sentence(about: NodeFacts) -> str:
    ways = sum(1 for factor in about.factors if factor.structure != "cut")
    if is_own(about.node):
        return "The lesson's own backward() says what goes on: nobody checks that it is the derivative."
    return f"{short(about.node.name)} turns what arrives into {ways} gradient(s) for its inputs."


def _sections(about: NodeFacts) -> Iterator[Section]:
    yield _arrived(about)
    yield from _several(about)
    open_factors = [factor for factor in about.factors if factor.structure != "cut"]
    pictures = []
    for factor in open_factors:
        where = f"  to {factor.target}" if len(open_factors) > 1 else ""
        yield from _rule(about, factor, where)
        drawn = jacobian(about, factor, where)
        if drawn.lines[0].startswith("[") and len(drawn.lines) > GRID:
            pictures.append(drawn)  # behind what has to be seen without scrolling
        else:
            yield drawn
        yield _product(about, factor)
    yield from pictures
    if about.names.legend:
        yield Section("note", "where", about.names.legend)
    yield from _constants(about)


def _arrived(about: NodeFacts) -> Section:
    found = tuple(_arrival(about, i, v) for i, v in enumerate(about.event.cotangents))
    return Section("v", "v  what arrives", found)


def _arrival(about: NodeFacts, slot: int, v: e.Value | None) -> str:
    output = f"output {slot}: " if len(about.event.cotangents) > 1 else ""
    if v is None:
        return f"{output}nothing arrived: it counts as 0"
    return f"{output}{cell(v, WIDTH)}  {origin(about.tape, about.at, about.node.id, slot)}".rstrip()


def origin(tape: Tape, at: int, node: int, slot: int) -> str:
    """Where the cotangent of a node came from."""
    sent = shares(tape, at, node, slot)
    if len(sent) == 1:
        return f"from {plain(tape.nodes[sent[0].source].name)}"
    if sent:
        return f"the sum of {len(sent)} gradients"
    running = pass_of(tape, at)
    began = tape.events[running.start] if running else None
    if not isinstance(began, e.BackwardBegan) or node not in began.roots:
        return ""
    vector = began.vectors[0] if began.vectors else None
    if vector is not None and vector.tensor >= 0:
        return f"given: {label(tape, at, vector.tensor)}"
    return "the start: d result / d result"


def _several(about: NodeFacts) -> Iterator[Section]:
    for slot in range(len(about.event.cotangents)):
        sent = shares(about.tape, about.at, about.node.id, slot)
        if len(sent) > 1:
            yield paths_section(about.tape, sent)


def paths_section(tape: Tape, sent: Sequence[Share]) -> Section:
    """A tensor used in several places: the gradients of all of them are added."""
    shown = sent if len(sent) <= SHOWN + 2 else sent[:SHOWN]
    rows = [f"{'+ ' if i else '  '}{_share(tape, share)}" for i, share in enumerate(shown)]
    if len(shown) < len(sent):
        rows.append(f"+ … {len(sent) - len(shown)} more")
    title = f"sum  {len(sent)} gradients arrive here, and they add up"
    return Section("paths", title, tuple(rows))


def _share(tape: Tape, share: Share) -> str:
    return f"{cell(share.value, WIDTH)}  from {plain(tape.nodes[share.source].name)}"


def _rule(about: NodeFacts, factor: Factor, where: str) -> Iterator[Section]:
    formula = written(about.rule, factor, about.names)
    if formula:
        numbers = _entries(about, factor)
        yield Section("rule", f"rule{where}", (formula, *((f"  = {numbers}",) if numbers else ())))


def _entries(about: NodeFacts, factor: Factor) -> str:
    template = derivative(about.rule, factor.edge, about.names.table["n"])
    return worked(template, about.inputs, about.output, about.names, factor.size[0])


def jacobian(about: NodeFacts, factor: Factor, where: str) -> Section:
    """The Jacobian along one edge: its numbers where it is small, else its structure and a picture."""
    matrix = None if factor.jacobian is None else array(factor.jacobian)
    drawn = None if _is_small(matrix) else _picture(about, factor)
    called, meaning = _structure(about, factor, matrix, drawn)
    title = f"J  {factor.size[0]}×{factor.size[1]}, {called}{where}"
    if matrix is not None and _is_small(matrix):
        return Section("jacobian", title, (*grid(_cleared(matrix, factor)), meaning))
    if drawn is None:
        return Section("jacobian", title, (meaning, _never_built(factor)))
    return Section("jacobian", title, (*_shown(factor, drawn), meaning, *_reach(factor, drawn)))


def _cleared(matrix: Array, factor: Factor) -> Array:
    """A diagonal Jacobian with nothing beside the diagonal, where 0 times infinity left a nan."""
    square = factor.structure == "diagonal" and matrix.shape[0] == matrix.shape[1]
    return np.where(np.eye(len(matrix), dtype=bool), matrix, 0) if square else matrix


def structure_name(about: NodeFacts, factor: Factor) -> str:
    """What the structure of a Jacobian is called: `diagonal`, `in blocks`."""
    return _structure(about, factor, None, _picture(about, factor))[0]


def _is_small(matrix: Array | None) -> bool:
    """Whether a Jacobian is drawn as a grid of numbers."""
    return matrix is not None and matrix.ndim == 2 and matrix.size > 0 and max(matrix.shape) <= GRID


def _structure(
    about: NodeFacts, factor: Factor, matrix: Array | None, drawn: Picture | None
) -> tuple[str, str]:
    """What the structure of a Jacobian is called, and what that means."""
    meaning = STRUCTURES[factor.structure]
    if drawn is not None and factor.structure == "dense" and drawn.reach[1] < factor.size[1]:
        return "in blocks", "a result depends on the entries of its own block alone"
    if factor.structure == "selection" and matrix is not None and ((matrix % 1) != 0).any():
        meaning = "entries that were picked, 0 elsewhere: equals share the gradient"
    if factor.structure == "unknown" and is_own(about.node):
        meaning = "not told by a rule: its rows are read from that backward()"
        return "by the lesson's own backward()", meaning
    return factor.structure, meaning


def _never_built(factor: Factor) -> str:
    rows, columns = factor.size
    filled = entries(factor.structure, factor.size)
    some = "" if filled is None else f", at most {filled:,} of them not 0"
    return f"never built: {rows * columns:,} entries{some}; the rule goes straight from v to v·J"


PICTURED = ("dense", "unknown", "reduction", "copies", "broadcast-sum", "selection", "permutation")


def _picture(about: NodeFacts, factor: Factor) -> Picture | None:
    """Rows of a Jacobian whose structure is not told by a word alone."""
    if factor.structure not in PICTURED or (min(factor.size) < 2 and not is_own(about.node)):
        return None
    return picture(about.tape, about.node, factor.edge, factor.size)


def _shown(factor: Factor, drawn: Picture) -> Iterator[str]:
    """The lines of a picture and what its signs mean."""
    rows, columns = factor.size
    some = f"{len(drawn.rows)} of {rows:,} rows" if len(drawn.rows) < rows else "its rows"
    wide = -(-columns // BLOCKS)
    block = f", a sign up to {wide} entries" if wide > 1 else ""
    yield from drawn.lines
    if not drawn.exact:
        yield f"{some}, one a line{block}; |J|: blank is 0, {' < '.join(SHADES)}"


def _reach(factor: Factor, drawn: Picture) -> Iterator[str]:
    """How many entries a row has that are not 0, and how many were never built."""
    (least, most), (rows, columns) = drawn.reach, factor.size
    if most < columns and not drawn.exact:
        few = f"{most}" if least == most else f"{least} to {most}"
        yield f"each result depends on {few} of {columns:,} entries"
    left = rows * columns - drawn.built
    if left:
        yield f"{left:,} of {rows * columns:,} entries never built: the rule goes from v to v·J"


def _product(about: NodeFacts, factor: Factor) -> Section:
    lines = [line for line in (_multiplied(factor), _summed(about, factor)) if line]
    value = cell(factor.product, WIDTH)
    lines.append(f"= {value}  → {factor.target}" if lines else f"{value}  → {factor.target}")
    return Section("product", "v·J  what goes on", tuple(lines))


def _multiplied(factor: Factor) -> str:
    """The product entry by entry, where J is diagonal: `[0.3333·3.1732, …]`."""
    jacobian = None if factor.jacobian is None else array(factor.jacobian)
    v = None if factor.v is None else array(factor.v)
    if factor.structure not in ("diagonal", "broadcast-sum") or jacobian is None or v is None:
        return ""
    flat = v.reshape(-1)
    if jacobian.ndim != 2 or jacobian.shape[0] != flat.size:
        return ""
    slopes = jacobian.sum(1) if factor.structure == "broadcast-sum" else np.diagonal(jacobian)
    parts = [f"{number(a)}·{_signed(b)}" for a, b in zip(flat[:SHOWN], slopes, strict=False)]
    more = ["…"] if flat.size > SHOWN else []
    if factor.structure == "broadcast-sum":
        return " + ".join(parts + more) if factor.size[1] == 1 else ""
    return f"[{', '.join(parts + more)}]"


def _signed(item: float) -> str:
    text = number(item)
    return f"({text})" if text.startswith("-") else text


def _summed(about: NodeFacts, factor: Factor) -> str:
    """Which dimensions broadcasting stretched, so that the product is summed over them."""
    if factor.structure != "broadcast-sum" or factor.product is None:
        return ""
    if not about.node.shapes:
        return ""
    target = _target_shape(about, factor)
    extra = len(about.node.shapes[0]) - len(target)
    dims = [
        d
        for d, n in enumerate(about.node.shapes[0])
        if d < extra or (target[d - extra] == 1 and n != 1)
    ]
    over = ", ".join(map(str, dims))
    one = "entry" if factor.size[1] == 1 else "entries"
    return (
        f"summed over dim {over}: {factor.size[1]} {one} stretched by broadcasting "
        f"to {factor.size[0]}"
    )


def _target_shape(about: NodeFacts, factor: Factor) -> tuple[int, ...]:
    edge = about.node.edges[factor.edge]
    node = about.tape.nodes.get(edge.node) if edge.node is not None else None
    if node is not None and edge.slot < len(node.shapes):
        return node.shapes[edge.slot]
    return factor.product.shape if factor.product else ()


def _constants(about: NodeFacts) -> Iterator[Section]:
    """Inputs to which no gradient goes."""
    cut = [
        fill("{" + "abc"[factor.edge] + "}", about.names.table)
        for factor in about.factors
        if factor.structure == "cut" and factor.edge < 3 and _is_tensor(about.inputs[factor.edge])
    ]
    if cut:
        yield Section("note", "cut", (f"no gradient for {', '.join(cut)}: it is not tracked",))


def _is_tensor(operand: Operand) -> bool:
    """Whether an input was a tensor, not a plain number."""
    return bool(operand.name) and not operand.name.lstrip("-").replace(".", "").isdigit()
