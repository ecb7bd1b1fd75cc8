"""Rows of linear algebra: factors of matrices, what is solved by them, and the exponential."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from gradtui.engine.kernels.bare import bare
from gradtui.engine.lift import FUNCTIONS, is_tensor, zeros_like
from gradtui.engine.rows import row
from gradtui.engine.table import factors
from gradtui.engine.table.factors import (
    column,
    differences,
    eye,
    inverse,
    matmul,
    row_of,
    triangle,
    turned,
)
from gradtui.engine.table.matrices import LinAlgError, check_matrix, in_columns
from gradtui.engine.zero import skipping


def _grads(grads: Any, *like: Any) -> list[Any]:
    """The cotangents, zeros for those nobody gave."""
    return [zeros_like(x) if g is None else g for g, x in zip(grads, like, strict=True)]


# -- checks ----------------------------------------------------------------------------------------


def _minor(x: Any) -> tuple[str, int]:
    """Where the first matrix fails that is not positive-definite, and the order of its minor."""
    for place, matrix in enumerate(x.reshape(-1, *x.shape[-2:])):
        for order in range(1, matrix.shape[0] + 1):
            try:
                np.linalg.cholesky(matrix[:order, :order])
            except np.linalg.LinAlgError:
                return (f"(Batch element {place}): " if x.ndim > 2 else ""), order
    return "", 0


# -- triangular and orthogonal factors -------------------------------------------------------------


def _cholesky(x: Any, upper: bool, name: str = "linalg.cholesky") -> Any:
    check_matrix(x, name)
    try:
        found = np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        batch, order = _minor(x)
        raise LinAlgError(
            f"{name}: {batch}The factorization could not be completed because the input is not "
            f"positive-definite (the leading minor of order {order} is not positive-definite)."
        ) from None
    return np.swapaxes(found, -2, -1) if upper else found


def cholesky_slope(grad: Any, factor: Any, upper: bool) -> Any:
    """L⁻ᵀ·Φ·L⁻¹, where Φ is the symmetric half of LᵀĀ (Murray, 2016)."""
    lower, grad = (turned(factor), turned(grad)) if upper else (factor, grad)
    inner = triangle(matmul(turned(lower), grad), False)
    inner = (inner + turned(triangle(inner, False, -1))) * 0.5
    back = inverse(lower)
    return matmul(matmul(turned(back), inner), back)


for _name, _node in (
    ("linalg_cholesky", "LinalgCholeskyExBackward0"),
    ("cholesky", "CholeskyBackward0"),
):
    row(
        f"{_name}(Tensor self, {'*, ' * (_name != 'cholesky')}bool upper=False)",
        _node,
        partial(_cholesky, name=_name.replace("linalg_", "linalg.")),
        jvp=factors.cholesky if _name == "linalg_cholesky" else "not_implemented",
        self=lambda grad, result, upper: cholesky_slope(grad, result, upper),
    )

_QR = {"reduced": "reduced", "complete": "complete", "r": "r"}


def _qr(x: Any, mode: Any) -> Any:
    if mode not in _QR:
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', "
            "or 'complete'"
        )
    check_matrix(x, "linalg.qr", False)
    if mode == "r":
        return np.zeros(0, x.dtype), in_columns(np.linalg.qr(x, "r"))
    q, r = np.linalg.qr(x, mode)
    return in_columns(q), in_columns(r)


def _qr_slope(grads: Any, q: Any, r: Any, mode: str) -> Any:
    if mode == "r" or (mode == "complete" and q.shape[-1] != r.shape[-1]):
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please "
            "use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
            if mode == "r"
            else "The QR decomposition is not differentiable when mode='complete' and nrows > "
            "ncols."
        )
    grad_q, grad_r = _grads(grads, q, r)
    inner = triangle(matmul(grad_r, turned(r)) - matmul(turned(q), grad_q), True)
    inner = inner + turned(inner)
    inner = inner - inner * eye(inner) * 0.5
    return matmul(grad_q + matmul(q, inner), turned(inverse(r)))


row(
    "linalg_qr(Tensor self, str mode='reduced')",
    "LinalgQrBackward0",
    _qr,
    outputs=("Q", "R"),
    jvp=lambda self_t, Q, R: factors.qr(self_t, Q, R),
    self=lambda grads, Q, R, mode: _qr_slope(grads, Q, R, mode),
)

# -- singular and characteristic values ------------------------------------------------------------


def _diagonal(values: Any) -> Any:
    return column(values) * eye(values)


def _svd(x: Any, full: bool) -> Any:
    check_matrix(x, "linalg.svd", False)
    u, s, vh = np.linalg.svd(x, full_matrices=full)
    return in_columns(u), s, in_columns(vh)


def _svd_slope(grads: Any, u: Any, s: Any, vh: Any, sizes: Any) -> Any:
    """torch's svd_backward, for the singular vectors that belong to singular values."""
    grad_u, grad_s, grad_v = grads
    k = min(sizes[-2:])
    u, vh = u[..., :k], vh[..., :k, :]
    inner = _diagonal(grad_s) if grad_s is not None else zeros_like(_diagonal(s))
    between = differences(s * s)
    if grad_u is not None:
        turn = matmul(turned(u), grad_u[..., :k])
        inner = inner + (turn - turned(turn)) / between * row_of(s)
    if grad_v is not None:
        turn = matmul(vh, turned(grad_v[..., :k, :]))
        inner = inner + column(s) * ((turn - turned(turn)) / between)
    found = matmul(matmul(u, inner), vh)
    if grad_u is not None and sizes[-2] > k:
        part = grad_u[..., :k] / row_of(s)
        found = found + matmul(part - matmul(u, matmul(turned(u), part)), vh)
    if grad_v is not None and sizes[-1] > k:
        part = grad_v[..., :k, :] / column(s)
        found = found + matmul(u, part - matmul(matmul(part, turned(vh)), vh))
    return found


row(
    "linalg_svd(Tensor self, bool full_matrices=True)",
    "LinalgSvdBackward0",
    _svd,
    outputs=("U", "S", "Vh"),
    jvp=lambda self_t, U, S, Vh: factors.svd(self_t, U, S, Vh),
    self=lambda grads, U, S, Vh, self_sizes: _svd_slope(grads, U, S, Vh, self_sizes),
)


def _eigh(x: Any, uplo: Any) -> Any:
    check_matrix(x, "linalg.eigh")
    values, vectors = np.linalg.eigh(x, uplo)
    return values, in_columns(vectors)


def _eigh_slope(grads: Any, values: Any, vectors: Any) -> Any:
    grad_values, grad_vectors = grads
    inner = zeros_like(vectors) if grad_values is None else _diagonal(grad_values)
    if grad_vectors is not None:
        turn = matmul(turned(vectors), grad_vectors) / differences(values)
        inner = inner + turn - turn * eye(turn)
    return matmul(matmul(vectors, inner), turned(vectors))


row(
    "linalg_eigh(Tensor self, str UPLO='L')",
    "LinalgEighBackward0",
    _eigh,
    outputs=("eigenvalues", "eigenvectors"),
    jvp=lambda self_t, eigenvalues, eigenvectors: factors.eigh(self_t, eigenvalues, eigenvectors),
    self=lambda grads, eigenvalues, eigenvectors: _eigh_slope(grads, eigenvalues, eigenvectors),
)


# -- determinants, solutions, inverses, the exponential --------------------------------------------


def _slogdet(x: Any) -> Any:
    check_matrix(x, "linalg.slogdet")
    return tuple(bare(v.astype(x.dtype)) for v in map(np.asarray, np.linalg.slogdet(x)))


for _name in ("linalg_slogdet", "slogdet"):
    row(
        f"{_name}(Tensor self)",
        "LinalgSlogdetBackward0",
        _slogdet,
        outputs=("sign", "logabsdet"),
        jvp=lambda self_t, self_p, sign: factors.slogdet(self_t, self_p, sign),
        self=lambda grads, self: (
            None if grads[1] is None else column(column(grads[1])) * turned(inverse(self))
        ),
    )


def _part(a: Any, upper: bool, unit: bool) -> Any:
    """The triangle of a matrix that is solved by, its diagonal taken for ones if `unit`."""
    found = triangle(a, upper, (1 if upper else -1) if unit else 0)
    return found + eye(found) if unit else found


def solve_triangular(a: Any, b: Any, upper: bool, left: bool, unitriangular: bool) -> Any:
    part = _part(a, upper, unitriangular)
    if left:
        return _substituted(part, b, upper)
    turned = _substituted(np.swapaxes(part, -2, -1), np.swapaxes(b, -2, -1), not upper)
    return np.swapaxes(turned, -2, -1)


def _substituted(a: Any, b: Any, upper: bool) -> Any:
    """Row by row, each from those before it."""
    out = np.empty((*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b.dtype)
    order = range(a.shape[-1])
    for done, i in enumerate(reversed(order) if upper else order):
        known = slice(i + 1, None) if upper else slice(0, done)
        rest = b[..., i, :] - np.matmul(a[..., i : i + 1, known], out[..., known, :])[..., 0, :]
        out[..., i, :] = rest / a[..., i, i, None]
    return out


def _solved(grad: Any, a: Any, upper: bool, left: bool, unit: bool) -> Any:
    back = turned(inverse(_part(a, upper, unit)))
    return matmul(back, grad) if left else matmul(grad, back)


def _triangular_jvp(
    a_t: Any, b_t: Any, a: Any, result: Any, upper: bool, left: bool, unit: bool
) -> Any:
    part = skipping(lambda t: triangle(t, upper, (1 if upper else -1) if unit else 0))(a_t)
    met = skipping(matmul)(part, result) if left else skipping(matmul)(result, part)
    back = inverse(_part(a, upper, unit))
    return matmul(back, b_t - met) if left else matmul(b_t - met, back)


row(
    "linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, "
    "bool unitriangular=False)",
    "LinalgSolveTriangularBackward0",
    solve_triangular,
    jvp=lambda self_t, B_t, self_p, result, upper, left, unitriangular: _triangular_jvp(
        self_t, B_t, self_p, result, upper, left, unitriangular
    ),
    self=lambda grad, self, result, upper, left, unitriangular: -triangle(
        matmul(_solved(grad, self, upper, True, unitriangular), turned(result))
        if left
        else matmul(turned(result), _solved(grad, self, upper, False, unitriangular)),
        upper,
        (1 if upper else -1) if unitriangular else 0,
    ),
    B=lambda grad, self, upper, left, unitriangular: _solved(
        grad, self, upper, left, unitriangular
    ),
)


def _pinv_slope(grad: Any, a: Any, inverse: Any) -> Any:
    """torch's pinv_backward (Golub and Pereyra, 1973)."""
    across, grad = turned(inverse), turned(grad)
    if a.shape[-2] <= a.shape[-1]:
        k = matmul(grad, inverse)
        both = matmul(k, across)
        return (
            both
            - turned(matmul(inverse, k))
            - matmul(matmul(a, inverse), both)
            + matmul(matmul(across, inverse), grad - matmul(k, a))
        )
    k = matmul(inverse, grad)
    both = matmul(across, k)
    return (
        both
        - turned(matmul(k, inverse))
        + matmul(matmul(grad - matmul(a, k), inverse), across)
        - matmul(matmul(both, inverse), a)
    )


def _pinv(x: Any, rcond: float) -> Any:
    return np.linalg.pinv(x, rcond=rcond or max(x.shape[-2:]) * np.finfo(x.dtype).eps)


row(
    "linalg_pinv(Tensor self, double rcond=0)",
    "LinalgPinvBackward0",
    _pinv,
    jvp=lambda self_t, self_p, result: factors.pinv(self_t, self_p, result),
    self=lambda grad, self, result: _pinv_slope(grad, self, result),
)


def _exponential(x: Any) -> Any:
    """exp by scaling and squaring of its Taylor series, in float64."""
    check_matrix(x, "linalg.matrix_exp")
    wide = x.astype(np.float64)
    norm = float(np.abs(wide).sum(-2).max()) if wide.size else 0.0
    halvings = max(0, int(np.ceil(np.log2(norm))) + 2) if norm > 0 else 0
    term = total = np.broadcast_to(np.eye(x.shape[-1]), wide.shape)
    for order in range(1, 19):
        term = term @ wide / (order * 2.0**halvings)
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total.astype(x.dtype)


def _exponential_slope(grad: Any, x: Any) -> Any:
    """The upper right block of exp of [[Aᵀ, G], [0, Aᵀ]] (Najfeld and Havel, 1995)."""
    n, across = x.shape[-1], turned(x)
    if is_tensor(grad):
        join = FUNCTIONS["cat"]
        wide = join([join([across, grad], -1), join([zeros_like(grad), across], -1)], -2)
        return FUNCTIONS["matrix_exp"](wide)[..., :n, n:]
    top = np.concatenate([across, grad], -1)
    wide = np.concatenate([top, np.concatenate([np.zeros_like(grad), across], -1)], -2)
    return _exponential(wide)[..., :n, n:]


row(
    "matrix_exp(Tensor self)",
    "LinalgMatrixExpBackward0",
    _exponential,
    jvp=lambda self_t, self_p: _exponential_slope(self_t, turned(self_p)),
    self=lambda grad, self: _exponential_slope(grad, self),
)
