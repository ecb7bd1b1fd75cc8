"""Products made of several operations as torch makes them: matmul, linear, einsum and their kin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

from gradtui.engine import errors
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.refusals import refusal, type_name
from gradtui.engine.rows import composite
from gradtui.engine.tensor import Tensor, storage

# -- matmul --------------------------------------------------------------------------------------


@composite("matmul(Tensor self, Tensor other)")
def matmul(self: Tensor, other: Tensor) -> Any:
    """The product torch calls `@`: dot, mv, mm or bmm, by the dimensions."""
    a, b = self._data.ndim, other._data.ndim
    if a == 0 or b == 0:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {a}D and {b}D"
        )
    if (a, b) in _PRODUCTS:
        return _PRODUCTS[a, b](self, other)
    return _folded(self, other) if _folds(self, other) else _batched(self, other)


_PRODUCTS: dict[tuple[int, int], Any] = {
    (1, 1): lambda a, b: F["dot"](a, b),
    (2, 1): lambda a, b: F["mv"](a, b),
    (2, 2): lambda a, b: F["mm"](a, b),
    (1, 2): lambda a, b: _row_times(a, b),
}


def _row_times(a: Tensor, b: Tensor) -> Tensor:
    """A vector times a matrix: a product of one row, which torch then flattens in place."""
    product: Tensor = F["squeezed"](F["mm"](F["unsqueeze"](a, 0), b), 0)
    product._ver = 1
    return product


def _folds(a: Tensor, b: Tensor) -> bool:
    """Whether the larger operand can be one tall matrix without a copy: torch's should_fold."""
    larger, smaller = (a, b) if a._data.ndim >= b._data.ndim else (b, a)
    if larger._data.ndim < 3 or smaller._data.ndim > 2:
        return False
    if smaller._rg:
        return True
    if a._data.ndim == 2:
        return False
    array = storage(larger)
    shape, strides = array.shape, array.strides
    if larger is b:
        shape, strides = (_swap(shape), _swap(strides))
    if not array.size:
        return True
    return all(strides[i] == strides[i + 1] * shape[i + 1] for i in range(len(shape) - 2))


def _swap(sizes: tuple[int, ...]) -> tuple[int, ...]:
    return (*sizes[:-2], sizes[-1], sizes[-2])


def _folded(a: Tensor, b: Tensor) -> Any:
    """A batch times one matrix or vector is one product of a taller matrix."""
    flipped = b._data.ndim > a._data.ndim
    left = F["transpose"](b, -2, -1) if flipped else a
    right = b if not flipped else F["t"](a) if a._data.ndim == 2 else a
    lead = left._data.shape[:-1]
    tall = F["reshape"](left, (math.prod(lead), left._data.shape[-1]))
    if right._data.ndim == 1:
        return F["_unsafe_view"](F["mv"](tall, right), lead)
    out = F["_unsafe_view"](F["mm"](tall, right), (*lead, right._data.shape[1]))
    return F["contiguous"](F["transpose"](out, -2, -1)) if flipped else out


def _batched(a: Tensor, b: Tensor) -> Any:
    left, right = a._data.shape, b._data.shape
    if len(left) == len(right) == 3 and left[0] != right[0]:
        if left[0] == 1 and a._rg:
            return matmul(F["squeeze"](a, 0), b)
        if right[0] == 1 and b._rg:
            return matmul(a, F["squeeze"](b, 0))
    batch = errors.broadcast_shape(left[:-2], right[:-2])
    count = math.prod(batch)
    n = left[-2] if len(left) > 1 else 1
    m = right[-2] if len(right) > 1 else right[0]
    first = F["reshape"](F["expand"](a, (*batch, n, left[-1])), (count, n, left[-1]))
    if len(right) == 1:
        second = F["reshape"](F["expand"](b, (*batch, m)), (count, m))
        product = F["squeeze"](F["bmm"](first, F["unsqueeze"](second, 2)), -1)
        return F["_unsafe_view"](product, (*batch, n))
    p = right[-1]
    second = F["reshape"](F["expand"](b, (*batch, m, p)), (count, m, p))
    shape = (*batch, *((n,) if len(left) > 1 else ()), p)
    return F["_unsafe_view"](F["bmm"](first, second), shape)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """x·Wᵀ + b, as nn.Linear computes it."""
    dims, weight_dims = input._data.ndim, weight._data.ndim
    if not dims or not weight_dims:
        raise RuntimeError(
            f"both arguments to linear need to be at least 1D, but they are {dims}D and "
            f"{weight_dims}D"
        )
    if bias is None:
        return matmul(input, F["t"](weight))
    if dims == 2:
        return F["addmm"](bias, input, F["t"](weight))
    if input.is_contiguous():
        lead = input._data.shape[:-1]
        tall = F["reshape"](input, (math.prod(lead), input._data.shape[-1]))
        out = F["addmm"](bias, tall, F["t"](weight))
        return F["view"](out, (*lead, out._data.shape[1]))
    return matmul(input, F["t"](weight)).add_(bias)


# -- outer, inner, Kronecker -----------------------------------------------------------------------


@composite("outer(Tensor self, Tensor vec2)", "ger(Tensor self, Tensor vec2)")
def outer(self: Tensor, vec2: Tensor) -> Any:
    for x, name in ((self, "self"), (vec2, "vec2")):
        if x._data.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {x._data.ndim}-D")
    return F["mul"](F["reshape"](self, (self._data.shape[0], 1)), vec2)


@composite("inner(Tensor self, Tensor other)")
def inner(self: Tensor, other: Tensor) -> Any:
    """Products summed over the last dimension of both."""
    if not self._data.ndim or not other._data.ndim:
        return F["mul"](self, other)
    if self._data.shape[-1] != other._data.shape[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes "
            f"{list(self.shape)} and {list(other.shape)}"
        )
    return tensordot(self, other, [[-1], [-1]])


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Any:
    """Products summed over the dimensions named of each."""
    if isinstance(dims, int):
        if dims > min(a._data.ndim, b._data.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        ours, theirs = list(range(-dims, 0)), list(range(dims))
    else:
        ours, theirs = ([d % x._data.ndim for d in ds] for x, ds in zip((a, b), dims, strict=True))
    ours, theirs = list(ours), list(theirs)
    for i, (d, e) in enumerate(zip(ours, theirs, strict=True)):
        a, b = _matched(a, b, d, e, i)
    ours = [d % a._data.ndim for d in ours]
    keep_a = [d for d in range(a._data.ndim) if d not in ours]
    keep_b = [d for d in range(b._data.ndim) if d not in theirs]
    shape = tuple(a._data.shape[d] for d in keep_a) + tuple(b._data.shape[d] for d in keep_b)
    orders = (*keep_a, *ours), (*theirs, *keep_b)
    if math.prod(shape) == 1:
        turned = F["permute"](a, orders[0]), F["permute"](b, orders[1])
        return F["view"](_full_contraction(*turned), shape)
    size = math.prod(a._data.shape[d] for d in ours)
    rows = math.prod(a._data.shape[d] for d in keep_a)
    left = F["reshape"](F["permute"](a, orders[0]), (rows, size))
    right = F["permute"](b, orders[1])
    right = F["reshape"](right, (size, math.prod(b._data.shape[d] for d in keep_b)))
    return F["reshape"](F["mm"](left, right), shape)


def _matched(a: Tensor, b: Tensor, d: int, e: int, number: int) -> tuple[Any, Any]:
    """A dimension of size 1 meets any other: that one is summed at once."""
    m, n = a._data.shape[d], b._data.shape[e]
    if n == 1:
        return F["sum"](a, (d,), True), b
    if m == 1:
        return a, F["sum"](b, (e,), True)
    if m != n:
        raise RuntimeError(
            f"contracted dimensions need to match, but first has size {m} in dim {d} and second "
            "has "
            f"size {n} in dim {e}"
        )
    return a, b


def _full_contraction(left: Any, right: Any) -> Any:
    """Every dimension summed: a dot product, or the sum of the product; the right is made ready first."""
    dot = left.is_contiguous() and right.is_contiguous()
    ready = F["flatten" if dot else "squeeze"]
    second, first = ready(right), ready(left)
    return F["dot"](first, second) if dot else F["sum"](F["mul"](first, second))


@composite("kron(Tensor self, Tensor other)")
def kron(self: Tensor, other: Tensor) -> Any:
    """Every entry of one times all of the other, block by block."""
    ndim = max(self._data.ndim, other._data.ndim)
    a, b = ((1,) * (ndim - x._data.ndim) + x._data.shape for x in (self, other))
    left = _divided(self, tuple(chain(*((n, 1) for n in a))))
    right = _divided(other, tuple(chain(*((1, n) for n in b))))
    return F["_unsafe_view"](F["mul"](left, right), tuple(m * n for m, n in zip(a, b, strict=True)))


def _divided(x: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """The same memory in another shape: what inference mode made stays that."""
    made: Tensor = F["_unsafe_view"](x, sizes)
    made._ver = min(x._ver, 0)
    return made


# -- einsum ----------------------------------------------------------------------------------------


def einsum(*args: Any) -> Any:
    """Products of tensors by index letters: aligned, multiplied pair by pair as batches, summed."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one "
            "operand and its subscripts list"
        )
    equation, *operands = args
    if not isinstance(equation, str):
        if not isinstance(equation, Tensor):
            refused = refusal("einsum", (equation, list(operands)), {}, False)
            if refused is not None:
                raise refused
        equation, operands = _from_sublists((equation, *operands))
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = list(operands[0])
    for place, operand in enumerate(operands):
        if not isinstance(operand, Tensor):
            raise TypeError(
                f"expected Tensor as element {place} in argument 1, but got {type_name(operand)}"
            )
    _check_subscripts(equation, len(operands))
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = _terms(left, operands)
    wide = max((len(_dots(t, o)) for t, o in zip(terms, operands, strict=True)), default=0)
    out, summed = _order(terms, right, bool(arrow), wide)
    order = out + summed
    _check_repeats(terms, operands)
    _check_letters(terms, operands)
    aligned = [_aligned(t, o, order, wide) for t, o in zip(terms, operands, strict=True)]
    return _contracted(aligned, len(out), len(order))


def _check_subscripts(equation: str, count: int) -> None:
    """Letters and ellipses, for as many operands as there are, then those of the result."""
    left, _, right = equation.partition("->")
    terms, start = left.split(","), 0
    for number, term in enumerate(terms):
        if number == count:
            raise RuntimeError(
                "einsum(): fewer operands were provided than specified in the equation"
            )
        _check_letters_of(term, start, f"operand {number}", "any ellipsis")
        start += len(term) + 1
    _check_letters_of(right, start + 1, "output", "any ellipsis (...)")
    letters = [c for c in right if c not in " ."]
    twice = next((c for c in letters if letters.count(c) > 1), None)
    if twice is not None:
        raise RuntimeError(
            f"einsum(): output subscript {twice} appears more than once in the output"
        )


def _check_letters_of(term: str, start: int, whose: str, ellipsis: str) -> None:
    plain = term.replace("...", "   ", 1)
    for at, letter in enumerate(plain):
        if letter == ".":
            if plain != term:
                known = {"output": "but an ellipsis (...)"}.get(whose, "for which an ellipsis")
                raise RuntimeError(f"einsum(): found '.' for {whose} {known} was already found")
            raise RuntimeError(f"einsum(): found '.' for {whose} that is not part of {ellipsis}")
        if letter != " " and not (letter.isascii() and letter.isalpha()):
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {start + at} in the equation string, "
                "subscripts must be in [a-zA-Z]"
            )


def _from_sublists(parts: Sequence[Any]) -> tuple[str, list[Any]]:
    """`einsum(a, [0, 1], b, [1, 2], [0, 2])` as an equation."""

    def letter(label: Any) -> str:
        if label is Ellipsis:
            return "..."
        if label >= 0 and label < 52:  # compared one by one, as what is no number is refused so
            return chr(label + (65 if label < 26 else 71))
        raise ValueError(
            "einsum(): subscript in subscript list is not within the valid range [0, 52)"
        )

    def text(labels: Any) -> str:
        return "".join(map(letter, labels))

    pairs, rest = parts[: len(parts) // 2 * 2], parts[len(parts) // 2 * 2 :]
    equation = ",".join(text(labels) for labels in pairs[1::2])
    return equation + ("->" + text(rest[0]) if rest else ""), list(pairs[::2])


def _terms(left: str, operands: Sequence[Any]) -> list[str]:
    terms = left.split(",")
    if len(terms) != len(operands):
        many = "more" if len(operands) > len(terms) else "fewer"
        raise RuntimeError(
            f"einsum(): {many} operands were provided than specified in the equation"
        )
    for number, (term, operand) in enumerate(zip(terms, operands, strict=True)):
        letters = term.replace("...", "")
        count, dims = len(letters), operand._data.ndim
        if "..." not in term and count != dims:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({count}) does not match the "
                f"number of dimensions ({dims}) for operand {number} and no ellipsis was given"
            )
        if count > dims:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({count}) is more than the "
                f"number of dimensions ({dims}) for operand {number}"
            )
    return terms


def _check_repeats(terms: Sequence[str], operands: Sequence[Any]) -> None:
    """A letter that stands twice in a term names a diagonal."""
    for number, (term, operand) in enumerate(zip(terms, operands, strict=True)):
        sizes: dict[str, int] = {}
        letters = term.replace("...", "." * (operand._data.ndim - len(term.replace("...", ""))))
        for letter, size in zip(letters, operand._data.shape, strict=True):
            if letter != "." and sizes.setdefault(letter, size) != size:
                raise RuntimeError(
                    f"einsum(): subscript {letter} is repeated for operand {number} but the sizes "
                    f"don't match, {size} != {sizes[letter]}"
                )


def _dots(term: str, operand: Any) -> range:
    """The dimensions an ellipsis stands for."""
    return range(operand._data.ndim - len(term.replace("...", ""))) if "..." in term else range(0)


def _order(terms: list[str], right: str, given: bool, wide: int) -> tuple[list[str], list[str]]:
    """The labels of the result, then those that are summed; dots are `.0`, `.1` …"""
    dots = [f".{i}" for i in range(wide)]
    letters = [c for t in terms for c in t.replace("...", "")]
    if not given:
        once = sorted(c for c in set(letters) if letters.count(c) == 1)
        out = dots + once
    else:
        before, found, after = right.partition("...")
        out = [*before, *(dots if found else []), *after]
    for label in out:
        if not label.startswith(".") and label not in letters:
            raise RuntimeError(
                f"einsum(): output subscript {label} does not appear in the equation for any input "
                "operand"
            )
    rest = [d for d in dots if d not in out] + sorted(set(letters) - set(out))
    return out, rest


def _check_letters(terms: list[str], operands: Sequence[Any]) -> None:
    sizes: dict[str, tuple[int, int]] = {}
    for number, (term, operand) in enumerate(zip(terms, operands, strict=True)):
        labels = _labels(term, operand, 0)
        for label, size in zip(labels, operand._data.shape, strict=True):
            have = sizes.get(label, (1, number))
            if size != have[0] and 1 not in (size, have[0]) and not label.startswith("."):
                raise RuntimeError(
                    f"einsum(): subscript {label} has size {size} for operand {number} which does "
                    f"not broadcast with previously seen size {have[0]}"
                )
            sizes[label] = have if size == 1 else (size, number)


def _labels(term: str, operand: Any, wide: int) -> list[str]:
    before, found, after = term.partition("...")
    count = len(_dots(term, operand))
    first = max(wide, count) - count
    dots = [f".{first + i}" for i in range(count)] if found else []
    return [*before, *dots, *after]


def _aligned(term: str, item: Any, order: list[str], wide: int) -> Any:
    """An operand with its dimensions in `order`, size 1 where it has no such label."""
    labels: list[str] = []
    for label in _labels(term, item, wide):
        if label in labels:  # repeated: the diagonal
            at = labels.index(label)
            item = F["movedim"](F["diagonal"](item, 0, at, len(labels)), -1, at)
        else:
            labels.append(label)
    for label in order:
        if label not in labels:
            item = F["unsqueeze"](item, -1)
            labels.append(label)
    return F["permute"](item, tuple(labels.index(label) for label in order))


def _contracted(parts: list[Any], out: int, total: int) -> Any:
    """Multiplies the operands from the left, summing each dimension as soon as it is complete."""
    count = len(parts)
    uses = [sum(p._data.shape[d] != 1 for p in parts) for d in range(total)]
    while len(parts) > 1:
        a, b, *rest = parts
        sums: list[int] = []
        alone: tuple[list[int], list[int]] = [], []
        for d in range(out, total):
            wide = a._data.shape[d] != 1, b._data.shape[d] != 1
            if all(wide):
                uses[d] -= 1
                if uses[d] == 1:
                    sums.append(d)
                    uses[d] = 0
            elif uses[d] == 1 and any(wide):
                alone[wide[1]].append(d)
                uses[d] = 0
        a = F["sum"](a, tuple(alone[0]), True) if alone[0] else a
        b = F["sum"](b, tuple(alone[1]), True) if alone[1] else b
        parts = [_pair(a, b, sums), *rest]
    if total == out:
        return parts[0]
    if count > 1:
        return F["view"](parts[0], parts[0]._data.shape[:out])
    return F["sum"](parts[0], tuple(range(out, total)))


def _pair(a: Any, b: Any, sums: list[int]) -> Any:
    """torch's sumproduct_pair: the product of two operands, summed, as one batched product."""
    if not sums:
        return F["mul"](a, b)
    both: list[Any] = []
    left: list[Any] = []
    right: list[Any] = []
    for d in range(a._data.ndim):
        if d not in sums:
            wide = a._data.shape[d] != 1, b._data.shape[d] != 1
            (both if all(wide) else left if wide[0] else right).append(d)
    sizes = [
        math.prod(x._data.shape[d] for d in ds)
        for x, ds in ((a, both), (a, left), (b, right), (a, sums))
    ]
    shape = [a._data.shape[d] for d in (*both, *left)] + [1] * len(sums)
    shape += [b._data.shape[d] for d in right]
    a = F["reshape"](F["permute"](a, (*both, *left, *sums, *right)), (sizes[0], sizes[1], sizes[3]))
    b = F["reshape"](F["permute"](b, (*both, *sums, *right, *left)), (sizes[0], sizes[3], sizes[2]))
    placed = [*both, *left, *sums, *right]
    back = tuple(placed.index(d) for d in range(len(placed)))
    return F["permute"](F["view"](F["bmm"](a, b), tuple(shape)), back)
