"""Rows of arithmetic: two operands, broadcast together."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from gradtui.engine.lift import lifted, where, zeros_like
from gradtui.engine.rows import row
from gradtui.engine.table import base as K

log = lifted("log", K.log)
power = lifted("pow", K.power)
floor_div = lifted("div_floor", K.div_floor)
trunc_div = lifted("div_trunc", K.div_trunc)


def _scaled(x: Any, alpha: Any) -> Any:
    return x if alpha == 1 else x * alpha


row(
    "add(Tensor self, Tensor other)",
    "AddBackward0",
    K.add,
    kind="binary",
    self=lambda grad: grad,
    other=lambda grad: grad,
)
row(
    "add(Tensor self, Tensor other, *, Number alpha=1)",
    "AddBackward0",
    lambda self, other, alpha: K.add(self, _scaled(other, alpha)),
    kind="binary",
    self=lambda grad: grad,
    other=lambda grad, alpha: _scaled(grad, alpha),
)
row(
    "sub(Tensor self, Tensor other)",
    "SubBackward0",
    K.subtract,
    kind="binary",
    self=lambda grad: grad,
    other=lambda grad: -grad,
)
row(
    "sub(Tensor self, Tensor other, *, Number alpha=1)",
    "SubBackward0",
    lambda self, other, alpha: K.subtract(self, _scaled(other, alpha)),
    kind="binary",
    self=lambda grad: grad,
    other=lambda grad, alpha: _scaled(-grad, alpha),
)
row(
    "rsub(Tensor self, Tensor other, *, Number alpha=1)",
    "RsubBackward1",
    lambda self, other, alpha: K.subtract(other, _scaled(self, alpha)),
    kind="binary",
    self=lambda grad, alpha: _scaled(-grad, alpha),
    other=lambda grad: grad,
)
row(
    "mul(Tensor self, Tensor other)",
    "MulBackward0",
    operator.mul,
    kind="binary",
    self=lambda grad, other: grad * other,
    other=lambda grad, self: grad * self,
)
row(
    "div(Tensor self, Tensor other)",
    "DivBackward0",
    operator.truediv,
    kind="binary",
    floats=True,
    self=lambda grad, other: grad / other,
    other=lambda grad, self, other: -grad * ((self / other) / other),
)
row(
    "div(Tensor self, Tensor other, *, str rounding_mode=None)",
    "DivBackward1",
    K.div_mode,
    kind="binary",
    self=lambda grad, other, rounding_mode: zeros_like(grad) if rounding_mode else grad / other,
    other=lambda grad, self, other, rounding_mode: (
        zeros_like(grad) if rounding_mode else -grad * ((self / other) / other)
    ),
)
row("floor_divide(Tensor self, Tensor other)", "", K.div_floor, kind="binary")
row(
    "remainder(Tensor self, Tensor other)",
    "RemainderBackward0",
    K.remainder,
    kind="binary",
    self=lambda grad: grad,
    other=lambda grad, self, other: -grad * floor_div(self, other),
)
row(
    "fmod(Tensor self, Tensor other)",
    "FmodBackward0",
    K.fmod,
    kind="binary",
    self=lambda grad: grad,
    other=lambda grad, self, other: -grad * trunc_div(self, other),
)


def _power_self(grad: Any, self: Any, exponent: Any) -> Any:
    """torch's pow_backward: the derivative at exponent 0 is 0, also at 0."""
    if not hasattr(exponent, "shape"):
        if exponent == 0:
            return zeros_like(grad)
        return grad * (exponent * power(self, exponent - 1))
    return where(exponent == 0, 0, grad * (exponent * power(self, exponent - 1)))


def _power_exponent(grad: Any, self: Any, exponent: Any, result: Any) -> Any:
    if not hasattr(self, "shape"):
        if self == 0:
            return where(exponent >= 0, 0, grad * result * float("-inf"))
        return grad * (result * float(np.log(self)))
    at_zero = where(exponent > 0, 0, result * float("-inf"))
    at_zero = where(exponent == 0, 0, at_zero)
    return grad * where(self == 0, where(exponent >= 0, 0, at_zero), result * log(self))


row(
    "pow(Tensor self, Number exponent)",
    "PowBackward0",
    K.power_scalar,
    self=_power_self,
)
row(
    "pow(Tensor self, Tensor exponent)",
    "PowBackward1",
    K.power,
    kind="binary",
    self=_power_self,
    exponent=_power_exponent,
)
row(
    "pow(Number self, Tensor exponent)",
    "PowBackward2",
    K.power,
    kind="binary",
    exponent=_power_exponent,
)
row(
    "maximum(Tensor self, Tensor other)",
    "MaximumBackward0",
    np.maximum,
    kind="binary",
    self=lambda grad, self, other: where(self == other, grad / 2, where(self > other, grad, 0)),
    other=lambda grad, self, other: where(self == other, grad / 2, where(self < other, grad, 0)),
)
row(
    "minimum(Tensor self, Tensor other)",
    "MinimumBackward0",
    np.minimum,
    kind="binary",
    self=lambda grad, self, other: where(self == other, grad / 2, where(self < other, grad, 0)),
    other=lambda grad, self, other: where(self == other, grad / 2, where(self > other, grad, 0)),
)
row(
    "atan2(Tensor self, Tensor other)",
    "Atan2Backward0",
    K.atan2,
    kind="binary",
    floats=True,
    self=lambda grad, self, other: grad * (other / (self * self + other * other)),
    other=lambda grad, self, other: grad * (-self / (self * self + other * other)),
)
row(
    "hypot(Tensor self, Tensor other)",
    "HypotBackward0",
    np.hypot,
    kind="binary",
    self=lambda grad, self, result: grad * (self / result),
    other=lambda grad, other, result: grad * (other / result),
)
row(
    "addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Number value=1)",
    "AddcmulBackward0",
    lambda self, tensor1, tensor2, value: self + _scaled(tensor1 * tensor2, value),
    self=lambda grad: grad,
    tensor1=lambda grad, tensor2, value: grad * _scaled(tensor2, value),
    tensor2=lambda grad, tensor1, value: grad * _scaled(tensor1, value),
)
row(
    "addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Number value=1)",
    "AddcdivBackward0",
    lambda self, tensor1, tensor2, value: self + _scaled(tensor1, value) / tensor2,
    self=lambda grad: grad,
    tensor1=lambda grad, tensor2, value: grad * (value / tensor2),
    tensor2=lambda grad, tensor1, tensor2, value: -grad * ((value * tensor1) / (tensor2 * tensor2)),
)
row(
    "lerp(Tensor self, Tensor end, Number weight)",
    "LerpBackward0",
    K.lerp,
    self=lambda grad, weight: grad * (1 - weight),
    end=lambda grad, weight: grad * weight,
)
row(
    "lerp(Tensor self, Tensor end, Tensor weight)",
    "LerpBackward1",
    K.lerp,
    self=lambda grad, weight: grad * (1 - weight),
    end=lambda grad, weight: grad * weight,
    weight=lambda grad, self, end: grad * (end - self),
)
