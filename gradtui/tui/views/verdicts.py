"""Torch's verdicts as signs and words."""

from collections.abc import Mapping, Sequence

from gradtui.oracle.compare import BOOKKEEPING, Verdict
from gradtui.session.torch_link import Tally, TorchLink, TorchPhase
from gradtui.tui.glyphs import Glyphs
from gradtui.tui.lines import Piece

ROLES: Mapping[str, str] = {
    "same": "good",
    "close": "good",
    "differs": "error",
    "waiting": "faint",
    "not compared": "dim",
}


def sign(verdict: Verdict | None, glyphs: Glyphs) -> Piece:
    """One sign for a verdict; an event without one is waiting."""
    kind = verdict.kind if verdict is not None else "waiting"
    signs = {
        "same": glyphs.same,
        "close": glyphs.close,
        "differs": glyphs.differs,
        "waiting": glyphs.waiting,
        "not compared": glyphs.uncompared,
    }
    return Piece(signs[kind], ROLES[kind])


def at(verdicts: Sequence[Verdict | None], event: int) -> Verdict | None:
    return verdicts[event] if 0 <= event < len(verdicts) else None


def worst(verdicts: Sequence[Verdict | None], events: range) -> Verdict | None:
    """The verdict that matters most among those of some events; None while torch has not said all.

    What has no value to compare does not count.
    """
    found: Verdict | None = None
    for event in events:
        verdict = at(verdicts, event)
        if verdict is None or verdict.kind == "waiting":
            return None
        if verdict is not BOOKKEEPING and (
            found is None or _RANK[verdict.kind] > _RANK[found.kind]
        ):
            found = verdict
    return found or BOOKKEEPING


_RANK = {"same": 0, "close": 1, "not compared": 2, "differs": 3}


def words(verdict: Verdict | None, torch: TorchLink) -> str:
    """A verdict in words: `close (2 ulps)`, `not compared: …`."""
    if verdict is None or verdict.kind == "waiting":
        return _waiting(torch)
    if verdict.kind == "close" and verdict.ulps is not None:
        return f"close ({verdict.ulps} ulps)" if verdict.ulps else "close (the sign of a zero)"
    return f"{verdict.kind}: {verdict.reason}" if verdict.reason else verdict.kind


def _waiting(torch: TorchLink) -> str:
    return "not compared" if torch.silent else "waiting"


def summary(torch: TorchLink, tally: Tally, glyphs: Glyphs) -> list[Piece]:
    """Torch's state in a few words: `torch 2.13.0 ✓ 214 same · 0 differ`."""
    match torch.phase:
        case TorchPhase.MISSING | TorchPhase.CLOSED | TorchPhase.OFF:
            return [Piece(f"torch: {torch.reason or torch.phase.value}", "warning")]
        case TorchPhase.LOST:
            return [Piece("torch: lost, starting it again", "warning")]
        case TorchPhase.STARTING:
            return [
                Piece("torch: lost, started again" if torch.losses else "torch: starting", "dim")
            ]
    again = " (started again)" if torch.losses else ""
    return [Piece(f"torch {torch.version.partition('+')[0]}{again} "), *_counts(tally, glyphs)]


def _counts(tally: Tally, glyphs: Glyphs) -> list[Piece]:
    good = not tally.differs
    head = Piece((glyphs.same if good else glyphs.differs) + " ", "good" if good else "error")
    parts = [f"{tally.same} same"]
    parts += [f"{tally.close} close"] if tally.close else []
    parts += [f"{tally.differs} differ"]
    parts += [f"{tally.waiting} waiting"] if tally.waiting else []
    return [head, Piece(f" {glyphs.dot} ".join(parts), "" if good else "error")]
