"""`torch.save` and `torch.load` into `io.BytesIO`: what was saved is kept as it was, and never
becomes bytes, so nothing is ever made of bytes that a stranger wrote.
"""

import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtui.language.tables import words

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

NAMES = ("save", "load")
ATTRIBUTES = frozenset({"seek", "tell", "close", "closed", "flush"})
ONLY_MEMORY = (
    "files cannot be reached; save into io.BytesIO(), or keep the state_dict in a variable"
)
LOADING = frozenset(words("map_location weights_only mmap pickle_module"))


class Memory:
    """`io.BytesIO` as a place for what `torch.save` is given."""

    def __init__(self, *initial: Any) -> None:
        if initial:
            raise TypeError("BytesIO() begins empty in the lesson language")
        self._kept: list[Any] = []
        self._place = 0
        self.closed = False

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Go to the beginning; nothing else has a number here."""
        if (place, whence) not in ((0, 0), (0, 2)):
            raise ValueError("BytesIO.seek() goes to 0 in the lesson language")
        self._place = len(self._kept) if whence else 0
        return self._place

    def tell(self) -> int:
        """How many things were saved before this place."""
        return self._place

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Let go of what was saved."""
        self._kept.clear()
        self.closed = True

    def __enter__(self) -> "Memory":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


Memory.__name__ = Memory.__qualname__ = "BytesIO"
Memory.__module__ = "_io"


class Copier:
    """Copies of tensors and of containers of them, each charged; tensors that are one stay one."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.known: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        """A copy of `value` that shares nothing with it."""
        self.runtime.budget.tick()
        if id(value) not in self.known:
            self.known[id(value)] = (self._made(value), value)
        return self.known[id(value)][0]

    def _made(self, value: Any) -> Any:
        if isinstance(value, self.runtime.world.tensor):
            self.runtime.meters.elements.one(value)
            return copy.deepcopy(value) if value.is_leaf else self._freed(value)
        if isinstance(value, list | tuple | set):
            parts = [self.of(part) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        if isinstance(value, dict):
            made = copy.copy(value)
            made.clear()
            made.update((key, self.of(part)) for key, part in value.items())
            return made
        if value is None or isinstance(value, int | float | complex | str):
            return value
        if type(value).__module__.partition(".")[0] in ("torch", "gradtui") and not hasattr(
            value, "parameters"
        ):
            return value  # a dtype, a Size, a device
        raise TypeError(
            f"a {type(value).__name__} cannot be saved in the lesson language; save its state_dict()"
        )

    def _freed(self, value: Any) -> Any:
        return value.detach().clone().requires_grad_()


def function(runtime: "Runtime", name: str) -> Callable[..., Any]:
    """What a call of `torch.save` or `torch.load` runs."""

    def save(obj: Any, f: Any, *rest: Any, **options: Any) -> None:
        memory = _opened(f)
        del memory._kept[memory._place :]
        runtime.meters.weigh(obj)
        memory._kept.append(Copier(runtime).of(obj))
        memory._place += 1

    def load(f: Any, *rest: Any, **options: Any) -> Any:
        memory = _opened(f)
        unknown = _unknown(options)
        if unknown:
            raise TypeError(f"torch.load() has no '{unknown}' in the lesson language")
        if memory._place >= len(memory._kept):
            raise EOFError("Ran out of input")
        memory._place += 1
        return Copier(runtime).of(memory._kept[memory._place - 1])

    made: Callable[..., Any] = save if name == "save" else load
    made.__qualname__ = name
    return made


def _opened(place: Any) -> Memory:
    if not isinstance(place, Memory):
        raise PermissionError(ONLY_MEMORY)
    if place.closed:
        raise ValueError("I/O operation on closed file.")
    return place


def _unknown(options: Mapping[str, Any]) -> str:
    return min(set(options) - LOADING, default="")
