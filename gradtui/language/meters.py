"""What plain Python operations cost: charged by the types of the operands before they are applied.

`operators["mul"][type(a)]` is the meter of `a * b`, or None where the price is one node's
evaluation.
"""

import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from gradtui.language.budget import Budget
from gradtui.language.elements import Elements

if TYPE_CHECKING:
    from gradtui.language.world import World

Meter: TypeAlias = Callable[[Any, Any], None]
Mixed: TypeAlias = Callable[[str, Any, Any], None]
CONTAINERS = (list, tuple, dict, set, frozenset, deque)
SEQUENCES = (str, list, tuple, deque)
NESTING = 100  # levels of containers within containers that one operation may go through
SMALL = 2048  # bits

_PERCENT = re.compile(r"%(?:\([^)]*\))?[-+ #0]*(\*|\d*)(?:\.(\*|\d*))?")


class TypeTable(dict[type, Any]):
    """What holds for a type or its nearest base in `base`; None for the rest. Answers are kept."""

    def __init__(self, base: Mapping[type, Any]) -> None:
        super().__init__()
        self.base = dict(base)

    def __missing__(self, kind: type) -> Any:
        self[kind] = found = next((self.base[k] for k in kind.__mro__ if k in self.base), None)
        return found


class Meters:
    """The meters of one run's operators and deep operations."""

    def __init__(self, budget: Budget, world: "World") -> None:
        self.budget = budget
        self.tensor: Any = world.tensor
        self.shaped: Any = world.shaped
        self.elements = Elements(budget, world)
        self.mixed: Mixed = lambda name, a, b: self.elements.pair(a, b)
        self.parts = TypeTable({})  # of records: what comparing two of them compares
        self.operators = self._operators()
        self.setters = TypeTable({})  # what looks at `owner[key] = value` beforehand

    def _operators(self) -> dict[str, TypeTable]:
        each = self.elements.pair
        tensor = {self.tensor: each}
        deep: dict[type, Meter] = dict.fromkeys(CONTAINERS, self.compare)
        united: dict[type, Meter] = dict.fromkeys((set, frozenset, dict), self.unite)
        joined: dict[type, Meter] = dict.fromkeys(SEQUENCES, self.concatenate)
        factors: dict[type, Meter] = dict.fromkeys((int, *SEQUENCES), self.multiply)
        tables: dict[str, dict[type, Meter]] = {
            "add": joined,
            "iadd": {
                **dict.fromkeys((list, deque), self.extend),
                **dict.fromkeys((tuple, str), self.concatenate),
            },
            "mul": factors,
            "pow": {int: self.power},
            "lshift": {int: self.shift},
            "mod": {str: self.percent},
            "matmul": {self.tensor: self.elements.matmul_pair},
            "getitem": {
                **dict.fromkeys(SEQUENCES, self.slice),
                self.tensor: self.elements.index,
                **dict.fromkeys((dict, set), lambda a, b: self.weigh_key(b)),
            },
            "contains": dict.fromkeys((*CONTAINERS, str, range, self.tensor), self.contains),
        }
        tables["not_contains"] = tables["contains"]
        for name in ("sub", "truediv", "floordiv", "rshift"):
            tables[name] = {}
        tables["sub"] = dict(united)
        for name in ("and", "or", "xor"):
            tables[name] = dict(united)
        for name in ("eq", "ne", "lt", "le", "gt", "ge"):
            tables[name] = dict(deep)
        for name in tuple(tables):
            tables.setdefault(f"i{name}", dict(tables[name]))
        return {name: TypeTable({**tensor, **table}) for name, table in tables.items()}

    def add(self, a: Any, b: Any) -> Any:
        """`a + b`, charged."""
        table = self.operators["add"]
        meter = table[type(a)] or table[type(b)]
        if meter is not None:
            meter(a, b)
        return a + b

    def unary(self, value: Any) -> None:
        if isinstance(value, self.shaped):
            self.elements.one(value)

    def _otherwise(self, name: str, a: Any, b: Any) -> None:
        if isinstance(b, self.shaped) or isinstance(a, self.shaped):
            self.mixed(name, a, b)

    def multiply(self, a: Any, b: Any) -> None:
        if isinstance(a, int) and isinstance(b, int):
            bits = a.bit_length() + b.bit_length()
            if bits > SMALL:
                self.budget.integer(bits)
                self.budget.operations((bits >> 11) ** 2 >> 2)
            return
        if isinstance(b, SEQUENCES):
            a, b = b, a
        if isinstance(a, SEQUENCES) and isinstance(b, int):
            size = len(a) * max(b, 0)
            (self.budget.text if isinstance(a, str) else self.budget.items)(size)
            return
        self._otherwise("mul", a, b)

    def power(self, a: Any, b: Any) -> None:
        if isinstance(a, int) and isinstance(b, int):
            if b > 0 and abs(a) > 1:
                self.budget.integer(a.bit_length() * b)
            return
        self._otherwise("pow", a, b)

    def shift(self, a: Any, b: Any) -> None:
        if isinstance(a, int) and isinstance(b, int):
            if a and b > 0:
                self.budget.integer(a.bit_length() + b)
            return
        self._otherwise("lshift", a, b)

    def concatenate(self, a: Any, b: Any) -> None:
        if isinstance(a, SEQUENCES) and isinstance(b, SEQUENCES):
            size = len(a) + len(b)
            (self.budget.text if isinstance(a, str) else self.budget.items)(size)
            return
        self._otherwise("add", a, b)

    def extend(self, a: Any, b: Any) -> None:
        if hasattr(b, "__len__") and not isinstance(b, self.tensor):
            if len(a) + len(b) > self.budget.limits.text:
                self.budget.refuse("text")
            self.budget.operations(len(b))

    def unite(self, a: Any, b: Any) -> None:
        self.budget.items(len(a) + (len(b) if hasattr(b, "__len__") else 0))

    def slice(self, a: Any, key: Any) -> None:
        if isinstance(key, slice):
            size = len(range(*key.indices(len(a))))
            (self.budget.text if isinstance(a, str) else self.budget.items)(size)

    def contains(self, item: Any, container: Any) -> None:
        if isinstance(container, str):
            self.budget.operations(len(container) >> 4)
        elif isinstance(container, list | tuple | range | deque):
            self.budget.operations(len(container))
            if isinstance(item, (*CONTAINERS, *self.shaped)):
                self.compare([item] * 1, container)
        elif isinstance(container, self.shaped):
            self.mixed("eq", container, item)
        elif isinstance(container, dict | set | frozenset):
            self.weigh_key(item)

    def compare(self, a: Any, b: Any) -> None:
        """The price of comparing two values that may hold others, tensors among them."""
        if not (isinstance(a, CONTAINERS) and isinstance(b, CONTAINERS)):
            self._otherwise("eq", a, b)
            return
        first, second = _Weight(self), _Weight(self)
        least = min(first.of(a), second.of(b))
        self.budget.operations(least)
        if first.largest and second.largest and first.largest * second.largest > 10_000:
            self.budget.elements(first.largest * second.largest)
        if first.cyclic and second.cyclic:
            raise RecursionError("maximum recursion depth exceeded in comparison")

    def weigh(self, value: Any) -> int:
        """Charge for going through `value` and all it holds; how many parts that is."""
        if not isinstance(value, CONTAINERS):
            return 1
        total = _Weight(self).of(value)
        self.budget.operations(total)
        return total

    def parts_in(self, value: Any) -> int:
        """How many parts `value` has, shared ones counted each time they occur."""
        return _Weight(self).of(value)

    def weigh_key(self, key: Any) -> None:
        """Charge for hashing `key`."""
        if isinstance(key, tuple | frozenset):
            self.weigh(key)

    def spelled(self, value: Any) -> None:
        """Charge for the text of `value` as `str` or `repr` makes it."""
        if isinstance(value, str):
            self.budget.text(len(value))
        elif isinstance(value, CONTAINERS):
            weight = _Weight(self, text=True)
            self.budget.text(weight.of(value) * 2)
        elif isinstance(value, self.shaped):
            self.elements.spelled(value)

    def percent(self, template: Any, args: Any) -> None:
        """The price of `template % args`."""
        if not isinstance(template, str):
            return
        values = list(args.values()) if isinstance(args, dict) else args
        values = values if isinstance(values, list | tuple) else [values]
        widest = max((abs(v) for v in values if isinstance(v, int)), default=0)
        total = len(template)
        for width, precision in _PERCENT.findall(template):
            for part in (width, precision):
                total += widest if part == "*" else int(part[:12] or 0)
        self.budget.text(total)
        longest = 0
        for value in values:
            self.spelled(value)
            longest = max(longest, len(value) if isinstance(value, str) else 0)
        self.budget.text(longest * template.count("%"))


class _Weight:
    """How many parts a value has, shared ones counted each time they occur."""

    def __init__(self, meters: Meters, *, text: bool = False) -> None:
        self.budget = meters.budget
        self.meters = meters
        self.text = text
        self.known: dict[int, int | None] = {}
        self.largest = 0
        self.cyclic = False

    def of(self, value: Any, depth: int = 0) -> int:
        record = self.meters.parts[type(value)]
        if record is None and not isinstance(value, CONTAINERS):
            return self._leaf(value)
        if id(value) in self.known:
            known = self.known[id(value)]
            self.cyclic |= known is None
            return known or 1
        if depth > NESTING:
            raise RecursionError("maximum recursion depth exceeded")
        self.known[id(value)] = None
        if record is not None:
            parts, depth = record(value), depth - 1
        else:
            self.budget.operations(len(value) >> 3)
            parts = _parts(value)
        total = 1 + sum(self.of(item, depth + 1) for item in parts)
        self.known[id(value)] = total
        return total

    def _leaf(self, value: Any) -> int:
        if isinstance(value, str):
            return 1 + (len(value) if self.text else len(value) >> 4)
        if isinstance(value, self.meters.shaped):
            count = int(math.prod(value.shape))
            self.largest = max(self.largest, count)
            if self.text:
                self.meters.elements.spelled(value)
                return 1 + min(count, 10_000)
        return 1


def _parts(value: Any) -> Any:
    if isinstance(value, dict):
        return [part for pair in value.items() for part in pair]
    return value
