"""Images read at the places of a grid, as spatial transformers do (Jaderberg et al., 2015)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from gradtui.engine.lift import FUNCTIONS

_MODES = {"bilinear": 0, "nearest": 1, "bicubic": 2}
_PADDINGS = {"zeros": 0, "border": 1, "reflection": 2}
_CHANGED = (
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. "
    "Please specify align_corners=True if the old behavior is desired. See the documentation of "
    "grid_sample for details."
)


def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """(N, C, *out) from (N, C, *space) at the places of (N, *out, dims), which go from -1 to 1."""
    if mode not in _MODES:
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', "
            f"but got: '{mode}'"
        )
    if padding_mode not in _PADDINGS:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or "
            f"'reflection', but got: '{padding_mode}'"
        )
    if align_corners is None:
        warnings.warn(_CHANGED, stacklevel=2)
    return grid_sampler(input, grid, _MODES[mode], _PADDINGS[padding_mode], bool(align_corners))


def grid_sampler(
    input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Any:
    """The same with the modes as numbers."""
    _check(input, grid, interpolation_mode)
    dims = input.dim() - 2
    return FUNCTIONS[f"grid_sampler_{dims}d"](
        input, grid, interpolation_mode, padding_mode, align_corners
    )


def _check(input: Any, grid: Any, mode: int) -> None:
    sizes, places = list(input.shape), list(grid.shape)
    if sizes[0] != places[0]:
        raise RuntimeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with "
            f"sizes {sizes} and grid with sizes {places}"
        )
    dims = len(sizes) - 2
    if places[-1] != dims:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {dims} in last dimension, but got grid "
            f"with sizes {places}"
        )
    for at in range(2, len(sizes)):
        if sizes[at] <= 0:
            raise RuntimeError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input "
                f"has sizes {sizes} with dimension {at} being empty"
            )
    if len(sizes) not in (4, 5) or len(sizes) != len(places):
        raise RuntimeError(
            "grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but "
            f"got input with sizes {sizes} and grid with sizes {places}"
        )
    if len(sizes) == 5 and mode == 2:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if grid.dtype is not input.dtype:
        raise RuntimeError(
            f"grid_sampler(): expected input and grid to have same dtype, but input has "
            f"{input.dtype.scalar_name} and grid has {grid.dtype.scalar_name}"
        )


def affine_grid(theta: Any, size: Sequence[int], align_corners: bool | None = None) -> Any:
    """(N, *space, dims): where affine maps (N, dims, dims + 1) take the places of a grid."""
    if align_corners is None:
        warnings.warn(_CHANGED, stacklevel=2)
    if theta._data.dtype.kind != "f":
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) not in (4, 5):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
            f"respectively. Got size {size}."
        )
    dims = len(size) - 2
    if theta.dim() != 3 or tuple(theta.shape[1:]) != (dims, dims + 1):
        raise ValueError(
            f"Expected a batch of {dims}D affine matrices of shape Nx{dims}x{dims + 1} for size "
            f"{size}. Got {theta.shape}."
        )
    if align_corners and min(size[2:]) == 1:
        warnings.warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when "
            "align_corners=True. This is not an intended use case of affine_grid. See the "
            "documentation of affine_grid for details.",
            stacklevel=2,
        )
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return FUNCTIONS["affine_grid_generator"](theta, tuple(size), bool(align_corners))
