"""The functions of numpy with what may be given to each, by what they cost.

A row of `ROWS` is `function: (its parameters, its price)`. Only what is named there can be given,
so that no argument escapes the price; a starred parameter takes the rest.
"""

from gradtui.arrays import tables
from gradtui.arrays.prices import (
    SORTING,
    Price,
    binned,
    chosen,
    contracted,
    counted,
    covered,
    crossed,
    diagonal,
    differences,
    dotted,
    each,
    einsum,
    evaluated,
    filled,
    fitted,
    flattened_diagonal,
    gathered,
    grids,
    indices,
    joined,
    joined_ends,
    like,
    matrix,
    multiplied,
    normed,
    padded,
    pieces,
    places,
    powers,
    products_of,
    raised,
    repeated,
    rooted,
    size,
    slid,
    spaced,
    square,
    taken,
    tallied,
    tiled,
    transformed,
    triangle,
    view,
    weighed,
    written,
)

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
