"""What a node holds for its backward formula at a position: numbers saved, changed since, or freed.

held(tape, position, node)     # Held("saved", "saves x, w"), Held("freed", "freed"), …
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from gradtui.tape import events as e
from gradtui.tape.labels import label
from gradtui.tape.state import shown
from gradtui.tape.tape import Tape
from gradtui.tape.values import cell

HeldKind: TypeAlias = Literal["nothing", "saved", "stale", "freed"]


class Held(Struct, frozen=True):
    """`stale`: a saved tensor has other numbers now, so the formula cannot be used."""

    kind: HeldKind
    text: str


NOTHING = Held("nothing", "")
FREED = Held("freed", "freed")


def held(tape: Tape, position: int, node: int) -> Held:
    """What the node holds once `position` events have happened."""
    found = tape.nodes.get(node)
    if found is None or found.leaf is not None:
        return NOTHING
    freed = tape.index.freed.get(node)
    if freed is not None and freed < position:
        return FREED
    if not found.saved:  # large tensors are not told with their node
        return NOTHING if freed is None else Held("saved", "saves numbers")
    stale = next(_stale(tape, position, found), "")
    if stale:
        return Held("stale", stale)
    names = dict.fromkeys(_name(tape, position, value) for _, value in found.saved)
    return Held("saved", f"saves {', '.join(names)}")


def _stale(tape: Tape, position: int, node: e.Node) -> Iterator[str]:
    """`y v0, now v1` for each saved tensor that was changed in place since."""
    for _, value in node.saved:
        now = version(tape, position, value.tensor)
        if now is not None and now > value.version:
            called = _name(tape, position, value)
            yield f"{called} v{value.version}, now v{now}"


def version(tape: Tape, position: int, tensor: int) -> int | None:
    """A tensor's version now: how often it was changed in place."""
    at = tape.index.values.before(tensor, position)
    value = None if at is None else shown(tape.events[at], tensor)
    return None if value is None else value.version


def _name(tape: Tape, position: int, value: e.Value) -> str:
    """A tensor's name; a number that was never a tensor is told itself."""
    return label(tape, position, value.tensor) if value.tensor >= 0 else cell(value, 12)
