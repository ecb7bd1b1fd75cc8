"""Functions from backward passes: gradients, v·J, Jacobians row by row."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gradtui.engine import levels, state
from gradtui.engine.autograd.entry import grad as gradients
from gradtui.engine.creation import zeros_like
from gradtui.engine.description import TRACKING, ends_of
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import enable_grad
from gradtui.engine.paths import finish_order, node_of
from gradtui.engine.tensor import TENSORS, Tensor, edge
from gradtui.engine.trees import flatten, structure, transform

Function = Callable[..., Any]

# -- levels ------------------------------------------------------------


@contextmanager
def transforming(name: str) -> Iterator[None]:
    """Says that a transform runs, which a custom Function must be ready for."""
    state.transforms.append(name)
    TRACKING.append(None)
    try:
        yield
    finally:
        state.transforms.pop()
        TRACKING.pop()


def _entered(x: Any) -> Any:
    """A tensor to differentiate at: a view of one that is followed already, else a leaf."""
    if not isinstance(x, Tensor):
        raise ValueError(f"Thing passed to transform API must be Tensor, got {type(x)}")
    return x.view_as(x) if x.requires_grad else levels.carry(x, x.detach()).requires_grad_()


def _left(x: Any, own: set[int]) -> Any:
    """A result, and what it moves by, without history that leads to leaves of this level only."""
    if not isinstance(x, Tensor):
        raise RuntimeError(f"Expected tensors, got unsupported type {type(x)}")
    made = _without(x, own)
    return levels.carry(x, made, lambda t: _left(t, own)) if state.duals else made


def _without(x: Tensor, own: set[int]) -> Any:
    if not x.requires_grad:
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


def chosen(argnums: Any, count: int) -> tuple[int, ...]:
    """The numbers of the arguments to differentiate by."""
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    numbers = (argnums,) if isinstance(argnums, int) else argnums
    for n in numbers:
        if not isinstance(n, int):
            raise RuntimeError(f"argnum must be int, got: {type(n)}")
        if not -count <= n < count:
            raise RuntimeError(f"Got argnum={n}, but only {count} positional inputs")
    wrapped = tuple(n % count for n in numbers)
    if not numbers:
        raise RuntimeError("argnums must be non-empty")
    if len(set(wrapped)) != len(wrapped):
        raise RuntimeError(f"argnums elements must be unique, got {wrapped}")
    return wrapped


class _Level:
    """One call of a transformed function: what is differentiated, and the leaves it made."""

    def __init__(self, args: tuple[Any, ...], argnums: Any) -> None:
        self.single = isinstance(argnums, int)
        numbers = range(len(args)) if argnums is None else chosen(argnums, len(args))
        leaves, self.rebuild = flatten(tuple(args[n] for n in numbers))
        self.xs = [_entered(x) for x in leaves]
        self.own = {id(x) for x in self.xs if x.is_leaf}
        given = list(args)
        for n, value in zip(numbers, self.rebuild(self.xs), strict=True):
            given[n] = value
        self.args = given
        self.marks = {id(node_of(edge(x))) for x in self.xs}
        TRACKING[-1] = self.tracks

    def tracks(self, x: Tensor) -> bool:
        """Whether a tensor comes from what is differentiated by."""
        return not self.marks.isdisjoint(ends_of(x))

    def leave(self, tree: Any) -> Any:
        return transform(lambda x: _left(x, self.own), tree)

    def arranged(self, found: Sequence[Any]) -> Any:
        """Gradients in the structure of the chosen arguments."""
        made = self.rebuild(found)
        return made[0] if self.single else made


def split(out: Any, has_aux: bool, name: str) -> tuple[Any, Any]:
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
        with enable_grad(), transforming("grad"):
            level = _Level(args, argnums)
            name = "grad_and_value(f)(*args)"
            out, aux = split(func(*level.args, **kwargs), has_aux, name)
            if not isinstance(out, Tensor):
                raise RuntimeError(f"{name}: Expected f(*args) to return a Tensor, got {type(out)}")
            if out.dim() != 0:
                raise RuntimeError(
                    f"{name}: Expected f(*args) to return a scalar Tensor, got tensor with "
                    f"{out.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
                )
            slope = level.leave(level.arranged(_pulled([out], level.xs)))
            value = level.leave(out)
            aux = level.leave(aux) if has_aux else None
        return (slope, (value, aux)) if has_aux else (slope, value)

    return call


def grad(func: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    """A function that returns the gradient of `func`, a function to one number."""

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        slope, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (slope, value[1]) if has_aux else slope

    return call


def _outputs(func: Function, level: _Level, has_aux: bool, kwargs: Any) -> tuple[Any, Any, Any]:
    """What a function returns: tensors that can be differentiated, its aux, and its leaves."""
    out, aux = split(func(*level.args, **kwargs), has_aux, "vjp(f, *primals)")
    outs, _ = flatten(out)
    check_outputs(outs, "vjp(f, *primals)")
    for one in outs:
        if not one.is_floating_point():
            raise RuntimeError(
                "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got "
                f"Tensor with dtype {one.dtype}"
            )
    return out, level.leave(aux) if has_aux else None, outs


def check_outputs(outs: Sequence[Any], name: str) -> None:
    """Raises torch's error unless a function returned tensors, at least one."""
    if not outs or (len(outs) == 1 and outs[0] is None):
        raise RuntimeError(
            f"{name}: Expected f to be a function that has non-empty output (got output = "
            f"{list(outs)})"
        )
    for one in outs:
        if not isinstance(one, Tensor):
            raise RuntimeError(
                f"{name}: expected f(*primals) to return only tensors, got unsupported type "
                f"{type(one)}"
            )


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of `func` and a function from cotangents v to v·J."""
    with enable_grad(), transforming("grad"):
        level = _Level(primals, None)
        out, aux, outs = _outputs(func, level, has_aux, {})
        value = level.leave(out)

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
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        with enable_grad(), transforming("grad"):
            level = _Level(args, argnums)
            out, aux, outs = _outputs(func, level, has_aux, kwargs)
            rebuild = flatten(out)[1]
            found = rebuild([level.leave(level.arranged(_rows(o, level.xs))) for o in outs])
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
