"""Distributions that are others, transformed; and mixtures of several."""

from __future__ import annotations

from typing import Any

from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import Distribution, in_torch, sum_rightmost
from gradtui.engine.distributions.discrete import Categorical
from gradtui.engine.distributions.joint import Independent
from gradtui.engine.distributions.transforms import ComposeTransform, Transform
from gradtui.engine.dtypes import Size
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.modes import no_grad


def _listed(transforms: Any) -> list[Any]:
    if isinstance(transforms, Transform):
        return [transforms]
    if not isinstance(transforms, list):
        raise ValueError(f"transforms must be a Transform or list, but was {transforms}")
    if not all(isinstance(t, Transform) for t in transforms):
        raise ValueError("transforms must be a Transform or a list of Transforms")
    return transforms


@in_torch("transformed_distribution")
class TransformedDistribution(Distribution):
    """Draws of `base_dist` after some transforms."""

    def __init__(
        self, base_distribution: Any, transforms: Any, validate_args: bool | None = None
    ) -> None:
        self.transforms = _listed(transforms)
        shape = base_distribution.batch_shape + base_distribution.event_shape
        events = len(base_distribution.event_shape)
        whole = ComposeTransform(self.transforms)
        if len(shape) < whole.domain.event_dim:
            raise ValueError(
                "base_distribution needs to have shape with size at least "
                f"{whole.domain.event_dim}, but got {shape}."
            )
        forward = Size(whole.forward_shape(shape))
        expanded = Size(whole.inverse_shape(forward))
        if shape != expanded:
            base_distribution = base_distribution.expand(expanded[: len(expanded) - events])
        together = whole.domain.event_dim - events
        if together > 0:
            base_distribution = Independent(base_distribution, together)
        self.base_dist = base_distribution
        gained = whole.codomain.event_dim - whole.domain.event_dim
        cut = len(forward) - max(whole.codomain.event_dim, events + gained)
        super().__init__(forward[:cut], forward[cut:], validate_args=validate_args)

    def _expanded(self) -> None:
        whole = ComposeTransform(self.transforms)
        shape = Size(whole.inverse_shape(Size((*self._batch_shape, *self._event_shape))))
        self.base_dist = self.base_dist.expand(
            shape[: len(shape) - len(self.base_dist.event_shape)]
        )

    @property
    def has_rsample(self) -> Any:
        """As the distribution that is transformed."""
        return self.base_dist.has_rsample

    @property
    def support(self) -> Any:
        """Where the last transform leads."""
        if not self.transforms:
            return self.base_dist.support
        found = self.transforms[-1].codomain
        more = len(self.event_shape) - found.event_dim
        return constraints.independent(found, more) if more > 0 else found

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            return self._through(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self._through(self.base_dist.rsample(sample_shape))

    def _through(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        dims, found, y = len(self.event_shape), 0.0, value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            dims += transform.domain.event_dim - transform.codomain.event_dim
            slope = transform.log_abs_det_jacobian(x, y)
            found = found - sum_rightmost(slope, dims - transform.domain.event_dim)
            y = x
        base = self.base_dist.log_prob(y)
        return found + sum_rightmost(base, dims - len(self.base_dist.event_shape))

    def _rising(self, value: Any) -> Any:
        """A probability turned round where the transforms fall."""
        sign: Any = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        return value if isinstance(sign, int) and sign == 1 else sign * (value - 0.5) + 0.5

    def cdf(self, value: Any) -> Any:
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        if self._validate_args:
            self.base_dist._validate_sample(value)
        return self._rising(self.base_dist.cdf(value))

    def icdf(self, value: Any) -> Any:
        return self._through(self.base_dist.icdf(self._rising(value)))


@in_torch("mixture_same_family")
class MixtureSameFamily(Distribution):
    """One of several components, chosen by a Categorical."""

    def __init__(
        self,
        mixture_distribution: Any,
        component_distribution: Any,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                " The Mixture distribution needs to be an  instance of "
                "torch.distributions.Categorical"
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                "The Component distribution needs to be an instance of "
                "torch.distributions.Distribution"
            )
        self.mixture_distribution = mixture_distribution
        self.component_distribution = component_distribution
        self._num_component = self._checked()
        event_shape = component_distribution.event_shape
        self._event_ndims = len(event_shape)
        batch = component_distribution.batch_shape[:-1]
        super().__init__(batch, event_shape, validate_args=validate_args)

    def _checked(self) -> int:
        """The number of components, which both must have."""
        mixed, parts = self.mixture_distribution, self.component_distribution
        batch = parts.batch_shape[:-1]
        for one, two in zip(reversed(mixed.batch_shape), reversed(batch), strict=False):
            if one != 1 and two != 1 and one != two:
                raise ValueError(
                    f"`mixture_distribution.batch_shape` ({mixed.batch_shape}) is not compatible "
                    f"with `component_distribution.batch_shape`({batch})"
                )
        count, other = mixed.logits.shape[-1], parts.batch_shape[-1]
        if count != other:
            raise ValueError(
                f"`mixture_distribution component` ({count}) does not equal "
                f"`component_distribution.batch_shape[-1]` ({other})"
            )
        return int(count)

    def _expanded(self) -> None:
        self.mixture_distribution = self.mixture_distribution.expand(self._batch_shape)
        wide = (*self._batch_shape, self._num_component)
        self.component_distribution = self.component_distribution.expand(wide)

    @property
    def support(self) -> Any:
        """As the components'."""
        return constraints.mixture(self.component_distribution.support)

    def _weights(self) -> Any:
        x, mixed = self.mixture_distribution.probs, self.mixture_distribution.batch_shape
        more = 0 if len(mixed) == 1 else len(self.batch_shape) - len(mixed)
        shape = (*x.shape[:-1], *(1,) * more, x.shape[-1], *(1,) * self._event_ndims)
        return x.reshape(shape)

    @property
    def _dim(self) -> int:
        return -1 - self._event_ndims

    @property
    def mean(self) -> Any:
        """The mean of the components' means."""
        return F["sum"](self._weights() * self.component_distribution.mean, self._dim)

    @property
    def variance(self) -> Any:
        """The mean of the variances and the variance of the means."""
        probs, parts = self._weights(), self.component_distribution
        inner = F["sum"](probs * parts.variance, self._dim)
        away = (parts.mean - self._pad(self.mean)).pow(2.0)
        return inner + F["sum"](probs * away, self._dim)

    def _pad(self, x: Any) -> Any:
        return x.unsqueeze(self._dim)

    def cdf(self, x: Any) -> Any:
        found = self.component_distribution.cdf(self._pad(x))
        return F["sum"](found * self.mixture_distribution.probs, -1)

    def log_prob(self, x: Any) -> Any:
        self._validate(x)
        found = self.component_distribution.log_prob(self._pad(x))
        mixed = F["log_softmax"](self.mixture_distribution.logits, -1)
        return F["logsumexp"](found + mixed, -1)

    def sample(self, sample_shape: Any = ()) -> Any:
        with no_grad():
            dim = len(sample_shape) + len(self.batch_shape)
            chosen = self.mixture_distribution.sample(sample_shape)
            drawn = self.component_distribution.sample(sample_shape)
            own = self.event_shape
            wide = chosen.reshape((*chosen.shape, *(1,) * (len(own) + 1)))
            wide = wide.repeat((*(1,) * len(chosen.shape), 1, *own))
            return F["gather"](drawn, dim, wide).squeeze(dim)

    def __repr__(self) -> str:
        return (
            f"MixtureSameFamily(\n  {self.mixture_distribution},\n  {self.component_distribution})"
        )
