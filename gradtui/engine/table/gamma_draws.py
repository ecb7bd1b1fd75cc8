"""Rows of what is drawn from Gamma and binomial distributions; loaded with the first such draw."""

from __future__ import annotations

from gradtui.engine.kernels import gamma_slopes
from gradtui.engine.lift import lifted, zeros_like
from gradtui.engine.rows import row
from gradtui.engine.zero import ZERO

row("_standard_gamma_grad(Tensor self, Tensor output)", "", gamma_slopes.gamma_slopes)
row("_dirichlet_grad(Tensor x, Tensor alpha, Tensor total)", "", gamma_slopes.dirichlet_slopes)
gamma_slope = lifted("_standard_gamma_grad", gamma_slopes.gamma_slopes)

row(
    "_standard_gamma(Tensor self, object draw)",
    "StandardGammaBackward0",
    lambda shape, draw: draw(shape),
    jvp="not_implemented",
    self=lambda grad, self, result: grad * gamma_slope(self, result),
)
row(
    "_drawn_binomial(Tensor count, Tensor prob, object draw)",
    "BinomialBackward0",
    lambda count, prob, draw: draw(count, prob),
    jvp=lambda: ZERO,
    prob=lambda grad, prob: zeros_like(prob),
)
