"""How many elements and multiply-adds a tensor operation will take, from its arguments alone.

Anything not in the tables is priced as elementwise: the broadcast of all tensor arguments. Views
are free: what they show is paid for by whoever makes it real.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from gradtui.language.budget import Budget

if TYPE_CHECKING:
    from gradtui.language.world import World

Shape: TypeAlias = tuple[int, ...]
SCALARS = frozenset({int, float, bool})
CHEAP = 1024  # elements below which a pair's exact shape does not matter
VIEW = 8  # operations that making one tensor costs
MOST_SIZES = 64  # of one shape
LINE_ITEMS = 1_000  # torch prints tensors up to this size in full


def broadcast(*shapes: Sequence[int]) -> int:
    """Elements of the broadcast of `shapes`; too many rather than too few where they do not fit."""
    rank = max((len(s) for s in shapes), default=0)
    total = 1
    for axis in range(1, rank + 1):
        sizes = [s[-axis] for s in shapes if len(s) >= axis]
        total *= 0 if 0 in sizes else max(sizes)
    return total


class Elements:
    """Prices of tensor operations against one budget."""

    def __init__(self, budget: Budget, world: "World") -> None:
        self.budget = budget
        self.tensor: Any = world.tensor
        self.shaped: Any = world.shaped
        self.print_threshold = LINE_ITEMS
        self.foreign: tuple[Any, ...] = ()  # types of numbers that a guest of the world brings
        self.foreign_text: Callable[[Any], int] = lambda a: 0  # characters of what it brings

    def in_python(self, value: Any) -> Any:
        """What was given, a library's numbers in Python's: prices reckon with integers without end."""
        if not self.foreign:
            return value
        if isinstance(value, self.foreign):
            return value.item()
        if type(value) in (list, tuple) and len(value) <= MOST_SIZES:
            return type(value)(map(self.in_python, value))
        if type(value) is dict:
            return {key: self.in_python(part) for key, part in value.items()}
        return value

    def one(self, a: Any) -> None:
        self.budget.elements(a.numel() if isinstance(a, self.tensor) else a.size)

    def views(self, count: int) -> None:
        """So many tensors are about to be made, each dearer than an item of a list."""
        self.budget.items(count)
        self.budget.operations(count * (VIEW - 1))

    def pair(self, a: Any, b: Any) -> None:
        """An elementwise operation on two operands, either of which may be a number."""
        tensor = self.tensor
        if not (isinstance(a, tensor) and isinstance(b, tensor)):
            if isinstance(a, tensor) and type(b) in SCALARS:
                count = a.numel()
            else:
                count = broadcast(*[tuple(v.shape) for v in (a, b) if isinstance(v, self.shaped)])
        else:
            count = a.numel() * b.numel()
            if count > CHEAP:
                count = broadcast(tuple(a.shape), tuple(b.shape))
        self.budget.elements(count)

    def matmul_pair(self, a: Any, b: Any) -> None:
        if not (isinstance(a, self.shaped) and isinstance(b, self.shaped)):
            return
        self.one(a)
        self.one(b)
        self.matmul(tuple(a.shape), tuple(b.shape))

    def matmul(self, a: Shape, b: Shape) -> None:
        """`a @ b`: (…, m, k) by (…, k, n)."""
        rows, inner = ((1, *a)[-2], a[-1]) if a else (1, 1)
        columns = b[-1] if len(b) > 1 else 1
        result = broadcast(a[:-2], b[:-2]) * rows * columns
        self.budget.elements(result, "matmul")
        self.budget.flops(result * inner, "matmul")

    def shapes(self, *values: Any) -> Iterator[Shape]:
        """The shapes of all tensors in `values`, those in lists and tuples too."""
        for value in values:
            if isinstance(value, self.shaped):
                yield tuple(value.shape)
            elif isinstance(value, list | tuple) and value and len(value) <= 100_000:
                self.budget.operations(len(value))
                for item in value:
                    if isinstance(item, self.shaped):
                        yield tuple(item.shape)
                    elif isinstance(item, tuple | list):
                        yield from self.shapes(*item[:1000])
            elif isinstance(value, dict) and len(value) <= 100_000:
                yield from self.shapes(list(value.values()))

    def elementwise(self, *args: Any, **kwargs: Any) -> None:
        """The default: the broadcast of all tensors among the arguments, and each on its own."""
        if len(args) == 2 and not kwargs and isinstance(args[0], self.tensor):
            simple = type(args[1]) in SCALARS or isinstance(args[1], self.tensor)
            if simple:
                self.pair(*args)
                return
        shapes = list(self.shapes(*args, *kwargs.values()))
        if not shapes:
            return
        self.budget.elements(max(broadcast(*shapes), *(math.prod(s) for s in shapes)))

    def index(self, a: Any, key: Any) -> None:
        """`a[key]`: a view for numbers and slices, a copy for tensors and lists of positions."""
        keys = key if isinstance(key, tuple) else (key,)
        picked: list[Any] = [k for k in keys if isinstance(k, (*self.shaped, list))]
        if not picked:
            self.budget.tick()
            return
        shape = tuple(a.shape)
        shapes, used = [], 0
        for k in picked:
            if isinstance(k, list):
                self.budget.items(len(k))
                shapes.append(nested_shape(k))
                used += 1
            elif str(k.dtype).rpartition(".")[2] in ("bool", "uint8"):
                shapes.append((min(math.prod(k.shape), a.numel()),))
                used += max(len(k.shape), 1)
            else:
                shapes.append(tuple(k.shape))
                used += 1
        rest = math.prod(sorted(shape)[used:]) if used <= len(shape) else 1
        self.budget.elements(broadcast(*shapes) * max(rest, 1), "getitem")

    def spelled(self, a: Any) -> None:
        """The text of a tensor: torch prints its corners when it is large."""
        if self.foreign and not isinstance(a, self.tensor):
            self.budget.text(self.foreign_text(a), "repr")
            return
        count = a.numel()
        self.budget.text(count * 12 if count <= self.print_threshold else 12_000, "repr")


def nested_shape(value: Any) -> Shape:
    """The shape torch reads off nested lists: by their first items."""
    shape: list[int] = []
    while isinstance(value, list | tuple | range | str) and len(shape) < 64:
        shape.append(len(value))
        if not value or isinstance(value, str):
            break
        value = value[0]
    return (*shape, *getattr(value, "shape", ())) if not isinstance(value, str) else tuple(shape)


Estimator: TypeAlias = Callable[..., None]
