"""What operations refuse before they compute: dtypes and options, in torch's words."""

from __future__ import annotations

import math
from typing import Any

from gradtui.engine import dtypes, errors
from gradtui.engine.data import scalar_as


def kind_of(value: Any) -> str:
    """The kind of a tensor's or number's dtype: `b`, `i`, `u` or `f`."""
    data = getattr(value, "_data", None)
    if data is not None:
        return str(data.dtype.kind)
    return "b" if isinstance(value, bool) else "i" if isinstance(value, int) else "f"


def alpha(self: Any, other: Any, alpha: Any = 1) -> None:
    """The factor of add and sub must suit what it multiplies."""
    if alpha.__class__ is int:
        return
    broadcast(self, other)
    common = dtypes.result_type(self, other)
    if isinstance(alpha, bool) and common is not dtypes.bool_:
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if isinstance(alpha, float) and not common.is_floating_point:
        raise RuntimeError(
            "For integral input tensors, argument alpha must not be a floating point number."
        )


BOOL_SUBTRACTED = (
    "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert "
    "a mask, use the `~` or `logical_not()` operator instead."
)


def subtraction(self: Any, other: Any, factor: Any = 1) -> None:
    kinds = kind_of(self), kind_of(other)
    if kinds == ("b", "b"):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
            "`logical_xor()` operator instead."
        )
    if "b" in kinds:
        raise RuntimeError(BOOL_SUBTRACTED)
    alpha(self, other, factor)


def into_input(self: Any, target: Any, *rest: Any) -> None:
    """What is computed in floating point is written into a tensor of the input's dtype."""
    if kind_of(self) != "f":
        raise RuntimeError(
            f"result type Float can't be cast to the desired output type {self.dtype.scalar_name}"
        )


def logits(self: Any, target: Any, *rest: Any) -> None:
    only_floats("log_sigmoid_cpu")(self)
    into_input(target, self)


def huber(self: Any, target: Any, *rest: Any) -> None:
    common_only_floats("huber_cpu")(self, target)
    into_input(self, target)


def reverse_subtraction(self: Any, other: Any, factor: Any = 1) -> None:
    subtraction(other, self, factor)
    broadcast(other, self)


def rounding_mode(self: Any, other: Any, mode: str | None) -> None:
    if mode in ("trunc", "floor") and kind_of(self) == kind_of(other) == "b":
        raise not_implemented(f"div_{mode}_cpu", self)
    if mode not in (None, "trunc", "floor"):
        raise RuntimeError(
            "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '"
            + mode
            + "'"
        )


def division(self: Any, tensor1: Any, tensor2: Any, value: Any = 1) -> None:
    if kind_of(tensor1) != "f" and kind_of(tensor2) != "f":
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release "
            "addcdiv "
            "will perform a true division of tensor1 and tensor2. The historic addcdiv behavior "
            "can "
            "be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) "
            "for "
            "integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The "
            "future "
            "addcdiv behavior is just the latter implementation: (input + value * tensor1 / "
            "tensor2), for all dtypes."
        )


def lerp(self: Any, *others: Any) -> None:
    """lerp wants its tensors in one dtype."""
    want = self.dtype
    for name, other in zip(("end", "weight"), others, strict=False):
        if hasattr(other, "_data") and other.dtype is not want:
            raise RuntimeError(
                f"expected dtype {errors.cast_name(want)} for `{name}` but got dtype "
                f"{errors.cast_name(other.dtype)}"
            )
    if kind_of(self) != "f":
        scalar = not hasattr(others[-1], "_data")
        raise not_implemented("lerp_kernel_scalar" if scalar else "lerp_kernel_tensor", self)


def negation(self: Any) -> None:
    if kind_of(self) == "b":
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
            "invert a mask, use the `~` or `logical_not()` operator instead."
        )


def not_implemented(kernel: str, self: Any) -> NotImplementedError:
    """A kernel that torch has not compiled for a dtype."""
    return NotImplementedError(f"\"{kernel}\" not implemented for '{self.dtype.scalar_name}'")


def only_floats(kernel: str) -> Any:
    """Refuses integers and bools as a kernel compiled for floating point only does."""

    def check(self: Any, *rest: Any) -> None:
        if kind_of(self) != "f":
            raise not_implemented(kernel, self)

    return check


def softmax(name: str) -> Any:
    """Floating point only; torch has one kernel for the last dimension and one for others."""

    def check(self: Any, dim: int, *rest: Any) -> None:
        last = dim % max(self._data.ndim, 1) == max(self._data.ndim, 1) - 1
        if kind_of(self) != "f" and self._data.size:
            raise not_implemented(f"{name}_{'lastdim_' * last}kernel_impl", self)

    return check


def broadcast(self: Any, other: Any) -> None:
    """Shapes are looked at before dtypes."""
    if hasattr(self, "_data") and hasattr(other, "_data"):
        errors.broadcast_shape(self._data.shape, other._data.shape)


def common_only_floats(kernel: str) -> Any:
    """Refuses two operands neither of which is of floating point."""

    def check(self: Any, other: Any, *rest: Any) -> None:
        broadcast(self, other)
        common = dtypes.result_type(self, other)
        if not common.is_floating_point:
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{common.scalar_name}'")

    return check


def rounding(self: Any, decimals: int) -> None:
    if kind_of(self) != "f":
        raise not_implemented("round_cpu" if decimals else "round_vml_cpu", self)


def common_no_bool(kernel: str) -> Any:
    """Refuses bools as a kernel for numbers does, once both operands are in one dtype."""

    def check(self: Any, other: Any, *rest: Any) -> None:
        broadcast(self, other)
        if dtypes.result_type(self, other) is dtypes.bool_:
            raise NotImplementedError(f"\"{kernel}\" not implemented for 'Bool'")

    return check


def no_bool_input(name: str) -> Any:
    def check(self: Any, *rest: Any) -> None:
        if kind_of(self) == "b":
            raise RuntimeError(f"{name}(): does not support bool input")

    return check


def no_bool(kernel: str) -> Any:
    def check(self: Any, *rest: Any) -> None:
        if kind_of(self) == "b":
            raise not_implemented(kernel, self)

    return check


def clamp(self: Any, low: Any = None, high: Any = None) -> None:
    if low is None and high is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    limits = [v for v in (low, high) if v is not None]
    numbers = not any(hasattr(v, "_data") for v in limits)
    if (numbers or len(limits) == 2) and all(kind_of(v) == "b" for v in (self, *limits)):
        which = "" if len(limits) == 2 else "_max" if low is None else "_min"
        raise not_implemented(f"clamp{which}{'_scalar' * numbers}_cpu", self)


def negative_slope(self: Any, slope: Any) -> None:
    """In place, the sign of the result must tell that of the input."""
    if self.requires_grad and slope < 0:
        raise RuntimeError(
            "In-place leakyReLu backward calculation is triggered with a negative slope which is "
            "not "
            "supported. This is caused by calling in-place forward function with a negative slope, "
            "please call out-of-place version instead. File an issue at "
            "https://github.com/pytorch/pytorch if you do require supporting in-place leakRelu "
            "backward calculation with negative slope"
        )


def elu_in_place(self: Any, alpha: Any, *rest: Any) -> None:
    only_floats("elu_cpu")(self)
    if self.requires_grad and alpha < 0:
        raise RuntimeError(
            "In-place elu backward calculation is triggered with a negative slope which is not "
            "supported. This is caused by calling in-place forward function with a negative slope, "
            "please call out-of-place version instead."
        )


def relu(self: Any) -> None:
    if kind_of(self) == "b":
        raise RuntimeError("Boolean inputs not supported for relu")


def celu(self: Any, alpha: Any) -> None:
    only_floats("elu_cpu")(self)
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")


def softshrink(self: Any, lambd: Any) -> None:
    if lambd < 0:
        raise RuntimeError(
            "lambda must be in range [0, 3.40282e+38] for input dtype Float, but found "
            f"{float(lambd):g}"
        )
    only_floats("softshrink_check")(self)


def gelu(self: Any, approximate: str = "none") -> None:
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    only_floats("GeluKernelImpl")(self)


def mean(self: Any, dtype: Any = None) -> None:
    found = self.dtype if dtype is None else dtype
    if not found.is_floating_point:
        raise RuntimeError(
            f"mean(): could not infer output dtype. {'Input' if dtype is None else 'Optional'} "
            "dtype "
            "must be either a floating point or complex dtype. Got: " + found.scalar_name
        )


def mean_dim(self: Any, dim: Any, keepdim: bool = False, dtype: Any = None) -> None:
    mean(self, dtype)


def vector_norm(
    self: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> None:
    found = self.dtype
    shape = self._data.shape
    if not found.is_floating_point:
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            + found.scalar_name
        )
    if 0 in shape and (ord < 0 or math.isinf(ord)):
        _refuse_empty_norm(shape, ord, dim)


def _refuse_empty_norm(shape: tuple[int, ...], ord: float, dim: Any) -> None:
    """The extremes of nothing, and what torch finds by dividing, have no value to begin with."""
    of = f"linalg.vector_norm cannot compute the {ord:g} norm on "
    why = "empty and the operation does not have an identity"
    if dim is None or dim == ():
        raise RuntimeError(f"{of}an empty tensor because the operation does not have an identity")
    for place in errors.dims_of(dim, len(shape)):
        if not shape[place]:
            raise RuntimeError(f"{of}the dimension {place}because this dimension is {why}")


# -- masks and indices -----------------------------------------------------------------------------


def condition(mask: Any, yes: Any, no: Any) -> None:
    if kind_of(mask) != "b" and mask.dtype is not dtypes.uint8:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{mask.dtype.scalar_name}"
        )


def mask(self: Any, chosen: Any, value: Any) -> None:
    if kind_of(chosen) != "b":
        raise RuntimeError(
            "masked_fill_ only supports boolean masks, but got mask with dtype "
            + errors.c_name(chosen.dtype).replace("long", "long int")
        )
    if hasattr(value, "_data") and value._data.ndim:
        raise RuntimeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value._data.ndim} dimension(s)."
        )
    number = value._data.item() if hasattr(value, "_data") else value
    if not isinstance(number, (bool, int, float)):
        raise RuntimeError(
            f"value cannot be converted to type {errors.c_name(self.dtype)} without overflow"
        )
    scalar_as(number, self.dtype)


def select_mask(self: Any, chosen: Any) -> None:
    if kind_of(chosen) != "b":
        raise RuntimeError("masked_select: expected BoolTensor for mask")


def scatter_mask(self: Any, chosen: Any, source: Any) -> None:
    if source.dtype is not self.dtype:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes but got"
            f"{self.dtype.scalar_name} and {source.dtype.scalar_name}"
        )
    if kind_of(chosen) != "b":
        raise RuntimeError(
            f"masked_scatter_ only supports boolean masks, but got mask with dtype "
            f"{chosen.dtype.scalar_name}"
        )


def index_add(self: Any, dim: int, index: Any, source: Any, alpha: Any = 1) -> None:
    _lines_fit("index_add_", self, dim, index, source)
    _within(self, errors.wrap_dim(dim, self._data.ndim), index)


def index_reduce(
    self: Any, dim: int, index: Any, source: Any, reduce: str, include_self: bool = True
) -> None:
    _lines_fit("index_reduce_", self, dim, index, source)
    size = self._data.shape[errors.wrap_dim(dim, self._data.ndim)] if self._data.ndim else 1
    if ((index._data < 0) | (index._data >= size)).any():
        raise IndexError("index out of range in self")


def _lines_fit(name: str, self: Any, dim: int, index: Any, source: Any) -> None:
    """As many slices as indices, each of the size of those of the tensor."""
    _vector(name, index)
    if source.dtype is not self.dtype:
        raise RuntimeError(
            f"{name}(): self ({self.dtype.scalar_name}) and source "
            f"({source.dtype.scalar_name}) must have the same scalar type"
        )
    shapes = [list(t._data.shape) for t in (self, source)]
    place = errors.wrap_dim(dim, len(shapes[0]))
    along = (shapes[1] + [1] * place + [1])[place] if shapes[1] else 1
    if along != index._data.size:
        raise RuntimeError(
            f"{name}(): Number of indices ({index._data.size}) should be equal to "
            f"source.size(dim): ({along}), for dim: {place}"
        )
    left = [s[:place] + s[place + 1 :] for s in shapes] if all(shapes) else shapes
    if left[0] != left[1]:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. "
            f"Got self.shape = {shapes[0]} source.shape = {shapes[1]}"
        )


def _vector(name: str, index: Any) -> None:
    if index._data.ndim > 1:
        raise IndexError(
            f"{name}(): Index is supposed to be a vector, but got dim: {index._data.ndim} with "
            f"type: {index.dtype.scalar_name} and size: {list(index.shape)}"
        )
    if index.dtype not in (dtypes.int32, dtypes.int64):
        raise RuntimeError(
            f"{name}(): Expected dtype int32/int64 for index but got: {index.dtype.scalar_name}"
        )


def _within(self: Any, dim: int, index: Any) -> None:
    size = self._data.shape[dim] if self._data.ndim else 1
    for i in index._data.reshape(-1).tolist():
        if not 0 <= i < size:
            if self._data.ndim > 1:
                raise RuntimeError(
                    f"index {i} is out of bounds for dimension {dim} with size {size}"
                )
            raise IndexError("index out of range in self")


def _check_source(name: str, self: Any, dim: int, index: Any, source: Any) -> None:
    if source._data.ndim == 0 and index._data.size != 1:
        raise IndexError(
            f"{name}(): When source is scalar, index should have one element (got "
            f"{index._data.size})"
        )


def index_copy(self: Any, dim: int, index: Any, source: Any) -> None:
    if source.dtype is not self.dtype:
        raise RuntimeError(
            "index_copy_(): self and source expected to have the same dtype, but got (self) "
            f"{self.dtype.scalar_name} and (source) {source.dtype.scalar_name}"
        )
    _check_source("index_copy_", self, dim, index, source)


def fill(self: Any, value: Any) -> None:
    if value._data.ndim:
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value._data.ndim} "
            "dimensions."
        )


# -- bits and tests --------------------------------------------------------------------------------


def bitwise(name: str) -> Any:
    kernel = {"bitwise_left_shift": "lshift_cpu", "bitwise_right_shift": "rshift_cpu"}.get(
        name, name + "_cpu"
    )

    def check(self: Any, other: Any) -> None:
        broadcast(self, other)
        common = dtypes.result_type(self, other)
        if common.is_floating_point:
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{common.scalar_name}'")

    return check


def bits_of_one(self: Any) -> None:
    if kind_of(self) == "f":
        raise not_implemented("bitwise_not_cpu", self)


def isclose(self: Any, other: Any, rtol: float, atol: float, *rest: Any) -> None:
    if self.dtype is not other.dtype:
        raise RuntimeError(f"{self.dtype.scalar_name} did not match {other.dtype.scalar_name}")
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {value:g}")


def bincount(self: Any, weights: Any = None, minlength: int = 0) -> None:
    if kind_of(self) not in "iu":
        raise not_implemented("bincount_cpu", self)
    if self._data.ndim != 1 or (self._data.size and self._data.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if weights is not None and weights._data.shape != self._data.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")


def frexp(self: Any) -> None:
    if kind_of(self) != "f":
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
