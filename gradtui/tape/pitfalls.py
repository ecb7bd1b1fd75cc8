"""The usual wrong answers to what a node sends on, computed from its own numbers, each with its words.

    list(of_product(about, factor, product))     # forgot v, forgot the sum, the factor itself …
    list(of_shape(shape, arrived))               # not summed, transposed
    list(of_addition(before, added, shares))     # overwritten, one path alone

A pitfall whose value happens to be the answer is left out by whoever judges: the answer comes first.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from gradtui.tape.card import Factor
from gradtui.tape.labels import short
from gradtui.tape.node_card import NodeFacts
from gradtui.tape.values import Array, array

Wrong: TypeAlias = "Array | tuple[int, ...] | str"


class Pitfall(Struct, frozen=True):
    """A wrong answer: numbers, a shape or the text of an option; and what is said to it."""

    wrong: Wrong
    say: str


def of_product(about: NodeFacts, factor: Factor, product: Array) -> Iterator[Pitfall]:
    """Wrong answers to v·J along one edge, the likelier first."""
    v = None if factor.v is None else array(factor.v)
    slopes = _slopes(factor)
    if slopes is not None and slopes.size == product.size:
        local = slopes.reshape(product.shape)
        yield Pitfall(local, "That is the slope alone, as if 1 had arrived: multiply it by v.")
    if v is not None:
        yield from _unsummed(factor, v)
        yield from _by_rule(about, factor, product, v)
        if v.shape == product.shape:
            yield Pitfall(
                v, "That is v itself, as an addition passes it on; this node has a slope."
            )
    if product.ndim == 2 and product.shape[0] > 1 and product.shape[1] > 1:
        yield Pitfall(product.T, "That is transposed: a gradient has the shape of its tensor.")
    yield Pitfall(-product, "The size is right, and the sign is not.")
    yield Pitfall(product / 2, "A factor of 2 is missing.")
    yield Pitfall(product * 2, "That is twice as much.")


def _slopes(factor: Factor) -> Array | None:
    """What J alone gives: v of ones times J."""
    jacobian = None if factor.jacobian is None else array(factor.jacobian)
    return None if jacobian is None or jacobian.ndim != 2 else np.asarray(jacobian.sum(0))


def _unsummed(factor: Factor, v: Array) -> Iterator[Pitfall]:
    """What broadcasting stretched has to be summed again."""
    jacobian = None if factor.jacobian is None else array(factor.jacobian)
    if factor.structure != "broadcast-sum" or jacobian is None or jacobian.ndim != 2:
        return
    if jacobian.shape[0] != v.size or jacobian.shape[1] == v.size:
        return
    each = v * jacobian.sum(1).reshape(v.shape)
    yield Pitfall(each, "Broadcasting used one entry several times: sum over what was stretched.")
    summed = (v.reshape(-1) @ jacobian) * jacobian.shape[1] / v.size
    yield Pitfall(summed, "That is the mean; the gradients of a stretched entry are added.")


def _by_rule(about: NodeFacts, factor: Factor, product: Array, v: Array) -> Iterator[Pitfall]:
    """What is easily mixed up in one operation."""
    name = short(about.node.name)
    numbers = [None if one.value is None else array(one.value) for one in about.inputs]
    own = numbers[factor.edge] if factor.edge < len(numbers) else None
    if name == "Mul" and own is not None:
        say = "That is v times the factor itself: the derivative by one factor is the other."
        yield from _fitting(v, own, product, say)
    if name == "Pow" and own is not None and factor.edge == 0:
        say = "The exponent comes down as a factor, and one power less stays: n·xⁿ⁻¹."
        yield from _fitting(product, own, product, say)
    if name == "Mean":
        yield Pitfall(product * factor.size[1], "Each entry counts only for its part of the mean.")
    if name == "Sum" and factor.size[1] > 1:
        yield Pitfall(product / factor.size[1], "That would be a mean's: a sum hands on all of v.")
    if name == "Sub" and factor.edge == 1:
        yield Pitfall(-product, "What is subtracted has the slope -1.")


def _fitting(one: Array, other: Array, product: Array, say: str) -> Iterator[Pitfall]:
    """The product of two arrays, summed to the shape of the gradient if they are larger."""
    try:
        both = np.asarray(one * other)
    except ValueError:
        return
    if both.shape == product.shape:
        yield Pitfall(both, say)
    elif product.size == 1:
        yield Pitfall(both.sum().reshape(product.shape), say)


def of_entry(v: float, wanted: float, same_place: float) -> Iterator[Pitfall]:
    """Wrong answers to one entry of v·J, which `v` goes into; `same_place` is v where it is asked."""
    if same_place != v:
        say = "That is v at the same place: the entries change places here, [i, j] with [j, i]."
        yield Pitfall(np.asarray(same_place), say)
    say = "That is v's own entry, as an addition passes it on; this node has a slope."
    yield Pitfall(np.asarray(v), say)
    if v:
        say = "That is the slope alone, as if 1 had arrived: multiply it by v."
        yield Pitfall(np.asarray(wanted / v), say)
    yield Pitfall(np.asarray(-wanted), "The size is right, and the sign is not.")
    yield Pitfall(np.asarray(wanted / 2), "A factor of 2 is missing.")
    yield Pitfall(np.asarray(wanted * 2), "That is twice as much.")


def of_total(arrived: float, total: float, size: int) -> Iterator[Pitfall]:
    """Wrong answers to what the entries of v·J add up to, `arrived` being what those of v do."""
    say = "That is what v adds up to: here each entry of the input gets all of it."
    yield Pitfall(np.asarray(arrived), say)
    say = "Nothing is multiplied by the count here: each entry gets its part, or its own number."
    yield Pitfall(np.asarray(arrived * size), say)
    yield Pitfall(np.asarray(total / size), "That is one entry, or their mean: add them all.")
    yield Pitfall(np.asarray(-total), "The size is right, and the sign is not.")


def of_shape(wanted: tuple[int, ...], arrived: tuple[int, ...]) -> Iterator[Pitfall]:
    """Wrong shapes of what is sent on."""
    if arrived != wanted:
        say = "That is the shape of v. What is sent on has the shape of the node's input"
        grown = len(arrived) > len(wanted) or np.prod(arrived) > np.prod(wanted)
        yield Pitfall(arrived, say + (": sum over what was stretched." if grown else "."))
    if wanted[::-1] != wanted:
        yield Pitfall(wanted[::-1], "That is transposed: a gradient has the shape of its tensor.")


def of_addition(before: Array, added: Array, sent: Sequence[Array | None]) -> Iterator[Pitfall]:
    """Wrong sums in a leaf's .grad."""
    yield Pitfall(added, "It is not overwritten: what arrives is added to what is there.")
    yield Pitfall(before, "That is what it held: the gradient that arrives is added to it.")
    parts = [one for one in sent if one is not None]
    if len(parts) > 1:
        for one in parts:
            yield Pitfall(before + one, "That counts one path only: the paths add up.")
    yield Pitfall(before - added, "It is added: the step against the gradient is another matter.")
