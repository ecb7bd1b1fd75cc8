"""Runs random programs on both engines and prints those that differ, made as short as they can be.

    python tests/engine/random_programs.py --count 1000 --seed 0

Every second program uses only operations with torch's very bits and must agree in all of them; the
others use every operation, and half of those whole pieces as learners write them, and must agree
within `assert_close`'s tolerances. A program whose numbers torch itself changes when its results are
nudged by a last bit is counted as ill-conditioned and not held against the engine.
"""

from __future__ import annotations

import argparse
import ast
import itertools
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import torch
from parity import BITS, CLOSE, differences, outcomes_differ, run
from programs import PRELUDE, write
from torch.utils._python_dispatch import TorchDispatchMode

EXACT_NAMES = frozenset(
    "add sub mul div neg sum mean clone copy relu abs sign where zeros ones fill detach view".split()
)


class Nudged(TorchDispatchMode):
    """Changes the last bits of whatever torch computes by rounding."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        fresh = isinstance(out, torch.Tensor) and out._base is None and name[-1] != "_"
        if fresh and out.is_floating_point() and name not in EXACT_NAMES and "rand" not in name:
            with torch.no_grad():
                out.mul_(1 + 4e-7)
        return out


def ill_conditioned(program: str) -> bool:
    """Whether torch prints or computes something else when its last bits change."""
    plain = run(program, torch, PRELUDE)
    with Nudged():
        nudged = run(program, torch, PRELUDE)
    return any(map(numeric, outcomes_differ(nudged, plain, CLOSE)))


def numeric(difference: str) -> bool:
    """Whether a difference is one of numbers, printed or not, and not of shapes, graphs or flags."""
    if difference.startswith("text: "):
        ours, theirs = (wordy(text) for text in texts_of(difference))
        return ours == theirs
    return re.match(r"[^:]*: (grad: )?(\[|array|np\.|-?\d|nan|inf)", difference) is not None


def texts_of(difference: str) -> list[str]:
    """What the engine and torch printed, where that differs."""
    return [ast.literal_eval(t.split(": ", 1)[1]) for t in difference.split("\n   torch")]


def wordy(text: str) -> str:
    """A text without its numbers and spaces."""
    return re.sub(r"-?(\d+(\.\d*)?(e[+-]?\d+)?|nan|inf)|True|False|\s+", "", text)


def program_of(seed: int, length: int) -> tuple[str, Any]:
    """The program of a seed and the tolerance it is compared with."""
    kind = ("exact", "close", "exact", "learners")[seed % 4]
    length = length // 2 if kind == "learners" else length
    return write(random.Random(seed).randrange, kind, length), BITS if kind == "exact" else CLOSE


def statements(program: str) -> list[str]:
    parts = program.split("try:\n")
    return ["try:\n" + p for p in parts if p.strip()]


def kind_of(found: list[str]) -> str:
    """The first difference without its numbers and names, by which programs can be told apart."""
    if not found:
        return ""
    text = found[0]
    if text.startswith("text: "):
        pairs = itertools.zip_longest(*(t.splitlines() for t in texts_of(text)))
        ours, theirs = next((p for p in pairs if p[0] != p[1]), ("", ""))
        text = f"text: {ours}" if ours else f"text: nothing, torch: {theirs}"
    return re.sub(r"\bv?[-\d.]+", "#", text)[:160]


def minimised(program: str, tolerance: Any) -> str:
    """The program without the statements that its difference does not need."""
    parts, shorter = statements(program), True
    kind = kind_of(differences(program, tolerance, PRELUDE))
    while shorter:
        shorter = False
        for i in range(len(parts) - 1, -1, -1):
            left = parts[:i] + parts[i + 1 :]
            if kind_of(differences("".join(left), tolerance, PRELUDE)) == kind:
                parts, shorter = left, True
    return "".join(parts)


def plain(program: str) -> str:
    """The statements without the guards around them."""
    bodies = [part.split("\nexcept Exception")[0].split("\n")[1:] for part in statements(program)]
    return "\n".join(line[4:] for body in bodies for line in body)


@dataclass
class Count:
    """What a run came to."""

    programs: int = 0
    ill: int = 0
    found: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        bad = sum(self.found.values())
        return f"{self.programs} programs, {bad} differ, {self.ill} ill-conditioned"


def examine(seed: int, length: int, count: Count, shown: int) -> None:
    program, tolerance = program_of(seed, length)
    found = differences(program, tolerance, PRELUDE)
    count.programs += 1
    if not found:
        return
    if tolerance is CLOSE and all(map(numeric, found)) and ill_conditioned(program):
        count.ill += 1
        return
    kind = kind_of(found)
    count.found[kind] += 1
    if count.found[kind] == 1 and len(count.found) <= shown:
        short = minimised(program, tolerance)
        print(f"=== seed {seed}\n{plain(short)}")
        for difference in (differences(short, tolerance, PRELUDE) or found)[:3]:
            print("   ->", difference[:700])
        sys.stdout.flush()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--seed", type=int, default=0, help="of the first program")
    options.add_argument("--length", type=int, default=14, help="statements in a program")
    options.add_argument("--show", type=int, default=20, help="kinds of difference to print")
    given = options.parse_args()
    count, began = Count(), time.monotonic()
    for seed in range(given.seed, given.seed + given.count):
        examine(seed, given.length, count, given.show)
        if count.programs % 1000 == 0:
            print(f"{count}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(f"{count}, {time.monotonic() - began:.0f} s")
    for kind, number in count.found.most_common(40):
        print(number, kind)
    return 1 if count.found else 0


if __name__ == "__main__":
    sys.exit(main())
