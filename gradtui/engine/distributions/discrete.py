"""Distributions of whole numbers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from gradtui.engine import creation, drawing
from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import (
    Distribution,
    broadcast_all,
    in_torch,
    lazy,
    logits_to_probs,
    probs_to_logits,
    shape_of,
)
from gradtui.engine.dtypes import Size, finfo
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.modes import no_grad
from gradtui.engine.nn import functional as nnf


def _one_of(probs: Any, logits: Any) -> Any:
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")
    return logits if probs is None else probs


class _Coins(Distribution):
    """What is told by a probability, or by its log odds."""

    parameters = ("probs", "logits")

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        given = _one_of(probs, logits)
        name = "logits" if probs is None else "probs"
        (self.__dict__[name],) = broadcast_all(given)
        super().__init__(shape_of(given), validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {"probs": constraints.unit_interval, "logits": constraints.real}

    @lazy
    def probs(self) -> Any:
        """The probability."""
        return logits_to_probs(self.logits, True)

    @lazy
    def logits(self) -> Any:
        """The log odds."""
        return probs_to_logits(self.probs, True)

    @property
    def param_shape(self) -> Any:
        """The shape of what was given."""
        return self.__dict__["probs" if "probs" in self.__dict__ else "logits"].shape

    def entropy(self) -> Any:
        return nnf.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


@in_torch("bernoulli")
class Bernoulli(_Coins):
    """1 with the probability `probs`, else 0."""

    support = constraints.boolean
    has_enumerate_support = True

    @property
    def mean(self) -> Any:
        """The probability."""
        return self.probs

    @property
    def mode(self) -> Any:
        """The likelier of the two."""
        mode = (self.probs >= 0.5).to(self.probs)
        mode[self.probs == 0.5] = math.nan
        return mode

    @property
    def variance(self) -> Any:
        """p·(1 - p)."""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return drawing.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        logits, value = broadcast_all(self.logits, value)
        return -nnf.binary_cross_entropy_with_logits(logits, value, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Any:
        values: Any = creation.arange(2, dtype=self.probs.dtype)
        values = values.view(-1, *(1,) * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


@in_torch("geometric")
class Geometric(_Coins):
    """How often a coin fails before it first succeeds."""

    support = constraints.nonnegative_integer

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        super().__init__(probs, logits, validate_args)
        if self._validate_args and probs is not None and not bool((self.probs > 0).all()):
            value = self.probs
            raise ValueError(
                f"Expected parameter probs ({type(value).__name__} of shape "
                f"{tuple(value.shape)}) of distribution {self!r} to be positive but found invalid "
                f"values:\n{value.data[~(value > 0)]}"
            )

    @property
    def mean(self) -> Any:
        """1 / p - 1."""
        return 1.0 / self.probs - 1.0

    @property
    def mode(self) -> Any:
        """0."""
        return F["mul"](self.probs.detach(), 0)

    @property
    def variance(self) -> Any:
        """(1 / p - 1) / p."""
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape: Any = ()) -> Any:
        shape, kind = self._extended_shape(sample_shape), self.probs.dtype
        with no_grad():
            u: Any = creation.empty(shape, dtype=kind)
            u.uniform_(finfo(kind).tiny, 1)
            return (u.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        value, probs = broadcast_all(value, self.probs)
        probs = probs.clone()
        probs[(probs == 1) & (value == 0)] = 0
        return value * (-probs).log1p() + self.probs.log()

    def entropy(self) -> Any:
        return super().entropy() / self.probs


@in_torch("poisson")
class Poisson(Distribution):
    """How often what happens at a `rate` does."""

    parameters = ("rate",)
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(shape_of(rate), validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {"rate": constraints.nonnegative}

    @property
    def mean(self) -> Any:
        """The rate."""
        return self.rate

    @property
    def mode(self) -> Any:
        """The rate, rounded down."""
        return self.rate.floor()

    @property
    def variance(self) -> Any:
        """The rate."""
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return drawing.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        rate, value = broadcast_all(self.rate, value)
        return value.xlogy(rate) - rate - (value + 1).lgamma()


@in_torch("categorical")
class Categorical(Distribution):
    """The number of one of several classes."""

    parameters = ("probs", "logits")
    event_dims: ClassVar = {"probs": 1, "logits": 1}
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        given = _one_of(probs, logits)
        name = "logits" if probs is None else "probs"
        if given.dim() < 1:
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if probs is not None:
            self.__dict__["probs"] = probs / probs.sum(-1, keepdim=True)
        else:
            self.__dict__["logits"] = logits - logits.logsumexp(dim=-1, keepdim=True)
        self._num_events = given.shape[-1]
        super().__init__(given.shape[:-1], validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {"probs": constraints.simplex, "logits": constraints.real_vector}

    @lazy
    def probs(self) -> Any:
        """The probabilities, which sum to 1."""
        return logits_to_probs(self.logits)

    @lazy
    def logits(self) -> Any:
        """Their logarithms."""
        return probs_to_logits(self.probs)

    @property
    def _param(self) -> Any:
        return self.__dict__["probs" if "probs" in self.__dict__ else "logits"]

    @property
    def param_shape(self) -> Any:
        """The shape of what was given."""
        return self._param.shape

    @property
    def support(self) -> Any:
        """The numbers of the classes."""
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Any:
        """There is none."""
        return creation.full(self._extended_shape(), math.nan, dtype=self.probs.dtype)

    variance = mean

    @property
    def mode(self) -> Any:
        """The likeliest class."""
        return self.probs.argmax(dim=-1)

    def sample(self, sample_shape: Any = ()) -> Any:
        flat = self.probs.reshape(-1, self._num_events)
        drawn: Any = drawing.multinomial(flat.detach(), math.prod(sample_shape), True)
        return drawn.T.reshape(self._extended_shape(sample_shape))

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        value = value.long().unsqueeze(-1)
        value, logits = F["broadcast_tensors"](value, self.logits)
        return logits.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self) -> Any:
        logits = F["clamp"](self.logits, min=finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Any:
        values: Any = creation.arange(self._num_events)
        values = values.view(-1, *(1,) * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


@in_torch("one_hot_categorical")
class OneHotCategorical(Distribution):
    """One of several classes, as a vector with a single 1."""

    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._categorical = Categorical(probs, logits)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {"probs": constraints.simplex, "logits": constraints.real_vector}

    def _expanded(self) -> None:
        self._categorical = self._categorical.expand(self._batch_shape)

    @property
    def probs(self) -> Any:
        """The probabilities."""
        return self._categorical.probs

    @property
    def logits(self) -> Any:
        """Their logarithms."""
        return self._categorical.logits

    mean = probs

    @property
    def mode(self) -> Any:
        """The likeliest class."""
        return nnf.one_hot(self.probs.argmax(dim=-1), self.probs.shape[-1]).to(self.probs)

    @property
    def variance(self) -> Any:
        """p·(1 - p) of each class."""
        return self.probs * (1 - self.probs)

    @property
    def param_shape(self) -> Any:
        """The shape of what was given."""
        return self._categorical.param_shape

    def sample(self, sample_shape: Any = ()) -> Any:
        drawn = self._categorical.sample(Size(sample_shape))
        return nnf.one_hot(drawn, self._categorical._num_events).to(self.probs)

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        return self._categorical.log_prob(value.max(-1)[1])

    def entropy(self) -> Any:
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Any:
        n = self.event_shape[0]
        values: Any = creation.eye(n, dtype=self.probs.dtype)
        values = values.view(n, *(1,) * len(self._batch_shape), n)
        return values.expand(n, *self._batch_shape, n) if expand else values
