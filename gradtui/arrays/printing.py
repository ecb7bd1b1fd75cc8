"""How arrays are printed: `np.set_printoptions`, of which every program has its own.

numpy keeps the options in the context of the running code, and an interpreter runs a program in a
context of its own, so what a lesson sets ends with it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradtui.arrays.functions import Kit

PRINTING = ["set_printoptions", "get_printoptions", "printoptions", "errstate", "seterr"]
MOST = {"precision": 50, "edgeitems": 100, "linewidth": 10_000}
WORDS = frozenset({"nanstr", "infstr", "sign", "floatmode"})
LONGEST = 20  # characters of what stands for nan
FLAGS = frozenset({"suppress"})
UNLIMITED = 10**12
CORNERS = 8  # of a large array its corners are printed
WIDE = 330  # characters of a float64 that is written out
ERRORS = frozenset({"all", "divide", "over", "under", "invalid"})
KINDS = frozenset({"ignore", "warn", "raise", "print"})


def function(kit: "Kit", name: str) -> Callable[..., Any]:
    """What a call of `np.<name>` runs."""
    found: dict[str, Callable[..., Any]] = {
        "set_printoptions": lambda *a, **k: np.set_printoptions(**_options(kit, a, k)),
        "get_printoptions": lambda: {
            key: value
            for key, value in np.get_printoptions().items()
            if key in MOST or key in WORDS or key in FLAGS or key in ("threshold", "formatter")
        },
        "printoptions": lambda *a, **k: np.printoptions(**_options(kit, a, k)),
        "errstate": lambda **k: np.errstate(**_errors(k)),
        "seterr": lambda **k: np.seterr(**_errors(k)),
    }
    return found[name]


def _options(kit: "Kit", args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    order = ("precision", "threshold", "edgeitems", "linewidth", "suppress", "nanstr", "infstr")
    options = {**dict(zip(order, args, strict=False)), **kwargs}
    for key, value in options.items():
        if value is None:
            continue
        if key in MOST:
            if not isinstance(value, int):
                raise TypeError(f"{key} must be an integer")
            if value > MOST[key]:
                kit.runtime.budget.refuse("text", "set_printoptions")
        elif key in WORDS and isinstance(value, str):
            if len(value) > LONGEST:
                kit.runtime.budget.refuse("text", "set_printoptions")
        elif key == "formatter":
            options[key] = _formatters(kit, value)
        elif key == "threshold":
            options[key] = int(min(value, UNLIMITED))
        elif key not in FLAGS:
            raise TypeError(f"set_printoptions() has no '{key}' in the lesson language")
    return options


def _formatters(kit: "Kit", given: Any) -> dict[str, Callable[[Any], str]]:
    """Functions that spell a number, what they return charged."""

    def charged(call: Any) -> Callable[[Any], str]:
        spell = kit.runtime.safe(call)

        def spelled(value: Any) -> str:
            text = spell(value)
            if not isinstance(text, str):
                raise TypeError("a formatter returns a string")
            kit.runtime.budget.output(0)
            kit.runtime.budget.text(len(text))
            return text

        return spelled

    return {str(key): charged(call) for key, call in dict(given).items()}


def _errors(given: dict[str, Any]) -> dict[str, Any]:
    for key, value in given.items():
        if key not in ERRORS or value not in KINDS:
            raise ValueError(f"errstate: {key}={value!r} is not in the lesson language")
    return given


def text_cost(count: int) -> int:
    """Characters that the text of an array of so many numbers has, at most."""
    options = np.get_printoptions()
    if count > options["threshold"]:
        count = min(count, (2 * options["edgeitems"]) ** 2 * CORNERS)
    return count * (WIDE if options["suppress"] else 14 + int(options["precision"] or 8))
