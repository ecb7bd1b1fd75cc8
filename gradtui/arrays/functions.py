"""numpy's functions as lesson code calls them: arguments bound by name, checked, priced; then run.

What a function is given beyond its row in `signatures.ROWS` is refused, and so is what would make an
array of anything but numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtui.arrays import prices, signatures
from gradtui.arrays.prices import Prices
from gradtui.arrays.values import LONGEST_WORD, Values, checked

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

REPLACED: Mapping[str, Any] = {"empty": np.zeros, "empty_like": np.zeros_like}
"""An array of whatever the memory holds would differ from run to run."""
FLAGS = frozenset({"copy"})  # parameters that may be None, which `bind` passes on


class Kit:
    """What the guards of one run share."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.budget = runtime.budget
        self.values = Values(runtime)
        self.prices = Prices(runtime)

    def bound(
        self, name: str, parameters: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
        """The arguments by the names of the parameters, and as numpy is to be given them."""
        args, kwargs = list(args), dict(kwargs)
        given: dict[str, Any] = {}
        for place, value in enumerate(args):
            parameter = parameters[place] if place < len(parameters) else ""
            if parameter.startswith("*"):
                given[parameter] = tuple(args[place:])
                break
            if not parameter:
                raise TypeError(
                    f"{name}() takes from 0 to {len(parameters)} positional arguments in the"
                    f" lesson language but {len(args)} were given"
                )
            given[parameter] = args[place] = self._argument(name, parameter, value)
        for values in (given[p] for p in given if p.startswith("*")):
            for value in values:
                self._argument(name, "*", value)
        for parameter, value in kwargs.items():
            if parameter not in parameters:
                raise TypeError(f"{name}() has no argument '{parameter}' in the lesson language")
            given[parameter] = kwargs[parameter] = self._argument(name, parameter, value)
        return given, args, kwargs

    def _argument(self, name: str, parameter: str, value: Any) -> Any:
        if parameter == "dtype":
            return self.values.dtype(value)
        if isinstance(value, str) and len(value) <= LONGEST_WORD:
            return value
        self.values.plain(f"{name}()", value)
        return value


def guard(kit: Kit, path: str, callee: Any) -> Callable[..., Any]:
    """What a call of the function at `path` (`linalg.norm`) runs."""
    parameters, price = signatures.ROWS[path]
    name = path.rpartition(".")[2]
    call = REPLACED.get(path, callee)
    spent = kit.prices

    def guarded(*args: Any, **kwargs: Any) -> Any:
        given, args_, kwargs_ = kit.bound(name, parameters, args, kwargs)
        charge(price, spent, given)
        return checked(f"{name}()", call(*args_, **kwargs_))

    guarded.__name__ = guarded.__qualname__ = name
    return guarded


def charge(price: prices.Price, spent: Prices, given: Mapping[str, Any]) -> None:
    """Charges; for arguments that the price cannot read, numpy will say what is wrong with them,
    unless they are too many to be looked at."""
    try:
        price(spent, given)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, OverflowError):
        spent.each(*given.values())
        given_sizes = [v for v in given.values() if isinstance(v, int)]
        if any(abs(v) > spent.budget.limits.elements for v in given_sizes):
            spent.budget.refuse("elements")


def scalar_type(kit: Kit, kind: type) -> Callable[..., Any]:
    """`np.float32(x)`: a number, or an array of what a list holds."""

    def make(*args: Any) -> Any:
        for value in args:
            kit.values.plain(f"{kind.__name__}()", value)
        kit.prices.each(*args)
        return checked(kind.__name__, kind(*args))

    make.__name__ = make.__qualname__ = kind.__name__
    return make


def described(kit: Kit, kind: type) -> Callable[..., Any]:
    """`np.dtype`, `np.finfo`, `np.iinfo` of an allowed dtype."""

    def make(dtype: Any) -> Any:
        if isinstance(dtype, np.ndarray | np.generic) or type(dtype) in (int, float):
            dtype = np.asarray(dtype).dtype
        return kind(kit.values.dtype(dtype))

    make.__name__ = make.__qualname__ = kind.__name__
    return make


def not_made(name: str) -> Callable[..., Any]:
    """A type that lesson code may ask about and not call."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"np.{name} is not called in the lesson language; use np.array or np.zeros")

    return refuse
