"""What each node of the backward graph does, in the words and signs of the field: one frozen table.

    rule("MulBackward0").derivatives     # ("{b}", "{a}"): d result / d each input, entry by entry
    rule("MmBackward0").products         # ("v @ {b}ᵀ", "{a}ᵀ @ v"): v·J for each input
    rule("SinBackward0").structure       # "diagonal": the shape of the Jacobian

`STRUCTURES` tells what is not zero in a Jacobian of each structure.
"""

from collections.abc import Mapping

from gradtui.tape.rule import STRUCTURES, NodeRule, Structure
from gradtui.tape.rules_entrywise import ENTRYWISE
from gradtui.tape.rules_higher import HIGHER
from gradtui.tape.rules_images import IMAGES
from gradtui.tape.rules_linear import LINEAR
from gradtui.tape.rules_places import PLACES
from gradtui.tape.rules_whole import WHOLE

__all__ = ["RULES", "STRUCTURES", "NodeRule", "Structure", "rule"]

RULES: Mapping[str, NodeRule] = {**ENTRYWISE, **HIGHER, **WHOLE, **LINEAR, **PLACES, **IMAGES}
UNKNOWN = NodeRule("", "", "unknown")


def rule(node: str) -> NodeRule:
    """The rule of a node by its name as torch prints it; an empty one if it is not in the table."""
    plain = node.rpartition("::")[2]
    if plain.endswith("_copy") and plain not in RULES:  # a view that copies
        return rule(plain.removesuffix("_copy"))
    short = plain.rstrip("0123456789").removesuffix("Backward")
    return RULES.get(plain) or RULES.get(short) or _of_a_gradient(short, plain)


def _of_a_gradient(short: str, plain: str) -> NodeRule:
    """The rule of a backward rule that is differentiated itself: `SoftmaxBackwardData`."""
    operation, found, _ = short.rpartition("Backward")
    known = RULES.get(operation) or RULES.get(operation.removesuffix("Dense"))
    if not found or known is None:
        return _of_a_row(plain)
    return NodeRule(
        f"the v·J of {operation}",
        f"The backward rule of {operation}, recorded in a pass with create_graph: what it gave "
        "depends on the v it got and on its input.",
        "diagonal" if known.derivatives else "dense",
    )


def _of_a_row(node: str) -> NodeRule:
    """What the engine's table tells of a node that nobody has found words for yet."""
    from gradtui.engine.rows import NODES

    row = NODES.get(node)
    if row is None:
        return UNKNOWN
    letters = ("{a}", "{b}", "{c}")[: len(row.edges)]
    formula = f"{row.name.strip('_')}({', '.join(letters)})"
    if row.kind in ("unary", "binary", "common", "entries"):
        return NodeRule(formula, "Entry by entry: v times the slope at each entry.", "diagonal")
    return NodeRule(formula, "Each input gets v times how the result moves with it.", "dense")
