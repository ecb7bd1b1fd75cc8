"""The table of operations: importing it declares every row."""

from gradtui.engine.table import (
    activations,
    arithmetic,
    comparison,
    elementwise,
    gates,
    indexing,
    joining,
    linear,
    losses,
    normalisation,
    padding,
    reductions,
    shapes,
)

__all__ = [
    "activations",
    "arithmetic",
    "comparison",
    "elementwise",
    "gates",
    "indexing",
    "joining",
    "linear",
    "losses",
    "normalisation",
    "padding",
    "reductions",
    "shapes",
]
