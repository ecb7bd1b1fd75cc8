"""Gamma and what is made of Gamma draws: Beta, Dirichlet, chi-squared, F and Student's t."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from gradtui.engine import creation, gammas
from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import (
    Distribution,
    Numbers,
    broadcast_all,
    in_torch,
    shape_of,
    standard_normal,
)
from gradtui.engine.dtypes import contiguous_format, finfo
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.nn import functional as nnf

Constraints = dict[str, constraints.Constraint]


@in_torch("exp_family")
class ExponentialFamily(Distribution):
    """What has a density of the exponential family."""


def _spoilt(x: Any, where: Any) -> Any:
    """A copy with nan in some places."""
    made = x.clone(memory_format=contiguous_format)
    made[where] = math.nan
    return made


@in_torch("gamma")
class Gamma(ExponentialFamily):
    """The wait for `concentration` events that come at a `rate`."""

    parameters = ("concentration", "rate")
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast_all(concentration, rate)
        super().__init__(shape_of(concentration, rate), validate_args=validate_args)

    def constraints_of(self) -> Constraints:
        return {"concentration": constraints.positive, "rate": constraints.positive}

    @property
    def mean(self) -> Any:
        """concentration / rate."""
        return self.concentration / self.rate

    @property
    def mode(self) -> Any:
        """(concentration - 1) / rate, or 0."""
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Any:
        """concentration / rate²."""
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        drawn = gammas.standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)
        drawn.detach().clamp_(min=finfo(drawn.dtype).tiny)
        return drawn

    def log_prob(self, value: Any) -> Any:
        value = creation.as_tensor(value, dtype=self.rate.dtype)
        self._validate(value)
        return (
            F["xlogy"](self.concentration, self.rate)
            + F["xlogy"](self.concentration - 1, value)
            - self.rate * value
            - F["lgamma"](self.concentration)
        )

    def entropy(self) -> Any:
        return (
            self.concentration
            - F["log"](self.rate)
            + F["lgamma"](self.concentration)
            + (1.0 - self.concentration) * F["digamma"](self.concentration)
        )

    def cdf(self, value: Any) -> Any:
        self._validate(value)
        return F["igamma"](self.concentration, self.rate * value)


@in_torch("chi2")
class Chi2(Gamma):
    """The sum of `df` squared normal draws."""

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        super().__init__(0.5 * df, 0.5, validate_args=validate_args)

    def constraints_of(self) -> Constraints:
        return {"df": constraints.positive}

    @property
    def df(self) -> Any:
        """The degrees of freedom."""
        return self.concentration * 2


@in_torch("dirichlet")
class Dirichlet(ExponentialFamily):
    """Shares that sum to 1."""

    parameters = ("concentration",)
    event_dims: ClassVar = {"concentration": 1}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        shape = concentration.shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def constraints_of(self) -> Constraints:
        return {"concentration": constraints.independent(constraints.positive, 1)}

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        return gammas.sample_dirichlet(self.concentration.expand(shape))

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        return (
            F["xlogy"](self.concentration - 1.0, value).sum(-1)
            + F["lgamma"](self.concentration.sum(-1))
            - F["lgamma"](self.concentration).sum(-1)
        )

    @property
    def mean(self) -> Any:
        """Each over their sum."""
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Any:
        """Each less 1, over their sum."""
        less = (self.concentration - 1).clamp(min=0.0)
        mode = less / less.sum(-1, True)
        mask = (self.concentration < 1).all(dim=-1)
        mode[mask] = nnf.one_hot(mode[mask].argmax(dim=-1), less.shape[-1]).to(mode)
        return mode

    @property
    def variance(self) -> Any:
        """Of each entry."""
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def entropy(self) -> Any:
        k, total = self.concentration.size(-1), self.concentration.sum(-1)
        return (
            F["lgamma"](self.concentration).sum(-1)
            - F["lgamma"](total)
            - (k - total) * F["digamma"](total)
            - ((self.concentration - 1.0) * F["digamma"](self.concentration)).sum(-1)
        )


@in_torch("beta")
class Beta(ExponentialFamily):
    """A share: of two that sum to 1, the first."""

    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        pair = (concentration1, concentration0)
        if all(isinstance(v, Numbers) for v in pair):
            both: Any = creation.tensor([float(v) for v in pair])
        else:
            both = F["stack"](list(broadcast_all(*pair)), -1)
        self._dirichlet = Dirichlet(both, validate_args=validate_args)
        super().__init__(self._dirichlet._batch_shape, validate_args=validate_args)

    def constraints_of(self) -> Constraints:
        return {"concentration1": constraints.positive, "concentration0": constraints.positive}

    def _expanded(self) -> None:
        self._dirichlet = self._dirichlet.expand(self._batch_shape)

    @property
    def concentration1(self) -> Any:
        """What draws towards 1."""
        return self._dirichlet.concentration[..., 0]

    @property
    def concentration0(self) -> Any:
        """What draws towards 0."""
        return self._dirichlet.concentration[..., 1]

    @property
    def mean(self) -> Any:
        """The first over the sum of both."""
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Any:
        """The densest place."""
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Any:
        """Their product over total²·(total + 1)."""
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        return self._dirichlet.log_prob(F["stack"]([value, 1.0 - value], -1))

    def entropy(self) -> Any:
        return self._dirichlet.entropy()


@in_torch("studentT")
class StudentT(Distribution):
    """A normal draw over the root of a chi-squared one."""

    parameters = ("df", "loc", "scale")
    support = constraints.real
    has_rsample = True

    def __init__(
        self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df.shape, validate_args=validate_args)

    def constraints_of(self) -> Constraints:
        positive = constraints.positive
        return {"df": positive, "loc": constraints.real, "scale": positive}

    def _expanded(self) -> None:
        self._chi2 = self._chi2.expand(self._batch_shape)

    @property
    def mean(self) -> Any:
        """The centre, from one degree of freedom on."""
        return _spoilt(self.loc, self.df <= 1)

    @property
    def mode(self) -> Any:
        """The centre."""
        return self.loc

    @property
    def variance(self) -> Any:
        """scale²·df / (df - 2), from two degrees of freedom on."""
        made, wide = self.df.clone(memory_format=contiguous_format), self.df > 2
        made[wide] = self.scale[wide].pow(2) * self.df[wide] / (self.df[wide] - 2)
        made[(self.df <= 2) & (self.df > 1)] = math.inf
        made[self.df <= 1] = math.nan
        return made

    def rsample(self, sample_shape: Any = ()) -> Any:
        x = standard_normal(self._extended_shape(sample_shape), self.df)
        z = self._chi2.rsample(sample_shape)
        return self.loc + self.scale * (x * F["rsqrt"](z / self.df))

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        y = (value - self.loc) / self.scale
        z = (
            self.scale.log()
            + 0.5 * self.df.log()
            + 0.5 * math.log(math.pi)
            + F["lgamma"](0.5 * self.df)
            - F["lgamma"](0.5 * (self.df + 1.0))
        )
        return -0.5 * (self.df + 1.0) * F["log1p"](y**2.0 / self.df) - z

    def entropy(self) -> Any:
        half = 0.5 * (self.df + 1)
        beta = F["lgamma"](0.5 * self.df) + math.lgamma(0.5) - F["lgamma"](half)
        slope = F["digamma"](half) - F["digamma"](0.5 * self.df)
        return self.scale.log() + 0.5 * (self.df + 1) * slope + 0.5 * self.df.log() + beta


@in_torch("fishersnedecor")
class FisherSnedecor(Distribution):
    """The quotient of two chi-squared draws, each over its degrees of freedom."""

    parameters = ("df1", "df2")
    support = constraints.positive
    has_rsample = True

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self.df1, self.df2 = broadcast_all(df1, df2)
        self._gamma1 = Gamma(self.df1 * 0.5, self.df1)
        self._gamma2 = Gamma(self.df2 * 0.5, self.df2)
        super().__init__(shape_of(df1, df2), validate_args=validate_args)

    def constraints_of(self) -> Constraints:
        return {"df1": constraints.positive, "df2": constraints.positive}

    def _expanded(self) -> None:
        self._gamma1 = self._gamma1.expand(self._batch_shape)
        self._gamma2 = self._gamma2.expand(self._batch_shape)

    @property
    def mean(self) -> Any:
        """df2 / (df2 - 2)."""
        df2 = _spoilt(self.df2, self.df2 <= 2)
        return df2 / (df2 - 2)

    @property
    def mode(self) -> Any:
        """The densest place."""
        mode = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        mode[self.df1 <= 2] = math.nan
        return mode

    @property
    def variance(self) -> Any:
        """From four degrees of freedom below on."""
        df2 = _spoilt(self.df2, self.df2 <= 4)
        top = 2 * df2.pow(2) * (self.df1 + df2 - 2)
        return top / (self.df1 * (df2 - 2).pow(2) * (df2 - 4))

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        above = self._gamma1.rsample(sample_shape).view(shape)
        below = self._gamma2.rsample(sample_shape).view(shape)
        tiny = finfo(below.dtype).tiny
        below.clamp_(min=tiny)
        return (above / below).clamp_(min=tiny)

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        one, two, ratio = self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        first = (one + two).lgamma() - one.lgamma() - two.lgamma()
        second = one * ratio.log() + (one - 1) * F["log"](value)
        return first + second - (one + two) * F["log1p"](ratio * value)
