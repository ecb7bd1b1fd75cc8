"""Draws of Gamma, Dirichlet and binomial distributions as functions of tensors.

>>> import gradtui.engine as torch
>>> torch.binomial(torch.tensor([10.0, 3.0]), torch.tensor([0.0, 1.0]))
tensor([0., 3.])
"""

from __future__ import annotations

from typing import Any

from gradtui.engine import dtypes
from gradtui.engine.creation import the_generator
from gradtui.engine.function import Function
from gradtui.engine.kernels import gamma_draws
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.normal import _next_normal
from gradtui.engine.random import Generator, units
from gradtui.engine.tensor import wrap


def _sources(gen: Generator) -> tuple[gamma_draws.Draw, gamma_draws.Draw]:
    """The generator's uniform and normal numbers, one by one in float64."""
    return lambda: float(units(gen, 1, dtypes.float64)[0]), lambda: _next_normal(gen)


def standard_gamma(concentration: Any) -> Any:
    """Draws of Gamma(concentration, 1), which gradients go through."""
    sources = _sources(the_generator(None))
    draw = lambda shapes: gamma_draws.gammas(shapes, *sources)  # noqa: E731
    return FUNCTIONS["_standard_gamma"](concentration, draw)


class _Dirichlet(Function):
    """Draws that sum to 1, which gradients go through once."""

    __module__ = "torch.distributions.dirichlet"

    @staticmethod
    def forward(ctx: Any, concentration: Any) -> Any:
        sources = _sources(the_generator(None))
        drawn = wrap(gamma_draws.dirichlets(concentration._data, *sources))
        ctx.save_for_backward(drawn, concentration)
        return drawn

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, concentration = ctx.saved_tensors
        total = concentration.sum(-1, True).expand_as(concentration)
        slope = FUNCTIONS["_dirichlet_grad"](x, concentration, total)
        return slope * (grad_output - (x * grad_output).sum(-1, True))


def sample_dirichlet(concentration: Any) -> Any:
    """Draws that sum to 1 over the last dimension."""
    return _Dirichlet.apply(concentration)


def binomial(count: Any, prob: Any, generator: Any = None) -> Any:
    """How many of `count` trials succeed, each with the probability `prob`."""
    if not count.is_floating_point():
        raise ValueError(
            f"binomial only supports floating-point dtypes for count, got: {count.dtype.scalar_name}"
        )
    if not prob.is_floating_point():
        raise ValueError(
            f"binomial only supports floating-point dtypes for prob, got: {prob.dtype.scalar_name}"
        )
    if count.dtype is not prob.dtype:
        raise RuntimeError(
            f"Found dtype {prob.dtype.scalar_name} but expected {count.dtype.scalar_name}"
        )
    unit, _ = _sources(the_generator(generator))
    draw = lambda counts, probs: gamma_draws.binomials(counts, probs, unit)  # noqa: E731
    return FUNCTIONS["_drawn_binomial"](count, prob, draw)
