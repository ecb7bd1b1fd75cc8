"""What torch makes of Python values, and what it says of those it refuses."""

import random
from typing import Any

import numpy as np
import pytest
import torch

import gradtui.engine as engine
from gradtui.engine import data, dtypes, ranges


class Tensor:
    """The part of a tensor these modules look at."""

    def __init__(self, values: Any) -> None:
        self._data = data.array_from(values)


def bits(array: Any) -> tuple[Any, ...]:
    return array.dtype.name, array.shape, array.tobytes()


def ours(call: Any, *args: Any) -> Any:
    try:
        return bits(call(*args))
    except Exception as error:
        return type(error).__name__, str(error)


def theirs(call: Any, *args: Any, **keywords: Any) -> Any:
    try:
        return bits(call(*args, **keywords).numpy())
    except Exception as error:
        return type(error).__name__, str(error).split("\n")[0]


VALUES = """
[] | [[], []] | [[], [1]] | [()] | () | 3 | 2.5 | True | [1, 2.5] | [True, 1] | [True, 2.5]
[[1, 2], [3]] | [[1, 2], [3, 4, 5]] | [1, [2]] | [[1], 2] | [1.5, [2]] | [[1, 2], [[3], [4]]]
[[[1, 2], [3, 4]], [[5, 6], [7]]] | [[[1, 2], [3, 4]], [[5, 6]]] | [[1, 2], 3] | [1, [2, 3]] | 'a'
['a'] | [1, 'a'] | [2.5, 'a'] | [[1, 2], ['a', 'b']] | [''] | b'a' | [b'ab'] | bytearray(b'ab')
None | [None] | [1, None] | [[1, 2], None] | {} | {1: 2} | {1, 2} | [{1}] | object() | len
iter([1]) | 2**63 | [2**63] | -2**63 - 1 | 2**63 - 1 | [2.0, 2**70] | [2.0, 2**1030] | [3.5, 2**63]
[True, 2**63] | range(3) | [range(2), range(2)] | [[1, 2], range(2)] | [[1, 2], (3, 4)] | 1e40
[1e300] | [float('inf'), float('nan'), -0.0] | np.float64(2.5) | np.float32(2.5) | np.int32(2)
np.bool_(True) | [np.float64(2.5)] | [np.float32(2.5)] | [np.int8(2), 1] | [np.bool_(True)]
[1, np.float64(2.5)] | [np.array([1, 2]), np.array([3, 4])]
[np.array([1., 2.]), np.array([3, 4])] | [np.array([1., 2.]), [3, 4]] | [np.array(3.)]
np.array([1., 2.]) | np.array(['a']) | np.array([1, 2], dtype=np.float16) | np.arange(3)[::-1]
np.float16(1.5) | [np.float16(1.5)] | [T(1), T(2)] | [T(1), T(2.5)] | [T([1, 2]), T([3, 4])]
[T([1])] | [T([[1]])] | [T(True)] | T([1, 2]) | [T([1.0, 2.0]), [3, 4]] | [[3, 4], T([1.0, 2.5])]
[T([1, 2]), 3] | [T([1, 2]), T([3])] | [T(300)] | 300 | -1 | [256] | [-255] | [-256] | -129 | 128
2**40 | 1.7 | -1.7 | [1.7] | 300.5 | -0.5 | 70000 | 1e5 | float('nan') | float('inf') | 1e30
2.0**63 | [2, 0, -1] | 0.5 | [0.1] | 2**70 | [2**70] | [T(2.7)] | [np.float64(2.7)]
[np.float32(2)] | np.float32(1.7) | T([1.5, 2.5]) | np.array([3.7]) | [1.5, True]
"""
CASES = [case.strip() for line in VALUES.strip().split("\n") for case in line.split("|")]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("source", CASES)
def test_tensor_of(source: str) -> None:
    mine = eval(source, {"np": np, "T": Tensor})
    real = eval(source, {"np": np, "T": torch.tensor})
    assert ours(data.array_from, mine) == theirs(torch.tensor, real)
    for d in dtypes.ALL:
        expected = theirs(torch.tensor, real, dtype=getattr(torch, d.name))
        assert ours(data.array_from, mine, d) == expected, d


def nested(rng: random.Random, depth: int, ragged: float) -> Any:
    if depth == 0:
        kinds: list[Any] = [rng.random(), rng.randint(-9, 9), rng.random() < 0.5, -0.0]
        return rng.choice(kinds)
    length = 2 if rng.random() > ragged else rng.randint(0, 3)
    items = [nested(rng, depth - (rng.random() > ragged / 4), ragged) for _ in range(length)]
    return items if rng.random() < 0.5 else tuple(items)


@pytest.mark.parametrize("ragged", [0.0, 0.1])
def test_random_nesting(ragged: float) -> None:
    rng = random.Random(3)
    for _ in range(600):
        value = nested(rng, rng.randint(0, 3), ragged)
        assert ours(data.array_from, value) == theirs(torch.tensor, value)


def test_dtype_argument() -> None:
    assert data.dtype_argument(float, "tensor") is dtypes.float64
    assert data.dtype_argument(int, "tensor") is dtypes.int64
    assert data.dtype_argument(bool, "tensor") is dtypes.bool_
    for wrong in ("float32", 3):
        mine = ours(data.dtype_argument, wrong, "tensor")
        assert mine == theirs(torch.tensor, [1], dtype=wrong)


SHAPES = """
(2, 3) | ((2, 3),) | ([2, 3],) | () | ((),) | ([],) | (-1,) | (2, -3) | ((2, -3),) | (2.5,)
(2, 2.5) | ((2, 2.5),) | ((2.5, 2),) | (2.5, 3) | ('a',) | (('a',),) | (None,) | (2, None)
((2,), 3) | ((2,), (3,)) | (T(2),) | (T([2, 3]),) | ((T(2), 3),) | (T(2.0),) | (True,)
((True, 2),) | (2, True) | (np.int64(3),) | ((np.int64(3),),) | (range(3),) | ((2, (3,)),)
(((2,), 3),) | (np.array([2, 3]),) | (np.array(2),) | (np.float64(2),) | (2**40, 2**40) | (2**62,)
(0, 3) | ({1},) | ((2, T(3.0)),) | (T(3), 2)
"""


@pytest.mark.parametrize("function", ["zeros", "ones", "empty"])
@pytest.mark.parametrize(
    "source", [case.strip() for line in SHAPES.strip().split("\n") for case in line.split("|")]
)
def test_shape_from(source: str, function: str) -> None:
    mine = eval(source, {"np": np, "T": Tensor})
    real = eval(source, {"np": np, "T": torch.tensor})
    got = ours(lambda: np.zeros(data.shape_from(mine, function), np.float32))[:2]
    assert got == theirs(getattr(torch, function), *real)[:2]


FACTORIES: dict[str, tuple[Any, Any]] = {
    "arange": (
        lambda d, a, b, step, n, base: ranges.arange_array(a, b, step, d),
        lambda d, a, b, step, n, base: torch.arange(a, b, step, dtype=d),
    ),
    "linspace": (
        lambda d, a, b, step, n, base: ranges.linspace_array(a, b, n, d),
        lambda d, a, b, step, n, base: torch.linspace(a, b, n, dtype=d),
    ),
    "logspace": (
        lambda d, a, b, step, n, base: ranges.logspace_array(a % 2, b % 2, n, base, d),
        lambda d, a, b, step, n, base: torch.logspace(a % 2, b % 2, n, base, dtype=d),
    ),
    "full": (
        lambda d, a, b, step, n, base: ranges.full_array((n % 3,), a * 10**step, d),
        lambda d, a, b, step, n, base: torch.full((n % 3,), a * 10**step, dtype=d),
    ),
}


@pytest.mark.parametrize("name", FACTORIES)
def test_factories_to_the_last_bit(name: str) -> None:
    rng = random.Random(5)
    mine, real = FACTORIES[name]
    for d in (None, *dtypes.ALL):
        torch_d = d and getattr(torch, d.name)
        for _ in range(80):
            a, b = (rng.choice([rng.uniform(0, 100), rng.randint(0, 100)]) for _ in "ab")
            step = rng.choice([1, -1, 0.5, rng.uniform(-1, 1), rng.randint(-3, 3)])
            rest = step, rng.choice([0, 1, 2, 5, 33, 100]), rng.choice([2.0, 10.0, 0.7])
            want = theirs(real, torch_d, a, b, *rest)
            assert ours(mine, d, a, b, *rest) == want, (d, a, b, rest)


def test_refusals_of_factories() -> None:
    for args in ((0, float("inf"), 1), (float("nan"), 1, 1), (0, 5, 0), (5, 1, 1), (0, 2**62, 1)):
        assert ours(ranges.arange_array, *args) == theirs(torch.arange, *args)
    for extents in ((3,), (2, 3), (-1,), (2, -1)):
        assert ours(ranges.eye_array, *extents) == theirs(torch.eye, *extents)
    assert ours(ranges.linspace_array, 0, 1, -1) == theirs(torch.linspace, 0, 1, -1)
    for value in ("a", None):
        mine = ours(ranges.number_argument, value, "full", "fill_value", 2)
        assert mine == theirs(torch.full, (2,), value)


@pytest.mark.parametrize(
    "call", ["full((2,), 1", "randint(3, (2,)", "randn(2", "eye(2", "linspace(0, 1, 3"]
)
def test_a_keyword_that_nobody_knows_is_refused(call: str) -> None:
    for module in (torch, engine):
        with pytest.raises(TypeError):
            eval(f"torch.{call}, foo=1)", {"torch": module})
