"""`torch.autograd.forward_ad`: derivatives carried along with the values, in dual tensors.

>>> import gradtui.engine as torch
>>> with torch.autograd.forward_ad.dual_level():
...     x = torch.autograd.forward_ad.make_dual(torch.tensor(3.0), torch.tensor(1.0))
...     x * x
tensor(9., tangent=6.0)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gradtui.engine import custom, levels
from gradtui.engine.kernels import shapes
from gradtui.engine.kernels.shapes import root
from gradtui.engine.levels import Level, asleep, check_tangent, set_tangent, tangent_of
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.modes import _Mode
from gradtui.engine.tensor import Tensor, storage, wrap

_entered: list[Level] = []
assert custom.__all__


def enter_dual_level() -> int:
    """Opens the level on which dual tensors can be made; its number is 0."""
    if _entered:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    _entered.extend(levels.open_levels())
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Closes the level; the tangents made on it are gone."""
    current = len(_entered) - 1
    level = current if level is None else level
    if level != current:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is "
            "not supported."
        )
    if level < 0:
        raise RuntimeError("Dual level must be a positive number.")
    levels.close_levels([_entered.pop()])


class dual_level(_Mode):
    """`with dual_level():` opens the level and closes it again."""

    __module__ = "torch.autograd.forward_ad"

    def __init__(self) -> None:
        super().__init__(True)

    def clone(self) -> dual_level:
        return dual_level()

    def __enter__(self) -> Any:
        return enter_dual_level()

    def __exit__(self, *error: object) -> None:
        exit_dual_level()


class UnpackedDualTensor(NamedTuple):
    """A primal and its tangent, None where it has none."""

    primal: Tensor
    tangent: Tensor | None


def make_dual(tensor: Any, tangent: Any, *, level: int | None = None) -> Tensor:
    """A view of `tensor` that moves with `tangent`, of the same shape."""
    level = len(_entered) - 1 if level is None else level
    if level < 0:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
            "enter_dual_level() first."
        )
    check_floating(tensor, tangent)
    if level >= len(_entered):
        raise RuntimeError("Invalid level given to _make_dual")
    return dual(tensor, tangent, _entered[level])


def check_floating(primal: Any, tangent: Any) -> None:
    """Raises torch's error where a dual tensor would not be of real numbers."""
    for role, given in (("primal", primal), ("tangent", tangent)):
        if not given.is_floating_point():
            raise ValueError(
                f"Expected {role} to be floating point or complex, but got: {given.dtype}"
            )


def dual(tensor: Tensor, tangent: Tensor, level: Level) -> Tensor:
    """A view of `tensor` that moves with `tangent` on one level."""
    if tangent_of(tensor, level) is not None:
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the "
            f"same level {level.depth} is not supported."
        )
    with asleep(level.depth):
        made: Tensor = FUNCTIONS["view"](tensor, tensor.shape)
    check_tangent(made, level, tangent)
    set_tangent(made, level, tangent if _alike(tensor, tangent) else _laid_out(tensor, tangent))
    return made


def _place(tensor: Tensor) -> tuple[Any, ...]:
    """How a tensor lies in its storage: strides, where they matter, offset, and the size of that."""
    steps = tuple(s for s, n in zip(tensor.stride(), tensor.shape, strict=True) if n > 1)
    return steps, tensor.storage_offset(), root(storage(tensor)).size


def _alike(tensor: Tensor, tangent: Tensor) -> bool:
    return _place(tensor) == _place(tangent)


def _laid_out(tensor: Tensor, tangent: Tensor) -> Tensor:
    """A copy of the tangent that lies in its storage as its tensor does."""
    array, dtype = storage(tensor), tangent._data.dtype
    whole = np.zeros(root(array).size, dtype)
    steps = [s // array.itemsize * dtype.itemsize for s in array.strides]
    made: Any = wrap(shapes.strided(whole[tensor.storage_offset() :], array.shape, steps))
    return made.copy_(tangent)  # type: ignore[no-any-return]


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """The primal, a view without tangent, and the tangent."""
    level = len(_entered) - 1 if level is None else level
    if level < 0:
        return UnpackedDualTensor(tensor, None)
    if not isinstance(tensor, Tensor):
        raise TypeError(
            "_unpack_dual(): argument 'dual' (position 1) must be Tensor, not "
            f"{type(tensor).__name__}"
        )
    return UnpackedDualTensor(*unpacked(tensor, _entered[level]))


def unpacked(tensor: Tensor, level: Level) -> tuple[Tensor, Tensor | None]:
    """A tensor without its tangent of one level, and that tangent."""
    primal = FUNCTIONS["_fw_primal"](tensor)
    tangent = tangent_of(tensor, level)
    if tangent is not None:
        primal.aside().tangents = {**(primal.aside().tangents or {}), level: None}
    return primal, tangent
