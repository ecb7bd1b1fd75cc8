"""The table of operations: importing it declares every row."""

from gradtui.engine.table import (
    activations,
    arithmetic,
    comparison,
    convolution,
    elementwise,
    extremes,
    gates,
    indexing,
    joining,
    linear,
    losses,
    normalisation,
    padding,
    pooling,
    reductions,
    shapes,
)

__all__ = [
    "activations",
    "arithmetic",
    "comparison",
    "convolution",
    "elementwise",
    "extremes",
    "gates",
    "indexing",
    "joining",
    "linear",
    "losses",
    "normalisation",
    "padding",
    "pooling",
    "reductions",
    "shapes",
]
