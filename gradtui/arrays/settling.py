"""Gives a run numpy: guards of its functions, methods of its values, prices of its operators."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtui.arrays import callers, functions, methods, printing, signatures, tables
from gradtui.arrays.callers import Ufunc
from gradtui.arrays.draws import MODULE, Draws
from gradtui.arrays.functions import Kit
from gradtui.arrays.prices import product
from gradtui.arrays.values import SCALARS
from gradtui.language.methods import OnDemand
from gradtui.language.tables import words

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

MADE = (np.dtype, np.finfo, np.iinfo)


def settle(runtime: "Runtime") -> None:
    """Puts everything in its place."""
    kit = Kit(runtime)
    draws = Draws(kit)
    runtime.guards.update(_guards(kit, draws))
    runtime.origins.update(runtime.world.origins)
    runtime.methods.table.base.update(_methods(kit, draws))
    runtime.methods.table.clear()
    _meter(kit)


def _guards(kit: Kit, draws: Draws) -> dict[int, Callable[..., Any]]:
    found: dict[int, Callable[..., Any]] = {}
    for path in signatures.ROWS:
        value = _at(path)
        if value is not None:
            call = functions.guard(kit, path, value)
            found[id(value)] = Ufunc(kit, value, call) if isinstance(value, np.ufunc) else call
    for name in callers.NAMES:
        found[id(getattr(np, name))] = callers.function(kit, name)
    for name in printing.PRINTING:
        found[id(getattr(np, name))] = printing.function(kit, name)
    for name in [*MODULE, "RandomState"]:
        found[id(getattr(np.random, name))] = draws.function(name)
    for name in tables.TYPES:
        kind = getattr(np, name, None)
        if kind is not None:
            found[id(kind)] = _constructor(kit, name, kind)
    found[id(np.random.Generator)] = functions.not_made("random.Generator")
    return found


def _at(path: str) -> Any:
    found: Any = np
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def _constructor(kit: Kit, name: str, kind: Any) -> Callable[..., Any]:
    if kind in MADE:
        return functions.described(kit, kind)
    if kind in SCALARS:
        return functions.scalar_type(kit, kind)
    return functions.not_made(name)


def _methods(kit: Kit, draws: Draws) -> dict[type, Any]:
    def of(names: str) -> OnDemand:
        known = (name for name in words(names) if name in methods.PARAMETERS)
        return OnDemand(lambda name: methods.handler(kit, name), known)

    generator = OnDemand(draws.handler, (*tables.DRAWS, *tables.GENERATOR))
    legacy = OnDemand(draws.handler, (*tables.DRAWS, *tables.LEGACY))
    return {
        np.ndarray: of(tables.ARRAY),
        np.generic: of(tables.SCALAR),
        np.random.Generator: generator,
        np.random.RandomState: legacy,
    }


def _meter(kit: Kit) -> None:
    """Prices of operators on arrays, and of arrays among what has elements."""
    meters, spent, values = kit.runtime.meters, kit.prices, kit.values
    shaped = kit.runtime.world.shaped
    meters.shaped = meters.elements.shaped = shaped
    meters.elements.foreign = (np.generic,)
    meters.elements.foreign_text = lambda a: printing.text_cost(int(a.size))
    tensors_only = meters.mixed

    def mixed(name: str, a: Any, b: Any) -> None:
        if not isinstance(a, shaped[1:]) and not isinstance(b, shaped[1:]):
            tensors_only(name, a, b)
            return
        if name == "mul" and _repeats(kit, a, b):
            return
        values.operand(f"the operator {name}", a)
        values.operand(f"the operator {name}", b)
        if name == "matmul":
            product(spent, a, b)
        else:
            spent.pair(a, b)

    def index(array: Any, key: Any) -> None:
        values.plain("an index", key)
        spent.index(array, key)

    def flat(entries: Any, key: Any) -> None:
        values.plain("an index", key)
        kit.budget.elements(1 if isinstance(key, int) else entries.base.size)

    def put(array: Any, key: Any, value: Any) -> None:
        values.plain("an item", value)
        spent.put(array, key, value)

    meters.mixed = mixed
    meters.setters.base[np.ndarray] = put
    meters.setters.clear()
    for name, table in meters.operators.items():
        plain = name.removeprefix("i") if name not in ("is", "index", "invert") else name
        meter = _of(mixed, plain)
        table.base.update({np.ndarray: meter, np.generic: meter})
        table.clear()
    for name in ("contains", "not_contains"):
        table = meters.operators[name]
        table.base.update({np.ndarray: meters.contains, np.generic: meters.contains})
    getitem = meters.operators["getitem"]
    places = {type(getattr(np, name)) for name in callers.PLACES}
    for kind in places:
        getitem.base[kind] = lambda maker, key: callers.place_cost(kit, maker, key)
    getitem.base.update({np.ndarray: index, np.generic: index, np.flatiter: flat})
    meters.setters.base[np.flatiter] = lambda owner, key, value: put(owner.base, ..., value)


def _of(mixed: Callable[[str, Any, Any], None], name: str) -> Callable[[Any, Any], None]:
    return lambda a, b: mixed(name, a, b)


def _repeats(kit: Kit, a: Any, b: Any) -> bool:
    """Charges for a list or a text that one of numpy's integers repeats; whether it is that."""
    if isinstance(b, list | tuple | str):
        a, b = b, a
    if not (isinstance(a, list | tuple | str) and isinstance(b, np.integer)):
        return False
    count = len(a) * max(int(b), 0)
    budget = kit.runtime.budget
    (budget.text if isinstance(a, str) else budget.items)(count)
    return True
