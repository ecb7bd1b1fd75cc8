"""Rarer pooling: norms of windows, windows whose places are drawn, and the way back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradtui.engine.creation import rand
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional import pooling
from gradtui.engine.nn.functional.convolution_checks import spread
from gradtui.engine.nn.functional.layers import pad
from gradtui.engine.parsed import parsed
from gradtui.engine.table.convolution import Sizes

# -- norms -----------------------------------------------------------------------------------------


def _pair(kernel_size: Any) -> tuple[Any, ...]:
    one, two = (kernel_size, kernel_size) if not _many(kernel_size) else kernel_size
    return one, two


def _triple(kernel_size: Any) -> tuple[Any, ...]:
    one, two, three = (kernel_size,) * 3 if not _many(kernel_size) else kernel_size
    return one, two, three


def _many(value: Any) -> bool:
    return isinstance(value, Iterable)


def _lp_pool(dims: int) -> Callable[..., Any]:
    mean = parsed(f"avg_pool{dims}d", getattr(pooling, f"avg_pool{dims}d"))
    greatest = getattr(pooling, f"max_pool{dims}d")
    sizes = {1: lambda size: (size,), 2: _pair, 3: _triple}[dims]

    def pool(
        input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> Any:
        """The p-norm of every window."""
        kernel = sizes(kernel_size)
        if isinstance(norm_type, (int, float)) and math.isinf(norm_type):
            sign = 1 if norm_type > 0 else -1
            given = input.abs() if sign > 0 else -input.abs()
            found = greatest(given, kernel_size, stride, 0, 1, ceil_mode)
            return found if sign > 0 else -found
        steps = () if stride is None else stride
        out = mean(input.pow(norm_type), kernel_size, steps, 0, ceil_mode)
        size = kernel[0] if dims == 1 else math.prod(kernel)
        return (out.sign() * FUNCTIONS["relu"](out.abs())).mul(size).pow(1.0 / norm_type)

    pool.__name__ = pool.__qualname__ = f"lp_pool{dims}d"
    return pool


lp_pool1d, lp_pool2d, lp_pool3d = (_lp_pool(d) for d in (1, 2, 3))


def local_response_norm(
    input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    """Each entry over a power of the mean square of its neighbours in other channels."""
    if input.dim() < 3:
        raise ValueError(
            "Expected 3D or higher dimensionality                          input (got "
            f"{input.dim()} dimensions)"
        )
    if not input.numel():
        return input
    squares = input.mul(input)
    sides = (size // 2, (size - 1) // 2)
    if input.dim() == 3:
        grown = pad(squares.unsqueeze(1), (0, 0, *sides))
        mean = pooling.avg_pool2d(grown, (size, 1), stride=1).squeeze(1)
    else:
        sizes = input.size()
        grown = pad(squares.view(sizes[0], 1, sizes[1], sizes[2], -1), (0, 0, 0, 0, *sides))
        mean = pooling.avg_pool3d(grown, (size, 1, 1), stride=1).squeeze(1).view(sizes)
    return input / mean.mul(alpha).add(k).pow(beta)


# -- back to where entries came from ---------------------------------------------------------------


def _unpooled_size(
    input: Any, kernel: Sizes, stride: Sizes, padding: Sizes, wanted: Any
) -> tuple[int, ...]:
    dims = len(kernel)
    given = zip(input.shape[-dims:], kernel, stride, padding, strict=True)
    usual = [(n - 1) * s + k - 2 * p for n, k, s, p in given]
    if wanted is None:
        found = usual
    else:
        found = list(wanted)[2:] if len(wanted) == dims + 2 else list(wanted)
        if len(found) != dims:
            raise ValueError(
                f"output_size should be a sequence containing {dims} or {dims + 2} elements, but "
                f"it has a length of '{len(found)}'"
            )
        for d, (n, u, s) in enumerate(zip(found, usual, stride, strict=True)):
            if not u - s < n < u + s:
                shown = wanted[2:] if len(wanted) == dims + 2 else wanted
                raise ValueError(
                    f'invalid output_size "{shown}" (dim {d} must be between {u - s} and {u + s})'
                )
    for d, n in enumerate(found):
        if n < 0:
            raise ValueError(
                "max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                f"output_size[{d}]={n}"
            )
    return tuple(int(n) for n in found)


def _check_unpool(input: Any, indices: Any, dims: int) -> None:
    if indices._data.dtype != "int64":
        raise RuntimeError("elements in indices should be type int64 but got: "
                           f"{indices.dtype.scalar_name}")  # fmt: skip
    if input.dim() not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Input to max_unpooling{dims}d should be a {dims + 1}d or {dims + 2}d Tensor, but got "
            f"a tensor with {input.dim()} dimensions."
        )
    if tuple(input.shape) != tuple(indices.shape):
        raise RuntimeError(
            "Expected shape of indices to be same as that of the input tensor "
            f"({list(input.shape)}) but got indices tensor with shape: {list(indices.shape)}"
        )


def _unpool(input: Any, indices: Any, out: tuple[int, ...]) -> Any:
    dims = len(out)
    _check_unpool(input, indices, dims)
    size = math.prod(out)
    at = indices._data
    bad = at[(at < 0) | (at >= size)]
    if bad.size:
        raise RuntimeError(
            f"Found an invalid max index: {bad.flat[0]} (output volumes are of size "
            f"{'x'.join(str(n) for n in out)})"
        )
    return FUNCTIONS[f"max_unpool{dims}d"](input, indices, out)


def _max_unpool(dims: int) -> Callable[..., Any]:
    def unpool(
        input: Any,
        indices: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        output_size: Any = None,
    ) -> Any:
        """Zeros with each entry where the index of the pooling that found it says."""
        kernel, widths = spread(kernel_size, dims), spread(padding, dims)
        steps = kernel if stride is None else spread(stride, dims)
        out = _unpooled_size(input, kernel, steps, widths, output_size)
        if dims > 1:
            return _unpool(input, indices, out)
        return _unpool(input.unsqueeze(-1), indices.unsqueeze(-1), (*out, 1)).squeeze(-1)

    unpool.__name__ = unpool.__qualname__ = f"max_unpool{dims}d"
    return unpool


max_unpool1d, max_unpool2d, max_unpool3d = (_max_unpool(d) for d in (1, 2, 3))


# -- windows whose places are drawn ----------------------------------------------------------------


def _fractional(dims: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    name = f"fractional_max_pool{dims}d"

    def with_indices(
        input: Any,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> Any:
        """The greatest entries of windows whose places are drawn, and where they are."""
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
        kernel, out = spread(kernel_size, dims), output_size
        if out is None:
            many = isinstance(output_ratio, (list, tuple))
            ratios: Sequence[float] = output_ratio if many else (output_ratio,) * dims
            space = input.shape[-dims:]
            out = tuple(int(n * r) for n, r in zip(space, ratios, strict=True))
        out = spread(out, dims)
        samples = _random_samples
        if samples is None:
            batch = 1 if input.dim() == dims + 1 else input.size(0)
            samples = rand(batch, input.size(-dims - 1), dims, dtype=input.dtype)
        _check_fractional(name, input, kernel, out)
        return tuple(FUNCTIONS[name](input, kernel, out, samples))

    def pool(
        input: Any,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> Any:
        """The greatest entries of windows whose places are drawn."""
        found = with_indices(
            input, kernel_size, output_size, output_ratio, return_indices, _random_samples
        )
        return found if return_indices else found[0]

    pool.__name__ = pool.__qualname__ = f"_{name}"  # torch's, behind its choice by return_indices
    with_indices.__name__ = with_indices.__qualname__ = f"{name}_with_indices"
    return pool, with_indices


def _check_fractional(name: str, input: Any, kernel: Sizes, out: Sizes) -> None:
    dims = len(out)
    letters = ("time", "height", "width")[3 - dims :]
    for word, n, m, k in zip(letters, input.shape[-dims:], out, kernel, strict=True):
        if m + k - 1 > n:
            raise RuntimeError(f"{name}(): pool {word} {k} too large relative to input {word} {n}")


fractional_max_pool2d, fractional_max_pool2d_with_indices = _fractional(2)
fractional_max_pool3d, fractional_max_pool3d_with_indices = _fractional(3)
