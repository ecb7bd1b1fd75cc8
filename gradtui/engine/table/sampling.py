"""Rows that read images at the places of a grid, and that make such a grid from affine maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine.kernels import sampling as S
from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted, reshape
from gradtui.engine.table.functional import Named, backward_of, nn_row
from gradtui.engine.tensor import wrap

_HOW = "int64_t interpolation_mode, int64_t padding_mode, bool align_corners"
_SETTINGS = ("interpolation_mode", "padding_mode", "align_corners")


def _unit(dims: int, *at: int) -> list[int]:
    """Orders of derivatives: one more for each dimension named."""
    return [at.count(d) for d in range(dims)]


def _taps(grid: Any, space: Sequence[int], how: tuple[Any, ...]) -> list[S.Taps]:
    return S.taps(grid, space, *how)


def sample(x: Any, grid: Any, *how: Any) -> Any:
    """(N, C, *out): x at the places of (N, *out, dims)."""
    dims = x.ndim - 2
    return S.read(x, _taps(grid, x.shape[2:], how), _unit(dims))


def _to_input(grad: Any, x: Any, grid: Any, *how: Any) -> Any:
    return S.put(grad, x.shape, _taps(grid, x.shape[2:], how), _unit(x.ndim - 2))


def _to_grid(grad: Any, x: Any, grid: Any, *how: Any) -> Any:
    """Σ over channels of grad times the slope of the image, for each coordinate."""
    dims, every = x.ndim - 2, _taps(grid, x.shape[2:], how)
    parts = [(grad * S.read(x, every, _unit(dims, d))).sum(1) for d in range(dims)]
    return np.stack(parts[::-1], -1).astype(grid.dtype)


def _by_grid(vector: Any, dims: int) -> list[Any]:
    """The coordinates of a vector on a grid by dimension of space, beside the channels."""
    return [vector[..., dims - 1 - d][:, None] for d in range(dims)]


def _grid_to_grad(vector: Any, grad: Any, x: Any, grid: Any, *how: Any) -> Any:
    dims, every = x.ndim - 2, _taps(grid, x.shape[2:], how)
    along = _by_grid(vector, dims)
    return sum(along[d] * S.read(x, every, _unit(dims, d)) for d in range(dims))


def _grid_to_input(vector: Any, grad: Any, x: Any, grid: Any, *how: Any) -> Any:
    dims, every = x.ndim - 2, _taps(grid, x.shape[2:], how)
    along = _by_grid(vector, dims)
    return sum(S.put(grad * along[d], x.shape, every, _unit(dims, d)) for d in range(dims))


def _grid_to_grid(vector: Any, grad: Any, x: Any, grid: Any, *how: Any) -> Any:
    dims, every = x.ndim - 2, _taps(grid, x.shape[2:], how)
    along = _by_grid(vector, dims)
    parts = [
        sum((grad * along[e] * S.read(x, every, _unit(dims, d, e))).sum(1) for e in range(dims))
        for d in range(dims)
    ]
    return np.stack(parts[::-1], -1).astype(grid.dtype)


def _declare(dims: int) -> None:
    name, node = f"grid_sampler_{dims}d", f"GridSampler{dims}D"
    given = "Tensor grad_output, Tensor input, Tensor grid"
    places = ("grad_output", "input", "grid", *_SETTINGS)
    slopes = {"grad_output": _grid_to_grad, "input": _grid_to_input, "grid": _grid_to_grid}
    to_grid = backward_of(
        f"{name}_grid({given}, {_HOW})",
        f"{node}BackwardBackward0",
        _to_grid,
        jvp="not_implemented",
        **{a: Named(_further(name, a, slope), places) for a, slope in slopes.items()},
    )
    to_input = backward_of(
        f"{name}_input({given}, {_HOW})",
        f"{node}BackwardBackward0",
        _to_input,
        jvp="not_implemented",
        grad_output=Named(lifted(name, sample), ("grid", *_SETTINGS)),
        input=lambda grad: None,
        grid=Named(
            lambda grad, out, grid, *how: to_grid(out, grad, grid, *how),
            ("grad_output", "grid", *_SETTINGS),
        ),
    )
    nn_row(
        f"{name}(Tensor input, Tensor grid, {_HOW})",
        f"{node}Backward0",
        sample,
        jvp="not_implemented",
        input=Named(to_input, ("input", "grid", *_SETTINGS)),
        grid=Named(to_grid, ("input", "grid", *_SETTINGS)),
    )


def _further(name: str, argument: str, kernel: Any) -> Any:
    """The slope of a slope; the nearest entry stays where it is, so that it has none."""
    short = argument.removesuffix("_output")
    run = backward_of(
        f"{name}_grid_to_{short}(Tensor vector, Tensor grad_output, Tensor input, Tensor grid, "
        f"{_HOW})",
        "",
        kernel,
    )

    def slope(grad: Any, out: Any, x: Any, grid: Any, mode: int, *how: Any) -> Any:
        return None if mode == S.NEAREST else run(grad, out, x, grid, mode, *how)

    return slope


_declare(2)
_declare(3)

# -- grids of affine maps --------------------------------------------------------------------------


def _line(count: int, align: bool, kind: Any) -> Any:
    """-1 to 1 in so many steps; the centres of as many cells unless the ends are aligned."""
    if count <= 1:
        return np.zeros(count, kind)
    found = np.linspace(-1, 1, count, dtype=kind)
    return found if align else found * kind.type(count - 1) / kind.type(count)


def base_grid(size: Sequence[int], align: bool, kind: Any) -> Any:
    """(N, *space, dims + 1): the coordinates of every place, and a one behind them."""
    batch, space = size[0], tuple(size[2:])
    lines = [_line(n, align, kind) for n in space]
    grids = [*np.meshgrid(*lines, indexing="ij")][::-1]
    found = np.stack([*grids, np.ones(space, kind)], -1).astype(kind)
    return np.broadcast_to(found, (batch, *found.shape))


def _affine(theta: Any, size: Sequence[int], align: bool) -> Any:
    grid = base_grid(size, align, theta.dtype)
    flat = grid.reshape(size[0], -1, grid.shape[-1])
    return np.matmul(flat, theta.swapaxes(1, 2)).reshape(*grid.shape[:-1], grid.shape[-1] - 1)


def _affine_backward(grad: Any, size: Sequence[int], align: bool) -> Any:
    """The sum over all places of their coordinates times the cotangent."""
    kind = grad._data.dtype if is_tensor(grad) else grad.dtype
    grid = base_grid(size, align, kind)
    width = grid.shape[-1]
    flat = np.ascontiguousarray(grid.reshape(size[0], -1, width).swapaxes(1, 2))
    part = reshape(grad, (size[0], -1, width - 1))
    if is_tensor(grad):
        return FUNCTIONS["transpose"](FUNCTIONS["bmm"](wrap(flat), part), 1, 2)
    return np.matmul(flat, part).swapaxes(1, 2)


nn_row(
    "affine_grid_generator(Tensor theta, IntArrayRef size, bool align_corners)",
    "AffineGridGeneratorBackward0",
    _affine,
    jvp="auto_linear",
    theta=lambda grad, size, align_corners: _affine_backward(grad, size, align_corners),
)
