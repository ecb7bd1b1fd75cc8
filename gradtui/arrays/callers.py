"""Functions of numpy that call what they are given, or are more than functions: `np.vectorize`,
`np.apply_along_axis`, `np.add.reduce`, `np.nditer`, `np.c_[…]`.

A lesson's function is called through its charged form, and what it returns is looked at before
numpy sees it.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtui.arrays import prices
from gradtui.arrays.prices import SORTING, size
from gradtui.arrays.values import checked, shape_of

if TYPE_CHECKING:
    from gradtui.arrays.functions import Kit

NAMES = [
    "vectorize",
    "apply_along_axis",
    "fromfunction",
    "piecewise",
    "ndindex",
    "ndenumerate",
    "nditer",
]
PLACES = ["c_", "r_", "s_", "mgrid", "ogrid"]
LONGEST_AXIS = 10**9


class Ufunc:
    """One of numpy's functions of single numbers, with what it does over whole arrays."""

    def __init__(self, kit: "Kit", real: np.ufunc, call: Callable[..., Any]) -> None:
        self._kit, self._real, self._call = kit, real, call
        self.__name__ = self.__qualname__ = real.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __repr__(self) -> str:
        return repr(self._real)

    def reduce(self, array: Any, axis: Any = 0, dtype: Any = None, **options: Any) -> Any:
        """The function between all entries along an axis."""
        return self._over(
            "reduce", "array axis dtype out keepdims initial where", array, axis, dtype, **options
        )

    def accumulate(self, array: Any, axis: Any = 0, dtype: Any = None, **options: Any) -> Any:
        """The same, with what it gives on the way."""
        return self._over("accumulate", "array axis dtype out", array, axis, dtype, **options)

    def _over(self, name: str, parameters: str, *args: Any, **options: Any) -> Any:
        given, args_, options = self._kit.bound(name, parameters.split(), args, options)
        self._kit.prices.each(given["array"], weight=8)
        return checked(f"{name}()", getattr(self._real, name)(*args_, **options))

    def outer(self, a: Any, b: Any) -> Any:
        """The function of every entry of one with every entry of the other."""
        for value in (a, b):
            self._kit.values.plain("outer()", value)
        self._kit.budget.elements(size(a) * size(b))
        return checked("outer()", self._real.outer(a, b))

    def at(self, array: Any, indices: Any, *others: Any) -> None:
        """Change entries in place, those that are named twice twice."""
        if not isinstance(array, np.ndarray):
            raise TypeError("first operand must be array")
        for value in (indices, *others):
            self._kit.values.plain("at()", value)
        self._kit.prices.index(array, indices)
        self._kit.prices.put(array, indices, others)
        self._real.at(array, indices, *others)


Ufunc.__name__, Ufunc.__module__ = "ufunc", "numpy"


def function(kit: "Kit", name: str) -> Callable[..., Any]:
    """What a call of `np.<name>` runs."""
    found: dict[str, Callable[..., Any]] = {
        "vectorize": lambda call=None, otypes=None: _vectorized(kit, call, otypes),
        "apply_along_axis": lambda call, axis, arr, *more: _along(kit, call, axis, arr, more),
        "fromfunction": lambda call, shape, dtype=float: _of_places(kit, call, shape, dtype),
        "piecewise": lambda x, conditions, values: _piecewise(kit, x, conditions, values),
        "ndindex": lambda *shape: _indices(kit, shape),
        "ndenumerate": lambda array: _numbered(kit, array),
        "nditer": lambda op, flags=(), op_flags=(), order="K": Walk(kit, op, flags),
    }
    return found[name]


def _charged(kit: "Kit", call: Any, name: str) -> Callable[..., Any]:
    """A function as numpy may call it: each call charged, what it returns numbers."""
    if not callable(call):
        raise TypeError(f"{name}: a function is wanted")
    safe, tick, plain = kit.runtime.safe(call), kit.budget.tick, kit.values.plain

    def run(*args: Any) -> Any:
        tick()
        made = safe(*args)
        plain(f"the function given to {name}", made)
        return made

    return run


def _vectorized(kit: "Kit", call: Any, otypes: Any) -> Callable[..., Any]:
    """`np.vectorize(call)`: the first result says which numbers the array holds."""
    if call is None:
        return lambda function: _vectorized(kit, function, otypes)
    run = _charged(kit, call, "vectorize()")
    known = otypes[0] if isinstance(otypes, list | tuple | str) and otypes else otypes

    def vectorized(*args: Any) -> Any:
        for value in args:
            kit.values.plain("vectorize()", value)
        kit.prices.each(*args)
        arrays = np.broadcast_arrays(*map(np.asarray, args))
        kit.budget.items(arrays[0].size)
        if not arrays[0].size and known is None:
            raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
        kind = kit.values.dtype(known)
        if kind is None:
            kind = np.asarray(run(*[array.flat[0] for array in arrays])).dtype
        results = [
            run(*values) for values in zip(*[a.ravel().tolist() for a in arrays], strict=True)
        ]
        return checked("vectorize()", np.array(results, kind).reshape(arrays[0].shape))

    return vectorized


def _along(kit: "Kit", call: Any, axis: Any, arr: Any, more: tuple[Any, ...]) -> Any:
    kit.values.plain("apply_along_axis()", [axis, arr])
    kit.prices.each(arr, weight=4)
    kit.budget.operations(size(arr) // max(min(shape_of(arr), default=1), 1))
    run = _charged(kit, call, "apply_along_axis()")
    lines = size(arr) // max(shape_of(arr)[int(axis)], 1)

    def of_line(line: Any, *rest: Any) -> Any:
        made = run(line, *rest)
        kit.prices.fits(lines * size(made))
        return made

    return checked("apply_along_axis()", np.apply_along_axis(of_line, axis, np.asarray(arr), *more))


def _of_places(kit: "Kit", call: Any, shape: Any, dtype: Any) -> Any:
    kit.values.plain("fromfunction()", shape)
    prices.indices(kit.prices, {"dimensions": shape})
    return _charged(kit, call, "fromfunction()")(*np.indices(shape, kit.values.dtype(dtype)))


def _piecewise(kit: "Kit", x: Any, conditions: Any, values: Any) -> Any:
    kit.values.plain("piecewise()", [x, conditions])
    kit.prices.each(x, weight=4 * (len(values) + 1))
    kit.values.plain("piecewise()", [value for value in values if not callable(value)])
    runs = [_charged(kit, v, "piecewise()") if callable(v) else v for v in values]
    return checked("piecewise()", np.piecewise(np.asarray(x), conditions, runs))


def _indices(kit: "Kit", shape: tuple[Any, ...]) -> Iterator[Any]:
    kit.values.plain("ndindex()", shape)
    return kit.runtime.ticking(np.ndindex(*shape))


def _numbered(kit: "Kit", array: Any) -> Iterator[Any]:
    kit.values.plain("ndenumerate()", array)
    kit.prices.each(array)
    return kit.runtime.ticking(np.ndenumerate(np.asarray(array)))


class Walk:
    """`np.nditer` over one array: `finished`, `multi_index`, `iternext()`, or a loop over its
    entries, each an array of none dimensions that shows the place."""

    def __init__(self, kit: "Kit", array: Any, flags: Any) -> None:
        kit.values.plain("nditer()", array)
        kit.prices.each(array)
        if set(flags) - {"multi_index", "c_index", "refs_ok", "zerosize_ok"}:
            raise TypeError("nditer() has the flag multi_index alone in the lesson language")
        self._array, self._kit = np.asarray(array), kit
        self._places = np.ndindex(*self._array.shape)
        self.multi_index: Any = None
        self.index = -1
        self.finished = False
        self.iternext()

    def iternext(self) -> bool:
        """Go on to the next place; whether there is one."""
        self._kit.budget.tick()
        following = next(self._places, None)
        self.finished = following is None
        self.index += 1
        self.multi_index = self.multi_index if following is None else following
        return not self.finished

    def __getitem__(self, key: Any) -> Any:
        return self._array[(*self.multi_index, ...)]

    def __iter__(self) -> Iterator[Any]:
        while not self.finished:
            yield self[0]
            self.iternext()

    def __enter__(self) -> "Walk":
        return self

    def __exit__(self, *error: object) -> None:
        return None


Walk.__name__, Walk.__module__ = "nditer", "numpy"


def place_cost(kit: "Kit", maker: Any, key: Any) -> None:
    """What `np.c_[…]` and its kin cost: numbers counted out from slices, arrays joined."""
    kit.values.plain("np.c_[…] and its kin", key)
    parts = key if isinstance(key, tuple) else (key,)
    lengths = [_length(part) if isinstance(part, slice) else max(size(part), 1) for part in parts]
    total = sum(lengths)
    if maker in (np.mgrid, np.ogrid):
        for length in lengths:
            total *= max(length, 1)
    kit.budget.elements(total * 4 + SORTING)


def _length(part: slice) -> int:
    """How many numbers a slice counts out; `start:stop:5j` is five."""
    start = float(part.start or 0)
    step = part.step if part.step is not None else 1
    if isinstance(step, complex):
        return min(int(abs(step)), LONGEST_AXIS)
    span = (float(part.stop or 0) - start) / float(step or 1)
    return int(min(max(span, 0), LONGEST_AXIS)) + 1
