"""Jacobians of nodes, read row by row from the nodes themselves.

    reader = JacobianReader(torch)
    reader.read(z.grad_fn)           # one matrix of shape (output size, input size) per edge

A node is run once on each vector of a basis, with grad mode off, which no lesson can see.
"""

from collections.abc import Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np

from gradtui.tape.events import Value
from gradtui.tape.graph_reader import is_custom, is_leaf_node, metadata
from gradtui.tape.snapshot import array, dtype_name, matrix

ENTRIES = 64  # of a Jacobian that is told
ROWS = 20_000  # of all Jacobians of one run together

PICKED = 8  # rows of a large Jacobian that stand for all

Shape: TypeAlias = tuple[int, ...]


def picked(rows: int) -> tuple[int, ...]:
    """The rows that stand for all: evenly spaced, the same on both engines."""
    return (
        tuple(range(rows)) if rows <= PICKED else tuple(i * rows // PICKED for i in range(PICKED))
    )


class JacobianReader:
    """Reads at most `ROWS` rows over its life: a long training run tells of its first passes."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.left = ROWS
        self._bases: dict[tuple[Shape, Any], list[Any]] = {}

    def read(self, node: Any) -> tuple[Value | None, ...] | None:
        """Per edge its matrix, or None where the edge is cut or the matrix large.

        None altogether for a leaf, for a function of the user's own (it would be seen to run), for
        a node with several outputs, and for one whose saved tensors are gone.
        """
        if is_leaf_node(node) or is_custom(node) or not node.name()[-1].isdigit():
            return None
        outputs = metadata(node)
        if len(outputs) != 1 or not dtype_name(outputs[0].dtype).startswith("float"):
            return None
        size = prod(outputs[0].shape)
        shapes = [edge_shape(target, slot) for target, slot in node.next_functions]
        told = [shape is not None and 0 < size * prod(shape) <= ENTRIES for shape in shapes]
        if not any(told) or size > self.left:
            return None
        try:
            columns = self._columns(node, outputs[0], shapes)
        except (RuntimeError, TypeError, ValueError, AttributeError, NotImplementedError):
            return None
        self.left -= size
        return tuple(
            stacked(size, shape, column) if wanted else None
            for shape, wanted, column in zip(shapes, told, columns, strict=True)
        )

    def _columns(self, node: Any, output: Any, shapes: Sequence[Shape | None]) -> list[list[Any]]:
        columns: list[list[Any]] = [[] for _ in shapes]
        for vector in self._basis(tuple(output.shape), output.dtype):
            products = node(vector)
            listed = products if isinstance(products, tuple) else (products,)
            for column, product, shape in zip(columns, listed, shapes, strict=True):
                if shape is not None and product is not None:
                    column.append(sum_to(array(product), shape))
        return columns

    def _basis(self, shape: Shape, dtype: Any) -> list[Any]:
        """The vectors of that shape that are 1 in one place, made once."""
        found = self._bases.get((shape, dtype))
        if found is None:
            rows = self.torch.eye(prod(shape), dtype=dtype)
            found = [rows[i].reshape(shape) for i in range(prod(shape))]
            self._bases[shape, dtype] = found
        return found


def edge_shape(target: Any, slot: int) -> Shape | None:
    if target is None:
        return None
    outputs = metadata(target)
    return tuple(outputs[slot].shape) if slot < len(outputs) else None


def sum_to(numbers: Any, shape: Shape) -> Any:
    """Sums away the dimensions broadcasting added, as the engine does on each edge."""
    if numbers.shape == shape:
        return numbers
    extra = numbers.ndim - len(shape)
    kept = np.sum(numbers, axis=tuple(range(extra))) if extra > 0 else numbers
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and kept.shape[i] != 1)
    return np.sum(kept, axis=stretched, keepdims=True) if stretched else kept


def stacked(size: int, shape: Shape | None, column: list[Any]) -> Value | None:
    if shape is None or len(column) != size:
        return None
    dtype = column[0].dtype.name
    return matrix(size, prod(shape), dtype, b"".join(row.tobytes() for row in column))
