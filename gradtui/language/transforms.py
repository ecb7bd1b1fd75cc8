"""Functions that take functions: `jacobian`, `torch.func.grad`, `vmap` and the backward passes.

What they multiply is charged inside the lesson's function, where its true shapes are known: a
Jacobian by inputs times outputs, a vmap by its batch.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import TYPE_CHECKING, Any

from gradtui.language.module_costs import CONSTRUCTION
from gradtui.language.tensor_costs import charge_graph

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

Transform = Callable[["Runtime", Any], Callable[..., Any]]


def _numel(elements: Any, *values: Any) -> int:
    total = 0
    for shape in elements.shapes(*values):
        count = 1
        for extent in shape:
            count *= extent
        total += count
    return total


@contextmanager
def _scaled(runtime: "Runtime", factor: int) -> Iterator[None]:
    budget = runtime.budget
    before = budget.scale
    budget.scale = before * max(factor, 1)
    try:
        yield
    finally:
        budget.scale = before


def _metered_function(runtime: "Runtime", function: Any, argnums: Any = None) -> Any:
    """`function`, charging for the matrix of its outputs by its inputs, or by those that `argnums`
    chooses, once it has answered.
    """
    call, elements, budget = runtime.safe(function), runtime.meters.elements, runtime.budget

    def metered(*args: Any, **kwargs: Any) -> Any:
        inputs = _numel(elements, *_chosen(args, argnums))
        spent = budget.total_elements
        result = call(*args, **kwargs)
        outputs = _numel(elements, result)
        budget.elements(max(inputs * outputs, outputs * outputs), "jacobian")
        budget.elements(outputs * (budget.total_elements - spent) // 64)
        return result

    return _named_like(metered, function)


def _named_like(function: Any, original: Any) -> Any:
    return functools.wraps(original)(function) if hasattr(original, "__name__") else function


def matrix(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """`jacobian(f, inputs)`: a row for each output."""

    def guarded(func: Any, *args: Any, **kwargs: Any) -> Any:
        return callee(_metered_function(runtime, func), *args, **kwargs)

    return guarded


def square(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """`hessian(f, inputs)`: inputs by inputs."""

    def guarded(func: Any, inputs: Any = (), *args: Any, **kwargs: Any) -> Any:
        count = _numel(runtime.meters.elements, inputs)
        runtime.budget.elements(count * count, "hessian")
        return callee(_metered_function(runtime, func), inputs, *args, **kwargs)

    return guarded


def plain(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """A transform that runs the function as often as it is called: `vjp`, `jvp`, `grad`."""

    def guarded(func: Any, *args: Any, **kwargs: Any) -> Any:
        return callee(runtime.safe(func), *args, **kwargs)

    return guarded


def _chosen(args: tuple[Any, ...], argnums: Any) -> list[Any]:
    """The arguments that `argnums`, a place or a tuple of places, names; all where it names none."""
    places = argnums if isinstance(argnums, tuple) else (argnums,)
    found = [args[n] for n in places if isinstance(n, int) and -len(args) <= n < len(args)]
    return found or list(args)


def scaled(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """The forward-mode Jacobians: all that f does is done for every input at once."""
    name = callee.__name__

    def guarded(func: Any, argnums: Any = 0, *options: Any, **kwargs: Any) -> Any:
        made = callee(runtime.safe(func), argnums, *options, **kwargs)

        def run(*args: Any, **named: Any) -> Any:
            count = max(_numel(runtime.meters.elements, *_chosen(args, argnums)), 1)
            runtime.budget.elements(count * count, name)
            with _scaled(runtime, count):
                return made(*args, **named)

        return _named_like(run, func)

    return guarded


def reverse(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """`jacrev(f)`: f runs once, and backward once for each of its outputs."""

    def guarded(func: Any, argnums: Any = 0, *options: Any, **kwargs: Any) -> Any:
        return callee(_metered_function(runtime, func, argnums), argnums, *options, **kwargs)

    return guarded


def batched(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """`vmap(f)`: all that f does is done for a whole batch."""

    def guarded(func: Any, in_dims: Any = 0, *options: Any, **kwargs: Any) -> Any:
        made = callee(runtime.safe(func), in_dims, *options, **kwargs)

        def run(*args: Any, **named: Any) -> Any:
            batch = _batch(runtime, args, in_dims)
            with _scaled(runtime, max(batch, _batch(runtime, named, 0))):
                return made(*args, **named)

        return _named_like(run, func)

    return guarded


def _batch(runtime: "Runtime", value: Any, dims: Any) -> int:
    """The length of the dimensions that `vmap` maps over, by its `in_dims`."""
    if isinstance(value, runtime.world.tensor):
        mapped = isinstance(dims, Integral) and -value.dim() <= dims < value.dim()
        return int(value.shape[dims]) if mapped else 1
    if isinstance(value, dict):
        pairs = [(v, dims.get(k) if isinstance(dims, dict) else dims) for k, v in value.items()]
    elif isinstance(value, list | tuple):
        each = isinstance(dims, list | tuple) and len(dims) == len(value)
        pairs = list(zip(value, dims if each else [dims] * len(value), strict=True))
    else:
        return 1
    runtime.budget.operations(len(pairs))
    return max((_batch(runtime, part, dim) for part, dim in pairs), default=1)


def backward(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """`autograd.grad` and `autograd.backward`: with `create_graph`, as dear as the graph is
    large.
    """

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("create_graph") or (len(args) > 3 and args[3]):
            roots = args[0] if args else kwargs.get("outputs", kwargs.get("tensors"))
            charge_graph(runtime.meters.elements, roots)
        return callee(*args, **kwargs)

    return guarded


def checked(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """`gradcheck(f, inputs)`: f runs twice for each input element."""

    def guarded(func: Any, inputs: Any = (), *args: Any, **kwargs: Any) -> Any:
        count = _numel(runtime.meters.elements, inputs)
        runtime.budget.elements(count * count)
        runtime.budget.operations(count * 1_000, "gradcheck")
        return callee(runtime.safe(func), inputs, *args, **kwargs)

    return guarded


def loading(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """`DataLoader(…)`: no processes of its own; every batch costs what its samples hold."""

    def guarded(*args: Any, **kwargs: Any) -> Any:
        CONSTRUCTION["DataLoader"](runtime.meters.elements, *args, **kwargs)
        loader = callee(*args, **kwargs)
        collate = runtime.safe(loader.collate_fn)

        def charged(batch: Any) -> Any:
            runtime.budget.elements(_numel(runtime.meters.elements, batch))
            runtime.budget.tick()
            return collate(batch)

        loader.collate_fn = charged
        return loader

    return guarded


TRANSFORMS: dict[str, Transform] = {
    "torch.autograd.functional.jacobian": matrix,
    "torch.autograd.functional.hessian": square,
    "torch.autograd.functional.vjp": plain,
    "torch.autograd.functional.jvp": plain,
    "torch.autograd.functional.vhp": plain,
    "torch.autograd.functional.hvp": plain,
    "torch.utils.data.DataLoader": loading,
    "torch.utils.checkpoint.checkpoint": plain,
    "torch.func.grad": plain,
    "torch.func.grad_and_value": plain,
    "torch.func.vjp": plain,
    "torch.func.jvp": plain,
    "torch.func.linearize": plain,
    "torch.func.jacrev": reverse,
    "torch.func.jacfwd": scaled,
    "torch.func.hessian": scaled,
    "torch.func.vmap": batched,
    "torch.vmap": batched,
    "torch.autograd.grad": backward,
    "torch.autograd.backward": backward,
    "torch.autograd.gradcheck": checked,
    "torch.autograd.gradgradcheck": checked,
}
