"""The tensors a run has shown, numbered in order of first appearance, and what became of them.

A tensor is known by identity and held weakly: watching keeps nothing alive, and a number is never
given twice. Each entry remembers the value it was last shown with: an unchanged tensor costs three
attribute reads, and a changed one can be told with its numbers before and after.
"""

from collections.abc import Iterator
from typing import Any
from weakref import ref

from gradtui.tape.events import Value
from gradtui.tape.snapshot import contents, take, version

WATCHED = 1024  # named tensors, leaves and gradients looked at after an in-place operation


class Known:
    """One tensor: its number, its last value, the leaf it is the `.grad` of, its own `.grad`.

    `base` is the version that is told as 0.
    """

    __slots__ = ("base", "grad", "number", "owner", "ref", "value")

    def __init__(self, tensor: Any, number: int, base: int, forget: Any) -> None:
        self.ref = ref(tensor, forget)
        self.number = number
        self.base = base
        self.value = take(tensor, number, base)
        self.owner: int | None = None
        self.grad: Known | None = None


class Watch:
    """All known tensors, and the fewer that are watched: named ones, leaves, gradients."""

    def __init__(self) -> None:
        self.known: dict[int, Known] = {}
        self.watched: dict[int, Known] = {}
        self.count = 0

    def __contains__(self, tensor: Any) -> bool:
        return id(tensor) in self.known

    def entry(self, tensor: Any, base: int = 0) -> Known:
        """The tensor's entry, made on its first appearance."""
        key = id(tensor)
        entry = self.known.get(key)
        return entry if entry is not None else self._add(tensor, key, base)

    def grad(self, tensor: Any, owner: int) -> Known:
        """The entry of a leaf's `.grad`, whose versions count the writes that concern it.

        Torch's own count depends on whether it took over the array of a cotangent or copied it, and
        two gradients that began as parts of one array share one counter.
        """
        entry = self.entry(tensor, version(tensor))
        entry.owner = owner
        return self.keep(tensor)

    def _add(self, tensor: Any, key: int, base: int) -> Known:
        def forget(_: object) -> None:
            self.known.pop(key, None)
            self.watched.pop(key, None)

        entry = self.known[key] = Known(tensor, self.count, base, forget)
        self.count += 1
        if entry.value.requires_grad and entry.value.is_leaf:
            self.keep(tensor)
        return entry

    def peek(self, tensor: Any) -> Value:
        """The tensor now, under its number if it has one, without giving it one."""
        entry = self.known.get(id(tensor))
        return take(tensor) if entry is None else take(tensor, entry.number, entry.base)

    def keep(self, tensor: Any) -> Known:
        """Watches the tensor: the longest unmentioned one makes room."""
        entry = self.entry(tensor)
        self.watched.pop(id(tensor), None)
        self.watched[id(tensor)] = entry
        if len(self.watched) > WATCHED:
            del self.watched[next(iter(self.watched))]
        return entry

    def see(self, tensor: Any, written: bool = False) -> Value:
        """The tensor's value now, the very object it was last shown with if nothing changed.

        `written` says that an operation was just seen to write to it.
        """
        entry = self.entry(tensor)
        value = entry.value
        if (
            value.version == version(tensor) - entry.base
            and value.requires_grad == tensor.requires_grad
            and value.is_leaf == tensor.is_leaf
        ):
            return value
        entry.value = value = _now(tensor, entry, written)
        if value.requires_grad and value.is_leaf:
            self.keep(tensor)
        return value

    def live(self) -> Iterator[tuple[Any, Known]]:
        """The watched tensors that still exist, in order of their numbers."""
        for entry in sorted(self.watched.values(), key=lambda entry: entry.number):
            tensor = entry.ref()
            if tensor is not None:
                yield tensor, entry

    def written(self, tensor: Any, value: Value) -> bool:
        """Whether a known tensor was written to since it had `value`."""
        return bool(version(tensor) - self.known[id(tensor)].base != value.version)

    def refreshed(
        self, tensor: Any, entry: Known, bytewise: bool, written: bool = False
    ) -> Value | None:
        """The value before, if the tensor's numbers or its version changed since last shown."""
        before = entry.value
        same = before.version == version(tensor) - entry.base
        if same and not (bytewise and _differs(tensor, before)):
            return None
        entry.value = _now(tensor, entry, written)
        return None if entry.value == before else before


def _now(tensor: Any, entry: Known, written: bool) -> Value:
    if entry.owner is not None:
        concerned = written or _differs(tensor, entry.value)
        entry.base = version(tensor) - entry.value.version - concerned
    return take(tensor, entry.number, entry.base)


def _differs(tensor: Any, value: Value) -> bool:
    return contents(tensor) != (value.data, value.summary)
