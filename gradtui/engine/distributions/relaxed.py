"""Coins and classes that gradients go through: relaxed by a temperature, or straight through."""

from __future__ import annotations

from typing import Any

from gradtui.engine import creation
from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import Distribution, broadcast_all, in_torch
from gradtui.engine.distributions.discrete import Categorical, OneHotCategorical, _Coins
from gradtui.engine.distributions.transformed import TransformedDistribution
from gradtui.engine.distributions.transforms import ExpTransform, SigmoidTransform
from gradtui.engine.dtypes import finfo
from gradtui.engine.lift import FUNCTIONS as F

Constraints = dict[str, constraints.Constraint]


def _inside(probs: Any) -> Any:
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def _uniforms(shape: Any, like: Any) -> Any:
    return _inside(creation.rand(shape, dtype=like.dtype))


@in_torch("relaxed_bernoulli")
class LogitRelaxedBernoulli(_Coins):
    """The log odds of a relaxed coin (Maddison, Mnih and Teh, 2017)."""

    support = constraints.real
    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self.temperature = temperature
        super().__init__(probs, logits, validate_args)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        probs = _inside(self.probs.expand(shape))
        u = _uniforms(shape, probs)
        odds = u.log() - (-u).log1p() + probs.log() - (-probs).log1p()
        return odds / self.temperature

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        logits, value = broadcast_all(self.logits, value)
        away = logits - value.mul(self.temperature)
        return self.temperature.log() + away - 2 * away.exp().log1p()

    def entropy(self) -> Any:
        raise NotImplementedError


class _Relaxed(TransformedDistribution):
    """What shows the parameters of the distribution it transforms."""

    @property
    def temperature(self) -> Any:
        """How soft the choice is."""
        return self.base_dist.temperature

    @property
    def probs(self) -> Any:
        """The probabilities."""
        return self.base_dist.probs

    @property
    def logits(self) -> Any:
        """Their logarithms, or log odds."""
        return self.base_dist.logits


@in_torch("relaxed_bernoulli")
class RelaxedBernoulli(_Relaxed):
    """A coin that shows a number between 0 and 1."""

    support = constraints.unit_interval

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        base = LogitRelaxedBernoulli(temperature, probs, logits)
        super().__init__(base, SigmoidTransform(), validate_args)

    def constraints_of(self) -> Constraints:
        return {"probs": constraints.unit_interval, "logits": constraints.real}


@in_torch("relaxed_categorical")
class ExpRelaxedCategorical(Distribution):
    """The logarithms of relaxed classes."""

    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        self._categorical, self.temperature = Categorical(probs, logits), temperature
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def constraints_of(self) -> Constraints:
        return {"probs": constraints.simplex, "logits": constraints.real_vector}

    def _expanded(self) -> None:
        self._categorical = self._categorical.expand(self._batch_shape)

    @property
    def param_shape(self) -> Any:
        """The shape of what was given."""
        return self._categorical.param_shape

    @property
    def probs(self) -> Any:
        """The probabilities."""
        return self._categorical.probs

    @property
    def logits(self) -> Any:
        """Their logarithms."""
        return self._categorical.logits

    def rsample(self, sample_shape: Any = ()) -> Any:
        u = _uniforms(self._extended_shape(sample_shape), self.logits)
        scores = (self.logits + -((-u.log()).log())) / self.temperature
        return scores - scores.logsumexp(dim=-1, keepdim=True)

    def log_prob(self, value: Any) -> Any:
        count = self._categorical._num_events
        self._validate(value)
        logits, value = broadcast_all(self.logits, value)
        scale = F["lgamma"](creation.full_like(self.temperature, float(count)))
        scale = scale - self.temperature.log().mul(-(count - 1))
        score = logits - value.mul(self.temperature)
        return (score - score.logsumexp(dim=-1, keepdim=True)).sum(-1) + scale


@in_torch("relaxed_categorical")
class RelaxedOneHotCategorical(_Relaxed):
    """One of several classes, softly."""

    support = constraints.simplex

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args)
        super().__init__(base, ExpTransform(), validate_args)

    def constraints_of(self) -> Constraints:
        return {"probs": constraints.simplex, "logits": constraints.real_vector}


@in_torch("one_hot_categorical")
class OneHotCategoricalStraightThrough(OneHotCategorical):
    """Draws of one-hot vectors whose gradient goes to the probabilities (Bengio et al., 2013)."""

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Any:
        probs = self._categorical.probs
        return self.sample(sample_shape) + (probs - probs.detach())
