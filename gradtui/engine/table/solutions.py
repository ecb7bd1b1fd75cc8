"""Rows of LU factors and what is solved by factors; loaded when a program calls one.

The formulas are torch's in FunctionsManual.cpp.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.kernels import lu as K
from gradtui.engine.lift import FUNCTIONS, is_tensor, zeros, zeros_like
from gradtui.engine.rows import row
from gradtui.engine.table.decompositions import solve_triangular
from gradtui.engine.table.factors import matmul, triangle, turned
from gradtui.engine.table.matrices import check_matrix
from gradtui.engine.zero import skipping


def solve_by(a: Any, b: Any, upper: bool, left: bool = True, unit: bool = False) -> Any:
    """The X with A·X = B (or X·A = B) of a triangular A."""
    if is_tensor(a) or is_tensor(b):
        solve = FUNCTIONS["linalg_solve_triangular"]
        return solve(a, b, upper=upper, left=left, unitriangular=unit)
    return solve_triangular(a, b, upper, left, unit)


def _joined(parts: list[Any], dim: int) -> Any:
    return FUNCTIONS["cat"](parts, dim) if is_tensor(parts[0]) else np.concatenate(parts, dim)


def one_dtype(name: str, letter: str, a: Any, b: Any) -> None:
    """Refuses matrices of two dtypes."""
    if a.dtype is not b.dtype:
        raise RuntimeError(
            f"{name}: Expected {letter} and B to have the same dtype, but found {letter} of type "
            f"{a.dtype.scalar_name} and B of type {b.dtype.scalar_name} instead"
        )


def same_height(name: str, a: Any, b: Any, left: bool) -> None:
    """Refuses a B that no X gives."""
    if a.shape[-1] != b.shape[-2 if left else -1]:
        side = "AX" if left else "XA"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {side} = B "
            f"({a.shape[-2]}x{a.shape[-1]} and {b.shape[-2]}x{b.shape[-1]})"
        )


# -- LU --------------------------------------------------------------------------------------------


def _check_lu(name: str) -> Any:
    """Refuses what torch does not factor."""

    def check(A: Any, pivot: bool = True, *rest: Any) -> None:
        if A.dim() < 2:
            raise RuntimeError(
                f"{name}: Expected tensor with 2 or more dimensions. Got size: {list(A.shape)} "
                "instead"
            )
        if not pivot:
            raise RuntimeError(
                "linalg.lu_factor: LU without pivoting is not implemented on the CPU"
            )
        if not A.dtype.is_floating_point:
            raise NotImplementedError(f"\"lu_cpu\" not implemented for '{A.dtype.scalar_name}'")

    return check


def _lu_factor(a: Any, pivot: bool, check_errors: bool, name: str = "lu_factor_ex") -> Any:
    found = K.factored(a)
    if check_errors:
        refuse_flat(found[2], name)
    return found


def refuse_flat(info: Any, name: str) -> None:
    """What torch says of a matrix without a pivot."""
    places = np.flatnonzero(info)
    if places.size:
        at = np.ravel(info)[places[0]]
        batch = f"(Batch element {places[0]}): " if np.ndim(info) else ""
        raise RuntimeError(
            f"torch.linalg.{name}: {batch}U[{at},{at}] is zero and using it on lu_solve would "
            "result in a division by zero. If you still want to perform the factorization, "
            "consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
        )


def _parts(lu: Any, pivots: Any) -> tuple[Any, Any, Any]:
    """P, L and U, tensors where LU is one."""
    if is_tensor(lu):
        return FUNCTIONS["lu_unpack"](lu, pivots)  # type: ignore[no-any-return]
    return K.permutation(pivots, lu.shape[-2], lu.dtype), K.lower(lu), K.upper(lu)


def _lu_slope(grad_l: Any, grad_u: Any, p: Any, low: Any, up: Any) -> Any:
    m, n = low.shape[-2], up.shape[-1]
    shape = _square_slope if m == n else _wide_slope if m < n else _tall_slope
    return matmul(p, shape(grad_l, grad_u, low, up))


def _square_slope(grad_l: Any, grad_u: Any, low: Any, up: Any) -> Any:
    inner = triangle(matmul(turned(low), grad_l), False, -1)
    inner = inner + triangle(matmul(grad_u, turned(up)), True)
    inner = solve_by(turned(up), inner, False, False)
    return solve_by(turned(low), inner, True, True, True)


def _wide_slope(grad_l: Any, grad_u: Any, low: Any, up: Any) -> Any:
    m = low.shape[-2]
    inner = matmul(turned(low), grad_l) - matmul(triangle(grad_u, True), turned(up))
    inner = solve_by(turned(up[..., :m]), triangle(inner, False, -1), False, False)
    inner = _joined([inner + triangle(grad_u[..., :m], True), grad_u[..., m:]], -1)
    return solve_by(turned(low), inner, True, True, True)


def _tall_slope(grad_l: Any, grad_u: Any, low: Any, up: Any) -> Any:
    n = up.shape[-1]
    inner = matmul(grad_u, turned(up)) - matmul(turned(low), triangle(grad_l, False, -1))
    inner = solve_by(turned(low[..., :n, :]), triangle(inner, True), True, True, True)
    first = inner + triangle(grad_l[..., :n, :], False, -1)
    return solve_by(turned(up), _joined([first, grad_l[..., n:, :]], -2), False, False)


def _lu_tangent(a_t: Any, p: Any, low: Any, up: Any) -> tuple[Any, Any]:
    k, moved = low.shape[-1], matmul(turned(p), a_t)
    low1, up1 = low[..., :k, :], up[..., :k]
    inner = solve_by(low1, moved[..., :k, :k], False, True, True)
    inner = solve_by(up1, inner, True, False)
    low_t, up_t = matmul(low1, triangle(inner, False, -1)), matmul(triangle(inner, True), up1)
    if low.shape[-2] > k:
        rest = moved[..., k:, :] - matmul(low[..., k:, :], up_t)
        return _joined([low_t, solve_by(up, rest, True, False)], -2), up_t
    if up.shape[-1] > k:
        rest = moved[..., k:] - matmul(low_t, up[..., k:])
        return low_t, _joined([up_t, solve_by(low, rest, False, True, True)], -1)
    return low_t, up_t


def _packed(low: Any, up: Any) -> Any:
    """L without its diagonal and U in one matrix."""
    m, n, k = low.shape[-2], up.shape[-1], low.shape[-1]
    if m == n:
        return triangle(low, False, -1) + triangle(up, True)
    if m < n:
        first = triangle(low, False, -1) + triangle(up[..., :k], True)
        return _joined([first, up[..., k:]], -1)
    first = triangle(low[..., :k, :], False, -1) + triangle(up, True)
    return _joined([first, low[..., k:, :]], -2)


def _factor_slope(grad: Any, lu: Any, pivots: Any) -> Any:
    p, low, up = _parts(lu, pivots)
    k = low.shape[-1]
    return _lu_slope(grad[..., :k], grad[..., :k, :], p, low, up)


row(
    "linalg_lu_factor_ex(Tensor A, *, bool pivot=True, bool check_errors=False)",
    "LinalgLuFactorExBackward0",
    _lu_factor,
    outputs=("LU", "pivots", "info"),
    check=_check_lu("torch.lu_factor"),
    jvp=lambda A_t, LU, pivots: _packed(*_lu_tangent(A_t, *_parts(LU, pivots))),
    A=lambda grad, LU, pivots, pivot: _factor_slope(grad, LU, pivots),
)


def _through(grads: Any, p: Any, low: Any, up: Any) -> Any:
    grad_l, grad_u = (zeros_like(x) if g is None else g for g, x in zip(grads, (low, up), strict=True))
    return _lu_slope(grad_l, grad_u, p, low, up)


def _lu(a: Any, pivot: bool) -> Any:
    lu, pivots, _ = K.factored(a)
    return K.permutation(pivots, a.shape[-2], a.dtype), K.lower(lu), K.upper(lu)


row(
    "linalg_lu(Tensor A, *, bool pivot=True)",
    "LinalgLuBackward0",
    _lu,
    outputs=("P", "L", "U"),
    check=_check_lu("linalg.lu"),
    jvp=lambda A_t, P, L, U: (None, *_lu_tangent(A_t, P, L, U)),
    A=lambda grads, P, L, U, pivot: _through(grads, P, L, U),
)


def _unpack(lu: Any, pivots: Any, unpack_data: bool, unpack_pivots: bool) -> Any:
    nothing = np.zeros(0, lu.dtype)
    both = (K.lower(lu), K.upper(lu)) if unpack_data else (nothing, nothing)
    first = K.permutation(pivots, lu.shape[-2], lu.dtype) if unpack_pivots else nothing
    return first, *both


def _check_unpack(LU_data: Any, LU_pivots: Any, data: bool = True, pivots: bool = True) -> None:
    if pivots and LU_pivots.dtype is not dtypes.int32:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 "
            "dtype.\nNote: this function is intended to be used with the output produced by "
            "torch.linalg.lu_factor"
        )


def _shapes(sizes: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    *lead, m, n = sizes
    return (*lead, m, min(m, n)), (*lead, min(m, n), n)


def _unpack_slope(grads: Any, sizes: Any) -> Any:
    given = [g for g in grads if g is not None]
    parts = [
        zeros(given[0], shape) if g is None else g
        for g, shape in zip(grads, _shapes(sizes), strict=True)
    ]
    return _packed(*parts)


row(
    "lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True)",
    "LuUnpackBackward0",
    _unpack,
    outputs=("P", "L", "U"),
    check=_check_unpack,
    jvp=lambda LU_data_t: (
        None,
        triangle(LU_data_t[..., : min(LU_data_t.shape[-2:])], False, -1),
        triangle(LU_data_t[..., : min(LU_data_t.shape[-2:]), :], True),
    ),
    LU_data=lambda grads, LU_data_sizes: _unpack_slope(grads, LU_data_sizes),
)

# -- what is solved by LU --------------------------------------------------------------------------


def _lu_solve(lu: Any, pivots: Any, b: Any, left: bool, adjoint: bool) -> Any:
    p, low, up = _parts(lu, pivots)
    if not left:
        return turned(_lu_solve(lu, pivots, turned(b), True, not adjoint))
    if adjoint:
        inner = solve_by(turned(low), solve_by(turned(up), b, False), True, True, True)
        return K.columns(matmul(p, inner))
    return K.columns(solve_by(up, solve_by(low, matmul(turned(p), b), False, True, True), True))


def solved(lu: Any, pivots: Any, b: Any, left: bool, adjoint: bool) -> Any:
    """The same on arrays and on tensors."""
    if is_tensor(lu) or is_tensor(b):
        return FUNCTIONS["linalg_lu_solve"](lu, pivots, b, left=left, adjoint=adjoint)
    return _lu_solve(lu, pivots, b, left, adjoint)


def _solve_slope(grad: Any, lu: Any, pivots: Any, x: Any, left: bool, adjoint: bool) -> Any:
    p, low, up = _parts(lu, pivots)
    g, y = (grad, x) if left else (turned(grad), turned(x))
    if left != adjoint:
        inner = solve_by(turned(up), -matmul(g, turned(y)), False)
        lower = solve_by(turned(low), matmul(inner, turned(up)), True, True, True)
        return triangle(lower, False, -1) + triangle(inner, True)
    inner = -matmul(matmul(turned(p), matmul(y, turned(g))), p)
    inner = solve_by(turned(low), inner, True, False, True)
    upper = solve_by(turned(up), matmul(turned(low), inner), False, False)
    return triangle(inner, False, -1) + triangle(upper, True)


def _solve_tangent(
    lu_t: Any, b_t: Any, lu: Any, pivots: Any, x: Any, left: bool, adjoint: bool
) -> Any:
    p, low, up = _parts(lu, pivots)

    def moved(t: Any) -> Any:
        a_t = matmul(p, matmul(triangle(t, False, -1), up) + matmul(low, triangle(t, True)))
        a_t = turned(a_t) if adjoint else a_t
        return matmul(a_t, x) if left else matmul(x, a_t)

    return solved(lu, pivots, b_t - skipping(moved)(lu_t), left, adjoint)


def _check_lu_solve(LU: Any, pivots: Any, B: Any, left: bool = True, adjoint: bool = False) -> None:
    if not LU.dtype.is_floating_point:
        raise RuntimeError(
            "torch.linalg.lu_solve: Expected a floating point or complex tensor as input. Got "
            + LU.dtype.scalar_name
        )
    if pivots.dtype is not dtypes.int32:
        raise RuntimeError("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32")
    check_matrix(LU._data, "torch.linalg.lu_solve")
    if B.dim() < 2:
        raise RuntimeError(
            "linalg.lu_solve: The input tensor B must have at least 2 dimensions."
        )
    one_dtype("linalg.lu_solve", "LU", LU, B)
    same_height("torch.linalg.lu_solve", LU, B, left)
    if LU.shape[-1] != pivots.shape[-1]:
        raise RuntimeError(
            "linalg.lu_solve: Number of pivots per batch should be same as the dimension of the "
            "matrix"
        )


row(
    "linalg_lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False)",
    "LinalgLuSolveBackward0",
    _lu_solve,
    check=_check_lu_solve,
    jvp=lambda LU_t, B_t, LU_p, pivots, result, left, adjoint: _solve_tangent(
        LU_t, B_t, LU_p, pivots, result, left, adjoint
    ),
    LU=lambda grad, LU, pivots, result, left, adjoint: _solve_slope(
        grad, LU, pivots, result, left, adjoint
    ),
    B=lambda grad, LU, pivots, left, adjoint: solved(LU, pivots, grad, left, not adjoint),
)
