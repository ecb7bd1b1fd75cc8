"""The text of a tensor is torch's, character for character."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from gradtui.engine import dtypes, text

FLOATS = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "whole": lambda rng, shape: np.round(rng.standard_normal(shape) * 10.0 ** rng.integers(0, 10)),
    "spread": lambda rng, shape: rng.standard_normal(shape) * 10.0 ** rng.integers(-6, 7, shape),
    "scaled": lambda rng, shape: rng.standard_normal(shape) * 10.0 ** rng.integers(-9, 12),
    "infinite": lambda rng, shape: np.where(rng.random(shape) < 0.3, -np.inf, rng.random(shape)),
    "nan": lambda rng, shape: np.where(rng.random(shape) < 0.3, np.nan, rng.integers(-5, 5, shape)),
    "zeros": lambda rng, shape: np.where(rng.random(shape) < 0.6, -0.0, rng.random(shape)),
    "edge": lambda rng, shape: np.full(shape, rng.choice([1e-4, 1e-5, 1e8, 1e9, 99999.5, 1e-40])),
}
SHAPES: list[tuple[int, ...]] = [
    *((), (0,), (1,), (3,), (17,), (60,), (1001,)),
    *((2, 3), (0, 3), (2, 0), (30, 2), (40, 30), (2, 600), (600, 2)),
    *((2, 1, 3), (3, 2, 0), (10, 11, 12), (2, 2, 2, 2), (7, 7, 7, 7)),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"precision": 2, "linewidth": 40},
    {"precision": 6, "threshold": 5, "edgeitems": 1},
    {"sci_mode": True},
    {"sci_mode": False, "linewidth": 120},
    {"edgeitems": 0, "threshold": 10},
    {"profile": "short"},
    {"profile": "full", "linewidth": 60},
]


@pytest.fixture(autouse=True)
def _default_options() -> Iterator[None]:
    yield
    for printing in (text, torch):
        printing.set_printoptions(profile="default")


def arrays(rng: np.random.Generator) -> Iterator[np.ndarray]:
    for shape in SHAPES:
        for d in (dtypes.float16, dtypes.float32, dtypes.float64):
            make = FLOATS[str(rng.choice(list(FLOATS)))]
            with np.errstate(all="ignore"):
                yield np.asarray(make(rng, shape)).astype(d.numpy)
        whole = dtypes.ALL[int(rng.integers(1, 6))]
        yield np.asarray(rng.integers(0, 120, shape)).astype(whole.numpy)
        yield np.asarray(rng.integers(-(10**12), 10**12, shape))
        yield np.asarray(rng.random(shape) < 0.5)


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.copy()) if array.ndim else torch.tensor(array)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_numbers_shapes_and_options(options: dict[str, Any]) -> None:
    for printing in (text, torch):
        printing.set_printoptions(**options)
    for seed in range(2):
        for array in arrays(np.random.default_rng(seed)):
            assert text.tensor_text(array) == repr(tensor(array))


@pytest.mark.parametrize("length", [1, 5, 6, 7, 8, 9, 40])
def test_suffixes_wrap_at_the_line_width(length: int) -> None:
    array = np.linspace(-1, 1, length)
    leaf = tensor(array).requires_grad_()
    made = leaf + 0
    parameter = torch.nn.Parameter(leaf.detach())
    assert text.tensor_text(array, requires_grad=True) == repr(leaf)
    assert text.tensor_text(array, requires_grad=True, grad_fn="AddBackward0") == repr(made)
    assert text.tensor_text(array, requires_grad=True, parameter=True) == repr(parameter)


def test_tangent_is_shown() -> None:
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(torch.ones(2), torch.full((2,), 3.0))
        mine = text.tensor_text(
            np.ones(2, np.float32), tangent=text.tensor_text(np.full(2, 3.0, "f4"))
        )
        assert mine == repr(dual)


def test_subclass_name() -> None:
    class Weight(torch.Tensor):
        pass

    assert text.tensor_text(np.ones(2, np.float32), name="Weight") == repr(
        torch.ones(2).as_subclass(Weight)
    )


@pytest.mark.parametrize("spec", ["", ".3f", ">10.2e", "08.3f", "g", "+.1%"])
def test_format_of_a_0d_tensor(spec: str) -> None:
    for d in (np.float16, np.float32, np.float64):
        value = np.asarray(0.1, d)
        assert text.format_scalar(value, spec) == format(torch.tensor(value), spec)
    assert text.format_scalar(np.asarray(7), "5d") == format(torch.tensor(7), "5d")


def test_options_are_given_back() -> None:
    before = text.get_printoptions()
    assert before == torch._tensor_str.get_printoptions()
    with text.printoptions(precision=2):
        assert text.tensor_text(np.asarray(0.123456)) == "tensor(0.12, dtype=torch.float64)"
    assert text.get_printoptions() == before
