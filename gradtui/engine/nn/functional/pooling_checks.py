"""What pooling refuses before it computes, in torch's order and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtui.engine import errors
from gradtui.engine.table.convolution import Shape, Sizes

_COUNTS = {2: "two", 3: "three"}
_AXES = {2: "HW", 3: "THW"}


def settings(name: str, dims: int, either: str = "either ", **given: Any) -> dict[str, Sizes]:
    """Each setting with an entry for every dimension; RuntimeError where it has another number.

    Without a stride windows lie side by side.
    """
    found = {}
    for what, value in given.items():
        values = (value,) * dims if isinstance(value, int) else tuple(int(v) for v in value or ())
        omitted = what == "stride" and not values
        if not omitted and len(values) not in (1, dims):
            verb = "be either" if what == "dilation" else f"{either}be"
            omit = "omitted, " if what == "stride" else ""
            raise RuntimeError(
                f"{name}: {what} must {verb} {omit}a single int, or a tuple of {_COUNTS[dims]} ints"
            )
        found[what] = values * dims if len(values) == 1 else values
    return found | {"stride": found["stride"] or found["kernel_size"]}


def check_rank(input: Any, dims: int) -> None:
    if input.dim() not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"non-empty {dims + 1}D or {dims + 2}D (batch mode) tensor expected for input"
        )


def check_padding(kernel: Sizes, shape: Shape) -> None:
    """What torch asks before it works out the size of each dimension of the result."""
    reach = shape.reach(kernel)
    for p, k, r, d, s in zip(
        shape.padding, kernel, reach, shape.dilation, shape.stride, strict=True
    ):
        if not s:
            raise RuntimeError("stride should not be zero")
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > int(r / 2):  # which rounds towards zero, as C++ does
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, "
                f"kernel_size={k} and dilation={d}"
            )


def check_shape(name: str, input: Any, kernel: Sizes, shape: Shape, whole: bool = False) -> None:
    """Windows that move and fit; `whole` wants them no larger than the input itself."""
    values = {"kernel size": ("k", kernel), "stride": ("d", shape.stride)}
    for what, (letter, sizes) in (values | {"dilation": ("dilation", shape.dilation)}).items():
        if min(sizes) <= 0:
            shown = _axes(letter, sizes)
            raise RuntimeError(f"{what} should be greater than zero, but got {shown}")
    (_check_cube if len(kernel) == 3 else _check_plane)(name, input)
    space = input.shape[-len(kernel) :]
    if whole and any(n < k for n, k in zip(space, kernel, strict=True)):
        raise RuntimeError(
            f"input image ({_axes('', space)}) smaller than kernel size ({_axes('k', kernel)})"
        )
    _check_output(input, kernel, shape)


def _axes(letter: str, sizes: Sizes) -> str:
    return " ".join(f"{letter}{a}: {n}" for a, n in zip(_AXES[len(sizes)], sizes, strict=True))


def _check_plane(name: str, input: Any) -> None:
    """Only the batch, or with a batch nothing, may be empty."""
    sizes = list(input.shape)
    if len(sizes) not in (3, 4) or 0 in (sizes[1:] if len(sizes) == 4 else sizes):
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{sizes}"
        )


def _check_cube(name: str, input: Any) -> None:
    sizes = list(input.shape)
    for dim in range(len(sizes) == 5, len(sizes)):
        if not sizes[dim]:
            raise RuntimeError(
                f"{name}: Expected input's non-batch dimensions to have positive length, but input "
                f"has a shape of {sizes} and non-batch dimension 0 has length zero!"
            )


def _check_output(input: Any, kernel: Sizes, shape: Shape) -> None:
    dims = len(kernel)
    have = tuple(input.shape[-dims - 1 :])
    out = shape.out(have[1:], kernel)
    if min(out) < 1:
        given, made = ("x".join(str(n) for n in sizes) for sizes in (have, (have[0], *out)))
        raise RuntimeError(
            f"Given input size: ({given}). Calculated output size: ({made}). Output size is too "
            "small"
        )


# -- one dimension ---------------------------------------------------------------------------------

_LINE: Mapping[str, str] = {
    "kernel_size": "be an int, list of ints or tuple of ints of size 1",
    "stride": "be None, an int, list of ints, or tuple of ints of size 1",
    "padding": "be an int, list of ints, or tuple of ints of size 1",
    "dilation": "be an int, list of ints or tuple of ints of size 1",
}


def check_line(input: Any, **given: Any) -> None:
    """What max_pool1d asks of its input, and how many numbers of each setting."""
    sizes = list(input.shape)
    if len(sizes) not in (2, 3) or 0 in (sizes[1:] if len(sizes) == 3 else sizes):
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{sizes}"
        )
    for name, value in given.items():
        count = 1 if isinstance(value, int) or value is None else len(value)
        if count != 1 and not (name == "stride" and not count):
            raise RuntimeError(f"max_pool1d() {name} must {_LINE[name]} but got size {count}")


def check_line_of(
    input: Any, kernel_size: int, stride: int, padding: int, dilation: int, ceil: bool
) -> None:
    """The numbers themselves."""
    values = {"kernel_size": kernel_size, "stride": stride, "dilation": dilation}
    for name, value in values.items():
        if value <= 0:
            raise RuntimeError(f"max_pool1d() {name} must be greater than zero, but got {value}")
        if name == "stride" and padding < 0:
            raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {padding}")
        if name == "stride" and padding > kernel_size // 2:
            raise RuntimeError(
                "max_pool1d() padding should be at most half of kernel size, but got "
                f"padding={padding} and kernel_size={kernel_size}"
            )
    if input._data.dtype.kind in "biu" and not input._rg:
        raise NotImplementedError(
            f"\"max_pool1d_impl\" not implemented for '{input.dtype.scalar_name}'"
        )
    shape = Shape((stride,), (padding,), (dilation,), 1, ceil)
    (out,) = shape.out((input.shape[-1],), (kernel_size,))
    if out <= 0:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {out}")


def check_dims(name: str, input: Any) -> None:
    """ "One or two dimensions beside the one that is pooled."""
    if input.dim() not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.dim()}-dimensional tensor for argument #1 "
            f"'self' (while checking arguments for {name})"
        )


def steps(stride: Any, kernel_size: Any) -> Any:
    """The strides, which are those of windows side by side where none are given."""
    return kernel_size if stride is None or stride in ((), []) else stride


def check_filled(name: str, input: Any, dims: int, before: str = " ", numbers: bool = True) -> None:
    """The input of pooling to a size asked for: its dimensions, none of them empty but the first."""
    sizes = list(input.shape)
    if len(sizes) not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but got{before}{sizes}"
        )
    empty = next((i for i, n in enumerate(sizes) if i and not n), None)
    if empty is not None:
        raise RuntimeError(
            f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input "
            f"has sizes {sizes} with dimension {empty} being empty"
        )
    if numbers:
        check_numbers(name, input)


def check_numbers(name: str, input: Any) -> None:
    """Pooling to a size asked for is of floating point numbers."""
    if input._data.dtype.kind in "biu":
        found = input.dtype.scalar_name
        raise NotImplementedError(f"\"{name}\" not implemented for '{found}'")


def one(name: str, what: str, value: Any) -> int:
    """A setting of one dimension."""
    if isinstance(value, int):
        return value
    if len(value) != 1:
        raise RuntimeError(f"{name}() argument '{what}' should contain one int (got {len(value)})")
    return int(value[0])


def size(input: Any, dim: int) -> int:
    """`input.size(dim)`, with torch's error where there is no such dimension."""
    shape: tuple[int, ...] = input.shape
    if not shape:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return shape[errors.wrap_dim(dim, len(shape))]
