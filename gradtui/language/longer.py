"""Torch's longer paths to names that lessons know by shorter ones: `torch.nn.modules.loss`.

They join a world when a program names them, with the names of the module they belong to.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradtui.language import tables

if TYPE_CHECKING:
    from gradtui.language.world import World

LAYERS = """
activation batchnorm container conv distance dropout flatten fold instancenorm linear loss module
normalization padding pixelshuffle pooling rnn sparse transformer upsampling
"""
FAMILIES = """
bernoulli beta binomial categorical cauchy chi2 continuous_bernoulli dirichlet distribution
exp_family exponential gamma geometric gumbel half_cauchy half_normal independent kl laplace
log_normal mixture_same_family multinomial multivariate_normal normal one_hot_categorical pareto
poisson relaxed_bernoulli relaxed_categorical studentT transformed_distribution uniform weibull
"""
OPTIMISERS = "optimizer adam adamw sgd rmsprop adagrad adadelta adamax asgd lbfgs nadam radam rprop"

PATHS: dict[str, str] = {
    **{f"torch.nn.modules.{name}": "torch.nn" for name in LAYERS.split()},
    **{f"torch.distributions.{name}": "torch.distributions" for name in FAMILIES.split()},
    **{f"torch.optim.{name}": "torch.optim" for name in OPTIMISERS.split()},
    **{f"torch.utils.data.{n}": "torch.utils.data" for n in ("dataset", "sampler")},
    "torch.utils.hooks": "torch.utils",
}
"""The longer path, and the module whose names it has."""

EXTRA = {
    "torch.nn.modules.loss": ["_Loss", "_WeightedLoss"],
    "torch.nn.modules.batchnorm": ["_BatchNorm", "_NormBase"],
    "torch.utils.hooks": ["RemovableHandle"],
}
"""Names that are to be had by the longer path alone."""


def meant(text: str) -> Iterator[str]:
    """The paths that a text imports from."""
    for path in PATHS:
        if f"from {path} import" in text:
            yield path


def join(world: "World", text: str) -> bool:
    """Adds the paths that a text may mean; whether there were any."""
    wanted = [path for path in meant(text) if path not in world.modules]
    for path in wanted:
        view = world.modules.get(PATHS[path])
        names = [] if view is None else [n for n in view.members if n not in tables.MODULES]
        world.grow(path, [*names, *EXTRA.get(path, [])], {})
    return bool(wanted)
