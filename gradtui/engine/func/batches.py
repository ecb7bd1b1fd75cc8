"""`vmap`: a function of one thing, mapped over a dimension of many."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradtui.engine import creation
from gradtui.engine.func.reverse import transforming
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.tensor import Tensor
from gradtui.engine.trees import flatten, spread

Function = Callable[..., Any]


def vmap(
    func: Function,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Function:
    """A function that maps `func` over a dimension of its arguments and stacks what it returns."""
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(
            "Only allowed values for randomness are 'error', 'different', or 'same'. Got "
            f"{randomness}"
        )

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        leaves, dims, rebuild = _mapped(func, in_dims, args)
        sizes = [x.shape[d] for x, d in zip(leaves, dims, strict=True) if d is not None]
        if not sizes:
            raise ValueError("vmap: Expected at least one Tensor to vmap over")
        if any(size != sizes[0] for size in sizes):
            raise ValueError(
                "vmap: Expected all tensors to have the same size in the mapped dimension, got "
                f"sizes {sizes} for the mapped dimension"
            )
        with watched_draws(randomness) as begin, transforming("vmap"):
            results = []
            for i in range(sizes[0]):
                begin()
                parts = [
                    x if d is None else x.select(d, i) for x, d in zip(leaves, dims, strict=True)
                ]
                results.append(func(*rebuild(parts), **kwargs))
        return _stacked(results, out_dims, func)

    return call


def _name(func: Any) -> str:
    return getattr(func, "__name__", None) or repr(func)


def _mapped(func: Function, in_dims: Any, args: tuple[Any, ...]) -> tuple[Any, list[Any], Any]:
    """The leaves of the arguments, the dimension to map each over, and the way back."""
    where = f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): "
    if not args:
        raise ValueError(
            f"vmap({_name(func)})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you "
            "are trying to vmap over a function with no inputs. The latter is unsupported."
        )
    leaves, rebuild = flatten(args)
    dims = spread(tuple(in_dims) if isinstance(in_dims, list) else in_dims, args)
    if dims is None:
        raise ValueError(f"{where}in_dims is not compatible with the structure of `inputs`.")
    for leaf, dim in zip(leaves, dims, strict=True):
        _check_dim(leaf, dim, where)
    return leaves, dims, rebuild


def _check_dim(leaf: Any, dim: Any, where: str) -> None:
    if dim is None:
        return
    if not isinstance(leaf, Tensor):
        raise ValueError(
            f"{where}Got in_dim={dim} for an input but the input is of type {type(leaf)}. We "
            "cannot vmap over non-Tensor arguments, please use None as the respective in_dim"
        )
    if not -leaf.dim() <= dim < leaf.dim():
        raise ValueError(
            f"{where}Got in_dim={dim} for some input, but that input is a Tensor of dimensionality "
            f"{leaf.dim()} so expected in_dim to satisfy -{leaf.dim()} <= in_dim < {leaf.dim()}."
        )


@contextmanager
def watched_draws(randomness: str) -> Iterator[Callable[[], None]]:
    """Refuses random draws, or makes them the same in every turn, as `randomness` says."""
    generator = creation.default_generator
    before = generator.packed()

    def begin() -> None:
        if randomness == "same":
            generator.set_state(before)

    yield begin
    if randomness == "error" and not np.array_equal(generator.packed(), before):
        raise RuntimeError(
            "vmap: called random operation while in randomness error mode. Please either use the "
            "'same' or 'different' randomness flags on vmap or perform the randomness operation "
            "out of vmap"
        )


def _stacked(results: list[Any], out_dims: Any, func: Function) -> Any:
    _, rebuild = flatten(results[0])
    dims = spread(out_dims, results[0])
    if dims is None:
        raise ValueError(
            f"vmap({_name(func)}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible "
            "with the structure of `outputs`."
        )
    columns = zip(*[flatten(r)[0] for r in results], strict=True)
    return rebuild([_column(list(c), d, func) for c, d in zip(columns, dims, strict=True)])


def _column(values: list[Any], dim: int | None, func: Function) -> Any:
    if dim is None:
        return values[0]
    name = _name(func)
    if not isinstance(values[0], Tensor):
        raise ValueError(
            f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(values[0])}. "
            "Did you mean to set out_dims= to None for output?"
        )
    return FUNCTIONS["stack"](values, dim)
