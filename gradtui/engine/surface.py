"""Builds torch's functions and the tensor's methods from the table and the composites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine import composite, creation, indexing, table
from gradtui.engine.dispatch import binary, general, unary
from gradtui.engine.inplace import in_place
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.rows import TABLE, Row
from gradtui.engine.table.functional import FUNCTIONAL, MEMBERS
from gradtui.engine.tensor import TENSORS, Tensor

assert table.__all__

INTERNAL = frozenset(
    {"_var", "_std", "_unsafe_view", "to_copy", "take_strided", "put_strided", "place_into",
     "diagonal_into", "take_at", "put_at", "copy", "zero", "embedding_rows", "linalg_vector_norm",
     "linalg_inv", "linalg_det", "linalg_solve", "slice", "alias", "fill", "log_sigmoid", "squeezed"}
)
"""Rows that torch has under no public name of their own, or only as a method in place."""

ONLY_FUNCTIONS = frozenset(
    {"cat", "stack", "leaky_relu", "elu", "softplus", "silu", "gelu", "hardtanh", "hardsigmoid",
     "hardswish", "mish", "selu", "celu", "place_into", "embedding_rows", "rsub"}
)
"""Rows that are no methods."""

NOT_FUNCTIONS = frozenset(
    {"view", "expand", "leaky_relu", "elu", "softplus", "silu", "gelu", "hardtanh", "hardsigmoid",
     "hardswish", "mish", "unfold", "repeat"}
)
"""Rows that are no members of torch itself."""

ALIASES = {
    "mul": ("multiply",), "div": ("divide", "true_divide"), "sub": ("subtract",),
    "neg": ("negative",), "abs": ("absolute",), "clamp": ("clip",), "eq": (), "ne": ("not_equal",),
    "lt": ("less",), "le": ("less_equal",), "gt": ("greater",), "ge": ("greater_equal",),
    "transpose": ("swapaxes", "swapdims"), "cat": ("concat", "concatenate"),
    "pow": (), "asin": ("arcsin",), "acos": ("arccos",), "atan": ("arctan",),
    "trunc": ("fix",), "linalg_inv": ("inverse",), "linalg_det": ("det",),
    "asinh": ("arcsinh",), "acosh": ("arccosh",), "atanh": ("arctanh",),
    "outer": ("ger",), "vstack": ("row_stack",), "movedim": ("moveaxis",),
}

COMPOSITES: dict[str, Callable[..., Any]] = {
    name: getattr(composite, name)
    for name in (
        "reshape flatten unflatten matmul outer chunk tensor_split var std norm unique nonzero "
        "contiguous expand_as view_as reshape_as movedim diag trace tile repeat_interleave equal "
        "allclose broadcast_to where cross view to"
    ).split()
} | {"max": composite.max_, "min": composite.min_}

FUNCTION_COMPOSITES: dict[str, Callable[..., Any]] = {
    name: getattr(composite, name)
    for name in "var_mean hstack vstack broadcast_tensors meshgrid einsum numel is_floating_point "
    "is_nonzero".split()
}

METHOD_ONLY = frozenset({"contiguous", "expand_as", "view_as", "reshape_as", "view", "to"})


def function_of(name: str, rows: list[Row]) -> Callable[..., Any]:
    """The function of a name: a fast one for its first elementwise row, general otherwise."""
    fallback = general(rows, False)
    first = rows[0]
    if first.kind == "unary":
        made = unary(first, fallback)
    elif first.kind == "binary" and len(first.signature.parameters) == 2:
        made = binary(first, fallback)
    else:
        return fallback
    made.__name__ = made.__qualname__ = name
    return made


def method_of(name: str, rows: list[Row]) -> Callable[..., Any]:
    fallback = general(rows, True)
    first = rows[0]
    if first.kind == "unary":
        made = unary(first, fallback)
    elif first.kind == "binary" and len(first.signature.parameters) == 2:
        made = binary(first, fallback)
    else:
        return fallback
    made.__name__ = made.__qualname__ = name
    return made


def _declare() -> dict[str, Callable[..., Any]]:
    """Fills the functions formulas use, and attaches methods; returns torch's public functions."""
    public: dict[str, Callable[..., Any]] = {}
    for name, rows in TABLE.items():
        function = FUNCTIONS[name] = function_of(name, rows)
        if name in FUNCTIONAL:
            public.update({name: function} if name in MEMBERS else {})
            continue
        if name not in INTERNAL and name not in NOT_FUNCTIONS:
            public[name] = function
        if name not in ONLY_FUNCTIONS:
            setattr(Tensor, name, method_of(name, rows))
        if _changes_in_place(rows):
            setattr(Tensor, name + "_", in_place(rows))
    for name in ("max", "min"):
        FUNCTIONS[f"{name}_reduce"] = FUNCTIONS[name]
    FUNCTIONS["where_rows"] = FUNCTIONS["where"]
    for name, function in {**COMPOSITES, **FUNCTION_COMPOSITES}.items():
        if name not in ("var", "std"):
            FUNCTIONS[name] = function if name not in ("max", "min", "view", "where") else FUNCTIONS[name]
        if name not in METHOD_ONLY:
            public[name] = function
        if name in COMPOSITES:
            setattr(Tensor, name, function)
    Tensor.where = _where_method  # type: ignore[attr-defined]
    for name, others in ALIASES.items():
        for other in others:
            _alias(public, name, other)
    return public


def _where_method(self: Tensor, condition: Tensor, other: Any) -> Any:
    return composite.where(condition, self, other)


def _alias(public: dict[str, Any], name: str, other: str) -> None:
    public[other] = public.get(name) or FUNCTIONS[name]
    for suffix in ("", "_"):
        method = getattr(Tensor, name + suffix, None)
        if method is not None:
            setattr(Tensor, other + suffix, method)


def _changes_in_place(rows: list[Row]) -> bool:
    first = rows[0].signature.parameters[0]
    return first.name == "self" and first.kind == "Tensor" and not rows[0].view and (
        not rows[0].several
    )


# -- operators ------------------------------------------------------------------------------------------


def _operator(name: str, symbol: str, swap: bool = False) -> Callable[..., Any]:
    call = FUNCTIONS[name]

    def operate(self: Any, other: Any) -> Any:
        if other.__class__ not in TENSORS and not isinstance(other, _NUMBERS):
            if hasattr(other, "__array__") and not isinstance(other, Tensor):
                other = creation.as_tensor(other)
            else:
                return NotImplemented
        return call(other, self) if swap else call(self, other)

    operate.__name__ = symbol
    return operate


def _fast(name: str) -> Callable[..., Any]:
    """The function itself as operator: it must refuse what is no number before it runs."""
    call = FUNCTIONS[name]

    def operate(self: Any, other: Any) -> Any:
        kind = other.__class__
        if kind in TENSORS or kind in _EXACT:
            return call(self, other)
        if isinstance(other, _NUMBERS):
            return call(self, other.item() if hasattr(other, "item") else other)
        return NotImplemented

    return operate


import numpy as np  # noqa: E402

_NUMBERS = (int, float, bool, np.number, np.bool_)
_EXACT = frozenset({int, float, bool})


def _in_place_operator(name: str, symbol: str) -> Callable[..., Any]:
    method = getattr(Tensor, name + "_")

    def operate(self: Tensor, other: Any) -> Any:
        if other.__class__ not in TENSORS and not isinstance(other, _NUMBERS):
            return NotImplemented
        return method(self, other)

    return operate


def _reversed(name: str) -> Callable[..., Any]:
    """`number - x` and its kind, where torch has an operation for it."""

    def rsub(self: Tensor, other: Any) -> Any:
        return FUNCTIONS["rsub"](self, other) if isinstance(other, _NUMBERS) else NotImplemented

    def rdiv(self: Tensor, other: Any) -> Any:
        if not isinstance(other, _NUMBERS):
            return NotImplemented
        return FUNCTIONS["mul"](FUNCTIONS["reciprocal"](self), other)

    def rpow(self: Tensor, other: Any) -> Any:
        return FUNCTIONS["pow"](other, self) if isinstance(other, _NUMBERS) else NotImplemented

    def rfloordiv(self: Tensor, other: Any) -> Any:
        return FUNCTIONS["floor_divide"](creation.tensor(other), self)

    def rmod(self: Tensor, other: Any) -> Any:
        return FUNCTIONS["remainder"](creation.tensor(other), self)

    return {"sub": rsub, "div": rdiv, "pow": rpow, "floordiv": rfloordiv, "mod": rmod}[name]


def _compare(name: str) -> Callable[..., Any]:
    call = FUNCTIONS[name]

    def operate(self: Tensor, other: Any) -> Any:
        if other.__class__ not in TENSORS and not isinstance(other, _NUMBERS):
            if name in ("eq", "ne"):
                return NotImplemented
            raise TypeError(
                f"'{_SYMBOLS[name]}' not supported between instances of 'Tensor' and "
                f"'{type(other).__name__}'"
            )
        return call(self, other)

    return operate


_SYMBOLS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _matmul(self: Tensor, other: Any) -> Any:
    if other.__class__ not in TENSORS:
        return NotImplemented
    return composite.matmul(self, other)


def _invert(self: Tensor) -> Any:
    return FUNCTIONS["bitwise_not"](self)


def _attach_operators() -> None:
    dunders: dict[str, Callable[..., Any]] = {}
    for name, symbol in {
        "add": "add", "sub": "sub", "mul": "mul", "div": "truediv", "pow": "pow",
        "floor_divide": "floordiv", "remainder": "mod",
    }.items():
        dunders[f"__{symbol}__"] = _fast(name)
        dunders[f"__i{symbol}__"] = _in_place_operator(name, symbol)
    dunders |= {
        "__radd__": _fast("add"), "__rmul__": _fast("mul"), "__rsub__": _reversed("sub"),
        "__rtruediv__": _reversed("div"), "__rpow__": _reversed("pow"),
        "__rfloordiv__": _reversed("floordiv"), "__rmod__": _reversed("mod"),
        "__matmul__": _matmul, "__neg__": lambda self: FUNCTIONS["neg"](self),
        "__pos__": lambda self: self, "__abs__": lambda self: FUNCTIONS["abs"](self),
        "__invert__": _invert, "__getitem__": indexing.getitem, "__setitem__": indexing.setitem,
    }
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        dunders[f"__{name}__"] = _compare(name)
    for name, symbol in {"bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor"}.items():
        dunders[f"__{symbol}__"] = _operator(name, symbol)
        dunders[f"__i{symbol}__"] = _in_place_operator(name, symbol)
        dunders[f"__r{symbol}__"] = _operator(name, symbol)
    for name, function in dunders.items():
        setattr(Tensor, name, function)


def _attach_methods() -> None:
    for name in ("float", "double", "half", "long", "int", "bool", "short"):
        setattr(Tensor, name, composite.to_type(name))
    for name in (
        "normal_ uniform_ bernoulli_ exponential_ random_ new_tensor new_zeros new_ones new_empty "
        "new_full"
    ).split():
        setattr(Tensor, name, getattr(creation, name))
    methods: dict[str, Any] = {
        "type": composite.type_,
        "T": property(_turned),
        "mT": property(lambda self: FUNCTIONS["transpose"](self, -2, -1)),
        "H": property(lambda self: FUNCTIONS["transpose"](self, 0, 1)),
        "cpu": lambda self: self,
        "multinomial": creation.multinomial,
        "bernoulli": creation.bernoulli,
        "det": lambda self: FUNCTIONS["linalg_det"](self),
        "inverse": lambda self: FUNCTIONS["linalg_inv"](self),
        "type_as": lambda self, other: composite.to(self, other.dtype),
        "index_put_": _index_put,
        "t_": None,
    }
    for name, value in methods.items():
        if value is not None:
            setattr(Tensor, name, value)


def _index_put(self: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    return self.put_at_(values, tuple(i._data for i in indices), accumulate)  # type: ignore[attr-defined,no-any-return]


def _turned(self: Tensor) -> Tensor:
    return FUNCTIONS["permute"](self, tuple(reversed(range(self._data.ndim))))  # type: ignore[no-any-return]


PUBLIC = _declare()
_attach_operators()
_attach_methods()
