"""Functions from forward mode: J·u, Jacobians column by column, linear approximations.

A Jacobian takes one run of the function: every column has a direction of its own, and all travel
together.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import levels
from gradtui.engine.autograd.forward_ad import check_floating, dual
from gradtui.engine.creation import zeros_like
from gradtui.engine.description import TRACKING
from gradtui.engine.func.batches import watched_draws
from gradtui.engine.func.reverse import check_outputs, chosen, jacrev, split, transforming
from gradtui.engine.levels import Level, asleep, tangent_of
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.tensor import Tensor, wrap
from gradtui.engine.trees import flatten, spec, transform

Function = Callable[..., Any]
JVP = "jvp(f, primals, tangents)"


def jvp(
    func: Function, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> Any:
    """The value of `func` and J·v, both structured as what it returns."""
    if not isinstance(primals, tuple):
        raise RuntimeError(
            f"{JVP}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals)."
        )
    _check_structure(primals, tangents)
    leaves, rebuild = flatten(primals)
    vectors, _ = flatten(tangents)
    _check_tensors(leaves, "primals")
    _check_tensors(vectors, "tangents")
    opened = levels.open_levels()
    try:
        duals = [_dual(x, v, opened[0]) for x, v in zip(leaves, vectors, strict=True)]
        aux, outs, arrange = _run(func, rebuild(duals), has_aux, opened)
        pushed = [_moved(o, opened[0], strict) for o in outs]
        value = arrange([_still(o, opened[0]) for o in outs])
    finally:
        levels.close_levels(opened)
    return (value, arrange(pushed), aux) if has_aux else (value, arrange(pushed))


def _dual(primal: Any, tangent: Any, level: Level) -> Any:
    check_floating(primal, tangent)
    return dual(primal, tangent, level)


def _check_structure(primals: Any, tangents: Any) -> None:
    if spec(primals) != spec(tangents):
        raise RuntimeError(
            f"{JVP}: Expected primals and tangents to have the same python structure. For example, "
            "if primals is a tuple of 3 tensors, tangents also must be. Got primals with structure "
            f"{spec(primals)} and tangents with structure {spec(tangents)}"
        )


def _check_tensors(values: Sequence[Any], role: str) -> None:
    if not values:
        raise RuntimeError(f"{JVP}: Expected {role} to contain at least one Tensor.")
    for value in values:
        if not isinstance(value, Tensor):
            raise RuntimeError(f"{JVP}: Expected {role} to only contain Tensors, got {type(value)}")


def _run(func: Function, args: Any, has_aux: bool, opened: list[Level]) -> tuple[Any, ...]:
    """The aux of a function of dual tensors, without tangents; its results, and the way back."""
    with transforming("jvp"):
        TRACKING[-1] = lambda x: tangent_of(x, opened[0]) is not None
        out, aux = split(func(*args), has_aux, JVP)
    outs, arrange = flatten(out)
    check_outputs(outs, JVP)
    if has_aux:
        aux = transform(lambda x: _still(x, opened[0]), aux)
    return aux, outs, arrange


def _still(x: Any, level: Level) -> Any:
    """A result as it is outside the level: it moves in no direction of it."""
    if not isinstance(x, Tensor):
        raise RuntimeError(f"Expected tensors, got unsupported type {type(x)}")
    with asleep(level.depth):
        return FUNCTIONS["alias"](x)


def _moved(x: Tensor, level: Level, strict: bool = False) -> Any:
    found = tangent_of(x, level)
    if found is None and strict:
        raise RuntimeError(
            "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. "
            "This is not allowed with strict=True."
        )
    return zeros_like(x) if found is None else found


# -- Jacobians -------------------------------------------------------------------------------------


def jacfwd(
    func: Function, argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Function:
    """A function that returns the Jacobian of `func`, shaped output.shape + input.shape."""

    @functools.wraps(func)
    def call(*args: Any) -> Any:
        numbers = chosen(argnums, len(args))
        leaves, rebuild = flatten(tuple(args[n] for n in numbers))
        opened = levels.open_levels(sum(x.numel() for x in leaves))
        try:
            given = list(args)
            moving = rebuild(towards_all(leaves, opened))
            for n, value in zip(numbers, moving, strict=True):
                given[n] = value
            with watched_draws(randomness), transforming("vmap"):
                aux, outs, arrange = _run(func, given, has_aux, opened)
            blocks = [rebuild(blocks_of(o, leaves, opened)) for o in outs]
        finally:
            levels.close_levels(opened)
        found = arrange([b[0] if isinstance(argnums, int) else b for b in blocks])
        return (found, aux) if has_aux else found

    return call


def towards_all(leaves: Sequence[Any], opened: list[Level]) -> list[Any]:
    """Views of the inputs, of which every entry moves on a level of its own."""
    made, rest = [], iter(opened)
    for x in leaves:
        moving: Any = FUNCTIONS["view"](x, x.shape)
        for place in np.ndindex(*x.shape):
            unit = np.zeros(x.shape, x._data.dtype)
            unit[place] = 1
            level = next(rest)
            levels.check_tangent(moving, level, wrap(unit))
            levels.set_tangent(moving, level, wrap(unit))
        made.append(moving)
    return made


def columns_of(out: Tensor, opened: list[Level]) -> Any:
    """The tangents of an output on every level, stacked."""
    return FUNCTIONS["stack"]([_moved(out, level) for level in opened], 0)


def blocks_of(out: Tensor, leaves: Sequence[Any], opened: list[Level]) -> list[Any]:
    """The derivatives of one output by every input, its columns gathered from the levels."""
    whole = FUNCTIONS["movedim"](columns_of(out, opened), 0, -1)
    parts = FUNCTIONS["split_with_sizes"](whole, [x.numel() for x in leaves], -1)
    return [
        part.unflatten(-1, x.shape) if x.shape else part.squeeze(-1)
        for part, x in zip(parts, leaves, strict=True)
    ]


def hessian(func: Function, argnums: Any = 0) -> Function:
    """A function that returns the second derivatives of `func`, forward over reverse."""
    return jacfwd(jacrev(func, argnums), argnums)


# -- linear approximation --------------------------------------------------------------------------


def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """The value of `func` at `primals`, and the function from tangents to J·v there."""
    leaves, rebuild = flatten(primals)
    kept = rebuild([x.detach().clone() for x in leaves])
    value = func(*primals)

    def push(*tangents: Any) -> Any:
        if spec(tangents) != spec(primals):
            raise RuntimeError(
                f"Expected the tangents {spec(tangents)} to have the same argspec as the primals "
                f"{spec(primals)}"
            )
        for place, (t, x) in enumerate(zip(flatten(tangents)[0], leaves, strict=True)):
            _check_fits(place, "shape", t.shape, x.shape)
            _check_fits(place, "dtype", t.dtype, x.dtype)
        return jvp(func, kept, tangents)[1]

    return value, push


def _check_fits(place: int, what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise RuntimeError(
            f"tangent:{place} with {what} {found} in flattened pytree doesn't match the {what} "
            f"{wanted} of the corresponding primal."
        )
