"""Rows of what is solved by a triangular factor, and of factors told with their success (`_ex`);
loaded when a program calls one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.kernels import lu as K
from gradtui.engine.lift import FUNCTIONS, is_tensor
from gradtui.engine.rows import row
from gradtui.engine.table import factors
from gradtui.engine.table.decompositions import cholesky_slope
from gradtui.engine.table.factors import inverse, matmul, triangle, turned
from gradtui.engine.table.matrices import LinAlgError, check_matrix
from gradtui.engine.table.solutions import one_dtype, same_height, solve_by
from gradtui.engine.zero import Zero, skipping

# -- by the factor of Cholesky ---------------------------------------------------------------------


def _check_pair(name: str, whole: str = "") -> Any:
    """Refuses shapes and dtypes that do not go together, in torch's words."""

    def check(self: Any, A: Any, *rest: Any) -> None:
        for letter, x in (("b", self), ("u" if not whole else "A", A)):
            if x.dim() < 2:
                raise RuntimeError(
                    f"torch.{name}: Expected {letter} to have at least 2 dimensions, but it has "
                    f"{x.dim()} dimensions instead"
                    if whole
                    else f"{letter} should have at least 2 dimensions, but has {x.dim()} "
                    "dimensions instead"
                )
        if self.dtype is not A.dtype:
            raise RuntimeError(
                f"Expected b and A to have the same dtype, but found b of type "
                f"{self.dtype.scalar_name} and A of type {A.dtype.scalar_name} instead."
            )
        m, n = A.shape[-2:]
        if m != n:
            raise RuntimeError(
                f"A must be batches of square matrices, but they are {m} by {n} matrices"
            )
        if n != self.shape[-2]:
            raise RuntimeError(
                f"Incompatible matrix sizes for {name}: each A matrix is {m} by {n} but each b "
                f"matrix is {self.shape[-2]} by {self.shape[-1]}"
            )

    return check


def _by_cholesky(b: Any, factor: Any, upper: bool) -> Any:
    if is_tensor(b) or is_tensor(factor):
        return FUNCTIONS["cholesky_solve"](b, factor, upper)
    low = turned(factor) if upper else factor
    return K.columns(solve_by(turned(low), solve_by(low, b, False), True))


def _both(x: Any) -> Any:
    return x + turned(x)


def _outer(factor: Any, inner: Any, upper: bool) -> Any:
    """-L·S or, for an upper factor, -S·U with the sides turned."""
    return -matmul(factor, inner) if upper else -matmul(inner, factor)


def _squared(factor: Any, upper: bool) -> Any:
    """L·Lᵀ, of a triangle."""
    return matmul(turned(factor), factor) if upper else matmul(factor, turned(factor))


def _grown(factor_t: Any, factor: Any, upper: bool) -> Any:
    """The tangent of L·Lᵀ."""
    pair = (turned(factor_t), factor) if upper else (factor_t, turned(factor))
    return _both(matmul(*pair))


row(
    "cholesky_solve(Tensor self, Tensor input2, bool upper=False)",
    "CholeskySolveBackward0",
    _by_cholesky,
    check=_check_pair("cholesky_solve"),
    jvp=lambda self_t, input2_t, input2_p, result, upper: _by_cholesky(
        self_t
        - skipping(lambda t: matmul(_grown(t, input2_p, upper), result))(input2_t),
        input2_p,
        upper,
    ),
    self=lambda grad, input2, upper: _by_cholesky(grad, input2, upper),
    input2=lambda grad, input2, upper, result: _outer(
        input2, _both(matmul(_by_cholesky(grad, input2, upper), turned(result))), upper
    ),
)


def _check_inverse(self: Any, upper: bool = False) -> None:
    if not self.dtype.is_floating_point:
        raise NotImplementedError(
            f"\"cholesky_inverse_out_cpu\" not implemented for '{self.dtype.scalar_name}'"
        )
    check_matrix(self._data, "cholesky_inverse")


def _cholesky_inverse(factor: Any, upper: bool) -> Any:
    factor = np.triu(factor) if upper else np.tril(factor)
    back = solve_by(factor, np.eye(factor.shape[-1], dtype=factor.dtype), upper)
    back = np.broadcast_to(back, factor.shape)
    return K.columns(matmul(back, turned(back)) if upper else matmul(turned(back), back))


row(
    "cholesky_inverse(Tensor self, bool upper=False)",
    "CholeskyInverseBackward0",
    _cholesky_inverse,
    check=_check_inverse,
    jvp=lambda self_t, self_p, result, upper: -matmul(
        result, matmul(_grown(self_t, self_p, upper), result)
    ),
    self=lambda grad, self, upper, result: _outer(
        self, matmul(result, matmul(_both(grad), result)), upper
    ),
)

# -- a triangle, in torch's older words ------------------------------------------------------------


def _triangular(b: Any, a: Any, upper: bool, transpose: bool, unitriangular: bool) -> Any:
    part = triangle(a, upper)
    turn, up = (turned(part), not upper) if transpose else (part, upper)
    return K.columns(solve_by(turn, b, up, True, unitriangular)), K.columns(a)


def _back_through(
    grad: Any, a: Any, upper: bool, transpose: bool, unit: bool
) -> Any:
    """The gradient of what was solved for."""
    if is_tensor(grad):
        return FUNCTIONS["triangular_solve"](grad, a, upper, not transpose, unit)[0]
    part = triangle(a, upper)
    turn, up = (part, upper) if transpose else (turned(part), not upper)
    return solve_by(turn, grad, up, True, unit)


def _triangle_slope(
    grads: Any, a: Any, x: Any, upper: bool, transpose: bool, unit: bool
) -> Any:
    grad, copied = grads
    if grad is None:
        return copied
    back = _back_through(grad, a, upper, transpose, unit)
    inner = -(matmul(x, turned(back)) if transpose else matmul(back, turned(x)))
    found = triangle(inner, upper, (1 if upper else -1) if unit else 0)
    return found if copied is None else found + copied


def _triangular_tangent(
    b_t: Any, a_t: Any, a: Any, x: Any, upper: bool, transpose: bool, unit: bool
) -> Any:
    """As in torch, the whole tangent of the matrix counts, and as it lies."""
    through = skipping(lambda t: matmul(t, x))(a_t)
    return _back_through(b_t - through, a, upper, not transpose, unit)


row(
    "triangular_solve(Tensor self, Tensor A, bool upper=True, bool transpose=False, "
    "bool unitriangular=False)",
    "TriangularSolveBackward0",
    _triangular,
    outputs=("solution", "cloned_coefficient"),
    check=_check_pair("triangular_solve", "A"),
    jvp=lambda self_t, A_t, A_p, solution, upper, transpose, unitriangular: (
        _triangular_tangent(self_t, A_t, A_p, solution, upper, transpose, unitriangular),
        None if A_t.__class__ is Zero else A_t,
    ),
    self=lambda grads, A, upper, transpose, unitriangular: (
        None
        if grads[0] is None
        else _back_through(grads[0], A, upper, transpose, unitriangular)
    ),
    A=lambda grads, A, solution, upper, transpose, unitriangular: _triangle_slope(
        grads, A, solution, upper, transpose, unitriangular
    ),
)

# -- factors with their success --------------------------------------------------------------------


def _first(info: Any) -> tuple[str, int]:
    """The first failure in a batch, as torch's messages begin, and the place where it failed."""
    places = np.flatnonzero(info)
    if not places.size:
        return "", 0
    return (f"(Batch element {places[0]}): " if np.ndim(info) else ""), np.ravel(info)[places[0]]


def _cholesky_ex(a: Any, upper: bool, check_errors: bool) -> Any:
    check_matrix(a, "linalg.cholesky")
    found, info = K.partial_cholesky(a, upper)
    batch, order = _first(info)
    if check_errors and order:
        raise LinAlgError(
            f"linalg.cholesky_ex: {batch}The factorization could not be completed because the "
            f"input is not positive-definite (the leading minor of order {order} is not "
            "positive-definite)."
        )
    return found, info


row(
    "linalg_cholesky_ex(Tensor self, *, bool upper=False, bool check_errors=False)",
    "LinalgCholeskyExBackward0",
    _cholesky_ex,
    outputs=("L", "info"),
    jvp=lambda self_t, L, upper: factors.cholesky(self_t, L, upper),
    self=lambda grad, L, upper: cholesky_slope(grad, L, upper),
)


def _inv_ex(a: Any, check_errors: bool) -> Any:
    check_matrix(a, "linalg.inv")
    lu, pivots, info = K.factored(a)
    batch, place = _first(info)
    if check_errors and place:
        raise LinAlgError(
            f"linalg.inv_ex: {batch}The diagonal element {place} is zero, the inversion could "
            "not be completed because the input matrix is singular."
        )
    if not place:
        return K.columns(np.linalg.inv(a)), info
    one = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    return _by_lu(lu, pivots, one), info


def _by_lu(lu: Any, pivots: Any, b: Any) -> Any:
    p = K.permutation(pivots, lu.shape[-2], lu.dtype)
    inner = solve_by(K.lower(lu), matmul(turned(p), b), False, True, True)
    return K.columns(solve_by(K.upper(lu), inner, True))


row(
    "linalg_inv_ex(Tensor A, *, bool check_errors=False)",
    "LinalgInvExBackward0",
    _inv_ex,
    outputs=("inverse", "info"),
    jvp=lambda A_t, inverse: -matmul(matmul(inverse, A_t), inverse),
    A=lambda grad, inverse: -matmul(turned(inverse), matmul(grad, turned(inverse))),
)


def is_vector(a: Any, b: Any) -> bool:
    """Whether B is a batch of vectors beside the batch A of matrices."""
    return len(b.shape) == 1 or tuple(b.shape) == tuple(a.shape[:-1])


def _check_solve_ex(A: Any, B: Any, left: bool = True, check_errors: bool = False) -> None:
    check_matrix(A._data, "linalg.solve")
    one_dtype("linalg.solve", "A", A, B)
    vector = is_vector(A, B)
    if vector and not left:
        raise RuntimeError(
            "linalg.solve: Vector broadcasting of the left hand side is not supported for "
            "left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)"
        )
    same_height("linalg.solve", A, B.unsqueeze(-1) if vector else B, left)


def _solve_ex(a: Any, b: Any, left: bool, check_errors: bool) -> Any:
    _, _, info = factored = K.factored(a)
    batch, place = _first(info)
    if check_errors and place:
        raise LinAlgError(
            f"torch.linalg.solve_ex: {batch}The solver failed because the input matrix is singular."
        )
    wide = b[..., None] if is_vector(a, b) else b
    if not left:
        lead = np.broadcast_shapes(a.shape[:-2], wide.shape[:-2])
        a = np.broadcast_to(turned(a), (*lead, *a.shape[-2:]))
        return turned(_solved_by(a, turned(wide), K.factored(a))), info
    found = _solved_by(a, wide, factored)
    return _shaped(found, b), info


def _shaped(found: Any, b: Any) -> Any:
    """A solution in the shape of what was given: vectors lose their column."""
    if found.ndim == b.ndim:
        return found
    return K.columns(found[..., 0]) if b.ndim > 1 else found[..., 0]


def _one_column(x: Any) -> Any:
    return FUNCTIONS["squeeze"](x, -1) if is_tensor(x) else x[..., 0]


def _solved_by(a: Any, b: Any, factored: Any) -> Any:
    lu, pivots, info = factored
    return _by_lu(lu, pivots, b) if np.any(info) else K.columns(np.linalg.solve(a, b))


def _through(grad: Any, a: Any, x: Any, left: bool) -> tuple[Any, Any]:
    """The gradients of A and of B."""
    vector = is_vector(a, x) and left
    g, y = (factors.column(grad), factors.column(x)) if vector else (grad, x)
    if is_tensor(grad):
        b_grad = FUNCTIONS["linalg_solve_ex"](turned(a), g, left=left)[0]
    else:
        back = turned(inverse(a))
        b_grad = matmul(back, g) if left else matmul(g, back)
    a_grad = -matmul(b_grad, turned(y)) if left else -matmul(turned(y), b_grad)
    return a_grad, (_one_column(b_grad) if vector else b_grad)


def _solve_tangent(a_t: Any, b_t: Any, a: Any, x: Any, left: bool) -> Any:
    vector = is_vector(a, x) and left
    y = factors.column(x) if vector else x
    met = skipping(lambda t: matmul(t, y) if left else matmul(y, t))(a_t)
    rest = (skipping(factors.column)(b_t) if vector else b_t) - met
    found = matmul(inverse(a), rest) if left else matmul(rest, inverse(a))
    return _one_column(found) if vector else found


row(
    "linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False)",
    "LinalgSolveExBackward0",
    _solve_ex,
    outputs=("result", "info"),
    check=_check_solve_ex,
    jvp=lambda A_t, B_t, A_p, result, left: _solve_tangent(A_t, B_t, A_p, result, left),
    A=lambda grad, A, result, left: _through(grad, A, result, left)[0],
    B=lambda grad, A, result, left: _through(grad, A, result, left)[1],
)
