"""`torch.func`: functions made from functions — gradients, Jacobians, batches.

>>> import gradtui.engine as torch
>>> torch.func.grad(torch.func.grad(lambda x: x**3))(torch.tensor(2.0))
tensor(12.)
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from gradtui.engine import creation
from gradtui.engine.autograd.entry import grad as gradients
from gradtui.engine.creation import zeros_like
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import enable_grad
from gradtui.engine.paths import finish_order
from gradtui.engine.tensor import TENSORS, Tensor, edge
from gradtui.engine.trees import flatten, spread, structure, transform

Function = Callable[..., Any]

# -- levels ------------------------------------------------------------


def _entered(x: Any) -> Any:
    """A tensor to differentiate at: a view of one that is followed already, else a leaf."""
    if not isinstance(x, Tensor):
        raise ValueError(f"Thing passed to transform API must be Tensor, got {type(x)}")
    return x.view_as(x) if x.requires_grad else x.detach().requires_grad_()


def _left(x: Any, own: set[int]) -> Any:
    """A result without history, when all of it leads back to the leaves of this level."""
    if not isinstance(x, Tensor) or not x.requires_grad:
        return x
    start = edge(x)
    nodes = finish_order([start])
    ends = [start] + [e for node in nodes for e in node.edges]
    leaves = {id(e) for e in ends if e is not None and e.__class__ in TENSORS}
    return x.detach() if leaves <= own else x


def _pulled(outs: Sequence[Any], xs: Sequence[Any], vectors: Any = None) -> list[Any]:
    """Gradients with their graph; zeros where an input was not used."""
    followed = [i for i, out in enumerate(outs) if out.requires_grad]
    if not followed:
        return [zeros_like(x) for x in xs]
    found = gradients(
        [outs[i] for i in followed],
        list(xs),
        None if vectors is None else [vectors[i] for i in followed],
        create_graph=True,
        allow_unused=True,
    )
    return [zeros_like(x) if g is None else g for g, x in zip(found, xs, strict=True)]


def _chosen(argnums: Any, count: int) -> tuple[int, ...]:
    """The numbers of the arguments to differentiate by."""
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    if not numbers:
        raise RuntimeError("argnums must be non-empty")
    for n in numbers:
        if not -count <= n < count:
            raise RuntimeError(f"Got argnum={n}, but only {count} positional inputs")
    wrapped = tuple(n % count for n in numbers)
    if len(set(wrapped)) != len(wrapped):
        raise RuntimeError(f"argnums elements must be unique, got {argnums}")
    return wrapped


class _Level:
    """One call of a transformed function: what is differentiated, and the leaves it made."""

    def __init__(self, args: tuple[Any, ...], argnums: Any) -> None:
        self.single = isinstance(argnums, int)
        numbers = _chosen(argnums, len(args))
        chosen = tuple(args[n] for n in numbers)
        leaves, self.rebuild = flatten(chosen)
        self.xs = [_entered(x) for x in leaves]
        self.own = {id(x) for x in self.xs if x.is_leaf}
        given = list(args)
        for n, value in zip(numbers, self.rebuild(self.xs), strict=True):
            given[n] = value
        self.args = given

    def leave(self, tree: Any) -> Any:
        return transform(lambda x: _left(x, self.own), tree)

    def arranged(self, found: Sequence[Any]) -> Any:
        """Gradients in the structure of the chosen arguments."""
        made = self.rebuild(found)
        return made[0] if self.single else made


def _split(out: Any, has_aux: bool, name: str) -> tuple[Any, Any]:
    if not has_aux:
        return out, None
    if not (isinstance(out, tuple) and len(out) == 2):
        raise RuntimeError(
            f"{name}: output of function f should be a tuple: (output, aux) if has_aux is True"
        )
    return out


# -- gradients ------------------------------------------------------------


def grad_and_value(func: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    """A function that returns the gradient of `func` and its value (and its aux)."""

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        with enable_grad():
            level = _Level(args, argnums)
            name = "grad_and_value(f)(*args)"
            out, aux = _split(func(*level.args, **kwargs), has_aux, name)
            if not isinstance(out, Tensor):
                raise RuntimeError(f"{name}: Expected f(*args) to return a Tensor, got {type(out)}")
            if out.dim() != 0:
                raise RuntimeError(
                    f"{name}: Expected f(*args) to return a scalar Tensor, got tensor with "
                    f"{out.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
                )
            slope = level.leave(level.arranged(_pulled([out], level.xs)))
            value, aux = level.leave(out), level.leave(aux)
        return (slope, (value, aux)) if has_aux else (slope, value)

    return call


def grad(func: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    """A function that returns the gradient of `func`, a function to one number."""

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        slope, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (slope, value[1]) if has_aux else slope

    return call


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of `func` and a function from cotangents v to v·J."""
    with enable_grad():
        level = _Level(primals, tuple(range(len(primals))))
        out, aux = _split(func(*level.args), has_aux, "vjp(f, *primals)")
        outs, _ = flatten(out)
        value, aux = level.leave(out), level.leave(aux)

    def pull(cotangents: Any, retain_graph: bool = True, create_graph: Any = None) -> Any:
        vectors, _ = flatten(cotangents)
        given, wanted = structure(cotangents), structure(out)
        if given != wanted:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of "
                f"outputs to the function. cotangents: {given}, primal output: {wanted}"
            )
        with enable_grad():
            return level.leave(level.arranged(_pulled(outs, level.xs, vectors)))

    return (value, pull, aux) if has_aux else (value, pull)


def jvp(
    func: Function, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> Any:
    """The value of `func` and J·v, by differentiating u·J with respect to u."""
    name = "jvp(f, primals, tangents)"
    if not isinstance(primals, tuple):
        raise RuntimeError(
            f"{name}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals)."
        )
    vectors, _ = flatten(tangents)
    with enable_grad():
        level = _Level(primals, tuple(range(len(primals))))
        if len(vectors) != len(level.xs):
            raise RuntimeError(
                f"{name}: Expected primals and tangents to have the same python structure."
            )
        out, aux = _split(func(*level.args), has_aux, name)
        outs, rebuild = flatten(out)
        pushed = level.leave(rebuild(_pushed(outs, level.xs, vectors)))
        value, aux = level.leave(out), level.leave(aux)
    return (value, pushed, aux) if has_aux else (value, pushed)


def _pushed(outs: Sequence[Any], xs: Sequence[Any], vectors: Sequence[Any]) -> list[Any]:
    dummies = [zeros_like(o, requires_grad=True) for o in outs]
    pulled = _pulled(outs, xs, dummies)
    found = _pulled(pulled, dummies, vectors)
    own = {id(d) for d in dummies}
    return [_left(f, own) for f in found]


# -- Jacobians ------------------------------------------------------------


def jacrev(
    func: Function,
    argnums: Any = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Function:
    """A function that returns the Jacobian of `func`, row by row."""

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        with enable_grad():
            level = _Level(args, argnums)
            out, aux = _split(func(*level.args, **kwargs), has_aux, "jacrev(f)(*args)")
            outs, rebuild = flatten(out)
            found = rebuild([level.leave(level.arranged(_rows(o, level.xs))) for o in outs])
            aux = level.leave(aux)
        return (found, aux) if has_aux else found

    return call


def _rows(out: Any, xs: Sequence[Any]) -> list[Any]:
    """The derivatives of one output by every input, shaped output.shape + input.shape."""
    rows = [_pulled([entry], xs) for entry in out.reshape(-1)]
    columns = zip(*rows, strict=True) if rows else [[] for _ in xs]
    return [
        FUNCTIONS["stack"](list(column), 0).view(out.size() + x.size())
        for column, x in zip(columns, xs, strict=True)
    ]


def jacfwd(
    func: Function, argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Function:
    """A function that returns the Jacobian of `func`; its columns are those of `jacrev`."""
    return jacrev(func, argnums, has_aux=has_aux)


def hessian(func: Function, argnums: Any = 0) -> Function:
    """A function that returns the second derivatives of `func`."""
    return jacfwd(jacrev(func, argnums), argnums)


# -- batches ------------------------------------------------------------


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
        with _watched_draws(randomness) as begin:
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
def _watched_draws(randomness: str) -> Iterator[Callable[[], None]]:
    """Refuses random draws, or makes them the same in every turn, as `randomness` says."""
    generator = creation.default_generator
    before = generator.get_state()

    def begin() -> None:
        if randomness == "same":
            generator.set_state(before)

    yield begin
    if randomness == "error" and not np.array_equal(generator.get_state(), before):
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


# -- modules ------------------------------------------------------------


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: Any = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Calls a module with other parameters and buffers, by their paths."""
    given = parameter_and_buffer_dicts
    merged: dict[str, Any] = {}
    for one in [given] if isinstance(given, dict) else given:
        merged.update(one)
    places = [(*_place(module, path), value) for path, value in merged.items()]
    kept = [(table, name, table[name]) for table, name, _ in places]
    positional = () if args is None else args if isinstance(args, tuple) else (args,)
    try:
        for table, name, value in places:
            table[name] = value
        return module(*positional, **(kwargs or {}))
    finally:
        for table, name, value in kept:
            table[name] = value


def _place(module: Any, path: str) -> tuple[dict[str, Any], str]:
    """The table of parameters or buffers an entry lives in, and its name there."""
    owner_path, _, name = path.rpartition(".")
    owner = module.get_submodule(owner_path)
    for table in (owner._parameters, owner._buffers):
        if name in table:
            return table, name
    raise KeyError(f"{path!r} is neither a parameter nor a buffer of {type(module).__name__}")


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters, and the buffers, of several modules of one kind, stacked by name."""
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")

    def stack(tables: list[dict[str, Any]]) -> dict[str, Any]:
        return {k: FUNCTIONS["stack"]([t[k] for t in tables]) for k in tables[0]}

    params = stack([dict(m.named_parameters()) for m in models])
    made = {k: v.detach().requires_grad_() for k, v in params.items()}
    return made, stack([dict(m.named_buffers()) for m in models])
