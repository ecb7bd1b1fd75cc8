"""Times the engine on eleven workloads beside hand-written numpy, torch, HIPS autograd and MyGrad.

    python tests/benchmarks/engine.py [--rounds N] [--only a,b,c] [--memory]

One thread, one process, the libraries interleaved in every round; medians of CPU time in
microseconds, so that what else the machine does counts little. Before
anything is timed, every library's gradients are compared with those of numpy. `engine+rec` is the
engine inside `record()`. `--memory` counts the bytes a kept node takes, by tracemalloc. HIPS
autograd (`autograd`) and MyGrad (`mygrad`) are left out where they are not installed.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import gc
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import torch
from workloads import NAMES, Autograd, MyGrad, Numpy, Run, Torch

import gradtui.engine
from gradtui.engine.record import record

TARGETS = {  # ratio to numpy and to torch, recording off, then on
    "a": (1.5, 0.25, 1.8, 0.30),
    "b": (1.6, 0.28, 2.0, 0.36),
    "b10k": (1.6, 0.28, 2.2, 0.38),
    "c": (1.05, 1.0, 1.10, 1.05),
    "d": (1.15, 0.90, 1.6, 1.2),
    "e": (2.2, 0.35, 2.9, 0.45),
    "f": (0.85, 1.2, 0.95, 1.4),
    "g": (1.6, 0.27, 1.9, 0.32),
    "h": (4.2, 0.38, 4.8, 0.42),
    "i": (1.02, 1.1, 1.06, 1.15),
    "j": (1.8, 0.10, 2.0, 0.11),
}
LEAST = 0.01  # seconds one timing should take, so that the clock does not count


def recorded(run: Run) -> Run:
    """The same workload with its events kept on a tape."""

    def on_tape() -> list[Any]:
        with record():
            return run()

    return on_tape


def prepared(name: str) -> dict[str, Run]:
    """The workload in every library there is."""
    libraries: dict[str, Callable[[], Any]] = {
        "numpy": Numpy,
        "engine": lambda: Torch(gradtui.engine),
        "engine+rec": lambda: Torch(gradtui.engine),
        "torch": lambda: Torch(torch),
    }
    if find_spec("autograd"):
        libraries["autograd"] = Autograd
    if find_spec("mygrad"):
        libraries["mygrad"] = MyGrad
    runs = {k: getattr(make(), name)() for k, make in libraries.items() if hasattr(make(), name)}
    runs["engine+rec"] = recorded(runs["engine+rec"])
    return runs


def check(name: str, runs: dict[str, Run]) -> None:
    """Every library's gradients are numpy's."""
    wanted = runs["numpy"]()
    for library, run in runs.items():
        for got, want in zip(run(), wanted, strict=True):
            array = np.array(getattr(got, "_data", got), dtype=np.float64)
            scale = np.abs(want).max() + 1e-6
            if np.abs(array - want).max() > 2e-3 * scale:
                raise SystemExit(f"{name}: the gradients of {library} are not those of numpy")


def timed(runs: dict[str, Run], rounds: int) -> dict[str, float]:
    """The median time of each run in microseconds, one of each in every round."""
    repeats = {library: _repeats(run) for library, run in runs.items()}
    times: dict[str, list[float]] = {library: [] for library in runs}
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for library, run in runs.items():
            gc.collect()  # what the library before left behind is not this one's work
            begun = process_time()
            for _ in range(repeats[library]):
                run()
            times[library].append((process_time() - begun) / repeats[library] * 1e6)
    gc.unfreeze()
    return {library: median(found) for library, found in times.items()}


def _repeats(run: Run) -> int:
    """How often a run is repeated in one timing; it has been warmed up by then."""
    begun, count = process_time(), 0
    while process_time() - begun < LEAST and count < 100:
        run()
        count += 1
    begun = process_time()
    run()
    return max(1, min(500, int(LEAST / (process_time() - begun + 1e-9))))


def bytes_per_node(recording: bool, length: int = 10_000) -> float:
    """What a node of a chain of tiny operations keeps alive, its array and tensors included."""
    t: Any = gradtui.engine
    y = x = t.tensor([0.5, -0.25, 1.0], requires_grad=True)
    with record() if recording else t.enable_grad():
        y = (-(y * 1.01 + 0.01)).sin()
        tracemalloc.start()
        for _ in range(length // 4):
            y = (-(y * 1.01 + 0.01)).sin()
        used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert x.requires_grad
    return used / length


def line(name: str, took: dict[str, float]) -> str:
    """A row of the table: times, then the engine's ratios beside their targets."""
    libraries = ("numpy", "engine", "engine+rec", "torch", "autograd", "mygrad")
    cells = [f"{took[k]:,.1f}" if k in took else "–" for k in libraries]
    targets = TARGETS[name]
    ratios = [
        took[mine] / took[peer] for mine in ("engine", "engine+rec") for peer in ("numpy", "torch")
    ]
    shown = [
        f"{ratio:.2f} ({target:g}){' ' if ratio <= target else '!'}"
        for ratio, target in zip(ratios, targets, strict=True)
    ]
    return f"| {name} | " + " | ".join(cells + shown) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default=",".join(NAMES))
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(
        "| | numpy | engine | +rec | torch | autograd | MyGrad | /numpy | /torch | +rec /numpy | /torch |"
    )
    print("|" + "---|" * 11)
    for name in given.only.split(","):
        runs = prepared(name)
        check(name, runs)
        print(line(name, timed(runs, given.rounds)), flush=True)
    if given.memory:
        off, on = bytes_per_node(False), bytes_per_node(True)
        print(f"\nbytes a kept node: {off:.0f} (aim 160), recorded {on:.0f} (aim 400)")


if __name__ == "__main__":
    main()
