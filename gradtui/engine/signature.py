"""Signatures in torch's notation, and the binding of a call to one of them with torch's errors.

>>> s = parse("clamp(Tensor self, Number min=None, Number max=None)")
>>> [p.name for p in s.parameters]
['self', 'min', 'max']

The first parameter of a function is called `input` in messages, as in torch; a method has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np

from gradtui.engine import dtypes

MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `kind` is torch's word for its type, `size` that of `IntArrayRef[1]`."""

    kind: str
    name: str
    default: Any = MISSING
    default_text: str = ""
    keyword: bool = False
    optional: bool = False
    size: int = 0

    def shown(self) -> str:
        kind = {"IntArrayRef": "tuple of ints", "TensorList": "tuple of Tensors"}.get(
            self.kind, self.kind
        )
        kind = {"int64_t": "int", "ScalarType": "torch.dtype", "double": "float"}.get(kind, kind)
        name = "input" if self.name == "self" else self.name
        return f"{kind} {name}" + (f" = {self.default_text}" if self.default_text else "")


@dataclass(frozen=True)
class Signature:
    """A name and its parameters; `numbers` says that a number may stand for a tensor."""

    name: str
    parameters: tuple[Parameter, ...]
    numbers: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.parameters)

    @cached_property
    def positional(self) -> tuple[Parameter, ...]:
        return tuple(p for p in self.parameters if not p.keyword)

    def shown(self, method: bool) -> str:
        parts: list[str] = []
        for p in self.parameters[1:] if method else self.parameters:
            if p.keyword and "*" not in parts:
                parts.append("*")
            parts.append(p.shown())
        return "(" + ", ".join(parts) + ")"


def is_int(value: Any) -> bool:
    return (isinstance(value, (int, np.integer)) and not isinstance(value, bool)) or (
        is_tensor(value) and value._data.ndim == 0 and value._data.dtype.kind in "iu"
    )


def is_size(value: Any) -> bool:
    """Whether a value passes for an integer in a list: also a tensor of one integer."""
    return is_int(value) or (
        is_tensor(value) and value._data.size == 1 and value._data.dtype.kind in "iu"
    )


def is_tensor(value: Any) -> bool:
    return hasattr(value, "_data")


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number, np.bool_)) or (
        is_tensor(value) and value._data.ndim == 0 and not value.requires_grad
    )


def is_double(value: Any) -> bool:
    return isinstance(value, (int, float, np.floating)) or (
        is_tensor(value) and value._data.ndim == 0 and not value.requires_grad
    )


NUMBERS_AS_TENSORS = frozenset(
    base + end
    for base in "copy add div divide mul multiply sub subtract true_divide floor_divide".split()
    for end in ("", "_")
)
"""Operations to which torch's parser lets a number stand for a tensor."""


def _is_ints(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and (
        not value
        or (is_size(value[0]) and all(is_size(v) or isinstance(v, bool) for v in value[1:]))
    )


def _is_tensors(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(is_tensor(v) for v in value)


ACCEPTS: Mapping[str, Callable[[Any], bool]] = {
    "Tensor": is_tensor,
    "Number": is_number,
    "int64_t": is_int,
    "double": lambda v: is_number(v) and not isinstance(v, bool),
    "bool": lambda v: isinstance(v, (bool, np.bool_)),
    "IntArrayRef": _is_ints,
    "TensorList": _is_tensors,
    "ScalarType": lambda v: isinstance(v, dtypes.dtype),
    "str": lambda v: isinstance(v, str),
    "Generator": lambda v: type(v).__name__ == "Generator",
    "object": lambda v: True,
}

_DEFAULTS: Mapping[str, Any] = {"None": None, "True": True, "False": False}


def _default(text: str) -> Any:
    if text in _DEFAULTS:
        return _DEFAULTS[text]
    if text.startswith(('"', "'")):
        return text[1:-1]
    if text.startswith("("):
        return tuple(int(t) for t in text[1:-1].split(",") if t.strip())
    return float(text) if re.search(r"[.e]|inf", text) else int(text)


@cache
def _parameter(text: str, keyword: bool) -> Parameter:
    kind, rest = text.split(" ", 1)
    name, _, default = (part.strip() for part in rest.partition("="))
    size = re.fullmatch(r"(\w+)\[(\d+)\]", kind.rstrip("?"))
    optional = kind.endswith("?") or default == "None"
    return Parameter(
        kind=size[1] if size else kind.rstrip("?"),
        name=name,
        default=_default(default) if default else MISSING,
        default_text=default,
        keyword=keyword,
        optional=optional,
        size=int(size[2]) if size else 0,
    )


@cache
def parse(text: str) -> Signature:
    """A signature from `name(Type name=default, *, Type name)`."""
    name, inside = text.removesuffix(")").split("(", 1)
    parameters: list[Parameter] = []
    keyword = False
    for part in (p.strip() for p in re.split(r",\s+(?![^(]*\))", inside) if p.strip()):
        if part == "*":
            keyword = True
        else:
            parameters.append(_parameter(part, keyword))
    return Signature(name, tuple(parameters))


def _fits(p: Parameter, value: Any, numbers: bool = False) -> bool:
    if numbers and p.kind == "Tensor" and isinstance(value, (int, float, np.number, np.bool_)):
        return True
    if value is None:
        return p.optional
    if ACCEPTS[p.kind](value):
        return True
    return p.kind == "IntArrayRef" and p.size > 0 and is_int(value)


def _plain(p: Parameter, value: Any) -> Any:
    """The value as the formulas want it: ints as int, int lists as tuples."""
    if value is None:
        return None
    if p.kind == "IntArrayRef":
        return (int(value),) * p.size if is_int(value) else tuple(int(v) for v in value)
    if p.kind == "int64_t":
        return int(value)
    if p.kind in ("Number", "double") and is_tensor(value):
        return value._data.item()
    if p.kind in ("Number", "double") and isinstance(value, np.generic):
        return value.item()
    return value


def spread(signature: Signature, args: Sequence[Any], method: bool) -> Sequence[Any]:
    """`view(2, 3)` means `view((2, 3))`: a spread list is the only positional left."""
    rest = signature.positional[1:]
    given = args[1:]
    if (
        method
        and rest
        and rest[0].kind == "IntArrayRef"
        and len(rest) == 1
        and len(given) != 1
        and given
        and _is_ints(given)
    ):
        return (args[0], tuple(given))
    if method and len(rest) == 1 and rest[0].kind == "IntArrayRef" and not rest[0].size:
        return (args[0], (given[0],)) if len(given) == 1 and is_int(given[0]) else args
    return args


def bind(
    signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any], method: bool
) -> list[Any] | None:
    """The arguments in the order of the parameters, or None when the call does not fit."""
    args = spread(signature, args, method)
    positional = signature.positional
    if len(args) > len(positional):
        return None
    left = dict(kwargs)
    left.pop("out", None) if left.get("out", 0) is None else None
    bound: list[Any] = []
    for index, p in enumerate(signature.parameters):
        if index < len(args) and not p.keyword:
            value = args[index]
        else:
            value = _keyword(p, left)
        if value is MISSING or not (value is p.default or _fits(p, value, signature.numbers)):
            return None
        bound.append(_plain(p, value))
    return None if left else bound


_ALIASES = {"self": ("input", "a", "x"), "dim": ("axis",), "keepdim": ("keepdims",)}
_ALIASES |= {"other": ("x2",)}


def given_as(p: Parameter, kwargs: Mapping[str, Any]) -> str | None:
    """The keyword a parameter was given by, under its own name or one of NumPy's for it."""
    for name in (p.name, *_ALIASES.get(p.name, ())):
        if name in kwargs and name != "self":
            return name
    return None


def _keyword(p: Parameter, left: dict[str, Any]) -> Any:
    name = given_as(p, left)
    return p.default if name is None else left.pop(name)


def mismatch(name: str, args: Sequence[Any], kwargs: Mapping[str, Any], method: bool) -> Exception:
    """The error torch raises when no signature fits the call."""
    from gradtui.engine import errors, refusals

    name = _CALLED.get(name, name)
    refused = refusals.refusal(name, args, kwargs, method)
    if refused is not None:
        return refused
    given = [refusals.type_name(a) for a in args] + [
        f"{k}={refusals.type_name(v)}" for k, v in kwargs.items()
    ]
    known = [s.shown(False) for s in SIGNATURES.get(name, [])]
    return errors.unsupported(f"{name}({', '.join(given)})", " ".join(known))


_CALLED = {
    "embedding_rows": "embedding",
    "native_layer_norm": "layer_norm",
    "native_batch_norm": "batch_norm",
    "native_group_norm": "group_norm",
}
"""What torch calls what an operation here computes."""

SIGNATURES: dict[str, list[Signature]] = {}
"""The engine's own overloads by name, for what torch accepts and the engine does not have."""
