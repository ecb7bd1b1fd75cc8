"""What is made of factors of matrices, as torch makes it; loaded when a program calls it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from gradtui.engine import creation
from gradtui.engine.dispatch import return_type
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.rows import composite
from gradtui.engine.table.solutions import refuse_flat

# -- LU --------------------------------------------------------------------------------------------


@composite("linalg_lu_factor(Tensor A, *, bool pivot=True)")
def lu_factor(A: Any, pivot: bool) -> Any:
    """L and U in one matrix, and the rows that were taken; refuses a matrix without a pivot."""
    LU, pivots, info = F["linalg_lu_factor_ex"](A, pivot=pivot)
    refuse_flat(info._data, "lu_factor")
    return return_type("linalg_lu_factor", ("LU", "pivots"))(LU, pivots)


def lu(A: Any, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """torch's older name of `linalg.lu_factor`."""
    found = F["linalg_lu_factor_ex"](A, pivot=pivot, check_errors=not get_infos)
    if get_infos:
        return return_type("_lu_with_info", ("LU", "pivots", "info"))(*found)
    return found[0], found[1]


def lu_method(self: Any, pivot: bool = True, get_infos: bool = False) -> Any:
    """The same as a method, without names."""
    return tuple(lu(self, pivot, get_infos))


@composite("lu_solve(Tensor self, Tensor LU_data, Tensor LU_pivots)")
def lu_solve(self: Any, LU_data: Any, LU_pivots: Any) -> Any:
    """torch's older name of `linalg.lu_solve`, with its arguments turned around."""
    warnings.warn(_TURNED, UserWarning, stacklevel=2)
    return F["linalg_lu_solve"](LU_data, LU_pivots, self)


_TURNED = (
    "torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand will be removed in a future "
    "PyTorch release.\nNote that torch.linalg.lu_solve has its arguments reversed.\nX = "
    "torch.lu_solve(B, LU, pivots)\nshould be replaced with\nX = torch.linalg.lu_solve(LU, pivots, "
    "B) (Triggered internally at /__w/pytorch/pytorch/aten/src/ATen/native/"
    "BatchLinearAlgebra.cpp:2230.)"
)


@composite("orgqr(Tensor self, Tensor input2)")
def orgqr(self: Any, input2: Any) -> Any:
    """torch's older name of `linalg.householder_product`."""
    return F["linalg_householder_product"](self, input2)


# -- tensors as matrices ---------------------------------------------------------------------------


def _square(shape: Sequence[int], split: int, name: str) -> tuple[int, tuple[int, ...]]:
    """The number of entries behind a dimension, which must be that before it; and their shape."""
    before, behind = math.prod(shape[:split]), math.prod(shape[split:])
    if before != behind:
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[{name}:]) == "
            f"prod(self.shape[:{name}]), but got {behind} != {before}"
        )
    return behind, tuple(shape[split:])


@composite("linalg_tensorinv(Tensor self, int64_t ind=2)")
def tensorinv(self: Any, ind: int) -> Any:
    """The inverse of a tensor as a matrix of its first `ind` dimensions by the others."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    size, rest = _square(self.shape, ind, "ind")
    inverse = F["linalg_inv_ex"](self.reshape(size, size), check_errors=True)[0]
    return inverse.reshape(*rest, *self.shape[:ind])


@composite("linalg_tensorsolve(Tensor self, Tensor other, IntArrayRef? dims=None)")
def tensorsolve(self: Any, other: Any, dims: Any) -> Any:
    """The tensor that, summed with another over its last dimensions, gives a third."""
    if dims is not None:
        self = self.movedim(tuple(dims), tuple(range(self.dim() - len(dims), self.dim())))
    size, shape = _square(self.shape, other.dim(), "other.ndim")
    found = F["linalg_solve_ex"](self.reshape(size, size), other.flatten(), check_errors=True)
    return found[0].reshape(shape)


# -- factors of low rank ---------------------------------------------------------------------------


def svd_lowrank(A: Any, q: int | None = 6, niter: int | None = 2, M: Any = None) -> Any:
    """U, S and V of a matrix of low rank (Halko, Martinsson and Tropp, 2009), from random draws."""
    tall = A.shape[-2] >= A.shape[-1]
    A = A if M is None else A - M.broadcast_to(A.shape)
    A = A if tall else A.mH
    Q = _basis(A, 6 if q is None else q, 2 if niter is None else niter)
    U, S, Vh = F["linalg_svd"](F["matmul"](Q.mH, A), False)
    U, V = Q.matmul(U), Vh.mH
    return (U, S, V) if tall else (V, S, U)


def _basis(A: Any, q: int, niter: int) -> Any:
    R = creation.randn(A.shape[-1], q, dtype=A.dtype)
    Q = F["linalg_qr"](F["matmul"](A, R))[0]
    for _ in range(niter):
        Q = F["linalg_qr"](F["matmul"](A.mH, Q))[0]
        Q = F["linalg_qr"](F["matmul"](A, Q))[0]
    return Q


def pca_lowrank(A: Any, q: int | None = None, center: bool = True, niter: int = 2) -> Any:
    """The same of the rows less their mean: principal components."""
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(
            f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}"
        )
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(dim=(-2,), keepdim=True) if center else A, q, niter)
