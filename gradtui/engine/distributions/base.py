"""What all distributions share: shapes, checks of parameters and values, and their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from gradtui.engine import creation
from gradtui.engine.distributions.constraints import Constraint
from gradtui.engine.dtypes import Size, finfo, get_default_dtype
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.modes import enable_grad, no_grad
from gradtui.engine.tensor import Tensor

Numbers = (int, float, np.number)


def broadcast_all(*values: Any) -> tuple[Any, ...]:
    """Tensors and numbers as tensors of one shape."""
    if not all(isinstance(v, (Tensor, *Numbers)) for v in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects implementing "
            "__torch_function__."
        )
    kind = next((v.dtype for v in values if isinstance(v, Tensor)), get_default_dtype())
    tensors = [v if isinstance(v, Tensor) else creation.tensor(v, dtype=kind) for v in values]
    return F["broadcast_tensors"](*tensors)  # type: ignore[no-any-return]


def shape_of(*given: Any) -> Any:
    """The shape of what was given: none where all were numbers."""
    if all(isinstance(v, Numbers) for v in given):
        return Size()
    return broadcast_all(*given)[0].shape


def standard_normal(shape: Any, like: Any) -> Any:
    return creation.empty(shape, dtype=like.dtype).normal_()


def logits_to_probs(logits: Any, is_binary: bool = False) -> Any:
    """Probabilities from their logarithms, up to a constant; or from log odds."""
    return F["sigmoid"](logits) if is_binary else F["softmax"](logits, -1)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Any:
    """Logarithms of probabilities, or log odds."""
    eps = finfo(probs.dtype).eps
    kept = probs.clamp(min=eps, max=1 - eps)
    return F["log"](kept) - F["log1p"](-kept) if is_binary else F["log"](kept)


def sum_rightmost(value: Any, dims: int) -> Any:
    """The sum over the last dimensions."""
    return value.reshape(*value.shape[:-dims], -1).sum(-1) if dims else value


class Lazy:
    """An attribute that is computed when it is first asked for."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self.compute, self.name = compute, compute.__name__

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        if owner is None:
            return self
        with enable_grad():
            value = self.compute(owner)
        owner.__dict__[self.name] = value
        return value


def lazy(compute: Callable[[Any], Any]) -> Any:
    """Marks an attribute that is computed when it is first asked for."""
    return Lazy(compute)


class Distribution:
    """`batch_shape` independent distributions of events of `event_shape`."""

    has_rsample: Any = False
    has_enumerate_support: Any = False
    _validate_args = True
    support: Any = None
    parameters: ClassVar[tuple[str, ...]] = ()
    event_dims: ClassVar[dict[str, int]] = {}  # of parameters that have dimensions of their own

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether parameters and values are checked where nobody says so."""
        Distribution._validate_args = value

    def __init__(
        self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            for name, constraint in self.constraints_of().items():
                if name in self.__dict__:
                    self._check_parameter(name, constraint)

    def constraints_of(self) -> dict[str, Constraint]:
        """What each parameter has to satisfy."""
        return {}

    @property
    def arg_constraints(self) -> dict[str, Constraint]:
        """What each parameter has to satisfy."""
        return self.constraints_of()

    def _check_parameter(self, name: str, constraint: Constraint) -> None:
        value = getattr(self, name)
        if not bool(constraint.check(value).all()):
            raise ValueError(
                f"Expected parameter {name} ({type(value).__name__} of shape "
                f"{tuple(value.shape)}) of distribution {self!r} to satisfy the constraint "
                f"{constraint!r}, but found invalid values:\n{value}"
            )

    @property
    def batch_shape(self) -> Any:
        """How many distributions there are."""
        return self._batch_shape

    @property
    def event_shape(self) -> Any:
        """The shape of one draw of one of them."""
        return self._event_shape

    @property
    def stddev(self) -> Any:
        """The root of the variance."""
        return self.variance.sqrt()

    @property
    def mean(self) -> Any:
        """The centre of gravity."""
        raise NotImplementedError

    @property
    def mode(self) -> Any:
        """The densest place, or the likeliest value."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self) -> Any:
        """The mean square distance from the mean."""
        raise NotImplementedError

    def sample(self, sample_shape: Any = ()) -> Any:
        """Draws, which no gradient goes through."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Draws as a function of the parameters, which gradients go through."""
        raise NotImplementedError

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density, or of the probability, at a value."""
        raise NotImplementedError

    def entropy(self) -> Any:
        """The mean of -log_prob."""
        raise NotImplementedError

    def perplexity(self) -> Any:
        """exp of the entropy."""
        return F["exp"](self.entropy())

    def cdf(self, value: Any) -> Any:
        """The probability of less."""
        raise NotImplementedError

    def icdf(self, value: Any) -> Any:
        """The value with that much probability below it."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True) -> Any:
        """Every value there is."""
        raise NotImplementedError

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same for more distributions, without copying the parameters."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        for name in self.parameters:
            if name in self.__dict__:
                value = self.__dict__[name]
                own = value.shape[value.dim() - self.event_dims.get(name, 0) :]
                new.__dict__[name] = value.expand(*batch_shape, *own)
        new._batch_shape = Size(batch_shape)
        new._expanded()
        return new

    def _expanded(self) -> None:
        """What else has to follow new shapes of the parameters."""

    def _extended_shape(self, sample_shape: Any = ()) -> Any:
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def _validate(self, value: Any) -> None:
        if self._validate_args:
            self._validate_sample(value)

    def _validate_sample(self, value: Any) -> None:
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        actual: Any = value.shape
        if tuple(actual[len(actual) - len(self._event_shape) :]) != tuple(self._event_shape):
            raise ValueError(
                f"The right-most size of value must match event_shape: {actual} vs "
                f"{self._event_shape}."
            )
        expected = Size((*self._batch_shape, *self._event_shape))
        for i, j in zip(reversed(actual), reversed(expected), strict=False):
            if i != 1 and j != 1 and i != j:
                raise ValueError(
                    f"Value is not broadcastable with batch_shape+event_shape: {actual} vs "
                    f"{expected}."
                )
        if not bool(self.support.check(value).all()):
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(actual)}) to be "
                f"within the support ({self.support!r}) of the distribution {self!r}, but found "
                f"invalid values:\n{value}"
            )

    def __repr__(self) -> str:
        names = [k for k in self.constraints_of() if k in self.__dict__]
        values = [(k, self.__dict__[k]) for k in names]
        shown = [f"{k}: {v if v.numel() == 1 else v.size()}" for k, v in values]
        return f"{type(self).__name__}({', '.join(shown)})"


def in_torch(module: str) -> Callable[[Any], Any]:
    """Puts a class into torch's module of distributions."""

    def place(kind: Any) -> Any:
        kind.__module__ = f"torch.distributions.{module}"
        return kind

    return place
