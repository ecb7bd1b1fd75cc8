"""Exercises: a starter that passes teaches nothing, a solution that fails teaches wrongly."""

from collections.abc import Iterator, Mapping

from gradtui.check.findings import Finding
from gradtui.check.runs import StepRun
from gradtui.course.loader import LoadedLesson
from gradtui.course.programs import Part


def exercised(
    loaded: LoadedLesson, number: int, part: Part, runs: Mapping[str, StepRun]
) -> Iterator[Finding]:
    """What is wrong with the starter or the solution of a step's exercise, from its run."""
    step = loaded.lesson.steps[number]
    run = runs.get(f"{step.id}/{part}")
    if run is None:
        return
    failed = [n for n, _ in enumerate(run.probes) if not run.probes[f"check:{n}"].truth]
    well = run.error is None and not run.stopped and not failed
    if part == "starter" and well:
        where = loaded.at(number, "exercise", "starter")
        yield Finding.at(where, step.id, "exercise", "the starter passes every check")
    if part == "solution" and not well:
        message, path = _why(run, failed)
        where = loaded.at(number, "exercise", *path)
        yield Finding.at(where, step.id, "exercise", f"the solution {message}")


def _why(run: StepRun, failed: list[int]) -> tuple[str, tuple[str | int, ...]]:
    if run.error is not None:
        return f"ends in {run.error.type}: {run.error.message}", ("solution",)
    if run.stopped:
        return f"is stopped: {run.stopped}", ("solution",)
    answer = run.probes[f"check:{failed[0]}"]
    return f"fails this check: {answer.error or answer.text}", ("checks", failed[0])
