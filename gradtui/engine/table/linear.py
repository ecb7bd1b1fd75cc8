"""Rows of linear algebra: products of vectors, matrices and batches of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.kernels import products as P
from gradtui.engine.kernels import shapes
from gradtui.engine.lift import (
    FUNCTIONS,
    expand,
    is_tensor,
    lifted,
    reshape,
    sum_dims,
    unsqueeze,
)
from gradtui.engine.rows import row
from gradtui.engine.table.arithmetic import scaled
from gradtui.engine.table.matrices import determinant, inverted, solved
from gradtui.engine.zero import skipping

mm, mv, bmm = lifted("mm", P.multiply), lifted("mv", P.multiply), lifted("bmm", P.multiply)
matmul = lifted("matmul", P.multiply)
t = lifted("t", shapes.t)
transpose = lifted("transpose", shapes.transpose)
cross = lifted("linalg_cross", P.cross)


def outer(a: Any, b: Any) -> Any:
    """The product of a column and a row."""
    return reshape(a, (a.shape[0], 1)) * b


def _turned(x: Any) -> Any:
    """The matrices of a batch transposed."""
    return transpose(x, 1, 2)


def _adjoint(x: Any) -> Any:
    return transpose(x, -2, -1)


def _by_columns(strides: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    return strides[0] == 1 and strides[1] == sizes[0]


def _left_slope(grad: Any, mat2: Any, sizes: Any, strides: Any, alpha: Any = 1) -> Any:
    """grad·mat2ᵀ, laid out as the left factor was."""
    if _by_columns(strides, sizes):
        return scaled(t(mm(mat2, t(grad))), alpha)
    return scaled(mm(grad, t(mat2)), alpha)


def _right_slope(grad: Any, mat1: Any, sizes: Any, strides: Any, alpha: Any = 1) -> Any:
    """mat1ᵀ·grad, laid out as the right factor was."""
    if _by_columns(strides, sizes):
        return scaled(t(mm(t(grad), mat1)), alpha)
    return scaled(mm(t(mat1), grad), alpha)


row(
    "mm(Tensor self, Tensor mat2)",
    "MmBackward0",
    P.mm,
    jvp="multilinear",
    self=lambda grad, mat2, self_sizes, self_strides: _left_slope(
        grad, mat2, self_sizes, self_strides
    ),
    mat2=lambda grad, self, mat2_sizes, mat2_strides: _right_slope(
        grad, self, mat2_sizes, mat2_strides
    ),
)
row(
    "mv(Tensor self, Tensor vec)",
    "MvBackward0",
    P.mv,
    jvp="multilinear",
    self=lambda grad, vec: outer(grad, vec),
    vec=lambda grad, self: mv(t(self), grad),
)
row(
    "dot(Tensor self, Tensor tensor)",
    "DotBackward0",
    P.dot,
    jvp="multilinear",
    self=lambda grad, tensor: grad * tensor,
    tensor=lambda grad, self: grad * self,
)
row(
    "vdot(Tensor self, Tensor other)",
    "VdotBackward0",
    P.dot,
    jvp="multilinear",
    self=lambda grad, other: grad * other,
    other=lambda grad, self: grad * self,
)
row(
    "bmm(Tensor self, Tensor mat2)",
    "BmmBackward0",
    P.bmm,
    jvp="multilinear",
    self=lambda grad, mat2: bmm(grad, _turned(mat2)),
    mat2=lambda grad, self: bmm(_turned(self), grad),
)

# -- a product added to something ----------------------------------------------------------------

row(
    "addmm(Tensor self, Tensor mat1, Tensor mat2, *, Number beta=1, Number alpha=1)",
    "AddmmBackward0",
    P.addmm,
    jvp=lambda self_t, mat1_t, mat2_t, mat1_p, mat2_p, beta, alpha: (
        scaled(self_t, beta)
        + scaled(skipping(mm)(mat1_t, mat2_p), alpha)
        + scaled(skipping(mm)(mat1_p, mat2_t), alpha)
    ),
    self=lambda grad, beta: scaled(grad, beta),
    mat1=lambda grad, mat2, mat1_sizes, mat1_strides, alpha: _left_slope(
        grad, mat2, mat1_sizes, mat1_strides, alpha
    ),
    mat2=lambda grad, mat1, mat2_sizes, mat2_strides, alpha: _right_slope(
        grad, mat1, mat2_sizes, mat2_strides, alpha
    ),
)
row(
    "addmv(Tensor self, Tensor mat, Tensor vec, *, Number beta=1, Number alpha=1)",
    "AddmvBackward0",
    P.addmv,
    jvp=lambda self_t, mat_t, vec_t, mat_p, vec_p, beta, alpha: (
        scaled(self_t, beta)
        + scaled(skipping(mv)(mat_t, vec_p), alpha)
        + scaled(skipping(mv)(mat_p, vec_t), alpha)
    ),
    self=lambda grad, beta: scaled(grad, beta),
    mat=lambda grad, vec, alpha: scaled(outer(grad, vec), alpha),
    vec=lambda grad, mat, alpha: scaled(mv(t(mat), grad), alpha),
)
row(
    "baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Number beta=1, Number alpha=1)",
    "BaddbmmBackward0",
    P.baddbmm,
    jvp=lambda self_t, batch1_t, batch2_t, batch1_p, batch2_p, beta, alpha: (
        scaled(self_t, beta)
        + scaled(skipping(bmm)(batch1_t, batch2_p), alpha)
        + scaled(skipping(bmm)(batch1_p, batch2_t), alpha)
    ),
    self=lambda grad, beta: scaled(grad, beta),
    batch1=lambda grad, batch2, alpha: scaled(bmm(grad, _turned(batch2)), alpha),
    batch2=lambda grad, batch1, alpha: scaled(bmm(_turned(batch1), grad), alpha),
)


@skipping
def _added_products(batch1: Any, batch2: Any) -> Any:
    return sum_dims(bmm(batch1, batch2), (0,))


def _batched(grad: Any, sizes1: Any, sizes2: Any) -> Any:
    return expand(unsqueeze(grad, 0), (sizes1[0], sizes1[1], sizes2[2]))


row(
    "addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Number beta=1, Number alpha=1)",
    "AddbmmBackward0",
    P.addbmm,
    jvp=lambda self_t, batch1_t, batch2_t, batch1_p, batch2_p, beta, alpha: (
        scaled(self_t, beta)
        + scaled(_added_products(batch1_t, batch2_p), alpha)
        + scaled(_added_products(batch1_p, batch2_t), alpha)
    ),
    self=lambda grad, beta: scaled(grad, beta),
    batch1=lambda grad, batch2, batch1_sizes, batch2_sizes, alpha: scaled(
        bmm(_batched(grad, batch1_sizes, batch2_sizes), _turned(batch2)), alpha
    ),
    batch2=lambda grad, batch1, batch1_sizes, batch2_sizes, alpha: scaled(
        bmm(_turned(batch1), _batched(grad, batch1_sizes, batch2_sizes)), alpha
    ),
)
row(
    "addr(Tensor self, Tensor vec1, Tensor vec2, *, Number beta=1, Number alpha=1)",
    "AddrBackward0",
    P.addr,
    jvp=lambda self_t, vec1_t, vec2_t, vec1_p, vec2_p, beta, alpha: (
        scaled(self_t, beta)
        + scaled(skipping(outer)(vec1_t, vec2_p), alpha)
        + scaled(skipping(outer)(vec1_p, vec2_t), alpha)
    ),
    self=lambda grad, beta: scaled(grad, beta),
    vec1=lambda grad, vec2, alpha: scaled(mv(grad, vec2), alpha),
    vec2=lambda grad, vec1, alpha: scaled(mv(t(grad), vec1), alpha),
)
row(
    "linalg_cross(Tensor self, Tensor other, *, int64_t dim=-1)",
    "LinalgCrossBackward0",
    P.cross,
    jvp="multilinear",
    self=lambda grad, other, dim: _crossed(other, grad, dim),
    other=lambda grad, self, dim: _crossed(grad, self, dim),
)


def _crossed(a: Any, b: Any, dim: int) -> Any:
    return FUNCTIONS["linalg_cross"](a, b, dim=dim) if is_tensor(a) else P.cross(a, b, dim)


# -- three factors -------------------------------------------------------------------------------


def _trilinear(a: Any, weight: Any, b: Any) -> Any:
    """Σ a[n, i]·weight[o, i, j]·b[n, j] for every n and o."""
    return np.einsum("ni,oij,nj->no", a, weight, b)


def _three(subscripts: str, *factors: Any) -> Any:
    if any(is_tensor(f) for f in factors):
        return FUNCTIONS["einsum"](subscripts, *factors)
    return np.einsum(subscripts, *factors)


row(
    "_trilinear(Tensor i1, Tensor i2, Tensor i3)",
    "TrilinearBackward0",
    _trilinear,
    jvp="multilinear",
    i1=lambda grad, i2, i3: _three("no,oij,nj->ni", grad, i2, i3),
    i2=lambda grad, i1, i3: _three("no,ni,nj->oij", grad, i1, i3),
    i3=lambda grad, i1, i2: _three("no,ni,oij->nj", grad, i1, i2),
)

# -- inverses ------------------------------------------------------------------------------------

row(
    "linalg_inv(Tensor self)",
    "LinalgInvExBackward0",
    inverted,
    jvp=lambda self_t, result: -matmul(matmul(result, self_t), result),
    self=lambda grad, result: -matmul(_adjoint(result), matmul(grad, _adjoint(result))),
)
row(
    "linalg_det(Tensor self)",
    "LinalgDetBackward0",
    determinant,
    jvp=lambda self_t, self_p, result: (
        result * sum_dims(_adjoint(_inverse(self_p)) * self_t, (-2, -1))
    ),
    self=lambda grad, self, result: (
        unsqueeze(unsqueeze(grad * result, -1), -1) * _adjoint(_inverse(self))
    ),
)
row(
    "linalg_solve(Tensor self, Tensor other)",
    "LinalgSolveExBackward0",
    solved,
    jvp=lambda self_t, other_t, self_p, result: _times(
        _inverse(self_p), other_t - skipping(_times)(self_t, result)
    ),
    self=lambda grad, self, result: -_solve_outer(_applied(_inverse(self), grad), result, self),
    other=lambda grad, self: _applied(_inverse(self), grad),
)


def _inverse(x: Any) -> Any:
    return FUNCTIONS["linalg_inv"](x) if is_tensor(x) else np.linalg.inv(x)


def _times(matrix: Any, other: Any) -> Any:
    """Matrices times matrices, or times a vector for each of them."""
    if 1 < len(other.shape) < len(matrix.shape):
        return sum_dims(matmul(matrix, unsqueeze(other, -1)), (-1,))
    return matmul(matrix, other)


def _applied(inverse: Any, grad: Any) -> Any:
    """The adjoint of the inverse times a cotangent."""
    return _times(_adjoint(inverse), grad)


def _solve_outer(a: Any, b: Any, matrix: Any) -> Any:
    if 1 < len(b.shape) < len(matrix.shape):
        return unsqueeze(a, -1) * unsqueeze(b, -2)
    return outer(a, b) if len(b.shape) == 1 else matmul(a, _adjoint(b))
