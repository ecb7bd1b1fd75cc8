"""The modules of numpy as lesson code sees them, and the attributes of its values."""

from types import ModuleType
from typing import Any

import numpy as np

from gradtui.arrays import callers, signatures, tables
from gradtui.arrays.draws import MODULE, RANDOM_TYPES
from gradtui.arrays.printing import PRINTING
from gradtui.language.tables import words
from gradtui.language.world import ModuleView, Parametrised, World


def views() -> list[ModuleView]:
    """`numpy` and the modules within it."""
    names = [*tables.TYPES, *tables.CONSTANTS, *PRINTING, *callers.NAMES, *callers.PLACES]
    names += [path for path in signatures.ROWS if "." not in path]
    return [
        _view("numpy", np, names),
        _view("numpy.linalg", np.linalg, [*_within("linalg"), "LinAlgError"]),
        _view("numpy.testing", np.testing, _within("testing")),
        _view("numpy.fft", np.fft, _within("fft")),
        ModuleView("numpy.typing", {"NDArray": Parametrised, "ArrayLike": Parametrised}, None),
        _view("numpy.random", np.random, [*MODULE, *RANDOM_TYPES]),
    ]


def _within(module: str) -> list[str]:
    return [path.partition(".")[2] for path in signatures.ROWS if path.startswith(f"{module}.")]


def _view(name: str, module: ModuleType, names: list[str]) -> ModuleView:
    found: dict[str, Any] = {n: getattr(module, n) for n in names if hasattr(module, n)}
    return ModuleView(name, found, module)


def introduce(world: World) -> None:
    """Tells a world of arrays and numpy's numbers; tensors turn into arrays from now on."""
    attributes = world.attributes
    attributes[np.ndarray] = frozenset(words(tables.ARRAY))
    attributes[np.generic] = frozenset(words(tables.SCALAR))
    attributes[np.dtype] = frozenset(words(tables.DTYPE))
    attributes[np.finfo] = frozenset(words(tables.FINFO))
    attributes[np.iinfo] = frozenset(words(tables.IINFO))
    attributes[callers.Ufunc] = frozenset(("reduce", "accumulate", "outer", "at"))
    attributes[callers.Walk] = frozenset(("finished", "multi_index", "index", "iternext"))
    attributes[np.random.Generator] = frozenset((*tables.DRAWS, *tables.GENERATOR))
    attributes[np.random.RandomState] = frozenset((*tables.DRAWS, *tables.LEGACY))
    attributes[world.tensor] = attributes[world.tensor] | {"numpy"}
    world.shaped = (world.tensor, np.ndarray, np.generic)
    world.told = (np.ndarray,)
    from_numpy = getattr(world.engine, "from_numpy", None)
    if from_numpy is not None:
        world.modules["torch"].members["from_numpy"] = from_numpy
