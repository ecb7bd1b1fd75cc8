"""What the interpreter tells whoever watches a run: the seam between the language and the tape.

The same interpreter runs a program over either engine, so one observer sees both in the same words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gradtui.language.source import Span


@dataclass(frozen=True, slots=True)
class Act:
    """One thing asked of the world: a call, an operator, a subscript or an attribute read.

    `name` is the plain operation: `"add"` for `+` and `torch.add`, `"backward"`, `"getitem"`,
    `"setitem"`, `"iadd"` for `+=`, `"T"` for an attribute. `kind` is one of `call`, `operator`,
    `getitem`, `setitem`, `getattr`, `setattr`, `inplace`. `receiver` is the object left of the dot
    or the left operand; `args` holds the rest.
    """

    kind: str
    name: str
    span: Span
    receiver: Any = None
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


class Observer(Protocol):
    """Receives what happens, in order. `act` goes around the deed: it calls `proceed` itself,
    once.
    """

    def statement(self, span: Span) -> None: ...

    def act(self, act: Act, proceed: Callable[[], Any]) -> Any: ...

    def bind(self, name: str, value: Any, span: Span) -> None: ...

    def printed(self, text: str, span: Span) -> None: ...

    def iteration(self, loop: Span, index: int, target: str) -> None: ...

    def grad_mode(self, enabled: bool, span: Span) -> None: ...

    def raised(self, error: BaseException, span: Span) -> None: ...
