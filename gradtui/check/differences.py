"""Where gradtui's engine and torch part, as findings at the code they come from."""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from gradtui.check.findings import Counts, Finding
from gradtui.check.place import Place, at_probe
from gradtui.check.prints import reworded, unnumbered
from gradtui.check.runs import StepRun, by_step
from gradtui.course.loader import LoadedLesson
from gradtui.course.problems import one_line
from gradtui.oracle.compare import BOOKKEEPING, Comparison, Verdict, compare
from gradtui.oracle.likeness import SILENT
from gradtui.tape.events import AnyEvent, Probed, StepBegan

MOST = 3  # findings of one step: what follows from the first difference need not be told


def compared(
    loaded: LoadedLesson,
    step: int | None,
    what_if: int | None,
    ours: Sequence[AnyEvent],
    torch: Sequence[AnyEvent],
    strict: bool = False,
) -> tuple[Counts, list[Finding]]:
    """The verdicts on one program's events, counted, and a finding for each that differs.

    Of a what-if only the last step counts: the steps before it are those of the main line. An event
    without any value, such as a statement's beginning, is matched but not counted. A step that was
    ended over its budget differs nowhere: the two runs were ended at different moments. `strict`
    finds fault with what is merely close.
    """
    if ours == torch:
        return _all_the_same(ours, step), []
    cut = {run.id for events in (ours, torch) for run in by_step(events).values() if run.cut}
    comparison = compare(ours, torch)
    if not strict:
        comparison.verdicts = [_forgiven(verdict) for verdict in comparison.verdicts]
    counts, found = Counts(), []
    for place, run in _runs(loaded, step, what_if, ours):
        counted = _count(comparison.verdicts[run.start : run.stop])
        if place.run.id in cut:
            counts += Counts(counted.same, counted.close, 0, counted.differs)
            continue
        counts += counted
        found += list(islice(_differing(place, ours, comparison, run, strict), MOST))
    return counts + Counts(differs=_extra(comparison, found)), found


def _all_the_same(events: Sequence[AnyEvent], step: int | None) -> Counts:
    """The counts of two equal runs; of a what-if's, those of its last step."""
    starts = [n for n, event in enumerate(events) if isinstance(event, StepBegan)]
    told = events if step is None else events[starts[-1] :] if starts else ()
    return Counts(sum(not isinstance(event, SILENT) for event in told))


def _runs(
    loaded: LoadedLesson, step: int | None, what_if: int | None, ours: Sequence[AnyEvent]
) -> Iterator[tuple[Place, range]]:
    """The steps that count, each with where its events are: of a what-if's run, the last."""
    starts = [n for n, event in enumerate(ours) if isinstance(event, StepBegan)]
    stops = [*starts[1:], len(ours)] if starts else []
    ranges = [range(start, stop) for start, stop in zip(starts, stops, strict=True)]
    for number, events in enumerate(ranges if step is None else ranges[-1:]):
        told = ours[events.start]
        run = StepRun(told.step if isinstance(told, StepBegan) else "")
        yield Place(loaded, number if step is None else step, run, what_if), events


def _count(verdicts: Sequence[Verdict]) -> Counts:
    kinds = [verdict.kind for verdict in verdicts if verdict != BOOKKEEPING]
    waiting = kinds.count("waiting") + kinds.count("not compared")
    return Counts(kinds.count("same"), kinds.count("close"), kinds.count("differs"), waiting)


def _differing(
    place: Place, ours: Sequence[AnyEvent], comparison: Comparison, events: range, strict: bool
) -> Iterator[Finding]:
    for n in events:
        verdict = comparison.verdicts[n]
        if verdict.kind == "differs" or (strict and verdict.kind == "close"):
            yield _finding(place, ours[n], _said(verdict))
    for before, event in comparison.extra:
        if events.start < before <= events.stop:
            name = type(event).__name__
            yield place.find_at("differs", f"torch alone has an event {name} here", event.span)


def _forgiven(verdict: Verdict) -> Verdict:
    """What another version of torch may word or number in its own way is close."""
    if verdict.kind != "differs":
        return verdict
    if verdict.reason == "message" and reworded(verdict.ours, verdict.torch):
        return replace(verdict, kind="close", reason="the message is worded in another way")
    named = verdict.reason in ("nodes.name", "text")
    if named and unnumbered(verdict.ours) == unnumbered(verdict.torch):
        return replace(verdict, kind="close", reason="the number after a node's name")
    return verdict


def _finding(place: Place, event: AnyEvent, message: str) -> Finding:
    if isinstance(event, Probed):
        for asked in place.asked:
            if asked.probe.id == event.id:
                return at_probe(place, asked, "differs", message)
    return place.find_at("differs", message, event.span)


def _said(verdict: Verdict) -> str:
    both = f": gradtui {verdict.ours.strip()}, torch {verdict.torch.strip() or 'nothing'}"
    return one_line((verdict.reason or "differs from torch") + (both if verdict.ours else ""))


def _extra(comparison: Comparison, found: list[Finding]) -> int:
    """Torch's events beyond ours count as differing where they were told of."""
    return len(comparison.extra) if found else 0
