"""Distributions of counts of many trials."""

from __future__ import annotations

import math
from typing import Any

from gradtui.engine import creation, drawing, gammas
from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import (
    Distribution,
    broadcast_all,
    in_torch,
    lazy,
    logits_to_probs,
    probs_to_logits,
)
from gradtui.engine.distributions.discrete import Categorical, _one_of
from gradtui.engine.distributions.gammas import Gamma
from gradtui.engine.dtypes import Size, contiguous_format
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.modes import no_grad
from gradtui.engine.nn import functional as nnf


class _Trials(Distribution):
    """`total_count` trials, each with a probability or its log odds."""

    parameters = ("total_count", "probs", "logits")

    def __init__(
        self,
        total_count: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        given = _one_of(probs, logits)
        name = "logits" if probs is None else "probs"
        count, self.__dict__[name] = broadcast_all(total_count, given)
        self.total_count = count.type_as(self.__dict__[name])
        super().__init__(self.__dict__[name].shape, validate_args=validate_args)

    @lazy
    def probs(self) -> Any:
        """The probability."""
        return logits_to_probs(self.logits, True)

    @lazy
    def logits(self) -> Any:
        """The log odds."""
        return probs_to_logits(self.probs, True)

    @property
    def _param(self) -> Any:
        return self.__dict__["probs" if "probs" in self.__dict__ else "logits"]

    @property
    def param_shape(self) -> Any:
        """The shape of what was given."""
        return self._param.shape


@in_torch("binomial")
class Binomial(_Trials):
    """How many of `total_count` trials succeed."""

    has_enumerate_support = True

    def __init__(
        self,
        total_count: Any = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        super().__init__(total_count, probs, logits, validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {
            "total_count": constraints.nonnegative_integer,
            "probs": constraints.unit_interval,
            "logits": constraints.real,
        }

    @property
    def support(self) -> Any:
        """From none to all."""
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Any:
        """n·p."""
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        """The likeliest count."""
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self) -> Any:
        """n·p·(1 - p)."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return gammas.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        lgamma, logits = F["lgamma"], self.logits
        positive = (logits.clamp(min=0) + logits - logits.clamp(max=0)) / 2
        normal = (
            self.total_count * positive
            + self.total_count * F["log1p"](F["exp"](-F["abs"](logits)))
            - lgamma(self.total_count + 1)
        )
        ways = value * logits - lgamma(value + 1) - lgamma(self.total_count - value + 1)
        return ways - normal

    def _count(self, what: str) -> int:
        count = int(self.total_count.max())
        if not bool(self.total_count.min() == count):
            raise NotImplementedError(f"Inhomogeneous total count not supported by `{what}`.")
        return count

    def entropy(self) -> Any:
        self._count("entropy")
        found = self.log_prob(self.enumerate_support(False))
        return -(F["exp"](found) * found).sum(0)

    def enumerate_support(self, expand: bool = True) -> Any:
        count = self._count("enumerate_support")
        values: Any = creation.arange(1 + count, dtype=self._param.dtype)
        values = values.view(-1, *(1,) * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


@in_torch("negative_binomial")
class NegativeBinomial(_Trials):
    """How many succeed before `total_count` fail."""

    support = constraints.nonnegative_integer

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {
            "total_count": constraints.greater_than_eq(0),
            "probs": constraints.half_open_interval(0.0, 1.0),
            "logits": constraints.real,
        }

    @property
    def mean(self) -> Any:
        """n·exp(logits)."""
        return self.total_count * F["exp"](self.logits)

    @property
    def mode(self) -> Any:
        """The likeliest count."""
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Any:
        """The mean over the probability of failure."""
        return self.mean / F["sigmoid"](-self.logits)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            wait = Gamma(self.total_count, F["exp"](-self.logits), validate_args=False)
            return drawing.poisson(wait.sample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        lgamma, total = F["lgamma"], self.total_count
        found = total * nnf.logsigmoid(-self.logits) + value * nnf.logsigmoid(self.logits)
        normal = -lgamma(total + value) + lgamma(1.0 + value) + lgamma(total)
        return found - normal.masked_fill(total + value == 0.0, 0.0)


@in_torch("multinomial")
class Multinomial(Distribution):
    """How often each class comes in `total_count` draws."""

    parameters = ()

    def __init__(
        self,
        total_count: int = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs, logits)
        self._binomial = Binomial(total_count, probs=self.probs)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {"probs": constraints.simplex, "logits": constraints.real_vector}

    def _expanded(self) -> None:
        self._categorical = self._categorical.expand(self._batch_shape)

    @property
    def support(self) -> Any:
        """Counts with that sum."""
        return constraints.multinomial(self.total_count)

    @property
    def probs(self) -> Any:
        """The probabilities."""
        return self._categorical.probs

    @property
    def logits(self) -> Any:
        """Their logarithms."""
        return self._categorical.logits

    @property
    def param_shape(self) -> Any:
        """The shape of what was given."""
        return self._categorical.param_shape

    @property
    def mean(self) -> Any:
        """n·p."""
        return self.probs * self.total_count

    @property
    def variance(self) -> Any:
        """n·p·(1 - p) of each class."""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Any:
        drawn = self._categorical.sample(Size((self.total_count, *sample_shape)))
        drawn = drawn.movedim(0, -1)
        counts = drawn.new_zeros(self._extended_shape(sample_shape))
        counts.scatter_add_(-1, drawn, creation.ones_like(drawn))
        return counts.type_as(self.probs)

    def entropy(self) -> Any:
        n: Any = creation.tensor(self.total_count)
        first = n * self._categorical.entropy() - F["lgamma"](n + 1)
        support = self._binomial.enumerate_support(expand=False)[1:]
        weighed = F["exp"](self._binomial.log_prob(support)) * F["lgamma"](support + 1)
        return first + weighed.sum([0, -1])

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        logits, value = broadcast_all(self.logits, value)
        logits = logits.clone(memory_format=contiguous_format)
        ways = F["lgamma"](value.sum(-1) + 1) - F["lgamma"](value + 1).sum(-1)
        logits[(value == 0) & (logits == -math.inf)] = 0
        return ways + (logits * value).sum(-1)
