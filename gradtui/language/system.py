"""`sys` as lesson code gets it: how to leave, where to write, and facts that are the same anywhere.

What differs from run to run, the arguments and the streams, is made for each.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtui.language import exits
from gradtui.language.streams import Output

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime


class Own:
    """A member of a module of which each runtime has its own."""

    def __init__(self, make: Callable[["Runtime"], Any]) -> None:
        self.make = make


def _arguments(runtime: "Runtime") -> list[str]:
    return [runtime.script]


def _stdout(runtime: "Runtime") -> Output:
    return Output("stdout", lambda text: runtime.print(text, None))


def _stderr(runtime: "Runtime") -> Output:
    return Output("stderr", runtime.print_error)


FACTS = (
    *("byteorder", "float_info", "hexversion", "maxsize", "maxunicode"),
    *("platform", "version", "version_info"),
)
MEMBERS: dict[str, Any] = {
    **{name: getattr(sys, name) for name in FACTS},
    "argv": Own(_arguments),
    "stdout": Own(_stdout),
    "stderr": Own(_stderr),
    "exit": exits.leave,
}
