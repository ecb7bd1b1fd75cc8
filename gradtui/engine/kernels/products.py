"""Products of vectors, matrices and batches of them, with torch's checks of shape and dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors

_F16 = np.dtype(np.float16)


def _name(x: Any) -> str:
    return errors.cast_name(dtypes.of(x.dtype))


def same_dtype(a: Any, b: Any, what: str = "expected m1 and m2 to have the same dtype") -> None:
    if a.dtype != b.dtype:
        raise RuntimeError(f"{what}, but got: {_name(a)} != {_name(b)}")


def multiply(a: Any, b: Any) -> Any:
    """The matrix product; bools are refused, float16 is added up in float32."""
    if a.dtype.kind == "b":
        raise NotImplementedError("\"addmm_impl_cpu_\" not implemented for 'Bool'")
    if a.dtype is _F16:
        return np.matmul(a.astype(np.float32), b.astype(np.float32)).astype(np.float16)
    return np.matmul(a, b)


def _check_inner(a: Any, b: Any) -> None:
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and "
            f"{b.shape[0]}x{b.shape[1]})"
        )


def mm(a: Any, b: Any) -> Any:
    if a.ndim != 2:
        raise RuntimeError("self must be a matrix")
    if b.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    _check_inner(a, b)
    same_dtype(a, b)
    return multiply(a, b)


def mv(a: Any, b: Any) -> Any:
    if not a.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    if a.ndim != 2 or b.ndim != 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got 1, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"size mismatch, got input ({a.shape[0]}), mat ({a.shape[0]}x{a.shape[1]}), vec "
            f"({b.shape[0]})"
        )
    _same_three(b, a, b)
    return multiply(a, b)


def dot(a: Any, b: Any) -> Any:
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    if a.dtype.kind == "b" and b.dtype.kind == "b" and a.shape == b.shape:
        raise NotImplementedError("\"dot\" not implemented for 'Bool'")
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"dot : expected both vectors to have same dtype, but found "
            f"{dtypes.of(a.dtype).scalar_name} and {dtypes.of(b.dtype).scalar_name}"
        )
    if a.shape != b.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a.shape[0]}] and src [{b.shape[0]}] to "
            f"have the same number of elements, but got {a.shape[0]} and {b.shape[0]} elements "
            "respectively"
        )
    return np.dot(a, b)


def bmm(a: Any, b: Any) -> Any:
    for number, x in ((1, a), (2, b)):
        if x.ndim != 3:
            raise RuntimeError(f"batch{number} must be a 3D tensor")
    if a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{a.shape[0]}, {a.shape[2]}] but got: [{b.shape[0]}, {b.shape[1]}]."
        )
    if a.dtype != b.dtype:
        found, other = (dtypes.of(x.dtype).scalar_name for x in (a, b))
        raise RuntimeError(f"expected scalar type {found} but found {other}")
    return multiply(a, b)


def _mixed(x: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """beta·x + alpha·product; a beta of 0 forgets x, nan included."""
    product = product if alpha == 1 else product * product.dtype.type(alpha)
    if beta == 0:
        return product
    return product + (x if beta == 1 else x * x.dtype.type(beta))


def _fits(x: Any, shape: tuple[int, ...]) -> None:
    """What is added to must be expandable to the product."""
    for back in range(1, x.ndim + 1):
        if back > len(shape) or x.shape[-back] not in (1, shape[-back]):
            raise _not_expandable(x.shape, shape, back)


def _not_expandable(have: tuple[int, ...], shape: tuple[int, ...], back: int) -> RuntimeError:
    if len(have) > len(shape):
        return RuntimeError(
            f"The expanded size of the tensor (number of sizes provided ({len(shape)}) must be "
            "greater or equal to the number of dimensions"
        )
    dim = len(shape) - back
    return RuntimeError(
        f"The expanded size of the tensor ({shape[dim]}) must match the existing size "
        f"({have[-back]}) at non-singleton dimension {dim}.  Target sizes: {list(shape)}.  Tensor "
        f"sizes: {list(have)}"
    )


def addmm(x: Any, a: Any, b: Any, beta: Any, alpha: Any) -> Any:
    if a.ndim != 2:
        raise RuntimeError("mat1 must be a matrix, got " + f"{a.ndim}-D tensor")
    if b.ndim != 2:
        raise RuntimeError("mat2 must be a matrix, got " + f"{b.ndim}-D tensor")
    for name, other in (("self", x), ("mat1", a)):
        if other.dtype != b.dtype:
            raise RuntimeError(
                f"{name} and mat2 must have the same dtype, but got "
                f"{dtypes.of(other.dtype).scalar_name} and {dtypes.of(b.dtype).scalar_name}"
            )
    _check_inner(a, b)
    _fits(x, (a.shape[0], b.shape[1]))
    return _mixed(x, multiply(a, b), beta, alpha)


def addmv(x: Any, a: Any, b: Any, beta: Any, alpha: Any) -> Any:
    if a.ndim != 2 or b.ndim != 1 or x.ndim > 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {x.ndim}, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0] or x.size not in (1, a.shape[0]):
        raise RuntimeError(
            f"size mismatch, got input ({x.size}), mat ({a.shape[0]}x{a.shape[1]}), vec "
            f"({b.shape[0]})"
        )
    _same_three(x, a, b)
    return _mixed(x, multiply(a, b), beta, alpha)


def _same_three(*arrays: Any) -> None:
    """What is added to, the matrix and the vector are of one dtype."""
    if len({a.dtype for a in arrays}) > 1:
        first, second, third = (dtypes.of(a.dtype).scalar_name for a in arrays)
        raise RuntimeError(
            f"addmv input tensors must have the same dtype, but got {first}, {second}, and {third}"
        )


def _extent(x: Any, dim: int) -> int:
    """`x.size(dim)`, with what torch says where there is no such dimension."""
    if not x.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    errors.wrap_dim(dim, x.ndim)
    return int(x.shape[dim])


def baddbmm(x: Any, a: Any, b: Any, beta: Any, alpha: Any) -> Any:
    _fits(x, (_extent(a, 0), _extent(a, 1), _extent(b, 2)))
    product = bmm(a, b)
    _fits(x, product.shape)
    return _mixed(x, product, beta, alpha)


def addbmm(x: Any, a: Any, b: Any, beta: Any, alpha: Any) -> Any:
    _fits(x, (_extent(a, 1), _extent(b, 2)))
    products = bmm(a, b)
    for product in products:
        x, beta = _mixed(x, product, beta, alpha), 1
    return x if len(products) else _mixed(x, np.zeros(products.shape[1:], x.dtype), beta, alpha)


def addr(x: Any, a: Any, b: Any, beta: Any, alpha: Any) -> Any:
    for number, v in ((1, a), (2, b)):
        if v.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument vec{number}, but got {v.ndim}-D")
    product = np.multiply.outer(a, b)
    if x.shape != product.shape:
        _fits(x, product.shape)
    return _mixed(x, product, beta, alpha)


def cross(a: Any, b: Any, dim: int = -1) -> Any:
    if a.ndim != b.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    axis = errors.wrap_dim(dim, a.ndim)
    if a.shape[axis] != 3 or b.shape[axis] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {a.shape[axis]} and "
            f"{b.shape[axis]}"
        )
    a, b = np.broadcast_arrays(a, b)
    a0, a1, a2 = np.moveaxis(a, axis, 0)
    b0, b1, b2 = np.moveaxis(b, axis, 0)
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis)
