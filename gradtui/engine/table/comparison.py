"""Rows that nobody differentiates: comparisons, logic, tests."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from gradtui.engine.rows import row

for _name, _ufunc in {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt,
    "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "logical_and": np.logical_and, "logical_or": np.logical_or, "logical_xor": np.logical_xor,
    "bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor,
}.items():
    row(f"{_name}(Tensor self, Tensor other)", "", _ufunc, kind="binary")

row("logical_not(Tensor self)", "", np.logical_not)
row("bitwise_not(Tensor self)", "", np.invert)
row("isnan(Tensor self)", "", lambda x: x != x)
row("isinf(Tensor self)", "", lambda x: np.isinf(x))
row("isfinite(Tensor self)", "", np.isfinite)
row("signbit(Tensor self)", "", np.signbit)


def _all(x: Any) -> Any:
    return np.all(x)


def _along(function: Any) -> Any:
    return lambda x, dim, keepdim: function(x, axis=dim, keepdims=keepdim)


row("all(Tensor self)", "", _all)
row("all(Tensor self, int64_t dim, bool keepdim=False)", "", _along(np.all))
row("any(Tensor self)", "", lambda x: np.any(x))
row("any(Tensor self, int64_t dim, bool keepdim=False)", "", _along(np.any))
row("isclose(Tensor self, Tensor other, double rtol=1e-05, double atol=1e-08, bool equal_nan=False)",
    "", lambda a, b, rtol, atol, nan: np.isclose(a, b, rtol, atol, nan))
row("count_nonzero(Tensor self, IntArrayRef[1] dim=None)", "",
    lambda x, dim: np.asarray(np.count_nonzero(x, axis=dim)))
row("bincount(Tensor self, *, int64_t minlength=0)", "",
    lambda x, minlength: np.bincount(x, minlength=minlength))
