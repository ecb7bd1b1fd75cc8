"""Factors, solutions and norms of matrices against torch: values, gradients, second ones, errors."""

from collections.abc import Callable
from typing import Any

import pytest
from twins import agree

INF = float("inf")

FUNCTIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "cholesky": lambda t, a, s: t.linalg.cholesky(s),
    "upper": lambda t, a, s: t.linalg.cholesky(s, upper=True),
    "qr": lambda t, a, s: t.linalg.qr(a),
    "svd": lambda t, a, s: t.linalg.svd(a, full_matrices=False)[1],
    "svdvals": lambda t, a, s: t.linalg.svdvals(a[:, :2]),
    "rebuilt": lambda t, a, s: _rebuilt(*t.linalg.svd(a[:, :2], full_matrices=False)),
    "eigh": lambda t, a, s: t.linalg.eigh(s)[0],
    "rebuilt symmetric": lambda t, a, s: _symmetric(*t.linalg.eigh(s)),
    "slogdet": lambda t, a, s: t.linalg.slogdet(a)[1],
    "logdet": lambda t, a, s: t.logdet(s),
    "det": lambda t, a, s: t.linalg.det(a),
    "solve": lambda t, a, s: t.linalg.solve(a, s),
    "solve left": lambda t, a, s: t.linalg.solve(a, s, left=False),
    "triangular": lambda t, a, s: t.linalg.solve_triangular(a, s, upper=True),
    "triangular right": lambda t, a, s: t.linalg.solve_triangular(a, s, upper=False, left=False),
    "unit triangular": lambda t, a, s: t.linalg.solve_triangular(
        a, s, upper=False, unitriangular=True
    ),
    "pinv": lambda t, a, s: t.linalg.pinv(a[:2]),
    "pinv tall": lambda t, a, s: t.linalg.pinv(a[:, :2]),
    "exp": lambda t, a, s: t.linalg.matrix_exp(a),
    "power": lambda t, a, s: t.linalg.matrix_power(a, 5),
    "negative power": lambda t, a, s: t.matrix_power(a, -2),
    "multi dot": lambda t, a, s: t.linalg.multi_dot([a[0], s, a, s[0]]),
    "fro": lambda t, a, s: t.linalg.matrix_norm(a),
    "nuc": lambda t, a, s: t.linalg.norm(a, "nuc"),
    "one": lambda t, a, s: t.linalg.norm(a, 1),
    "infinite": lambda t, a, s: t.linalg.matrix_norm(a, INF, keepdim=True),
    "least": lambda t, a, s: t.linalg.matrix_norm(a, -2),
    "cond": lambda t, a, s: t.linalg.cond(a),
    "vander": lambda t, a, s: t.linalg.vander(a[0], N=4),
    "vecdot": lambda t, a, s: t.linalg.vecdot(a, s),
    "batch": lambda t, a, s: t.linalg.cholesky(t.stack([s, s * 2])),
}

OTHERWISE = ("solve left", "vander")
"""Made of other operations than torch's."""


def _rebuilt(u: Any, s: Any, vh: Any) -> Any:
    return u * s.exp() @ vh


def _symmetric(values: Any, vectors: Any) -> Any:
    return vectors * values.sin() @ vectors.mT


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients(name: str) -> None:
    def program(t: Any) -> Any:
        a = t.randn(3, 3, dtype=t.float64, requires_grad=True)
        out = FUNCTIONS[name](t, a, a @ a.mT + t.eye(3, dtype=t.float64))
        outs = list(out) if isinstance(out, tuple) else [out]
        print([("" if name in OTHERWISE else o.grad_fn.name(), tuple(o.shape)) for o in outs])
        total = sum((o * o.sin()).sum() for o in outs)
        (g,) = t.autograd.grad(total, a, create_graph=True)
        (gg,) = t.autograd.grad((g * g).sum(), a)
        return [outs, g, gg]

    agree(program, rtol=1e-6, atol=1e-7)


REFUSALS = {
    "singular": lambda t: t.linalg.inv(t.zeros(2, 2)),
    "singular in a batch": lambda t: t.linalg.inv(t.stack([t.eye(2), t.ones(2, 2)])),
    "no solution": lambda t: t.linalg.solve(t.zeros(2, 2), t.ones(2)),
    "not definite": lambda t: t.linalg.cholesky(-t.eye(2)),
    "not square": lambda t: t.linalg.inv(t.ones(2, 3)),
    "integers": lambda t: t.linalg.inv(t.ones(2, 2, dtype=t.int64)),
    "one dimension": lambda t: t.linalg.det(t.ones(2)),
    "mode": lambda t: t.linalg.qr(t.ones(2, 2), mode="other"),
    "rank": lambda t: [t.linalg.matrix_rank(t.ones(3, 3)), t.linalg.matrix_rank(t.eye(2))],
    "least squares": lambda t: t.linalg.lstsq(t.eye(3)[:, :2] * 2, t.ones(3, 1))[0],
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_are_torchs(name: str) -> None:
    agree(REFUSALS[name], rtol=1e-6, atol=1e-6)
