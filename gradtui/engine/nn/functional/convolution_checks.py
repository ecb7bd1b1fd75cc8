"""What convolutions refuse before they compute, in torch's order and words."""

from __future__ import annotations

from typing import Any

from gradtui.engine import errors
from gradtui.engine.table.convolution import Shape, Sizes

_AXES = ("depth", "height", "width")


def spread(value: Any, dims: int, name: str = "") -> Sizes:
    """One number for every dimension of space."""
    if isinstance(value, int):
        return (value,) * dims
    found = tuple(int(v) for v in value)
    if name and len(found) not in (1, dims):
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {dims} values to match the "
            f"convolution dimensions, but got {name}={list(found)}"
        )
    return found * dims if len(found) == 1 else found


def check_input(input: Any, weight: Any, dims: int, groups: int, stride: Any, name: str) -> None:
    if input.dim() not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got "
            f"input of size: {list(input.shape)}"
        )
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if weight.dim() < 3:
        raise RuntimeError("weight should have at least three dimensions")
    if weight.dim() == dims + 2:
        return
    if isinstance(stride, int) or len(stride) > 1:
        raise RuntimeError(
            "expected stride to be a single integer value or a list of "
            f"{weight.dim() - 2} values to match the convolution dimensions, but got "
            f"stride={list(spread(stride, dims))}"
        )
    raise RuntimeError(
        f"Expected {weight.dim()}-dimensional input for {weight.dim()}-dimensional weight"
        f"{list(weight.shape)}, but got {dims + 2}-dimensional input of size "
        f"{list(input.shape)} instead"
    )


def check_bias_type(input: Any, bias: Any) -> None:
    if bias is not None and bias.dtype is not input.dtype:
        raise RuntimeError(
            f"Input type ({errors.cast_name(input.dtype)}) and bias type "
            f"({errors.cast_name(bias.dtype)}) should be the same"
        )


def check_types(input: Any, weight: Any, kernel: str) -> None:
    if input._data.dtype.kind == "b":
        raise NotImplementedError(f"\"{kernel}\" not implemented for 'Bool'")
    if weight.dtype is not input.dtype:
        raise RuntimeError(
            f"expected scalar type {input.dtype.scalar_name} but found {weight.dtype.scalar_name}"
        )


def check_weight(
    input: Any, weight: Any, bias: Any, shape: Shape, extra: Sizes | None = None
) -> None:
    """Settings, and the weight's and the bias's sizes; `extra` is a transposed one's padding."""
    _check_settings(weight, shape, extra)
    sizes, kernel, groups = list(input.shape), list(weight.shape), shape.groups
    batched = sizes if input.dim() == weight.dim() else [1, *sizes]
    if extra is None:
        given, wanted, outputs = f"Given groups={groups}", kernel[1] * groups, kernel[0]
    else:
        given, wanted, outputs = "Given transposed=1", kernel[0], kernel[1] * groups
    if batched[1] != wanted:
        raise RuntimeError(
            f"{given}, weight of size {kernel}, expected input{batched} to have {wanted} channels, "
            f"but got {batched[1]} channels instead"
        )
    if bias is not None and tuple(bias.shape) != (outputs,):
        given = "Given weight" if extra is None else "Given transposed=1, weight"
        raise RuntimeError(
            f"{given} of size {kernel}, expected bias to be 1-dimensional with {outputs} elements, "
            f"but got bias of size {list(bias.shape)} instead"
        )


def _check_settings(weight: Any, shape: Shape, extra: Sizes | None) -> None:
    """Strides, gaps and groups have to be positive, and padding not negative."""
    if min(shape.padding) < 0:
        raise RuntimeError("negative padding is not supported")
    if extra is not None and min(extra) < 0:
        raise RuntimeError("negative output_padding is not supported")
    if min(shape.stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(shape.dilation) < (extra is None):
        raise RuntimeError("dilation should be greater than zero")
    kernel, groups = list(weight.shape), shape.groups
    if kernel[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at "
            f"dimension 0, but got weight of size {kernel} instead"
        )
    if kernel[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at "
            f"dimension 0, but got weight of size [{kernel}] instead"
        )


def check_size(space: Sizes, kernel: Sizes, shape: Shape) -> None:
    grown = [n + 2 * p for n, p in zip(space, shape.padding, strict=True)]
    reach = shape.reach(kernel)
    if any(r > n for r, n in zip(reach, grown, strict=True)):
        have, need = (" x ".join(str(n) for n in sizes) for sizes in (grown, reach))
        raise RuntimeError(
            f"Calculated padded input size per channel: ({have}). Kernel size: ({need}). Kernel "
            "size can't be greater than actual input size"
        )


def check_transposed(space: Sizes, out: Sizes, shape: Shape, extra: Sizes) -> None:
    """What torch asks of a transposed convolution's settings; it takes one dimension for two."""
    strides, gaps = shape.stride, shape.dilation
    if min(gaps) <= 0:
        raise RuntimeError(
            f"dilation should be greater than zero, but got {_each('dilation', gaps)}"
        )
    if any(e >= s and e >= d for e, s, d in zip(extra, strides, gaps, strict=True)):
        parts = (("output_padding", extra), ("stride", strides), ("dilation", gaps))
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got "
            + " ".join(_each(name, values, " ") for name, values in parts)
        )
    if min(out) < 1:
        have, made = (" x ".join(map(str, (1,) * (len(s) == 1) + s)) for s in (space, out))
        raise RuntimeError(
            f"Given input size per channel: ({have}). Calculated output size per channel: "
            f"({made}). Output size is too small"
        )


def _each(name: str, values: Sizes, between: str = ", ") -> str:
    """A setting by the axes torch has it for."""
    if len(values) == 1:
        values = ((0 if name == "output_padding" else 1), *values)
    axes = _AXES[-len(values) :]
    return between.join(f"{name}_{axis}: {v}" for axis, v in zip(axes, values, strict=True))
