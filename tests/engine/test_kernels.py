"""Kernels give torch's bits where that can be had, and stay within a stated distance elsewhere."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gradtui.engine.kernels import (
    arithmetic,
    classes,
    masks,
    mean_,
    places,
    reductions,
    sum_,
    unary,
)

KINDS = {"f4": torch.float32, "f8": torch.float64, "f2": torch.float16}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """torch's sums of many elements depend on how many threads share them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with np.errstate(all="ignore"):
        yield
    torch.set_num_threads(before)


def ulps(ours: Any, theirs: np.ndarray) -> int:
    """How many floating-point numbers lie between two arrays' elements, at most."""
    assert np.shape(ours) == theirs.shape
    assert ours.dtype == theirs.dtype
    whole = {2: np.int16, 4: np.int32, 8: np.int64}[theirs.itemsize]
    one, two = (np.atleast_1d(a).copy().view(whole).astype(object) for a in (ours, theirs))
    both_nan = np.atleast_1d(np.isnan(ours) & np.isnan(theirs))
    return int(np.where(both_nan, 0, np.abs(one - two)).max(initial=0))


def laid_out(rng: random.Random, array: np.ndarray) -> tuple[np.ndarray, torch.Tensor]:
    """The array as it is, permuted, cut or repeated, on both sides."""
    tensor = torch.from_numpy(array) if array.ndim else torch.tensor(array)
    way = rng.choice(["plain", "permuted", "cut", "repeated"])
    if way == "permuted":
        order = rng.sample(range(array.ndim), array.ndim)
        return array.transpose(order), tensor.permute(order)
    if way == "cut":
        cut = tuple(slice(None, None, rng.choice([1, 2, 3])) for _ in range(array.ndim))
        return array[cut], tensor[cut]
    if way == "repeated":
        shape = (rng.randint(1, 5), *array.shape)
        return np.broadcast_to(array, shape), tensor.expand(shape)
    return array, tensor


def shapes(rng: random.Random) -> tuple[int, ...]:
    extents = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 32, 33, 64, 70, 128, 300]
    return rng.choice(
        [
            (),
            (rng.randint(0, 40),),
            (rng.randint(0, 3000),),
            (rng.randint(1, 2000), rng.randint(1, 20)),
            (rng.randint(1, 20), rng.randint(1, 2000)),
            (rng.choice(extents), rng.choice(extents)),
            (rng.choice(extents), rng.choice(extents), rng.randint(1, 12)),
            tuple(rng.randint(1, 6) for _ in range(4)),
        ]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_sums_and_means_to_the_last_bit(kind: str) -> None:
    rng, numbers = random.Random(kind), np.random.default_rng(0)
    for _ in range(400):
        shape = shapes(rng)
        drawn = numbers.standard_normal(shape) * 10.0 ** numbers.integers(-2, 3, shape)
        array, tensor = laid_out(rng, np.asarray(drawn).astype(kind))
        axes = tuple(rng.sample(range(array.ndim), rng.randint(0, array.ndim))) or None
        keepdim = axes is not None and rng.random() < 0.3
        for mine, real in ((sum_, torch.sum), (mean_, torch.mean)):
            expected = (real(tensor) if axes is None else real(tensor, axes, keepdim)).numpy()
            assert ulps(mine(array, axes, keepdim), expected) == 0, (array.shape, axes)


@pytest.mark.parametrize("kind", KINDS)
def test_sums_of_many_elements(kind: str) -> None:
    numbers = np.random.default_rng(1)
    for shape in ((1_000_003,), (40_000, 10), (9, 30_001), (70_000, 3), (300, 300)):
        array = numbers.standard_normal(shape).astype(kind)
        tensor = torch.from_numpy(array)
        assert ulps(sum_(array), tensor.sum().numpy()) == 0
        for axis in range(array.ndim):
            assert ulps(sum_(array, axis), tensor.sum(axis).numpy()) == 0, (shape, axis)
        if array.ndim > 1:
            assert ulps(sum_(array.T, 0), tensor.t().sum(0).numpy()) == 0, shape


@pytest.mark.parametrize("kind", ["f4", "f8", "i8"])
def test_adding_at_places_that_repeat(kind: str) -> None:
    numbers = np.random.default_rng(3)
    for rows, width, count in ((7, 5, 60), (30, 64, 200), (3, 1, 9), (50, 2, 3)):
        x, source = ((numbers.standard_normal((n, width)) * 9).astype(kind) for n in (rows, count))
        at = numbers.integers(0, rows, count)
        one, two = torch.from_numpy(x), torch.from_numpy(source)
        theirs = one.index_put((torch.from_numpy(at),), two, accumulate=True).numpy()
        np.testing.assert_array_equal(places.index_put(x, source, (at,), True), theirs)
        np.testing.assert_array_equal(places.index_add(x, 0, at, source), theirs)
        wide = np.repeat(at[:, None], width, 1)
        real = one.scatter_add(0, torch.from_numpy(wide), two).numpy()
        np.testing.assert_array_equal(places.scatter_add(x, 0, wide, source), real)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        places.index_put(x, source[:, :1].repeat(3, 1), (at,), True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [5, 3000])
def test_choosing_by_a_mask(kind: str, size: int) -> None:
    numbers = np.random.default_rng(0)
    yes, no = (numbers.choice(np.array(SPECIAL), size).astype(kind) for _ in "ab")
    mask = numbers.random(size) < 0.5
    zero = yes.dtype.type(0)
    shapes = [(mask, yes, no), (mask[::2], yes[::2], no[::2]), (mask, zero, no), (mask, yes, zero)]
    for m, one, two in [*shapes, (mask, np.broadcast_to(zero, (size,)), no)]:
        assert ulps(masks.choose(m, one, two), np.where(m, one, two)) == 0
    assert ulps(masks.zeroed(yes, mask), np.where(mask, zero, yes)) == 0


@pytest.mark.parametrize("number", [1.0, -0.0, 0.1, 1 / 3, 1e-45, 3e38, np.inf, np.nan])
def test_sums_of_one_number_repeated(number: float) -> None:
    for kind in KINDS:
        array, tensor = np.array(number).astype(kind), torch.tensor(number, dtype=KINDS[kind])
        for shape in ((3,), (50, 7), (300, 200), (2, 1, 40)):
            wide, theirs = np.broadcast_to(array, shape), tensor.expand(shape)
            for axes in (None, *range(len(shape)), (0, len(shape) - 1)):
                if axes != (0, 0):
                    expected = theirs.sum() if axes is None else theirs.sum(axes)
                    assert ulps(sum_(wide, axes), expected.numpy()) == 0, (kind, shape, axes)


def test_sums_of_integers_and_of_negative_zeros() -> None:
    assert sum_(np.array([1, 2], np.int8)).dtype == np.int64
    assert sum_(np.array([True, True])) == 2
    assert not np.signbit(sum_(np.full(3, -0.0, np.float32)))


EXACT, ONE, TWO = 0, 1, 2
# name: (torch's function, ulps allowed, where to look)
UNARY: dict[str, tuple[Any, int, tuple[float, float]]] = {
    "reciprocal": (torch.reciprocal, EXACT, (0.1, 9)),
    "rsqrt": (torch.rsqrt, EXACT, (0.1, 9)),
    "relu": (torch.relu, EXACT, (-5, 5)),
    "sign": (torch.sign, EXACT, (-5, 5)),
    "floor": (torch.floor, EXACT, (-5, 5)),
    "ceil": (torch.ceil, EXACT, (-5, 5)),
    "trunc": (torch.trunc, EXACT, (-5, 5)),
    "round_to": (torch.round, EXACT, (-5, 5)),
    "leaky_relu": (F.leaky_relu, EXACT, (-5, 5)),
    **{name: (getattr(torch, name), ONE, (-4, 4)) for name in ("exp", "expm1", "sin", "cos")},
    **{name: (getattr(torch, name), ONE, (0.01, 50)) for name in ("log", "log2", "log10", "sqrt")},
    **{name: (getattr(torch, name), ONE, (-0.99, 0.99)) for name in ("asin", "acos", "atanh")},
    **{name: (getattr(torch, name), TWO, (-4, 4)) for name in ("tanh", "sinh", "cosh", "atan")},
    **{name: (getattr(torch, name), TWO, (-8, 8)) for name in ("sigmoid", "exp2", "asinh")},
    "log1p": (torch.log1p, ONE, (-0.9, 5)),
    "tan": (torch.tan, TWO, (-1.5, 1.5)),
    "acosh": (torch.acosh, TWO, (1.1, 4)),
    "erf": (torch.erf, TWO, (-3, 3)),
    "erfc": (torch.erfc, 3, (-3, 3)),
    "silu": (F.silu, 3, (-5, 5)),
    "mish": (F.mish, 4, (-5, 5)),
    "elu": (F.elu, TWO, (-5, 5)),
    "softplus": (F.softplus, 4, (-5, 5)),
    "log_sigmoid": (F.logsigmoid, 4, (-5, 5)),
    "logit": (torch.logit, TWO, (0.01, 0.99)),
}
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e38, -1e38, 1.0, -1.0]


@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_array(name: str, kind: str) -> None:
    real, allowed, (low, high) = UNARY[name]
    mine = getattr(unary, name)
    for size in (3, 2000):
        array = np.random.default_rng(size).uniform(low, high, size).astype(kind)
        assert ulps(mine(array), real(torch.from_numpy(array)).numpy()) <= allowed
    special = np.array(SPECIAL, kind)
    np.testing.assert_allclose(mine(special), real(torch.from_numpy(special)).numpy(), 1e-6)
    scalar = special.dtype.type(0.5 if name != "acosh" else 1.5)
    assert ulps(mine(scalar), real(torch.tensor(scalar)).numpy()) <= allowed + 1


@pytest.mark.parametrize("name", ["exp", "sigmoid", "tanh", "log", "sqrt", "erf"])
def test_integers_are_taken_as_floats_and_float16_is_rounded_once(name: str) -> None:
    mine, real = getattr(unary, name), getattr(torch, name)
    whole = np.arange(1, 6)
    assert ulps(mine(whole), real(torch.from_numpy(whole)).numpy()) <= 1
    half = np.linspace(0.1, 5, 200).astype(np.float16)
    assert ulps(mine(half), real(torch.from_numpy(half)).numpy()) <= 1


def test_large_arrays_stay_close() -> None:
    array = np.random.default_rng(0).standard_normal(unary.LARGE * 2).astype(np.float32)
    for name in ("exp", "tanh", "sin"):
        theirs = getattr(torch, name)(torch.from_numpy(array)).numpy()
        assert ulps(getattr(unary, name)(array), theirs) <= 3


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu(approximate: str) -> None:
    array = np.linspace(-6, 6, 500)
    theirs = F.gelu(torch.from_numpy(array), approximate=approximate).numpy()
    np.testing.assert_allclose(unary.gelu(array, approximate), theirs, 1e-12, 1e-12)


@pytest.mark.parametrize("decimals", [0, 1, 3, -1])
def test_rounding_to_decimals(decimals: int) -> None:
    array = np.random.default_rng(0).uniform(-100, 100, 500).astype(np.float32)
    theirs = torch.round(torch.from_numpy(array), decimals=decimals).numpy()
    assert ulps(unary.round_to(array, decimals), theirs) == 0


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, -0.5, 2.0])
def test_powers_torch_treats_apart_are_exact(exponent: float) -> None:
    array = np.concatenate([np.linspace(-4, 4, 999), SPECIAL]).astype(np.float32)
    theirs = torch.pow(torch.from_numpy(array), exponent).numpy()
    assert ulps(arithmetic.power_scalar(array, exponent), theirs) == 0


@pytest.mark.parametrize("exponent", [0.5, 4, 5, -3, 1.5, 1 / 3])
def test_other_powers_are_close(exponent: float) -> None:
    array = np.linspace(0.1, 4, 999).astype(np.float32)
    theirs = torch.pow(torch.from_numpy(array), exponent).numpy()
    assert ulps(arithmetic.power_scalar(array, exponent), theirs) <= 1


BINARY = {
    "fmod": torch.fmod,
    "remainder": torch.remainder,
    "div_floor": lambda a, b: torch.div(a, b, rounding_mode="floor"),
    "div_trunc": lambda a, b: torch.div(a, b, rounding_mode="trunc"),
}


@pytest.mark.parametrize("kind", ["f4", "f8", "f2", "i8", "i4", "i2"])
@pytest.mark.parametrize("name", BINARY)
def test_divisions_that_round(name: str, kind: str) -> None:
    numbers = np.random.default_rng(0)
    one, two = (numbers.integers(-9, 9, 400).astype(kind) for _ in "ab")
    if kind.startswith("f"):
        grid = np.meshgrid(np.array(SPECIAL, kind), np.array(SPECIAL, kind))
        one, two = (np.concatenate([a, g.ravel()]) for a, g in zip((one, two), grid, strict=True))
    else:
        two[two == 0] = 5
    theirs = BINARY[name](torch.from_numpy(one), torch.from_numpy(two)).numpy()
    ours = getattr(arithmetic, name)(one, two)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)
    if kind.startswith("f"):
        finite = ~np.isnan(theirs)
        assert np.array_equal(np.signbit(ours)[finite], np.signbit(theirs)[finite])


@pytest.mark.parametrize("kind", ["i8", "i4", "u1"])
def test_integer_powers(kind: str) -> None:
    base = np.arange(0 if kind == "u1" else -5, 9).astype(kind)
    for exponent in (0, 1, 2, 3, 5, 20):
        theirs = torch.pow(torch.from_numpy(base), exponent).numpy()
        np.testing.assert_array_equal(arithmetic.power_scalar(base, exponent), theirs)
    with pytest.raises(RuntimeError, match="Integers to negative integer powers are not allowed"):
        arithmetic.power_scalar(base, -1)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        arithmetic.div_floor(base, np.zeros_like(base))


# name: (ours, torch's, ulps allowed), both of (array, axis or None, keepdim)
REDUCTIONS: dict[str, tuple[Any, Any, int]] = {
    "var": (
        lambda x, axis, keep: reductions.var(x, axis, 1, keep),
        lambda t, axis, keep: torch.var(t, axis, correction=1, keepdim=keep),
        0,
    ),
    "std": (
        lambda x, axis, keep: reductions.std(x, axis, 0, keep),
        lambda t, axis, keep: torch.std(t, axis, correction=0, keepdim=keep),
        0,
    ),
    "prod": (
        reductions.prod,
        lambda t, axis, keep: torch.prod(t) if axis is None else torch.prod(t, axis, keep),
        0,
    ),
    **{
        f"norm {p}": (
            lambda x, axis, keep, p=p: reductions.norm(x, p, axis, keep),
            lambda t, axis, keep, p=p: torch.linalg.vector_norm(t, p, axis, keep),
            0,
        )
        for p in (0, 1, 2, float("inf"), -float("inf"))
    },
    "argmax": (
        lambda x, axis, keep: reductions.argmax(np.round(x), axis, keep),
        lambda t, axis, keep: torch.argmax(torch.round(t), axis, keep),
        0,
    ),
    "argmin": (
        lambda x, axis, keep: reductions.argmin(np.round(x), axis, keep),
        lambda t, axis, keep: torch.argmin(torch.round(t), axis, keep),
        0,
    ),
    "logsumexp": (
        reductions.logsumexp,
        lambda t, axis, keep: torch.logsumexp(
            t, tuple(range(t.ndim)) if axis is None else axis, keep
        ),
        3,
    ),
}
ALONG: dict[str, tuple[Any, int]] = {
    "cumsum": (torch.cumsum, 0),
    "cumprod": (torch.cumprod, 0),
    "softmax": (torch.softmax, 12),
    "log_softmax": (torch.log_softmax, 64),
}
BLOCKS = [(5,), (3,), (8,), (40,), (300,), (3, 4), (7, 33), (40, 40), (2, 3, 4), (65, 4)]


@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name: str, kind: str) -> None:
    mine, real, allowed = REDUCTIONS[name]
    for shape in BLOCKS:
        array = np.random.default_rng(7).standard_normal(shape).astype(kind)
        for axis in (None, *range(len(shape))):
            keep = axis == 0
            theirs = real(torch.from_numpy(array), axis, keep).numpy()
            if theirs.dtype.kind == "i":
                np.testing.assert_array_equal(mine(array, axis, keep), theirs)
            else:
                ours = mine(array, axis, keep)
                near_zero = abs(ours - theirs).max() < 1e-7 and allowed > 0
                assert ulps(ours, theirs) <= allowed or near_zero, (shape, axis)


@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("name", ALONG)
def test_reductions_along_an_axis(name: str, kind: str) -> None:
    real, allowed = ALONG[name]
    for shape in BLOCKS:
        array = np.random.default_rng(7).standard_normal(shape).astype(kind)
        for axis in range(len(shape)):
            theirs = real(torch.from_numpy(array), axis).numpy()
            assert ulps(getattr(reductions, name)(array, axis), theirs) <= allowed, (shape, axis)


def test_reductions_of_integers_and_nothing() -> None:
    whole = np.array([1, 2, 3], np.int32)
    for mine in (reductions.prod, reductions.cumsum, reductions.cumprod):
        assert mine(whole).dtype == np.int64
    assert reductions.norm(np.empty(0, np.float32)) == 0
    assert np.isnan(reductions.var(np.empty(0, np.float32)))
    assert reductions.logsumexp(np.empty((0,), np.float32)) == -np.inf


def likelihood(rng: random.Random, numbers: np.random.Generator) -> tuple[Any, ...]:
    """Numbers for classes, targets, weights or None, and what to ignore."""
    count = rng.randint(1, 9)
    shape = rng.choice(
        [(count,), (rng.randint(0, 600), count), (3, count, rng.randint(1, 4), rng.randint(1, 90))]
    )
    kind, ignore = rng.choice(["f4", "f8", "f2"]), rng.choice([-100, -100, 0, 2])
    x = (numbers.standard_normal(shape) * 10.0 ** numbers.integers(-2, 3, shape)).astype(kind)
    target = np.asarray(numbers.integers(0, count, (*shape[:1], *shape[2:])[: x.ndim - 1]))
    if rng.random() < 0.4:
        target = np.where(numbers.random(target.shape) < 0.3, ignore, target)
    weight = numbers.random(count).astype(kind) if rng.random() < 0.4 else None
    if weight is not None and rng.random() < 0.3:
        weight[0] = 0
    return x, target[()], weight, ignore


def test_likelihoods_of_classes_to_the_last_bit() -> None:
    rng, numbers = random.Random(0), np.random.default_rng(0)
    for _ in range(300):
        x, target, weight, ignore = likelihood(rng, numbers)
        leaf = torch.from_numpy(x).requires_grad_()
        named = torch.tensor(target, dtype=torch.int64)
        heavy = None if weight is None else torch.from_numpy(weight)
        for number, name in enumerate(("none", "mean", "sum")):
            given = (weight, number, ignore)
            try:
                theirs: Any = F.nll_loss(leaf, named, heavy, reduction=name, ignore_index=ignore)
            except IndexError as error:
                with pytest.raises(IndexError, match=str(error)):
                    classes.nll(x, target, *given)
                continue
            assert ulps(classes.nll(x, target, *given), theirs.detach().numpy()) == 0
            grad = numbers.standard_normal(theirs.shape).astype(x.dtype)
            (slope,) = torch.autograd.grad(theirs, leaf, torch.from_numpy(np.array(grad)))
            ours = classes.nll_backward(grad, x, target, *given)
            assert ulps(ours, slope.numpy()) == 0
