"""Forward mode for one row of the table: the tangent of a result from the tangents of its inputs.

>>> from gradtui.engine.rows import TABLE
>>> x, y = np.array([2.0, 3.0]), np.array([5.0, 7.0])
>>> push(TABLE["mul"][0], (x, y), x * y, (np.array([1.0, 0.0]), None))
array([5., 0.])

A row says how in the vocabulary of PyTorch's derivatives.yaml, by its `jvp`: "auto_element_wise"
(the derivative's formula with the tangent in the place of grad, summed over the arguments),
"auto_linear" (the operation itself, of the tangents), "multilinear" (the operation with one
argument after the other replaced by its tangent, summed), or a formula in terms of
`<argument>_t` (tangent), `<argument>_p` (primal), `result` and the other arguments. A tangent that
is missing is `ZERO`. "not_implemented" and "not_supported" say, in torch's two ways, that it has no
formula either. Everything runs on arrays, and on tensors, so that tangents can themselves be
differentiated.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import state
from gradtui.engine.dispatch import _FACTS, arrays_for, compute, run
from gradtui.engine.lift import FUNCTIONS, cast, dtype_of, is_tensor, zeros, zeros_like
from gradtui.engine.rows import Row, parameters_of
from gradtui.engine.tensor import TENSORS, wrap
from gradtui.engine.zero import ZERO, Zero, zero_with

Tangents = Sequence[Any]


def push(row: Row, bound: Sequence[Any], result: Any, tangents: Tangents) -> Any:
    """J·u: the tangent of `result`, shaped and typed like it; a tuple where the row has several.

    `bound` are the arguments in the order of the signature, `tangents` one for each of them: None
    where it does not move, a list for a list of tensors. Results that nobody differentiates (the
    indices of a sort) have the tangent None.
    """
    outs = tuple(result) if row.several else (result,)
    before, state.native = state.native, True
    try:
        made = _RULES.get(row.jvp, _by_formula)(_Call(row, bound, outs, tangents))
    finally:
        state.native = before
    parts = made if row.several and isinstance(made, (tuple, list)) else (made,)
    parts = tuple(parts) + (None,) * (len(outs) - len(parts))
    fitted = tuple(_fitted(part, out, row) for part, out in zip(parts, outs, strict=True))
    return fitted if row.several else fitted[0]


def call(row: Row, bound: Sequence[Any], outs: tuple[Any, ...]) -> _Call:
    """One run of a row without tangents: what its formulas name is asked of it by `value`."""
    return _Call(row, bound, outs, (None,) * len(bound))


class _Call:
    """One run of a row, as the formulas look at it."""

    def __init__(
        self, row: Row, bound: Sequence[Any], outs: tuple[Any, ...], tangents: Tangents
    ) -> None:
        self.row, self.bound, self.outs = row, bound, outs
        self.primals = dict(zip(row.arguments, bound, strict=True))
        self.tangents = dict(zip(row.arguments, tangents, strict=True))

    def moving(self) -> list[str]:
        """The differentiable arguments that have a tangent."""
        return [name for name in self.row.formulas if self.tangents[name] is not None]

    def value(self, name: str) -> Any:
        """What a formula means by one of its parameters."""
        if name == "result":
            return self.outs[0]
        if name in self.row.outputs:
            return self.outs[self.row.outputs.index(name)]
        if name in self.primals:
            return self.primals[name]
        stem, _, what = name.rpartition("_")
        if what == "t":
            found = self.tangents[stem]
            return ZERO if found is None else found
        if what == "p":
            return self.primals[stem]
        return _FACTS[what](_tensors(self.primals[stem]))

    def again(self, replaced: dict[str, Any]) -> Any:
        """The operation once more, with other values for some of its arguments."""
        bound = [replaced.get(name, value) for name, value in self.primals.items()]
        if any(is_tensor(out) for out in self.outs):
            return run(self.row, bound)
        kinds = [p.kind for p in self.row.signature.parameters]
        given = [_tensors(b) if k in _TENSOR else b for b, k in zip(bound, kinds, strict=True)]
        return compute(self.row, arrays_for(self.row, given))


_TENSOR = ("Tensor", "TensorList")


def _tensors(value: Any) -> Any:
    """Arrays as tensors, also in a list; anything else as it is."""
    if isinstance(value, (np.ndarray, np.generic)):
        return wrap(value)
    if (
        isinstance(value, (list, tuple))
        and value
        and isinstance(value[0], (np.ndarray, np.generic))
    ):
        return [wrap(v) for v in value]
    return value


# -- the three rules that need no formula ----------------------------------------------------------


def _entry_by_entry(call: _Call) -> Any:
    row, parts, met = call.row, [], []
    for name in row.formulas:
        saved = [call.value(n) for n in row.needs[name]]
        if call.tangents[name] is None:
            met.append(zero_with(*saved))
        else:
            parts.append(row.formulas[name](call.tangents[name], *saved))
    return _sum(parts, met)


def _sum(parts: list[Any], zeros: list[Zero]) -> Any:
    """The sum of the parts that move and of those that do not."""
    first = zero_with(*zeros) if zeros else parts.pop(0)
    return functools.reduce(operator.add, parts, first)


def _linear(call: _Call) -> Any:
    return call.again({name: _filled(call, name) for name in call.row.formulas})


def _multilinear(call: _Call) -> Any:
    moving = call.moving()
    parts = [call.again({name: call.tangents[name]}) for name in moving]
    still = [name for name in call.row.formulas if name not in moving]
    others = [call.primals[name] for name in call.row.formulas]
    return _sum(parts, [zero_with(*others)] if still else [])


def _filled(call: _Call, name: str) -> Any:
    """A tangent with real zeros where it is missing."""
    primal, tangent = call.primals[name], call.tangents[name]
    if isinstance(primal, (list, tuple)):
        given = [None] * len(primal) if tangent is None else tangent
        return [_zeros(p) if t is None else t for p, t in zip(primal, given, strict=True)]
    if not hasattr(primal, "dtype"):  # a number in the place of a tensor
        return 0 if primal is not None and tangent is None else tangent
    return _zeros(primal) if tangent is None else tangent


def _zeros(like: Any) -> Any:
    return zeros_like(like)


def _by_formula(call: _Call) -> Any:
    formula: Callable[..., Any] = call.row.jvp
    return formula(*[call.value(name) for name in parameters_of(formula)])


_RULES: dict[Any, Callable[[_Call], Any]] = {
    "auto_element_wise": _entry_by_entry,
    "auto_linear": _linear,
    "multilinear": _multilinear,
}


def _fitted(tangent: Any, out: Any, row: Row) -> Any:
    """A tangent in the shape and dtype of what it belongs to: where broadcasting is made good."""
    if dtype_of(out).kind != "f" or (tangent is None and row.several):
        return None
    if tangent is None or tangent.__class__ is Zero:
        return zeros(out, out.shape)
    if tangent.__class__ not in TENSORS and not hasattr(tangent, "dtype"):
        tangent = dtype_of(out).type(tangent)
    if tangent.shape != out.shape:
        tangent = _widened(tangent, tuple(out.shape))
    return tangent if dtype_of(tangent) is dtype_of(out) else cast(tangent, dtype_of(out))


def _widened(tangent: Any, shape: tuple[int, ...]) -> Any:
    if is_tensor(tangent):
        return FUNCTIONS["clone"](FUNCTIONS["expand"](tangent, shape))
    return np.array(np.broadcast_to(tangent, shape))
