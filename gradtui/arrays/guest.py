"""numpy as the guest of a world: `world(torch)` is the world of an engine that numpy may join."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradtui.language.world import ModuleView, World

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Numpy:
    """What of numpy a world may show, and what a run is charged for it."""

    word: str = "numpy"

    def modules(self, world: World) -> Iterable[ModuleView]:
        from gradtui.arrays.members import views

        return views()

    def arrive(self, world: World) -> None:
        from gradtui.arrays.members import introduce

        introduce(world)

    def settle(self, runtime: "Runtime") -> None:
        from gradtui.arrays.settling import settle

        settle(runtime)


NUMPY = Numpy()


def world(torch: Any) -> World:
    """The world of lessons over `torch`, which numpy joins when a program names it."""
    return World.over(torch, guests=(NUMPY,))
