"""Prices of operations that work longer on an element than arithmetic does: sorting, drawing random
numbers, special functions, sliding windows. Importing this enters them.
"""

import math
from collections.abc import Callable
from typing import Any

from gradtui.language.elements import Elements
from gradtui.language.tables import words
from gradtui.language.tensor_costs import TENSOR_COSTS, Cost, numel, priced, shape, sizes, square

WEIGHTS: tuple[tuple[int, str], ...] = (  # how many times an element of arithmetic each one costs
    (
        16,
        """
        sort argsort msort unique unique_consecutive topk kthvalue median nanmedian quantile
        nanquantile mode randperm multinomial searchsorted bucketize isin
        """,
    ),
    (
        8,
        """
        rand randn rand_like randn_like randint randint_like normal bernoulli dropout
        alpha_dropout feature_alpha_dropout dropout1d dropout2d gumbel_softmax rrelu rrelu_
        uniform_ normal_ random_ exponential_ cauchy_ log_normal_ geometric_ bernoulli_
        kaiming_normal kaiming_uniform xavier_normal xavier_uniform
        kaiming_normal_ kaiming_uniform_ orthogonal_ sparse_ trunc_normal_ xavier_normal_
        xavier_uniform_ dirac_
        lgamma lgamma_ digamma digamma_ polygamma polygamma_ psi gammaln mvlgamma mvlgamma_ erfinv
        erfinv_ i0 i0_ i0e i1 i1e ndtri log_ndtr erfcx entr
        """,
    ),
    (200, "poisson binomial igamma igamma_ igammac igammac_ gammainc gammaincc"),
)


def _weighted(cost: Cost, weight: int) -> Cost:
    def weighed(elements: Elements, *args: Any, **kwargs: Any) -> None:
        budget, before = elements.budget, elements.budget.scale
        budget.scale = before * weight
        try:
            cost(elements, *args, **kwargs)
        finally:
            budget.scale = before

    return weighed


for _weight, _names in WEIGHTS:
    for _name in words(_names):
        TENSOR_COSTS[_name] = _weighted(TENSOR_COSTS.get(_name, Elements.elementwise), _weight)


def _norm_of_values(order: str, place: int) -> Callable[..., None]:
    """A norm of a matrix's singular values costs as much as they do."""

    def price(elements: Elements, a: Any, *args: Any, **options: Any) -> None:
        given = options.get(order, args[place] if len(args) > place else None)
        singular = given == "nuc" or (place == 0 and order == "ord" and given in (2, -2))
        (square if singular and len(shape(a)) > 1 else Elements.elementwise)(elements, a)

    return price


TENSOR_COSTS["norm"] = _norm_of_values("p", 0)
_LINALG_NORM = _norm_of_values("ord", 0)


def linalg_cost(name: str) -> Cost | None:
    """The price of what `torch.linalg` does otherwise than torch by the same name."""
    return _LINALG_NORM if name == "norm" else None


def _area(value: Any, axes: int) -> int:
    return math.prod(sizes(value)) if isinstance(value, list | tuple) else int(value) ** axes


@priced(
    *words("""
        max_pool1d max_pool2d avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d
    """)
)
def window(elements: Elements, x: Any, *args: Any, **options: Any) -> None:
    """Every position of the window looks at all that it covers."""
    axes = max(len(shape(x)) - 2, 1)
    place = 1 if "norm_type" in options or (args and isinstance(args[0], float)) else 0
    size = options.get("kernel_size", args[place] if len(args) > place else 1)
    stride = options.get("stride", args[place + 1] if len(args) > place + 1 else size) or size
    elements.budget.elements(numel(x) * _area(size, axes) // max(_area(stride, axes), 1))
    elements.one(x)


@priced(*words("adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d"))
def adaptive(elements: Elements, x: Any, output_size: Any = 1, *rest: Any, **options: Any) -> None:
    axes = max(len(shape(x)) - 2, 1)
    given = output_size if isinstance(output_size, list | tuple) else [output_size] * axes
    wanted = [
        extent if size is None else int(size)
        for size, extent in zip(given, shape(x)[-axes:], strict=False)
    ]
    elements.budget.elements(math.prod(shape(x)[:-axes]) * math.prod(wanted))
    elements.one(x)


@priced("local_response_norm")
def neighbours(elements: Elements, x: Any, size: Any = 1, *rest: Any, **options: Any) -> None:
    channels = shape(x)[1] if len(shape(x)) > 1 else 1
    elements.budget.elements(numel(x) // max(channels, 1) * (channels + int(size)))
    elements.budget.flops(numel(x) * min(int(size), channels) * 10)


@priced("embedding_bag")
def bag(elements: Elements, index: Any, weight: Any, *rest: Any, **options: Any) -> None:
    elements.budget.elements(max(numel(index), numel(weight)))
    elements.budget.flops(numel(index) * shape(weight)[-1] * 10)


@priced("multi_head_attention_forward")
def heads(elements: Elements, query: Any, key: Any, *rest: Any, **options: Any) -> None:
    elements.budget.elements(math.prod(shape(query)[:-1]) * shape(key)[0])
    elements.elementwise(query, key, *rest[:1])


@priced("random_split")
def split(elements: Elements, data: Any, lengths: Any = (), *rest: Any, **options: Any) -> None:
    elements.budget.items(len(data))
    elements.budget.items(len(lengths))


def _first(args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    return args[0] if args else next(iter(options.values()), 1)


def _listed(given: Any) -> int | None:
    if hasattr(given, "shape"):
        return numel(given)
    return len(given) if isinstance(given, list | tuple) else None


@priced("unbind")
def rows(elements: Elements, x: Any, *args: Any, **options: Any) -> None:
    """Each row is a view."""
    elements.views(max(shape(x), default=1))


@priced("split", "split_with_sizes")
def pieces(elements: Elements, x: Any, *args: Any, **options: Any) -> None:
    """As many views as the longest side has room for."""
    given = _first(args, options)
    longest = max(shape(x), default=1)
    elements.views(_listed(given) or longest // max(int(given), 1))


@priced("chunk", "tensor_split", "hsplit", "vsplit", "dsplit")
def sections(elements: Elements, x: Any, *args: Any, **options: Any) -> None:
    """As many views as are asked for."""
    given = _first(args, options)
    elements.views(_listed(given) or max(int(given), 0))


@priced("diff")
def differences(elements: Elements, x: Any, n: Any = 1, *rest: Any, **options: Any) -> None:
    """Taken as often as is asked for, though nothing may be left to take it of."""
    elements.budget.operations(max(int(n), 1) * (1 + numel(x) // 1_000))
    elements.elementwise(x, *rest)


@priced("pad_packed_sequence")
def padded(elements: Elements, sequence: Any, *rest: Any, **options: Any) -> None:
    """As many steps as the longest has, or as are asked for."""
    data, sizes = sequence[:2]
    asked = [v for v in (*rest, *options.values()) if isinstance(v, int)]
    steps = max(numel(sizes), *asked, 1)
    elements.budget.elements(steps * numel(data))


@priced("zeta")
def zeta(elements: Elements, s: Any, q: Any = 1, **options: Any) -> None:
    """Summed up term by term from q to 9."""
    lowest = q if isinstance(q, int | float) else float(q.min()) if numel(q) else 0
    each = int(min(max(9 - lowest, 1), 2**40)) if lowest == lowest else 1
    elements.budget.elements(max(numel(s), numel(q)) * (each + 32))


@priced("mvlgamma", "mvlgamma_", "multigammaln")
def multivariate(elements: Elements, x: Any, p: Any = 1, **options: Any) -> None:
    elements.budget.elements(8 * numel(x) * max(int(p), 1))
