"""`torch.autograd.functional`: Jacobians and Hessians, and their products with vectors.

Each takes a function of tensors and the tensors to evaluate it at. With `create_graph=True` the
results can be differentiated again; with `strict=True` an output that does not depend on an input
is an error instead of a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.autograd.entry import grad, rows_of
from gradtui.engine.creation import zeros_like
from gradtui.engine.func.pushed import columns_of, towards_all
from gradtui.engine.levels import close_levels, open_levels
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import enable_grad, set_grad_enabled
from gradtui.engine.tensor import Tensor, wrap

Tensors = tuple[Any, ...]

# -- arguments and results ------------------------------------------------------------------------


def _listed(value: Any, role: str, name: str) -> tuple[bool, Tensors]:
    """Whether a tuple was given, and what was given as one."""
    several = isinstance(value, tuple)
    found = value if several else (value,)
    for place, one in enumerate(found):
        if not isinstance(one, Tensor):
            where = f"value at index {place}" if several else f"given {role}"
            raise TypeError(
                f"The {role} given to {name} must be either a Tensor or a tuple of Tensors but the "
                f"{where} has type {type(one)}."
            )
    return several, found


def _prepared(inputs: Tensors, create_graph: bool, follow: bool) -> Tensors:
    """Inputs of our own: views when their history is wanted, else leaves."""
    return tuple(
        x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(follow)
        for x in inputs
    )


def _released(found: Tensors, create_graph: bool) -> Tensors:
    return found if create_graph else tuple(f.detach() for f in found)


def _unpacked(found: Any, several: bool) -> Any:
    return found if several else found[0]


def _check_vector(v: Tensors, other: Tensors, several: bool) -> None:
    if len(v) != len(other):
        if several:
            raise RuntimeError(
                f"v is a tuple of invalid length: should be {len(other)} but got {len(v)}."
            )
        raise RuntimeError("The given v should contain a single Tensor.")
    for place, (one, like) in enumerate(zip(v, other, strict=True)):
        if one.size() != like.size():
            entry = f"Entry {place} in " if several else ""
            raise RuntimeError(
                f"{entry}v has invalid size: should be {like.size()} but got {one.size()}."
            )


_NEEDS_GRAD = {
    "outputs": (
        "Output {} of the user-provided function does not require gradients. The outputs must be "
        "computed in a differentiable manner from the input when running in strict mode."
    ),
    "grad_inputs": (
        "The gradient with respect to input {} is independent of the inputs of the user-provided "
        "function. This is not allowed in strict mode."
    ),
    "jacobian": (
        "While computing the hessian, found that the jacobian of the user-provided function with "
        "respect to input {} is independent of the input. This is not allowed in strict mode. You "
        "should ensure that your function is twice differentiable and that the jacobian depends on "
        "the inputs (this would be violated by a linear function for example)."
    ),
    "hessian": (
        "The hessian of the user-provided function with respect to input {} is independent of the "
        "input. This is not allowed in strict mode. You should ensure that your function is thrice "
        "differentiable and that the hessian depends on the inputs."
    ),
}
_INDEPENDENT = (
    "The output of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode."
)
_MISSING = {
    "back": _INDEPENDENT,
    "back_trick": (
        "The gradient with respect to the input is independent of entry {} in the grad_outputs "
        "when using the double backward trick to compute forward mode gradients. This is not "
        "allowed in strict mode."
    ),
    "double_back": (
        "The jacobian of the user-provided function is independent of input {}. This is not "
        "allowed in strict mode."
    ),
    "double_back_trick": (
        "The hessian of the user-provided function is independent of entry {} in the "
        "grad_jacobian. This is not allowed in strict mode as it prevents from using the double "
        "backward trick to replace forward mode AD."
    ),
}
_CONSTANT = (
    "The {} of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode when create_graph=True."
)


def _check_follows(found: Sequence[Any], kind: str, strict: bool) -> None:
    for place, one in enumerate(found if strict else ()):
        if one is None:
            raise RuntimeError(_INDEPENDENT.format(place))
        if not one.requires_grad:
            raise RuntimeError(_NEEDS_GRAD[kind].format(place))


def _gradients(
    outputs: Tensors, inputs: Tensors, vectors: Tensors | None = None, create_graph: bool = False
) -> Tensors:
    """Gradients of the outputs that have any; None where an input was not used."""
    vectors = (None,) * len(outputs) if vectors is None else vectors
    pairs = [
        (o, v) for o, v in zip(outputs, vectors, strict=True) if o is not None and o.requires_grad
    ]
    if not pairs:
        return (None,) * len(inputs)
    found: Tensors = grad(
        tuple(o for o, _ in pairs),
        inputs,
        tuple(v for _, v in pairs),
        allow_unused=True,
        create_graph=create_graph,
    )
    return found


def _completed(
    found: Tensors, like: Tensors, strict: bool, create_graph: bool, stage: str
) -> Tensors:
    """Zeros in the place of None, or an error when strict."""
    out = []
    for place, (one, ref) in enumerate(zip(found, like, strict=True)):
        if one is None and strict:
            raise RuntimeError(_MISSING[stage].format(place))
        if one is not None and strict and create_graph and not one.requires_grad:
            what = "hessian" if "double" in stage else "jacobian"
            raise RuntimeError(_CONSTANT.format(what, place))
        out.append(zeros_like(ref) if one is None else one)
    return tuple(out)


def _vector(v: Any, like: Tensors, several: bool, name: str, needed: str, create: bool) -> Any:
    """The vector given, checked; None is for single numbers only."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(needed)
        return None
    _, v = _listed(v, "v", name)
    v = _prepared(v, create, False)
    _check_vector(v, like, several)
    return v


_NEEDS_OUTPUT = (
    "The vector v can only be None if the user-provided function returns a single Tensor with a "
    "single element."
)
_NEEDS_INPUT = (
    "The vector v can only be None if the input to the user-provided function is a single Tensor "
    "with a single element."
)
_OUTPUTS = "outputs of the user-provided function"

# -- products -------------------------------------------------------------------------------------


def vjp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """The outputs and v·J."""
    with enable_grad():
        several, xs = _listed(inputs, "inputs", "vjp")
        xs = _prepared(xs, create_graph, True)
        tuple_out, outs = _listed(func(*xs), _OUTPUTS, "vjp")
        _check_follows(outs, "outputs", strict)
        v = _vector(v, outs, tuple_out, "vjp", _NEEDS_OUTPUT, create_graph)
    with set_grad_enabled(create_graph or state.grad_enabled):
        found = _gradients(outs, xs, v, create_graph)
        found = _completed(found, xs, strict, create_graph, "back")
    outs, found = _released(outs, create_graph), _released(found, create_graph)
    return _unpacked(outs, tuple_out), _unpacked(found, several)


def jvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """The outputs and J·v, by differentiating u·J with respect to u."""
    with enable_grad():
        several, xs = _listed(inputs, "inputs", "jvp")
        xs = _prepared(xs, create_graph, True)
        v = _vector(v, xs, several, "jvp", _NEEDS_INPUT, create_graph)
        tuple_out, outs = _listed(func(*xs), _OUTPUTS, "jvp")
        _check_follows(outs, "outputs", strict)
        dummies = tuple(zeros_like(o, requires_grad=True) for o in outs)
        pulled = _gradients(outs, xs, dummies, create_graph=True)
        _check_follows(pulled, "grad_inputs", strict)
    with set_grad_enabled(create_graph or state.grad_enabled):
        found = _gradients(pulled, dummies, v, create_graph)
        found = _completed(found, outs, strict, create_graph, "back_trick")
    outs, found = _released(outs, create_graph), _released(found, create_graph)
    return _unpacked(outs, tuple_out), _unpacked(found, tuple_out)


def _scalar(outs: Tensors, several: bool, name: str) -> None:
    if several:
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    if outs[0].numel() != 1:
        raise RuntimeError(
            f"The Tensor returned by the function given to {name} should contain a single element"
        )


def _first_gradient(
    func: Callable[..., Any], inputs: Any, v: Any, create_graph: bool, strict: bool, name: str
) -> tuple[bool, Tensors, Tensors, Tensors, Any]:
    """Inputs, outputs, the gradient with its graph, and the vector: where vhp and hvp begin."""
    several, xs = _listed(inputs, "inputs", name)
    xs = _prepared(xs, create_graph, True)
    v = _vector(v, xs, several, name, _NEEDS_INPUT, create_graph)
    tuple_out, outs = _listed(func(*xs), _OUTPUTS, name)
    _check_follows(outs, "outputs", strict)
    _scalar(outs, tuple_out, name)
    slope = _gradients(outs, xs, create_graph=True)
    _check_follows(slope, "jacobian", strict)
    return several, xs, outs, slope, v


def vhp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """The output and v·H of a function to one number."""
    with enable_grad():
        several, xs, outs, slope, v = _first_gradient(func, inputs, v, create_graph, strict, "vhp")
    with set_grad_enabled(create_graph or state.grad_enabled):
        found = _gradients(slope, xs, v, create_graph)
        found = _completed(found, xs, strict, create_graph, "double_back")
    outs, found = _released(outs, create_graph), _released(found, create_graph)
    return outs[0], _unpacked(found, several)


def hvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """The output and H·v of a function to one number."""
    with enable_grad():
        several, xs, outs, slope, v = _first_gradient(func, inputs, v, create_graph, strict, "hvp")
        dummies = tuple(zeros_like(x, requires_grad=True) for x in xs)
        pulled = _gradients(slope, xs, dummies, create_graph=True)
        _check_follows(slope, "hessian", strict)
    with set_grad_enabled(create_graph or state.grad_enabled):
        found = _gradients(pulled, dummies, v, create_graph)
        found = _completed(found, xs, strict, create_graph, "double_back_trick")
    outs, found = _released(outs, create_graph), _released(found, create_graph)
    return outs[0], _unpacked(found, several)


# -- whole matrices -------------------------------------------------------------------------------

_STRATEGIES = ("forward-mode", "reverse-mode")


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """d output / d input for every pair of them, shaped output.shape + input.shape."""
    _check_strategy(strategy, create_graph, strict)
    if strategy == "forward-mode":
        return _forward_jacobian(func, inputs, vectorize)
    with enable_grad():
        several, xs = _listed(inputs, "inputs", "jacobian")
        xs = _prepared(xs, create_graph, True)
        tuple_out, outs = _listed(func(*xs), _OUTPUTS, "jacobian")
        _check_follows(outs, "outputs", strict)
        if vectorize and strict:
            raise RuntimeError(_STRICT_VECTORS)
        if vectorize and create_graph:
            return _joint_jacobian(outs, xs, tuple_out, several)
        blocks = _recorded_blocks if create_graph else _plain_blocks
        found = tuple(blocks(out, xs, place, strict) for place, out in enumerate(outs))
    return _unpacked(tuple(_unpacked(row, several) for row in found), tuple_out)


def _forward_jacobian(func: Callable[..., Any], inputs: Any, vectorize: bool) -> Any:
    """The same in one run of the function, on a level for every entry of the inputs."""
    several, xs = _listed(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian is"
            "only implemented for `vectorize=True`."
        )
    opened = open_levels(sum(x.numel() for x in xs))
    try:
        tuple_out, outs = _listed(func(*towards_all(xs, opened)), "outputs", "None")
        found = [_blocks_of(columns_of(out, opened), out, xs) for out in outs]
    finally:
        close_levels(opened)
    return _unpacked(found if several else tuple(row[0] for row in found), tuple_out)


def _blocks_of(columns: Any, out: Any, xs: Tensors) -> list[Any]:
    """The derivatives of one output by every input, from those of all their entries, stacked."""
    parts = FUNCTIONS["split_with_sizes"](columns, [x.numel() for x in xs], 0)
    order = (*range(1, columns.dim()), 0)
    return [p.permute(order).reshape(out.size() + x.size()) for p, x in zip(parts, xs, strict=True)]


def _joint_jacobian(outs: Tensors, xs: Tensors, tuple_out: bool, several: bool) -> Any:
    """Every row of every output in one stack for each input, as torch's vmap computes them."""
    rows = [_gradients((e,), xs, create_graph=True) for o in outs for e in o.reshape(-1)]
    stacks = [
        FUNCTIONS["stack"]([zeros_like(x) if g is None else g for g in column], 0)
        for column, x in zip(zip(*rows, strict=True), xs, strict=True)
    ]
    sizes = [o.numel() for o in outs]
    parts = [FUNCTIONS["split_with_sizes"](stack, sizes, 0) for stack in stacks]
    found = tuple(
        tuple(part[n].view(o.size() + x.size()) for part, x in zip(parts, xs, strict=True))
        for n, o in enumerate(outs)
    )
    return _unpacked(tuple(_unpacked(row, several) for row in found), tuple_out)


_STRICT_VECTORS = (
    "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported "
    "together. Please either set `strict=False` or `vectorize=False`."
)


def _check_strategy(strategy: str, create_graph: bool, strict: bool) -> None:
    if strategy not in _STRATEGIES:
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your '
            'function has more outputs than inputs, "forward-mode" tends to be more performant. '
            'Otherwise, prefer to use "reverse-mode".'
        )
    start = "torch.autograd.functional.jacobian: "
    forward = strategy == "forward-mode"
    if forward and create_graph:
        raise NotImplementedError(
            f'{start}`create_graph=True` and `strategy="forward-mode"` are not supported together '
            '(yet). Please either set `create_graph=False` or `strategy="reverse-mode"`.'
        )
    if forward and strict:
        raise RuntimeError(
            f'{start}`strict=True` and `strategy="forward-mode"` are not supported together (yet). '
            'Please either set `strict=False` or `strategy="reverse-mode"`.'
        )


def _plain_blocks(out: Any, xs: Tensors, place: int, strict: bool) -> Tensors:
    """The rows of one output by backward passes over arrays, one for each of its entries."""
    shape, kind, size = out._data.shape, out._data.dtype, out._data.size
    found = rows_of(out, xs, np.eye(size, dtype=kind).reshape(size, *shape))
    blocks = []
    for index, (column, x) in enumerate(zip(found, xs, strict=True)):
        if column is None and strict:
            raise RuntimeError(
                f"Output {place} of the user-provided function is independent of input {index}. "
                "This is not allowed in strict mode."
            )
        full = (*shape, *x._data.shape)
        blocks.append(
            wrap(np.zeros(full, x._data.dtype) if column is None else column.reshape(full))
        )
    return tuple(blocks)


def _recorded_blocks(out: Any, xs: Tensors, place: int, strict: bool) -> Tensors:
    """The same with tensors, so that the Jacobian itself has a graph."""
    columns: list[list[Any]] = [[] for _ in xs]
    for entry in range(out.numel()):
        row = _gradients((out.reshape(-1)[entry],), xs, create_graph=True)
        for index, (column, one, x) in enumerate(zip(columns, row, xs, strict=True)):
            if one is None and strict:
                raise RuntimeError(
                    f"Output {place} of the user-provided function is independent of input {index}."
                    " This is not allowed in strict mode."
                )
            if one is not None and strict and not one.requires_grad:
                raise RuntimeError(_CONSTANT.format("jacobian", place))
            column.append(zeros_like(x) if one is None else one)
    return tuple(
        FUNCTIONS["stack"](column, 0).view(out.size() + x.size())
        for column, x in zip(columns, xs, strict=True)
    )


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function to one number: the Jacobian of its gradient."""
    several, xs = _listed(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in _STRATEGIES:
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def number(*given: Any) -> Any:
        out = func(*given)
        tuple_out, outs = _listed(out, _OUTPUTS, "hessian")
        _check_follows(outs, "outputs", strict)
        _scalar(outs, tuple_out, "hessian")
        return out.squeeze()

    def slope(*given: Any) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            given = tuple(x.requires_grad_() for x in given)
        found = jacobian(number, given, create_graph=True)
        _check_follows(found, "jacobian", strict)
        return found

    found = jacobian(slope, xs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return found if several else found[0][0]
