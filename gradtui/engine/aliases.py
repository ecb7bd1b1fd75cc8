"""Torch's longer paths to names the engine keeps elsewhere: `torch.nn.modules.loss.MSELoss`.

>>> from gradtui.engine.autograd.function import once_differentiable
>>> from gradtui.engine.nn.modules.module import Module
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

ROOT = "gradtui.engine"

LAYERS = """
activation batchnorm channelshuffle container conv distance dropout flatten fold instancenorm lazy
linear loss module normalization padding pixelshuffle pooling rnn sparse transformer upsampling
utils
""".split()

FAMILIES = """
bernoulli beta binomial categorical cauchy chi2 continuous_bernoulli dirichlet distribution exp_family
exponential fishersnedecor gamma generalized_pareto geometric gumbel half_cauchy half_normal
independent inverse_gamma kl kumaraswamy laplace log_normal logistic_normal lowrank_multivariate_normal
mixture_same_family multinomial multivariate_normal negative_binomial normal one_hot_categorical pareto
poisson relaxed_bernoulli relaxed_categorical studentT transformed_distribution uniform von_mises weibull
""".split()

ALIASES: dict[str, tuple[str, ...]] = {
    "autograd.function": ("function",),
    "autograd.anomaly_mode": ("autograd",),
    "nn.modules": ("nn",),
    **{f"nn.modules.{name}": ("nn.losses", "nn.module", "nn") for name in LAYERS},
    **{f"distributions.{name}": ("distributions",) for name in FAMILIES},
    "utils.data.dataset": ("utils.data",),
    "utils.data.dataloader": ("utils.data",),
    "utils.data.sampler": ("utils.data",),
    "utils.hooks": ("node",),
}
"""By torch's path, without `torch.`: the engine's modules that have its names."""

RENAMED = {"RemovableHandle": "Handle"}


class Alias(ModuleType):
    """A module whose names are those of others, looked up when they are asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        path = self.__name__.removeprefix(ROOT + ".")
        for target in ALIASES[path]:
            module = import_module(f"{ROOT}.{target}")
            if name in vars(module):
                return vars(module)[name]
        return getattr(module, RENAMED.get(name, name))


def attach() -> None:
    """Enters the paths among Python's modules, and under their parents that are loaded."""
    for path in ALIASES:
        full = f"{ROOT}.{path}"
        made = sys.modules.setdefault(full, Alias(full))
        parent, _, child = full.rpartition(".")
        if parent in sys.modules and child not in vars(sys.modules[parent]):
            setattr(sys.modules[parent], child, made)
