"""Fast roads for rows of one or two tensors, entry by entry: `exp`, `add`, `x * 2`.

Tiny tensors spend their time here, so argument binding, promotion and the search for what a node
saves are left out where the classes and dtypes of the arguments make them needless; every other
call goes to `fallback`, which does the same in full. What is written out here on purpose is what
`dispatch.run` does in calls.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.constants import ARRAYS_F32, constant
from gradtui.engine.derive import versions_of
from gradtui.engine.dispatch import run, run_single, savers_of
from gradtui.engine.kernels.layout import arranged, plain
from gradtui.engine.node import ENDS
from gradtui.engine.rows import SCALARS, Row, kept_anyway
from gradtui.engine.signature import MISSING
from gradtui.engine.tensor import TENSORS, Tensor, edge, requires, wrap

new = object.__new__
ndarray = np.ndarray
F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
COMPARISONS = frozenset(
    {operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge}
)  # which nobody follows
PYTHON = frozenset({int, float, bool})
Call = Callable[..., Any]


def unary(row: Row, fallback: Call) -> Call:
    """A function of one tensor whose result has its shape: `exp`, `neg`."""
    if not row.formulas or len(row.saves) > 1:
        return fallback
    kernel, cls = row.kernel, row.node_class
    saves_self, saves = row.saves == ("self",), bool(row.saves)

    def act(self: Any) -> Any:
        if self.__class__ not in TENSORS:
            return fallback(self)
        data = self._data
        kind = data.dtype
        if kind is not F32 and kind is not F64:
            return fallback(self)
        try:
            out = kernel(data)
        except MemoryError:
            return fallback(self)
        if data.ndim > 1 and not data.flags.c_contiguous:
            out = arranged(out, (data,))
        result = new(Tensor)
        result._data = out
        result._rare = None
        result._ver = 0
        rare = self._rare
        if state.grad_enabled and (self._rg or (rare is not None and requires(self))):
            node = new(cls)
            if rare is not None and (rare.base is not None or rare.accumulator_node is not None):
                before = edge(self)
            else:
                before = self._node
                if before is None:
                    before = self
            node.edges = (before,)
            node.versions = 0
            if saves_self:
                node.saved = (self,)
                if self._ver or rare is not None:
                    node.versions = versions_of(node.saved)
            else:
                node.saved = (out,) if saves else ()
            node.seq = state.next_sequence()
            # the shape is that of the input, which its own node already knows
            node.outputs = (out.shape, kind) if before.__class__ in ENDS else before.outputs
            node.inputs = node.hooks = node.attributes = None
            result._node = node
            result._rg = True
        else:
            result._node = None
            result._rg = False
            if state.inference:
                result._ver = -1
        if state.tape is not None:
            state.tape.append((row, (self,), result))
        return result

    return act


def named(count: int, act: Call, fallback: Call) -> Call:
    """A fast road under a name of its own, which may be called with anything: `torch.mul`."""

    def one(self: Any = MISSING, /, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or self is MISSING:
            return fallback(*(() if self is MISSING else (self,)), *args, **kwargs)
        return act(self)

    def two(self: Any = MISSING, other: Any = MISSING, /, *args: Any, **kwargs: Any) -> Any:
        if args or kwargs or other is MISSING:
            return fallback(*(v for v in (self, other) if v is not MISSING), *args, **kwargs)
        return act(self, other)

    return one if count == 1 else two


def single(row: Row, fallback: Call) -> Call:
    """A function of one tensor and settings, called without these: `sum`, `mean`."""
    defaults = tuple(p.default for p in row.signature.parameters[1:])
    if not row.single or row.view or row.kind != "general" or MISSING in defaults:
        return fallback
    kernel, cls, check = row.kernel, row.node_class, row.check
    savers = savers_of(row)

    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) != 1 or kwargs or args[0].__class__ not in TENSORS:
            return fallback(*args, **kwargs)
        (self,) = args
        data = self._data
        kind = data.dtype
        if (kind is not F32 and kind is not F64) or not plain(data):
            return fallback(self)
        bound = (self, *defaults)
        try:
            if check is not None:
                check(*bound)
            out = kernel(data, *defaults)
        except Exception:  # which comes after what is wrong with the history of the argument
            return fallback(self)
        if out is data:
            out = out.copy()
        result = new(Tensor)
        result._data = out
        result._rare = None
        result._ver = 0
        rare = self._rare
        if state.grad_enabled and (self._rg or (rare is not None and requires(self))):
            if out.dtype is not kind:
                return fallback(self)
            node = new(cls)
            node.edges = (edge(self),)
            node.saved = saved = tuple([saver(bound, (result,)) for saver in savers])
            node.versions = versions_of(saved) if self._ver or rare is not None else 0
            node.seq = state.next_sequence()
            node.outputs = (out.shape, kind)
            node.inputs = node.hooks = node.attributes = None
            result._node = node
            result._rg = True
        else:
            result._node = None
            result._rg = False
            if state.inference:
                result._ver = -1
        if state.tape is not None:
            state.tape.append((row, bound, result))
        return result

    call.__name__ = call.__qualname__ = fallback.__name__
    return call


def product(row: Row, fallback: Call) -> Call:
    """A function of two tensors that is linear in each: `mm`, `dot`."""
    kernel, cls = row.kernel, row.node_class

    def act(self: Any, other: Any) -> Any:
        if self.__class__ not in TENSORS or other.__class__ not in TENSORS:
            return fallback(self, other)
        a, b = self._data, other._data
        kind = a.dtype
        if (kind is not F32 and kind is not F64) or b.dtype is not kind:
            return fallback(self, other)
        try:
            out = kernel(a, b)
        except Exception:  # which torch may not say before something else
            return fallback(self, other)
        result = wrap(out)
        if state.grad_enabled and (requires(self) or requires(other)):
            node = new(cls)
            first, second = node.edges = (edge(self), edge(other))
            savers = savers_of(row, (first is not None, second is not None))
            bound, outs = (self, other), (result,)
            node.saved = saved = tuple([saver(bound, outs) for saver in savers])
            node.versions = versions_of(saved)
            node.seq = state.next_sequence()
            node.outputs = (out.shape, kind)
            node.inputs = node.hooks = node.attributes = None
            result._node = node
            result._rg = True
        if state.tape is not None:
            state.tape.append((row, (self, other), result))
        return result

    return act


def binary(rows: Sequence[Row], fallback: Call) -> Call:
    """A function of two tensors, broadcast together: `add`, `mul`; the first row is theirs.

    A number may stand for the second one, by torch's rule or by a later row of a tensor and a number.
    """
    row, with_number = rows[0], _with_number(rows)
    kernel, cls, saves = row.kernel, row.node_class, bool(row.saves)
    both, left, right = (_picker(row, wanted) for wanted in ((0, 1), (0,), (1,)))
    numbers = _numbers(row, with_number)
    numbered = with_number if with_number is not None and with_number.single else None
    defaults = (
        ()
        if with_number is None
        else tuple(p.default for p in with_number.signature.parameters[2:])
    )
    scalar = SCALARS.get(row.name)
    tracks = bool(row.formulas)
    compares = kernel in COMPARISONS

    def act(self: Any, other: Any) -> Any:
        if self.__class__ not in TENSORS:
            return fallback(self, other)
        a = self._data
        kind = a.dtype
        if kind is not F32 and kind is not F64:
            if (
                scalar is not None
                and state.native
                and kind.kind == "f"
                and other.__class__ in numbers
            ):
                return run(scalar, (self, other))
            return fallback(self, other)
        if other.__class__ in TENSORS:
            second = other
            b = other._data
            if b.dtype is not kind:
                return fallback(self, other)
            alike = a.shape == b.shape
            to_other = other._rg or (other._rare is not None and requires(other))
        elif other.__class__ in numbers:
            if scalar is not None and state.native:
                return run(scalar, (self, other))
            if kind is F32 and a.__class__ is ndarray:
                second = ARRAYS_F32[other.__class__].get(other) or constant(other, a)
            else:
                second = constant(other, a)
            b = second._data
            alike, to_other = True, False
        elif numbered is not None and other.__class__ in PYTHON:
            return run_single(numbered, (self, other, *defaults), a)
        else:
            return fallback(self, other)
        rare = self._rare
        to_self = self._rg or (rare is not None and requires(self))
        if (to_self or to_other) and not tracks:
            if not compares:
                return fallback(self, other)
            to_self = to_other = False
        try:
            out = kernel(a, b)
        except (ValueError, TypeError, MemoryError):  # they do not fit, also in memory, or are bits
            return fallback(self, other)
        if out.ndim > 1 and not (plain(a) and plain(b) and (alike or 1 not in out.shape)):
            out = arranged(out, (a, b))
        result = new(Tensor)
        result._data = out
        result._rare = None
        result._ver = 0
        if (to_self or to_other) and state.grad_enabled:
            node = new(cls)
            if to_self:
                if rare is not None and (
                    rare.base is not None or rare.accumulator_node is not None
                ):
                    before = edge(self)
                else:
                    before = self._node
                    if before is None:
                        before = self
                if to_other:
                    pick = both
                    node.edges = (before, edge(other))
                else:
                    pick = left
                    node.edges = (before, None)
            else:
                pick = right
                node.edges = (None, edge(other))
            node.versions = 0
            if saves:
                node.saved = saved = pick((self, second, out, None))
                if self._ver or rare is not None or second._ver or second._rare is not None:
                    node.versions = versions_of(saved)
            else:
                node.saved = ()
            node.seq = state.next_sequence()
            if alike and to_self and before.__class__ not in ENDS:
                node.outputs = before.outputs
            else:
                node.outputs = (out.shape, kind)
            node.inputs = None if alike else ((a.shape, kind), (b.shape, kind))
            node.hooks = node.attributes = None
            result._node = node
            result._rg = True
        else:
            result._node = None
            result._rg = False
            if state.inference:
                result._ver = -1
        if state.tape is not None:
            state.tape.append((row, (self, other), result))
        return result

    return act


def _with_number(rows: Sequence[Row]) -> Row | None:
    """The overload for a tensor and a number."""
    return next(
        (r for r in rows if [p.kind for p in r.signature.parameters[:2]] == ["Tensor", "Number"]),
        None,
    )


def _numbers(row: Row, with_number: Row | None) -> frozenset[Any]:
    """The classes of Python numbers that may stand for the second tensor."""
    alike = with_number is not None and with_number.kernel is row.kernel and not row.formulas
    numbers: frozenset[Any] = PYTHON if row.signature.numbers or alike else frozenset()
    return numbers if row.check is None else numbers - {bool}


def _picker(row: Row, wanted: tuple[int, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Takes, of (self, other, result, None), what the gradients of the `wanted` operands name."""
    operands = row.arguments[:2]
    named = {n for place in wanted for n in row.needs.get(operands[place], ())} | kept_anyway(row)
    pool = (*operands, "result")
    places = [pool.index(n) if n in named else 3 for n in row.saves]
    if len(places) == 1:
        (place,) = places
        return lambda things: (things[place],)
    return itemgetter(*places) if places else lambda things: ()
