"""One event of ours against one of torch's, field by field, numbers of tensors and nodes paired.

The two runs number tensors and nodes alike until one of them tells of something the other does not.
From there on numbers are paired: what first stands for what, stands for it ever after.
"""

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from gradtui.oracle.tolerance import RANK, SAME, Nearness, compare_text, compare_values
from gradtui.tape import events as e
from gradtui.tape.events import AnyEvent, Value
from gradtui.tape.values import cell

Kind: TypeAlias = Literal["same", "close", "differs", "waiting", "not compared"]


class Verdict(Struct, frozen=True):
    """What torch says of one event: both are shown where they are not the same."""

    kind: Kind
    reason: str = ""
    ulps: int | None = None
    ours: str = ""
    torch: str = ""


WAITING = Verdict("waiting")
BOOKKEEPING = Verdict("not compared", "there is no value to compare")
SILENT = (e.StepBegan, e.StepEnded, e.Statement, e.ModuleBegan, e.ModuleEnded)

TENSOR_FIELDS = frozenset({"tensor", "leaf", "owner"})
NODE_FIELDS = frozenset({"node", "grad_fn", "freed", "roots"})
TEXT_FIELDS = frozenset({"text", "message"})


class Pairing:
    """Which number of theirs each number of ours stands for."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, int], int] = {}
        self._taken: set[tuple[str, int]] = set()

    def matches(self, kind: str, ours: Any, torch: Any) -> bool:
        """Whether they stand for one another; two that are both new do from now on."""
        if ours is None or torch is None or ours < 0 or torch < 0:
            return bool(ours == torch)
        known = self._pairs.get((kind, ours))
        if known is not None:
            return bool(known == torch)
        if (kind, torch) in self._taken:
            return False
        self._pairs[kind, ours] = torch
        self._taken.add((kind, torch))
        return True

    def settle(self, event: AnyEvent) -> None:
        """Remembers that two equal events name the same things."""
        if isinstance(event, e.Operation):
            for value in (*event.inputs, *event.outputs):
                self._itself("tensor", value.tensor)
        if isinstance(event, (e.Operation, e.BackwardBegan)):
            for node in event.nodes:
                self._itself("node", node.id)
        elif isinstance(event, (e.Accumulated, e.GradSet)) and event.after is not None:
            self._itself("tensor", event.after.tensor)
        elif isinstance(event, e.Bound) and event.tensor is not None:
            self._itself("tensor", event.tensor)

    def _itself(self, kind: str, number: int) -> None:
        key = (kind, number)
        if number >= 0 and key not in self._pairs and key not in self._taken:
            self._pairs[key] = number
            self._taken.add(key)


class _Finding(Struct):
    """The worst that was found so far, and where."""

    nearness: Nearness = SAME
    where: str = ""
    ours: str = ""
    torch: str = ""

    def note(self, near: Nearness, where: str, ours: Any, torch: Any) -> None:
        if RANK[near.kind] > RANK[self.nearness.kind] or (
            near.kind == self.nearness.kind == "close"
            and (near.ulps or 0) > (self.nearness.ulps or 0)
        ):
            self.nearness, self.where = near, where
            self.ours, self.torch = show(ours), show(torch)


DIFFERS = Nearness("differs")


def judge(ours: AnyEvent, torch: AnyEvent, pairing: Pairing) -> Verdict:
    """The verdict on one event; events of different kinds differ."""
    if ours == torch:
        pairing.settle(ours)
        return BOOKKEEPING if isinstance(ours, SILENT) else Verdict("same")
    if type(ours) is not type(torch):
        return Verdict("differs", "torch did something else", None, title(ours), title(torch))
    found = _Finding()
    _compare(ours, torch, "", pairing, found)
    near = found.nearness
    if near.kind == "same":
        return BOOKKEEPING if isinstance(ours, SILENT) else Verdict("same")
    reason = ": ".join(part for part in (found.where, near.reason) if part)
    return Verdict(near.kind, reason, near.ulps, found.ours, found.torch)


def _compare(ours: Any, torch: Any, where: str, pairing: Pairing, found: _Finding) -> None:
    """Walks both, noting the worst difference."""
    if isinstance(ours, Value) and isinstance(torch, Value):
        _compare_tensors(ours, torch, where, pairing, found)
    elif isinstance(ours, e.Given):
        return
    elif isinstance(ours, msgspec.Struct) and type(ours) is type(torch):
        for name in ours.__struct_fields__:
            _compare_field(ours, torch, name, where, pairing, found)
    elif type(ours) is tuple and type(torch) is tuple:
        if len(ours) != len(torch):
            found.note(DIFFERS, where, len(ours), len(torch))
            return
        for a, b in zip(ours, torch, strict=True):
            _compare(a, b, where, pairing, found)
    elif ours != torch:
        found.note(DIFFERS, where, ours, torch)


def _compare_field(
    ours: Any, torch: Any, name: str, where: str, pairing: Pairing, found: _Finding
) -> None:
    a, b = getattr(ours, name), getattr(torch, name)
    inside = f"{where}.{name}" if where else name
    kind = "node" if name == "id" and isinstance(ours, e.Node) else kind_of(name)
    if name == "text" and isinstance(ours, e.Bound):
        _compare(a, b, inside, pairing, found)
    elif name in TEXT_FIELDS:
        found.note(compare_text(a, b), inside, a, b)
    elif kind:
        _compare_numbers(kind, a, b, inside, pairing, found)
    else:
        _compare(a, b, inside, pairing, found)


def kind_of(field: str) -> str:
    """What a field's number counts: tensors, nodes, passes, or "" for a plain number."""
    if field in TENSOR_FIELDS:
        return "tensor"
    if field in NODE_FIELDS:
        return "node"
    return "pass" if field == "number" else ""


def _compare_numbers(
    kind: str, ours: Any, torch: Any, where: str, pairing: Pairing, found: _Finding
) -> None:
    mine = ours if type(ours) is tuple else (ours,)
    theirs = torch if type(torch) is tuple else (torch,)
    agree = len(mine) == len(theirs) and all(
        pairing.matches(kind, a, b) for a, b in zip(mine, theirs, strict=True)
    )
    if not agree:
        found.note(DIFFERS, where, ours, torch)


def _compare_tensors(
    ours: Value, torch: Value, where: str, pairing: Pairing, found: _Finding
) -> None:
    for name in ("shape", "dtype", "requires_grad", "is_leaf", "version"):
        a, b = getattr(ours, name), getattr(torch, name)
        if a != b:
            found.note(DIFFERS, f"{where}.{name}", a, b)
    if not pairing.matches("tensor", ours.tensor, torch.tensor):
        found.note(DIFFERS, f"{where}.tensor", ours.tensor, torch.tensor)
    if ours.shape == torch.shape and ours.dtype == torch.dtype:
        found.note(compare_values(ours, torch), where, ours, torch)


def show(thing: Any) -> str:
    """Short text for what one side has."""
    if isinstance(thing, Value):
        return cell(thing)
    if isinstance(thing, e.Event):
        return title(thing)
    text = thing if isinstance(thing, str) else repr(thing)
    return text if len(text) <= 200 else text[:199] + "…"


def title(event: Any) -> str:
    """An event in a few words, for the side that has it alone."""
    kind = type(event).__name__
    for field in ("name", "text", "message", "reason", "step", "id"):
        found = getattr(event, field, "")
        if found:
            return f"{kind} {show(str(found).rstrip())}"
    return kind


def signature(event: AnyEvent) -> tuple[Any, ...]:
    """What must agree for two events to be the same happening: not its numbers."""
    kind = type(event).__name__
    own = tuple(getattr(event, name, None) for name in ("name", "step", "id", "index", "enabled"))
    return (kind, event.span, *own)
