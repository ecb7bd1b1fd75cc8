"""`torch.distributions`: draws, densities, entropies and divergences; loaded when a program names it.

>>> import gradtui.engine as torch
>>> torch.distributions.Normal(0.0, 1.0).log_prob(torch.tensor(0.0))
tensor(-0.9189)
"""

from typing import Any

from gradtui.engine import aliases
from gradtui.engine.absent import missing
from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import Distribution
from gradtui.engine.distributions.continuous import (
    Cauchy,
    Exponential,
    Laplace,
    LogNormal,
    Normal,
    Uniform,
)
from gradtui.engine.distributions.discrete import (
    Bernoulli,
    Categorical,
    Geometric,
    OneHotCategorical,
    Poisson,
)
from gradtui.engine.distributions.divergence import kl_divergence, register_kl
from gradtui.engine.distributions.joint import Independent, MultivariateNormal

__all__ = [
    "Bernoulli", "Categorical", "Cauchy", "Distribution", "Exponential", "Geometric", "Independent",
    "Laplace", "LogNormal", "MultivariateNormal", "Normal", "OneHotCategorical", "Poisson",
    "Uniform", "constraints", "kl_divergence", "register_kl",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise missing("torch.distributions", name)


aliases.attach()
