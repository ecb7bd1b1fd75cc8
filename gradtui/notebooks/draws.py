"""What a notebook without a seed drew, as far as its outputs tell: `pin(steps, loose)`.

A drawn tensor that is printed is read off. The digits that were not printed, and tensors of which
only a result is printed, are solved for: the numbers that come out are brought to those the notebook
shows by Gauss-Newton steps over differences of whole runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt

from gradtui.engine.text import set_printoptions
from gradtui.language.draws import RANDOM
from gradtui.notebooks.drafts import Draft
from gradtui.notebooks.numbers import Number, numbers
from gradtui.notebooks.runs import Runs, agrees, alike, printed, run
from gradtui.notebooks.runs import drawn as told
from gradtui.tape import values
from gradtui.tape.events import Operation

MOST = 48  # numbers that are solved for at once
ROUNDS = 8
SECONDS = 20.0
NUDGE = 1e-3
NEAR = 0.45  # of the last digit printed, within which a number counts as reached

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One random call: its step, its result, and whether that is whole numbers."""

    step: int
    values: Floats
    shape: tuple[int, ...]
    whole: bool


def pin(steps: Sequence[Draft], loose: int, seed: int = 0) -> list[Draft]:
    """The steps with `draws` where outputs tell them; `loose` steps draw without a seed."""
    runs = run(steps, seed)
    if all(agrees(runs, step) for step in steps):
        return list(steps)
    drawn = _drawn(steps[:loose], told(steps, seed))
    if not drawn:
        return list(steps)
    read = _read_off(drawn, steps, runs)
    pinned = _solved(read, steps, seed)
    return _with(steps, pinned) if _better(steps, pinned, runs, seed) else list(steps)


def _drawn(steps: Sequence[Draft], runs: Runs) -> list[Drawn]:
    """The random calls of each step, up to one that is too large to be written down."""
    found = []
    for at, step in enumerate(steps):
        for event in runs[step.id].events if step.id in runs and not step.kept else ():
            if not isinstance(event, Operation) or event.name not in RANDOM:
                continue
            numbers = values.array(event.outputs[0]) if event.outputs else None
            if numbers is None or numbers.dtype.kind not in "fiu":
                break
            flat = np.asarray(numbers, dtype=np.float64).ravel()
            found.append(Drawn(at, flat, numbers.shape, numbers.dtype.kind != "f"))
    return found


# read off


def _read_off(drawn: Sequence[Drawn], steps: Sequence[Draft], runs: Runs) -> list[Drawn]:
    """Draws that are printed as they are, with the notebook's numbers in place of ours."""
    pairs = [_pairs(step, runs) for step in steps]
    return [_seen(one, pairs[one.step :]) for one in drawn]


def _pairs(step: Draft, runs: Runs) -> list[tuple[Number, Number]]:
    """Our numbers beside the notebook's, where a step prints the same but for its numbers."""
    if not step.prints or not alike(runs, step):
        return []
    return list(zip(numbers(printed(runs, step)), numbers(step.prints), strict=True))


def _seen(one: Drawn, pairs: Sequence[Sequence[tuple[Number, Number]]]) -> Drawn:
    size = len(one.values)
    for listed in pairs:
        for start in range(len(listed) - size + 1) if size else ():
            window = listed[start : start + size]
            if all(
                abs(mine.value - value) <= 0.6 * mine.unit
                for (mine, _), value in zip(window, one.values, strict=True)
            ):
                return replace(one, values=np.array([theirs.value for _, theirs in window]))
    return one


# solved for


def _solved(drawn: Sequence[Drawn], steps: Sequence[Draft], seed: int) -> list[Drawn]:
    """The draws moved until what is printed is what the notebook shows, if that can be."""
    start = _packed(drawn)
    if not 0 < len(start) <= MOST:
        return list(drawn)
    until = monotonic() + SECONDS

    def misses(at: Floats) -> Floats | None:
        return _misses(_with(steps, _unpacked(drawn, at)), seed)

    at, missed = start, misses(start)
    for _ in range(ROUNDS):
        if missed is None or not len(missed) or np.abs(missed).max() <= NEAR:
            break
        moved = _step(at, missed, misses, until)
        if moved is None:
            break
        at, missed = moved
    return _unpacked(drawn, at)


def _step(at: Floats, missed: Floats, misses: Any, until: float) -> tuple[Floats, Floats] | None:
    """One Gauss-Newton step, made shorter until it helps; None if none does."""
    columns = []
    for number in range(len(at)):
        nudged = at.copy()
        nudged[number] += NUDGE
        there = misses(nudged)
        if there is None or monotonic() > until:
            return None
        columns.append((there - missed) / NUDGE)
    direction = np.linalg.lstsq(np.array(columns).T, -missed, rcond=1e-6)[0]
    for length in (1.0, 0.5, 0.25, 0.1):
        there = misses(at + length * direction)
        if there is not None and np.linalg.norm(there) < np.linalg.norm(missed):
            return at + length * direction, there
    return None


def _misses(steps: Sequence[Draft], seed: int) -> Floats | None:
    """How far each printed number is from the notebook's, in units of its last digit."""
    set_printoptions(precision=9)
    try:
        runs = run(steps, seed)
    finally:
        set_printoptions(profile="default")
    missed = [
        (mine.value - theirs.value) / theirs.unit
        for step in steps
        for mine, theirs in _pairs(step, runs)
    ]
    made = np.array(missed)
    return made if np.isfinite(made).all() else None


def _packed(drawn: Sequence[Drawn]) -> Floats:
    free = [one.values for one in drawn if not one.whole]
    return np.concatenate(free) if free else np.array([])


def _unpacked(drawn: Sequence[Drawn], at: Floats) -> list[Drawn]:
    made, used = [], 0
    for one in drawn:
        size = 0 if one.whole else len(one.values)
        made.append(replace(one, values=at[used : used + size]) if size else one)
        used += size
    return made


# kept


def _better(steps: Sequence[Draft], drawn: Sequence[Drawn], before: Runs, seed: int) -> bool:
    """Whether more steps print what the notebook shows than without these draws."""
    after = run(_with(steps, drawn), seed)
    return sum(agrees(after, s) for s in steps) > sum(agrees(before, s) for s in steps)


def _with(steps: Sequence[Draft], drawn: Sequence[Drawn]) -> list[Draft]:
    """The steps with these draws."""
    made = list(steps)
    for at in {one.step for one in drawn}:
        made[at] = replace(made[at], draws=tuple(_nested(o) for o in drawn if o.step == at))
    return made


def _nested(one: Drawn) -> Any:
    """The numbers as a lesson writes them: six decimals say more than was printed."""
    rounded = np.round(one.values, 6) + 0.0
    numbers = [int(n) for n in one.values] if one.whole else [float(n) for n in rounded]
    return np.array(numbers, dtype=object).reshape(one.shape).tolist()
