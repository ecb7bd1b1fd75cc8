"""dtypes, promotion, Size and device are torch's."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from gradtui.engine import dtypes as D

THEIRS = {d: getattr(torch, d.name) for d in D.ALL}


class Tensor:
    """The part of a tensor the module looks at."""

    def __init__(self, data: Any) -> None:
        self._data = data


def outcome(call: Any) -> str:
    """What a call gives or says, as text."""
    try:
        return repr(call())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("name", sorted(D.NAMES))
def test_every_name_is_torchs(name: str) -> None:
    assert repr(D.NAMES[name]) == repr(getattr(torch, name))


@pytest.mark.parametrize("d", D.ALL, ids=str)
def test_attributes(d: D.dtype) -> None:
    for name in ("is_floating_point", "is_complex", "is_signed", "itemsize", "abbr"):
        assert getattr(d, name) == getattr(THEIRS[d], name)
    assert D.of(d.numpy) is d
    assert outcome(lambda: D.finfo(d)) == outcome(lambda: torch.finfo(THEIRS[d]))
    assert outcome(lambda: D.iinfo(d)) == outcome(lambda: torch.iinfo(THEIRS[d]))


def test_finfo_numbers() -> None:
    for d in (D.float16, D.float32, D.float64):
        ours, theirs = D.finfo(d), torch.finfo(THEIRS[d])
        for name in ("bits", "dtype", "eps", "max", "min", "tiny", "smallest_normal", "resolution"):
            assert getattr(ours, name) == getattr(theirs, name), name


def test_promotion_and_casting_of_every_pair() -> None:
    for a, b in product(D.ALL, D.ALL):
        assert repr(D.promote_types(a, b)) == repr(torch.promote_types(THEIRS[a], THEIRS[b]))
        assert D.can_cast(a, b) == torch.can_cast(THEIRS[a], THEIRS[b])


def test_result_type_of_every_pair_of_operands() -> None:
    tensors = [(d, shape) for d in D.ALL for shape in ((), (2,))]
    ours: list[Any] = [Tensor(np.ones(shape, d.numpy)) for d, shape in tensors]
    theirs: list[Any] = [torch.ones(shape, dtype=THEIRS[d]) for d, shape in tensors]
    numbers = [True, 3, 2.5]
    for i, j in product(range(len(ours) + 3), repeat=2):
        mine = D.result_type((ours + numbers)[i], (ours + numbers)[j])
        assert repr(mine) == repr(torch.result_type((theirs + numbers)[i], (theirs + numbers)[j]))


def test_result_type_refuses_as_torch_does() -> None:
    ours, theirs = Tensor(np.ones(1)), torch.ones(1)
    for bad in ("a", None):
        mine = outcome(lambda b=bad: D.result_type(ours, b))
        assert mine == outcome(lambda b=bad: torch.result_type(theirs, b))


def test_the_default_dtype_decides_for_python_floats() -> None:
    D.set_default_dtype(D.float64)
    try:
        assert D.get_default_dtype() is D.float64
        assert D.result_of(np.ones(2, np.int64), 1.5) is D.float64
        assert repr(D.finfo()) == repr(torch.finfo(torch.float64))
    finally:
        D.set_default_dtype(D.float32)


ERRORS = [
    "promote_types(int32, 1)",
    "promote_types('a', int32)",
    "can_cast(1, float32)",
    "set_default_dtype(int32)",
    "set_default_dtype(3)",
    "result_type('a', 2)",
    "dtype()",
]
SIZES = [
    "Size([2, 3])",
    "Size(())",
    "str(Size((2,)))",
    "Size([2, 3]) + (4,)",
    "(4,) + Size([2, 3])",
    "Size([2]) + Size([4])",
    "Size([2, 3]) + [1]",
    "2 * Size([2, 3]) * 2",
    "Size([2, 3, 4])[1:]",
    "Size([2, 3])[-1]",
    "Size([2, 3]).numel(), Size([]).numel()",
    "Size([2, 3]) == (2, 3), hash(Size([2, 3])) == hash((2, 3))",
    "Size([2.5])",
    "Size(['a'])",
    "Size(3)",
    "Size([True, -1])",
]
DEVICES = [
    *(f"device({text!r})" for text in ("cpu", "cpu:0", "cuda", "cuda:1", "mps", "foo", "cpu:x")),
    *(f"device({text!r})" for text in ("", "cpu:01", "cpu:-1", "CPU", 0, 1.5)),
    "device()",
    "device('cpu', 1), device(type='cpu', index=1), device(device('cpu'))",
    "device('cuda', -5)",
    "str(device('cpu')), str(device('cpu:0'))",
    "device('cpu') == device('cpu'), device('cpu') == device('cpu:0'), device('cpu') == 'cpu'",
    "device('cpu').type, device('cpu').index",
    "strided, contiguous_format, preserve_format",
]


@pytest.mark.parametrize("source", ERRORS + SIZES + DEVICES)
def test_says_what_torch_says(source: str) -> None:
    assert outcome(lambda: eval(source, vars(D))) == outcome(lambda: eval(source, vars(torch)))


def test_only_the_cpu_holds_tensors() -> None:
    theirs = outcome(lambda: torch.zeros(2, device="cuda"))
    assert outcome(lambda: D.cpu_only("cuda")) == theirs
    assert D.cpu_only(None) is D.cpu_only("cpu:0") is D.CPU
