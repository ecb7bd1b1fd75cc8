"""What each node of the backward graph does, in the words and signs of the field: one frozen table.

    rule("MulBackward0").derivatives     # ("{b}", "{a}"): d result / d each input, entry by entry
    rule("MmBackward0").products         # ("v @ {b}ᵀ", "{a}ᵀ @ v"): v·J for each input
    rule("SinBackward0").structure       # "diagonal": the shape of the Jacobian

`STRUCTURES` tells what is not zero in a Jacobian of each structure.
"""

from collections.abc import Mapping

from gradtui.tape.rule import STRUCTURES, NodeRule, Structure
from gradtui.tape.rules_entrywise import ENTRYWISE
from gradtui.tape.rules_whole import WHOLE

__all__ = ["RULES", "STRUCTURES", "NodeRule", "Structure", "rule"]

RULES: Mapping[str, NodeRule] = {**ENTRYWISE, **WHOLE}
UNKNOWN = NodeRule("", "", "unknown")


def rule(node: str) -> NodeRule:
    """The rule of a node by its name as torch prints it; an empty one if it is not in the table."""
    plain = node.rpartition("::")[2]
    short = plain.rstrip("0123456789").removesuffix("Backward")
    return RULES.get(plain) or RULES.get(short) or UNKNOWN
