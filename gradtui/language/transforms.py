"""Functions that take functions: `jacobian`, `torch.func.grad`, `vmap` and the backward passes.

What they multiply is charged inside the lesson's function, where its true shapes are known: a
Jacobian by inputs times outputs, a vmap by its batch.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def _metered_function(
    runtime: "Runtime",
    function: Any,
) -> Any:
    """`function`, charging for the matrix of its outputs by its inputs once it has answered."""
    call, elements, budget = runtime.safe(function), runtime.meters.elements, runtime.budget

    def metered(*args: Any, **kwargs: Any) -> Any:
        inputs = _numel(elements, *args)
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


def scaled(runtime: "Runtime", callee: Any) -> Callable[..., Any]:
    """`vmap(f)` and the forward- and reverse-mode Jacobians: all that f does is done for a whole
    batch.
    """

    name = callee.__name__

    def guarded(func: Any, *options: Any, **kwargs: Any) -> Any:
        inner = _metered_function(runtime, func) if name == "jacrev" else runtime.safe(func)
        made = callee(inner, *options, **kwargs)

        def run(*args: Any, **named: Any) -> Any:
            batch = _batch(runtime, name, args)
            if name in ("jacfwd", "hessian"):
                runtime.budget.elements(batch * batch, name)
            with _scaled(runtime, batch):
                return made(*args, **named)

        return _named_like(run, func)

    return guarded


def _batch(runtime: "Runtime", name: str, args: tuple[Any, ...]) -> int:
    shapes = list(runtime.meters.elements.shapes(*args))
    if name == "vmap":
        return max((max(shape) for shape in shapes if shape), default=1)
    return max(_numel(runtime.meters.elements, *args), 1)


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
    "torch.func.jacrev": scaled,
    "torch.func.jacfwd": scaled,
    "torch.func.hessian": scaled,
    "torch.func.vmap": scaled,
    "torch.vmap": scaled,
    "torch.autograd.grad": backward,
    "torch.autograd.backward": backward,
    "torch.autograd.gradcheck": checked,
    "torch.autograd.gradgradcheck": checked,
}
