"""`functools.partial` over one runtime: what it calls is charged, and it tells what it was given."""

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

ATTRIBUTES = frozenset({"args", "keywords"})


class Partial(functools.partial[Any]):
    """A partial that knows what the lesson gave it, and whose call is charged."""

    given: Any


Partial.__name__ = Partial.__qualname__ = "partial"
Partial.__module__ = "functools"


def partial(runtime: "Runtime", function: Any, *args: Any, **kwargs: Any) -> Partial:
    """`functools.partial(function, *args, **kwargs)`."""
    if not callable(function):
        raise TypeError("the first argument must be callable")
    if type(function) is Partial:
        args, kwargs = (*function.args, *args), {**function.keywords, **kwargs}
        function = function.given

    def call(*more: Any, **named: Any) -> Any:
        return runtime.charged_call(runtime.safe(function), more, named)

    made = Partial(call, *args, **kwargs)
    made.given = function
    return made
