"""What a run may cost. Every cost is charged before it is paid; one charge too many ends the run.

    budget = Budget(Limits(elements=1_000))
    budget.begin()
    budget.elements(10**12, "zeros")       # raises OverBudget

An operation is one turn of a loop, one call, one item of a list, 16 characters, 1,000 array
elements or 10,000 multiply-adds. Time counts between `begin` and `end`: what passed on the clock,
or what this thread had of the processor where others kept it busy.
"""

import contextlib
import os
from collections.abc import Iterator
from time import monotonic, thread_time
from typing import NoReturn

from gradtui.language.errors import OverBudget
from gradtui.language.program import Limits

ELEMENTS_PER_OPERATION = 1_000
FLOPS_PER_OPERATION = 10_000
CHARACTERS_PER_OPERATION = 16
BYTES_PER_ELEMENT = 8
PATIENCE = 4  # wall time allowed for each second of budget on a busy machine
ELEMENTS_BETWEEN_LOOKS = 4_000_000
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def resident_bytes() -> int:
    """Bytes of memory this process holds; its peak where the system does not tell the present."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * _PAGE
    except OSError:
        return _peak_bytes()


def _peak_bytes() -> int:
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


class Budget:
    """The counters of one run. `scale` multiplies elements where one call stands for many
    (vmap).
    """

    __slots__ = (
        "_baseline",
        "_began",
        "_began_cpu",
        "_clock",
        "_unlooked",
        "broken",
        "cancelled",
        "deadline",
        "depth",
        "left_operations",
        "left_output",
        "left_seconds",
        "left_statements",
        "limits",
        "scale",
        "total_elements",
    )

    def __init__(self, limits: Limits) -> None:
        self.refill(limits)

    def refill(self, limits: Limits) -> None:
        """Start counting anew, as for a run that nothing went before."""
        self.limits = limits
        self.cancelled = False
        self.scale = 1
        self.depth = 0
        self.total_elements = 0
        self.deadline = float("inf")
        self._began = self._began_cpu = 0.0
        self._baseline = 0
        self._unlooked = 0
        self.broken: OverBudget | None = None
        self._clock = "seconds"
        self._fill()

    def _fill(self) -> None:
        self.left_statements = self.limits.statements
        self.left_operations = self.limits.operations
        self.left_output = self.limits.output
        self.left_seconds = self.limits.seconds

    def begin(self) -> None:
        """Start the clock; the memory held now is not the run's."""
        self._began, self._began_cpu = monotonic(), thread_time()
        self.deadline = self._began + self.left_seconds
        if not self._baseline:
            self._baseline = resident_bytes()
        self.depth = 0
        self.scale = 1

    def enter_loop(self) -> tuple[float, float, float, float, str]:
        """Give a `while` loop a clock of its own; returns what `leave_loop` takes to put back."""
        kept = (self.deadline, self._began, self._began_cpu, self.left_seconds, self._clock)
        if self.limits.loop_seconds < self.deadline - monotonic():
            self._began, self._began_cpu = monotonic(), thread_time()
            self.left_seconds = self.limits.loop_seconds
            self.deadline = self._began + self.left_seconds
            self._clock = "loop_seconds"
        return kept

    def leave_loop(self, kept: tuple[float, float, float, float, str]) -> None:
        """Put back the clock that ran before the loop."""
        self.deadline, self._began, self._began_cpu, self.left_seconds, self._clock = kept

    def end(self) -> None:
        """Stop the clock: time between runs is free."""
        spent = min(monotonic() - self._began, thread_time() - self._began_cpu + 0.01)
        self.left_seconds -= max(spent, 0.0)
        self.deadline = float("inf")

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """A full allowance for a probe, after which the run's own counters stand as they stood."""
        kept = {name: getattr(self, name) for name in self.__slots__ if name != "cancelled"}
        self._fill()
        self.broken = None
        self.begin()
        try:
            yield
        finally:
            for name, value in kept.items():
                setattr(self, name, value)

    def cancel(self) -> None:
        """End the run at its next turn, call or charge; safe from any thread."""
        self.cancelled = True

    def refuse(self, limit: str, what: str = "") -> NoReturn:
        """Raise OverBudget for `limit`, a field of Limits."""
        allowed = getattr(self.limits, limit, 0)
        self.broken = OverBudget(limit, allowed, what)
        raise self.broken

    def _check(self) -> None:
        if self.cancelled:
            self.refuse("cancelled")
        if self.broken is not None:
            raise self.broken
        if self.left_operations < 0:
            self.refuse("operations")
        if monotonic() > self.deadline and not self._starved():
            self.refuse(self._clock)

    def _starved(self) -> bool:
        """Whether other work had the processor; the deadline then moves, PATIENCE times at most."""
        left = self.left_seconds - (thread_time() - self._began_cpu)
        if left <= 0.1 * self.left_seconds:
            return False
        self.deadline = min(monotonic() + left, self._began + PATIENCE * self.left_seconds)
        return monotonic() < self.deadline

    def tick(self) -> None:
        """One turn of a loop, one call, one item produced."""
        self.left_operations -= 1
        if self.left_operations < 0 or self.cancelled or monotonic() > self.deadline:
            self._check()

    def statements(self, count: int) -> None:
        """`count` statements are about to run."""
        self.left_statements -= count
        if self.left_statements < 0:
            self.refuse("statements")

    def operations(self, count: int, what: str = "") -> None:
        """`count` steps of work are about to be done outside lesson code."""
        if count > self.left_operations:
            self.refuse("operations", what)
        self.left_operations -= count
        if count > 10_000:
            self._check()

    def elements(self, count: int, what: str = "") -> None:
        """An array of `count` elements is about to be made or read."""
        count *= self.scale
        if count > self.limits.elements:
            self.refuse("elements", what)
        self.total_elements += count
        self._unlooked += count + 64
        self.operations(1 + count // ELEMENTS_PER_OPERATION, what)
        if self._unlooked > ELEMENTS_BETWEEN_LOOKS:
            self._look(what)

    def flops(self, count: int, what: str = "") -> None:
        """`count` multiply-adds are about to be done."""
        self.operations(count * self.scale // FLOPS_PER_OPERATION, what)

    def _look(self, what: str) -> None:
        held = resident_bytes() - self._baseline
        if held + self._unlooked * BYTES_PER_ELEMENT > self.limits.live_bytes:
            self.refuse("live_bytes", what)
        self._unlooked = 0
        self._check()

    def text(self, length: int, what: str = "") -> None:
        """A string of `length` characters is about to be made."""
        if length > self.limits.text:
            self.refuse("text", what)
        self.operations(length // CHARACTERS_PER_OPERATION, what)

    def items(self, count: int, what: str = "") -> None:
        """A list, tuple, set or dict of `count` items is about to be made or read."""
        if count > self.limits.text:
            self.refuse("text", what)
        self.operations(count, what)

    def integer(self, bits: int, what: str = "") -> None:
        """An integer of `bits` bits is about to be computed."""
        if bits > self.limits.integer_bits:
            self.refuse("integer_bits", what)
        self.operations(bits // 1024)

    def output(self, length: int) -> None:
        """`length` characters are about to be printed."""
        self.left_output -= length
        if self.left_output < 0:
            self.refuse("output")
        self.operations(length // CHARACTERS_PER_OPERATION)

    def enter(self) -> None:
        """A call of a lesson function begins, or an iterator reaches into another."""
        self.depth += 1
        if self.depth > self.limits.recursion:
            self.depth -= 1
            self.refuse("recursion")
        self.tick()
