"""Activations: functions of one tensor, most of them entry by entry."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine import creation, dtypes, random
from gradtui.engine.inplace import in_place
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.rows import TABLE
from gradtui.engine.tensor import Tensor, wrap


def _run(name: str, inplace: bool, *args: Any, **options: Any) -> Any:
    """The row of that name, or its variant that changes the input."""
    if inplace:
        return in_place(TABLE[name])(*args, **options)
    return FUNCTIONS[name](*args, **options)


def _switch(name: str) -> Callable[..., Any]:
    """A function of one tensor with an `inplace` switch."""

    def call(input: Tensor, inplace: bool = False) -> Any:
        return _run(name, inplace, input)

    call.__name__ = call.__qualname__ = name
    return call


relu, selu, silu, mish, hardswish, hardsigmoid = (
    _switch(n) for n in ("relu", "selu", "silu", "mish", "hardswish", "hardsigmoid")
)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Any:
    """`value` wherever the input is at most `threshold`."""
    return _run("threshold", inplace, input, threshold, value)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Any:
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return _run("hardtanh", inplace, input, min_val, max_val)


def relu6(input: Tensor, inplace: bool = False) -> Any:
    return _run("hardtanh", inplace, input, 0, 6)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Any:
    return _run("elu", inplace, input, alpha)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Any:
    return _run("celu", inplace, input, alpha)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    return _run("leaky_relu", inplace, input, negative_slope)


def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """x, or x times a slope drawn for each entry below 0 (its mean unless training)."""
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    data = input._data
    noise = np.ones(data.shape, data.dtype)
    if training:
        low = data <= 0
        count = int(np.count_nonzero(low))
        drawn = random.uniform(creation.default_generator, (count,), lower, upper, dtypes.float64)
        noise[low] = drawn
    return _run("rrelu_with_noise", inplace, input, wrap(noise), lower, upper, training)


def _changing(function: Callable[..., Any]) -> Callable[..., Any]:
    """`relu_` and its kind: the function with `inplace=True`."""

    def call(*args: Any, **options: Any) -> Any:
        return function(*args, **options, inplace=True)

    call.__name__ = call.__qualname__ = function.__name__ + "_"
    return call


relu_, selu_, hardtanh_, rrelu_ = (_changing(f) for f in (relu, selu, hardtanh, rrelu))
elu_, celu_, leaky_relu_ = _changing(elu), _changing(celu), _changing(leaky_relu)


def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Any:
    return FUNCTIONS["softplus"](input, beta, threshold)


def gelu(input: Tensor, *, approximate: str = "none") -> Any:
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return FUNCTIONS["gelu"](input, approximate=approximate)


def logsigmoid(input: Tensor) -> Any:
    return FUNCTIONS["log_sigmoid"](input)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Any:
    return FUNCTIONS["hardshrink"](input, lambd)


def softshrink(input: Tensor, lambd: float = 0.5) -> Any:
    return FUNCTIONS["softshrink"](input, lambd)


def tanhshrink(input: Any) -> Any:
    return input - input.tanh()


def softsign(input: Any) -> Any:
    return input / (input.abs() + 1)


def tanh(input: Any) -> Any:
    return input.tanh()


def sigmoid(input: Any) -> Any:
    return input.sigmoid()


def prelu(input: Any, weight: Any) -> Any:
    """x where positive, else weight·x, with one weight or one for each channel (dimension 1)."""
    if weight.dim() > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.dim()}"
        )
    if input.dtype is not weight.dtype:
        raise RuntimeError(
            "prelu: Type promoting not supported. Got "
            f"{input.dtype.scalar_name} and {weight.dtype.scalar_name}"
        )
    count = weight.numel()
    if count != 1:
        if input.dim() == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input.shape[1] if input.dim() > 1 else 1
        if channels != count:
            raise RuntimeError(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{count} and channel size = {channels}."
            )
    shape = [1] * input.dim()
    if input.dim() > 1:
        shape[1] = count
    if weight.dim() != input.dim() or tuple(weight.shape) != tuple(shape):
        weight = weight.view(shape)
    return FUNCTIONS["_prelu_kernel"](input, weight)


def glu(input: Tensor, dim: int = -1) -> Any:
    """The first half times the sigmoid of the second."""
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    return FUNCTIONS["glu"](input, dim)


# -- over one dimension -----------------------------------------------------------------------


def _guessed(name: str, ndim: int, stacklevel: int) -> int:
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include "
        "dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    dim = _guessed("softmax", input.dim(), _stacklevel) if dim is None else dim
    return input.softmax(dim) if dtype is None else input.softmax(dim, dtype=dtype)


def softmin(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    dim = _guessed("softmin", input.dim(), _stacklevel) if dim is None else dim
    return (-input).softmax(dim) if dtype is None else (-input).softmax(dim, dtype=dtype)


def log_softmax(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    dim = _guessed("log_softmax", input.dim(), _stacklevel) if dim is None else dim
    return input.log_softmax(dim) if dtype is None else input.log_softmax(dim, dtype=dtype)


def gumbel_softmax(
    logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Any:
    """A draw of a class, relaxed (Jang et al., 2017); `hard` makes it one-hot in value."""
    gumbels = -wrap(logits.detach().clone()._data).exponential_().log()
    soft = ((logits + gumbels) / tau).softmax(dim)
    if not hard:
        return soft
    index = soft.max(dim, keepdim=True)[1]
    chosen = (logits.detach() * 0).scatter_(dim, index, 1.0)
    return chosen - soft.detach() + soft
