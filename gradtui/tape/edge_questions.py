"""Questions about what a node sends along each of its edges, answers and pitfalls from its numbers.

list(sent(about))       # the numbers where they are few; else one entry, their sum, or the shape
list(where(about))      # which of several gradients goes to which input
list(shaped(about))     # of which shape each is
"""

from collections.abc import Iterator

import numpy as np

from gradtui.tape.card import Factor
from gradtui.tape.node_card import NodeFacts
from gradtui.tape.pitfalls import Pitfall, of_entry, of_product, of_shape, of_total
from gradtui.tape.predicted import WIDTH, Prediction, bare, before, hints, operands, shapes
from gradtui.tape.values import Array, array, cell, number, same, shape

MOST = 4  # entries of a gradient that are typed


def _sending(about: NodeFacts) -> list[Factor]:
    """The edges something goes along, those that change v first; two that are alike are one."""
    found: dict[tuple[str, object], Factor] = {}
    for factor in sorted(about.factors, key=lambda factor: same(factor.product, factor.v)):
        if factor.structure != "cut" and factor.product is not None:
            found.setdefault((factor.target, factor.product.data or factor.edge), factor)
    return list(found.values())


def _finite(factor: Factor) -> Array | None:
    """The gradient along an edge, if all of its numbers are known and can be typed."""
    product = None if factor.product is None else array(factor.product)
    if product is None or not product.size or product.dtype.kind != "f":
        return None
    return product if np.isfinite(product).all() else None


# what is sent


def sent(about: NodeFacts) -> Iterator[Prediction]:
    """A question for each edge: its numbers, or of a large gradient what can be worked out."""
    for factor in _sending(about):
        product = _finite(factor)
        if product is not None and product.size <= MOST:
            yield _numbers(about, factor, product)
            continue
        makers = (_entry, _total) if factor.edge % 2 == about.at % 2 else (_total, _entry)
        made = () if product is None else (make(about, factor, product) for make in makers)
        yield next(filter(None, made), None) or _shape(about, factor)


def _numbers(about: NodeFacts, factor: Factor, product: Array) -> Prediction:
    return Prediction(
        about.at,
        "gradient",
        before(about, f"What does it send to {bare(factor.target)}?", operands(about)),
        product,
        _dtype(factor),
        pitfalls=tuple(of_product(about, factor, product)),
        hints=hints(about, factor),
        edge=factor.edge,
    )


def _dtype(factor: Factor) -> str:
    return factor.product.dtype if factor.product is not None else ""


def _entry(about: NodeFacts, factor: Factor, product: Array) -> Prediction | None:
    """One entry, where it depends on one entry of v only."""
    v = None if factor.v is None else array(factor.v)
    if v is None or not product.any():
        return None
    there = True
    at = tuple(int(i) for i in np.unravel_index(np.abs(product).argmax(), product.shape))
    if v.ndim == 2 and product.ndim == 2 and np.array_equal(product, v.T):
        there = all(i < size for i, size in zip(at, v.shape, strict=True))
        source, given = at[::-1], [_at("v", v, i) for i in (at[::-1], at) if there or i != at]
    elif v.shape == product.shape and factor.structure in ("identity", "diagonal"):
        source, given = at, [_at("v", v, at), *_entries(about, at, product.shape)]
    else:
        return None
    place = str(list(at))
    asked = f"What is entry {place} of what it sends to {bare(factor.target)}, which is {_form(product)}?"
    wanted = np.asarray(product[at])
    formula = hints(about, factor)[:-1]
    return Prediction(
        about.at,
        "entry",
        before(about, asked, list(dict.fromkeys(given))),
        wanted,
        _dtype(factor),
        pitfalls=tuple(
            of_entry(float(v[source]), float(wanted), float(v[at if there else source]))
        ),
        hints=(*formula, f"v·J at {place} is `{number(wanted)}`"),
        edge=factor.edge,
    )


def _form(numbers: Array) -> str:
    return str(list(numbers.shape))


def _at(name: str, numbers: Array, at: tuple[int, ...]) -> str:
    name = name if name.isidentifier() else f"({name})"
    return f"`{name}{list(at)} = {number(numbers[at])}`"


def _entries(about: NodeFacts, at: tuple[int, ...], form: tuple[int, ...]) -> Iterator[str]:
    """The operands at a place; one that is broadcast, as it stretches there."""
    by_result = any("{y}" in derivative for derivative in about.rule.derivatives)
    for one in (*about.inputs, *([about.output] if by_result else [])):
        numbers = None if one.value is None else array(one.value)
        if numbers is None or not one.name or numbers.ndim == 0:
            continue
        try:
            yield _at(one.name, np.broadcast_to(numbers, form), at)
        except ValueError:
            continue


def _total(about: NodeFacts, factor: Factor, product: Array) -> Prediction | None:
    """What all entries add up to, where that follows from what v adds up to."""
    v = None if factor.v is None else array(factor.v)
    if v is None or not v.size:
        return None
    total, arrived = float(product.sum(dtype=float)), float(v.sum(dtype=float))
    copies = v.size == 1 and bool((product == product.flat[0]).all())
    if not arrived or not (copies or np.isclose(total, arrived, 1e-5)):
        return None
    to = bare(factor.target)
    given = [
        f"v adds up to `{number(arrived)}`",
        f"{to} is {_form(product)}: {product.size} entries",
    ]
    return Prediction(
        about.at,
        "total",
        before(about, f"What do all entries of what it sends to {to} add up to?", given),
        np.asarray(total),
        _dtype(factor),
        pitfalls=tuple(of_total(arrived, total, product.size)),
        hints=(
            *hints(about, factor)[:-1],
            "Count how often each entry of v is handed on.",
            f"It is `{number(total)}`.",
        ),
        edge=factor.edge,
    )


# of which shape


def shaped(about: NodeFacts) -> Iterator[Prediction]:
    """A question for each edge whose gradient is not of the shape that arrives, or is large."""
    arrived = about.node.shapes[0] if about.node.shapes else ()
    for factor in _sending(about):
        form = factor.product.shape if factor.product is not None else ()
        if form != arrived or len(arrived) > 1 or int(np.prod(form)) > MOST:
            yield _shape(about, factor)


def _shape(about: NodeFacts, factor: Factor) -> Prediction:
    assert factor.product is not None
    arrived = about.node.shapes[0] if about.node.shapes else ()
    to = bare(factor.target)
    return Prediction(
        about.at,
        "shape",
        before(about, f"Of what shape is what it sends to {to}?", shapes(about)),
        factor.product.shape,
        pitfalls=tuple(of_shape(factor.product.shape, arrived)),
        hints=(
            "A gradient has the shape of the tensor it is the gradient of.",
            f"Which shape has {to.removesuffix('.grad')}?",
            f"It is {shape(factor.product)}.",
        ),
        edge=factor.edge,
    )


# which goes where


def where(about: NodeFacts) -> Iterator[Prediction]:
    """Which of the gradients goes to an input, for each input but the last."""
    told = {bare(factor.target): _told(factor) for factor in _sending(about)}
    if not 1 < len(set(told.values())) == len(told):
        return
    turned = about.at % len(told)
    options = (*list(told.values())[turned:], *list(told.values())[:turned])
    for edge, to in enumerate(list(told)[:-1]):
        yield Prediction(
            about.at,
            "where",
            before(about, f"It sends {len(told)} gradients. Which goes to {to}?", operands(about)),
            told[to],
            options=options,
            pitfalls=tuple(
                Pitfall(text, f"That is what it sends to {other}: {_why(about)}")
                for other, text in told.items()
                if other != to
            ),
            hints=(
                about.rule.sentence or "Along each edge v is multiplied by a Jacobian of its own.",
                "A gradient has the shape of the tensor it is the gradient of.",
                f"It is `{told[to]}`.",
            ),
            edge=edge,
        )


def _told(factor: Factor) -> str:
    text = cell(factor.product, WIDTH)
    return f"{text}  of shape {shape(factor.product)}" if factor.product is not None else text


def _why(about: NodeFacts) -> str:
    sentence = about.rule.sentence
    return sentence[:1].lower() + sentence[1:] if sentence else "each edge has a slope of its own."
