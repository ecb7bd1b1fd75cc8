"""Activations as modules, each the function of the same name with its options."""

from __future__ import annotations

import warnings
from typing import Any

from gradtui.engine.creation import empty
from gradtui.engine.nn import functional as F
from gradtui.engine.nn import init
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.parameter import Parameter


class _Activation(Module):
    __module__ = "torch.nn.modules.activation"


class _Plain(_Activation):
    """An activation without options: `_function` of its input."""

    _function: Any

    def forward(self, input: Any) -> Any:
        return type(self)._function(input)


class Sigmoid(_Plain):
    """1 / (1 + exp(-x))."""

    _function = staticmethod(F.sigmoid)


class Tanh(_Plain):
    """The hyperbolic tangent."""

    _function = staticmethod(F.tanh)


class LogSigmoid(_Plain):
    """log(1 / (1 + exp(-x)))."""

    _function = staticmethod(F.logsigmoid)


class Softsign(_Plain):
    """x / (1 + |x|)."""

    _function = staticmethod(F.softsign)


class Tanhshrink(_Plain):
    """x - tanh x."""

    _function = staticmethod(F.tanhshrink)


class _Switched(_Activation):
    """An activation whose one option is whether it changes its input."""

    _function: Any

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        return type(self)._function(input, inplace=self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class ReLU(_Switched):
    """max(0, x)."""

    _function = staticmethod(F.relu)


class SELU(_Switched):
    """Self-normalising (Klambauer et al., 2017)."""

    _function = staticmethod(F.selu)


class SiLU(_Switched):
    """x·sigmoid(x)."""

    _function = staticmethod(F.silu)


class Mish(_Switched):
    """x·tanh(softplus(x)) (Misra, 2019)."""

    _function = staticmethod(F.mish)


class Hardswish(_Switched):
    """x·relu6(x + 3) / 6 (Howard et al., 2019)."""

    _function = staticmethod(F.hardswish)

    def extra_repr(self) -> str:
        return ""


class Hardsigmoid(_Switched):
    """relu6(x + 3) / 6."""

    _function = staticmethod(F.hardsigmoid)

    def extra_repr(self) -> str:
        return ""


class Hardtanh(_Activation):
    """x between two bounds."""

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        for old, new, value in (
            ("min_value", "min_val", min_value),
            ("max_value", "max_val", max_value),
        ):
            if value is not None:
                warnings.warn(
                    f"keyword argument `{old}` is deprecated and renamed to `{new}`",
                    FutureWarning,
                    stacklevel=2,
                )
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if self.max_val <= self.min_val:
            raise AssertionError(
                f"max_val ({self.max_val}) must be greater than min_val ({self.min_val})"
            )

    def forward(self, input: Any) -> Any:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        changed = ", inplace=True" if self.inplace else ""
        return f"min_val={self.min_val}, max_val={self.max_val}{changed}"


class ReLU6(Hardtanh):
    """min(max(0, x), 6)."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class _Sloped(_Activation):
    """An activation with one number, named `_option`, and an `inplace` switch."""

    _option = "alpha"
    _function: Any

    def _keep(self, value: float, inplace: bool) -> None:
        setattr(self, self._option, value)
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        return type(self)._function(input, getattr(self, self._option), self.inplace)

    def extra_repr(self) -> str:
        changed = ", inplace=True" if self.inplace else ""
        return f"{self._option}={getattr(self, self._option)}{changed}"


class ELU(_Sloped):
    """x, or alpha·(exp x - 1) below 0."""

    _function = staticmethod(F.elu)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self._keep(alpha, inplace)


class CELU(_Sloped):
    """x, or alpha·(exp(x / alpha) - 1) below 0."""

    _function = staticmethod(F.celu)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self._keep(alpha, inplace)


class LeakyReLU(_Sloped):
    """x, or negative_slope·x below 0."""

    _option = "negative_slope"
    _function = staticmethod(F.leaky_relu)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self._keep(negative_slope, inplace)


class RReLU(_Activation):
    """x, or x times a slope drawn between `lower` and `upper` below 0."""

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        changed = ", inplace=True" if self.inplace else ""
        return f"lower={self.lower}, upper={self.upper}{changed}"


class Threshold(_Activation):
    """x, or `value` where x is at most `threshold`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Any) -> Any:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        changed = ", inplace=True" if self.inplace else ""
        return f"threshold={self.threshold}, value={self.value}{changed}"


class Softplus(_Activation):
    """log(1 + exp(beta·x)) / beta."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Any) -> Any:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class GELU(_Activation):
    """x·Φ(x) (Hendrycks and Gimpel, 2016)."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class Hardshrink(_Activation):
    """x, or 0 within ±lambd."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return f"{self.lambd}"


class Softshrink(Hardshrink):
    """x moved towards 0 by lambd."""

    def forward(self, input: Any) -> Any:
        return F.softshrink(input, self.lambd)


class PReLU(_Activation):
    """x, or weight·x below 0, the weight being learned."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        init.constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class _Along(_Activation):
    """An activation over one dimension."""

    _function: Any

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        return type(self)._function(input, self.dim, _stacklevel=5)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(_Along):
    """exp(x) / Σ exp(x)."""

    _function = staticmethod(F.softmax)


class Softmin(_Along):
    """exp(-x) / Σ exp(-x)."""

    _function = staticmethod(F.softmin)


class LogSoftmax(_Along):
    """x - log Σ exp(x)."""

    _function = staticmethod(F.log_softmax)


class GLU(_Activation):
    """The first half times the sigmoid of the second."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
