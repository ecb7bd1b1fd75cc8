"""Torch's argument parser, before functions and methods whose arguments Python binds.

What the table declares is bound by its own signatures; everything written as a Python function gets
torch's signatures here, so that a wrong call says what torch says.

>>> from gradtui.engine.parsed import parsed
>>> parsed("hypot", lambda input, other: 0)(1, 2)
Traceback (most recent call last):
...
TypeError: hypot(): argument 'input' (position 1) must be Tensor, not int
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper
from inspect import Parameter, signature
from types import FunctionType
from typing import Any

from gradtui.engine import dtypes, errors
from gradtui.engine.overloads import Overload, overloads, takes
from gradtui.engine.plans import PLAIN, contents
from gradtui.engine.refusals import refusal
from gradtui.engine.tensor import TENSORS

_MOST = 256  # kinds of call that are remembered for one name
_LISTS = (list, tuple, dtypes.Size)

_BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)

_OPTIONS = frozenset({"layout", "pin_memory", "memory_format", "generator", "device"})

IN_PYTHON = frozenset(
    """
    atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors cartesian_prod
    cdist chain_matmul einsum get_rng_state initial_seed is_tensor manual_seed meshgrid norm seed
    set_printoptions set_rng_state split stft tensordot typename unique unique_consecutive
    unravel_index vmap
    """.split()
)
"""Functions that are Python in torch too, so that Python's words are torch's."""


def parsed(name: str, function: Callable[..., Any], method: bool = False) -> Callable[..., Any]:
    """`function`, called only with arguments that torch's parser accepts under that name."""
    parts = takes(name, method)
    if parts is None:
        return function
    if method and parts == ["()"]:
        return _of_nothing(name, function)
    accepted: set[Any] = set()
    others: dict[str, str] | None = None

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal others
        key = _key(args, kwargs)
        if key is None or key not in accepted:
            error = refusal(name, args, kwargs, method)
            if error is not None:
                raise error
            if key is not None and len(accepted) < _MOST:
                accepted.add(key)
        if kwargs:
            if kwargs.get("pin_memory") is True:
                raise RuntimeError(errors.PINNED)
            if others is None:
                others = _other_names(function, overloads(name, method), method)
            kwargs = {others.get(n, n): v for n, v in kwargs.items() if others.get(n, n)}
        try:
            return function(*args, **kwargs)
        except MemoryError as error:
            raise errors.no_memory(error) from None

    return update_wrapper(call, function)


def _other_names(
    function: Callable[..., Any], tried: Sequence[Overload], method: bool
) -> dict[str, str]:
    """What a function calls its parameters, by torch's names, where these differ.

    Options that make no difference on this device, and that it does not know, have no name.
    """
    parameters = signature(function).parameters.values()
    own = [p.name for p in parameters if p.kind in _BY_PLACE][method:]
    others: dict[str, str] = {}
    if not any(p.kind is Parameter.VAR_KEYWORD for p in parameters):
        others = dict.fromkeys(_OPTIONS - {p.name for p in parameters}, "")
    for overload in tried:
        theirs = [a.name for a in overload.arguments if not a.keyword]
        pairs = zip(theirs, own, strict=False)
        others |= {name: mine for name, mine in pairs if name not in own and mine not in theirs}
    return others


def _of_nothing(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A method that takes no arguments."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs:
            raise refusal(name, (self, *args), kwargs, True) or TypeError(name)
        return function(self)

    return update_wrapper(call, function)


def _key(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The classes of the arguments, where nothing else decides whether a call is accepted."""
    values = (*args, *kwargs.values()) if kwargs else args
    key: list[Any] = []
    for value in values:
        kind = value.__class__
        if kind in TENSORS:
            if not value._data.ndim:
                return None
        elif kind in _LISTS:
            kind = contents(value)
            if kind.__class__ is int:
                return None
        elif kind not in PLAIN:
            return None
        key.append(kind)
    return (*key, *kwargs)


def refused_as(name: str, arguments: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is Python in torch too, around one of its parser's.

    What it fails over is said as torch's function `name` says it, given `arguments` in that order,
    where that would refuse them.
    """
    order, known = arguments.split(), signature(function)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (AttributeError, TypeError, IndexError) as error:
            try:
                bound = known.bind(*args, **kwargs)
            except TypeError:
                raise error from None
            bound.apply_defaults()
            given = tuple(bound.arguments[n] for n in order)
            raise refusal(name, given, {}, False) or error from None

    return update_wrapper(call, function)


def alone(name: str, function: Callable[[], Any]) -> Callable[..., Any]:
    """A function of torch's that takes no arguments."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise TypeError(f"torch.{name}() takes no keyword arguments")
        if args:
            raise TypeError(f"torch.{name}() takes no arguments ({len(args)} given)")
        return function()

    return update_wrapper(call, function)


def of_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of any number of tensors."""

    def call(*tensors: Any) -> Any:
        for number, value in enumerate(tensors):
            if value.__class__ not in TENSORS:
                raise TypeError(
                    f"expected Tensor as element {number} in argument 0, but got "
                    f"{type(value).__name__}"
                )
        return function(*tensors)

    return update_wrapper(call, function)


def members(functions: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Functions of a module, each behind torch's parser where torch's is not written in Python."""
    return {
        name: parsed(prefix + name, function)
        for name, function in functions.items()
        if isinstance(function, FunctionType) and (prefix or name not in IN_PYTHON)
    }
