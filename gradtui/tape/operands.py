"""Which tensors an act of the interpreter concerns, and why its result was not recorded."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradtui.language.observer import Act
from gradtui.tape.events import Value
from gradtui.tape.values import nested

ITEMS = 256  # of a list of tensors given to one call

CREATIONS = frozenset({"tensor", "as_tensor", "from_numpy", "scalar_tensor", "requires_grad_"})
CUTS = frozenset({"detach", "detach_", "data"})
VIEWS_BY_NAME = frozenset({"T", "H", "mT", "mH", "data", "real", "imag"})


def operation_name(act: Act) -> str:
    """What an act is called: a module that is called gives its kind, `Linear`, and the `apply` of a
    Function its class."""
    if act.name == "call" and act.receiver is not None:
        return type(act.receiver).__name__
    if act.name == "apply" and isinstance(act.receiver, type):
        return act.receiver.__name__
    return act.name


def tensors_in(values: Sequence[Any], tensor: type) -> Iterator[Any]:
    """The tensors among `values` and in the lists and tuples among them."""
    for value in values:
        if isinstance(value, tensor):
            yield value
        elif type(value) in (list, tuple):
            for item in value[:ITEMS]:
                if isinstance(item, tensor):
                    yield item


def operands(act: Act, tensor: type) -> list[Any]:
    """The tensors an act takes: what is left of the dot or operator, then its arguments."""
    found = [act.receiver] if isinstance(act.receiver, tensor) else []
    if act.args:
        found += tensors_in(act.args, tensor)
    if act.kwargs:
        found += tensors_in(tuple(act.kwargs.values()), tensor)
    return found


def results(value: Any, tensor: type) -> list[Any]:
    """The tensors an act gave."""
    if isinstance(value, tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return list(tensors_in(value[:ITEMS], tensor))
    return []


def makes(act: Act, tensor: type) -> bool:
    """Whether what an act gives for the first time was made by it, not only looked up."""
    if act.kind == "getattr":
        return act.name in VIEWS_BY_NAME
    return act.kind != "getitem" or isinstance(act.receiver, tensor)


def may_change(act: Act) -> bool:
    """Whether tensors other than those given may have other numbers after the act."""
    return (
        act.kind in ("inplace", "setitem", "setattr", "delattr")
        or act.name in WRITING
        or (act.name.endswith("_") and not act.name.endswith("__"))
        or "out" in act.kwargs
    )


WRITING = frozenset(
    "step zero_grad load_state_dict setitem copyto fill fill_diagonal partition put put_along_axis"
    " putmask shuffle sort".split()
)
"""Calls that write to what they are given, numpy's among them: an array may share its memory."""


def shares(act: Act) -> bool:
    """Whether from now on numbers of tensors may change without their versions: through an array."""
    if act.name == "as_tensor":
        return any(isinstance(value, np.ndarray) for value in act.args)
    return act.name in ("numpy", "from_numpy")


def why_unrecorded(act: Act, inputs: Sequence[Value], output: Value, enabled: bool) -> str:
    """The reason an operation left no node behind."""
    if act.name in CUTS:
        return "detach"
    if not inputs or act.name in CREATIONS or act.name.endswith("_like"):
        return "leaf"
    if act.name.startswith("new_"):
        return "leaf"
    if not output.dtype.startswith(("float", "bfloat", "complex")):
        return "not differentiable"
    if not any(value.requires_grad for value in inputs):
        return "inputs"
    return "not differentiable" if enabled else "no_grad"


PLAIN = (int, float, complex, str, bool, bytes, type(None))
WIDTH = 80
ROOM = 44  # of them, for the numbers of an array


def brief(value: Any) -> str:
    """A short text for a name's meaning: a plain value's repr, or the kind of thing it is.

    Never runs lesson code and never shows an address, so both engines give the same text.
    """
    text = _brief(value, 2)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _brief(value: Any, depth: int) -> str:
    kind = type(value)
    if kind in (str, bytes):
        return repr(value[:WIDTH])
    if kind in PLAIN:
        return repr(value) if kind is not int or value.bit_length() < 400 else "int"
    if kind in BRACKETS and depth:
        opening, closing = BRACKETS[kind]
        return opening + ", ".join(_brief(item, depth - 1) for item in value[:8]) + closing
    if kind is np.ndarray:
        return f"array {nested(value, ROOM)}, shape {list(value.shape)}, {value.dtype}"
    if isinstance(value, np.generic):
        return str(value.item())
    if kind.__name__ in ("Size", "dtype"):
        return str(value)
    return kind.__name__


BRACKETS: dict[Any, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")")}
