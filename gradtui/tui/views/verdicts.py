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


BRIEF: Mapping[TorchPhase, str] = {
    TorchPhase.MISSING: "not there",
    TorchPhase.CLOSED: "closed",
    TorchPhase.LOST: "lost",
}  # where there is no room for why: the card has it


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
    if not torch.silent:
        return "waiting"
    return f"not compared: {torch.reason}" if torch.reason else "not compared"


def summary(torch: TorchLink, tally: Tally, glyphs: Glyphs, short: bool = False) -> list[Piece]:
    """Torch's state in a few words: `torch 2.13.0 ✓ 214 same · 0 differ`; short, `torch ✓ 214`."""
    if short and torch.phase in BRIEF:
        return [Piece(f"torch: {BRIEF[torch.phase]}", "warning")]
    match torch.phase:
        case TorchPhase.MISSING | TorchPhase.CLOSED | TorchPhase.OFF:
            return [Piece(f"torch: {torch.reason or torch.phase.value}", "warning")]
        case TorchPhase.LOST:
            return [Piece("torch: lost, starting it again", "warning")]
        case TorchPhase.STARTING:
            return [
                Piece("torch: lost, started again" if torch.losses else "torch: starting", "dim")
            ]
    if short:
        return [Piece("torch "), *_worst_counts(tally, glyphs)]
    again = " (started again)" if torch.losses else ""
    return [Piece(f"torch {torch.version.partition('+')[0]}{again} "), *_counts(tally, glyphs)]


def _head(tally: Tally, glyphs: Glyphs) -> Piece:
    """The sign of all so far: a good one only once something was compared."""
    if tally.differs:
        return Piece(glyphs.differs + " ", "error")
    if not tally.same and not tally.close:
        return Piece(glyphs.waiting + " ", "faint")
    return Piece(glyphs.same + " ", "good")


def _worst_counts(tally: Tally, glyphs: Glyphs) -> list[Piece]:
    """What matters most of the counts, where there is room for one."""
    words, role = f"{tally.same + tally.close} {'agree' if tally.close else 'same'}", ""
    if tally.differs:
        words, role = f"{tally.differs} differ", "error"
    elif tally.waiting:
        words, role = f"{tally.waiting} waiting", "dim"
    return [_head(tally, glyphs), Piece(words, role)]


def _counts(tally: Tally, glyphs: Glyphs) -> list[Piece]:
    parts = [f"{tally.same} same"]
    parts += [f"{tally.close} close"] if tally.close else []
    parts += [f"{tally.differs} differ"]
    parts += [f"{tally.waiting} waiting"] if tally.waiting else []
    role = "error" if tally.differs else ""
    return [_head(tally, glyphs), Piece(f" {glyphs.dot} ".join(parts), role)]
