"""What operations on matrices refuse, and inverses and determinants with torch's errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.kernels.bare import bare


class LinAlgError(RuntimeError):
    """A matrix does not allow what was asked of it."""


LinAlgError.__name__ = LinAlgError.__qualname__ = "_LinAlgError"
LinAlgError.__module__ = "torch._C"


def check_matrix(x: Any, name: str, square: bool = True) -> None:
    """Refuses what is no batch of (square) matrices of floating point, in torch's words."""
    if x.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor A must have at least 2 dimensions.")
    if square and x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are {x.shape[-2]} by "
            f"{x.shape[-1]} matrices"
        )
    if x.dtype.kind != "f":
        kind = {"i": "Long", "b": "Bool", "u": "Byte"}[x.dtype.kind]
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {kind}"
        )


def in_columns(x: Any) -> Any:
    """Matrices laid out column by column, as LAPACK leaves what it computes."""
    return np.ascontiguousarray(np.swapaxes(x, -2, -1)).swapaxes(-2, -1)


def inverted(x: Any) -> Any:
    """The inverse, or the place of the first zero on the diagonal of torch's LU factors."""
    check_matrix(x, "linalg.inv")
    try:
        return in_columns(np.linalg.inv(x))
    except np.linalg.LinAlgError:
        raise _singular(x) from None


def _singular(x: Any) -> Exception:
    place, batch = 1, ""
    for number, matrix in enumerate(x.reshape(-1, *x.shape[-2:])):
        size = matrix.shape[0]
        if np.linalg.matrix_rank(matrix) < size:
            ranks = (np.linalg.matrix_rank(matrix[:, : k + 1]) < k + 1 for k in range(size))
            place = 1 + next(k for k, low in enumerate(ranks) if low)
            batch = f"(Batch element {number}): " if x.ndim > 2 else ""
            break
    return LinAlgError(
        f"linalg.inv: {batch}The diagonal element {place} is zero, the inversion could not be "
        "completed because the input matrix is singular."
    )


def check_solved(a: Any, b: Any, vectors: bool) -> None:
    """Refuses a right-hand side that does not go with the matrix."""
    check_matrix(a, "linalg.solve")
    if a.dtype != b.dtype:
        names = (dtypes.of(x.dtype).scalar_name for x in (a, b))
        raise RuntimeError(
            "linalg.solve: Expected A and B to have the same dtype, but found A of type {} and B "
            "of type {} instead".format(*names)
        )
    if not b.ndim:
        raise RuntimeError("linalg.solve: The input tensor B must have at least 2 dimensions.")
    height = b.shape[-1 if vectors else -2]
    if height != a.shape[-1]:
        sizes = b.shape[-2:] if not vectors else (height, 1)
        raise RuntimeError(
            "linalg.solve: Incompatible shapes of A and B for the equation AX = B "
            f"({a.shape[-2]}x{a.shape[-1]} and {sizes[0]}x{sizes[1]})"
        )


def solved(a: Any, b: Any) -> Any:
    """The X with A·X = B; B is a vector for each matrix where it has one dimension less."""
    vectors = b.ndim == 1 or b.shape == a.shape[:-1]
    check_solved(a, b, vectors)
    try:
        if vectors:
            found = np.linalg.solve(a, b[..., None])[..., 0]
            return in_columns(found) if found.ndim > 1 else found
        return in_columns(np.linalg.solve(a, b))
    except np.linalg.LinAlgError:
        raise LinAlgError(
            "torch.linalg.solve: The solver failed because the input matrix is singular."
        ) from None


def determinant(x: Any) -> Any:
    check_matrix(x, "linalg.det")
    return bare(np.linalg.det(x).astype(x.dtype))
