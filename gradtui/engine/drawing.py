"""Random numbers put into a tensor in place: `normal_`, `uniform_`, `bernoulli_` and their kind;
and drawn by the parameters that tensors hold: `torch.normal`, `torch.bernoulli`.

The numbers go to the entries in the order these have in memory, as torch's kernels fill a tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import counts, random
from gradtui.engine import normal as draws
from gradtui.engine.creation import in_memory_order, made, the_generator
from gradtui.engine.dtypes import get_default_dtype
from gradtui.engine.dtypes import of as dtype_of
from gradtui.engine.errors import broadcast_shape, c_name
from gradtui.engine.inplace import change
from gradtui.engine.lift import FUNCTIONS, zeros_like
from gradtui.engine.rows import Row, row
from gradtui.engine.tensor import TENSORS, Tensor, wrap
from gradtui.engine.zero import ZERO

Draw = Callable[[Sequence[int]], Any]


def _drawn(name: str, node: str) -> Row:
    """A row whose kernel draws: what was there before has no part in the result."""
    return row(
        f"{name}(Tensor self, object draw)",
        node,
        lambda x, draw: in_memory_order(np.asarray(x), draw),
        jvp=lambda: ZERO,
        self=lambda grad: zeros_like(grad),
    )


NORMAL = _drawn("normal_", "NormalBackward0")
UNIFORM = _drawn("uniform_", "UniformBackward0")
BERNOULLI = _drawn("bernoulli_", "BernoulliBackward2")
EXPONENTIAL = _drawn("exponential_", "ExponentialBackward0")
CAUCHY = _drawn("cauchy_", "CauchyBackward0")
GEOMETRIC = _drawn("geometric_", "GeometricBackward0")
LOG_NORMAL = _drawn("log_normal_", "LogNormalBackward0")
RANDOM = {2 - n: _drawn("random_", f"RandomBackward{n}") for n in range(3)}  # by count of bounds
BERNOULLI_EACH = row(
    "bernoulli_(Tensor self, Tensor p, object draw)",
    "BernoulliBackward1",
    lambda x, p, draw: draw(np.broadcast_to(p, x.shape)),
    jvp=lambda: ZERO,
    self=lambda grad: zeros_like(grad),
    p=lambda grad, p: zeros_like(p),
)


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    gen, dense = the_generator(generator), self.is_contiguous()
    return change(
        NORMAL, (self, lambda shape: draws.normal(gen, shape, mean, std, self.dtype, dense))
    )


def uniform_(
    self: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Any = None, **names: Any
) -> Tensor:
    for name in names:
        if name != "from":
            raise TypeError(f"uniform_() got an unexpected keyword argument '{name}'")
    low, gen = names.get("from", from_), the_generator(generator)
    random.floating(self.dtype, "check_uniform_bounds")
    return change(UNIFORM, (self, lambda shape: random.uniform(gen, shape, low, to, self.dtype)))


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    gen = the_generator(generator)
    if p.__class__ in TENSORS:
        return change(BERNOULLI_EACH, (self, p, lambda each: random.bernoulli(gen, each)))
    return change(BERNOULLI, (self, lambda shape: random.bernoulli_scalar(gen, shape, p)))


def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Any = None) -> Tensor:
    gen = the_generator(generator)
    return change(
        EXPONENTIAL, (self, lambda shape: random.exponential(gen, shape, lambd, self.dtype))
    )


def cauchy_(
    self: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Any = None
) -> Tensor:
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    if self._data.dtype.kind != "f":
        kind = c_name(self.dtype)
        raise RuntimeError(
            "Cauchy distribution is a continuous probability distribution. dtype must be a "
            f"floating point but you specified {'long int' if kind == 'long' else kind}"
        )
    gen = the_generator(generator)
    return change(
        CAUCHY, (self, lambda shape: random.cauchy(gen, shape, median, sigma, self.dtype))
    )


def geometric_(self: Tensor, p: float, *, generator: Any = None) -> Tensor:
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    gen = the_generator(generator)
    return change(GEOMETRIC, (self, lambda shape: random.geometric(gen, shape, p, self.dtype)))


def log_normal_(
    self: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Any = None
) -> Tensor:
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    gen = the_generator(generator)
    return change(
        LOG_NORMAL, (self, lambda shape: draws.log_normal(gen, shape, mean, std, self.dtype))
    )


def random_(self: Tensor, *bounds: int, generator: Any = None) -> Tensor:
    """Integers from a range, by default all that the dtype holds exactly."""
    low, high = (0, *bounds)[-2:] if bounds else (0, 0)
    gen = the_generator(generator)

    def draw(shape: Sequence[int]) -> Any:
        if not bounds:
            return random.whole(gen, tuple(shape), self.dtype)
        return random.drawn_between(gen, low, high, tuple(shape), self.dtype)

    return change(RANDOM[len(bounds)], (self, draw))


# -- drawn by what tensors hold --------------------------------------------------------------------

row(
    "drawn_normal(Tensor mean, Tensor std, object draw)",
    "NormalBackward3",
    lambda mean, std, draw: draw(mean, std),
    jvp=lambda: ZERO,
    mean=lambda grad, mean: zeros_like(mean),
    std=lambda grad, std: zeros_like(std),
)
row(
    "drawn_around(Tensor mean, object draw)",
    "NormalBackward1",
    lambda mean, draw: draw(mean),
    jvp=lambda: ZERO,
    mean=lambda grad, mean: zeros_like(mean),
)
row(
    "drawn_within(Tensor std, object draw)",
    "NormalBackward2",
    lambda std, draw: draw(std),
    jvp=lambda: ZERO,
    std=lambda grad, std: zeros_like(std),
)
row(
    "drawn_coins(Tensor self, object draw)",
    "BernoulliBackward0",
    lambda p, draw: draw(p),
    jvp=lambda: ZERO,
    self=lambda grad: zeros_like(grad),
)


row(
    "drawn_counts(Tensor self, object draw)",
    "PoissonBackward0",
    lambda rate, draw: draw(rate),
    jvp=lambda: ZERO,
    self=lambda grad: zeros_like(grad),
)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Any = None,
    dtype: Any = None,
    requires_grad: bool = False,
    device: Any = None,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """Normal draws; `mean` and `std` are numbers with a `size`, or tensors."""
    gen = the_generator(generator)
    _check_deviation(std)
    if size is not None:
        kind = dtype or get_default_dtype()
        return made(draws.normal(gen, tuple(size), mean, std, kind), requires_grad)

    def draw(low: Any, scale: Any) -> Any:
        like = low if hasattr(low, "dtype") else scale
        shape = broadcast_shape(np.shape(low), np.shape(scale))
        unit = draws.normal(gen, shape, 0.0, 1.0, dtype_of(like.dtype))
        return (unit * scale + low).astype(like.dtype)[()]

    by_mean, by_std = mean.__class__ in TENSORS, std.__class__ in TENSORS
    if by_mean and by_std:
        return FUNCTIONS["drawn_normal"](mean, std, draw)
    if by_mean:
        return FUNCTIONS["drawn_around"](mean, lambda low: draw(low, std))
    return FUNCTIONS["drawn_within"](std, lambda scale: draw(mean, scale))


def _check_deviation(std: Any) -> None:
    if std.__class__ not in TENSORS:
        if std < 0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    elif std._data.size and not bool((std._data >= 0).all()):
        raise RuntimeError("normal expects all elements of std >= 0.0")


def bernoulli(input: Tensor, p: float | None = None, *, generator: Any = None) -> Any:
    """1 with the probability each entry gives (or `p` gives), else 0."""
    gen, kind = the_generator(generator), input._data.dtype
    if p is not None:
        drawn = random.bernoulli_scalar(gen, input._data.shape, p)
        return FUNCTIONS["drawn_coins"](input, lambda x: drawn.astype(kind)[()])
    if kind.kind != "f":
        raise NotImplementedError(
            f"\"bernoulli_tensor_cpu_p_\" not implemented for '{input.dtype.scalar_name}'"
        )
    draw = lambda x: random.bernoulli(gen, np.asarray(x)).astype(kind)[()]  # noqa: E731
    return FUNCTIONS["drawn_coins"](input, draw)


def poisson(input: Tensor, generator: Any = None) -> Any:
    """How often what happens at the rate of each entry does."""
    gen, kind = the_generator(generator), input._data.dtype
    if kind.kind != "f":
        raise NotImplementedError(
            f"\"poisson_cpu\" not implemented for '{input.dtype.scalar_name}'"
        )
    return FUNCTIONS["drawn_counts"](input, lambda rate: counts.poisson(gen, rate))


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Tensor:
    """Column numbers, each drawn as often as its weight says."""
    return wrap(random.multinomial(the_generator(generator), input._data, num_samples, replacement))
