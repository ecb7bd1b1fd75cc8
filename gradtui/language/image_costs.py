"""Prices of operations on images: patches, other sizes, and the way back from pooling."""

import math
from typing import Any

from gradtui.language.elements import Elements
from gradtui.language.tensor_costs import numel, priced, shape, sizes


@priced("unfold")
def unfold(elements: Elements, a: Any, *args: Any, **options: Any) -> None:
    window = args[0] if args else options.get("kernel_size", 1)
    area = math.prod(sizes(window)) if isinstance(window, list | tuple) else int(window) ** 2
    elements.budget.elements(numel(a) * max(area, 1))


@priced("fold")
def fold(elements: Elements, a: Any, output_size: Any = 1, *rest: Any, **options: Any) -> None:
    """The image that the columns are put into, with its padding, and the columns."""
    padding = rest[2] if len(rest) > 2 else options.get("padding", 0)
    elements.budget.elements(math.prod(shape(a)[:-1]) * folded(output_size, padding) + numel(a))


def folded(output_size: Any, padding: Any) -> int:
    sides = sizes(output_size) if isinstance(output_size, list | tuple) else [int(output_size)] * 2
    widest = max(sizes(padding)) if isinstance(padding, list | tuple) else int(padding)
    return math.prod(n + 2 * widest for n in sides)


@priced("max_unpool1d", "max_unpool2d", "max_unpool3d")
def unpool(
    elements: Elements, a: Any, indices: Any, kernel: Any = 1, stride: Any = None, padding: Any = 0,
    output_size: Any = None,
) -> None:  # fmt: skip
    dims = max(len(shape(a)) - 1, 1)
    given = output_size or kernel
    many = isinstance(given, list | tuple)
    area = math.prod(sizes(given)) if many else int(given) ** dims
    steps = stride or kernel
    grown = math.prod(sizes(steps)) if isinstance(steps, list | tuple) else int(steps) ** dims
    elements.budget.elements(numel(a) * max(grown, 1) + area * max(math.prod(shape(a)[:2]), 1))


@priced("upsample", "upsample_bilinear", "upsample_nearest", "interpolate")
def interpolate(
    elements: Elements, a: Any, size: Any = None, scale_factor: Any = None, **k: Any
) -> None:
    axes = max(len(shape(a)) - 2, 1)
    base = math.prod(shape(a)[:2])
    if size is not None:
        grown = base * (
            math.prod(sizes(size)) if isinstance(size, list | tuple) else int(size) ** axes
        )
    else:
        factors = scale_factor if isinstance(scale_factor, list | tuple) else [scale_factor] * axes
        grown = numel(a) * math.ceil(math.prod(float(f) for f in factors))
    elements.budget.elements(grown)


@priced("affine_grid")
def affine_grid(elements: Elements, theta: Any, size: Any = (), *rest: Any, **k: Any) -> None:
    elements.budget.elements(math.prod(sizes(size)) * 4 + numel(theta))


@priced("grid_sample")
def grid_sample(elements: Elements, a: Any, grid: Any, *rest: Any, **options: Any) -> None:
    """Every channel at every place of the grid, from as many taps as the widest mode has."""
    channels = shape(a)[1] if len(shape(a)) > 1 else 1
    elements.budget.elements(channels * numel(grid))
    elements.budget.flops(channels * numel(grid) * 16)


@priced("ctc_loss")
def ctc_loss(elements: Elements, a: Any, targets: Any, *rest: Any, **options: Any) -> None:
    """A walk through the labels, with blanks between them, for every step of time."""
    labels = 2 * numel(targets) + 1
    elements.budget.elements(numel(a) + shape(a)[0] * labels)
    elements.budget.operations(10 * (shape(a)[0] + numel(targets)))
