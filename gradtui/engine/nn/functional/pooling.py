"""Pooling of (N, C, *space), or of one sample without N: the greatest or the mean of each window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional import pooling_checks as checks
from gradtui.engine.parsed import parsed
from gradtui.engine.table.convolution import Shape, Sizes

Found = tuple[Any, Any]

# -- windows ---------------------------------------------------------------------------------------


def _largest(dims: int) -> Callable[..., Found]:
    """The greatest entry of every window and its place, of a plane or a cube."""
    name = f"max_pool{dims}d"

    def find(
        input: Any,
        kernel_size: Any,
        stride: Any = (),
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Found:
        given = checks.settings(
            name, dims, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation
        )
        kernel = given["kernel_size"]
        shape = Shape(given["stride"], given["padding"], given["dilation"], 1, ceil_mode)
        checks.check_rank(input, dims)
        checks.check_padding(kernel, shape)
        checks.check_shape(f"{name}_with_indices_out_cpu_template()", input, kernel, shape)
        found: Found = FUNCTIONS[f"{name}_with_indices"](input, kernel, shape)
        return found

    return find


def _largest_of_line(
    input: Any,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Found:
    """Pooling of one dimension is that of two, the first of size 1."""
    checks.check_dims("max_pool1d", input)
    given = {"kernel_size": kernel_size, "stride": checks.steps(stride, kernel_size)}
    given |= {"padding": padding, "dilation": dilation}
    kernel, step, width, gap = (checks.one("max_pool1d", n, v) for n, v in given.items())
    plane = input.unsqueeze(-2)
    found = _LARGEST[2](plane, (1, kernel), (1, step), (0, width), (1, gap), ceil_mode)
    return found[0].squeeze(-2), found[1].squeeze(-2)


_LARGEST = {1: _largest_of_line, 2: _largest(2), 3: _largest(3)}


def _line(
    input: Any,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Found:
    """The greatest entries of a line without their places, which torch checks on its own."""
    given = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    given |= {"dilation": dilation}
    checks.check_line(input, **given)
    given["stride"] = checks.steps(stride, kernel_size)
    numbers = {n: v if isinstance(v, int) else int(v[0]) for n, v in given.items()}
    checks.check_line_of(input, **numbers, ceil=ceil_mode)
    return _largest_of_line(input, **numbers, ceil_mode=ceil_mode)


def _max_pool(dims: int) -> Callable[..., Any]:
    name = f"max_pool{dims}d"
    plain = parsed(name, _line if dims == 1 else _LARGEST[dims])
    indexed = parsed(f"{name}_with_indices", _LARGEST[dims])

    def pool(
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        """The greatest entry of every window, and its place in the flattened space if asked for."""
        steps = () if stride is None else stride
        if return_indices:
            return tuple(indexed(input, kernel_size, steps, padding, dilation, ceil_mode))
        return plain(input, kernel_size, steps, padding, dilation, ceil_mode)[0]

    pool.__name__ = name
    pool.__qualname__ = f"_{name}"  # torch's, behind its choice by return_indices
    return pool


max_pool1d, max_pool2d, max_pool3d = (_max_pool(dims) for dims in (1, 2, 3))


def _avg_pool(dims: int) -> Callable[..., Any]:
    name = f"avg_pool{dims}d"

    def pool(
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Any:
        """The mean of every window."""
        given = checks.settings(
            name,
            dims,
            "either " if dims == 2 else "",
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
        )
        kernel = given["kernel_size"]
        shape = Shape(given["stride"], given["padding"], (1,) * dims, 1, ceil_mode)
        if dims == 3:
            checks.check_rank(input, dims)
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        checks.size(input, -dims - 1)
        checks.check_padding(kernel, shape)
        checks.check_shape(f"{name}()", input, kernel, shape, dims == 3)
        run = FUNCTIONS[name]
        return run(input, kernel, shape, count_include_pad, divisor_override)

    pool.__name__ = pool.__qualname__ = name
    return pool


avg_pool2d, avg_pool3d = _avg_pool(2), _avg_pool(3)


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    checks.check_dims("avg_pool1d", input)
    given = {
        "kernel_size": kernel_size,
        "stride": checks.steps(stride, kernel_size),
        "padding": padding,
    }
    kernel, step, width = (checks.one("avg_pool1d", n, v) for n, v in given.items())
    plane = input.unsqueeze(-2)
    pooled = avg_pool2d(plane, (1, kernel), (1, step), (0, width), ceil_mode, count_include_pad)
    return pooled.squeeze(-2)


# -- windows that fit the size asked for -----------------------------------------------------------


def _wanted(output_size: Any, sizes: Any) -> Any:
    """The size asked for, where None is that of the input."""
    if isinstance(output_size, int):
        return output_size
    if len(sizes) <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    given = zip(output_size, sizes[-len(output_size) :], strict=False)
    return [n if m is None else m for m, n in given]


def _sizes(output_size: Any, dims: int) -> Sizes:
    return (output_size,) * dims if isinstance(output_size, int) else tuple(output_size)


def _means(dims: int) -> Callable[..., Any]:
    name = f"adaptive_avg_pool{dims}d"

    def find(input: Any, output_size: Any) -> Any:
        """The means of as many windows as asked for."""
        out = _sizes(output_size, dims)
        if len(out) != dims:
            raise RuntimeError(f"{name}: output_size must be {dims}")
        if min(out) < 0:
            last = "," if dims == 3 else ", "  # as torch writes it
            shown = "{" + ", ".join(str(n) for n in out[:-1]) + f"{last}{out[-1]}}}"
            raise RuntimeError(
                f"{name}: elements of output_size must be greater than or equal to 0 but "
                f"received {shown}"
            )
        if set(out) == {1}:
            return input.mean(tuple(range(-1, -dims - 1, -1)), keepdim=True)
        checks.check_filled(name, input, dims)
        return FUNCTIONS[name](input, out)

    return find


_MEANS = {dims: _means(dims) for dims in (2, 3)}
_PLANE, _CUBE = (parsed(f"adaptive_avg_pool{dims}d", find) for dims, find in _MEANS.items())


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The means of as many windows as asked for."""
    return _PLANE(input, _wanted(output_size, input.size()))


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """The means of as many windows as asked for."""
    return _CUBE(input, _wanted(output_size, input.size()))


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    checks.check_dims("adaptive_avg_pool1d", input)
    out = checks.one("adaptive_avg_pool1d", "output_size", output_size)
    return _MEANS[2](input.unsqueeze(-2), (1, out)).squeeze(-2)


def _greatest(dims: int) -> Callable[..., Found]:
    """The greatest entries of as many windows as asked for, and their places."""
    name = f"adaptive_max_pool{dims}d"

    def find(input: Any, output_size: Any) -> Found:
        out = _sizes(output_size, dims)
        checks.check_filled(name, input, dims, ": ", numbers=False)
        if len(out) != dims:
            raise RuntimeError(f"{name}(): internal error: output_size.size() must be {dims}")
        if min(out) < 0:
            bad = next(n for n in out if n < 0)
            made = [*input.shape[:-dims], *out]
            raise RuntimeError(f"Trying to create tensor with negative dimension {bad}: {made}")
        checks.check_numbers(name, input)
        found: Found = FUNCTIONS[name](input, out)
        return found

    return find


_GREATEST = {dims: _greatest(dims) for dims in (2, 3)}


def _greatest_of_line(input: Any, output_size: Any) -> Found:
    name = "adaptive_max_pool1d"
    checks.check_dims(name, input)
    out = checks.one(name, "output_size", output_size)
    checks.check_filled(name, input, 1, numbers=False)
    found = _GREATEST[2](input.unsqueeze(-2), (1, out))
    return found[0].squeeze(-2), found[1].squeeze(-2)


def _adaptive_max_pool(dims: int) -> Callable[..., Any]:
    name = f"adaptive_max_pool{dims}d"
    find = parsed(name, _greatest_of_line if dims == 1 else _GREATEST[dims])

    def pool(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        """The greatest entries of as many windows as asked for."""
        wanted = output_size if dims == 1 else _wanted(output_size, input.size())
        values, indices = find(input, wanted)
        return (values, indices) if return_indices else values

    pool.__name__ = name
    pool.__qualname__ = f"_{name}"  # torch's, behind its choice by return_indices
    return pool


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = (
    _adaptive_max_pool(dims) for dims in (1, 2, 3)
)
