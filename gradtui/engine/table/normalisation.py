"""Rows that bring activations to mean 0 and variance 1, and shift and scale them again."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from gradtui.engine import state
from gradtui.engine.kernels import unary as U
from gradtui.engine.lift import (
    FUNCTIONS,
    expand,
    into,
    is_tensor,
    lifted,
    ones,
    reshape,
    sum_dims,
)
from gradtui.engine.rows import joint
from gradtui.engine.table import reductions, sized_checks
from gradtui.engine.table.functional import nn_row, twin
from gradtui.engine.tensor import wrap
from gradtui.engine.zero import skipping

twin("norm_over", reductions, "linalg_vector_norm", "NormBackward1")
rsqrt = lifted("rsqrt", U.rsqrt)


def _mean(x: Any, dims: tuple[int, ...]) -> Any:
    return sum_dims(x, dims, True) / math.prod(x.shape[d] for d in dims)


def _standard(x: Any, dims: tuple[int, ...], eps: float) -> tuple[Any, Any]:
    """x with mean 0 and variance 1 over `dims`, and the reciprocal of its deviation."""
    if not is_tensor(x):
        wide = x.astype(np.float64)
        centred = wide - wide.mean(axis=dims, keepdims=True)
        rstd = 1 / np.sqrt((centred * centred).mean(axis=dims, keepdims=True) + eps)
        return (centred * rstd).astype(x.dtype), rstd.astype(x.dtype)
    centred = x - _mean(x, dims)
    rstd = rsqrt(_mean(centred * centred, dims) + eps)
    return centred * rstd, rstd


def _slope(grad: Any, x: Any, dims: tuple[int, ...], eps: float) -> Any:
    """The cotangent of x when `grad` is that of the standardised x."""
    standard, rstd = _standard(x, dims, eps)
    return rstd * (grad - _mean(grad, dims) - standard * _mean(grad * standard, dims))


# -- layer norm: over the last dimensions ----------


def _last(x: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(len(x.shape) - len(shape), len(x.shape)))


def _check_shape(x: Any, shape: tuple[int, ...], weight: Any, bias: Any, name: str) -> None:
    if len(shape) < 1:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
            f"element, but got normalized_shape = {list(shape)}"
        )
    for value, role in ((weight, "weight"), (bias, "bias")):
        if value is not None and value.shape != shape:
            raise RuntimeError(
                f"Expected {role} to be of same shape as normalized_shape, but got {role} of shape "
                f"{list(value.shape)} and normalized_shape = {list(shape)}"
            )
    if x.shape[max(x.ndim - len(shape), 0) :] != shape:
        wanted = "".join(f", {n}" for n in shape)
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*{wanted}], but got "
            f"input of size{list(x.shape)}"
        )


def _layer_norm(x: Any, shape: tuple[int, ...], weight: Any, bias: Any, eps: float) -> Any:
    _check_shape(x, shape, weight, bias, "layer_norm")
    out, _ = _standard(x, _last(x, shape), eps)
    out = out if weight is None else out * weight
    return (out if bias is None else out + bias).astype(x.dtype, copy=False)


def _scaled(grad: Any, weight: Any) -> Any:
    return grad if weight is None else grad * weight


def _layer_norm_backward(
    grad: Any, x: Any, shape: tuple[int, ...], mean: Any, rstd: Any, weight: Any, bias: Any
) -> tuple[Any, Any, Any]:
    """The gradients of input, weight and bias."""
    dims, outer = _last(x, shape), tuple(range(x.ndim - len(shape)))
    wide, back = x.astype(np.float64), grad.astype(np.float64)
    standard = (wide - mean) * rstd
    scaled = back if weight is None else back * weight
    along = scaled.mean(axis=dims, keepdims=True)
    across = (scaled * standard).mean(axis=dims, keepdims=True)
    slopes = (
        rstd * (scaled - along - standard * across),
        (back * standard).sum(axis=outer),
        back.sum(axis=outer),
    )
    return tuple(np.asarray(s).astype(x.dtype) for s in slopes)  # type: ignore[return-value]


def _moments(x: Any, shape: tuple[int, ...], eps: float) -> tuple[Any, Any]:
    """The mean over the last dimensions, and the reciprocal of the deviation."""
    dims, wide = _last(x, shape), x.astype(np.float64)
    mean = wide.mean(axis=dims, keepdims=True)
    apart = wide - mean
    rstd = 1 / np.sqrt((apart * apart).mean(axis=dims, keepdims=True) + eps)
    return mean.astype(x.dtype), rstd.astype(x.dtype)


@joint("input", "weight", "bias")
def _layer_norm_slopes(
    grad: Any, input: Any, normalized_shape: Any, weight: Any, bias: Any, eps: Any
) -> tuple[Any, Any, Any]:
    if not is_tensor(grad):
        mean, rstd = _moments(input, normalized_shape, eps)
        return _layer_norm_backward(grad, input, normalized_shape, mean, rstd, weight, bias)
    if state.duals:  # the operation has no tangents, what it is made of has
        dims, outer = _last(input, normalized_shape), input.dim() - len(normalized_shape)
        standard, _ = _standard(input, dims, eps)
        slope = _slope(_scaled(grad, weight), input, dims, eps)
        leading = tuple(range(outer))
        sums = (sum_dims(g, leading) if leading else g for g in (grad * standard, grad))
        return (slope, *sums)
    mean, rstd = map(wrap, _moments(input._data, normalized_shape, eps))
    found: tuple[Any, Any, Any] = FUNCTIONS["native_layer_norm_backward"](
        grad, input, normalized_shape, mean, rstd, weight, bias
    )
    return found


class _Rows(NamedTuple):
    """A layer_norm as torch's double backward looks at it: one row for each mean it took."""

    size: int
    apart: Any  # (rows, size): x less its mean
    rstd: Any  # (rows, 1)
    out: Any  # (rows, size): the cotangent of the result
    scale: Any  # (1, size)


@joint("grad_out", "input", "weight")
def _layer_norm_curves(
    grads: Any, grad_out: Any, input: Any, normalized_shape: Any, mean: Any, rstd: Any, weight: Any
) -> tuple[Any, Any, Any]:
    """torch's layer_norm_double_backward."""
    size = math.prod(normalized_shape)
    if not size:
        return grad_out, input, weight
    many = math.prod(input.shape[: len(input.shape) - len(normalized_shape)])
    flat, line, one = (many, size), (1, size), (many, 1)
    scale = ones(input, (1,)) if weight is None else reshape(weight, line)
    apart = reshape(input, flat) - reshape(mean, one)
    rows = _Rows(size, apart, reshape(rstd, one), reshape(grad_out, flat), scale)
    to_x, to_scale, to_shift = (
        None if g is None else reshape(g, shape)
        for g, shape in zip(grads, (flat, line, line), strict=True)
    )
    parts: list[tuple[Any, Any, Any]] = [(None, None, None)]
    if to_x is not None:
        parts.append(_curve_of_x(rows, to_x))
    if weight is not None and to_scale is not None:
        parts.append(_curve_of_scale(rows, to_scale))
    if to_shift is not None:
        parts.append((to_shift, None, None))
    by_out, by_x, by_scale = (_added(part) for part in zip(*parts, strict=True))
    return (
        None if by_out is None else reshape(expand(by_out, flat), input.shape),
        None if by_x is None else reshape(by_x, input.shape),
        None if by_scale is None or weight is None else reshape(by_scale, weight.shape),
    )


def _added(parts: Iterable[Any]) -> Any:
    there = [part for part in parts if part is not None]
    return functools.reduce(lambda x, y: into(x, "add", y), there) if there else None


def _curve_of_x(rows: _Rows, to_x: Any) -> tuple[Any, Any, Any]:
    """What the cotangent of the gradient of x gives to those of the result, x and the scale."""
    size, apart, rstd, out, scale = rows
    squared, cubed = rstd**2, rstd**3
    scaled = out * scale
    along, total = _across(scaled * apart), _across(scaled)
    moved, moved_along = _across(to_x), _across(to_x * apart)
    inner = into(into(moved * total, "div", size), "sub", _across(to_x * scaled))
    inner = into(inner, "add", squared * along * moved_along * (3.0 / size))
    first = into(apart * cubed * inner, "div", size)
    second = into(moved_along * cubed, "div", size) * (total / size - scaled)
    third = into(along * cubed, "div", size) * (moved / size - to_x)
    by_scale = sum_dims(out * _curve_of_out(rows, to_x, ones(out, ())), (0,))
    return _curve_of_out(rows, to_x, scale), into(into(first, "add", second), "add", third), by_scale


def _curve_of_out(rows: _Rows, cotangent: Any, gamma: Any) -> Any:
    size, apart, rstd, _, _ = rows
    most = into(cotangent * size, "sub", _across(cotangent))
    along = apart * rstd**2 * _across(cotangent * apart)
    return into(gamma * rstd, "div", size) * into(most, "sub", along)


def _curve_of_scale(rows: _Rows, to_scale: Any) -> tuple[Any, Any, Any]:
    """The same from the cotangent of the gradient of the scale."""
    size, apart, rstd, out, _ = rows
    turned = out * to_scale
    term = into(turned * rstd, "add", into(rstd * _across(turned), "div", -size))
    outer = apart * rstd**3 * _across(turned * apart)
    return to_scale * apart * rstd, into(term, "add", into(outer, "div", -size)), None


def _across(x: Any) -> Any:
    return sum_dims(x, (1,), True)


nn_row(
    "native_layer_norm_backward(Tensor grad_out, Tensor input, IntArrayRef normalized_shape, "
    "Tensor mean, Tensor rstd, Tensor weight=None, Tensor bias=None)",
    "NativeLayerNormBackwardBackward0",
    _layer_norm_backward,
    several=True,
    jvp="not_supported",
    grad_out=_layer_norm_curves,
    input=_layer_norm_curves,
    mean=lambda grads: None,
    rstd=lambda grads: None,
    weight=_layer_norm_curves,
    bias=lambda grads: None,
)
nn_row(
    "native_layer_norm(Tensor input, IntArrayRef normalized_shape, Tensor weight=None, "
    "Tensor bias=None, double eps=1e-05)",
    "NativeLayerNormBackward0",
    _layer_norm,
    check=sized_checks.normalised("LayerNormKernelImpl", 2, 3),
    jvp=lambda input_t, weight_t, bias_t, input, normalized_shape, weight, eps: _layer_norm_jvp(
        input_t, weight_t, bias_t, input, normalized_shape, weight, eps
    ),
    input=_layer_norm_slopes,
    weight=_layer_norm_slopes,
    bias=_layer_norm_slopes,
)


def _layer_norm_jvp(
    input_t: Any,
    weight_t: Any,
    bias_t: Any,
    x: Any,
    shape: tuple[int, ...],
    weight: Any,
    eps: float,
) -> Any:
    """The standardisation is its own transpose, so its tangent is found as its gradient is."""
    dims = _last(x, shape)
    moved = _scaled(skipping(_slope)(input_t, x, dims, eps), weight)
    return moved + _standard_times(weight_t, _standard(x, dims, eps)[0]) + bias_t


@skipping
def _standard_times(weight_t: Any, standard: Any) -> Any:
    return standard * weight_t


def moments(kind: str, saved: dict[str, Any]) -> tuple[Any, Any]:
    """What a normalisation's node keeps besides its arguments, from those: mean and 1 / deviation."""
    x, eps = saved["input"]._data, saved["eps"]
    if kind == "layer":
        return _moments(x, saved["normalized_shape"], eps)
    if kind == "group":
        inside = _grouped(x, saved["group"])
        return tuple(m[..., 0] for m in _moments(inside, inside.shape[2:], eps))
    if not saved["training"]:
        nothing = np.zeros(0, x.dtype)
        return nothing, nothing
    rows = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
    return tuple(m[:, 0] for m in _moments(rows, rows.shape[1:], eps))


# -- batch norm: per channel (dimension 1) over all others ----------


def _but_channel(x: Any) -> tuple[int, ...]:
    return tuple(d for d in range(len(x.shape)) if d != 1)


def _per_channel(value: Any, x: Any) -> Any:
    """A value per channel, with the dimensions of x."""
    return reshape(value, (1, -1) + (1,) * (len(x.shape) - 2))


def _batch_standard(x: Any, mean: Any, var: Any, training: bool, eps: float) -> Any:
    if training:
        return _standard(x, _but_channel(x), eps)
    rstd = rsqrt(_per_channel(var, x) + eps)
    return (x - _per_channel(mean, x)) * rstd, rstd


def _batch_norm(
    x: Any, weight: Any, bias: Any, mean: Any, var: Any, training: bool, eps: float
) -> Any:
    out, _ = _batch_standard(x, mean, var, training, eps)
    out = out if weight is None else out * _per_channel(weight, x)
    return (out if bias is None else out + _per_channel(bias, x)).astype(x.dtype)


def _batch_input(
    grad: Any, x: Any, weight: Any, mean: Any, var: Any, training: bool, eps: float
) -> Any:
    grad = grad if weight is None else grad * _per_channel(weight, x)
    if training:
        return _slope(grad, x, _but_channel(x), eps)
    return grad * rsqrt(_per_channel(var, x) + eps)


nn_row(
    "native_batch_norm(Tensor input, Tensor weight=None, Tensor bias=None, "
    "Tensor running_mean=None, Tensor running_var=None, bool training=False, double eps=1e-05)",
    "NativeBatchNormBackward0",
    _batch_norm,
    check=sized_checks.normalised("batch_norm", 1, 2, 3, 4),
    jvp=lambda input_t, weight_t, bias_t, input, weight, running_mean, running_var, training, eps: (
        _batch_norm_jvp(
            input_t, weight_t, bias_t, input, weight, running_mean, running_var, training, eps
        )
    ),
    input=lambda grad, input, weight, running_mean, running_var, training, eps: _batch_input(
        grad, input, weight, running_mean, running_var, training, eps
    ),
    weight=lambda grad, input, weight, running_mean, running_var, training, eps: sum_dims(
        grad * _batch_standard(input, running_mean, running_var, training, eps)[0],
        _but_channel(input),
    ),
    bias=lambda grad: sum_dims(grad, _but_channel(grad)),
)

def _batch_norm_jvp(
    input_t: Any,
    weight_t: Any,
    bias_t: Any,
    x: Any,
    weight: Any,
    mean: Any,
    var: Any,
    training: bool,
    eps: float,
) -> Any:
    standard, rstd = _batch_standard(x, mean, var, training, eps)
    moved = skipping(_slope)(input_t, x, _but_channel(x), eps) if training else input_t * rstd
    return _affine_jvp(moved, weight_t, bias_t, standard, weight)


def _affine_jvp(moved: Any, weight_t: Any, bias_t: Any, standard: Any, weight: Any) -> Any:
    """The tangent of standard · weight + bias, both per channel; `moved` is that of `standard`."""
    per_channel = skipping(_per_channel)
    scaled = moved if weight is None else moved * _per_channel(weight, standard)
    shifted = _standard_times(per_channel(weight_t, standard), standard)
    return scaled + shifted + per_channel(bias_t, standard)


# -- group norm: over groups of channels ----------


def _grouped(x: Any, groups: int) -> Any:
    rest = math.prod(x.shape[1:]) // groups
    return reshape(x, (x.shape[0], groups, rest))


def _group_norm(x: Any, groups: int, weight: Any, bias: Any, eps: float) -> Any:
    out = reshape(_standard(_grouped(x, groups), (2,), eps)[0], tuple(x.shape))
    out = out if weight is None else out * _per_channel(weight, x)
    return (out if bias is None else out + _per_channel(bias, x)).astype(x.dtype, copy=False)


def _group_input(grad: Any, x: Any, groups: int, weight: Any, eps: float) -> Any:
    grad = grad if weight is None else grad * _per_channel(weight, x)
    slope = _slope(_grouped(grad, groups), _grouped(x, groups), (2,), eps)
    return reshape(slope, tuple(x.shape))


def _group_norm_jvp(
    input_t: Any, weight_t: Any, bias_t: Any, x: Any, groups: int, weight: Any, eps: float
) -> Any:
    shape, inside = tuple(x.shape), _grouped(x, groups)
    moved = skipping(lambda t: reshape(_slope(_grouped(t, groups), inside, (2,), eps), shape))
    standard = reshape(_standard(inside, (2,), eps)[0], shape)
    return _affine_jvp(moved(input_t), weight_t, bias_t, standard, weight)


nn_row(
    "native_group_norm(Tensor input, int64_t group, Tensor weight=None, Tensor bias=None, "
    "double eps=1e-05)",
    "NativeGroupNormBackward0",
    _group_norm,
    check=sized_checks.normalised("GroupNormKernelImpl", 2, 3),
    jvp=lambda input_t, weight_t, bias_t, input, group, weight, eps: _group_norm_jvp(
        input_t, weight_t, bias_t, input, group, weight, eps
    ),
    input=lambda grad, input, group, weight, eps: _group_input(grad, input, group, weight, eps),
    weight=lambda grad, input, group, eps: sum_dims(
        grad * reshape(_standard(_grouped(input, group), (2,), eps)[0], tuple(input.shape)),
        _but_channel(input),
    ),
    bias=lambda grad: sum_dims(grad, _but_channel(grad)),
)

# -- a weight by its length and direction ----------------------------------------------------------


def _length(v: Any, dim: int) -> Any:
    dims = tuple(d for d in range(len(v.shape)) if dim == -1 or d != dim % len(v.shape))
    return sum_dims(v * v, dims, True) ** 0.5, dims


def _directed(v: Any, g: Any, dim: int) -> Any:
    return v * (g / _length(v, dim)[0])


def _direction_slope(grad: Any, v: Any, g: Any, dim: int) -> Any:
    length, dims = _length(v, dim)
    along = sum_dims(grad * v, dims, True)
    return g / length * (grad - v * (along / (length * length)))


def _length_slope(grad: Any, v: Any, dim: int) -> Any:
    length, dims = _length(v, dim)
    return sum_dims(grad * v, dims, True) / length


nn_row(
    "_weight_norm_interface(Tensor v, Tensor g, int64_t dim=0)",
    "WeightNormInterfaceBackward0",
    _directed,
    jvp="not_implemented",
    v=lambda grad, v, g, dim: _direction_slope(grad, v, g, dim),
    g=lambda grad, v, dim: _length_slope(grad, v, dim),
)
