"""Numbers as prose writes them, and those a run has come to: do they agree to the digits written?

written("[4.0, 4.0]")               # (Written("4.0"), Written("4.0"))
Known.of(runs).holds(numbers)       # whether the runs printed or held them
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice

import msgspec
import numpy as np
import numpy.typing as npt

from gradtui.check.runs import StepRun
from gradtui.tape import events as e
from gradtui.tape import values

NUMBER = r"[-−+]?(?:\d+\.\d*|\.\d+|\d+)(?:e[-+]?\d+)?"
_NUMBERS = re.compile(rf"(?<![\w.]){NUMBER}(?![\w]|\.\d)")
LARGEST = 4_096  # bytes of an array that is looked into
MANY = 20_000  # arrays; of a longer run the rest is not looked into


@dataclass(frozen=True, slots=True)
class Written:
    """A number in the digits of its author."""

    text: str

    @property
    def value(self) -> float:
        return float(self.text.replace("−", "-"))

    @property
    def is_whole(self) -> bool:
        """Written without decimals: `3` or torch's `3.`, which are meant exactly."""
        return not re.search(r"\.\d", self.text) and "e" not in self.text

    @property
    def unit(self) -> float:
        """One of its last digit."""
        exponent = Decimal(self.text.replace("−", "-")).as_tuple().exponent
        return 10.0 ** int(exponent)

    def agrees(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of some values may be written so: rounded, or cut off after two digits or more."""
        apart = np.abs(np.asarray(values, dtype=np.float64) - self.value)
        if self.is_whole:
            return apart <= 1e-6 * max(1.0, abs(self.value))
        enough = 1.001 if self.unit <= 0.0101 else 0.501
        return apart <= enough * self.unit

    def __str__(self) -> str:
        return self.text


def written(text: str) -> tuple[Written, ...]:
    """The numbers in a text, in order."""
    return tuple(Written(one) for one in _NUMBERS.findall(text))


def same(numbers: Sequence[Written], held: npt.NDArray[np.float64]) -> bool:
    """Whether an array holds these numbers: one by one, or one number everywhere."""
    if held.size and len(numbers) == 1:
        return bool(numbers[0].agrees(held).all())
    if held.size != len(numbers):
        return False
    return all(bool(one.agrees(value)) for one, value in zip(numbers, held, strict=True))


@dataclass(slots=True)
class Known:
    """Every number some steps printed or held, as the arrays they stood in."""

    arrays: list[npt.NDArray[np.float64]] = field(default_factory=list)

    @classmethod
    def of(cls, runs: Iterable[StepRun]) -> "Known":
        known = cls()
        for run in runs:
            told = chain(run.events, run.probes.values())
            arrays = (array for event in told for array in _arrays(event))
            known.arrays += islice(arrays, max(0, MANY - len(known.arrays)))
        return known

    def holds(self, numbers: Sequence[Written]) -> bool:
        """Whether a single number is anywhere among them, or several stand together somewhere."""
        if len(numbers) == 1:
            return any(bool(numbers[0].agrees(array).any()) for array in self.arrays)
        return any(_within(numbers, array) for array in self.arrays)


def _within(numbers: Sequence[Written], array: npt.NDArray[np.float64]) -> bool:
    size = len(numbers)
    if array.size < size:
        return False
    found = np.ones(array.size - size + 1, dtype=bool)
    for n, one in enumerate(numbers):
        found &= one.agrees(array[n : n + found.size])
    return bool(found.any())


def _arrays(event: e.AnyEvent) -> Iterator[npt.NDArray[np.float64]]:
    """The numbers of one event: each tensor, each line printed."""
    if isinstance(event, e.Printed | e.Bound | e.Probed):
        for line in event.text.splitlines():
            yield of_text(line)
        if isinstance(event, e.Printed):
            yield of_text(event.text)
    for value in _values(event):
        yield of_value(value)


def of_text(text: str) -> npt.NDArray[np.float64]:
    """The numbers in a text."""
    return np.array([one.value for one in written(text)], dtype=np.float64)


def of_value(value: e.Value) -> npt.NDArray[np.float64]:
    """A small tensor's numbers in a row; none of a large or complex one."""
    array = values.array(value) if 0 < len(value.data) <= LARGEST else None
    if array is None or array.dtype.kind == "c":
        return np.empty(0)
    return np.asarray(array, dtype=np.float64).reshape(-1)


_NUMERIC = re.compile(r"(?:tensor)?[-+\d.,\s\[\]()e]+")


def entries(answer: e.Probed) -> npt.NDArray[np.float64]:
    """The numbers an answer is, in a row; none if it is something else."""
    if answer.value is not None:
        return of_value(answer.value)
    return of_text(answer.text) if _NUMERIC.fullmatch(answer.text) else np.empty(0)


def _values(thing: object) -> Iterator[e.Value]:
    if isinstance(thing, e.Value):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from _values(one)
    elif isinstance(thing, msgspec.Struct):
        for name in thing.__struct_fields__:
            yield from _values(getattr(thing, name))
