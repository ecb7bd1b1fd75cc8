"""What lesson code may give to numpy, and what numpy may give back: numbers, and arrays of them.

Given anything else, numpy makes arrays of Python objects, whose operations would call whatever the
objects define; so such values are refused before numpy sees them.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gradtui.language.elements import nested_shape

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

Array: TypeAlias = npt.NDArray[Any]

DTYPES: frozenset[np.dtype[Any]] = frozenset(
    np.dtype(name)
    for name in (
        "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64"
        " complex128"
    ).split()
)
"""What an array of a lesson may hold."""
SCALARS = frozenset(dtype.type for dtype in DTYPES)
NUMBERS = frozenset({int, float, bool, complex, *SCALARS})
ATOMS = NUMBERS | {type(None), type(Ellipsis)}
DEEPEST = 64  # levels of lists within lists, which is how many dimensions numpy has
LONGEST_WORD = 40  # characters of a string among the arguments: `order="C"`, `"ij,jk->ik"`
WIDEST = 64  # bits of an integer


class Values:
    """The rules of one run; what is long is charged as it is read."""

    def __init__(self, runtime: "Runtime") -> None:
        self.budget = runtime.budget
        self.tensor: Any = runtime.world.tensor
        self.lesson_types = runtime.attributes.lesson_types

    def plain(self, name: str, value: Any, depth: int = 0) -> None:
        """Raises TypeError unless `value` is a number, an array, a tensor or lists of such."""
        kind = type(value)
        if kind is int:
            _fits(value)
        elif kind in ATOMS or kind is np.ndarray or isinstance(value, self.tensor):
            return
        elif kind is slice:
            self._all(name, (value.start, value.stop, value.step), depth)
        elif isinstance(value, list | tuple):
            self._all(name, value, depth)
        elif kind is range:
            self.budget.items(len(value))
        else:
            raise TypeError(
                f"{name} takes numbers, arrays and lists of them in the lesson language,"
                f" not {kind.__name__}"
            )

    def _all(self, name: str, values: Any, depth: int) -> None:
        self.budget.items(len(values))
        if depth > DEEPEST:
            raise ValueError(f"{name}: lists within one another more than {DEEPEST} deep")
        kinds = set(map(type, values))
        if kinds == {int}:
            _fits(min(values))
            _fits(max(values))
        elif int in kinds or not kinds <= ATOMS:
            for value in values:
                self.plain(name, value, depth + 1)

    def operand(self, name: str, value: Any) -> None:
        """`plain`, or an object of a lesson's own class, to which arrays leave the operator."""
        if type(value) in self.lesson_types and not isinstance(value, tuple):
            return
        self.plain(name, value)

    def dtype(self, value: Any) -> Any:
        """The numpy dtype that a `dtype` argument means; None stays."""
        if value is None:
            return None
        found = _dtype(value)
        if found is None and not isinstance(value, str | type | np.dtype):
            raise TypeError(f"Cannot interpret '{value!r:.60}' as a data type")
        if found is None:
            shown = value if isinstance(value, str) else getattr(value, "__name__", value)
            raise TypeError(
                f"an array of {shown!s:.40} is not in the lesson language; there are bool, the int"
                " and uint types, float16, float32, float64, complex64 and complex128"
            )
        return found


def _dtype(value: Any) -> Any:
    known = isinstance(value, str) and len(value) <= LONGEST_WORD and "," not in value
    if not (known or isinstance(value, np.dtype | type)):
        return None
    if isinstance(value, type) and value not in NUMBERS:
        return None
    found = np.dtype(value)
    return found if found in DTYPES else None


def _fits(value: int) -> None:
    if value.bit_length() > WIDEST:
        raise OverflowError("Python int too large to convert to C long")


def checked(name: str, result: Any) -> Any:
    """`result`, unless numpy made an array of objects or text after all."""
    if isinstance(result, np.ndarray):
        if result.dtype not in DTYPES:
            raise TypeError(
                f"{name} would make an array of {result.dtype.name}, which is not in the lesson"
                " language; arrays hold numbers"
            )
    elif isinstance(result, tuple | list):
        for part in result[:LONGEST_WORD]:
            checked(name, part)
    return result


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an array, tensor or number; of lists, by their first items."""
    if isinstance(value, list | tuple | range):
        return nested_shape(value)
    return tuple(getattr(value, "shape", ()))
