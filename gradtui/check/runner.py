"""Lessons checked without a screen: `check(paths)` gives a `Report`.

    with Checker(jobs=2) as checker:      # torch is started once, for as many checks as one likes
        report = checker.check([Path("lessons")])

Torch's process is started first and imports torch while everything else is imported and the lessons
are read and run here. Then each lesson is verified on both engines, and its runs are compared event
by event. A lesson that is broken, loops for ever or takes too much is one finding, and no more.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Self, TypeAlias

from gradtui.check.findings import Counts, Finding, LessonReport, Report
from gradtui.check.torch_side import TorchSide

if TYPE_CHECKING:
    from gradtui.check.reading import Runs
    from gradtui.course.problems import BadLesson
    from gradtui.tape.events import AnyEvent

Progress: TypeAlias = Callable[[int, int, str], None]  # parts done, of how many, what now
Seen: TypeAlias = Callable[["Runs", "list[list[AnyEvent]] | None"], None]  # ours, torch's

RARE = (10_000, 20, 50)  # objects made before a collection, and younger ones before older


def check(
    paths: Sequence[Path],
    jobs: int | None = None,
    against_torch: bool = True,
    progress: Progress | None = None,
    *,
    strict: bool = False,
    against: Path | None = None,
) -> Report:
    """Everything wrong with the lessons at these paths: files, packs, folders.

    `jobs` is how many programs torch runs at once, by default one a core. Without torch installed
    the report has a `trouble`; with `against_torch=False` nothing is compared, and all is well.
    `strict` asks for the very same text and bits; `against` is a previous version of the pack.
    """
    with Checker(jobs, against_torch, strict=strict, against=against) as checker:
        return checker.check(paths, progress)


class Checker:
    """Checks one after the other, with torch kept warm between them."""

    def __init__(
        self,
        jobs: int | None = None,
        against_torch: bool = True,
        *,
        strict: bool = False,
        against: Path | None = None,
    ) -> None:
        self.strict, self.against = strict, against
        self._torch = TorchSide(jobs or os.cpu_count() or 1, against_torch)

    def __enter__(self) -> Self:
        self._torch.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._torch.__exit__(*error)

    def check(
        self, paths: Sequence[Path], progress: Progress | None = None, seen: Seen | None = None
    ) -> Report:
        """One check of the lessons at these paths; `seen` is shown what each did on both engines."""
        begun = perf_counter()
        with _rare_collections():
            reports = self._reports(paths, progress or _nobody, seen or _nobody)
        return Report(reports, perf_counter() - begun, self._torch.trouble)

    def _reports(self, paths: Sequence[Path], progress: Progress, seen: Seen) -> list[LessonReport]:
        with _settled_imports():  # of much, while torch's process imports torch
            from gradtui.check import lessons, reading  # noqa: F401
        read = [_read(file) for file in reading.files(paths)]
        runs = [one for one in read if isinstance(one, reading.Runs)]
        gone = self._gone(runs)
        tickets = [self._torch.ask([job.program for job in one.jobs]) for one in runs]
        for number, one in enumerate(runs):
            progress(number, 2 * len(runs), f"running {one.loaded.lesson.id}")
            one.run()
        reports = {}
        for number, (one, ticket) in enumerate(zip(runs, tickets, strict=True), len(runs)):
            progress(number, 2 * len(runs), f"comparing {one.loaded.lesson.id}")
            theirs = self._torch.answers(ticket)
            seen(one, theirs)
            reports[id(one)] = _judged(one, theirs, self.strict)
        progress(2 * len(runs), 2 * len(runs), "done")
        told = [reports[id(one)] if isinstance(one, reading.Runs) else one for one in read]
        return [*told, *gone]

    def _gone(self, runs: "Sequence[Runs]") -> list[LessonReport]:
        """Tells each lesson what of its previous version is gone."""
        if self.against is None:
            return []
        from gradtui.check.against import Previous

        previous = Previous.at(self.against)
        for one in runs:
            one.known = [*one.known, *previous.gone(one.loaded)]
        return previous.missing(one.loaded.lesson for one in runs)


def _read(file: "Path | BadLesson") -> "Runs | LessonReport":
    from gradtui.check.reading import read

    try:
        return read(file)
    except Exception as error:
        return _failed(file if isinstance(file, Path) else file.problems[0].path, "", error)


def _judged(runs: "Runs", theirs: "list[list[AnyEvent]] | None", strict: bool) -> LessonReport:
    from gradtui.check.lessons import report

    try:
        return report(runs, theirs, strict)
    except Exception as error:
        return _failed(runs.loaded.path, runs.loaded.text, error)


def _failed(path: Path, text: str, error: Exception) -> LessonReport:
    """A fault of the validator's own on one lesson: told there, and the others are checked."""
    said = f"{type(error).__name__}: {error}".partition("\n")[0]
    found = Finding("", "crash", f"the check itself failed: {said[:200]}", 1, 1)
    return LessonReport(path, path.stem, 0.0, Counts(), (found,), text)


@contextmanager
def _settled_imports() -> Iterator[None]:
    """What is imported is no garbage: no collection need look at it, now or later."""
    first = "gradtui.check.reading" not in sys.modules
    if first:
        gc.disable()
    try:
        yield
    finally:
        if first:
            gc.freeze()
            gc.enable()


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Looks for cycles seldom: lessons are short, and what they leave is looked at afterwards."""
    before = gc.get_threshold()
    gc.set_threshold(*RARE)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _nobody(*told: object) -> None:
    """Nobody is told."""
