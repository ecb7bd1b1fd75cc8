"""Rules filled in: a node's formula with the learner's names, and each entry with the numbers.

written(node rule, names, edge)        # "∂(y^2)/∂y = 2·y"
worked(…)                              # "2·y = [2·1.5866, 2·0.7959, 2·3.2125]"
"""

import re
from collections.abc import Collection, Mapping, Sequence
from math import prod

import numpy as np
from msgspec import Struct

from gradtui.tape.card import Factor
from gradtui.tape.factors import Operand
from gradtui.tape.rules import NodeRule
from gradtui.tape.values import array, number

SIMPLE = re.compile(r"[\w.\[\]]+")
LETTERS = "uwst"
SHOWN = 4  # entries worked out with numbers


class Names(Struct, frozen=True):
    """What stands for `{a}`, `{b}`, `{y}` and `{n}`; `legend` explains letters."""

    table: dict[str, str]
    legend: tuple[str, ...]


def names(
    inputs: Sequence[Operand],
    output: Operand,
    exponent: str = "n",
    cut: Collection[int] = (),
) -> Names:
    """Names for a formula: the learner's where they are short, else letters with a legend.

    `cut` are the places of inputs that are constants; one without a name is called c.
    """
    table: dict[str, str] = {"n": exponent}
    legend = []
    twice = len(inputs) > 1 and bool(inputs[0].name) and inputs[0].name == inputs[1].name
    for i, (key, operand, letter) in enumerate(zip("abc", inputs, LETTERS, strict=False)):
        known = operand.name or ("c" if i in cut else letter)
        table[key] = _name(known, letter) + ("₁₂₃"[i] if twice else "")
        if table[key][0] == letter and operand.name and operand.name != letter:
            legend.append(f"{letter} = {operand.name}")
    if twice:
        legend.append(f"{table['a']} and {table['b']} are both {inputs[0].name}")
    table["y"] = output.name if SIMPLE.fullmatch(output.name) else "result"
    for key, letter in zip("abc", LETTERS, strict=False):
        table.setdefault(key, letter)
    return Names(table, tuple(legend))


def _name(name: str, letter: str) -> str:
    if SIMPLE.fullmatch(name):
        return name
    return f"({name})" if 0 < len(name) <= 12 else letter


def fill(template: str, table: Mapping[str, str]) -> str:
    """The template with each `{key}` replaced; brackets are not doubled: `exp({a})`, `exp(2*x)`."""
    alone = re.sub(r"\(\{(\w)\}\)", lambda found: _bracketed(_known(found, table)), template)
    return re.sub(r"\{(\w)\}", lambda found: _known(found, table), alone)


def _known(found: re.Match[str], table: Mapping[str, str]) -> str:
    return table.get(found[1], found[1])


def _bracketed(name: str) -> str:
    return name if name[:1] == "(" and name[-1:] == ")" else f"({name})"


def derivative(rule: NodeRule, edge: int, exponent: str) -> str:
    """The template of an entry's derivative; powers written as one would by hand."""
    template = rule.derivatives[edge] if edge < len(rule.derivatives) else ""
    if template != "{n}·{a}^({n}-1)" or exponent == "n":
        return template
    lower = float(exponent) - 1
    return {0.0: "1", 1.0: "2·{a}"}.get(lower, f"{exponent}·{{a}}^{lower:g}")


def written(rule: NodeRule, factor: Factor, names: Names) -> str:
    """The derivative along one edge in field notation; "" for a node without a rule."""
    wrt = names.table["abc"[factor.edge]] if factor.edge < 3 else "input"
    table = names.table | {"N": _gathered(factor)}
    formula = fill(rule.formula, table)
    if rule.formula == "{a}·{b}" and table.get("b", "").replace(".", "").isdigit():
        formula = f"{table['b']}·{table['a']}"
    template = derivative(rule, factor.edge, names.table["n"])
    if template:
        return f"∂({formula})/∂{wrt} = {fill(template, names.table)}"
    if factor.edge < len(rule.products) and rule.products[factor.edge]:
        return f"v·J = {fill(rule.products[factor.edge], table)}"
    return ""


def _gathered(factor: Factor) -> str:
    """How many entries each result of a reduction gathers."""
    rows, columns = factor.size
    return str(columns // rows) if rows else "N"


def worked(
    template: str, inputs: Sequence[Operand], output: Operand, names: Names, size: int
) -> str:
    """The derivative entry by entry with the numbers put in: `[2·1.5866, 2·0.7959, …]`."""
    used = [operand for key, operand in _operands(inputs, output) if f"{{{key}}}" in template]
    if not any(operand.value is None or size == 1 or _count(operand) > 1 for operand in used):
        return ""
    columns = {
        key: flat
        for key, operand in _operands(inputs, output)
        if (flat := _flat(operand, size)) is not None
    }
    if any(found not in columns for found in re.findall(r"\{([abcy])\}", template)):
        return ""
    shown = min(size, SHOWN)
    parts = [
        fill(template, _entry(columns, i, template) | {"n": names.table["n"]}) for i in range(shown)
    ]
    if size == 1:
        return parts[0]
    return f"[{', '.join(parts)}{', …' if size > shown else ''}]"


def _operands(inputs: Sequence[Operand], output: Operand) -> list[tuple[str, Operand]]:
    return [*zip("ab", inputs, strict=False), ("y", output)]


def _count(operand: Operand) -> int:
    return 0 if operand.value is None else prod(operand.value.shape)


def _flat(operand: Operand, size: int) -> list[float] | None:
    numbers = None if operand.value is None else array(operand.value)
    if numbers is None or numbers.size not in (1, size):
        return None
    return list(np.broadcast_to(numbers.reshape(-1), (size,))[:SHOWN])


def _entry(columns: Mapping[str, Sequence[float]], i: int, template: str) -> dict[str, str]:
    bare = len(template) == len("{a}")
    return {
        key: number(column[i]) if bare else _signed(column[i]) for key, column in columns.items()
    }


def _signed(item: float) -> str:
    text = number(item)
    return f"({text})" if text.startswith("-") else text
