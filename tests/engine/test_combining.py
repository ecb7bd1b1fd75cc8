"""Special functions, sets, quantiles and places in sorted lines against torch."""

from collections.abc import Callable
from typing import Any

import pytest
from twins import agree


def _slopes(t: Any, f: Any) -> Any:
    """f, its derivative and its second one at several places."""
    values = [0.5, 1.5, -0.3, 2.7, 10.2, -3.5]
    x = t.tensor(values, dtype=t.float64, requires_grad=True)
    y = f(x)
    print(y.grad_fn.name())
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    (gg,) = t.autograd.grad(g.sum(), x)
    return [y, g, gg]


def _table(t: Any) -> Any:
    return t.arange(6.0).reshape(2, 3)


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "lgamma": lambda t: _slopes(t, t.lgamma),
    "digamma": lambda t: _slopes(t, t.digamma),
    "polygamma": lambda t: _slopes(t, lambda x: t.polygamma(2, x.abs())),
    "erfinv": lambda t: _slopes(t, lambda x: t.erfinv(x / 11)),
    "sinc": lambda t: _slopes(t, t.sinc),
    "logaddexp2": lambda t: _slopes(t, lambda x: t.logaddexp2(x, x * 2)),
    "digamma's poles": lambda t: t.digamma(t.tensor([0.0, -0.0, -1.0, -2.5, 1e10])),
    "lgamma's poles": lambda t: t.lgamma(t.tensor([0.0, -1.0, 1e10, float("inf")])),
    "erfinv's ends": lambda t: t.erfinv(t.tensor([1.0, -1.0, 2.0, 0.0])),
    "block_diag": lambda t: t.block_diag(_table(t), t.ones(1), t.tensor(3.0)),
    "cartesian_prod": lambda t: t.cartesian_prod(t.tensor([1, 2]), t.tensor([3, 4, 5])),
    "combinations": lambda t: [t.combinations(t.arange(4), r) for r in (1, 2, 3)],
    "with repetition": lambda t: t.combinations(t.arange(3), 2, True),
    "no vector": lambda t: t.combinations(_table(t)),
    "broadcast_shapes": lambda t: print(t.broadcast_shapes((2, 1), (3,), ())),
    "triangles": lambda t: [t.tril_indices(3, 3), t.triu_indices(3, 4, 1)],
    "take_along_dim": lambda t: t.take_along_dim(_table(t), t.tensor([[0], [2]]), 1),
    "vander": lambda t: [t.vander(t.tensor([1, 2, 3])), t.vander(t.tensor([1.0, 2]), 3, True)],
    "searchsorted": lambda t: [
        t.searchsorted(t.tensor([1, 3, 5]), t.tensor([[3, 6], [0, 1]]), right=right)
        for right in (False, True)
    ],
    "rows that do not fit": lambda t: t.searchsorted(t.ones(2, 3), t.ones(3, 2)),
    "bucketize": lambda t: t.bucketize(t.tensor([1.0, 4.0]), t.tensor([1.0, 2.0, 5.0])),
    "isin": lambda t: [t.isin(t.arange(3), t.tensor([2, 4])), t.isin(t.arange(2), 1, invert=True)],
    "quantile": lambda t: [
        t.quantile(_table(t), 0.3),
        t.quantile(_table(t), t.tensor([0.25, 0.5]), dim=1, keepdim=True),
        _table(t).quantile(0.4, 1, interpolation="nearest"),
    ],
    "no share": lambda t: t.quantile(_table(t), 1.5),
    "histc": lambda t: t.histc(t.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3),
    "cov": lambda t: [t.cov(_table(t)), t.corrcoef(t.tensor([[1.0, 2, 3], [1, 3, 2]]))],
    "renorm": lambda t: t.renorm(_table(t), 1, 0, 5),
    "cumulative_trapezoid": lambda t: t.cumulative_trapezoid(_table(t), t.tensor([1.0, 2, 4])),
    "gradient": lambda t: t.gradient(_table(t)),
    "gcd": lambda t: [t.gcd(t.tensor([4, 6]), t.tensor(9)), t.lcm(t.tensor([4, 6]), t.tensor(6))],
    "heaviside": lambda t: t.heaviside(t.tensor([-1.0, 0, 1]), t.tensor(0.5)),
    "bernoulli": lambda t: [t.bernoulli(t.full((2, 3), 0.5)), t.rand(1)],
    "entropy": lambda t: t.special.entr(_table(t) - 1),
    "old types": lambda t: print(
        t.FloatTensor([1, 2]), t.LongTensor([[1]]), t.FloatTensor(2, 3).shape, t.FloatTensor,
        isinstance(t.ones(1), t.FloatTensor), isinstance(t.ones(1), t.LongTensor),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_is_torchs(name: str) -> None:
    agree(PROGRAMS[name], rtol=1e-6, atol=1e-6)
