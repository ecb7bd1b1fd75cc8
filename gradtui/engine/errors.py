"""Torch's words for what goes wrong, in one place so that every operation says the same."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from gradtui.engine import state

DETACHED = (
    "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_().This is not "
    "supported, please use out-of-place `.detach()` instead"
)
REPEATED = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory "
    "location. Please clone() the tensor before performing the operation."
)
SECOND_BACKWARD = (
    "Trying to backward through the graph a second time (or directly access saved tensors "
    "after they "
    "have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)
INFERENCE_SAVED = (
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode "
    "in computation tracked by autograd. To work around this, you can make a clone to get a normal "
    "tensor and use it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
)
INFERENCE_CHANGED = (
    "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a "
    "clone to get a normal tensor before doing inplace update.See "
    "https://github.com/pytorch/rfcs/pull/17 for more details."
)
NO_GRAD = "element {} of tensors does not require grad and does not have a grad_fn"
ENABLE_ANOMALY = (
    "enable anomaly detection to find the operation that failed to compute its gradient, with "
    "torch.autograd.set_detect_anomaly(True, check_nan=False)."
)
FURTHER_ABOVE = (
    "the backtrace further above shows the operation that failed to compute its gradient. The "
    "variable in question was changed in there or anywhere later. Good luck!"
)
DETECTED = (
    "Error detected in {}. No forward pass information available. Enable detect anomaly during "
    "forward pass for more information."
)
DATA_OF_LEAF = (
    "data set to a tensor that requires gradients must be floating point or complex dtype"
)
LEAF_IN_PLACE = "a leaf Variable that requires grad is being used in an in-place operation."
PINNED = (
    "pin_memory=True requires a CUDA or other accelerator backend; no pinned memory allocator"
    " is available on this system."
)
DEEP_COPY = (
    "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
    "moment.  If you were attempting to deepcopy a module, this may be because of a "
    "torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
)
LEAF_VIEW_IN_PLACE = (
    "a view of a leaf Variable that requires grad is being used in an in-place operation."
)


def no_forward(name: str, known: bool) -> NotImplementedError:
    """Torch's error for an operation through which tangents cannot travel."""
    if not known:
        return NotImplementedError(
            f"Trying to use forward AD with aten::{name} that does not support it."
        )
    where = "." if name.endswith("_") else " or submit a PR adding the implementation to "
    return NotImplementedError(
        f"Trying to use forward AD with {name} that does not support it because it has not been "
        "implemented yet.\nPlease file an issue to PyTorch at "
        "https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml so that we can "
        f"prioritize its implementation{where}{'' if where == '.' else 'derivatives.yaml'}"
    )


def no_memory(error: MemoryError) -> Exception:
    """What torch says where numpy could not allocate an array; other failures stay what they are."""
    shape, dtype = getattr(error, "shape", None), getattr(error, "dtype", None)
    if shape is None or dtype is None:
        return error
    size = math.prod(shape) * dtype.itemsize
    return RuntimeError(
        "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: "
        f"you tried to allocate {size} bytes. Error code 12 (Cannot allocate memory)"
    )


def broadcast(a: Sequence[int], b: Sequence[int], *more: Sequence[int]) -> RuntimeError:
    """Which dimension keeps shapes from being broadcast together."""
    for c in more:
        try:
            a, b = broadcast_shape(a, b), c
        except RuntimeError as error:
            return error
    for back in range(1, min(len(a), len(b)) + 1):
        x, y = a[-back], b[-back]
        if x != y and 1 not in (x, y):
            dim = max(len(a), len(b)) - back
            return RuntimeError(
                f"The size of tensor a ({x}) must match the size of tensor b ({y}) "
                f"at non-singleton dimension {dim}"
            )
    return RuntimeError(f"shapes {list(a)} and {list(b)} cannot be broadcast together")


def modified(kind: str, shape: Sequence[int], source: str, now: int, then: int) -> RuntimeError:
    """A saved tensor is no longer what the formula needs."""
    shown = "CPUBoolType" if kind == "Bool" else f"torch.{kind}Tensor"
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: [{shown} {list(shape)}]{source} is at version {now}; expected "
        f"version {then} instead. Hint: " + (FURTHER_ABOVE if state.anomaly else ENABLE_ANOMALY)
    )


def dimension(dim: int, ndim: int) -> IndexError:
    n = max(ndim, 1)
    return IndexError(
        f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})"
    )


def wrap_dim(dim: int, ndim: int) -> int:
    """A dimension counted from the front; 0-d tensors have dimension 0 and -1."""
    n = max(ndim, 1)
    if not -n <= dim < n:
        raise dimension(dim, ndim)
    return dim % n


def unsupported(what: str, nearby: str = "") -> NotImplementedError:
    hint = f"; supported nearby: {nearby}" if nearby else ""
    return NotImplementedError(f"{what} is not supported by gradtui's engine{hint}")


def operand(symbol: str, left: Any, right: Any) -> TypeError:
    return TypeError(
        f"unsupported operand type(s) for {symbol}: '{type(left).__name__}' and "
        f"'{type(right).__name__}'"
    )


C_NAMES = {
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
    "int16": "short",
    "int32": "int",
    "int64": "long",
    "int8": "signed char",
    "uint8": "unsigned char",
}


def c_name(dtype: Any) -> str:
    """What C++ calls the type of an element, as some messages do."""
    return str(C_NAMES.get(dtype.name, dtype.name))


CAST_NAMES = {"bool": "bool", "int64": "long int", "uint8": "unsigned char", "int8": "signed char"}
CAST_NAMES |= {"int16": "short int", "int32": "int", "float16": "c10::Half"}


def cast_name(dtype: Any) -> str:
    """What torch calls a dtype it cannot write a result to."""
    return str(CAST_NAMES.get(dtype.name, C_NAMES.get(dtype.name, dtype.name)))


def dims_of(dim: Any, ndim: int, name: str = "") -> tuple[int, ...]:
    """Dimensions counted from the front; none given means all."""
    if dim is None or dim == ():
        return tuple(range(ndim))
    dims = (dim,) if isinstance(dim, int) else dim
    found = tuple(wrap_dim(d, ndim) for d in dims)
    if len(set(found)) != len(found):
        twice = next(d for i, d in enumerate(found) if d in found[:i])
        raise RuntimeError(f"dim {twice} appears multiple times in the list of dims")
    return found if ndim else ()


def broadcast_shape(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    """The shape two shapes broadcast to, or torch's error."""
    wide = max(len(a), len(b))
    left, right = (1,) * (wide - len(a)) + tuple(a), (1,) * (wide - len(b)) + tuple(b)
    for x, y in zip(left, right, strict=True):
        if x != y and 1 not in (x, y):
            raise broadcast(a, b)
    return tuple(y if x == 1 else x for x, y in zip(left, right, strict=True))


def turned(name: str, ndim: int) -> RuntimeError:
    """`.mT`, `.mH` and `.H` are for matrices."""
    if name == "H":
        return RuntimeError(
            "tensor.H is only supported on matrices (2-D tensors). Got "
            f"{ndim}-D tensor.{' For batches of matrices, consider using tensor.mH' * (ndim > 2)}"
        )
    return RuntimeError(
        f"tensor.{name} is only supported on matrices or batches of matrices. Got {ndim}-D tensor."
    )


def warn_turned(ndim: int) -> None:
    warnings.warn(
        "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is "
        "deprecated "
        "and it will throw an error in a future release. Consider `x.mT` to transpose batches of "
        "matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a "
        "tensor.",
        UserWarning,
        stacklevel=3,
    )


def warn_not_leaf(tensor: Any) -> None:
    """What torch says of a `.grad` that no pass will fill."""
    if tensor.is_leaf or tensor.retains_grad:
        return
    warnings.warn(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
        "attribute won't be populated during autograd.backward(). If you indeed want the .grad "
        "field to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. "
        "If you access the non-leaf Tensor by mistake, make sure you access the leaf Tensor "
        "instead. See github.com/pytorch/pytorch/pull/30531 for more information.",
        UserWarning,
        stacklevel=3,
    )


def short_name(node: str) -> str:
    """The name of an operation in messages, from that of its node: `Mul`, `Pow2`."""
    short = node.replace("Backward0", "")
    return short if short.endswith("Backwards") else short.replace("Backward", "")


def check_grad(leaf: Any, value: Any) -> None:
    """What torch refuses as the `.grad` of a leaf: another type, shape or dtype."""
    if not hasattr(value, "_data"):
        raise TypeError(
            "assigned grad expected to be a Tensor or None but got grad of type "
            f"{type(value).__name__}"
        )
    if value is leaf:
        raise RuntimeError("can't assign Variable as its own grad")
    wanted = leaf.grad_dtype if leaf.is_leaf else leaf.dtype
    if wanted is not None and value.dtype is not wanted:
        raise RuntimeError(
            f"attempting to assign a gradient with dtype '{cast_name(value.dtype)}' to a tensor with "
            f"grad_dtype '{wanted.scalar_name}'. The gradient must match the tensor's "
            "grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype "
            "attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with "
            "caution. Diverging the dtypes of a tensor and its gradient may break downstream "
            "systems that assume they match."
        )
    if value._data.shape != leaf._data.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size "
            f"'{list(leaf.shape)}'. Please ensure that the gradient and the tensor are the same "
            "size"
        )
