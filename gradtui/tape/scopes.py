"""How long the names of functions mean something: until the call they were bound in is over.

    scopes = Scopes()
    scopes.reached(at, depth); scopes.bound(at, event)
    scopes.ends[12]                 # the position from which what event 12 bound means nothing

A tape tells how deep each event is, not when a call returns: that shows in the next event of a
caller. Two calls in a row without one between are one here.
"""

from gradtui.tape.events import Bound


class Scopes:
    """Reads a run event by event."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, list[int]]] = []  # how deep, and what was bound in it
        self.ends: dict[int, int] = {}

    @property
    def depth(self) -> int:
        """How many calls in which something was bound are under way."""
        return self.calls[-1][0] if self.calls else 0

    def bound(self, at: int, event: Bound) -> None:
        """A name was bound, in a call."""
        if event.depth > self.depth:
            self.calls.append((event.depth, []))
        if self.calls:
            self.calls[-1][1].append(at)

    def reached(self, at: int, depth: int) -> None:
        """An event of this depth happened: deeper calls are over, before it."""
        while self.depth > depth:
            for binding in self.calls.pop()[1]:
                self.ends[binding] = at


def scoped(name: str, depth: int) -> str:
    """What the bindings of a name at a depth are found by: names of functions are others."""
    return f"{name} {depth}" if depth else name
