"""Families that are transformed draws of simpler ones."""

from __future__ import annotations

import math
from typing import Any

from gradtui.engine import creation
from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import Numbers, broadcast_all, in_torch
from gradtui.engine.distributions.continuous import Cauchy, Exponential, Normal, Uniform
from gradtui.engine.distributions.gammas import Gamma
from gradtui.engine.distributions.transformed import TransformedDistribution
from gradtui.engine.distributions.transforms import (
    AbsTransform,
    AffineTransform,
    ExpTransform,
    PowerTransform,
)
from gradtui.engine.distributions.vector_transforms import StickBreakingTransform
from gradtui.engine.dtypes import finfo
from gradtui.engine.lift import FUNCTIONS as F

EULER = 0.57721566490153286060
Constraints = dict[str, constraints.Constraint]


@in_torch("gumbel")
class Gumbel(TransformedDistribution):
    """The largest of many draws."""

    parameters = ("loc", "scale")
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        limits = finfo(self.loc.dtype)
        ends: Any = (limits.tiny, 1 - limits.eps)
        if not all(isinstance(v, Numbers) for v in (loc, scale)):
            ends = [creation.full_like(self.loc, e) for e in ends]
        steps = [
            ExpTransform().inv,
            AffineTransform(0, self.scale.new_full(self.scale.shape, -1.0)),
            ExpTransform().inv,
            AffineTransform(loc, -self.scale),
        ]
        super().__init__(Uniform(ends[0], ends[1], validate_args), steps, validate_args)

    def constraints_of(self) -> Constraints:
        return {"loc": constraints.real, "scale": constraints.positive}

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        y = (self.loc - value) / self.scale
        return (y - y.exp()) - self.scale.log()

    @property
    def mean(self) -> Any:
        """loc + γ·scale."""
        return self.loc + self.scale * EULER

    @property
    def mode(self) -> Any:
        """The densest place."""
        return self.loc

    @property
    def stddev(self) -> Any:
        """π/√6·scale."""
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Any:
        """Its square."""
        return self.stddev.pow(2)

    def entropy(self) -> Any:
        return self.scale.log() + (1 + EULER)


@in_torch("weibull")
class Weibull(TransformedDistribution):
    """A power of an exponential draw."""

    parameters = ("scale", "concentration", "concentration_reciprocal")
    support = constraints.positive

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast_all(scale, concentration)
        self.concentration_reciprocal = self.concentration.reciprocal()
        base = Exponential(creation.ones_like(self.scale), validate_args=validate_args)
        steps = [PowerTransform(self.concentration_reciprocal), AffineTransform(0, self.scale)]
        super().__init__(base, steps, validate_args)

    def constraints_of(self) -> Constraints:
        return {"scale": constraints.positive, "concentration": constraints.positive}

    def _moment(self, n: int) -> Any:
        own = self.concentration_reciprocal
        return F["lgamma"](1 + (own if n == 1 else n * own))

    @property
    def mean(self) -> Any:
        """scale·Γ(1 + 1/k)."""
        return self.scale * F["exp"](self._moment(1))

    @property
    def mode(self) -> Any:
        """The densest place."""
        share = (self.concentration - 1) / self.concentration
        return self.scale * share ** self.concentration.reciprocal()

    @property
    def variance(self) -> Any:
        """scale²·(Γ(1 + 2/k) - Γ(1 + 1/k)²)."""
        return self.scale.pow(2) * (F["exp"](self._moment(2)) - F["exp"](2 * self._moment(1)))

    def entropy(self) -> Any:
        own = self.concentration_reciprocal
        return EULER * (1 - own) + F["log"](self.scale * own) + 1


@in_torch("pareto")
class Pareto(TransformedDistribution):
    """scale·exp of an exponential draw."""

    parameters = ("scale", "alpha")

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast_all(scale, alpha)
        base = Exponential(self.alpha, validate_args=validate_args)
        super().__init__(base, [ExpTransform(), AffineTransform(0, self.scale)], validate_args)

    def constraints_of(self) -> Constraints:
        return {"alpha": constraints.positive, "scale": constraints.positive}

    @property
    def support(self) -> Any:
        """From the scale on."""
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Any:
        """alpha·scale / (alpha - 1)."""
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Any:
        """The scale."""
        return self.scale

    @property
    def variance(self) -> Any:
        """From alpha = 2 on."""
        a = self.alpha.clamp(min=2)
        return self.scale.pow(2) * a / ((a - 1).pow(2) * (a - 2))

    def entropy(self) -> Any:
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())


class _Half(TransformedDistribution):
    """The absolute value of draws around 0."""

    support = constraints.nonnegative

    def __init__(self, base: Any, validate_args: bool | None) -> None:
        super().__init__(base, AbsTransform(), validate_args)

    def constraints_of(self) -> Constraints:
        return {"scale": constraints.positive}

    @property
    def scale(self) -> Any:
        """How wide it is."""
        return self.base_dist.scale

    @property
    def mode(self) -> Any:
        """0."""
        return creation.zeros_like(self.scale)

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        found = self.base_dist.log_prob(value) + math.log(2)
        return F["where"](value >= 0, found, -math.inf)

    def cdf(self, value: Any) -> Any:
        self._validate(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value: Any) -> Any:
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self) -> Any:
        return self.base_dist.entropy() - math.log(2)


@in_torch("half_normal")
class HalfNormal(_Half):
    """|normal|."""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(0, scale, validate_args=False), validate_args)

    @property
    def mean(self) -> Any:
        """scale·√(2/π)."""
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        """scale²·(1 - 2/π)."""
        return self.scale.pow(2) * (1 - 2 / math.pi)


@in_torch("half_cauchy")
class HalfCauchy(_Half):
    """|Cauchy|, without a mean."""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Cauchy(0, scale, validate_args=False), validate_args)

    @property
    def mean(self) -> Any:
        """It is infinite."""
        return creation.full(self._extended_shape(), math.inf, dtype=self.scale.dtype)

    @property
    def variance(self) -> Any:
        """It is infinite."""
        return self.base_dist.variance


@in_torch("kumaraswamy")
class Kumaraswamy(TransformedDistribution):
    """Much like Beta, by powers of a uniform draw."""

    parameters = ("concentration1", "concentration0")
    support = constraints.unit_interval

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        ends: Any = [creation.full_like(self.concentration0, v) for v in (0, 1)]
        steps = [
            PowerTransform(self.concentration0.reciprocal()),
            AffineTransform(1.0, -1.0),
            PowerTransform(self.concentration1.reciprocal()),
        ]
        super().__init__(Uniform(ends[0], ends[1], validate_args), steps, validate_args)

    def constraints_of(self) -> Constraints:
        return {"concentration1": constraints.positive, "concentration0": constraints.positive}

    def _moment(self, n: int) -> Any:
        a, b, lgamma = self.concentration1, self.concentration0, F["lgamma"]
        first = 1 + n / a
        return b * F["exp"](lgamma(first) + lgamma(b) - lgamma(first + b))

    @property
    def mean(self) -> Any:
        """The first moment."""
        return self._moment(1)

    @property
    def mode(self) -> Any:
        """The densest place."""
        a, b = self.concentration1, self.concentration0
        found = b.reciprocal() * (-b).log1p() - (-b * a).log1p()
        found[(b < 1) | (a < 1)] = math.nan
        return found.exp()

    @property
    def variance(self) -> Any:
        """The second moment less the square of the first."""
        return self._moment(2) - F["pow"](self.mean, 2)

    def entropy(self) -> Any:
        a, b = self.concentration1, self.concentration0
        harmonic = F["digamma"](b + 1) + EULER
        found = (1 - b.reciprocal()) + (1 - a.reciprocal()) * harmonic
        return found - F["log"](a) - F["log"](b)


@in_torch("logistic_normal")
class LogisticNormal(TransformedDistribution):
    """Shares broken off a stick by normal draws."""

    support = constraints.simplex

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        if not base.batch_shape:
            base = base.expand([1])
        super().__init__(base, StickBreakingTransform(), validate_args)

    def constraints_of(self) -> Constraints:
        return {"loc": constraints.real, "scale": constraints.positive}

    @property
    def loc(self) -> Any:
        """The centre of the normal draws."""
        return self.base_dist.base_dist.loc

    @property
    def scale(self) -> Any:
        """Their deviation."""
        return self.base_dist.base_dist.scale


@in_torch("inverse_gamma")
class InverseGamma(TransformedDistribution):
    """1 over a Gamma draw."""

    support = constraints.positive

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        base = Gamma(concentration, rate, validate_args=validate_args)
        power = PowerTransform(-base.rate.new_ones(()))
        super().__init__(base, power, validate_args)

    def constraints_of(self) -> Constraints:
        return {"concentration": constraints.positive, "rate": constraints.positive}

    @property
    def concentration(self) -> Any:
        """Of the Gamma draws."""
        return self.base_dist.concentration

    @property
    def rate(self) -> Any:
        """Of the Gamma draws."""
        return self.base_dist.rate

    @property
    def mean(self) -> Any:
        """rate / (concentration - 1)."""
        found = self.rate / (self.concentration - 1)
        return F["where"](self.concentration > 1, found, math.inf)

    @property
    def mode(self) -> Any:
        """rate / (concentration + 1)."""
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Any:
        """From a concentration of 2 on."""
        c = self.concentration
        found = self.rate.square() / ((c - 1).square() * (c - 2))
        return F["where"](c > 2, found, math.inf)

    def entropy(self) -> Any:
        c = self.concentration
        return c + self.rate.log() + c.lgamma() - (1 + c) * c.digamma()
