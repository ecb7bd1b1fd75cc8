"""Rules of functions of higher mathematics, entry by entry."""

from collections.abc import Mapping

from gradtui.tape.rule import NodeRule


def _each(formula: str, sentence: str, *derivatives: str) -> NodeRule:
    return NodeRule(formula, sentence, "diagonal", derivatives)


HIGHER: Mapping[str, NodeRule] = {
    "I0": _each("I₀({a})", "The slope of the Bessel function I₀ is I₁.", "I₁({a})"),
    "SpecialI0E": _each(
        "exp(-|{a}|)·I₀({a})",
        "The slope of I₀ is I₁; the scale falls as it grows.",
        "exp(-|{a}|)·I₁({a}) - sign({a})·{y}",
    ),
    "SpecialI1": _each(
        "I₁({a})", "The slope of I₁ comes from I₀ and itself.", "I₀({a}) - {y}/{a}, 1/2 at 0"
    ),
    "SpecialI1E": _each(
        "exp(-|{a}|)·I₁({a})",
        "The slope of I₁ comes from I₀; the scale falls as it grows.",
        "exp(-|{a}|)·I₀({a}) - {y}·(sign({a}) + 1/{a}), 1/2 at 0",
    ),
    "Mvlgamma": _each(
        "ln Γp({a})",
        "A sum of ln Γ at p places: each hands on its digamma.",
        "Σ digamma({a} - j/2), j < p",
    ),
    "Igamma": _each(
        "P({a}, {b})",
        "The share of Γ below {b}: its slope is the density there.",
        "none known",
        "{b}^({a}-1)·exp(-{b})/Γ({a})",
    ),
    "Igammac": _each(
        "1 - P({a}, {b})",
        "The share of Γ above {b}: its slope is minus the density there.",
        "none known",
        "-{b}^({a}-1)·exp(-{b})/Γ({a})",
    ),
    "SpecialZeta": _each(
        "ζ({a}, {b})",
        "Each term falls as {b} grows.",
        "none known",
        "-{a}·ζ({a} + 1, {b})",
    ),
    "SpecialNdtri": _each(
        "Φ⁻¹({a})", "Where the bell is low, the inverse is steep.", "sqrt(2·pi)·exp({y}²/2)"
    ),
    "SpecialLogNdtr": _each(
        "ln Φ({a})",
        "The bell over the area left of it.",
        "exp(-{a}²/2 - {y})/sqrt(2·pi)",
    ),
    "SpecialErfcx": _each(
        "exp({a}²)·erfc({a})", "A tail, scaled so that it stays.", "2·{a}·{y} - 2/sqrt(pi)"
    ),
}
