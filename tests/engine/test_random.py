"""The same seed gives the same bits as torch, whatever is drawn and in whatever order."""

import random as pythons
from typing import Any

import numpy as np
import pytest
import torch

from gradtui.engine import dtypes, random
from gradtui.engine.normal import normal, randn

FLOATS = (dtypes.float16, dtypes.float32, dtypes.float64)
SIZES = (0, 1, 2, 3, 5, 15, 16, 17, 31, 32, 33, 100, 257, 1000)


def theirs(d: dtypes.dtype) -> torch.dtype:
    kind: torch.dtype = getattr(torch, d.name)
    return kind


def weights(n: int, d: dtypes.dtype) -> np.ndarray:
    return np.random.default_rng(n).random((2, n)).astype(d.numpy)


# name: (ours, torch's), each of (generator, size, dtype, low, high)
DRAWS: dict[str, tuple[Any, Any]] = {
    "rand": (
        lambda g, n, d, a, b: random.rand(g, (n,), d),
        lambda n, d, a, b: torch.rand(n, dtype=theirs(d)),
    ),
    "randn": (
        lambda g, n, d, a, b: randn(g, (n,), d),
        lambda n, d, a, b: torch.randn(n, dtype=theirs(d)),
    ),
    "randn of two dimensions": (
        lambda g, n, d, a, b: randn(g, (2, n), d),
        lambda n, d, a, b: torch.randn(2, n, dtype=theirs(d)),
    ),
    "uniform_": (
        lambda g, n, d, a, b: random.uniform(g, (n,), a, b, d),
        lambda n, d, a, b: torch.empty(n, dtype=theirs(d)).uniform_(a, b),
    ),
    "normal_": (
        lambda g, n, d, a, b: normal(g, (n,), a, b - a, d),
        lambda n, d, a, b: torch.empty(n, dtype=theirs(d)).normal_(a, b - a),
    ),
    "normal_, not contiguous": (
        lambda g, n, d, a, b: normal(g, (n, 2), a, b - a, d, contiguous=n < 2),
        lambda n, d, a, b: torch.empty(n, 4, dtype=theirs(d))[:, ::2].normal_(a, b - a),
    ),
    "exponential_": (
        lambda g, n, d, a, b: random.exponential(g, (n,), b + 3.1, d),
        lambda n, d, a, b: torch.empty(n, dtype=theirs(d)).exponential_(b + 3.1),
    ),
    "randint": (
        lambda g, n, d, a, b: random.randint(g, -5, int(10 ** (b + 4)), (n,)),
        lambda n, d, a, b: torch.randint(-5, int(10 ** (b + 4)), (n,)),
    ),
    "randperm": (
        lambda g, n, d, a, b: random.randperm(g, n),
        lambda n, d, a, b: torch.randperm(n),
    ),
    "bernoulli": (
        lambda g, n, d, a, b: random.bernoulli(g, weights(n, d)).astype(d.numpy),
        lambda n, d, a, b: torch.bernoulli(torch.from_numpy(weights(n, d))),
    ),
    "bernoulli_": (
        lambda g, n, d, a, b: random.bernoulli_scalar(g, (n,), b - a).astype(d.numpy),
        lambda n, d, a, b: torch.empty(n, dtype=theirs(d)).bernoulli_(b - a),
    ),
    "dropout": (
        lambda g, n, d, a, b: random.dropout_mask(g, (n,), b - a, d),
        lambda n, d, a, b: torch.nn.functional.dropout(torch.ones(n, dtype=theirs(d)), b - a),
    ),
    "multinomial": (
        lambda g, n, d, a, b: random.multinomial(g, weights(n + 3, dtypes.float64), 3),
        lambda n, d, a, b: torch.multinomial(torch.from_numpy(weights(n + 3, dtypes.float64)), 3),
    ),
    "multinomial with replacement": (
        lambda g, n, d, a, b: random.multinomial(g, weights(n + 1, d), n + 2, replacement=True),
        lambda n, d, a, b: torch.multinomial(torch.from_numpy(weights(n + 1, d)), n + 2, True),
    ),
}


def same_bits(ours: np.ndarray, real: torch.Tensor) -> bool:
    other = real.contiguous().numpy()
    return (
        ours.dtype == other.dtype
        and ours.shape == other.shape
        and ours.tobytes() == other.tobytes()
    )


@pytest.mark.parametrize("name", DRAWS)
def test_each_draw_of_each_size_and_dtype(name: str) -> None:
    mine, real = DRAWS[name]
    for n in SIZES:
        for d in FLOATS:
            gen = random.Generator().manual_seed(n + 7)
            torch.manual_seed(n + 7)
            drawn = mine(gen, n, d, -0.3, 0.45)
            assert same_bits(drawn, real(n, d, -0.3, 0.45)), (n, d)
            assert np.array_equal(gen.packed(), torch.get_rng_state().numpy()), (n, d)


@pytest.mark.parametrize("seed", range(12))
def test_sequences_of_draws(seed: int) -> None:
    rng = pythons.Random(seed)
    gen = random.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    for _ in range(40):
        name, n, d = rng.choice(list(DRAWS)), rng.choice(SIZES), rng.choice(FLOATS)
        low = rng.uniform(-1, 1)
        high = low + rng.random()
        mine, real = DRAWS[name]
        assert same_bits(mine(gen, n, d, low, high), real(n, d, low, high)), (name, n, d)


def test_many_normals() -> None:
    gen = random.Generator().manual_seed(1)
    torch.manual_seed(1)
    assert same_bits(randn(gen, (200_003,)), torch.randn(200_003))


def test_narrow_intervals_never_give_their_upper_end() -> None:
    for low, high in ((1.0, 1.0000004), (5.0, 5.00001), (2.0, 2.0), (0.1, 0.1005)):
        for d in FLOATS:
            gen = random.Generator().manual_seed(1)
            torch.manual_seed(1)
            real = torch.empty(500, dtype=theirs(d)).uniform_(low, high)
            assert same_bits(random.uniform(gen, (500,), low, high, d), real)


@pytest.mark.parametrize("seed", [0, -1, -5, 2**32, 2**64 - 1, -(2**63)])
def test_seeds(seed: int) -> None:
    ours, real = random.Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    assert ours.initial_seed() == real.initial_seed()
    assert same_bits(random.rand(ours, (5,)), torch.rand(5, generator=real))


def test_states_are_interchangeable_with_torchs() -> None:
    torch.manual_seed(3)
    torch.randn(3)
    gen = random.Generator().set_state(torch.get_rng_state().numpy())
    twin = gen.clone_state()
    expected = torch.randn(7)
    assert same_bits(randn(gen, (7,)), expected)
    assert same_bits(randn(twin, (7,)), expected)
    assert gen.initial_seed() == 3
    assert random.Generator().initial_seed() == torch.Generator().initial_seed()
    assert np.array_equal(random.Generator().get_state(), torch.Generator().get_state().numpy())


REFUSALS: list[tuple[Any, Any]] = [
    (lambda g: g.manual_seed(2**64), lambda: torch.Generator().manual_seed(2**64)),
    (lambda g: g.manual_seed(1.5), lambda: torch.Generator().manual_seed(1.5)),
    (lambda g: random.uniform(g, (2,), 3, 1), lambda: torch.empty(2).uniform_(3, 1)),
    (lambda g: random.uniform(g, (2,), 0, 1e39), lambda: torch.empty(2).uniform_(0, 1e39)),
    (lambda g: random.rand(g, (2,), dtypes.int64), lambda: torch.rand(2, dtype=torch.int64)),
    (lambda g: randn(g, (2,), dtypes.int64), lambda: torch.randn(2, dtype=torch.int64)),
    (lambda g: normal(g, (2,), 0, -1), lambda: torch.empty(2).normal_(0, -1)),
    (lambda g: random.exponential(g, (2,), 0), lambda: torch.empty(2).exponential_(0)),
    (lambda g: random.randint(g, 3, 3, (2,)), lambda: torch.randint(3, 3, (2,))),
    (
        lambda g: random.randint(g, 0, 300, (2,), dtypes.uint8),
        lambda: torch.randint(0, 300, (2,), dtype=torch.uint8),
    ),
    (
        lambda g: random.randint(g, -1, 2, (2,), dtypes.uint8),
        lambda: torch.randint(-1, 2, (2,), dtype=torch.uint8),
    ),
    (lambda g: random.randperm(g, -1), lambda: torch.randperm(-1)),
    (lambda g: random.bernoulli(g, np.array([2.0])), lambda: torch.bernoulli(torch.tensor([2.0]))),
    (lambda g: random.bernoulli_scalar(g, (2,), 2), lambda: torch.empty(2).bernoulli_(2)),
    *(
        (
            lambda g, w=w, k=k: random.multinomial(g, np.array(w), k),
            lambda w=w, k=k: torch.multinomial(torch.tensor(w, dtype=torch.float64), k),
        )
        for w, k in (
            ([0.5, 0.5], 3),
            ([-0.5, 0.5], 1),
            ([0.0, 0.0], 1),
            ([float("nan"), 1.0], 1),
            ([1.0, 2.0], 0),
            (1.0, 1),
        )
    ),
]


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_refusals(number: int) -> None:
    mine, real = REFUSALS[number]
    with pytest.raises(Exception) as expected:  # noqa: PT011
        real()
    with pytest.raises(expected.type) as got:
        mine(random.Generator())
    assert str(got.value) == str(expected.value)
