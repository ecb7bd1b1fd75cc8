"""`gradcheck` and `gradgradcheck`: derivatives against differences of the function's own values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtui.engine import random
from gradtui.engine.autograd import differences as D
from gradtui.engine.autograd import undefined
from gradtui.engine.autograd.differences import GradcheckError, as_tuple, followed
from gradtui.engine.autograd.entry import grad
from gradtui.engine.creation import rand, randn_like, zeros_like
from gradtui.engine.dtypes import float32, get_default_dtype
from gradtui.engine.func import vmap
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import enable_grad
from gradtui.engine.tensor import Tensor, wrap

Tensors = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Check:
    """One call of `gradcheck`: the function, what it gave, and how exact the answer must be."""

    func: Callable[..., Any]
    inputs: Tensors
    results: Tensors
    outputs: Tensors
    eps: float
    atol: float
    rtol: float
    nondet: float
    dtypes: bool
    fast: bool


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
    """True when every entry of the Jacobian agrees with central differences of width 2·eps.

    `fast_mode` compares vᵀ·J·u for one random pair of directions instead.
    """
    _need(
        check_forward_ad or check_backward_ad,
        "Expected at least one of check_forward_ad or check_backward_ad to be True",
    )
    _need(
        check_backward_ad or not check_batched_grad,
        "Setting check_batched_grad=True requires check_backward_ad to be True",
    )
    _need(
        check_forward_ad or not check_batched_forward_grad,
        "Setting check_batched_forward_grad=True requires check_forward_ad to be True",
    )
    try:
        given = as_tuple(inputs)
        _check_inputs(given)
        results = as_tuple(func(*given))
        outputs = tuple(o for o in results if o.requires_grad)
        check = _Check(
            func, given, results, outputs, eps, atol, rtol, nondet_tol, check_grad_dtypes, fast_mode
        )
        if check_backward_ad:
            _compare(check, forward=False)
        if check_forward_ad:
            _compare(check, forward=True)
            if check_undefined_grad:
                undefined.forward(func, given, [_direction(x) for x in followed(given)])
        if check_batched_forward_grad:
            _check_batched_forward(check)
        if check_backward_ad:
            _check_backward(check, check_batched_grad, check_undefined_grad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _need(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


def _check_inputs(inputs: Tensors) -> None:
    for place, x in enumerate(inputs):
        if isinstance(x, Tensor) and x.requires_grad:
            if x._data.dtype != np.float64:
                warnings.warn(
                    f"Input #{place} requires gradient and is not a double precision floating "
                    "point or complex. This check will likely fail if all the inputs are not of "
                    "double precision floating point or complex. ",
                    stacklevel=3,
                )
            if any(s == 0 and n > 1 for s, n in zip(x.stride(), x.shape, strict=True)):
                raise RuntimeError(
                    f"The {place}th input has a dimension with stride 0. gradcheck only supports "
                    "inputs that are non-overlapping to be able to compute the numerical gradients "
                    "correctly. You should call .contiguous on the input before passing it to "
                    "gradcheck."
                )
    if not followed(inputs):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them "
            "have requires_grad=True."
        )


# -- entry by entry --------------------------------------------------------------------------------


def _compare(check: _Check, forward: bool) -> None:
    if check.fast:
        _compare_fast(check, forward)
        return
    found = D.numerical(check.func, check.inputs, check.eps)
    if not check.outputs:
        if any(np.any(block) for row in found for block in row):
            raise GradcheckError("Numerical gradient for function expected to be zero")
        return
    columns = zip(*found, strict=True)
    pairs = zip(D.real(check.results), columns, strict=True)
    wanted = [column for out, column in pairs if out.requires_grad]
    if forward:
        pushed = list(zip(*D.forward(check.func, check.inputs), strict=True))
    for number, theirs in enumerate(wanted):
        ours = pushed[number] if forward else _reverse(check, number)
        for place, (a, n) in enumerate(zip(ours, theirs, strict=True)):
            if not np.allclose(a, n, check.rtol, check.atol):
                raise GradcheckError(_mismatch(a, n, number, place, forward))


def _reverse(check: _Check, number: int, vectors: Any = None) -> list[Any]:
    out = check.outputs[number]
    return D.backward(check.inputs, out, check.nondet, check.dtypes, vectors)


def _mismatch(ours: Any, theirs: Any, output: int, place: int, forward: bool) -> str:
    mode = "computed with forward mode " if forward else ""
    return (
        f"Jacobian {mode}mismatch for output {output} with respect to input {place},\n"
        f"numerical:{wrap(theirs)}\nanalytical:{wrap(ours)}\n"
    )


# -- along one random direction --------------------------------------------------------------------


def _direction(x: Tensor, generator: Any = None) -> Any:
    """A vector of length 1, as torch draws it from a generator of its own."""
    generator = random.Generator() if generator is None else generator
    drawn: Any = rand(x.numel(), generator=generator, dtype=float32)
    drawn = drawn.to(dtype=x.dtype)
    return (drawn / drawn.norm())._data


def _compare_fast(check: _Check, forward: bool) -> None:
    generator = random.Generator()
    xs = followed(check.inputs)
    us = [_direction(x, generator) for x in xs]
    vs = None if forward else [_direction(o, generator) for o in check.outputs]
    found = [
        D.numerical_along(check.func, check.inputs, x, u, check.eps)
        for x, u in zip(xs, us, strict=True)
    ]
    if forward:
        pushed = D.forward(check.func, check.inputs, us)
    elif not check.outputs:
        if any(np.any(np.abs(block) > check.nondet) for row in found for block in row):
            raise GradcheckError("Numerical gradient for function expected to be zero")
    else:
        assert vs is not None
        pulled = [_reverse(check, n, [v]) for n, v in enumerate(vs)]
    for place, row in enumerate(found):
        for number, theirs in enumerate(row if vs is None else row[: len(vs)]):
            if forward:
                ours, wanted, weight = pushed[place][number], theirs, 1.0
            else:
                assert vs is not None
                ours = np.asarray(pulled[number][place][:, 0] @ us[place])
                wanted, weight = np.asarray((vs[number] * theirs).sum()), float(vs[number].sum())
            atol = check.atol * float(us[place].sum()) * weight
            if not np.allclose(ours, wanted, check.rtol, atol):
                text = _mismatch(ours, wanted, number, place, forward)
                raise GradcheckError(text + _slowly(check, number, place, forward))


def _slowly(check: _Check, number: int, place: int, forward: bool) -> str:
    """What `fast_mode` found, told again entry by entry."""
    theirs = D.numerical(check.func, check.inputs, check.eps)[place][number]
    if forward:
        ours = D.forward(check.func, check.inputs)[place][number]
    else:
        ours = D.backward(check.inputs, check.outputs[number], float("inf"), False)[place]
    gap = wrap(np.abs(theirs - ours).max())
    text = (
        "\nThe above quantities relating the numerical and analytical jacobians are computed \n"
        "in fast mode. See: https://github.com/pytorch/pytorch/issues/53876 for more background \n"
        "about fast mode. Below, we recompute numerical and analytical jacobians in slow mode:\n\n"
        f"Numerical:\n {wrap(theirs)}\nAnalytical:\n{wrap(ours)}\n\n"
        f"The max per-element difference (slow mode) is: {gap}.\n"
    )
    return text + (_SLOW_IS_WELL if np.allclose(ours, theirs, check.rtol, check.atol) else "")


# -- other things a derivative must do -------------------------------------------------------------


def _check_backward(check: _Check, batched: bool, undefined_grad: bool) -> None:
    for out in check.outputs if batched else ():
        _check_batched(check, out)
    _check_scaled(check)
    if undefined_grad:
        undefined.backward(check.func, check.inputs, len(check.outputs))


def _check_scaled(check: _Check) -> None:
    """A cotangent of zero must give gradients of zero."""
    if not check.outputs:
        return
    zeros = [zeros_like(o) for o in check.outputs]
    found = grad(check.outputs, followed(check.inputs), zeros, allow_unused=True)
    for one, x in zip(found, followed(check.inputs), strict=True):
        if one is None:
            continue
        if np.any(one._data != 0):
            raise GradcheckError("backward not multiplied by grad_output")
        if one.dtype is not x.dtype:
            raise GradcheckError("grad is incorrect type")
        if one.size() != x.size():
            raise GradcheckError("grad is incorrect size")


def _check_batched(check: _Check, out: Any) -> None:
    xs = followed(check.inputs)

    def pull(v: Any) -> Tensors:
        found = grad(out, xs, v, retain_graph=True, allow_unused=True)
        return tuple(zeros_like(x) if g is None else g for g, x in zip(found, xs, strict=True))

    _check_mapped(pull, [randn_like(out) for _ in range(2)])


def _check_batched_forward(check: _Check) -> None:
    for place, x in enumerate(check.inputs):
        if not (isinstance(x, Tensor) and x.requires_grad):
            continue

        def push(tangent: Any, place: int = place, x: Any = x) -> Tensors:
            given = [i.detach() if isinstance(i, Tensor) else i for i in check.inputs]
            return undefined.pushed(check.func, given, place, x.detach(), tangent)

        _check_mapped(push, [randn_like(x) for _ in range(2)])


def _check_mapped(function: Callable[[Any], Tensors], vectors: list[Any]) -> None:
    """What `vmap` makes of a product must be that of one vector after the other."""
    stack = FUNCTIONS["stack"]
    each = [stack(list(parts)) for parts in zip(*map(function, vectors), strict=True)]
    mapped = vmap(function)(stack(vectors))
    for res, exp in zip(mapped, each, strict=True):
        if not FUNCTIONS["allclose"](res, exp):
            raise GradcheckError(f"Got:\n{res}\n\nExpected:\n{exp}")


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
    _need(
        check_fwd_over_rev or check_rev_over_rev,
        "Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True",
    )
    for name, wanted in (
        ("check_undefined_grad", check_undefined_grad),
        ("check_batched_grad", check_batched_grad),
    ):
        _need(
            check_rev_over_rev or not wanted,
            f"Setting {name}=True requires check_rev_over_rev to be True",
        )
    xs = as_tuple(inputs)
    vectors = as_tuple(grad_outputs) if grad_outputs is not None else _random(func, xs)
    count = len(vectors)
    x_places = {i for i, x in enumerate(xs) if isinstance(x, Tensor) and x.requires_grad}
    v_places = {i for i, v in enumerate(vectors) if v.requires_grad}

    def gradients(*args: Any) -> Any:
        given = _marked(args[:-count], x_places)
        outputs = tuple(o for o in as_tuple(func(*given)) if o.requires_grad)
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
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        fast_mode=fast_mode,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        masked=masked,
    )


def _marked(args: Tensors, places: set[int]) -> Tensors:
    return tuple(a.requires_grad_() if i in places else a for i, a in enumerate(args))


def _random(func: Any, inputs: Tensors) -> Tensors:
    outputs = (o for o in as_tuple(func(*inputs)) if o.requires_grad)
    made = []
    for out in outputs:
        kind = out.dtype if out.is_floating_point() else get_default_dtype()
        drawn: Any = rand(out.shape, dtype=kind)
        made.append((drawn * 2 - 1).requires_grad_())
    return tuple(made)


_SLOW_IS_WELL = (
    "Fast gradcheck failed but element-wise differences are small. This means that the\n"
    "test might've passed in slow_mode!\n\n"
    "If you are adding a new operator, please file an issue and then use one of the\n"
    "workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck:\n\n"
    "If the test\n"
    "- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck\n"
    "  with `fast_mode=False` as a keyword argument.\n"
    "- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test\n"
    "  to have `gradcheck_fast_mode=False`\n"
    "- is a Module test (e.g., in common_nn.py), then modify the corresponding\n"
    "  module_test entry to have `gradcheck_fast_mode=False`"
)
