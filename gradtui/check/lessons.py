"""A lesson's runs judged: what is found on either engine, and where the two part.

report(one, torchs_runs)    # a LessonReport
"""

from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter

from gradtui.check import chance
from gradtui.check.claims import disproved
from gradtui.check.differences import compared
from gradtui.check.exercises import exercised
from gradtui.check.findings import Counts, Finding, LessonReport
from gradtui.check.place import Place
from gradtui.check.reading import Job, Runs, steps_of
from gradtui.check.runs import StepRun, by_step
from gradtui.check.verify import verify
from gradtui.tape.events import AnyEvent, Stopped


def report(
    runs: Runs, theirs: Sequence[Sequence[AnyEvent]] | None, strict: bool = False
) -> LessonReport:
    """The findings on both engines and between them; without torch's runs nothing is compared."""
    begun = perf_counter()
    findings = _verified(runs, runs.ours, strict)
    counts = Counts()
    if theirs is not None:
        if runs.ours != theirs:  # of the same events there is nothing else to find
            findings = _merged(findings, _verified(runs, theirs, strict))
        for job, one, other in zip(runs.jobs, runs.ours, theirs, strict=True):
            if job.exercise is not None:
                continue
            counted, found = compared(runs.loaded, job.step, job.what_if, one, other, strict)
            counts += counted
            findings += (chance.told(runs.loaded, one) for one in found)
    else:
        counts = Counts(not_compared=sum(map(len, runs.ours)))
    told = _with_known(findings, runs.known)
    loaded, seconds = runs.loaded, runs.seconds + perf_counter() - begun
    return LessonReport(
        loaded.path, loaded.lesson.id, seconds, counts, told, loaded.text, steps_of(loaded)
    )


def _with_known(findings: Sequence[Finding], known: Sequence[Finding]) -> tuple[Finding, ...]:
    """All in the order of the file, without those that only follow from code that cannot run."""
    lines = {one.line for one in known if one.kind in ("language", "quote")}
    cut = any(one.kind == "language" for one in known)
    fresh = [one for one in findings if one.line not in lines and not (cut and one.kind == "crash")]
    return tuple(sorted([*known, *fresh], key=lambda one: (one.line, one.column)))


def _verified(runs: Runs, events: Sequence[Sequence[AnyEvent]], strict: bool) -> list[Finding]:
    main = by_step(events[0])
    found = [one for place in _places(runs, main, events, strict) for one in verify(place)]
    others = {key: run for told in events[1:] for key, run in by_step(told).items()}
    found += disproved(runs.loaded, runs.mentions, main, others)
    for job, told in zip(runs.jobs, events, strict=True):
        found += _cut_short(runs, job, told, main)
        if job.exercise is not None and job.step is not None:
            found += exercised(runs.loaded, job.step, job.exercise, by_step(told))
    return found


def _cut_short(
    runs: Runs, job: Job, events: Sequence[AnyEvent], main: Mapping[str, StepRun]
) -> Iterator[Finding]:
    """A run that did not reach its last step, and does not say in a step why."""
    told = by_step(events)
    wanted = job.program.steps[job.program.told_from :]
    missing = next((step.id for step in wanted if step.id not in told), None)
    if missing is None or any(run.stopped for run in (*told.values(), *main.values())):
        return
    why = next((event.reason for event in events if isinstance(event, Stopped)), "no reason given")
    where = runs.loaded.at(job.step or 0)
    yield Finding.at(where, missing, "crash", f"the run ended before this step: {why}")


def _places(
    runs: Runs, main: dict[str, StepRun], events: Sequence[Sequence[AnyEvent]], strict: bool
) -> Iterator[Place]:
    loaded = runs.loaded
    for number, step in enumerate(loaded.lesson.steps):
        if step.id in main:
            yield Place(loaded, number, main[step.id], strict=strict, others=main)
    for job, told in zip(runs.jobs[1:], events[1:], strict=True):
        last = by_step(told).get(job.program.steps[-1].id)
        if last is not None and job.step is not None and job.exercise is None:
            of = main.get(loaded.lesson.steps[job.step].id)
            yield Place(loaded, job.step, last, job.what_if, of, strict, main)


def _merged(ours: list[Finding], theirs: list[Finding]) -> list[Finding]:
    """What is found on both engines is said once; what is found on torch alone says so."""
    known = {(one.step, one.kind, one.line, one.column) for one in ours}
    alone = [one for one in theirs if (one.step, one.kind, one.line, one.column) not in known]
    marked = [
        Finding(one.step, one.kind, f"on torch: {one.message}", one.line, one.column)
        for one in alone
    ]
    return [*ours, *marked]
