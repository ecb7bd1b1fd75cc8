"""What numpy's functions cost, from their arguments by name, before they run.

A row of `ROWS` is `function: (its parameters, its price)`. Only what is named there can be given,
so that no argument escapes the price; a starred parameter takes the rest.
"""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradtui.arrays import tables
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


UNARY = "x out where casting order dtype"
BINARY = "x1 x2 out where casting order dtype"

_TEXT: tuple[tuple[Price, str], ...] = (
    (each, """
        array: object dtype copy order ndmin
        asarray: a dtype order copy
        ascontiguousarray: a dtype
        asfortranarray: a dtype
        copy: a order
        tril: m k
        triu: m k
        roll: a shift axis
        rot90: m k axes
        sum: a axis dtype out keepdims initial where
        prod: a axis dtype out keepdims initial where
        mean: a axis dtype out keepdims where
        std: a axis dtype out ddof keepdims where
        var: a axis dtype out ddof keepdims where
        max: a axis out keepdims initial where
        min: a axis out keepdims initial where
        amax: a axis out keepdims initial where
        amin: a axis out keepdims initial where
        ptp: a axis out keepdims
        all: a axis out keepdims where
        any: a axis out keepdims where
        argmax: a axis out keepdims
        argmin: a axis out keepdims
        nanargmax: a axis out keepdims
        nanargmin: a axis out keepdims
        cumsum: a axis dtype out
        cumprod: a axis dtype out
        nancumsum: a axis dtype out
        nansum: a axis dtype out keepdims
        nanprod: a axis dtype out keepdims
        nanmean: a axis dtype out keepdims
        nanstd: a axis dtype out ddof keepdims
        nanvar: a axis dtype out ddof keepdims
        nanmax: a axis out keepdims
        nanmin: a axis out keepdims
        average: a axis weights returned keepdims
        count_nonzero: a axis keepdims
        diff: a n axis prepend append
        trapezoid: y x dx axis
        clip: a a_min a_max out min max
        isclose: a b rtol atol equal_nan
        allclose: a b rtol atol equal_nan
        array_equal: a1 a2 equal_nan
        array_equiv: a1 a2
        nan_to_num: x copy nan posinf neginf
        round: a decimals out
        around: a decimals out
        fix: x out
        sinc: x
        i0: x
        angle: z deg
        iscomplexobj: x
        isrealobj: x
        isreal: x
        iscomplex: x
        isposinf: x out
        isneginf: x out
        copyto: dst src casting where
        putmask: a mask values
        fill_diagonal: a val wrap
        compress: condition a axis out
        extract: condition arr
        trace: a offset axis1 axis2 dtype
        cross: a b axisa axisb axisc axis
        unwrap: p discont axis
    """),
    (weighed(4), """
        linalg.vector_norm: x axis keepdims ord
        ediff1d: ary to_end to_begin
        take_along_axis: arr indices axis
        put_along_axis: arr indices values axis
        put: a ind v mode
        trim_zeros: filt trim
    """),
    (weighed(SORTING), """
        sort: a axis kind order stable
        argsort: a axis kind order stable
        partition: a kth axis
        argpartition: a kth axis
        lexsort: keys axis
        median: a axis out keepdims
        percentile: a q axis out method keepdims
        quantile: a q axis out method keepdims
        nanmedian: a axis out keepdims
        nanpercentile: a q axis out method keepdims
        nanquantile: a q axis out method keepdims
        searchsorted: a v side sorter
        digitize: x bins right
        interp: x xp fp left right period
    """),
    (gathered, """
        append: arr values axis
        delete: arr obj axis
        insert: arr obj values axis
    """),
    (lambda p, g: p.budget.elements(SORTING * sum(size(v) for v in g.values())), """
        unique: ar return_index return_inverse return_counts axis equal_nan
        isin: element test_elements assume_unique invert
        intersect1d: ar1 ar2 assume_unique return_indices
        union1d: ar1 ar2
        setdiff1d: ar1 ar2 assume_unique
        setxor1d: ar1 ar2 assume_unique
    """),
    (view, """
        reshape: a shape order copy
        ravel: a order
        transpose: a axes
        matrix_transpose: x
        swapaxes: a axis1 axis2
        moveaxis: a source destination
        rollaxis: a axis start
        expand_dims: a axis
        squeeze: a axis
        broadcast_to: array shape
        broadcast_arrays: *args
        broadcast_shapes: *args
        atleast_1d: *arys
        atleast_2d: *arys
        atleast_3d: *arys
        flip: m axis
        fliplr: m
        flipud: m
        diagonal: a offset axis1 axis2
        real: val
        imag: val
        shape: a
        size: a axis
        ndim: a
        isscalar: element
        may_share_memory: a b
        result_type: *arrays_and_dtypes
        linalg.diagonal: x
    """),
    (filled, "zeros: shape dtype order | ones: shape dtype order | empty: shape dtype order"
             " | full: shape fill_value dtype order"),
    (like, "zeros_like: a dtype order subok shape | ones_like: a dtype order subok shape"
           " | empty_like: a dtype order subok shape"
           " | full_like: a fill_value dtype order subok shape"),
    (square, "eye: N M k dtype order | tri: N M k dtype"),
    (lambda p, g: square(p, {"N": g["n"]}), "identity: n dtype"),
    (counted, "arange: start stop step dtype"),
    (spaced, "linspace: start stop num endpoint retstep dtype axis"
             " | logspace: start stop num endpoint base dtype axis"
             " | geomspace: start stop num endpoint dtype axis"),
    (grids, "meshgrid: *xi copy sparse indexing"),
    (indices, "indices: dimensions dtype sparse"),
    (diagonal, "diag: v k"),
    (flattened_diagonal, "diagflat: v k"),
    (powers, "vander: x N increasing"),
    (triangle, "tril_indices: n k m | triu_indices: n k m"),
    (joined, """
        concatenate: arrays axis out dtype casting
        concat: arrays axis out dtype casting
        stack: arrays axis out dtype casting
        vstack: tup dtype casting
        hstack: tup dtype casting
        dstack: tup
        column_stack: tup
        block: arrays
    """),
    (tiled, "tile: A reps"),
    (repeated, "repeat: a repeats axis"),
    (padded, "pad: array pad_width mode constant_values"),
    (multiplied, f"matmul: {BINARY} | vdot: a b | linalg.matmul: x1 x2"),
    (dotted, "dot: a b out"),
    (joined_ends, "inner: a b"),
    (pieces, """
        split: ary indices_or_sections axis
        array_split: ary indices_or_sections axis
        hsplit: ary indices_or_sections
        vsplit: ary indices_or_sections
        dsplit: ary indices_or_sections
    """),
    (crossed, "outer: a b out | kron: a b | linalg.outer: x1 x2"),
    (contracted, "tensordot: a b axes | linalg.tensordot: x1 x2 axes"),
    (einsum, "einsum: *operands out dtype order casting optimize"),
    (matrix, """
        linalg.inv: a
        linalg.pinv: a rcond hermitian
        linalg.det: a
        linalg.slogdet: a
        linalg.eig: a
        linalg.eigh: a UPLO
        linalg.eigvals: a
        linalg.eigvalsh: a UPLO
        linalg.svd: a full_matrices compute_uv hermitian
        linalg.svdvals: x
        linalg.qr: a mode
        linalg.cholesky: a
        linalg.solve: a b
        linalg.lstsq: a b rcond
        linalg.matrix_rank: A tol hermitian
        linalg.cond: x p
        linalg.matrix_norm: x keepdims ord
    """),
    (raised, "linalg.matrix_power: a n"),
    (normed, "linalg.norm: x ord axis keepdims"),
    (products_of, "linalg.multi_dot: arrays"),
    (covered, "cov: m y rowvar bias ddof fweights aweights dtype | corrcoef: x y rowvar"),
    (binned, "histogram: a bins range density weights | histogram_bin_edges: a bins range"),
    (tallied, "bincount: x weights minlength"),
    (slid, "convolve: a v mode | correlate: a v mode"),
    (fitted, "polyfit: x y deg"),
    (evaluated, "polyval: p x"),
    (rooted, "roots: p"),
    (taken, "take: a indices axis out mode"),
    (places, "nonzero: a | argwhere: a | flatnonzero: a"),
    (chosen, "where: condition x y"),
    (differences, "gradient: f *varargs axis edge_order"),
    (written, "array2string: a precision suppress_small separator | array_repr: a | array_str: a"),
    (each, "ix_: *args | select: condlist choicelist default | choose: a choices out mode"
           " | ravel_multi_index: multi_index dims | unravel_index: indices shape"),
    (lambda p, g: p.budget.elements(int(g["n"]) * int(g.get("ndim", 2))), "diag_indices: n ndim"),
    (transformed, """
        fft.fft: a n axis norm
        fft.ifft: a n axis norm
        fft.rfft: a n axis norm
        fft.irfft: a n axis norm
        fft.fft2: a
        fft.ifft2: a
        fft.fftshift: x axes
        fft.ifftshift: x axes
        fft.fftfreq: n d
        fft.rfftfreq: n d
    """),
    (each, " | ".join(f"{name}: {UNARY}" for name in tables.UNARY)),
    (each, " | ".join(f"{name}: {BINARY}" for name in tables.BINARY)),
    (weighed(8), f"power: {BINARY} | pow: {BINARY} | float_power: {BINARY}"),
    (gathered, """
        testing.assert_allclose: actual desired rtol atol equal_nan err_msg verbose
        testing.assert_array_equal: actual desired err_msg verbose
        testing.assert_array_almost_equal: actual desired decimal err_msg verbose
        testing.assert_almost_equal: actual desired decimal err_msg verbose
        testing.assert_equal: actual desired err_msg verbose
        testing.assert_array_less: x y err_msg verbose
    """),
)  # fmt: skip


def _rows(table: tuple[tuple[Price, str], ...]) -> dict[str, tuple[tuple[str, ...], Price]]:
    found = {}
    for price, text in table:
        for line in text.replace("|", "\n").split("\n"):
            name, _, parameters = line.partition(":")
            if name.strip():
                found[name.strip()] = (tuple(parameters.split()), price)
    return found


ROWS = _rows(_TEXT)
