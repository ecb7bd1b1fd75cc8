"""Modules that join a world when a program first names them: what most programs do without.

    join(world, "from torch.distributions import Normal")      # True: the world has grown

A row tells the names of a module, the attributes of its instances, and what their methods cost.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtui.language import longer
from gradtui.language.elements import Elements
from gradtui.language.tensor_costs import Cost, numel, priced, shape, sizes

if TYPE_CHECKING:
    from gradtui.language.world import World

TRANSFORMS = """
AbsTransform AffineTransform ComposeTransform ExpTransform IndependentTransform
LowerCholeskyTransform PositiveDefiniteTransform PowerTransform ReshapeTransform SigmoidTransform
SoftmaxTransform SoftplusTransform StickBreakingTransform TanhTransform Transform
"""

MODULES: Mapping[str, str] = {
    "torch.distributions": """
        Bernoulli Beta Binomial Categorical Cauchy Chi2 Dirichlet Distribution Exponential
        FisherSnedecor Gamma Geometric Gumbel HalfCauchy HalfNormal Independent InverseGamma
        Kumaraswamy Laplace LogNormal LogisticNormal MixtureSameFamily Multinomial
        MultivariateNormal NegativeBinomial Normal OneHotCategorical
        OneHotCategoricalStraightThrough Pareto Poisson RelaxedBernoulli RelaxedOneHotCategorical
        StudentT TransformedDistribution Uniform Weibull kl_divergence """
    + TRANSFORMS,
    "torch.distributions.transforms": TRANSFORMS,
    "torch.optim.swa_utils": """
        AveragedModel SWALR get_ema_avg_fn get_ema_multi_avg_fn get_swa_avg_fn get_swa_multi_avg_fn
        update_bn""",
}

INSTANCES: Mapping[str, str] = {
    "torch.distributions.Distribution": """
        batch_shape event_shape sample rsample log_prob entropy perplexity cdf icdf expand mean mode
        variance stddev support has_rsample has_enumerate_support enumerate_support loc scale probs
        logits rate low high base_dist param_shape covariance_matrix precision_matrix scale_tril
        reinterpreted_batch_ndims alpha component_distribution concentration concentration0
        concentration1 df df1 df2 mixture_distribution temperature total_count transforms""",
    "torch.optim.swa_utils.AveragedModel": "module n_averaged update_parameters",
    "torch.distributions.transforms.Transform": """
        bijective domain codomain event_dim inv sign with_cache log_abs_det_jacobian forward_shape
        inverse_shape loc scale exponent parts base_transform""",
}

_SIZES = ("1d", "2d", "3d")
NAMES: Mapping[str, tuple[str, str]] = {
    "Lazy": (
        "torch.nn",
        " ".join(
            f"Lazy{kind}{n}"
            for kind in ("Conv", "ConvTranspose", "BatchNorm", "InstanceNorm")
            for n in _SIZES
        )
        + " LazyLinear",
    ),
}
"""Names of modules that are there, by how they begin."""


def join(world: "World", text: str) -> bool:
    """Adds the modules that a text may mean; whether there were any."""
    wanted = [
        name
        for name in MODULES
        if name not in world.modules and all(part in text for part in name.split(".")[1:])
    ]
    for name in wanted:
        world.grow(name, MODULES[name].split(), INSTANCES)
    for guest in world.guests:
        if guest.word in text and guest not in world.present:
            world.welcome(guest)
            wanted.append(guest.word)
    for word, (module, names) in NAMES.items():
        view = world.modules.get(module)
        if word in text and view is not None and names.split()[0] not in view.members:
            world.widen(module, names.split())
            wanted.append(word)
    return longer.join(world, text) or bool(wanted)


# -- prices ----------------------------------------------------------------------------------------


def _entries(owner: Any) -> int:
    return int(math.prod(owner.batch_shape) * math.prod(owner.event_shape))


def _trials(owner: Any) -> int:
    """How many trials are counted, of the counts of which there is a list."""
    count = getattr(owner, "total_count", 1)
    if not isinstance(count, int | float):
        count = count.max().item() if numel(count) else 1
    return int(count) + 1 if 0 <= count < 2**62 else 2**62


def _sampled(elements: Elements, owner: Any, sample_shape: Any = ()) -> None:
    draws = math.prod(sizes(sample_shape)) * max(_entries(owner), 1)
    several = type(owner).__name__ == "Multinomial"
    elements.budget.elements((64 + (_trials(owner) if several else 0)) * draws)


def _measured(elements: Elements, owner: Any, value: Any, *rest: Any) -> None:
    elements.budget.elements(32 * numel(value) * max(_entries(owner), 1))


def _expanded(elements: Elements, owner: Any, batch_shape: Any, *rest: Any) -> None:
    elements.budget.elements(math.prod(sizes(batch_shape)))


def _listed(elements: Elements, owner: Any, *rest: Any, **options: Any) -> None:
    elements.budget.elements((numel(owner.probs) + _trials(owner)) * max(_entries(owner), 1))


def _all(elements: Elements, owner: Any, *rest: Any) -> None:
    elements.budget.elements((32 + 8 * _trials(owner)) * max(_entries(owner), 1))


METHODS: Mapping[str, Cost] = {
    "sample": _sampled,
    "rsample": _sampled,
    "log_prob": _measured,
    "cdf": _measured,
    "icdf": _measured,
    "expand": _expanded,
    "enumerate_support": _listed,
    "entropy": _all,
    "perplexity": _all,
}


def construction(elements: Elements, *args: Any, **options: Any) -> None:
    """Parameters are broadcast and checked; of a matrix, a factor is made."""
    given = [v for v in (*args, *options.values()) if hasattr(v, "shape")]
    elements.budget.elements(16 * math.prod(max(numel(v), 1) for v in given[:2]))
    for value in given:
        if len(shape(value)) > 1:
            elements.budget.flops(4 * numel(value) * shape(value)[-1])


@priced("kl_divergence")
def divergence(elements: Elements, p: Any, q: Any) -> None:
    elements.budget.elements(32 * max(_entries(p), 1) * max(_entries(q), 1))
