"""Modules that learn the size of their input from the first one; loaded when a program names one.

net = LazyLinear(5)                    # LazyLinear(in_features=0, out_features=5, bias=True)
net(torch.ones(2, 3)); net             # Linear(in_features=3, out_features=5, bias=True)
"""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np

from gradtui.engine.dtypes import get_default_dtype
from gradtui.engine.nn import layers
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.parameter import Buffer, Parameter

_UNKNOWN = (
    "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in "
    "`load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call "
    "`forward` to initialize the parameters before accessing their attributes."
)
_COUNTED = (
    "Attempted to use an uninitialized parameter in <method 'numel' of 'torch._C.TensorBase' "
    "objects>. This error happens when you are using a `LazyModule` or explicitly manipulating "
    "`torch.nn.parameter.{kind}` objects. When using LazyModules Call `forward` with a dummy batch "
    "to initialize the parameters before calling torch functions"
)


class _Unknown:
    """A tensor whose shape is not known yet."""

    becomes: ClassVar[type] = Parameter

    @property
    def shape(self) -> Any:
        """Nobody knows."""
        raise RuntimeError(_UNKNOWN)

    def numel(self) -> int:
        """Nobody knows."""
        raise ValueError(_COUNTED.format(kind=type(self).__name__))

    def materialize(self, shape: Any) -> None:
        """Makes an ordinary tensor of it, whose entries nobody has set."""
        itself: Any = self
        kind = itself._data.dtype
        itself.__class__ = self.becomes
        itself._data = np.zeros(shape, kind)
        itself._rare = None

    __repr__: Any = lambda self: f"<{type(self).__name__}>"


class UninitializedParameter(_Unknown, Parameter):
    """A parameter whose shape is not known yet."""

    __module__ = "torch.nn.parameter"


class UninitializedBuffer(_Unknown, Buffer):
    """A buffer whose shape is not known yet."""

    __module__ = "torch.nn.parameter"
    becomes = Buffer


def _made(kind: type, dtype: Any) -> Any:
    from gradtui.engine.creation import empty

    return kind(empty(0, dtype=dtype or get_default_dtype()))


class _Lazy(Module):
    """What waits for its first input, and then becomes another module."""

    cls_to_become: ClassVar[type]

    def has_uninitialized_params(self) -> bool:
        """Whether the first input has not come yet."""
        own = (*self._parameters.values(), *self._buffers.values())
        return any(isinstance(t, _Unknown) for t in own)

    def reset_parameters(self) -> None:
        """Draws the parameters again, once there are any."""
        if self.in_size():
            itself: Any = super()
            itself.reset_parameters()

    def in_size(self) -> int:
        """The size of the input, 0 while nobody knows."""
        raise NotImplementedError

    def initialize_parameters(self, input: Any) -> None:
        """Gives the parameters the shapes that fit an input."""
        raise NotImplementedError

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Looks at the first input, then runs as what it has become."""
        if self.has_uninitialized_params():
            self.initialize_parameters(*args, **kwargs)
        self.__class__ = self.cls_to_become
        return self(*args, **kwargs)


def _warn() -> None:
    warnings.warn(
        "Lazy modules are a new feature under heavy development so changes to the API or "
        "functionality can happen at any moment.",
        UserWarning,
        stacklevel=3,
    )


class LazyLinear(_Lazy, layers.Linear):
    """A `Linear` whose in_features are those of its first input."""

    cls_to_become = layers.Linear

    def __init__(
        self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        _warn()
        super().__init__(0, 0, False)
        self.out_features = out_features
        self.weight = _made(UninitializedParameter, dtype)
        if bias:
            self.bias = _made(UninitializedParameter, dtype)

    def in_size(self) -> int:
        return self.in_features

    def initialize_parameters(self, input: Any) -> None:
        self.in_features = input.shape[-1]
        weight: Any = self.weight
        weight.materialize((self.out_features, self.in_features))
        if self.bias is not None:
            self.bias.materialize((self.out_features,))
        self.reset_parameters()


class _LazyConv(_Lazy):
    """A convolution whose in_channels are those of its first input."""

    _dims: int
    _transposed: bool
    in_channels: int

    def __init__(
        self, out_channels: int, kernel_size: Any, *args: Any, bias: bool = True, **options: Any
    ) -> None:
        _warn()
        super().__init__(0, 0, kernel_size, *args, bias=False, **options)
        self.out_channels = out_channels
        dtype = options.get("dtype")
        self.weight = _made(UninitializedParameter, dtype)
        if bias:
            self.bias = _made(UninitializedParameter, dtype)

    def in_size(self) -> int:
        return self.in_channels

    def initialize_parameters(self, input: Any, *rest: Any) -> None:
        batched = self._dims + 2
        if input.dim() not in (batched - 1, batched):
            raise RuntimeError(
                f"Expected {batched - 1}D (unbatched) or {batched}D (batched) input to "
                f"{type(self).__name__}, but got input of size: {input.shape}"
            )
        self.in_channels = input.shape[1 if input.dim() == batched else 0]
        if self.in_channels % self.groups:
            raise ValueError("in_channels must be divisible by groups")
        first, second = self.out_channels, self.in_channels
        first, second = (second, first) if self._transposed else (first, second)
        weight: Any = self.weight
        weight.materialize((first, second // self.groups, *self.kernel_size))
        if self.bias is not None:
            self.bias.materialize((self.out_channels,))
        self.reset_parameters()


class _LazyNorm(_Lazy):
    """A norm over channels whose number is that of its first input."""

    num_features: int
    _usual = True

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool | None = None,
        track_running_stats: bool | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        _warn()
        affine = self._usual if affine is None else affine
        if track_running_stats is None:
            track_running_stats = self._usual
        super().__init__(0, eps, momentum, affine, track_running_stats, dtype=dtype)
        for name in ("weight", "bias") if affine else ():
            self.register_parameter(name, _made(UninitializedParameter, dtype))
        for name in ("running_mean", "running_var") if track_running_stats else ():
            self.register_buffer(name, _made(UninitializedBuffer, dtype))

    def in_size(self) -> int:
        return self.num_features

    def initialize_parameters(self, input: Any) -> None:
        self.num_features = input.shape[1]
        for name in ("weight", "bias", "running_mean", "running_var"):
            tensor = getattr(self, name)
            if tensor is not None:
                tensor.materialize((self.num_features,))
        self.reset_parameters()


class _LazyPlainNorm(_LazyNorm):
    """The same, by default without parameters and running statistics."""

    _usual = False


def _declare() -> dict[str, type]:
    found: dict[str, type] = {}
    from gradtui.engine import nn

    for base, ends in (
        (_LazyConv, ("Conv", "ConvTranspose")),
        (_LazyNorm, ("BatchNorm",)),
        (_LazyPlainNorm, ("InstanceNorm",)),
    ):
        for end in ends:
            for n in (1, 2, 3):
                kind: Any = getattr(nn, f"{end}{n}d")
                name = f"Lazy{end}{n}d"
                body = {"cls_to_become": kind, "__module__": kind.__module__}
                found[name] = type(name, (base, kind), body)
    return found


CLASSES = {"LazyLinear": LazyLinear, **_declare()}
globals().update(CLASSES)
