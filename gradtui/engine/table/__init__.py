"""The table of operations: importing it declares every row."""

from gradtui.engine.table import (
    arithmetic,
    comparison,
    elementwise,
    indexing,
    joining,
    linear,
    reductions,
    shapes,
)

__all__ = [
    "arithmetic",
    "comparison",
    "elementwise",
    "indexing",
    "joining",
    "linear",
    "reductions",
    "shapes",
]
