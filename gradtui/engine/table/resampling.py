"""Rows that give images, lines and volumes another size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine.kernels import resampling as R
from gradtui.engine.kernels.layout import channels_last, channels_last_3d, in_channels_last
from gradtui.engine.lift import lifted
from gradtui.engine.table import checks
from gradtui.engine.table.functional import Named, backward_of, nn_row

_LETTERS = ("d", "h", "w")

Taps = Callable[..., R.Taps]
"""The taps of a dimension: of its old size, its new one, alignment, scale, the dtype of places."""


def _scales(dims: int) -> list[str]:
    return ["scales" if dims == 1 else f"scales_{k}" for k in _LETTERS[3 - dims :]]


def _kind(x: Any) -> Any:
    return np.dtype(np.float32) if x.dtype.kind != "f" or x.itemsize < 4 else x.dtype


def _wide(x: Any) -> Any:
    """float16 is computed in float32, and integers are left as they are."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def _declare(name: str, node: str, dims: int, taps: Taps, align: bool, kernel: str) -> None:
    """The row of one way of resampling, and of what it sends back; they are each other's slope."""
    settings = ["align_corners"] * align + _scales(dims)
    shown = ", ".join(["bool align_corners"] * align + [f"object {s}=None" for s in _scales(dims)])

    def every(sizes: Any, out: Any, kind: Any, rest: Sequence[Any]) -> list[R.Taps]:
        aligned, scales = (rest[0], rest[1:]) if align else (False, rest)
        parts = zip(tuple(sizes)[2:], out, scales, strict=True)
        return [taps(n, m, aligned, scale, kind) for n, m, scale in parts]

    def forward(x: Any, out: Any, *rest: Any) -> Any:
        made = R.resample(_wide(x), every(x.shape, out, _kind(x), rest))
        return _like(made.astype(x.dtype, copy=False), x)

    def back(grad: Any, out: Any, sizes: Any, *rest: Any) -> Any:
        made = R.collect(_wide(grad), every(sizes, out, _kind(grad), rest))
        return _like(made.astype(grad.dtype, copy=False), grad)

    spread = lifted(name, forward)
    slope = backward_of(
        f"{name}_backward(Tensor grad_output, IntArrayRef output_size, IntArrayRef input_size, "
        f"{shown})",
        f"{node}BackwardBackward0",
        back,
        jvp="auto_linear",
        grad_output=Named(spread, ["output_size", *settings]),
    )
    nn_row(
        f"{name}(Tensor self, IntArrayRef output_size, {shown})",
        f"{node}Backward0",
        forward,
        jvp="auto_linear",
        check=_floats_or_bytes(kernel),
        self=Named(
            lambda grad, sizes, out, *rest: slope(grad, out, sizes, *rest),
            ["self_sizes", "output_size", *settings],
        ),
    )


def _like(out: Any, x: Any) -> Any:
    return in_channels_last(out) if channels_last(x) or channels_last_3d(x) else out


def _floats_or_bytes(kernel: str) -> Callable[..., None]:
    check = checks.only_floats(kernel)

    def refuse(self: Any, *rest: Any) -> None:
        if self._data.dtype != np.uint8:
            check(self)

    return refuse


def _nearest(exact: bool) -> Taps:
    return lambda n, m, align, scale, kind: R.nearest(n, m, scale, exact, kind)


def _smooth(filter: str) -> Taps:
    return lambda n, m, align, scale, kind: R.smooth(n, m, align, scale, kind, filter)


for _dims in (1, 2, 3):
    for _mark, _exact in (("", False), ("_exact", True)):
        _declare(
            f"{'_' * _exact}upsample_nearest{_mark}{_dims}d",
            f"UpsampleNearest{'Exact' * _exact}{_dims}D",
            _dims,
            _nearest(_exact),
            False,
            "compute_indices_weights_nearest" if _dims != 2 else "upsample_nearest2d_channels_last",
        )
for _dims, _word in ((1, "linear"), (2, "bilinear"), (3, "trilinear")):
    _declare(
        f"upsample_{_word}{_dims}d",
        f"Upsample{_word.title()}{_dims}D",
        _dims,
        R.linear,
        True,
        "compute_indices_weights_linear" if _dims != 2 else "upsample_bilinear2d_channels_last",
    )
_declare("upsample_bicubic2d", "UpsampleBicubic2D", 2, R.cubic, True, "compute_indices_weights_cubic")
for _word, _filter in (("bilinear", "linear"), ("bicubic", "cubic")):
    _declare(
        f"_upsample_{_word}2d_aa",
        f"Upsample{_word.title()}2DAa",
        2,
        _smooth(_filter),
        True,
        "compute_index_ranges_weights",
    )
