"""Tangents of factors of matrices, and of what is solved by them.

Each is torch's formula in FunctionsManual.cpp: `Q`, `R` and their kind are the results, `a_t` is
the tangent of the matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted, sum_dims, zeros, zeros_like
from gradtui.engine.tensor import wrap

matmul = lifted("matmul", np.matmul)


def turned(x: Any) -> Any:
    """The matrices of a batch transposed."""
    return FUNCTIONS["transpose"](x, -2, -1) if is_tensor(x) else np.swapaxes(x, -2, -1)


def triangle(x: Any, upper: bool, diagonal: int = 0) -> Any:
    """The upper or the lower triangle of every matrix."""
    if is_tensor(x):
        return FUNCTIONS["triu" if upper else "tril"](x, diagonal)
    return np.triu(x, diagonal) if upper else np.tril(x, diagonal)


def inverse(x: Any) -> Any:
    return FUNCTIONS["linalg_inv"](x) if is_tensor(x) else np.linalg.inv(x)


def column(x: Any) -> Any:
    """A vector for each matrix as one column."""
    return FUNCTIONS["unsqueeze"](x, -1) if is_tensor(x) else np.expand_dims(x, -1)


def row_of(x: Any) -> Any:
    return FUNCTIONS["unsqueeze"](x, -2) if is_tensor(x) else np.expand_dims(x, -2)


def eye(like: Any) -> Any:
    """The unit matrix of the size and kind of others."""
    array = np.eye(like.shape[-1])
    return wrap(array.astype(like._data.dtype)) if is_tensor(like) else array.astype(like.dtype)


def differences(values: Any) -> Any:
    """values_j - values_i, and 1 where i = j."""
    return row_of(values) - column(values) + eye(values)


def _half(x: Any, upper: bool) -> Any:
    """A triangle with half of the diagonal."""
    found = triangle(x, upper)
    return found - found * eye(found) * 0.5


def _diagonal(x: Any) -> Any:
    return sum_dims(x * eye(x), (-1,))


def _wider(x: Any, size: int, dim: int) -> Any:
    """Zeros behind a matrix, up to a size."""
    if x.shape[dim] == size:
        return x
    shape = list(x.shape)
    shape[dim] = size - x.shape[dim]
    rest = zeros(x, tuple(shape))
    return FUNCTIONS["cat"]([x, rest], dim) if is_tensor(x) else np.concatenate([x, rest], dim)


def cholesky(self_t: Any, result: Any, upper: bool) -> Any:
    """L·Φ(L⁻¹ Ȧ L⁻ᵀ), where Φ is the lower triangle with half of the diagonal."""
    lower = turned(result) if upper else result
    back = inverse(lower)
    found = matmul(lower, _half(matmul(matmul(back, self_t), turned(back)), False))
    return turned(found) if upper else found


def qr(a_t: Any, q: Any, r: Any) -> tuple[Any, Any]:
    back = inverse(r)
    inner = matmul(matmul(turned(q), a_t), back)
    turn = _half(inner + turned(inner), True)
    return matmul(a_t, back) - matmul(q, turn), matmul(turn, r)


def svd(a_t: Any, u: Any, s: Any, vh: Any) -> tuple[Any, Any, Any]:
    rows, columns, k = u.shape[-2], vh.shape[-1], s.shape[-1]
    full_u, full_v = u.shape[-1], vh.shape[-2]
    u, vh = u[..., :k], vh[..., :k, :]
    inner = matmul(matmul(turned(u), a_t), turned(vh))
    between = differences(s * s)
    right, left = inner * row_of(s), inner * column(s)
    off = 1 - eye(inner)
    u_t = matmul(u, (right + turned(right)) / between * off)
    vh_t = -matmul((left + turned(left)) / between * off, vh)
    if rows > k:
        part = matmul(a_t, turned(vh)) / row_of(s)
        u_t = u_t + part - matmul(u, matmul(turned(u), part))
    if columns > k:
        part = matmul(turned(u), a_t) / column(s)
        vh_t = vh_t + part - matmul(matmul(part, turned(vh)), vh)
    return _wider(u_t, full_u, -1), _diagonal(inner), _wider(vh_t, full_v, -2)


def eigh(a_t: Any, values: Any, vectors: Any) -> tuple[Any, Any]:
    inner = matmul(matmul(turned(vectors), a_t), vectors)
    turn = inner / differences(values) * (1 - eye(inner))
    return _diagonal(inner), matmul(vectors, turn)


def slogdet(a_t: Any, a: Any, sign: Any) -> tuple[Any, Any]:
    return zeros_like(sign), sum_dims(turned(inverse(a)) * a_t, (-2, -1))


def pinv(a_t: Any, a: Any, found: Any) -> Any:
    """Golub and Pereyra, 1973."""
    grown, across = turned(a_t), turned(found)
    return (
        matmul(matmul(found, across), grown - matmul(matmul(grown, a), found))
        + matmul(grown - matmul(matmul(found, a), grown), matmul(across, found))
        - matmul(matmul(found, a_t), found)
    )
