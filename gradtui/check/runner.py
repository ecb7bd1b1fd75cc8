"""Lessons checked without a screen: `check(paths)` gives a `Report`.

Torch's process is started first and imports torch while everything else is imported and the lessons
are read and run here. Then each lesson is verified on both engines, and its runs are compared event
by event. A lesson that is broken, loops for ever or takes too much is one finding, and no more.
"""

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

from gradtui.check.findings import LessonReport, Report
from gradtui.check.torch_side import TorchSide

Progress: TypeAlias = Callable[[int, int, str], None]  # parts done, of how many, what now


def check(
    paths: Sequence[Path],
    jobs: int | None = None,
    against_torch: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Everything wrong with the lessons at these paths: files, packs, folders.

    `jobs` is how many programs torch runs at once, by default one a core. Without torch installed
    the report has a `trouble`; with `against_torch=False` nothing is compared, and all is well.
    """
    begun = perf_counter()
    with TorchSide(jobs or os.cpu_count() or 1, against_torch) as torch:
        reports = _reports(paths, torch, progress or _nobody)
        trouble = torch.trouble
    return Report(reports, perf_counter() - begun, trouble)


def _nobody(done: int, of: int, what: str) -> None:
    """Nobody is told."""


def _reports(paths: Sequence[Path], torch: TorchSide, progress: Progress) -> list[LessonReport]:
    from gradtui.check import lessons  # imports much, while torch's process imports torch

    gc.freeze()  # what was imported is no garbage: collections need not look at it again and again
    read = [lessons.read(file) for file in lessons.files(paths)]
    runs = [one for one in read if isinstance(one, lessons.Runs)]
    parts = 2 * len(runs)
    for one in runs:
        torch.ask(one.loaded.path, [job.program for job in one.jobs])
    for number, one in enumerate(runs):
        progress(number, parts, f"running {one.loaded.lesson.id}")
        one.run()
    reports = {}
    for number, one in enumerate(runs, len(runs)):
        progress(number, parts, f"comparing {one.loaded.lesson.id}")
        reports[one.loaded.path] = lessons.report(one, torch.answers(one.loaded.path))
    progress(parts, parts, "done")
    return [reports[one.loaded.path] if isinstance(one, lessons.Runs) else one for one in read]
