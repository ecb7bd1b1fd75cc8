"""What numpy's functions cost, from their arguments by name, before they run.

`signatures` says which of these prices a function has. A price never raises for arguments it cannot
read: numpy will say what is wrong with them.
"""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradtui.arrays.values import shape_of
from gradtui.language.elements import broadcast
from gradtui.language.tensor_costs import einsum as einsum_cost
from gradtui.language.tensor_costs import sizes

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

Given: TypeAlias = Mapping[str, Any]
Price: TypeAlias = Callable[["Prices", Given], None]
SORTING = 16  # elements of arithmetic that sorting one costs
DRAWING = 8  # that drawing one costs
REJECTING = 200  # that drawing one by trial and error costs
WIDEST_TEXT = 400  # characters of a number that is written out, and of what parts it from others
LONG_TEXT = 1_000  # numbers of an array that are written in full
MOST_DIGITS = 50
SOLVING = 20  # multiply-adds for each element and row of a matrix


def size(value: Any) -> int:
    return math.prod(shape_of(value))


class Prices:
    """Charges one run's budget."""

    def __init__(self, runtime: "Runtime") -> None:
        self.budget = runtime.budget
        self.elements = runtime.meters.elements

    def each(self, *values: Any, weight: int = 1) -> None:
        """The broadcast of all, and each on its own."""
        shapes = [shape_of(v) for v in values if v is not None]
        count = max([broadcast(*shapes), *map(math.prod, shapes)], default=1)
        self.budget.elements(count * weight)

    def fits(self, count: int) -> None:
        """Whether so many elements may be made; they are charged elsewhere."""
        if count > self.budget.limits.elements:
            self.budget.refuse("elements")

    def pair(self, a: Any, b: Any) -> None:
        """An operator between two."""
        self.budget.elements(broadcast(shape_of(a), shape_of(b)))

    def index(self, array: Any, key: Any) -> None:
        """`array[key]`: a view for numbers and slices, a copy for arrays and lists of places."""
        keys = key if type(key) is tuple else (key,)
        picked = [k for k in keys if len(shape_of(k))]
        if not picked:
            self.budget.tick()
            return
        masks = [k for k in picked if _is_mask(k)]
        shapes = [shape_of(k) for k in picked if not _is_mask(k)]
        chosen = [(min(size(k), size(array)),) for k in masks]
        used = len(shapes) + sum(len(shape_of(k)) for k in masks)
        rest = math.prod(sorted(shape_of(array))[used:])
        self.budget.elements(broadcast(*shapes, *chosen) * max(rest, 1) + sum(map(size, masks)))

    def put(self, array: Any, key: Any, value: Any) -> None:
        """`array[key] = value`: as many entries as that shows, and what is put there."""
        keys = key if type(key) is tuple else (key,)
        if not any(len(shape_of(k)) for k in keys):
            self.budget.elements(size(array) if key is Ellipsis else size(array[key]))
        self.each(value)


def _is_mask(key: Any) -> bool:
    if isinstance(key, list | tuple):
        first = key
        while isinstance(first, list | tuple) and first:
            first = first[0]
        return isinstance(first, bool | np.bool_)
    return str(getattr(key, "dtype", "")).rpartition(".")[2] == "bool"


# -- prices ----------------------------------------------------------------------------------------


def each(p: Prices, g: Given) -> None:
    """Elementwise: the broadcast of all that was given."""
    p.each(*g.values())


def weighed(weight: int) -> Price:
    return lambda p, g: p.each(*g.values(), weight=weight)


def view(p: Prices, g: Given) -> None:
    """Nothing is made but what a list must be read for."""
    p.each(*[v for v in g.values() if isinstance(v, list | tuple | range)])


def filled(p: Prices, g: Given) -> None:
    p.budget.elements(math.prod(sizes(g.get("shape", ()))))


def like(p: Prices, g: Given) -> None:
    shape = g.get("shape")
    p.budget.elements(size(g.get("a")) if shape is None else math.prod(sizes(shape)))


def square(p: Prices, g: Given) -> None:
    rows = int(g.get("N") or 0)
    columns = g.get("M")
    p.budget.elements(rows * (rows if columns is None else int(columns)))


def counted(p: Prices, g: Given) -> None:
    start, stop, step = g.get("start", 0), g.get("stop"), g.get("step", 1)
    if stop is None:
        start, stop = 0, start
    step = 1.0 if step is None else float(step)
    if step:
        count = (float(stop) - float(start)) / step
        p.budget.elements(math.ceil(count) + 1 if 0 < count < 1e18 else 1 if count <= 0 else 10**18)


def spaced(p: Prices, g: Given) -> None:
    count = max(int(g.get("num", 50)), 0)
    p.budget.elements(4 * count * broadcast(shape_of(g.get("start")), shape_of(g.get("stop"))))


def grids(p: Prices, g: Given) -> None:
    arrays = g.get("*xi", ())
    p.budget.elements(math.prod(map(size, arrays)) * len(arrays))


def indices(p: Prices, g: Given) -> None:
    extents = sizes(g["dimensions"])
    p.budget.elements(math.prod(extents) * (len(extents) + 1))


def diagonal(p: Prices, g: Given) -> None:
    shape = shape_of(g["v"])
    offset = abs(int(g.get("k", 0)))
    p.budget.elements((math.prod(shape) + offset) ** 2 if len(shape) < 2 else math.prod(shape))


def flattened_diagonal(p: Prices, g: Given) -> None:
    p.budget.elements((size(g["v"]) + abs(int(g.get("k", 0)))) ** 2)


def powers(p: Prices, g: Given) -> None:
    count = size(g["x"])
    columns = g.get("N")
    p.budget.elements(count * (count if columns is None else int(columns)))


def triangle(p: Prices, g: Given) -> None:
    rows = int(g.get("n", 0))
    columns = g.get("m")
    p.budget.elements(2 * rows * (rows if columns is None else int(columns)))


def joined(p: Prices, g: Given) -> None:
    """All that is in the list."""
    parts = next(iter(g.values()), ())
    listed = parts if isinstance(parts, list | tuple) else (parts,)
    p.budget.elements(sum(map(size, listed)) + len(listed))


def gathered(p: Prices, g: Given) -> None:
    p.budget.elements(4 * sum(size(v) for v in g.values()))


def pieces(p: Prices, g: Given) -> None:
    """As many views as are asked for."""
    asked = g["indices_or_sections"]
    p.elements.views(size(asked) + 1 if shape_of(asked) else max(int(asked), 0))


def tiled(p: Prices, g: Given) -> None:
    times = g.get("reps", 1)
    p.budget.elements(size(g["A"]) * math.prod(sizes(*times if _listed(times) else (times,))))


def repeated(p: Prices, g: Given) -> None:
    times = np.asarray(g.get("repeats", 1))
    most = int(times.max()) if times.size else 0
    p.budget.elements(size(g["a"]) * max(most, 0) + times.size)


def padded(p: Prices, g: Given) -> None:
    shape = shape_of(g["array"])
    widths = np.broadcast_to(np.asarray(g["pad_width"]), (len(shape), 2)).tolist()
    grown = [s + max(int(a), 0) + max(int(b), 0) for s, (a, b) in zip(shape, widths, strict=True)]
    p.budget.elements(2 * math.prod(grown))


def _listed(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def multiplied(p: Prices, g: Given) -> None:
    a, b = list(g.values())[:2]
    product(p, a, b)


def product(p: Prices, a: Any, b: Any) -> None:
    """A matrix product, or one of vectors."""
    if not shape_of(a) or not shape_of(b):
        p.pair(a, b)
        return
    p.budget.elements(max(size(a), size(b)))
    p.elements.matmul(shape_of(a), shape_of(b))


def dotted(p: Prices, g: Given) -> None:
    """`dot`, of more dimensions than two as `inner`."""
    a, b = g["a"], g["b"]
    if len(shape_of(a)) <= 2 and len(shape_of(b)) <= 2:
        product(p, a, b)
    else:
        joined_ends(p, g)


def joined_ends(p: Prices, g: Given) -> None:
    """`inner`: every line of one with every line of the other."""
    a, b = g["a"], g["b"]
    inner = max(shape_of(a)[-1] if shape_of(a) else 1, 1)
    made = size(a) // inner * max(size(b) // inner, 1)
    p.budget.elements(max(made, size(a), size(b)))
    p.budget.flops(made * inner)


def crossed(p: Prices, g: Given) -> None:
    a, b = list(g.values())[:2]
    p.budget.elements(size(a) * size(b))


def contracted(p: Prices, g: Given) -> None:
    a, b, axes = g["a"], g["b"], g.get("axes", 2)
    if _listed(axes):
        first = axes[0]
        inner = math.prod(shape_of(a)[int(n)] for n in (first if _listed(first) else (first,)))
    else:
        count = int(axes)
        inner = math.prod(shape_of(a)[len(shape_of(a)) - count :]) if count else 1
    made = size(a) // max(inner, 1) * (size(b) // max(inner, 1))
    p.budget.elements(max(made, size(a), size(b)))
    p.budget.flops(made * max(inner, 1))


def einsum(p: Prices, g: Given) -> None:
    equation, *operands = g["*operands"]
    if not isinstance(equation, str):
        raise TypeError("np.einsum takes its subscripts as a string in the lesson language")
    einsum_cost(p.elements, equation, *map(np.asarray, operands))


def matrix(p: Prices, g: Given) -> None:
    """An algorithm that goes over a matrix again for each of its rows."""
    for value in g.values():
        shape = shape_of(value)
        if shape:
            p.budget.elements(4 * math.prod(shape))
            p.budget.flops(SOLVING * math.prod(shape) * max(shape[-2:]))


def raised(p: Prices, g: Given) -> None:
    matrix(p, {"a": g["a"]})
    p.budget.flops(size(g["a"]) * max(shape_of(g["a"])) * abs(int(g["n"])).bit_length())


def normed(p: Prices, g: Given) -> None:
    order = g.get("ord")
    heavy = order in ("nuc", 2, -2) and len(shape_of(g["x"])) > 1
    (matrix if heavy else each)(p, {"x": g["x"]})


def products_of(p: Prices, g: Given) -> None:
    parts = g["arrays"]
    for first in parts:
        for second in parts:
            product(p, first, second)


def covered(p: Prices, g: Given) -> None:
    shape = shape_of(g["m" if "m" in g else "x"])
    rows = 2 * shape[0] if len(shape) > 1 else 2
    p.budget.elements(rows * rows + 4 * sum(size(v) for v in g.values()))
    p.budget.flops(2 * rows * math.prod(shape))


def binned(p: Prices, g: Given) -> None:
    p.each(g.get("a"), weight=SORTING)
    bins = g.get("bins", 10)
    p.budget.elements(4 * (size(bins) if _listed(bins) else int(bins)))


def tallied(p: Prices, g: Given) -> None:
    values = np.asarray(g["x"])
    most = int(values.max()) + 1 if values.size else 0
    p.budget.elements(max(most, int(g.get("minlength", 0)), values.size))


def slid(p: Prices, g: Given) -> None:
    a, b = list(g.values())[:2]
    p.budget.elements(size(a) + size(b))
    p.budget.flops(size(a) * size(b))


def fitted(p: Prices, g: Given) -> None:
    degree = max(int(g["deg"]), 0) + 1
    p.budget.elements(size(g["x"]) * degree)
    p.budget.flops(SOLVING * (size(g["x"]) + degree) * degree * degree)


def evaluated(p: Prices, g: Given) -> None:
    p.budget.elements(size(g["p"]) * max(size(g["x"]), 1))


def rooted(p: Prices, g: Given) -> None:
    p.budget.elements(size(g["p"]) ** 2)
    p.budget.flops(SOLVING * size(g["p"]) ** 3)


def taken(p: Prices, g: Given) -> None:
    a, axis = g["a"], g.get("axis")
    rest = 1
    if axis is not None and shape_of(a):
        rest = size(a) // max(shape_of(a)[int(axis)], 1)
    p.budget.elements(size(g["indices"]) * max(rest, 1))


def places(p: Prices, g: Given) -> None:
    for value in g.values():
        p.budget.elements(size(value) * max(len(shape_of(value)), 1))


def chosen(p: Prices, g: Given) -> None:
    """`where`: of a condition alone, the places at which it holds."""
    if "x" in g:
        each(p, g)
    else:
        places(p, g)


def differences(p: Prices, g: Given) -> None:
    p.each(g["f"], weight=4 * max(len(shape_of(g["f"])), 1))


def written(p: Prices, g: Given) -> None:
    """The text of an array, at its widest."""
    count = size(g["a"])
    p.budget.text(count * WIDEST_TEXT if count <= LONG_TEXT else LONG_TEXT * WIDEST_TEXT)
    p.elements.spelled(np.asarray(g["a"]))
    if int(g.get("precision") or 0) > MOST_DIGITS:
        p.budget.refuse("text", "array2string")


def transformed(p: Prices, g: Given) -> None:
    """A Fourier transform, of so many numbers along the axis as are asked for."""
    given = next((size(g[name]) for name in ("a", "x") if name in g), 1)
    p.budget.elements(
        SORTING * given * max(int(g.get("n") or 1), 1) if "n" in g else SORTING * given
    )


def drawn(weight: int) -> Price:
    """So many numbers, each as dear as `weight` of arithmetic."""

    def price(p: Prices, g: Given) -> None:
        asked = g.get("size")
        others = [v for name, v in g.items() if name != "size"]
        if asked is None:
            p.each(*others, weight=weight)
        else:
            p.budget.elements(math.prod(sizes(asked)) * weight)

    return price


def drawn_vectors(p: Prices, g: Given) -> None:
    """A vector for each draw, by a matrix."""
    asked = g.get("size")
    count = 1 if asked is None else math.prod(sizes(asked))
    width = max(size(g.get("mean", g.get("pvals", g.get("alpha")))), 1)
    p.budget.elements(count * width * DRAWING)
    p.budget.flops(SOLVING * width**3 + count * width**2 if "cov" in g else 0)


def drawn_shape(p: Prices, g: Given) -> None:
    p.budget.elements(math.prod(sizes(*g.get("*d", ()))) * DRAWING)


def picked(p: Prices, g: Given) -> None:
    a, asked = g["a"], g.get("size")
    pool = int(a) if not shape_of(a) else size(a)
    count = 1 if asked is None else math.prod(sizes(asked))
    p.budget.elements((max(pool, 0) + count) * SORTING)


def shuffled(p: Prices, g: Given) -> None:
    x = g["x"]
    pool = int(x) if not shape_of(x) else size(x)
    p.budget.elements(max(pool, 0) * SORTING)


def scarcely(p: Prices, g: Given) -> None:
    p.budget.tick()
