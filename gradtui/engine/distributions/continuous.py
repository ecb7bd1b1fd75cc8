"""Distributions of real numbers."""

from __future__ import annotations

import math
from typing import Any

from gradtui.engine import creation, drawing
from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import (
    Distribution,
    broadcast_all,
    in_torch,
    shape_of,
    standard_normal,
)
from gradtui.engine.dtypes import finfo
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.modes import no_grad


class _LocScale(Distribution):
    """What is shifted by `loc` and stretched by `scale`."""

    parameters = ("loc", "scale")
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(shape_of(loc, scale), validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {"loc": constraints.real, "scale": constraints.positive}

    @property
    def mean(self) -> Any:
        """The centre."""
        return self.loc

    @property
    def mode(self) -> Any:
        """The densest place."""
        return self.loc


@in_torch("normal")
class Normal(_LocScale):
    """The bell curve."""

    @property
    def stddev(self) -> Any:
        """The scale."""
        return self.scale

    @property
    def variance(self) -> Any:
        """Its square."""
        return self.stddev.pow(2)

    def sample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return drawing.normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        eps = standard_normal(self._extended_shape(sample_shape), self.loc)
        return self.loc + eps * self.scale

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        var = self.scale**2
        return (
            -((value - self.loc) ** 2) / (2 * var)
            - self.scale.log()
            - math.log(math.sqrt(2 * math.pi))
        )

    def cdf(self, value: Any) -> Any:
        self._validate(value)
        turned = (value - self.loc) * self.scale.reciprocal() / math.sqrt(2)
        return 0.5 * (1 + F["erf"](turned))

    def icdf(self, value: Any) -> Any:
        return self.loc + self.scale * F["erfinv"](2 * value - 1) * math.sqrt(2)

    def entropy(self) -> Any:
        return 0.5 + 0.5 * math.log(2 * math.pi) + F["log"](self.scale)


@in_torch("laplace")
class Laplace(_LocScale):
    """Two exponentials back to back."""

    @property
    def variance(self) -> Any:
        """2·scale²."""
        return 2 * self.scale.pow(2)

    @property
    def stddev(self) -> Any:
        """√2·scale."""
        return (2**0.5) * self.scale

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        u: Any = creation.empty(shape, dtype=self.loc.dtype)
        u.uniform_(finfo(self.loc.dtype).eps - 1, 1)
        return self.loc - self.scale * u.sign() * F["log1p"](-u.abs())

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        return -F["log"](2 * self.scale) - F["abs"](value - self.loc) / self.scale

    def cdf(self, value: Any) -> Any:
        self._validate(value)
        away = value - self.loc
        return 0.5 - 0.5 * away.sign() * F["expm1"](-away.abs() / self.scale)

    def icdf(self, value: Any) -> Any:
        term = value - 0.5
        return self.loc - self.scale * term.sign() * F["log1p"](-2 * term.abs())

    def entropy(self) -> Any:
        return 1 + F["log"](2 * self.scale)


@in_torch("cauchy")
class Cauchy(_LocScale):
    """The quotient of two normal draws: without a mean."""

    @property
    def mean(self) -> Any:
        """There is none."""
        return creation.full(self._extended_shape(), math.nan, dtype=self.loc.dtype)

    @property
    def variance(self) -> Any:
        """It is infinite."""
        return creation.full(self._extended_shape(), math.inf, dtype=self.loc.dtype)

    def rsample(self, sample_shape: Any = ()) -> Any:
        eps = creation.empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).cauchy_()
        return self.loc + eps * self.scale

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        away = (value - self.loc) / self.scale
        return -math.log(math.pi) - self.scale.log() - (away**2).log1p()

    def cdf(self, value: Any) -> Any:
        self._validate(value)
        return F["atan"]((value - self.loc) / self.scale) / math.pi + 0.5

    def icdf(self, value: Any) -> Any:
        return F["tan"](math.pi * (value - 0.5)) * self.scale + self.loc

    def entropy(self) -> Any:
        return math.log(4 * math.pi) + self.scale.log()


@in_torch("uniform")
class Uniform(Distribution):
    """Every number from `low` to `high` alike."""

    parameters = ("low", "high")
    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = broadcast_all(low, high)
        super().__init__(shape_of(low, high), validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {
            "low": constraints.less_than(self.high),
            "high": constraints.greater_than(self.low),
        }

    @property
    def support(self) -> Any:
        """From `low` to `high`."""
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> Any:
        """The middle."""
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Any:
        """There is none."""
        return math.nan * self.high

    @property
    def stddev(self) -> Any:
        """The width over √12."""
        return (self.high - self.low) / 12**0.5

    @property
    def variance(self) -> Any:
        """The square of the width over 12."""
        return (self.high - self.low).pow(2) / 12

    def rsample(self, sample_shape: Any = ()) -> Any:
        drawn: Any = creation.rand(self._extended_shape(sample_shape), dtype=self.low.dtype)
        return self.low + drawn * (self.high - self.low)

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        above = self.low.le(value).type_as(self.low)
        below = self.high.gt(value).type_as(self.low)
        return F["log"](above.mul(below)) - F["log"](self.high - self.low)

    def cdf(self, value: Any) -> Any:
        self._validate(value)
        return ((value - self.low) / (self.high - self.low)).clamp(min=0, max=1)

    def icdf(self, value: Any) -> Any:
        return value * (self.high - self.low) + self.low

    def entropy(self) -> Any:
        return F["log"](self.high - self.low)


@in_torch("exponential")
class Exponential(Distribution):
    """The wait for what happens at a `rate`."""

    parameters = ("rate",)
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(shape_of(rate), validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {"rate": constraints.positive}

    @property
    def mean(self) -> Any:
        """1 / rate."""
        return self.rate.reciprocal()

    @property
    def mode(self) -> Any:
        """0."""
        return F["mul"](self.rate.detach(), 0)

    stddev = mean

    @property
    def variance(self) -> Any:
        """1 / rate²."""
        return self.rate.pow(-2)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        return creation.empty(shape, dtype=self.rate.dtype).exponential_() / self.rate

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        return self.rate.log() - self.rate * value

    def cdf(self, value: Any) -> Any:
        self._validate(value)
        return 1 - F["exp"](-self.rate * value)

    def icdf(self, value: Any) -> Any:
        return -F["log1p"](-value) / self.rate

    def entropy(self) -> Any:
        return 1.0 - F["log"](self.rate)


@in_torch("log_normal")
class LogNormal(Distribution):
    """exp of a normal draw."""

    support = constraints.positive
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.base_dist = Normal(loc, scale, validate_args)
        super().__init__(self.base_dist.batch_shape, validate_args=validate_args)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {"loc": constraints.real, "scale": constraints.positive}

    def _expanded(self) -> None:
        self.base_dist = self.base_dist.expand(self._batch_shape)

    @property
    def loc(self) -> Any:
        """The mean of the logarithm."""
        return self.base_dist.loc

    @property
    def scale(self) -> Any:
        """The deviation of the logarithm."""
        return self.base_dist.scale

    @property
    def mean(self) -> Any:
        """exp(loc + scale² / 2)."""
        return (self.loc + self.scale.pow(2) / 2).exp()

    @property
    def mode(self) -> Any:
        """exp(loc - scale²)."""
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> Any:
        """(exp(scale²) - 1)·exp(2·loc + scale²)."""
        square = self.scale.pow(2)
        return square.expm1() * (2 * self.loc + square).exp()

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return self.base_dist.sample(sample_shape).exp()

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.rsample(sample_shape).exp()

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        turned = value.log()
        return 0.0 - turned + self.base_dist.log_prob(turned)

    def cdf(self, value: Any) -> Any:
        self._validate(value)
        return self.base_dist.cdf(value.log())

    def icdf(self, value: Any) -> Any:
        return self.base_dist.icdf(value).exp()

    def entropy(self) -> Any:
        return self.base_dist.entropy() + self.loc
