"""Builds torch's functions and the tensor's methods from the table.

Which names are functions, which are methods and which have a variant in place (`add_`) is torch's
own list: `signatures.txt`, by way of `overloads.known`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradtui.engine import (
    absent,
    combining,
    composite,
    conversion,
    creation,
    drawing,
    dtypes,
    errors,
    estimates,
    fast_changes,
    indexing,
    late,
    linalg,
    outputs,
    products,
    sharing,
    state,
    statistics,
    table,
)
from gradtui.engine.autograd.entry import backward_from
from gradtui.engine.dispatch import general, run
from gradtui.engine.fast import binary, named, product, single, unary
from gradtui.engine.inplace import MADE_OF, in_place, reshape_in_place
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.naming import rename
from gradtui.engine.overloads import known
from gradtui.engine.parsed import IN_PYTHON, members, of_tensors, parsed
from gradtui.engine.rows import TABLE, Row
from gradtui.engine.table.activations import SELU
from gradtui.engine.table.functional import FUNCTIONAL, MEMBERS
from gradtui.engine.tensor import TENSORS, Tensor

assert table.__all__
assert linalg.__all__

ALIASES = {
    "abs": ("absolute",),
    "acos": ("arccos",),
    "acosh": ("arccosh",),
    "asin": ("arcsin",),
    "asinh": ("arcsinh",),
    "atan": ("arctan",),
    "atan2": ("arctan2",),
    "atanh": ("arctanh",),
    "cat": ("concat", "concatenate"),
    "clamp": ("clip",),
    "div": ("divide", "true_divide"),
    "ge": ("greater_equal",),
    "gt": ("greater",),
    "le": ("less_equal",),
    "linalg_det": ("det",),
    "linalg_inv": ("inverse",),
    "lt": ("less",),
    "mul": ("multiply",),
    "ne": ("not_equal",),
    "neg": ("negative",),
    "sub": ("subtract",),
    "transpose": ("swapaxes", "swapdims"),
    "trapezoid": ("trapz",),
    "trunc": ("fix",),
}
"""Torch's other names for operations."""

_SAME = ("conj", "real", "resolve_conj", "resolve_neg")
"""Functions of complex numbers that leave real ones as they are."""

PLAIN: dict[str, Callable[..., Any]] = {
    "chain_matmul": of_tensors(linalg.chain_matmul),
    **combining.PUBLIC,
    **estimates.PUBLIC,
    **{n: lambda input: input for n in _SAME},
    **{
        n: late.function("gradtui.engine.factoring", n)
        for n in ("lu", "svd_lowrank", "pca_lowrank")
    },
    "is_inference": lambda input: input.is_inference(),
    "einsum": products.einsum,
    "tensordot": products.tensordot,
    "norm": statistics.norm,
    "broadcast_tensors": of_tensors(composite.broadcast_tensors),
    "meshgrid": composite.meshgrid,
    "repeat_interleave": composite.repeat_interleave,
    "atleast_1d": composite.atleast_1d,
    "atleast_2d": composite.atleast_2d,
    "atleast_3d": composite.atleast_3d,
    "numel": conversion.numel,
    "nonzero": conversion.nonzero,
    "unique": conversion.unique,
    "unique_consecutive": conversion.unique_consecutive,
    "detach": lambda input: input.detach(),
}
"""Functions whose arguments Python binds."""

PLAIN_OUT = ("norm", "tensordot", "nonzero", "isin", "bucketize", "searchsorted")
"""Those of them that can write into a given tensor."""

PLAIN_METHODS = (
    "histogram",
    "nonzero_static",
    "conj",
    "resolve_conj",
    "resolve_neg",
    "norm",
    "nonzero",
    "unique",
    "unique_consecutive",
    "repeat_interleave",
)
TURNING = ("t", "transpose", "swapaxes", "swapdims", "squeeze", "unsqueeze", "as_strided")
"""Views with a variant in place, which changes only the shape of the tensor."""


BY_HAND = frozenset({"contiguous", "copy_", "put_at_", "requires_grad_"})
"""Methods whose arguments torch parses by hand, so that its list does not name them."""


# -- functions and methods of the table ------------------------------------------------------------


def function_of(name: str, rows: Sequence[Row], method: bool = False) -> Callable[..., Any]:
    """The function (or method) of a name: a fast one for its first elementwise row."""
    fallback = general(rows, method, name)
    first = rows[0]
    if first.kind == "unary":
        made = named(1, unary(first, fallback), fallback)
    elif first.kind == "binary" and len(first.signature.parameters) == 2:
        made = named(2, binary(rows, fallback), fallback)
    elif first.jvp == "multilinear" and len(first.signature.parameters) == 2:
        made = named(2, product(first, fallback), fallback)
    else:
        made = single(first, fallback)
    made.__name__ = made.__qualname__ = name
    return made


def _declare() -> dict[str, Callable[..., Any]]:
    """Fills the functions formulas use, and attaches methods; returns torch's public functions."""
    public: dict[str, Callable[..., Any]] = {}
    for name in TABLE:
        _enter(public, name)
    late.declare(public)
    for name, function in PLAIN.items():
        FUNCTIONS.setdefault(name, function)
        public[name] = outputs.accepting(name, function) if name in PLAIN_OUT else function
    public.update(members({name: public[name] for name in PLAIN}))
    return public


def _enter(public: dict[str, Callable[..., Any]], name: str) -> None:
    """Makes everything torch has of a name of the table."""
    rows = TABLE[name]
    function = FUNCTIONS[name] = function_of(name, rows)
    if name in FUNCTIONAL:
        public.update({name: function} if name in MEMBERS else {})
        return
    for shown in (name, *ALIASES.get(name, ())):
        _publish(public, shown, rows)


def _publish(public: dict[str, Callable[..., Any]], name: str, rows: Sequence[Row]) -> None:
    """Makes a name of the table the function, the method and the change in place torch has."""
    if known(name, False):
        public[name] = function_of(name, rows)
    if known(name, True) or name in BY_HAND:
        setattr(Tensor, name, function_of(name, rows, True))
    if not (known(name + "_", True) or known(name + "_", False) or name + "_" in BY_HAND):
        return
    change = _change_of(name, rows)
    if rows[0].kind == "composite":
        change = parsed(name + "_", change, True)
    setattr(Tensor, name + "_", change)
    if known(name + "_", False):
        function = _change_of(name, rows, False)
        public[name + "_"] = (
            parsed(name + "_", function) if rows[0].kind == "composite" else function
        )


def _change_of(name: str, rows: Sequence[Row], method: bool = True) -> Callable[..., Any]:
    """The method (or function) that changes a tensor in place: a fast one for arithmetic and `zero_`."""
    if name in TURNING:
        return reshape_in_place(name)
    fallback = in_place(rows, name + "_", method)
    if name == "zero":
        made = fast_changes.zero(rows[0], fallback)
    elif name in ("add", "sub", "mul", "div"):
        made = fast_changes.binary(rows[0], fallback)
    else:
        return fallback
    made.__name__ = made.__qualname__ = name + "_"
    return made


# -- operators -------------------------------------------------------------------------------------

_NUMBERS = (int, float, np.number, np.bool_)
_EXACT = frozenset({int, float, bool})


def _python(number: Any) -> Any:
    """One of numpy's numbers as Python's; its bool is taken for a float, as torch takes it."""
    plain = number.item() if isinstance(number, np.generic) else number
    return float(plain) if isinstance(number, np.bool_) else plain


def _operator(name: str, swap: bool = False, shown: str = "") -> Callable[..., Any]:
    """An operator: the function where the operand is a tensor or a number, else Python's turn."""
    call = FUNCTIONS[name]

    def operate(self: Any, other: Any) -> Any:
        kind = other.__class__
        if kind not in TENSORS and kind not in _EXACT:
            if not isinstance(other, _NUMBERS):
                return NotImplemented
            other = _python(other)
        if shown and self.__class__ not in TENSORS:
            raise _not_a_tensor(shown, self)
        return call(self, other)

    def reflect(self: Any, other: Any) -> Any:
        kind = self.__class__
        if kind not in TENSORS:  # called by its name, with a number for self
            if name == "remainder":
                return NotImplemented
            raise _not_a_tensor("r" + _ARITHMETIC[name], self)
        if other.__class__ not in TENSORS and other.__class__ not in _EXACT:
            if not isinstance(other, _NUMBERS):
                return NotImplemented
            other = _python(other)
        return call(other, self)

    if swap:
        return reflect
    rows = TABLE[name]
    if rows[0].kind != "binary" or len(rows[0].signature.parameters) != 2:
        return operate
    return binary(rows, operate)


def _not_a_tensor(name: str, value: Any) -> TypeError:
    """What Python says of an operator called by its name on something else than a tensor."""
    return TypeError(
        f"descriptor '__{name}__' for 'torch._C.TensorBase' objects doesn't apply to a "
        f"'{type(value).__name__}' object"
    )


def _in_place_operator(name: str) -> Callable[..., Any]:
    method = getattr(Tensor, name + "_")

    def operate(self: Tensor, other: Any) -> Any:
        if other.__class__ not in TENSORS and not isinstance(other, _NUMBERS):
            return NotImplemented
        return method(self, other)

    return fast_changes.binary(TABLE[name][0], operate)


def _rsub(self: Tensor, other: Any) -> Any:
    if not isinstance(other, _NUMBERS) and other.__class__ not in TENSORS:
        return NotImplemented
    if self.__class__ not in TENSORS:  # called by its name, with a number for self
        return NotImplemented
    if state.native:
        return run(TABLE["sub"][0], (other, self))
    return FUNCTIONS["rsub"](self, other)


def _rdiv(self: Tensor, other: Any) -> Any:
    if other.__class__ is np.ndarray:
        return self.reciprocal() * other  # which numpy takes over
    if not isinstance(other, _NUMBERS) and other.__class__ not in TENSORS:
        return NotImplemented
    if state.native:
        return run(TABLE["div"][0], (other, self))
    return FUNCTIONS["mul"](self.reciprocal(), other)


def _rpow(self: Tensor, other: Any) -> Any:
    if not isinstance(other, _NUMBERS) and other.__class__ not in TENSORS:
        return NotImplemented
    if self.__class__ not in TENSORS:  # called by its name, with a number for self
        return NotImplemented
    return FUNCTIONS["pow"](other, self)


def _compare(name: str, symbol: str) -> Callable[..., Any]:
    call = FUNCTIONS[name]

    def operate(self: Tensor, other: Any) -> Any:
        if other.__class__ in TENSORS or isinstance(other, _NUMBERS):
            return call(self, other.item() if isinstance(other, np.generic) else other)
        if other.__class__ is np.ndarray and name == "eq":
            return call(self, sharing.sharing(other))
        return NotImplemented

    return binary(TABLE[name], operate)


def _matmul(self: Tensor, other: Any) -> Any:
    if other.__class__ not in TENSORS:
        return NotImplemented
    matrices = self.__class__ in TENSORS and self._data.ndim == 2 == other._data.ndim
    return FUNCTIONS["mm" if matrices else "matmul"](self, other)


def _invert(self: Tensor) -> Any:
    if self._data.dtype.kind == "f":
        raise TypeError(
            "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
        )
    return FUNCTIONS["bitwise_not"](self)


_ARITHMETIC = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "div": "truediv",
    "pow": "pow",
    "floor_divide": "floordiv",
    "remainder": "mod",
    "bitwise_and": "and",
    "bitwise_or": "or",
    "bitwise_xor": "xor",
    "bitwise_left_shift": "lshift",
    "bitwise_right_shift": "rshift",
}
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _attach_operators() -> None:
    dunders: dict[str, Callable[..., Any]] = {}
    for name, symbol in _ARITHMETIC.items():
        dunders[f"__{symbol}__"] = _operator(name)
        dunders[f"__i{symbol}__"] = _in_place_operator(name)
        dunders[f"__r{symbol}__"] = _operator(name, swap=True)
    for name, symbol in _COMPARISONS.items():
        dunders[f"__{name}__"] = _compare(name, symbol)
    dunders |= {
        "__radd__": _operator("add", shown="radd"),
        "__rmul__": _operator("mul", shown="rmul"),
        "__rsub__": _rsub,
        "__rtruediv__": _rdiv,
        "__rpow__": _rpow,
        "__matmul__": _matmul,
        "__neg__": unary(TABLE["neg"][0], FUNCTIONS["neg"]),
        "__pos__": lambda self: FUNCTIONS["positive"](self),
        "__abs__": lambda self: FUNCTIONS["abs"](self),
        "__invert__": _invert,
        "__getitem__": indexing.getitem,
        "__setitem__": indexing.setitem,
        "__rdiv__": _rdiv,
        "__div__": _operator("div"),
        "__idiv__": _in_place_operator("div"),
        "__contains__": indexing.contains,
    }
    for name, function in dunders.items():
        setattr(Tensor, name, function)


# -- methods with no operation of their own --------------------------------------------------------


def _turned(self: Tensor) -> Any:
    if self._data.ndim not in (0, 2):
        errors.warn_turned(self._data.ndim)
    return FUNCTIONS["permute"](self, tuple(reversed(range(self._data.ndim))))


def _matrix_turned(name: str) -> Callable[..., Any]:
    def turned(self: Tensor) -> Any:
        ndim = self._data.ndim
        if (name in ("mT", "mH") and ndim == 1) or (name == "H" and ndim not in (0, 2)):
            raise errors.turned(name, ndim)
        return FUNCTIONS["transpose"](self, -2, -1) if ndim else self

    return turned


OF_TENSORS = """
data_ptr detach detach_ dim element_size get_device is_complex is_contiguous is_floating_point
is_inference is_signed item ndimension nelement new_empty new_full new_ones new_zeros numel numpy
requires_grad_ retain_grad size storage_offset stride tolist
"""
"""Methods of the tensor itself whose arguments torch parses."""

DRAWN = """
cauchy_ geometric_ log_normal_ normal_ uniform_ bernoulli_ exponential_ random_ multinomial bernoulli
"""


def _attach_methods() -> None:
    for name in conversion.NAMES:
        setattr(Tensor, name, conversion.to_type(name))
    for name in "new_tensor new_zeros new_ones new_empty new_full".split():
        setattr(Tensor, name, getattr(creation, name))
    for name in DRAWN.split():
        setattr(Tensor, name, getattr(drawing, name))
    for name in PLAIN_METHODS:
        setattr(Tensor, name, PLAIN[name])
    methods: dict[str, Any] = {
        "backward": backward_from,
        "cuda": absent.cuda,
        "lu": late.function("gradtui.engine.factoring", "lu_method"),
        "new_empty_strided": late.function("gradtui.engine.blank", "new_empty_strided"),
        "dim_order": late.function("gradtui.engine.blank", "dim_order"),
        "to": conversion.to,
        "type": conversion.type_,
        "T": property(_turned),
        "real": property(lambda self: self),
        **{name: property(_matrix_turned(name)) for name in ("mT", "mH", "H")},
        "cpu": lambda self, memory_format=None: self,
        "resize_": outputs.resize_,
        "resize_as_": outputs.resize_as_,
        "index_put": indexing.index_put,
        "index_put_": indexing.index_put_,
        "split": indexing.split,
        "fill_diagonal_": _fill_diagonal,
        "where": lambda self, condition, other: FUNCTIONS["where"](condition, self, other),
        "polygamma": lambda self, n: FUNCTIONS["polygamma"](n, self),
    }
    for name, value in methods.items():
        setattr(Tensor, name, value)
    by_hand = {*conversion.NAMES, *DRAWN.split(), *PLAIN_METHODS, *methods, *OF_TENSORS.split()}
    for name in by_hand - IN_PYTHON:
        setattr(Tensor, name, parsed(name, getattr(Tensor, name), True))


def _fill_diagonal(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """A number on the main diagonal, again and again below a tall matrix where `wrap`."""
    given = fill_value.item() if fill_value.__class__ in TENSORS else fill_value
    sizes, steps = tuple(self.shape), self.stride()
    if len(sizes) < 2:
        raise RuntimeError("dimensions must larger than 1")
    if len(sizes) > 2 and len(set(sizes)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    if not isinstance(wrap, bool):
        raise TypeError(
            f"fill_diagonal_(): argument 'wrap' must be bool, not {type(wrap).__name__}"
        )
    count = min(sizes)
    FUNCTIONS["as_strided"](self, (count,), (sum(steps),)).fill_(given)
    tall = len(sizes) == 2 and wrap and sizes[0] > sizes[1] + 1
    if tall:
        for start in range(sizes[1] + 1, sizes[0], sizes[1] + 1):
            rest = min(sizes[1], sizes[0] - start)
            offset = self.storage_offset() + start * steps[0]
            FUNCTIONS["as_strided"](self, (rest,), (sum(steps),), offset).fill_(given)
    return self


def _float_power(self: Tensor, exponent: Any) -> Any:
    if self.dtype is not dtypes.float64:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {self.dtype.scalar_name} but the "
            "operation's result requires dtype Double"
        )
    return self.pow_(exponent.double() if exponent.__class__ in TENSORS else exponent)


def _declare_in_place() -> None:
    elu: Any = in_place(TABLE["elu"])
    MADE_OF.update(
        {
            "square": lambda self: self.pow_(2),
            "selu": lambda self: elu(self, *SELU),
            "float_power": _float_power,
        }
    )


_declare_in_place()
late.PUBLISH.append(_enter)
PUBLIC = _declare()
_attach_operators()
_attach_methods()
for _name in ("backward", "norm", "split", "unique", "unique_consecutive"):
    rename((Tensor,), _name)
absent.attach()
PUBLIC["split"] = indexing.split
for _name in ("normal", "bernoulli", "multinomial"):
    PUBLIC[_name] = parsed(_name, outputs.accepting(_name, getattr(drawing, _name)))
PUBLIC["poisson"] = drawing.poisson
PUBLIC["resize_as_"] = parsed("resize_as_", outputs.resize_as_)
