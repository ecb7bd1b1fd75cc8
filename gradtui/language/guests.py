"""Libraries beside the engine that join a world when a program first names them.

World.over(torch, guests=(NUMPY,))

The language knows none of them: a guest says what it brings, what of it may be reached, and, for
each run, what that costs.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime
    from gradtui.language.world import World


class Guest(Protocol):
    """A library as a world may be offered it."""

    @property
    def word(self) -> str:
        """What the text of a program that means it contains; its modules begin with it."""

    def modules(self, world: "World") -> Iterable[Any]:
        """The views of its modules (`ModuleView`)."""

    def arrive(self, world: "World") -> None:
        """Tells the world of its types: the attributes of their instances, which have elements."""

    def settle(self, runtime: "Runtime") -> None:
        """Gives a run the guards of its functions, the prices of its operators and methods."""


def brought(world: "World", module: str) -> bool:
    """Whether a module is a guest's, which guards it itself."""
    return any(module.split(".")[0] == guest.word for guest in world.present)
