"""`numpy.random` as lesson code gets it: numpy's own streams, a state for each program.

The stream of the module begins with the program's seed, and so does a generator that is given none:
a program draws the same numbers whenever, and over whichever engine, it runs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtui.arrays import prices, tables
from gradtui.arrays.functions import Kit, charge
from gradtui.arrays.prices import DRAWING, REJECTING, Price
from gradtui.arrays.values import checked

if TYPE_CHECKING:
    from gradtui.language.methods import Handler

MODULE = [*tables.LEGACY, *tables.DRAWS, "default_rng"]
RANDOM_TYPES = ["Generator", "RandomState"]
LARGEST_SEED = 1 << 32
SLOW = frozenset(
    "binomial geometric hypergeometric logseries multinomial negative_binomial poisson zipf".split()
)

PARAMETERS = {
    "rand": "*d", "randn": "*d", "random": "size dtype out", "random_sample": "size",
    "ranf": "size", "sample": "size", "standard_normal": "size dtype out",
    "standard_exponential": "size dtype method out", "standard_cauchy": "size",
    "randint": "low high size dtype", "integers": "low high size dtype endpoint",
    "seed": "seed", "choice": "a size replace p axis shuffle", "permutation": "x axis",
    "shuffle": "x axis", "permuted": "x axis out", "beta": "a b size", "binomial": "n p size",
    "chisquare": "df size", "dirichlet": "alpha size", "exponential": "scale size",
    "f": "dfnum dfden size", "gamma": "shape scale size", "geometric": "p size",
    "gumbel": "loc scale size", "hypergeometric": "ngood nbad nsample size",
    "laplace": "loc scale size", "logistic": "loc scale size", "lognormal": "mean sigma size",
    "logseries": "p size", "multinomial": "n pvals size",
    "multivariate_normal": "mean cov size check_valid tol", "negative_binomial": "n p size",
    "normal": "loc scale size", "pareto": "a size", "poisson": "lam size", "power": "a size",
    "rayleigh": "scale size", "standard_gamma": "shape size", "standard_t": "df size",
    "triangular": "left mode right size", "uniform": "low high size", "vonmises": "mu kappa size",
    "wald": "mean scale size", "weibull": "a size", "zipf": "a size",
}  # fmt: skip
PRICES: dict[str, Price] = {
    "rand": prices.drawn_shape,
    "randn": prices.drawn_shape,
    "choice": prices.picked,
    "seed": prices.scarcely,
    **dict.fromkeys(("permutation", "shuffle", "permuted"), prices.shuffled),
    **dict.fromkeys(("multivariate_normal", "multinomial", "dirichlet"), prices.drawn_vectors),
}


class Draws:
    """The random numbers of one run."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.begin()
        kit.runtime.on_anew.append(self.begin)

    def begin(self) -> None:
        """Start anew, as a program does."""
        seed = int(self.kit.runtime.world.engine.initial_seed()) % LARGEST_SEED
        self.first = seed
        self.state = np.random.RandomState(seed)

    def function(self, name: str) -> Callable[..., Any]:
        """What a call of `np.random.<name>` runs."""
        own: dict[str, Callable[..., Any]] = {
            "seed": self._seed,
            "default_rng": self.default_rng,
            "RandomState": self._random_state,
        }
        if name in own:
            return own[name]
        method = {"ranf": "random_sample", "sample": "random_sample"}.get(name, name)
        draw = self.handler(name)

        def drawn(*args: Any, **kwargs: Any) -> Any:
            return draw(
                _Renamed(self.state, method) if method != name else self.state, args, kwargs
            )

        drawn.__name__ = drawn.__qualname__ = name
        return drawn

    def handler(self, name: str) -> "Handler":
        """What `generator.<name>(…)` runs."""
        kit, parameters = self.kit, PARAMETERS[name].split()
        price = PRICES.get(name, prices.drawn(REJECTING if name in SLOW else DRAWING))

        def draw(owner: Any, args: Any, kwargs: Any) -> Any:
            if name == "seed":
                return owner.seed(*map(self._given, args), **kwargs)
            if name in ("shuffle", "choice") and args and isinstance(args[0], list):
                return self._of_list(name, owner, args, kwargs)
            given, args, kwargs = kit.bound(name, parameters, args, kwargs)
            charge(price, kit.prices, given)
            return checked(f"{name}()", getattr(owner, name)(*args, **kwargs))

        return draw

    def _of_list(self, name: str, owner: Any, args: Any, kwargs: Any) -> Any:
        """A list may hold anything: its items change places, or are chosen by theirs."""
        items, rest = args[0], args[1:]
        self.kit.runtime.budget.items(len(items) * 4)
        if name == "shuffle":
            return owner.shuffle(items)
        if not any(isinstance(item, str) for item in items[:1]):
            self.kit.values.plain("choice()", items)
            items = np.asarray(items)
        given, (count, *rest), options = self.kit.bound(
            "choice", PARAMETERS["choice"].split(), (len(items), *rest), kwargs
        )
        charge(PRICES["choice"], self.kit.prices, given)
        places = owner.choice(count, *rest, **options)
        if isinstance(items, list):
            return items[places] if np.ndim(places) == 0 else [items[n] for n in places.flat]
        return items[places]

    def _given(self, seed: Any) -> Any:
        self.kit.values.plain("seed()", seed)
        return self.first if seed is None else seed

    def _seed(self, seed: Any = None) -> None:
        self.state.seed(self._given(seed))

    def default_rng(self, seed: Any = None) -> Any:
        """A generator of its own; one that is given a generator is that."""
        if isinstance(seed, np.random.Generator):
            return seed
        return np.random.default_rng(self._given(seed))

    def _random_state(self, seed: Any = None) -> Any:
        return np.random.RandomState(self._given(seed))


class _Renamed:
    """A stream by which a method goes under another name, too."""

    def __init__(self, state: Any, method: str) -> None:
        self._draw = getattr(state, method)

    def __getattr__(self, name: str) -> Any:
        return self._draw
