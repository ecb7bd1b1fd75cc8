"""`torch.linalg`: norms, products, factors and solutions of matrices and batches of them.

>>> import gradtui.engine as torch
>>> torch.linalg.solve(torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([2.0, 2.0]))
tensor([1.0000, 0.5000])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine.absent import missing
from gradtui.engine.dispatch import return_type
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.lift import native
from gradtui.engine.outputs import accepting
from gradtui.engine.parsed import parsed
from gradtui.engine.rows import composite
from gradtui.engine.signature import is_int
from gradtui.engine.table.matrices import LinAlgError, check_matrix
from gradtui.engine.tensor import wrap

__all__ = [
    "LinAlgError",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_exp",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "vander",
    "vecdot",
    "vector_norm",
]


def _checked(A: Any, name: str, shown: str = "") -> Any:
    check_matrix(A._data, shown or f"linalg.{name}")
    return A


# -- factors ---------------------------------------------------------------------------------------


def cholesky(A: Any, *, upper: bool = False) -> Any:
    """The triangular L with L·Lᵀ = A."""
    return F["linalg_cholesky"](A, upper=upper)


def qr(A: Any, mode: str = "reduced") -> Any:
    """An orthogonal Q and a triangular R with Q·R = A."""
    return F["linalg_qr"](A, mode)


def svd(A: Any, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """Orthogonal U and Vh and singular values S with U·diag(S)·Vh = A."""
    return F["linalg_svd"](A, full_matrices)


def svdvals(A: Any, *, driver: str | None = None) -> Any:
    """Singular values, the greatest first."""
    return F["linalg_svd"](A, False).S


def eigh(A: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, the least first, and eigenvectors of a symmetric matrix."""
    return F["linalg_eigh"](A, UPLO)


def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of a symmetric matrix, the least first."""
    return F["linalg_eigh"](A, UPLO).eigenvalues


# -- determinants, inverses, solutions -------------------------------------------------------------


def det(A: Any) -> Any:
    """The determinant."""
    return F["linalg_det"](A)


def slogdet(A: Any) -> Any:
    """The sign of the determinant and the logarithm of its size."""
    return F["linalg_slogdet"](A)


def inv(A: Any) -> Any:
    """The inverse."""
    return F["linalg_inv"](A)


def solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """The X with A·X = B, or X·A = B."""
    _checked(A, "solve")
    if not left:
        return solve(A.mT, B.mT).mT
    return F["linalg_solve"](A, B)


def solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    """The X with A·X = B, of which only one triangle of A is read."""
    return F["linalg_solve_triangular"](A, B, upper=upper, left=left, unitriangular=unitriangular)


def pinv(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """The pseudoinverse (Moore and Penrose)."""
    return F["linalg_pinv"](A, 0.0 if rtol is None else rtol)


def lstsq(A: Any, B: Any, rcond: Any = None, *, driver: str | None = None) -> Any:
    """The X that makes ‖A·X - B‖ least, with residuals, rank and singular values of A.

    The last only where torch's driver computes them: "gelsd" or "gelss".
    """
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
        )
    X = F["linalg_pinv"](A, 0.0) @ B
    rank = matrix_rank(A.detach())
    tall = A.shape[-2] > A.shape[-1] and bool((rank._data == A.shape[-1]).all())
    rest = (A @ X - B).square().sum(-2) if tall else wrap(np.zeros(0, A._data.dtype))
    kind = return_type("linalg_lstsq", ("solution", "residuals", "rank", "singular_values"))
    values = driver in ("gelsd", "gelss")
    return kind(X, rest, rank, svdvals(A) if values else wrap(np.zeros(0, A._data.dtype)))


def _late(name: str) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return F[f"linalg_{name}"](*args, **kwargs)

    call.__name__ = name
    return call


LATE = """
cholesky_ex householder_product inv_ex lu lu_factor lu_factor_ex lu_solve solve_ex tensorinv
tensorsolve
"""
"""What is loaded when it is called."""

globals().update({name: _late(name) for name in LATE.split()})

# -- norms -----------------------------------------------------------------------------------------


def vector_norm(
    x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of the entries, over all dimensions or given ones."""
    dims = (dim,) if is_int(dim) else dim
    return F["linalg_vector_norm"](x, ord, dims, keepdim, dtype=dtype)


def matrix_norm(
    A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of matrices: 'fro', 'nuc', ±1, ±2 or ±inf."""
    A = A if dtype is None else A.to(dtype)
    if A.dim() < 2:
        raise RuntimeError(
            "linalg.matrix_norm: The input tensor A must have at least 2 dimensions."
        )
    if ord == "fro":
        return F["linalg_vector_norm"](A, 2, tuple(dim), keepdim)
    least = not isinstance(ord, str) and ord < 0
    pick = F["amin" if least else "amax"]
    if ord == "nuc" or abs(ord) == 2:
        values = svdvals(A.movedim(tuple(dim), (-2, -1)))
        found = values.sum(-1, keepdim) if ord == "nuc" else pick(values, (-1,), keepdim)
        return _put_back(found.unsqueeze(-1), dim) if keepdim else found
    if abs(ord) not in (1, float("inf")):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    rows, columns = (d % A.dim() for d in dim)
    summed, left = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = F["linalg_vector_norm"](A, 1, (summed,), keepdim)
    return pick(sums, (left - (left > summed and not keepdim),), keepdim)


def _put_back(x: Any, dims: Any) -> Any:
    """What was computed of the last two dimensions, with these where they were."""
    last = [d % x.dim() for d in dims]
    order = [d for d in range(x.dim()) if d not in last] + last
    return x.permute(tuple(int(place) for place in np.argsort(order)))


def norm(
    A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of a vector or of matrices, by the number of dimensions."""
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    pair = dim is not None and not is_int(dim) and len(dim) == 2
    if pair or (dim is None and A.dim() == 2):
        return matrix_norm(A, ord, dim or (-2, -1), keepdim, dtype=dtype)
    if isinstance(ord, str):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
            f"{A.dim()}D."
        )
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


def cond(A: Any, p: Any = None) -> Any:
    """How much a relative error of A can grow in its inverse."""
    if p in (None, 2, -2):
        values = svdvals(A)
        first, last = values.narrow(-1, 0, 1), values.narrow(-1, values.shape[-1] - 1, 1)
        return ((last / first) if p == -2 else (first / last)).squeeze(-1)
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def matrix_rank(
    A: Any, *, atol: Any = None, rtol: Any = None, tol: Any = None, hermitian: bool = False
) -> Any:
    """How many singular values are not 0 but for rounding."""
    if A.dim() < 2:
        raise RuntimeError(
            "torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions."
        )
    if not A._data.size:
        return wrap(np.zeros(A.shape[:-2], np.int64)[()])
    values = np.abs(np.linalg.eigvalsh(A._data)) if hermitian else _singular_values(A._data)
    eps = float(np.finfo(values.dtype).eps) * max(A.shape[-2:])
    relative = rtol if rtol is not None else eps if atol is None else 0.0
    least, share, given = (_by_row(v) for v in (atol or 0.0, relative, tol))
    low = np.maximum(least, share * values.max(-1, keepdims=True)) if tol is None else given
    return wrap(np.asarray((values > low).sum(-1), np.int64)[()])


def _singular_values(x: Any) -> Any:
    return np.linalg.svd(x, compute_uv=False)


def _by_row(bound: Any) -> Any:
    """A bound for the values of each matrix: a number, or a tensor of one for each."""
    return np.asarray(bound._data)[..., None] if hasattr(bound, "_data") else bound


# -- products --------------------------------------------------------------------------------------


def matmul(input: Any, other: Any) -> Any:
    """The product of matrices."""
    return F["matmul"](input, other)


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The sum of products along a dimension."""
    if x.dim() == y.dim() == 1:
        return F["vdot"](x, y)
    return (x * y).sum(dim)


def cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """The vector at right angles to both."""
    return F["linalg_cross"](input, other, dim=dim)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The entries on a diagonal of each matrix."""
    return F["diagonal"](A, offset, dim1, dim2)


def multi_dot(tensors: Sequence[Any]) -> Any:
    """The product of several matrices, multiplied in the order that costs least."""
    given = list(tensors)
    if len(given) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(given)}")
    first = given[0].unsqueeze(0) if given[0].dim() == 1 else given[0]
    last = given[-1].unsqueeze(-1) if given[-1].dim() == 1 else given[-1]
    found = _cheapest([first, *given[1:-1], last])
    shape = (*given[0].shape[:-1], *given[-1].shape[1:])
    return found.view(shape)


def _cheapest(chain: list[Any]) -> Any:
    """The matrix chain by dynamic programming (Cormen et al.)."""
    sizes = [chain[0].shape[0], *(m.shape[1] for m in chain)]
    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(chain))}
    for length in range(1, len(chain)):
        for i in range(len(chain) - length):
            j = i + length
            places = (
                range(i, j) if len(chain) > 3 else range(j - 1, i - 1, -1)
            )  # of equals the first
            costs = {
                k: best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                for k in places
            }
            cut = min(costs, key=lambda k: costs[k])
            best[i, j] = costs[cut], cut

    def product(i: int, j: int) -> Any:
        if i == j:
            return chain[i]
        k = best[i, j][1]
        return F["mm"](product(i, k), product(k + 1, j))

    return product(0, len(chain) - 1)


@native
def vander(x: Any, N: int | None = None) -> Any:
    """Powers 0, 1, 2, … of entries as rows."""
    if x._data.dtype.kind == "b":
        raise RuntimeError(
            "linalg.vander supports floating point, complex, and integer tensors, but got "
            + x.dtype.scalar_name
        )
    line = x if x.dim() else F["unsqueeze"](x, -1)
    count = line.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    wide = F["expand"](F["unsqueeze"](line, -1), (*line.shape, count - 1))
    powers = F["cumprod"](wide, -1)
    return F["cat"]([wrap(np.ones((*line.shape, 1), powers._data.dtype)), powers], -1)


@composite("matrix_power(Tensor self, int64_t n)")
def matrix_power(self: Any, n: int) -> Any:
    """The matrix n times by itself; its inverse for n < 0."""
    check_matrix(self._data, "linalg.matrix_power")
    if n == 0:
        return self.clone().copy_(wrap(np.broadcast_to(np.eye(self.shape[-1]), self.shape)))
    base = F["linalg_inv"](self) if n < 0 else self
    n = abs(n)
    if n == 3:
        return F["matmul"](F["matmul"](base, base), base)
    found: Any = None
    while n:
        if n & 1:
            found = base if found is None else F["matmul"](found, base)
        n >>= 1
        base = F["matmul"](base, base) if n else base
    return found if found is not self else self.clone()


def matrix_exp(A: Any) -> Any:
    """The exponential of matrices."""
    return F["matrix_exp"](A)


# -- torch's older names ---------------------------------------------------------------------------


@composite("logdet(Tensor self)")
def logdet(self: Any) -> Any:
    sign, size = F["slogdet"](_checked(self, "", "logdet"))
    return F["where"](sign == -1.0, wrap(np.asarray(np.nan, self._data.dtype)[()]), size)


@composite("pinverse(Tensor self, double rcond=1e-15)")
def pinverse(self: Any, rcond: float) -> Any:
    return F["linalg_pinv"](self, rcond)


@composite("qr(Tensor self, bool some=True)")
def old_qr(self: Any, some: bool) -> Any:
    return return_type("qr", ("Q", "R"))(*qr(self, "reduced" if some else "complete"))


@composite("svd(Tensor self, bool some=True, bool compute_uv=True)")
def old_svd(self: Any, some: bool, compute_uv: bool) -> Any:
    if self.dim() < 2:
        raise RuntimeError(
            "linalg.svd: input should have at least 2 dimensions, but has "
            f"{self.dim()} dimensions instead"
        )
    u, s, vh = svd(self, not some)
    return return_type("svd", ("U", "S", "V"))(u, s, vh.transpose(-2, -1))


def chain_matmul(*matrices: Any) -> Any:
    """`multi_dot` of its arguments."""
    return matrices[0] if len(matrices) == 1 else multi_dot(matrices)


@composite("nuclear_norm(Tensor self, bool keepdim=False)")
def nuclear_norm(self: Any, keepdim: bool) -> Any:
    return matrix_norm(self, "nuc", keepdim=keepdim)


for _name in __all__:
    _made = globals()[_name]
    if _name not in ("LinAlgError", "diagonal", "matrix_exp", "vander"):
        _made = accepting(f"linalg_{_name}", _made)
    if _name != "LinAlgError":
        globals()[_name] = parsed(f"linalg_{_name}", _made)


def __getattr__(name: str) -> Any:
    raise missing("torch.linalg", name)
