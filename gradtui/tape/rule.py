"""The words of a rule: what a node's operation, derivative and Jacobian are called.

In the templates `{a}` and `{b}` are the inputs, `{y}` the result, `{n}` a fixed number, `{N}` how
many entries a result gathers; v is the incoming cotangent, ᵀ a transpose, Σ a sum.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

Structure: TypeAlias = Literal[
    "identity", "diagonal", "permutation", "selection", "broadcast-sum", "reduction", "dense",
    "copies", "cut", "unknown",
]  # fmt: skip

STRUCTURES: Mapping[str, str] = {
    "identity": "1 on the diagonal, 0 elsewhere: v passes unchanged",
    "diagonal": "entry i of the result depends on entry i of the input alone",
    "permutation": "a single 1 in each row and column: v is only rearranged",
    "selection": "ones where an entry was picked, 0 elsewhere: v goes back to its place",
    "broadcast-sum": "one input entry feeds several results: their gradients are summed",
    "reduction": "every result gathers many entries: v is handed back to each of them",
    "copies": "one input entry is copied to several places: their gradients are summed",
    "dense": "every result depends on every entry it was computed from",
    "cut": "no gradient goes this way",
    "unknown": "the node is opaque: only v and v·J are known",
}


class NodeRule(Struct, frozen=True):
    """A node's operation as a formula, its derivatives or products by input, and one sentence."""

    formula: str
    sentence: str
    structure: Structure
    derivatives: tuple[str, ...] = ()  # entry by entry, for diagonal Jacobians
    products: tuple[str, ...] = ()  # v·J as a whole


def whole(structure: Structure, formula: str, sentence: str, *products: str) -> NodeRule:
    """A function of whole tensors; `products` are v·J for each input."""
    return NodeRule(formula, sentence, structure, (), products)
