"""Rows that nobody differentiates: comparisons, logic, bits, tests."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from gradtui.engine.errors import dims_of
from gradtui.engine.kernels.bare import bare
from gradtui.engine.lift import zeros, zeros_like
from gradtui.engine.rows import node_name, row
from gradtui.engine.table import checks
from gradtui.engine.zero import ZERO

for _name, _compare in {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}.items():
    row(f"{_name}(Tensor self, Tensor other)", "", _compare, kind="binary")
    row(f"{_name}(Tensor self, Number other)", "", _compare, kind="binary")
    row(
        f"{_name}_(Tensor self, Number other)",
        node_name(_name),
        _compare,
        kind="binary",
        jvp=lambda: ZERO,
        self=lambda grad: zeros_like(grad),
    )
    row(
        f"{_name}_(Tensor self, Tensor other)",
        node_name(_name, 1),
        _compare,
        kind="binary",
        jvp=lambda: ZERO,
        self=lambda grad: zeros_like(grad),
        other=lambda grad, other_sizes: zeros(grad, other_sizes),
    )
for _name, _bits in {
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "bitwise_left_shift": operator.lshift,
    "bitwise_right_shift": operator.rshift,
}.items():
    row(
        f"{_name}(Tensor self, Tensor other)",
        "",
        _bits,
        kind="binary",
        check=checks.bitwise(_name),
    )
    row(
        f"{_name}(Tensor self, Number other)", "", _bits, kind="binary", check=checks.bitwise(_name)
    )
    row(
        f"{_name}(Number self, Tensor other)", "", _bits, kind="binary", check=checks.bitwise(_name)
    )
for _name, _logic in {
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}.items():
    row(f"{_name}(Tensor self, Tensor other)", "", _logic, kind="binary")

row("logical_not(Tensor self)", "", np.logical_not)
row("bitwise_not(Tensor self)", "", np.invert, check=checks.bits_of_one)
row("isnan(Tensor self)", "", lambda x: x != x)
row("isinf(Tensor self)", "", lambda x: np.isinf(x))
row("isposinf(Tensor self)", "", lambda x: bare(np.asarray(x == np.inf)))
row("isneginf(Tensor self)", "", lambda x: bare(np.asarray(x == -np.inf)))
row("isfinite(Tensor self)", "", np.isfinite)
row("isreal(Tensor self)", "", lambda x: bare(np.ones_like(x, np.bool_)))
row(
    "signbit(Tensor self)",
    "",
    lambda x: np.asarray(
        np.zeros_like(x) if x.dtype.kind == "b" else np.signbit(x) if x.dtype.kind == "f" else x < 0
    )[()],
)


def _quantified(function: Any) -> Any:
    """`all` and `any`: uint8 answers in uint8, as in torch."""

    def kernel(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
        dims = dims_of(dim, x.ndim)
        found = function(x, axis=dims, keepdims=keepdim) if x.ndim else function(x)
        return found.astype(np.uint8) if x.dtype == np.uint8 else found

    return kernel


for _name, _function in {"all": np.all, "any": np.any}.items():
    _kernel = _quantified(_function)
    row(f"{_name}(Tensor self)", "", _kernel)
    row(f"{_name}(Tensor self, int64_t dim, bool keepdim=False)", "", _kernel)
    row(f"{_name}(Tensor self, IntArrayRef? dim=None, bool keepdim=False)", "", _kernel)


def _isclose(a: Any, b: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    if a.dtype.kind != "f":
        return bare(np.asarray(np.isclose(a, b, rtol, atol)))
    close = (a == b) | (np.isfinite(a - b) & (np.abs(a - b) <= atol + np.abs(rtol * b)))
    return bare(np.asarray(close | ((a != a) & (b != b)) if equal_nan else close))


def _bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    if weights is None:
        return np.bincount(x, minlength=minlength)
    counts = np.bincount(x, weights, minlength)
    return counts.astype(weights.dtype if weights.dtype.kind == "f" else np.float64)


row(
    "isclose(Tensor self, Tensor other, double rtol=1e-05, double atol=1e-08, bool "
    "equal_nan=False)",
    "",
    _isclose,
    check=checks.isclose,
)
row(
    "count_nonzero(Tensor self, int64_t? dim=None)",
    "",
    lambda x, dim: np.asarray(
        np.count_nonzero(x, axis=dims_of(dim, x.ndim) if x.ndim else None), np.int64
    )[()],
)
row(
    "count_nonzero(Tensor self, IntArrayRef dim)",
    "",
    lambda x, dim: np.asarray(
        np.count_nonzero(x, axis=dims_of(dim, x.ndim) if x.ndim else None), np.int64
    )[()],
)

def _no_slope(name: str) -> Any:
    def slope(grad: Any) -> Any:
        raise NotImplementedError(f"the derivative for '{name}' is not implemented.")

    return slope


row(
    "_unique2(Tensor self, object found)",
    "Unique2Backward0",
    lambda x, found: found,
    jvp="not_implemented",
    self=_no_slope("_unique2"),
)
row(
    "_unique_consecutive(Tensor self, object found)",
    "UniqueConsecutiveBackward0",
    lambda x, found: found,
    jvp="not_implemented",
    self=_no_slope("unique_consecutive"),
)
row(
    "bincount(Tensor self, Tensor? weights=None, int64_t minlength=0)",
    "",
    _bincount,
    check=checks.bincount,
)
