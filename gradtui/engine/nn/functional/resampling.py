"""Images, lines and volumes at another size, and their patches as columns."""

from __future__ import annotations

import warnings
from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
)
from gradtui.engine.signature import is_int

_MODES = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact"
_AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}
_NEAREST = {"nearest": "upsample_nearest", "nearest-exact": "_upsample_nearest_exact"}
_SMOOTH = {
    ("linear", 1): "upsample_linear1d",
    ("bilinear", 2): "upsample_bilinear2d",
    ("trilinear", 3): "upsample_trilinear3d",
    ("bicubic", 2): "upsample_bicubic2d",
}
_NEEDS = {"linear": 3, "bilinear": 4, "trilinear": 5}


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """(N, C, *space) with a space of another size."""
    if mode in ("nearest", "area", "nearest-exact") and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear "
            "| bicubic | trilinear"
        )
    dims = input.dim() - 2
    out, scales = _size_or_scales(input, size, scale_factor, dims)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and dims == 2):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires "
            "a 4-D tensor as input"
        )
    if mode == "area" and dims in _AREA:
        return _AREA[dims](input, out or _sizes(input, scales))
    if recompute_scale_factor and scales is not None:
        out, scales = _sizes(input, scales), None
    given = [None] * dims if scales is None else scales
    made = _sizes(input, scales) if out is None else out
    if mode in _NEAREST and dims in (1, 2, 3):
        return _run(f"{_NEAREST[mode]}{dims}d", input, made, given)
    name = _SMOOTH.get((mode, dims))
    if name is None:
        raise _no_such(mode, dims + 2)
    return _run(f"_{name}_aa" if antialias else name, input, made, [bool(align_corners), *given])


def _size_or_scales(input: Any, size: Any, factor: Any, dims: int) -> tuple[Any, Any]:
    if size is not None and factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    space = list(input.shape[2:])
    if isinstance(size, (list, tuple)):
        if len(size) != dims:
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got input "
                f"with spatial dimensions of {space} and output size of {size}. Please provide "
                "input tensor in (N, C, d1, d2, ...,dK) format and output size in "
                "(o1, o2, ...,oK) format."
            )
        if not all(is_int(n) for n in size):
            raise TypeError(
                "expected size to be one of int or Tuple[int] or Tuple[int, int] or "
                f"Tuple[int, int, int], but got size with types {[type(n) for n in size]}"
            )
        return tuple(int(n) for n in size), None
    if size is not None:
        return (int(size),) * dims, None
    if factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if not isinstance(factor, (list, tuple)):
        return None, [float(factor)] * dims
    if len(factor) != dims:
        raise ValueError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input "
            f"with spatial dimensions of {space} and scale_factor of shape {factor}. Please "
            "provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in "
            "(s1, s2, ...,sK) format."
        )
    return None, [float(f) for f in factor]


def _sizes(input: Any, scales: Any) -> tuple[int, ...]:
    return tuple(int(n * s) for n, s in zip(input.shape[2:], scales, strict=True))


def _no_such(mode: str, ndim: int) -> Exception:
    if mode in _NEEDS and ndim in (3, 4, 5):
        return NotImplementedError(
            f"Got {ndim}D input, but {mode} mode needs {_NEEDS[mode]}D input"
        )
    if mode == "lanczos" and ndim == 4:
        return ValueError("Lanczos mode requires antialias=True")
    return NotImplementedError(
        f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {ndim}D) for the modes: "
        f"{_MODES} (got {mode})"
    )


def _run(name: str, input: Any, out: tuple[int, ...], settings: list[Any]) -> Any:
    space = tuple(input.shape[2:])
    if min(*space, *out, 1) <= 0:
        letters = ("D", "H", "W")[3 - len(space) :]
        shown = [
            ", ".join(f"{k}: {n}" for k, n in zip(letters, sizes, strict=True))
            for sizes in (space, out)
        ]
        raise RuntimeError(
            "Input and output sizes should be greater than 0, but got input "
            f"({shown[0]}) output ({shown[1]})"
        )
    if len(space) == 1 and not input._data.size:
        raise RuntimeError(
            f"Non-empty 3D data tensor expected but got a tensor with sizes {list(input.shape)}"
        )
    return FUNCTIONS[name](input, out, *settings)


def upsample(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Any:
    """The older name of `interpolate`."""
    _warn("upsample", "interpolate")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` by the nearest entry."""
    _warn("upsample_nearest", "interpolate")
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` between four entries, the corners in their places."""
    _warn("upsample_bilinear", "interpolate")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


def _warn(old: str, new: str) -> None:
    warnings.warn(
        f"`nn.functional.{old}` is deprecated. Use `nn.functional.{new}` instead.", stacklevel=3
    )


# -- patches ---------------------------------------------------------------------------------------


def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """Every patch of an image as a column: (N, C·kernel, number of patches)."""
    return FUNCTIONS["im2col"](input, *(_pair(v) for v in (kernel_size, dilation, padding, stride)))


def fold(
    input: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    """The sum of patches, which are columns, in their places."""
    return FUNCTIONS["col2im"](
        input, *(_pair(v) for v in (output_size, kernel_size, dilation, padding, stride))
    )


def _pair(value: Any) -> tuple[int, ...]:
    return (int(value),) * 2 if is_int(value) else tuple(int(v) for v in value)
