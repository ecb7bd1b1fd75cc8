"""Which overload a call means, remembered by the classes of its arguments.

torch tries the signatures of a name in turn. What decides is nearly always the classes of the
arguments, so the outcome is kept by them: the next call of that kind only puts its arguments in
order. Where a value decides (a 0-d tensor in the place of a number, a mixed list) the signatures
are tried each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradtui.engine import dtypes
from gradtui.engine.rows import Row
from gradtui.engine.signature import Parameter, bind, given_as, spread
from gradtui.engine.tensor import TENSORS

Found = tuple[Row, Sequence[Any]]
Plan = Callable[[tuple[Any, ...], Mapping[str, Any]], Found]
Getter = Callable[[tuple[Any, ...], Mapping[str, Any]], Any]

PLAIN: frozenset[Any] = frozenset({int, float, bool, str, type(None), dtypes.dtype})
"""Classes whose values never decide an overload."""

_MOST = 256  # kinds of call that are remembered for one name


class Plans:
    """The overloads of one name, and what earlier calls of it found."""

    __slots__ = ("known", "lists", "method", "rows")

    def __init__(self, rows: Sequence[Row], method: bool) -> None:
        self.rows, self.method = rows, method
        self.known: dict[Any, Plan] = {}
        kinds = {p.kind for row in rows for p in row.signature.parameters}
        self.lists = not kinds.isdisjoint(("IntArrayRef", "TensorList"))

    def find(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Found | None:
        """The row a call means, and its arguments in the order of the row's parameters."""
        if len(args) == 1 and not kwargs:
            plan = self.known.get(args[0].__class__)
            if plan is not None:
                return plan(args, kwargs)
        key: Any = tuple([a.__class__ for a in args])
        if self.lists and (tuple in key or list in key or dtypes.Size in key):
            key = tuple([contents(a) for a in args])
        if kwargs:
            key = (key, *kwargs, *[contents(v) for v in kwargs.values()])
        plan = self.known.get(key)
        if plan is not None:
            return plan(args, kwargs)
        for row in self.rows:
            bound = bind(row.signature, args, kwargs, self.method)
            if bound is not None:
                self._remember(key, row, args, kwargs)
                return row, bound
        return None

    def _remember(self, key: Any, row: Row, args: tuple[Any, ...], kwargs: Any) -> None:
        plan = _plan(row, args, kwargs, self.method)
        if plan is not None and len(self.known) < _MOST:
            self.known[key] = plan
            if (
                len(args) == 1
                and not kwargs
                and args[0].__class__ not in (tuple, list, dtypes.Size)
            ):
                self.known[args[0].__class__] = plan


def contents(value: Any) -> Any:
    """The class of an argument; of a list, what it is a list of, or the list where that is mixed."""
    kind = value.__class__
    if kind is not tuple and kind is not list and kind is not dtypes.Size:
        return kind
    held = {v.__class__ for v in value}
    if held == {int}:
        return "ints"
    return "tensors" if held and held <= TENSORS else id(value)


def _plan(row: Row, args: tuple[Any, ...], kwargs: Mapping[str, Any], method: bool) -> Plan | None:
    """How calls of these classes are put in order; None where values decide."""
    parameters = row.signature.parameters
    if len(spread(row.signature, args, method)) < len(args):
        return _spreading(row) if all(a.__class__ is int for a in args[1:]) else None
    places = [_place(p, i, args, kwargs) for i, p in enumerate(parameters)]
    given = [
        None if at is None else (kwargs[at] if at.__class__ is str else args[at]) for at in places
    ]
    pairs = list(zip(parameters, places, given, strict=True))
    if not all(at is None or _decided(p, value) for p, at, value in pairs):
        return None
    getters = [_getter(p, at, value) for p, at, value in pairs]
    if any(_turned(p, value) for p, _, value in pairs) or kwargs:
        return lambda args, kwargs: (row, [get(args, kwargs) for get in getters])
    defaults = tuple(p.default for p in parameters[len(args) :])
    return lambda args, kwargs: (row, args + defaults)


def _spreading(row: Row) -> Plan:
    """`x.view(2, 3)`: the sizes are the rest of the arguments."""
    defaults = tuple(p.default for p in row.signature.parameters[2:])
    return lambda args, kwargs: (row, (args[0], args[1:], *defaults))


def _place(p: Parameter, index: int, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Where a parameter's value is: a position, a keyword, or None for its default."""
    if index < len(args) and not p.keyword:
        return index
    return given_as(p, kwargs)


def _decided(p: Parameter, value: Any) -> bool:
    """Whether every value of this class would fit the parameter as this one does."""
    kind = contents(value)
    if kind in TENSORS:
        return p.kind == "Tensor"
    lists = {"ints": "IntArrayRef", "tensors": "TensorList"}
    return kind in PLAIN or lists.get(kind) == p.kind


def _turned(p: Parameter, value: Any) -> bool:
    """Whether the value is given in another form than formulas take it in."""
    return p.kind == "IntArrayRef" and value is not None and value.__class__ is not tuple


def _getter(p: Parameter, at: Any, value: Any) -> Getter:
    default, count = p.default, p.size or 1
    if at is None:
        return lambda args, kwargs: default
    if at.__class__ is str:
        take: Getter = lambda args, kwargs: kwargs[at]  # noqa: E731
    else:
        take = lambda args, kwargs: args[at]  # noqa: E731
    if not _turned(p, value):
        return take
    if value.__class__ is int:
        return lambda args, kwargs: (take(args, kwargs),) * count
    return lambda args, kwargs: tuple(take(args, kwargs))
