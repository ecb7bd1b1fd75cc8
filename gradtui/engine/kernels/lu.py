"""LU factors with partial pivoting, and reflectors, of batches of matrices.

As LAPACK's getrf, geqrf and orgqr: `pivots` count from 1, a reflector i is I - τ·v·vᵀ with
v = (0, …, 0, 1, what stands below the diagonal of column i).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def columns(x: Any) -> Any:
    """The same matrices, each column in one piece, as LAPACK leaves its results."""
    return np.swapaxes(np.ascontiguousarray(np.swapaxes(x, -2, -1)), -2, -1)


def factored(a: Any) -> tuple[Any, Any, Any]:
    """L and U in one matrix, the row each step took, and the first step without a pivot (or 0)."""
    lead, (m, n) = a.shape[:-2], a.shape[-2:]
    lu = np.array(a).reshape(math.prod(lead), m, n)
    every = np.arange(len(lu))
    pivots = np.zeros((len(lu), min(m, n)), np.int32)
    info = np.zeros(len(lu), np.int32)
    for j in range(min(m, n)):
        best = j + np.abs(lu[:, j:, j]).argmax(1)
        pivots[:, j] = best + 1
        lu[every, j], lu[every, best] = lu[every, best], lu[every, j].copy()
        flat = lu[:, j, j] == 0
        info = np.where((info == 0) & flat, np.int32(j + 1), info)
        lu[:, j + 1 :, j] /= np.where(flat, 1, lu[:, j, j])[:, None]
        lu[:, j + 1 :, j + 1 :] -= lu[:, j + 1 :, j, None] * lu[:, j, None, j + 1 :]
    return (
        columns(lu.reshape(a.shape)),
        pivots.reshape(*lead, min(m, n)),
        info.astype(np.int32).reshape(lead)[()],
    )


def permutation(pivots: Any, m: int, kind: Any) -> Any:
    """The matrix P with A = P·L·U, from the rows the steps took."""
    lead = pivots.shape[:-1]
    taken = pivots.reshape(math.prod(lead), pivots.shape[-1])
    order = np.tile(np.arange(m), (len(taken), 1))
    every = np.arange(len(taken))
    for j in range(taken.shape[1]):
        best = taken[:, j] - 1
        order[every, j], order[every, best] = order[every, best], order[every, j].copy()
    found = np.zeros((len(taken), m, m), kind)
    found[every[:, None], order, np.arange(m)] = 1
    return found.reshape(*lead, m, m)


def lower(lu: Any) -> Any:
    """The factor L: ones on the diagonal."""
    k = min(lu.shape[-2:])
    return np.tril(lu[..., :k], -1) + np.eye(lu.shape[-2], k, dtype=lu.dtype)


def upper(lu: Any) -> Any:
    """The factor U."""
    return np.triu(lu[..., : min(lu.shape[-2:]), :])


def reflectors(a: Any) -> tuple[Any, Any]:
    """R above, reflectors below the diagonal; and their τ."""
    m, n = a.shape[-2:]
    flat = a.reshape(math.prod(a.shape[:-2]), m, n)
    both = [np.linalg.qr(matrix, "raw") for matrix in flat]
    h = np.array([h.T for h, _ in both], a.dtype).reshape(a.shape)
    return columns(h), np.array([tau for _, tau in both], a.dtype).reshape(*a.shape[:-2], min(m, n))


def partial_cholesky(a: Any, upper: bool) -> tuple[Any, Any]:
    """L as far as it goes, and the order of the first minor that is not positive (or 0)."""
    source = np.swapaxes(a, -2, -1) if upper else a
    low = np.tril(source).reshape(math.prod(a.shape[:-2]), *a.shape[-2:])
    info = np.zeros(len(low), np.int32)
    for number, matrix in enumerate(low):
        info[number] = _cholesky_of(matrix)
    found = low.reshape(a.shape)
    found = np.swapaxes(found, -2, -1) if upper else columns(found)
    return found, info.reshape(a.shape[:-2])[()]


def _cholesky_of(matrix: Any) -> int:
    """Row by row in place, as LAPACK does; the order of the minor where it stops."""
    for j in range(len(matrix)):
        left = matrix[j, j] - matrix[j, :j] @ matrix[j, :j]
        matrix[j, j] = left
        if not left > 0:
            return j + 1
        matrix[j, j] = np.sqrt(left)
        matrix[j + 1 :, j] -= matrix[j + 1 :, :j] @ matrix[j, :j]
        matrix[j + 1 :, j] /= matrix[j, j]
    return 0
