"""Prices of the tensor operations whose result is larger, or whose work is more, than elementwise.

A row is `name: price(elements, *arguments)`. The arguments are those of the torch function; a
method's receiver is the first. A price never raises for arguments it cannot read: torch will say
what is wrong.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from gradtui.language.elements import Elements, Shape, nested_shape
from gradtui.language.tables import words

Cost: TypeAlias = Callable[..., None]
TENSOR_COSTS: dict[str, Cost] = {}
HIGHER_ORDER = frozenset(words("register_hook register_post_accumulate_grad_hook apply_"))
_UNREADABLE = (TypeError, ValueError, IndexError, AttributeError, OverflowError, KeyError)


def tensor_cost(name: str) -> Cost:
    """The price of operation `name`: its row, or that of an elementwise operation."""
    row: Cost = TENSOR_COSTS.get(name, Elements.elementwise)

    def cost(elements: Elements, *args: Any, **kwargs: Any) -> None:
        if elements.foreign:
            args, kwargs = elements.in_python(args), elements.in_python(kwargs)
        try:
            row(elements, *args, **kwargs)
        except _UNREADABLE:
            elements.elementwise(*args, **kwargs)

    return cost


def priced(*names: str) -> Callable[[Cost], Cost]:
    """Enter a price for operations."""

    def register(cost: Cost) -> Cost:
        TENSOR_COSTS.update(dict.fromkeys(names, cost))
        return cost

    return register


def sizes(*values: Any) -> Shape:
    """A size given as `2, 3` or `(2, 3)`, each a number or a tensor holding one."""
    if len(values) == 1 and isinstance(values[0], list | tuple):
        values = tuple(values[0])
    return tuple(max(int(v), 0) for v in values)


def shape(value: Any) -> Shape:
    return tuple(value.shape)


def numel(value: Any) -> int:
    return math.prod(shape(value)) if hasattr(value, "shape") else 1


@priced(
    *words("""
        view view_as expand expand_as reshape_as broadcast_to as_strided t transpose swapaxes
        swapdims permute movedim moveaxis squeeze unsqueeze narrow select diagonal
        detach detach_ requires_grad_ size dim numel
        nelement ndimension is_contiguous is_floating_point is_complex is_nonzero is_same_size
        is_set_to is_shared is_signed stride storage_offset element_size get_device retain_grad
        view_as_real view_as_complex adjoint unflatten squeeze_ unsqueeze_
        t_ transpose_ swapaxes_ swapdims_ item cpu is_inference is_conj is_tensor
        broadcast_shapes broadcast_tensors result_type promote_types can_cast get_default_dtype
        set_default_dtype is_grad_enabled manual_seed seed initial_seed
    """)
)
def view(elements: Elements, *args: Any, **kwargs: Any) -> None:
    """Nothing is made: the result shows what is there."""
    elements.budget.tick()


@priced("backward")
def backward(elements: Elements, *roots: Any, **options: Any) -> None:
    elements.elementwise(*roots, *options.values())
    if options.get("create_graph") or len(roots) > 3:
        charge_graph(elements, roots[0])


def charge_graph(elements: Elements, roots: Any) -> None:
    """Charge operations for each node that can be reached from `roots`: a graph of the gradient
    grows with the graph of the value."""
    tensors = roots if isinstance(roots, list | tuple) else [roots]
    pending = [t.grad_fn for t in tensors if isinstance(t, elements.tensor)]
    seen: set[Any] = set()
    while pending:
        node = pending.pop()
        if node is not None and node not in seen:
            seen.add(node)
            elements.budget.operations(8)
            pending.extend(following for following, _ in node.next_functions)


@priced("zeros", "ones", "empty", "rand", "randn")
def filled(elements: Elements, *size: Any, **options: Any) -> None:
    given = options.get("size")
    shown = sizes(*size) if given is None else sizes(given)
    elements.budget.elements(math.prod(shown))


@priced("full")
def full(elements: Elements, size: Any = (), *rest: Any, **options: Any) -> None:
    elements.budget.elements(math.prod(sizes(size)))


@priced("new_zeros", "new_ones", "new_empty")
def new_filled(elements: Elements, owner: Any, *size: Any, **options: Any) -> None:
    filled(elements, *size, **options)


@priced("new_full")
def new_full(elements: Elements, owner: Any, size: Any = (), *rest: Any, **options: Any) -> None:
    full(elements, size)


@priced("randint")
def randint(elements: Elements, *args: Any, **options: Any) -> None:
    found = [a for a in (*args, *options.values()) if isinstance(a, list | tuple)]
    elements.budget.elements(max((math.prod(sizes(a)) for a in found), default=1))


@priced("normal")
def normal(elements: Elements, *args: Any, **options: Any) -> None:
    randint(elements, *args, **options)
    elements.elementwise(*args, **options)


@priced("multinomial")
def multinomial(
    elements: Elements, probabilities: Any, num_samples: Any = 1, *rest: Any, **k: Any
) -> None:
    rows = math.prod(shape(probabilities)[:-1])
    elements.budget.elements(max(rows * int(num_samples), numel(probabilities)))


@priced("randperm")
def randperm(elements: Elements, n: Any, *rest: Any, **options: Any) -> None:
    elements.budget.elements(int(n))


@priced("hann_window", "hamming_window", "blackman_window", "bartlett_window", "kaiser_window")
def weights(elements: Elements, window_length: Any = 1, *rest: Any, **options: Any) -> None:
    elements.budget.elements(8 * int(window_length))


@priced("arange", "range")
def arange(elements: Elements, *args: Any, **options: Any) -> None:
    given: dict[str, Any] = {"start": 0, "step": 1, **options}
    names = ("end",) if len(args) == 1 else ("start", "end", "step")
    given.update(zip(names, args, strict=False))
    start, end, step = (float(given[name]) for name in ("start", "end", "step"))
    if step:
        elements.budget.elements(max(math.ceil((end - start) / step), 0) + 1)


@priced("linspace", "logspace")
def linspace(
    elements: Elements, start: Any = 0, end: Any = 0, steps: Any = 1, *rest: Any, **options: Any
) -> None:
    elements.budget.elements(int(steps))


@priced("eye")
def eye(elements: Elements, n: Any, m: Any = None, **options: Any) -> None:
    elements.budget.elements(int(n) * int(n if m is None else m))


@priced("tensor", "as_tensor", "asarray", "new_tensor", "scalar_tensor")
def tensor(elements: Elements, *args: Any, **options: Any) -> None:
    data = [*args, *options.values()]
    elements.budget.elements(max((math.prod(nested_shape(value)) for value in data), default=1))


@priced(
    *words("FloatTensor DoubleTensor LongTensor IntTensor BoolTensor HalfTensor ShortTensor"),
    *words("ByteTensor CharTensor Tensor"),
)
def sized(elements: Elements, *args: Any, **options: Any) -> None:
    """Numbers are the size; all else is data."""
    if args and all(isinstance(a, int) for a in args):
        elements.budget.elements(math.prod(args))
    tensor(elements, *args, **options)


@priced("repeat")
def repeat(elements: Elements, owner: Any, *times: Any, **options: Any) -> None:
    count = math.prod(sizes(options.get("repeats", ()))) if "repeats" in options else 1
    elements.budget.elements(numel(owner) * math.prod(sizes(*times)) * count)


@priced("tile")
def tile(elements: Elements, owner: Any, *times: Any, **options: Any) -> None:
    repeat(elements, owner, *times, *([options["dims"]] if "dims" in options else []))


@priced("repeat_interleave")
def repeat_interleave(
    elements: Elements, owner: Any, repeats: Any = None, *rest: Any, **k: Any
) -> None:
    if isinstance(repeats, int):
        count = numel(owner) * max(repeats, 0)
    elif repeats is None:
        elements.one(owner)
        count = int(owner.sum())
    else:
        most = int(repeats.max()) if numel(repeats) else 0
        count = (
            numel(owner) * most
            if numel(repeats) == 1
            else int(repeats.sum()) * max(numel(owner) // max(min(shape(owner), default=1), 1), 1)
        )
    elements.budget.elements(count)


@priced("matmul", "mm", "bmm", "mv", "dot", "vdot", "inner")
def matmul(elements: Elements, a: Any, b: Any, *rest: Any, **options: Any) -> None:
    elements.matmul_pair(a, b)


@priced("multi_dot", "chain_matmul")
def multi_dot(elements: Elements, *args: Any, **options: Any) -> None:
    found = list(elements.shapes(*args))
    for first in found:
        for second in found:
            elements.matmul(first, second)


@priced("addmm", "addbmm", "baddbmm", "addmv", "addmm_", "addbmm_", "baddbmm_", "addmv_")
def addmm(elements: Elements, a: Any, b: Any, c: Any, *rest: Any, **options: Any) -> None:
    elements.matmul_pair(b, c)
    elements.elementwise(a)


@priced("linear")
def linear(elements: Elements, x: Any, weight: Any, bias: Any = None) -> None:
    elements.matmul(shape(x), shape(weight)[::-1])


@priced("bilinear")
def bilinear(elements: Elements, a: Any, b: Any, weight: Any, bias: Any = None) -> None:
    rows = math.prod(shape(a)[:-1])
    elements.budget.elements(rows * shape(weight)[0])
    elements.budget.flops(rows * numel(weight))


@priced("outer", "ger", "addr", "addr_", "kron")
def outer(elements: Elements, *args: Any, **options: Any) -> None:
    elements.budget.elements(math.prod(math.prod(s) for s in list(elements.shapes(*args))[-2:]))


@priced("cdist")
def cdist(elements: Elements, a: Any, b: Any, *rest: Any, **options: Any) -> None:
    elements.matmul(shape(a), (*shape(b)[:-2], shape(b)[-1], shape(b)[-2]))


@priced("pdist")
def pdist(elements: Elements, a: Any, *rest: Any, **options: Any) -> None:
    elements.matmul(shape(a), shape(a)[::-1])


@priced("cartesian_prod", "meshgrid", "combinations", "block_diag", "unravel_index")
def product(elements: Elements, *args: Any, r: int = 2, **options: Any) -> None:
    found = [math.prod(s) for s in elements.shapes(*args)]
    total = math.prod(found)
    if len(found) == 1:
        total **= min(max([r, *[a for a in args if isinstance(a, int)]]), 64)
    elements.budget.elements(total * max(len(found), 1))


@priced(
    "cat",
    "concat",
    "concatenate",
    "stack",
    "hstack",
    "vstack",
    "dstack",
    "column_stack",
    "row_stack",
)
def cat(elements: Elements, tensors: Any, *rest: Any, **options: Any) -> None:
    if isinstance(tensors, list | tuple):
        elements.budget.operations(len(tensors))
        elements.budget.elements(sum(numel(t) for t in tensors))
    else:
        elements.elementwise(tensors)


@priced("diag", "diagflat", "diag_embed")
def diag(elements: Elements, a: Any, *rest: Any, **options: Any) -> None:
    offset = sum(abs(v) for v in (*rest, *options.values()) if isinstance(v, int))
    last = shape(a)[-1] if shape(a) else 1
    lines = numel(a) if len(shape(a)) < 2 else numel(a) // max(last, 1) * last
    grown = (lines + offset) ** 2 if len(shape(a)) < 2 else numel(a) * (last + offset)
    elements.budget.elements(grown)


@priced("histc", "histogram")
def histogram(elements: Elements, a: Any, bins: Any = 100, *rest: Any, **options: Any) -> None:
    elements.elementwise(a)
    elements.budget.elements(numel(bins) if hasattr(bins, "shape") else int(bins))


@priced("nonzero_static")
def nonzero_static(elements: Elements, a: Any, *rest: Any, size: Any = 1, **options: Any) -> None:
    elements.budget.elements((numel(a) + int(size)) * max(len(shape(a)), 1))


@priced("tril_indices", "triu_indices")
def triangle(elements: Elements, row: Any, col: Any, *rest: Any, **options: Any) -> None:
    elements.budget.elements(2 * int(row) * int(col))


@priced("vander")
def vander(elements: Elements, x: Any, N: Any = None, **options: Any) -> None:
    elements.budget.elements(numel(x) * (numel(x) if N is None else int(N)))


@priced("one_hot")
def one_hot(elements: Elements, labels: Any, num_classes: int = -1) -> None:
    classes = int(num_classes)
    if classes < 0:
        elements.one(labels)
        classes = int(labels.max()) + 1
    elements.budget.elements(numel(labels) * classes)


@priced("bincount")
def bincount(elements: Elements, labels: Any, weights: Any = None, minlength: int = 0) -> None:
    elements.one(labels)
    most = int(labels.max()) + 1 if numel(labels) else 0
    elements.budget.elements(max(most, int(minlength), numel(labels)))


@priced("pad")
def pad(elements: Elements, x: Any, pad: Any, *rest: Any, **options: Any) -> None:
    size = list(shape(x))
    for axis, (left, right) in enumerate(zip(pad[::2], pad[1::2], strict=False), 1):
        size[-axis] += int(left) + int(right)
    elements.budget.elements(math.prod(max(s, 0) for s in size))


@priced("embedding")
def embedding(elements: Elements, index: Any, weight: Any, *rest: Any, **options: Any) -> None:
    elements.budget.elements(numel(index) * shape(weight)[-1])


@priced("index_select", "take_along_dim", "gather", "take")
def index_select(elements: Elements, a: Any, *rest: Any, **options: Any) -> None:
    picked = max((math.prod(s) for s in elements.shapes(*rest, *options.values())), default=1)
    each = numel(a) // max(min((s for s in shape(a) if s), default=1), 1)
    elements.budget.elements(picked * max(each, 1) if numel(a) > 1 else picked)


TENSOR_COSTS["gather"] = TENSOR_COSTS["take"] = TENSOR_COSTS["take_along_dim"] = (
    Elements.elementwise
)


@priced("nonzero", "argwhere")
def nonzero(elements: Elements, a: Any, **options: Any) -> None:
    elements.budget.elements(numel(a) * max(len(shape(a)), 1))


@priced("cov", "corrcoef")
def cov(elements: Elements, a: Any, **options: Any) -> None:
    rows = shape(a)[0] if len(shape(a)) > 1 else 1
    elements.budget.elements(rows * rows)
    elements.budget.flops(rows * numel(a))


@priced("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d")
def convolution(
    elements: Elements, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    *rest: Any, **options: Any
) -> None:  # fmt: skip
    spread = 1
    for value in (stride, padding, *rest, *options.values()):
        numbers = value if isinstance(value, list | tuple) else [value]
        spread += sum(int(n) for n in numbers if isinstance(n, int))
    axes = len(shape(weight)) - 2
    space = math.prod(
        s + 2 * spread * max(k, 1)
        for s, k in zip(shape(x)[-axes:], shape(weight)[-axes:], strict=False)
    )
    rows = shape(x)[0] if len(shape(x)) > axes + 1 else 1
    least = math.prod(shape(x)[-axes:]) if spread <= 3 else space
    elements.budget.elements(rows * max(shape(weight)[:2]) * least)
    elements.budget.flops(rows * numel(weight) * least)


@priced("einsum")
def einsum(elements: Elements, equation: Any, *operands: Any) -> None:
    if not isinstance(equation, str):  # operand, axes, operand, axes, …
        for axes in operands[::2]:
            elements.budget.items(len(axes))
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    inputs, _, output = equation.replace(" ", "").partition("->")
    size: dict[str, int] = {}
    for letters, operand in zip(inputs.split(","), operands, strict=True):
        named = _named_axes(letters, shape(operand))
        for letter, extent in named.items():
            size[letter] = max(size.get(letter, 1), extent)
    work = math.prod(size.values())
    kept = [n for letter, n in size.items() if letter in output or letter.isdigit()]
    elements.budget.elements(math.prod(kept) if "->" in equation else work)
    elements.budget.flops(work)
    if len(operands) > 1:
        elements.budget.elements(max(math.prod(s) for s in elements.shapes(*operands)))


def _named_axes(letters: str, extents: Shape) -> dict[str, int]:
    if "..." in letters:
        dots = len(extents) - len(letters) + 3
        letters = letters.replace("...", "".join(map(str, range(dots))))
    return dict(zip(letters, extents, strict=True))


@priced("tensordot")
def tensordot(elements: Elements, a: Any, b: Any, dims: Any = 2, **options: Any) -> None:
    if isinstance(dims, int):
        inner = math.prod(shape(a)[len(shape(a)) - dims :]) if dims else 1
    else:
        inner = math.prod(shape(a)[axis] for axis in list(dims[0]))
    result = numel(a) // max(inner, 1) * (numel(b) // max(inner, 1))
    elements.budget.elements(result)
    elements.budget.flops(result * max(inner, 1))


def square(elements: Elements, a: Any, *rest: Any, **options: Any) -> None:
    """An algorithm that goes over a matrix again for each of its rows."""
    extents = shape(a)[-2:] or (1,)
    elements.elementwise(a, *rest)
    elements.budget.flops(20 * numel(a) * max(extents))


for _name in words("""
    cholesky cholesky_inverse cond det eig eigh eigvals eigvalsh inv inverse lstsq lu lu_factor
    lu_solve lu lu_factor lu_factor_ex lu_unpack cholesky_ex inv_ex solve_ex tensorinv tensorsolve
    cholesky_solve householder_product orgqr ormqr geqrf triangular_solve svd_lowrank pca_lowrank
    slogdet logdet matrix_exp matrix_rank pinv pinverse qr solve solve_triangular svd
    svdvals matrix_norm
"""):
    TENSOR_COSTS[_name] = square


@priced("tensorinv", "tensorsolve")
def unfolded(elements: Elements, a: Any, *rest: Any, **options: Any) -> None:
    """The inverse of as large a matrix as the tensor has room for."""
    elements.elementwise(a, *rest)
    elements.budget.flops(20 * numel(a) * math.isqrt(numel(a)))


@priced("matrix_power")
def matrix_power(elements: Elements, a: Any, n: int = 1, **options: Any) -> None:
    square(elements, a)
    elements.budget.flops(numel(a) * shape(a)[-1] * max(int(n).bit_length(), 1))


@priced("scaled_dot_product_attention")
def attention(
    elements: Elements, query: Any, key: Any, value: Any, *rest: Any, **options: Any
) -> None:
    elements.matmul(shape(query), (*shape(key)[:-2], shape(key)[-1], shape(key)[-2]))
    elements.matmul((*shape(query)[:-1], shape(key)[-2]), shape(value))


@priced("tolist")
def tolist(elements: Elements, a: Any) -> None:
    elements.budget.items(numel(a))


@priced("polygamma", "polygamma_")
def polygamma(elements: Elements, *args: Any, **options: Any) -> None:
    elements.elementwise(*args, **options)


@priced("set_printoptions")
def set_printoptions(
    elements: Elements, precision: Any = None, threshold: Any = None, edgeitems: Any = None,
    linewidth: Any = None, profile: Any = None, sci_mode: Any = None,
) -> None:  # fmt: skip
    for value, most in ((precision, 50), (edgeitems, 100), (linewidth, 10_000)):
        if isinstance(value, int | float) and value > most:
            elements.budget.refuse("text", "set_printoptions")
    if threshold is not None:
        elements.print_threshold = max(1000, int(min(float(threshold), 1e12)))
    elif isinstance(profile, str):
        elements.print_threshold = 10**12 if profile.lower() == "full" else 1000
