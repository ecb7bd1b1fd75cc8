"""`out=`: an operation writes its result into a tensor it is given.

`torch.add(a, b, out=c)` computes as ever, then resizes `c` where its shape does not fit (with
torch's warning), and copies. Which functions take `out` is torch's own list, by way of
`overloads.overloads`; autograd does not follow what was written.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors, modes, overlap, refusals, views
from gradtui.engine.kernels.shapes import root
from gradtui.engine.rows import parameters_of
from gradtui.engine.signature import mismatch
from gradtui.engine.tensor import TENSORS, Tensor, requires, storage, wrap

_RESIZED = (
    "An output with one or more elements was resized since it had shape {have}, which does not "
    "match the required output shape {want}. This behavior is deprecated, and in a future PyTorch "
    "release outputs will not be resized unless they have zero elements. You can explicitly reuse "
    "an out tensor t by resizing it, inplace, to zero elements with t.resize_(0). (Triggered "
    "internally at /__w/pytorch/pytorch/aten/src/ATen/native/Resize.cpp:30.)"
)
_NOT_FOLLOWED = (
    "{name}(): functions with out=... arguments don't support automatic differentiation, but one "
    "of the arguments requires grad."
)

# -- which dtypes may be written to ----------------------------------------------------------------

_CAST = "result type {made} can't be cast to the desired output type {out}"
_EXPECTED = "Expected out tensor to have dtype {made_c}, but got {out_c} instead"
_FOUND = "Found dtype {out} but expected {made}"
_OF_OUT = "dtype {made} does not match dtype of out parameter ({out})"
_MATCH = "result dtype {out} does not match input dtype {made}"
_SCALAR = "expected scalar_type {made} but found {out}"
_SELF = "{name}(): self and result must have the same scalar type"
_BOOL = "{name} does not support non-boolean outputs."
_IN_OUT = (
    "Expected the dtype for input and out to match, but got {made} for input's dtype and {out} for "
    "out's dtype."
)
_TENSORDOT = (
    "tensordot: Expected the output tensor to have dtype {made}, but got an output tensor with "
    "dtype {out}"
)
_TAKE = (
    "take(): self and out expected to have the same dtype, but got self.dtype = {made} and "
    "out.dtype = {out}"
)


def _each(names: str, text: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), text)


SAME_DTYPE: Mapping[str, str] = {
    **_each("addmm addmv baddbmm bmm linalg_cross cross diag diagonal_copy softmax mm", _EXPECTED),
    **_each(
        "avg_pool2d avg_pool3d linear gather index_copy index_add scatter scatter_add", _EXPECTED
    ),
    **_each("tril triu log_softmax norm linalg_vector_norm", _EXPECTED),
    **_each("abs absolute ceil frac floor softshrink hardshrink gelu neg negative", _FOUND),
    **_each("round sign sgn trunc fix softplus", _FOUND),
    **_each("dot vdot matmul", _MATCH),
    **_each("diff logcumsumexp", _SCALAR),
    **_each("masked_select index_select", _SELF),
    **_each("signbit isposinf isneginf", _BOOL),
    **_each("amax amin", _IN_OUT),
    **_each("inner tensordot", _TENSORDOT),
    **_each("all any", "{name} only supports bool tensor for result, got: {out}"),
    **_each("argmax argmin kthvalue sort topk mode cummax cummin aminmax", _EXPECTED),
    "take": _TAKE,
    "where": "Expected out type to be {made} but got {out}",
    "log_sigmoid": "expected scalar type {made} but found {out}",
    "nan_to_num": "nan_to_num: dtype of out: {out} should be same as input: {made}",
    "nonzero": "nonzero: Expected out tensor to have scalar type {made} but got scalar type{out}",
    "multinomial": "multinomial expects Long tensor out, got: {out}",
    "normal": _OF_OUT,
}
"""Operations whose output has the very dtype of the result, and what they say when it has not."""

FOLLOWS_OUT = frozenset({"sum", "mean", "prod", "nansum", "cumsum", "cumprod", "nanmean"})
"""Operations that compute in the dtype of the output they are given."""

NO_OVERLAP = frozenset("masked_select take gather kthvalue mode cat concat concatenate".split())
"""Operations whose output may not even be their input, since they read what they have written."""

WITHOUT_OUT = {"nonzero": "as_tuple"}
"""Operations that take no output where a keyword of theirs is true."""

TYPE_ERRORS = frozenset("cat concat concatenate stack hstack vstack dstack column_stack".split())


def _check_dtype(name: str, made: Any, out: Any) -> None:
    if made is out:
        return
    text = SAME_DTYPE.get(name)
    if text is None:
        if dtypes.can_cast(made, out):
            return
        if name in TYPE_ERRORS:
            raise TypeError(
                "torch.cat(): input types can't be cast to the desired output type "
                + out.scalar_name
            )
        text = _CAST
    raise RuntimeError(
        text.format(
            name=name,
            made=made.scalar_name,
            out=out.scalar_name,
            made_c=errors.cast_name(made),
            out_c=errors.cast_name(out),
        )
    )


# -- the call --------------------------------------------------------------------------------------


def into(name: str, call: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The same for a function whose arguments torch's parser has to accept first."""
    refused = refusals.refusal(name, args, kwargs, False)
    if refused is not None:
        raise refused
    given = dict(kwargs)
    return put_into(given.pop("out"), name, call, args, given)


def put_into(
    out: Any, name: str, call: Callable[..., Any], args: Sequence[Any], given: dict[str, Any]
) -> Any:
    """Runs a function without `out`, and puts what it returns into the tensors given as `out`."""
    if given.get(WITHOUT_OUT.get(name, "")):
        keyword = WITHOUT_OUT[name]
        raise RuntimeError(f"{name} does not support the out kwarg when {keyword} is True")
    outs = list(out) if isinstance(out, (list, tuple)) else [_tensor(out)]
    inputs = list(_tensors([args, list(given.values())]))
    if modes.is_grad_enabled() and any(requires(t) for t in (*inputs, *outs)):
        raise RuntimeError(_NOT_FOLLOWED.format(name=name))
    if name in FOLLOWS_OUT:
        _follow_out(name, given, out.dtype)
    with modes.no_grad():
        result = call(*args, **given)
        many = isinstance(result, tuple)
        for made, target in zip(result if many else (result,), outs, strict=True):
            _check_dtype(name, made.dtype, target.dtype)
            overlap.refuse_repeats(target)
            if name in NO_OVERLAP:
                overlap.refuse_shared(target, inputs, True)
            resize_output(target, made)
            overlap.refuse_shared(target, inputs, name in NO_OVERLAP)
            target.copy_(made)
    return _named(name, result, outs) if many else out


def _follow_out(name: str, given: dict[str, Any], dtype: Any) -> None:
    wanted = given.setdefault("dtype", dtype)
    if wanted is not dtype:
        raise RuntimeError(
            f"Expected out tensor to have dtype {errors.cast_name(wanted)}, but got "
            f"{errors.cast_name(dtype)} instead"
        )


def _tensor(out: Any) -> Tensor:
    """An output; a number passes for one where torch's parser takes numbers for tensors."""
    return out if out.__class__ in TENSORS else wrap(np.asarray(out))


EVERYWHERE = ("size", "dtype", "layout", "device", "pin_memory", "requires_grad")
"""Keywords of every function that makes a tensor."""


def creating(call: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function that makes a tensor from nothing, or fills the one it is given as `out`."""

    known = {*parameters_of(call), *EVERYWHERE}

    @wraps(call)
    def create(*args: Any, out: Any = None, **kwargs: Any) -> Tensor:
        if not known.issuperset(kwargs):
            raise mismatch(call.__name__, args, kwargs, False)
        if kwargs.get("pin_memory"):
            raise RuntimeError(errors.PINNED)
        if out is None:
            try:
                return call(*args, **kwargs)
            except MemoryError as error:
                raise errors.no_memory(error) from None
        if kwargs.get("dtype") not in (None, out.dtype):
            raise RuntimeError(
                _OF_OUT.format(made=kwargs["dtype"].scalar_name, out=out.dtype.scalar_name)
            )
        made = call(*args, **(kwargs | {"dtype": out.dtype}))
        resize_output(out, made)
        with modes.no_grad():
            out.copy_(made)
        return out  # type: ignore[no-any-return]

    return create


def accepting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """A function written in Python that also takes `out=`."""

    @wraps(call)
    def accept(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        if out is not None:
            return put_into(out, name, call, args, kwargs)
        return call(*args, **kwargs)

    return accept


def _tensors(value: Any) -> Iterator[Tensor]:
    if value.__class__ in TENSORS:
        yield value
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from _tensors(v)


def _named(name: str, result: Any, outs: Sequence[Tensor]) -> Any:
    """The outputs as the tuple torch returns: `torch.return_types.max_out`."""
    from gradtui.engine.dispatch import return_type

    fields = getattr(result, "_fields", None)
    return return_type(name + "_out", fields)(*outs) if fields else tuple(outs)


# -- other sizes -----------------------------------------------------------------------------------


def resize_output(target: Tensor, made: Tensor) -> None:
    """Gives an output the shape of the result, with a warning unless it was empty."""
    want, have = made._data.shape, target._data.shape
    if want == have:
        return
    if target._data.size:
        warnings.warn(_RESIZED.format(have=list(have), want=list(want)), UserWarning, stacklevel=5)
    resize_(target, want)
    if not made.is_contiguous():
        steps = [s // made._data.itemsize for s in made._data.strides]
        target._data = _strided(storage(target), want, steps)


def resize_(self: Tensor, *size: Any, memory_format: Any = None) -> Tensor:
    """Another shape in place: over the same storage where that is large enough, else a larger one."""
    shape = tuple(size[0]) if len(size) == 1 and not isinstance(size[0], int) else size
    if requires(self):
        raise RuntimeError("cannot resize variables that require grad")
    array = storage(self)
    start, whole = views.offset(self), root(array)
    wanted = math.prod(shape)
    if start + wanted > whole.size:
        grown = np.zeros(start + wanted, array.dtype)
        grown[: whole.size] = whole.reshape(-1)
        whole = grown
    self._data = whole.reshape(-1)[start : start + wanted].reshape(shape)
    return self


def resize_as_(self: Tensor, the_template: Tensor, *, memory_format: Any = None) -> Tensor:
    """The shape of another tensor, in place."""
    return resize_(self, the_template._data.shape)


def _strided(array: Any, shape: Sequence[int], steps: Sequence[int]) -> Any:
    strides = [s * array.itemsize for s in steps]
    return np.lib.stride_tricks.as_strided(array.reshape(-1), shape, strides)
