"""Layers as functions: linear maps, look-ups, dropout, normalisation, padding, attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine import composite, creation, random
from gradtui.engine.kernels.shapes import laid_out_like
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import is_grad_enabled, no_grad
from gradtui.engine.nn.functional.shared import check_floating, native
from gradtui.engine.refusals import refusal
from gradtui.engine.tensor import Tensor, storage, wrap


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """x·Wᵀ + b."""
    for place, (name, value) in enumerate((("input", input), ("weight", weight)), 1):
        if not isinstance(value, Tensor):
            raise TypeError(
                f"linear(): argument '{name}' (position {place}) must be Tensor, not "
                f"{type(value).__name__}"
            )
    return composite.linear(input, weight, bias)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """x1ᵀ·W·x2 + b for every output."""
    lead = tuple(input1.shape[:-1])
    first = input1.reshape((-1, input1.shape[-1]))
    second = input2.reshape((-1, input2.shape[-1]))
    out = FUNCTIONS["_trilinear"](first, weight, second).reshape((*lead, weight.shape[0]))
    return out if bias is None else out + bias


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """Rows of `weight` by their numbers; the padding row gets no gradient."""
    if padding_idx is not None and not -weight.shape[0] <= padding_idx < weight.shape[0]:
        raise AssertionError("Padding_idx must be within num_embeddings")
    padding = -1 if padding_idx is None else padding_idx % weight.shape[0]
    if sparse and weight.requires_grad and is_grad_enabled():
        raise NotImplementedError("sparse gradients are not supported by gradtui's engine")
    if max_norm is not None:
        renormalise(weight, input, max_norm, norm_type)
    return FUNCTIONS["embedding_rows"](weight, input, padding, scale_grad_by_freq)


def renormalise(weight: Any, input: Any, max_norm: float, norm_type: float) -> None:
    """Shrinks the rows that are looked up and are longer than `max_norm`."""
    with no_grad():
        for number in np.unique(input._data):
            row = weight[int(number)]
            length = row.norm(norm_type).item()
            if length > max_norm:
                row.mul_(max_norm / (length + 1e-7))


# -- dropout ----------------------------------------------------------------------------------


def _check_probability(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _noise(input: Any, shape: tuple[int, ...], keep: float) -> Any:
    """Ones and zeros, drawn in the order in which the input lies in memory."""
    like = np.empty(shape)
    like = laid_out_like(like, input._data) if shape == input._data.shape else like
    draws = creation.in_memory_order(
        like, lambda size: random.bernoulli_scalar(creation.default_generator, size, keep)
    )
    return wrap(draws.astype(input._data.dtype))


def _multiply(input: Any, noise: Any, inplace: bool) -> Any:
    return input.mul_(noise) if inplace else input * noise


def _dropped(input: Any, shape: tuple[int, ...], p: float, train: bool, inplace: bool) -> Any:
    if p == 0 or not train or not input.numel():
        return input
    if p == 1:
        return _multiply(input, wrap(np.zeros((), input._data.dtype)), inplace)
    noise = _noise(input, shape, 1 - p)
    if not input.is_floating_point():
        raise RuntimeError(
            "result type Float can't be cast to the desired output type " + input.dtype.scalar_name
        )
    return _multiply(input, noise / (1 - p), inplace)


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Zeros with probability p, and the rest scaled by 1 / (1 - p)."""
    _check_probability(p)
    return _dropped(input, tuple(input.shape), p, training, inplace)


def _channels(input: Any) -> tuple[int, ...]:
    return (*input.shape[:2], *(1,) * (input.dim() - 2))


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Drops whole channels of (N, C, L) or (C, L)."""
    _check_probability(p)
    if input.dim() not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.dim()}D input. Note that "
            "dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, "
            "a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs)."
        )
    batched = input if input.dim() == 3 else input.unsqueeze(0)
    out = _dropped(batched, _channels(batched), p, training, inplace)
    return out if input.dim() == 3 else out.squeeze(0)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Drops whole channels of (N, C, H, W)."""
    _check_probability(p)
    return _dropped(input, _channels(input), p, training, inplace)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Drops whole channels of (N, C, D, H, W) or (C, D, H, W)."""
    if input.dim() == 5:
        return dropout2d(input, p, training, inplace)
    if inplace:
        return dropout2d(input.unsqueeze_(0), p, training, True).squeeze_(0)
    return dropout2d(input.unsqueeze(0), p, training).squeeze(0)


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout that keeps mean and variance behind SELU (Klambauer et al., 2017)."""
    return _alpha_dropped(input, tuple(input.shape), p, training, inplace)


def feature_alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Any:
    """The same of whole channels of (N, C, ...)."""
    if training and p not in (0, 1) and input.dim() < 2 and input.numel():
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return _alpha_dropped(input, _channels(input), p, training, inplace)


def _alpha_dropped(
    input: Any, shape: tuple[int, ...], p: float, training: bool, inplace: bool
) -> Any:
    _check_probability(p)
    if p == 0 or not training or not input.numel():
        return input
    if p == 1:
        return _multiply(input, wrap(np.zeros((), input._data.dtype)), inplace)
    alpha = 1.7580993408473766
    a = 1.0 / math.sqrt((alpha * alpha * p + 1) * (1 - p))
    noise = _noise(input, shape, 1 - p)
    shift = (noise + -1) * (alpha * a) + alpha * a * p
    noise = noise * a
    return _multiply(input, noise, inplace).add_(shift)


# -- normalisation ----------------------------------------------------------------------------


def layer_norm(
    input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Mean 0 and variance 1 over the last dimensions, then weight and bias."""
    return FUNCTIONS["native_layer_norm"](input, normalized_shape, weight, bias, eps)


@native
def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: Any = None) -> Any:
    """The input over its root mean square over the last dimensions."""
    shape = tuple(normalized_shape)
    _check_normalized(input, shape, weight)
    check_floating("rms_norm", input)
    dims = tuple(range(input.dim() - len(shape), input.dim()))
    eps = float(np.finfo(input._data.dtype).eps) if eps is None else eps
    wide = input.float() if input._data.dtype == np.float16 else input
    out = wide * (wide.pow(2).mean(dims, keepdim=True) + eps).rsqrt()
    return (out if weight is None else out * weight).type_as(input)


def _check_normalized(input: Any, shape: tuple[int, ...], weight: Any) -> None:
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
            "element, but got normalized_shape = []"
        )
    if weight is not None and tuple(weight.shape) != shape:
        raise RuntimeError(
            "Expected weight to be of same shape as normalized_shape, but got weight of shape "
            f"{list(weight.shape)} and normalized_shape = {list(shape)}"
        )
    if tuple(input.shape[input.dim() - len(shape) :]) != shape:
        wanted = ", ".join(["*", *(str(n) for n in shape)]).replace("*, ", "*", 1)
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [{wanted}], but got "
            f"input of size{list(input.shape)}"
        )


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Mean 0 and variance 1 over each group of channels."""
    if input.dim() < 2:
        raise RuntimeError(
            f"Expected at least 2 dimensions for input tensor but received {input.dim()}"
        )
    rows = input.shape[0] * input.shape[1] // num_groups
    _verify_batch([rows, num_groups, *input.shape[2:]])
    if input.shape[1] % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {list(input.shape)} and num_groups={num_groups}"
        )
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and tuple(value.shape) != (input.shape[1],):
            shape = [0] if weight is None else list(weight.shape)  # torch shows the weight's
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, "
                f"but got {name} of shape {shape} and input of shape {list(input.shape)}"
            )
    return FUNCTIONS["native_group_norm"](input, num_groups, weight, bias, eps)


def _verify_batch(size: Any) -> None:
    if size[0] * math.prod(size[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {size}"
        )


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 per channel: this batch's in training, else the running ones."""
    if training:
        _verify_batch(input.size())
    _check_eps(training, eps)
    if not input.numel():
        out = input.clone()
        out = out if weight is None else out * weight[0]
        return out if bias is None else out + bias[0]
    _check_channels(input, running_mean, running_var, weight, bias, training)
    out = FUNCTIONS["native_batch_norm"](
        input, weight, bias, running_mean, running_var, training, eps
    )
    if training and running_mean is not None:
        _follow(input, running_mean, running_var, momentum)
    return out


def _check_eps(training: bool, eps: float) -> None:
    if training and eps <= 0.0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    if eps < 0.0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")


def _check_channels(
    input: Any, mean: Any, var: Any, weight: Any, bias: Any, training: bool
) -> None:
    """One number of each kind for every channel."""
    named = {"running_mean": mean, "running_var": var, "weight": weight, "bias": bias}
    if not all(v is None or isinstance(v, Tensor) for v in (input, *named.values())):
        return  # which the operation itself refuses
    for name, value in named.items():
        if value is None and name.startswith("running") and not training:
            raise RuntimeError(f"{name} must be defined in evaluation mode")
        if value is not None and value.numel() != input.shape[1]:
            raise RuntimeError(
                f"{name} should contain {input.shape[1]} elements not {value.numel()}"
            )


def _follow(input: Any, running_mean: Any, running_var: Any, momentum: float) -> None:
    """Moves the running averages towards those of the batch; as in torch, versions do not count."""
    data = input._data.astype(np.float64)
    dims = tuple(d for d in range(data.ndim) if d != 1)
    count = data.size // data.shape[1]
    mean, var = data.mean(axis=dims), data.var(axis=dims) * (count / (count - 1))
    for running, value in ((running_mean, mean), (running_var, var)):
        array = storage(running)
        array[...] = momentum * value + (1 - momentum) * array.astype(np.float64)


# -- padding ----------------------------------------------------------------------------------

_EDGES = {"reflect": "reflection", "replicate": "replication"}


def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Any:
    """Grows (or cuts) dimensions from the last one: `pad` is (left, right, top, bottom, …)."""
    refused = refusal("pad", (input, pad, mode, value), {}, False)
    if refused is not None:
        raise refused
    widths = tuple(int(p) for p in pad)
    if len(widths) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(widths) // 2 > input.dim():
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(widths)} and input of dimension {input.dim()}"
        )
    if mode == "constant":
        fill = 0 if value is None else value
        return FUNCTIONS["constant_pad_nd"](input, widths, fill)
    if value not in (None, 0):
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if mode in ("reflect", "replicate", "circular"):
        _check_edges(input, widths, mode)
    if mode in _EDGES:
        return FUNCTIONS[f"{_EDGES[mode]}_pad{len(widths) // 2}d"](input, widths)
    if mode == "circular":
        return _circular(input, widths)
    raise NotImplementedError(f"Unrecognised padding mode {mode}")


_SUPPORTED = """Padding size {size} is not supported for {ndim}D input tensor.
Supported combinations for non-constant padding:
  - 2D or 3D input: padding size = 2 (pads last dimension)
  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)
  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"""


def _check_edges(input: Any, widths: tuple[int, ...], mode: str) -> None:
    """How many dimensions may grow by their own entries, and by how many of them."""
    ndim = input.dim()
    if ndim - len(widths) // 2 not in (1, 2) or len(widths) > 6:
        raise NotImplementedError(_SUPPORTED.format(size=len(widths), ndim=ndim))
    for place in range(len(widths) // 2):
        dim, pair = ndim - 1 - place, widths[2 * place : 2 * place + 2]
        size = input.shape[dim]
        if mode == "reflect" and max(pair) >= size:
            raise RuntimeError(
                f"Argument #{4 + 2 * place}: Padding size should be less than the corresponding "
                f"input dimension, but got: padding ({pair[0]}, {pair[1]}) at dimension {dim} of "
                f"input {list(input.shape)}"
            )
        if mode == "circular" and max(pair) > size:
            raise RuntimeError("Padding value causes wrapping around more than once.")


def _circular(input: Any, widths: tuple[int, ...]) -> Any:
    """The middle is copied, then each edge from the far side of what is there: torch's own steps."""
    ndim = input.dim()
    pairs = [(widths[i], widths[i + 1]) for i in range(0, len(widths), 2)]
    shape = list(input.shape)
    for place, (before, after) in enumerate(pairs):
        shape[ndim - 1 - place] += before + after
    out = wrap(np.zeros(shape, input._data.dtype))
    middle, source = out, input
    for place in reversed(range(len(pairs))):
        dim, (before, after) = ndim - 1 - place, pairs[place]
        size = input.shape[dim]
        middle = middle.narrow(dim, max(before, 0), shape[dim] - max(before, 0) - max(after, 0))
        cut = max(-before, 0)
        source = source.narrow(dim, cut, size - cut - max(-after, 0))
    middle.copy_(source)
    for place in reversed(range(len(pairs))):
        dim, (before, after) = ndim - 1 - place, pairs[place]
        size = shape[dim]
        if before > 0:
            out.narrow(dim, 0, before).copy_(out.narrow(dim, size - before - max(after, 0), before))
        if after > 0:
            out.narrow(dim, size - after, after).copy_(out.narrow(dim, max(before, 0), after))
    return out
