"""Numbers as arrays and as text."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gradtui.tape.events import Value
from gradtui.tape.snapshot import take
from gradtui.tape.values import array, cell, grid, is_zero, number, text

SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)


def kept(numbers: object, **options: object) -> Value:
    return take(torch.tensor(numbers, **options), 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "width", "shown"),
    [
        ([1.5866, -2.0, 0.00005], 40, "[1.5866, -2, 5e-05]"),
        ([1.5866, -2.0, 0.00005], 13, "[1.5866, …]"),
        (3.0, 40, "3"),
        ([], 40, "[]"),
        ([[1.0, 2.0], [3.0, 4.0]], 40, "[[1, 2], [3, 4]]"),
        ([[1.0, 2.0], [3.0, 4.0]], 14, "[[1, 2], …]"),
        ([[1.25, 2.25], [3.0, 4.0]], 15, "[[1.25, …], …]"),
        ([True, False], 40, "[True, False]"),
        ([float("nan"), float("inf")], 40, "[nan, inf]"),
    ],
)
def test_cells(numbers: object, width: int, shown: str) -> None:
    assert cell(kept(numbers), width) == shown


@given(shape=SHAPES, width=st.integers(12, 60), seed=st.integers(0, 9))
def test_a_cell_keeps_within_its_width(shape: tuple[int, ...], width: int, seed: int) -> None:
    numbers = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    value = Value(0, shape, "float32", False, True, 0, numbers.tobytes())
    assert len(cell(value, width)) <= width


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool])
def test_arrays_come_back(dtype: torch.dtype) -> None:
    numbers = torch.arange(6).reshape(2, 3).to(dtype)
    found = array(take(numbers, 0))
    assert found is not None
    assert np.array_equal(found, numbers.numpy())
    assert not found.flags.writeable


def test_bfloat16_and_large_tensors() -> None:
    small = array(take(torch.tensor([1.5, -2.0], dtype=torch.bfloat16), 0))
    assert small is not None
    assert small.tolist() == [1.5, -2.0]
    large = take(torch.arange(5000.0), 0)
    assert array(large) is None
    assert cell(large, 20) == "[0, 78, 156, 234, …]"


@pytest.mark.parametrize("data", [b"", b"123"])
def test_damaged_values_have_no_array(data: bytes) -> None:
    assert array(Value(0, (3,), "float32", False, True, 0, data)) is None
    assert array(Value(0, (3,), "nonsense", False, True, 0, data)) is None


@pytest.mark.parametrize(
    ("item", "shown"),
    [(1.58659, "1.5866"), (20.64, "20.64"), (2.0, "2"), (1e6, "1e+06"), (-0.0, "-0"), (7, "7")],
)
def test_numbers(item: float, shown: str) -> None:
    assert number(item) == shown


def test_text_is_torchs() -> None:
    tensor = torch.tensor([1.5866, 20.64], requires_grad=True)
    assert text(take(tensor, 0)) == repr(tensor)
    assert text(take(tensor.detach(), 0), "MulBackward0") == repr(tensor.detach())[:-1] + (
        ", grad_fn=<MulBackward0>)"
    )


def test_a_grid_lines_up() -> None:
    assert grid(np.array([[3.0, 0.0], [0.0, -1.25]])) == ("[ 3      · ]", "[ ·  -1.25 ]")


def test_zero() -> None:
    assert is_zero(kept([0.0, -0.0]))
    assert not is_zero(kept([0.0, 1e-45]))
