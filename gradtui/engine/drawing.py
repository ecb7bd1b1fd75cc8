"""Random numbers put into a tensor in place: `normal_`, `uniform_`, `bernoulli_` and their kind.

The numbers go to the entries in the order these have in memory, as torch's kernels fill a tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import normal, random
from gradtui.engine.creation import in_memory_order, the_generator
from gradtui.engine.inplace import change
from gradtui.engine.lift import zeros_like
from gradtui.engine.rows import Row, row
from gradtui.engine.tensor import TENSORS, Tensor
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
        NORMAL, (self, lambda shape: normal.normal(gen, shape, mean, std, self.dtype, dense))
    )


def uniform_(
    self: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Any = None, **names: Any
) -> Tensor:
    low, gen = names.get("from", from_), the_generator(generator)
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


def random_(self: Tensor, *bounds: int, generator: Any = None) -> Tensor:
    """Integers from a range, by default all that the dtype holds exactly."""
    low, high = (0, *bounds)[-2:] if bounds else (0, 0)
    gen = the_generator(generator)

    def draw(shape: Sequence[int]) -> Any:
        if not bounds:
            return random.whole(gen, tuple(shape), self.dtype)
        return random.randint(gen, low, high, tuple(shape))

    return change(RANDOM[len(bounds)], (self, draw))
