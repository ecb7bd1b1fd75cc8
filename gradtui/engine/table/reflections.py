"""Rows of products of reflectors, as QR leaves them; loaded when a program calls one.

A product H₀·H₁⋯ applied to a matrix is differentiated reflector by reflector: each needs what it
was applied to, and the cotangent that reaches it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels import lu as K
from gradtui.engine.lift import FUNCTIONS, is_tensor, sum_dims, zeros
from gradtui.engine.rows import joint, row
from gradtui.engine.table.factors import column, matmul, triangle, turned
from gradtui.engine.tensor import wrap


def _vectors(a: Any, count: int) -> list[Any]:
    """The reflectors as columns (m, 1)."""
    low = triangle(a, False, -1)
    m, n = a.shape[-2:]
    unit = np.eye(m, n, dtype=(a._data if is_tensor(a) else a).dtype)
    low = low + (wrap(unit) if is_tensor(a) else unit)
    return [low[..., i : i + 1] for i in range(count)]


def _scale(tau: Any, i: int) -> Any:
    return column(column(tau[..., i]))


def _applied(vectors: list[Any], tau: Any, start: Any, forward: bool) -> list[Any]:
    """What the matrices are before each reflector is applied, and at the end: H₀·H₁⋯·start, or
    ⋯H₁·H₀·start where `forward`."""
    order = range(len(vectors))
    states = [start]
    for i in order if forward else reversed(order):
        v, x = vectors[i], states[-1]
        states.append(x - _scale(tau, i) * matmul(v, matmul(turned(v), x)))
    return states


def _slopes(
    grad: Any, a: Any, tau: Any, start: Any, forward: bool
) -> tuple[Any, Any, Any]:
    """The gradients of the reflectors, their scales, and the matrix they were applied to."""
    count = tau.shape[-1]
    vectors = _vectors(a, count)
    states = _applied(vectors, tau, start, forward)
    order = list(range(count)) if forward else list(reversed(range(count)))
    columns: list[Any] = [None] * count
    scales: list[Any] = [None] * count
    for step in reversed(range(count)):
        i, x = order[step], states[step]
        v, t = vectors[i], _scale(tau, i)
        met, sent = matmul(turned(v), x), matmul(turned(v), grad)
        scales[i] = -sum_dims(met * sent, (-2, -1))
        columns[i] = -t * (matmul(grad, turned(met)) + matmul(x, turned(sent)))
        grad = grad - t * matmul(v, sent)
    return _gathered(columns, a), _lined(scales, tau), grad


def _gathered(columns: list[Any], a: Any) -> Any:
    """Columns as a matrix of the size of a, in its strict lower triangle."""
    n = a.shape[-1]
    shape = (*a.shape[:-1], n - len(columns))
    parts = [*columns, zeros(a, shape)]
    if is_tensor(parts[0]):
        return triangle(FUNCTIONS["cat"](parts, -1), False, -1)
    return triangle(np.concatenate(parts, -1), False, -1)


def _lined(scales: list[Any], tau: Any) -> Any:
    if not scales:
        return zeros(tau, tau.shape)
    return FUNCTIONS["stack"](scales, -1) if is_tensor(scales[0]) else np.stack(scales, -1)


def _identity(a: Any) -> Any:
    """The first columns of the unit matrix, as many as a has."""
    data = a._data if is_tensor(a) else a
    made = np.broadcast_to(np.eye(*a.shape[-2:], dtype=data.dtype), a.shape)
    return wrap(np.array(made)) if is_tensor(a) else made


def _tangent(a_t: Any, tau_t: Any, a: Any, tau: Any) -> Any:
    """Reflector by reflector, what is applied and how it moves."""
    count = tau.shape[-1]
    vectors = _vectors(a, count)
    moves = triangle(a_t, False, -1) if hasattr(a_t, "shape") else None
    x = _identity(a)
    x_t = zeros(a, a.shape)
    for i in reversed(range(count)):
        v, t = vectors[i], _scale(tau, i)
        met = matmul(turned(v), x)
        moved = x_t - t * matmul(v, matmul(turned(v), x_t))
        if hasattr(tau_t, "shape"):
            moved = moved - _scale(tau_t, i) * matmul(v, met)
        if moves is not None:
            v_t = moves[..., i : i + 1]
            moved = moved - t * (matmul(v_t, met) + matmul(v, matmul(turned(v_t), x)))
        x, x_t = x - t * matmul(v, met), moved
    return x_t


# -- the product itself ----------------------------------------------------------------------------


def _check_householder(input: Any, tau: Any) -> None:
    name = "torch.linalg.householder_product: "
    if input.dim() < 2:
        raise RuntimeError(name + "input must have at least 2 dimensions.")
    m, n = input.shape[-2:]
    if m < n:
        raise RuntimeError(
            name + "input.shape[-2] must be greater than or equal to input.shape[-1]"
        )
    if n < tau.shape[-1]:
        raise RuntimeError(name + "input.shape[-1] must be greater than or equal to tau.shape[-1]")
    if input.dim() - tau.dim() != 1:
        raise RuntimeError(
            f"{name}Expected tau to have one dimension less than input, but got tau.ndim equal to "
            f"{tau.dim()} and input.ndim is equal to {input.dim()}"
        )
    if tuple(tau.shape[:-1]) != tuple(input.shape[:-2]):
        raise RuntimeError(
            f"{name}Expected batch dimensions of tau to be equal to input.shape[:-2], but got "
            f"{list(tau.shape[:-1])}"
        )
    if tau.dtype is not input.dtype:
        raise RuntimeError(
            f"{name}tau dtype {tau.dtype.scalar_name} does not match input dtype "
            f"{input.dtype.scalar_name}"
        )


@joint("input", "tau")
def _product_slopes(grad: Any, input: Any, tau: Any) -> tuple[Any, Any]:
    if not math.prod(tau.shape):
        return None, None
    return _slopes(grad, input, tau, _identity(input), False)[:2]


row(
    "linalg_householder_product(Tensor input, Tensor tau)",
    "LinalgHouseholderProductBackward0",
    lambda a, tau: K.columns(_applied(_vectors(a, tau.shape[-1]), tau, _identity(a), False)[-1]),
    check=_check_householder,
    jvp=lambda input_t, tau_t, input_p, tau_p: _tangent(input_t, tau_t, input_p, tau_p),
    input=_product_slopes,
    tau=_product_slopes,
)


# -- factors, and a matrix turned by them ----------------------------------------------------------


def _check_geqrf(self: Any) -> None:
    if self.dim() < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    if not self.dtype.is_floating_point:
        raise NotImplementedError(f"\"geqrf_cpu\" not implemented for '{self.dtype.scalar_name}'")


def _no_slope(grads: Any) -> Any:
    raise NotImplementedError("the derivative for 'geqrf' is not implemented.")


row(
    "geqrf(Tensor self)",
    "GeqrfBackward0",
    K.reflectors,
    outputs=("a", "tau"),
    check=_check_geqrf,
    jvp="not_implemented",
    self=_no_slope,
)


def _turned_by(a: Any, tau: Any, other: Any, left: bool, transpose: bool) -> Any:
    start = other if left else np.swapaxes(other, -2, -1)
    found = _applied(_vectors(a, tau.shape[-1]), tau, start, transpose == left)[-1]
    return K.columns(found if left else np.swapaxes(found, -2, -1))


@joint("self", "input2", "input3")
def _turning_slopes(
    grad: Any, self: Any, input2: Any, input3: Any, left: bool, transpose: bool
) -> tuple[Any, Any, Any]:
    given, start = (grad, input3) if left else (turned(grad), turned(input3))
    a, scale, rest = _slopes(given, self, input2, start, transpose == left)
    if is_tensor(grad):
        rest = FUNCTIONS["ormqr"](self, input2, grad, left, not transpose)
    else:
        rest = rest if left else turned(rest)
    return (a, scale, rest) if math.prod(input2.shape) else (None, None, rest)


def _check_ormqr(
    self: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False
) -> None:
    name, side = "torch.ormqr: ", -2 if left else -1
    if self.dim() < 2:
        raise RuntimeError(name + "input must have at least 2 dimensions.")
    if other.dim() < 2:
        raise RuntimeError(name + "other must have at least 2 dimensions.")
    if other.shape[side] < tau.shape[-1]:
        raise RuntimeError(
            f"{name}other.shape[{side}] must be greater than or equal to tau.shape[-1]"
        )
    if other.shape[side] != self.shape[-2]:
        raise RuntimeError(f"{name}other.shape[{side}] must be equal to input.shape[-2]")
    if tau.shape[-1] != min(other.shape[side], self.shape[-1]):
        raise RuntimeError(
            f"{name}tau.shape[-1] must be equal to min(other.shape[{side}], input.shape[-1])"
        )
    for label, x in (("tau", tau), ("other", other)):
        if x.dtype is not self.dtype:
            raise RuntimeError(
                f"{name}Expected input and {label} to have the same dtype, but input has dtype"
                f"{self.dtype.scalar_name} and {label} has dtype {x.dtype.scalar_name}"
            )


row(
    "ormqr(Tensor self, Tensor input2, Tensor input3, bool left=True, bool transpose=False)",
    "OrmqrBackward0",
    _turned_by,
    check=_check_ormqr,
    jvp="not_implemented",
    self=_turning_slopes,
    input2=_turning_slopes,
    input3=_turning_slopes,
)
