"""`gradcheck` and `gradgradcheck`: derivatives against differences of the function's own values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine.autograd.entry import grad
from gradtui.engine.creation import rand, zeros_like
from gradtui.engine.dtypes import get_default_dtype
from gradtui.engine.modes import enable_grad, no_grad
from gradtui.engine.tensor import Tensor, storage, wrap

Tensors = tuple[Any, ...]


class GradcheckError(RuntimeError):
    """What is wrong with a derivative."""

    __module__ = "torch.autograd.gradcheck"


def _listed(value: Any) -> Tensors:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _followed(values: Any) -> Tensors:
    return tuple(v for v in _listed(values) if isinstance(v, Tensor) and v.requires_grad)


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """True when every entry of the Jacobian agrees with central differences of width 2·eps."""
    try:
        return _check(func, _listed(inputs), eps, atol, rtol, nondet_tol, check_grad_dtypes)
    except GradcheckError:
        if raise_exception:
            raise
        return False


def _check(
    func: Any, inputs: Tensors, eps: float, atol: float, rtol: float, nondet: float, dtypes: bool
) -> bool:
    _check_inputs(inputs)
    results = _listed(func(*inputs))
    outputs = _followed(results)
    numerical = _numerical(func, inputs, eps)
    if not outputs:
        if any(np.any(block) for row in numerical for block in row):
            raise GradcheckError("Numerical gradient for function expected to be zero")
        return True
    kept = [row for row, out in zip(numerical, results, strict=True) if out.requires_grad]
    for number, (out, row) in enumerate(zip(outputs, kept, strict=True)):
        found = _analytical(out, inputs, nondet, dtypes)
        for place, (ours, theirs) in enumerate(zip(found, row, strict=True)):
            if not np.allclose(ours, theirs, rtol, atol):
                raise GradcheckError(
                    f"Jacobian mismatch for output {number} with respect to input {place},\n"
                    f"numerical:{wrap(theirs)}\nanalytical:{wrap(ours)}\n"
                )
    _check_scaled(outputs, inputs)
    return True


def _check_inputs(inputs: Tensors) -> None:
    for place, x in enumerate(inputs):
        if isinstance(x, Tensor) and x.requires_grad:
            if x._data.dtype != np.float64:
                warnings.warn(
                    f"Input #{place} requires gradient and is not a double precision floating "
                    "point or complex. This check will likely fail if all the inputs are not of "
                    "double precision floating point or complex. ",
                    stacklevel=4,
                )
            if any(s == 0 and n > 1 for s, n in zip(x.stride(), x.shape, strict=True)):
                raise RuntimeError(
                    f"The {place}th input has a dimension with stride 0. gradcheck only supports "
                    "inputs that are non-overlapping to be able to compute the numerical gradients "
                    "correctly. You should call .contiguous on the input before passing it to "
                    "gradcheck."
                )
    if not _followed(inputs):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them "
            "have requires_grad=True."
        )


def _values(func: Any, inputs: Tensors) -> list[Any]:
    with no_grad():
        return [np.array(o._data) for o in _listed(func(*inputs))]


def _numerical(func: Any, inputs: Tensors, eps: float) -> list[list[Any]]:
    """For each output the differences it makes, one matrix for each input that requires grad."""
    rows: list[list[Any]] = []
    for x in _followed(inputs):
        array = storage(x)
        columns = []
        for entry in np.ndindex(array.shape):
            before = array[entry]
            array[entry] = before - eps
            low = _values(func, inputs)
            array[entry] = before + eps
            high = _values(func, inputs)
            array[entry] = before
            columns.append([(b - a) / (2 * eps) for a, b in zip(low, high, strict=True)])
        rows.append([np.stack([np.ravel(c) for c in each]) for each in zip(*columns, strict=True)])
    return [list(each) for each in zip(*rows, strict=True)]


def _rows(out: Any, followed: Tensors) -> list[list[Any]]:
    """A backward pass for each entry of the output: for each input, its gradients."""
    found = []
    for entry in range(out.numel()):
        seed = np.zeros(out.numel(), out._data.dtype)
        seed[entry] = 1
        vector = wrap(seed.reshape(out._data.shape))
        found.append(grad(out, followed, vector, retain_graph=True, allow_unused=True))
    return [list(column) for column in zip(*found, strict=True)]


def _matrices(columns: list[list[Any]], followed: Tensors, dtypes: bool) -> list[Any]:
    found = []
    for column, x in zip(columns, followed, strict=True):
        for one in column:
            if one is not None and one.size() != x.size():
                raise GradcheckError("Analytical gradient has incorrect size")
            if one is not None and dtypes and one.dtype is not x.dtype:
                raise GradcheckError("Gradient has dtype mismatch")
        empty = np.zeros(x.numel(), x._data.dtype)
        found.append(
            np.stack([empty if g is None else np.ravel(g._data) for g in column], axis=1)
            if column
            else np.zeros((x.numel(), 0), x._data.dtype)
        )
    return found


def _analytical(out: Any, inputs: Tensors, nondet: float, dtypes: bool) -> list[Any]:
    followed = _followed(inputs)
    first = _matrices(_rows(out, followed), followed, dtypes)
    again = _matrices(_rows(out, followed), followed, dtypes)
    for a, b in zip(first, again, strict=True):
        if a.size and np.max(np.abs(a - b)) > nondet:
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and grad_output "
                "multiple times gives different values, although analytical gradient matches "
                f"numerical gradient.The tolerance for nondeterminism was {nondet}."
            )
    return first


def _check_scaled(outputs: Tensors, inputs: Tensors) -> None:
    """A cotangent of zero must give gradients of zero."""
    zeros = [zeros_like(o) for o in outputs]
    found = grad(outputs, _followed(inputs), zeros, retain_graph=True, allow_unused=True)
    if any(g is not None and np.any(g._data) for g in found):
        raise GradcheckError("backward not multiplied by grad_output")


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """`gradcheck` of the gradients: of the function from inputs and vectors to v·J."""
    xs = _listed(inputs)
    vectors = _listed(grad_outputs) if grad_outputs is not None else _random(func, xs)
    count = len(vectors)
    x_places = {i for i, x in enumerate(xs) if isinstance(x, Tensor) and x.requires_grad}
    v_places = {i for i, v in enumerate(vectors) if v.requires_grad}

    def gradients(*args: Any) -> Any:
        given = _marked(args[:-count], x_places)
        outputs = tuple(o for o in _listed(func(*given)) if o.requires_grad)
        found = grad(
            outputs,
            tuple(given[i] for i in sorted(x_places)),
            _marked(args[-count:], v_places),
            create_graph=True,
            allow_unused=True,
        )
        return tuple(g for g in found if g is not None)

    return gradcheck(
        enable_grad()(gradients),
        xs + vectors,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_grad_dtypes=check_grad_dtypes,
    )


def _marked(args: Tensors, places: set[int]) -> Tensors:
    return tuple(a.requires_grad_() if i in places else a for i, a in enumerate(args))


def _random(func: Any, inputs: Tensors) -> Tensors:
    outputs = (o for o in _listed(func(*inputs)) if o.requires_grad)
    made = []
    for out in outputs:
        kind = out.dtype if out.is_floating_point() else get_default_dtype()
        drawn: Any = rand(*out.shape, dtype=kind)
        made.append((drawn * 2 - 1).requires_grad_())
    return tuple(made)
