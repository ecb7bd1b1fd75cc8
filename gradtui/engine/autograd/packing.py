"""Hooks on what nodes save: packed when an operation saves it, unpacked when it is needed.

While hooks are active an open tape packs what each new node saved. The node changes into one that
unpacks before it runs, so nodes without hooks pay nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from gradtui.engine import state
from gradtui.engine.derive import Result, result_of
from gradtui.engine.node import Node, Output
from gradtui.engine.tensor import TENSORS, Tensor, alias, owner, wrap

Hook = Callable[[Any], Any]

active: list[tuple[Hook, Hook]] = []  # the innermost pair counts
refusal: list[str] = []  # why hooks may not be set now


class Packed:
    """What the pack hook returned, and the history of the tensor it was given."""

    __slots__ = ("held", "history", "number", "unpack")

    def __init__(self, tensor: Tensor, pack: Hook, unpack: Hook, number: int = -1) -> None:
        self.unpack = unpack
        self.number = number  # of the node's own output, which has no history to keep
        self.history = None if number >= 0 else (tensor._node, tensor._rg)
        self.held = pack(tensor)

    def tensor(self) -> Tensor:
        """What the unpack hook makes of it, with the history of the original."""
        found = self.unpack(self.held)
        if not isinstance(found, Tensor):
            raise TypeError(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(found).__name__}"
            )
        if self.history is None:
            return found
        made = alias(found)
        made._node, made._rg = self.history
        return made if made._node is not None or not made._rg else found


def _unpacked(saved: Any) -> Any:
    if saved.__class__ is not Packed:
        return saved
    found = saved.tensor()
    if saved.number < 0:
        return found
    return Result(found._data, saved.number) if saved.number else found._data


class _OneByOne(tuple[Any, ...]):
    """Saved things of which only those that are looked at are unpacked."""

    __slots__ = ()

    def __getitem__(self, place: Any) -> Any:
        return _unpacked(super().__getitem__(place))


def _all(saved: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_unpacked(s) for s in saved)


@cache
def _unpacking(kind: type[Node]) -> type[Node]:
    """A node like `kind` that unpacks what it saved whenever it is asked for it."""

    def with_saved(name: str, opened: Callable[[Any], Any]) -> Callable[..., Any]:
        plain = getattr(kind, name)

        def call(node: Any, *args: Any) -> Any:
            kept = node.saved
            if kept is not None:
                node.saved = opened(kept)
            try:
                return plain(node, *args)
            finally:
                node.saved = kept

        return call

    body: dict[str, Any] = {n: with_saved(n, _all) for n in ("apply", "apply_tensor")}
    body["read_saved"] = with_saved("read_saved", _OneByOne)
    body |= {
        "unpacks": True,
        "__slots__": (),
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
    }
    return type(kind.__name__, (kind,), body)


@cache
def _unpacking_function(kind: type[Node]) -> type[Node]:
    """The node of a custom function, whose `saved_tensors` unpacks."""
    plain: Any = kind

    def saved_tensors(node: Any) -> Any:
        kept = node.saved
        if kept is not None:
            node.saved = tuple(_pair(s) for s, _ in kept)
        try:
            return plain.saved_tensors.fget(node)
        finally:
            node.saved = kept

    def _pair(saved: Any) -> Any:
        found = _unpacked(saved)
        result = result_of(found)
        if result is not None:
            return Output(result.array, result.number), 0
        return found, owner(found)._ver if isinstance(found, Tensor) else 0

    body = {
        "saved_tensors": property(saved_tensors),
        "unpacks": True,
        "__module__": kind.__module__,
    }
    return type(kind.__name__, (kind,), body)


class PackingTape(list[Any]):
    """A tape that packs what the nodes of recorded operations saved, and keeps nothing itself."""

    def __init__(self, outer: Any) -> None:
        super().__init__()
        self.outer = outer

    def append(self, event: Any) -> None:
        if self.outer is not None:
            self.outer.append(event)
        if isinstance(event[0], str) or not active:
            return
        outs = event[2] if isinstance(event[2], tuple) else (event[2],)
        tensors = [o for o in outs if o.__class__ in TENSORS]
        node = next((t.grad_fn for t in tensors if t.grad_fn is not None), None)
        if node is not None and node.saved:
            _pack(node, tensors)


def _pack(node: Any, outs: list[Any]) -> None:
    pack, unpack = active[-1]
    before, state.tape = state.tape, None
    try:
        if hasattr(node, "saved_tensors"):
            node.saved = tuple((_packed(s, outs, pack, unpack), None) for s, _ in node.saved)
            kind: Any = type(node)
            node.__class__ = _unpacking_function(kind)
        elif not any(s.__class__ is Packed for s in node.saved):
            node.saved = tuple(_packed(s, outs, pack, unpack) for s in node.saved)
            plain: Any = type(node)
            node.__class__ = _unpacking(plain)
            node.versions = None
    finally:
        state.tape = before


def pack_one(node: Any, place: int, shown: Tensor, pack: Hook, unpack: Hook) -> None:
    """Packs what one node saved at one place, which the user sees as `shown`."""
    function = hasattr(node, "saved_tensors")
    saved = node.saved[place][0] if function else node.saved[place]
    result = result_of(saved)
    number = result.number if result else saved.number if isinstance(saved, Output) else -1
    packed = Packed(shown, pack, unpack, number)
    left, right = node.saved[:place], node.saved[place + 1 :]
    kind: Any = type(node)
    node.saved = (*left, (packed, None) if function else packed, *right)
    if not getattr(kind, "unpacks", False):
        node.__class__ = _unpacking_function(kind) if function else _unpacking(kind)
    node.versions = 0 if function else _without_version(node.versions, place)


def _without_version(versions: Any, place: int) -> Any:
    return (*versions[:place], 0, *versions[place + 1 :]) if versions else versions


def _packed(saved: Any, outs: list[Any], pack: Hook, unpack: Hook) -> Any:
    result = result_of(saved)
    if result is not None:
        shown = outs[result.number] if result.number < len(outs) else wrap(result.array)
        return Packed(shown, pack, unpack, result.number)
    if isinstance(saved, Output):
        return Packed(outs[saved.number], pack, unpack, saved.number)
    return Packed(saved, pack, unpack) if saved.__class__ in TENSORS else saved


class saved_tensors_hooks:
    """Inside, `pack_hook` is called on what is saved, and later `unpack_hook` on what that gave."""

    __module__ = "torch.autograd.graph"

    def __init__(self, pack_hook: Hook, unpack_hook: Hook) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> None:
        if refusal:
            raise RuntimeError(refusal[-1])
        active.append((self.pack_hook, self.unpack_hook))
        self._before = state.tape
        state.tape = PackingTape(state.tape)

    def __exit__(self, *error: object) -> None:
        state.tape = self._before
        active.pop()


class save_on_cpu(saved_tensors_hooks):
    """Keeps what is saved on the CPU, where everything is already."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda tensor: tensor, lambda tensor: tensor)


class disable_saved_tensors_hooks:
    """Inside, setting such hooks is an error with this message."""

    def __init__(self, error_message: str) -> None:
        self._message = error_message

    def __enter__(self) -> None:
        refusal.append(self._message)

    def __exit__(self, *error: object) -> None:
        refusal.pop()
