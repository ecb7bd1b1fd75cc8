"""The engine's functions and classes as lesson code calls them: priced, drawn from, and handed safe
callbacks.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtui.language import standard
from gradtui.language.draws import RANDOM, drawn
from gradtui.language.guests import brought
from gradtui.language.late import construction
from gradtui.language.meters import TypeTable
from gradtui.language.module_costs import CONSTRUCTION, call_cost
from gradtui.language.tables import whole
from gradtui.language.tensor_costs import tensor_cost
from gradtui.language.transforms import TRANSFORMS
from gradtui.language.work_costs import linalg_cost

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

FREE = frozenset(
    {
        "time",
        "typing",
        "__future__",
        "collections",
        "collections.abc",
        "sys",
        "io",
        *standard.MODULES,
    }
)


def world_guards(runtime: "Runtime") -> dict[int, Callable[..., Any]]:
    """For each callable of the world, by identity: what a call of it runs."""
    found: dict[int, Callable[..., Any]] = {}
    for module, view in runtime.world.modules.items():
        if module not in FREE and not brought(runtime.world, module):
            for name, value in view.members.items():
                if callable(value) and id(value) not in found:
                    guard = _guard(runtime, module, name, value)
                    if guard is not None:
                        found[id(value)] = guard
    return found


def _guard(runtime: "Runtime", module: str, name: str, callee: Any) -> Callable[..., Any] | None:
    transform = TRANSFORMS.get(f"{module}.{name}")
    if transform is not None:
        return transform(runtime, callee)
    if module == "math":
        return _math_guard(runtime, name, callee)
    if isinstance(callee, type) and not (module == "torch" and name.endswith("Tensor")):
        return _constructor_guard(runtime, module, name, callee)
    return _function_guard(runtime, module, name, callee)


def _function_guard(runtime: "Runtime", module: str, name: str, callee: Any) -> Callable[..., Any]:
    own = linalg_cost(name) if module == "torch.linalg" else None
    cost = tensor_cost(name) if own is None else own
    elements = runtime.meters.elements
    random = module == "torch" and name in RANDOM
    guards = runtime.guards

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if random and runtime.draws:
            return drawn(runtime, name, args, kwargs)
        for value in args:
            if callable(value) and id(value) in guards:
                args = tuple(map(runtime.safe, args))
                break
        cost(elements, *args, **kwargs)
        return callee(*args, **kwargs)

    guarded.__name__ = guarded.__qualname__ = getattr(callee, "__name__", name)
    guarded.__module__ = module
    return guarded


def _constructor_guard(
    runtime: "Runtime", module: str, name: str, callee: Any
) -> Callable[..., Any] | None:
    cost = construction if module == "torch.distributions" else CONSTRUCTION.get(name)
    elements = runtime.meters.elements
    if cost is None:
        return None

    def guarded(*args: Any, **kwargs: Any) -> Any:
        cost(elements, *elements.in_python(args), **elements.in_python(kwargs))
        return callee(*args, **kwargs)

    return guarded


def _math_guard(runtime: "Runtime", name: str, callee: Any) -> Callable[..., Any] | None:
    budget = runtime.budget

    def factorial(n: Any) -> None:
        number = whole(n)
        if number is not None and number > 20:
            budget.integer(number * number.bit_length())

    def choices(n: Any, k: Any = None) -> None:
        number, chosen = whole(n), whole(k)
        if number is not None:
            few = number if chosen is None else min(chosen, number)
            budget.integer(max(few, 0) * number.bit_length())

    def consumed(*args: Any, **kwargs: Any) -> Any:
        values = list(runtime.consume(args[0])) if args else []
        if name == "prod":
            total = kwargs.get("start", 1)
            for value in values:
                runtime.meters.multiply(total, value)
                total = total * value
            return total
        return callee(values, *args[1:], **kwargs)

    def products(*args: Any) -> Any:
        budget.integer(sum((whole(a) or 0).bit_length() for a in args))
        return callee(*args)

    charges = {"factorial": factorial, "comb": choices, "perm": choices}
    if name in charges:
        return lambda *args: (charges[name](*args), callee(*args))[1]
    return {"prod": consumed, "fsum": consumed, "lcm": products, "gcd": products}.get(name)


def instance_costs(runtime: "Runtime") -> TypeTable:
    """What calling an instance of a type costs: a module's forward pass."""
    module = runtime.world.part("torch.nn.Module")
    elements = runtime.meters.elements
    if module is None:
        return TypeTable({})
    return TypeTable({module: lambda owner, *a, **k: call_cost(elements, owner, *a, **k)})
