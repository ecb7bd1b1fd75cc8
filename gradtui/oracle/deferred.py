"""Stand-ins for torch's heaviest modules, so that torch answers a second earlier.

A first backward with a vector imports `torch.fx.experimental.symbolic_shapes` (487 modules, 0.3 s)
and a first optimizer `torch._dynamo` (0.7 s), each for one or two small functions that do nothing
outside compiled code. A stand-in has those functions and becomes the real module when anything else
is asked.
"""

import importlib
import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def _itself(value: Any = None, *_: Any, **__: Any) -> Any:
    return value


UNASKED = "torch._meta_registrations"
"""Imported by torch for tensors without numbers alone (0.2 s); to be put in place before torch."""

MEMBERS: dict[str, dict[str, Callable[..., Any]]] = {
    "torch.fx.experimental.symbolic_shapes": {
        "expect_true": _itself,
        "sym_eq": lambda a, b: a == b,
    },
    UNASKED: {},
    "torch._dynamo": {"disable": _itself, "graph_break": lambda *args: None},
}
"""What torch's own code asks of each module in an ordinary run (torch 2.13)."""

HINTS = re.compile(r"\b(?:func|vmap|compile|jac\w+|jvp|vjp|hessian)\b")
"""Words of a program that will ask for more."""


class StandIn(ModuleType):
    """A module with a few members, replaced by the real one when another is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(real(self.__name__), name)


def real(name: str) -> ModuleType:
    """The module itself, imported now if a stand-in was in its place."""
    if isinstance(sys.modules.get(name), StandIn):
        del sys.modules[name]
        parent, _, leaf = name.rpartition(".")
        vars(sys.modules[parent]).pop(leaf, None)
    return importlib.import_module(name)


def defer(*names: str) -> None:
    """Puts stand-ins in the place of those modules, or of all, that are not imported yet."""
    for name in names or MEMBERS:
        if name not in sys.modules:
            made = StandIn(name)
            vars(made).update(MEMBERS[name])
            sys.modules[name] = made
            parent, _, leaf = name.rpartition(".")
            if parent in sys.modules:
                setattr(sys.modules[parent], leaf, made)


def deferred() -> list[str]:
    """The names that still have stand-ins."""
    return [name for name in MEMBERS if isinstance(sys.modules.get(name), StandIn)]
