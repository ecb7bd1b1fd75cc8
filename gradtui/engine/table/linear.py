"""Rows of linear algebra: products of vectors, matrices and batches of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.lift import FUNCTIONS, is_tensor, permute, transpose_last, unsqueeze
from gradtui.engine.rows import row


def mm_(a: Any, b: Any) -> Any:
    return FUNCTIONS["mm"](a, b) if is_tensor(a) or is_tensor(b) else np.matmul(a, b)


def _matmul(a: Any, b: Any) -> Any:
    return FUNCTIONS["matmul"](a, b) if is_tensor(a) or is_tensor(b) else np.matmul(a, b)


def same_kind(a: Any, b: Any, what: str = "expected m1 and m2 to have the same dtype") -> None:
    if a.dtype != b.dtype:
        from gradtui.engine.tensor import _C_NAMES

        left, right = (_C_NAMES.get(x.dtype.name, x.dtype.name) for x in (a, b))
        raise RuntimeError(f"{what}, but got: {left} != {right}")


def mm(a: Any, b: Any) -> Any:
    if a.ndim != 2:
        raise RuntimeError("self must be a matrix")
    if b.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and "
            f"{b.shape[0]}x{b.shape[1]})"
        )
    same_kind(a, b)
    return np.matmul(a, b)


def mv(a: Any, b: Any) -> Any:
    if a.ndim != 2 or b.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"size mismatch, got input ({a.shape[0]}), mat ({a.shape[0]}x{a.shape[1]}), vec "
            f"({b.shape[0]})"
        )
    same_kind(a, b)
    return np.matmul(a, b)


def dot(a: Any, b: Any) -> Any:
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    same_kind(a, b, "dot : expected both vectors to have same dtype")
    if a.shape != b.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a.shape[0]}] and src [{b.shape[0]}] to "
            f"have the same number of elements, but got {a.shape[0]} and {b.shape[0]} elements "
            "respectively"
        )
    return np.dot(a, b)


def bmm(a: Any, b: Any) -> Any:
    if a.ndim != 3 or b.ndim != 3:
        raise RuntimeError("batch1 must be a 3D tensor" if a.ndim != 3 else "batch2 must be a 3D tensor")
    if a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{a.shape[0]}, {a.shape[2]}] but got: [{b.shape[0]}, {b.shape[1]}]."
        )
    same_kind(a, b)
    return np.matmul(a, b)


def outer(grad: Any, other: Any) -> Any:
    return unsqueeze(grad, (1,)) * unsqueeze(other, (0,))


row("mm(Tensor self, Tensor mat2)", "MmBackward0", mm,
    self=lambda grad, mat2: mm_(grad, transpose_last(mat2)),
    mat2=lambda grad, self: mm_(transpose_last(self), grad))
row("mv(Tensor self, Tensor vec)", "MvBackward0", mv,
    self=lambda grad, vec: outer(grad, vec),
    vec=lambda grad, self: _matmul(transpose_last(self), grad))
row("dot(Tensor self, Tensor tensor)", "DotBackward0", dot,
    self=lambda grad, tensor: grad * tensor,
    tensor=lambda grad, self: grad * self)
row("bmm(Tensor self, Tensor mat2)", "BmmBackward0", bmm,
    self=lambda grad, mat2: _matmul(grad, transpose_last(mat2)),
    mat2=lambda grad, self: _matmul(transpose_last(self), grad))


def _scale(x: Any, by: float) -> Any:
    return x if by == 1 else x * by


def _addmm(self: Any, a: Any, b: Any, beta: float, alpha: float) -> Any:
    if a.ndim != 2 or b.ndim != 2:
        raise RuntimeError("mat1 must be a matrix" if a.ndim != 2 else "mat2 must be a matrix")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and "
            f"{b.shape[0]}x{b.shape[1]})"
        )
    same_kind(a, b, "mat1 and mat2 must have the same dtype")
    out = np.matmul(a, b)
    return _scale(self, beta) + _scale(out, alpha)


row("addmm(Tensor self, Tensor mat1, Tensor mat2, *, Number beta=1, Number alpha=1)",
    "AddmmBackward0", _addmm,
    self=lambda grad, beta: _scale(grad, beta),
    mat1=lambda grad, mat2, alpha: _scale(mm_(grad, transpose_last(mat2)), alpha),
    mat2=lambda grad, mat1, alpha: _scale(mm_(transpose_last(mat1), grad), alpha))
row("addmv(Tensor self, Tensor mat, Tensor vec, *, Number beta=1, Number alpha=1)",
    "AddmvBackward0",
    lambda self, mat, vec, beta, alpha: _scale(self, beta) + _scale(mv(mat, vec), alpha),
    self=lambda grad, beta: _scale(grad, beta),
    mat=lambda grad, vec, alpha: _scale(outer(grad, vec), alpha),
    vec=lambda grad, mat, alpha: _scale(_matmul(transpose_last(mat), grad), alpha))
row("baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Number beta=1, Number alpha=1)",
    "BaddbmmBackward0",
    lambda self, a, b, beta, alpha: _scale(self, beta) + _scale(bmm(a, b), alpha),
    self=lambda grad, beta: _scale(grad, beta),
    batch1=lambda grad, batch2, alpha: _scale(_matmul(grad, transpose_last(batch2)), alpha),
    batch2=lambda grad, batch1, alpha: _scale(_matmul(transpose_last(batch1), grad), alpha))
row("addr(Tensor self, Tensor vec1, Tensor vec2, *, Number beta=1, Number alpha=1)",
    "AddrBackward0",
    lambda self, a, b, beta, alpha: _scale(self, beta) + _scale(np.multiply.outer(a, b), alpha),
    self=lambda grad, beta: _scale(grad, beta),
    vec1=lambda grad, vec2, alpha: _scale(_matmul(grad, vec2), alpha),
    vec2=lambda grad, vec1, alpha: _scale(_matmul(permute(grad, (1, 0)), vec1), alpha))
row("linalg_inv(Tensor self)", "LinalgInvExBackward0", np.linalg.inv,
    self=lambda grad, result: -_matmul(
        transpose_last(result), _matmul(grad, transpose_last(result))))
row("linalg_det(Tensor self)", "LinalgDetBackward0",
    lambda x: np.linalg.det(x).astype(x.dtype)[()],
    self=lambda grad, self, result: (
        unsqueeze(unsqueeze(grad * result, (len(self.shape) - 2,)), (len(self.shape) - 1,))
        * transpose_last(_inverse(self))))
row("linalg_solve(Tensor self, Tensor other)", "LinalgSolveExBackward0", np.linalg.solve,
    self=lambda grad, self, result: -_solve_outer(_matmul(transpose_last(_inverse(self)), grad), result),
    other=lambda grad, self: _matmul(transpose_last(_inverse(self)), grad))


def _inverse(x: Any) -> Any:
    return FUNCTIONS["linalg_inv"](x) if is_tensor(x) else np.linalg.inv(x)


def _solve_outer(a: Any, b: Any) -> Any:
    if len(b.shape) == 1:
        return outer(a, b)
    return _matmul(a, transpose_last(b))
