"""Our run against torch's, event by event, as torch's events arrive.

    comparison = Comparison(ours)
    comparison.feed(events)            # any number of times
    comparison.finish()                # or finish("torch's process was ended by SIGKILL")
    comparison.verdicts[i]             # Verdict("same") for ours[i]
    comparison.counts()                # {"same": 41, "close": 3, …}

Events are compared step by step and one by one. Where the two runs part within a step, the rest of
the step is re-aligned once torch has finished it: one event too many costs one verdict, not all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gradtui.oracle.alignment import blocks
from gradtui.oracle.likeness import (
    BOOKKEEPING,
    WAITING,
    Kind,
    Pairing,
    Verdict,
    judge,
    signature,
    title,
)
from gradtui.tape.events import AnyEvent, StepBegan, Stopped

__all__ = ["BOOKKEEPING", "WAITING", "Comparison", "Kind", "Verdict", "compare"]

KINDS: tuple[Kind, ...] = ("same", "close", "differs", "waiting", "not compared")


def steps_of(events: Sequence[AnyEvent]) -> list[tuple[int, int]]:
    """Where each step's events start and stop: its probes belong to it."""
    starts = [i for i, event in enumerate(events) if isinstance(event, StepBegan)]
    if not starts or starts[0] != 0:
        starts.insert(0, 0)
    return list(zip(starts, [*starts[1:], len(events)], strict=True))


class Comparison:
    """Verdicts on `ours`, one for each event. `extra` are torch's events that ours has not."""

    verdicts: list[Verdict]

    def __init__(self, ours: Sequence[AnyEvent]) -> None:
        self.ours = tuple(ours)
        self.verdicts = [WAITING] * len(self.ours)
        self.extra: list[tuple[int, AnyEvent]] = []  # before which of our events, and what
        self.finished = False
        self._cut = ""  # why a run was ended before its end, if it was for want of time
        self._steps = steps_of(self.ours)
        self._step = -1
        self._at = 0  # the next of ours
        self._parted: list[AnyEvent] | None = None  # torch's events since the step's runs parted
        self._pairing = Pairing()

    def feed(self, events: Iterable[AnyEvent]) -> None:
        """Torch's next events."""
        for event in events:
            if isinstance(event, Stopped):
                self._cut = self._cut or _out_of_time(event)
            if isinstance(event, StepBegan) or self._step < 0:
                self._begin_step()
            self._next(event)

    def finish(self, reason: str = "") -> None:
        """No more will come. `reason` says why torch's run was cut short, if it was."""
        if self.finished:
            return
        self.finished = True
        reason = reason or self._cut or _out_of_time(self.ours[-1] if self.ours else None)
        if reason:
            left = Verdict("not compared", reason)
        else:
            self._close_step()
            left = Verdict("differs", "torch's run has no such event")
        for i, verdict in enumerate(self.verdicts):
            if verdict is WAITING:
                self.verdicts[i] = self._alone(i, left)

    def _alone(self, i: int, left: Verdict) -> Verdict:
        return Verdict(left.kind, left.reason, None, title(self.ours[i]), "")

    def counts(self) -> Mapping[Kind, int]:
        """How many events have each verdict; torch's events that ours lacks count as `differs`."""
        found = Counter(verdict.kind for verdict in self.verdicts)
        found["differs"] += len(self.extra)
        return {kind: found[kind] for kind in KINDS}

    # One step after the other.

    def _begin_step(self) -> None:
        self._close_step()
        self._step += 1
        start = self._steps[self._step][0] if self._step < len(self._steps) else len(self.ours)
        self._at = start

    def _stop(self) -> int:
        return self._steps[self._step][1] if 0 <= self._step < len(self._steps) else len(self.ours)

    def _next(self, event: AnyEvent) -> None:
        if self._parted is not None:
            self._parted.append(event)
        elif self._at < self._stop() and signature(self.ours[self._at]) == signature(event):
            self.verdicts[self._at] = judge(self.ours[self._at], event, self._pairing)
            self._at += 1
        else:
            self._parted = [event]

    def _close_step(self) -> None:
        """Re-aligns what is left of the step, now that torch has finished it."""
        if self._step < 0:
            return
        theirs = self._parted or []
        self._parted = None
        start, stop = self._at, self._stop()
        matched = self._align(start, stop, theirs)
        for i in range(start, stop):
            if i not in matched:
                self.verdicts[i] = self._alone(i, Verdict("differs", "torch has no such event"))
        self.extra += _placed(matched, theirs, start)
        self._at = stop

    def _align(self, start: int, stop: int, theirs: Sequence[AnyEvent]) -> dict[int, int]:
        """Which of torch's events stands beside which of ours; judges each pair."""
        mine = [signature(event) for event in self.ours[start:stop]]
        others = [signature(event) for event in theirs]
        matched: dict[int, int] = {}
        for a, b, size in blocks(mine, others):
            for k in range(size):
                matched[start + a + k] = b + k
                self.verdicts[start + a + k] = judge(
                    self.ours[start + a + k], theirs[b + k], self._pairing
                )
        return matched


def _out_of_time(event: AnyEvent | None) -> str:
    """Why a run has no more events, where that is for want of time: how far it came says nothing."""
    timed = isinstance(event, Stopped) and event.reason.endswith("seconds")
    return f"a run was cut short: {event.reason}" if timed and isinstance(event, Stopped) else ""


def _placed(
    matched: Mapping[int, int], theirs: Sequence[AnyEvent], start: int
) -> list[tuple[int, AnyEvent]]:
    """Torch's events that stand beside none of ours, each before the one of ours it came before."""
    beside = {other: i for i, other in matched.items()}
    found, place = [], start
    for j, event in enumerate(theirs):
        if j in beside:
            place = beside[j] + 1
        else:
            found.append((place, event))
    return found


def compare(ours: Sequence[AnyEvent], torch: Sequence[AnyEvent], reason: str = "") -> Comparison:
    """A whole run against a whole run."""
    comparison = Comparison(ours)
    comparison.feed(torch)
    comparison.finish(reason)
    return comparison
