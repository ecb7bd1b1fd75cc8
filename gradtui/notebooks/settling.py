"""Drafted steps made to run: what fails here though the notebook shows no error becomes prose.

steps, notes = settle(steps)
"""

import ast
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from gradtui.check.prints import same_line, says
from gradtui.check.runs import StepRun
from gradtui.notebooks.cells import Names, Piece, bound, leave_out
from gradtui.notebooks.drafts import Draft, Note, left_out
from gradtui.notebooks.drafts import runs as does
from gradtui.notebooks.draws import pin
from gradtui.notebooks.runs import Runs, agrees, alike, printed, run, said
from gradtui.tape.events import Raised

SECONDS = 60.0  # in which a notebook is tried out


class TooSlow(Exception):
    """The notebook cannot be tried out in the time there is."""


def settle(steps: Sequence[Draft], seed: int = 0) -> tuple[list[Draft], list[Note]]:
    """The steps as they run, and what had to be changed for it."""
    made, notes = _running(list(steps), seed)
    loose = _loose(made)
    pinned = pin(made, loose, seed)
    return _own_numbers(pinned, loose, seed, notes)


# what fails


def _running(steps: list[Draft], seed: int) -> tuple[list[Draft], list[Note]]:
    notes: list[Note] = []
    until = monotonic() + SECONDS
    while True:
        runs = run(steps, seed)
        found = next((at for at, step in enumerate(steps) if _fails(step, runs)), None)
        if found is None:
            return steps, notes
        if monotonic() > until:
            raise TooSlow
        steps, more = _without(steps, found, runs.get(steps[found].id))
        notes += more


def _fails(step: Draft, runs: Runs) -> bool:
    """Whether a step fails, though the notebook's cell did not; the kept ones are as they are."""
    if step.kept or not step.code.strip():
        return False
    run = runs.get(step.id)
    if run is None or run.stopped:
        return True
    return run.error is not None and (not step.raises or step.raises["type"] != run.error.type)


def _without(
    steps: Sequence[Draft], found: int, run: StepRun | None
) -> tuple[list[Draft], list[Note]]:
    """The steps without the statement at fault, or the whole step, and without what needs it."""
    step, (reason, line) = steps[found], _fault(run)
    blank = len(step.joined) - len(step.joined.lstrip("\n"))
    at = _at(step.pieces, line + blank if line else 0)
    wrong = frozenset(range(len(step.pieces)) if at is None else (at,))
    made, notes = list(steps[:found]), []
    names = Names().bind(_bound(steps[:found]))
    for number, one in enumerate(steps[found:], found):
        pieces, names = leave_out(
            one.pieces, wrong if number == found else frozenset(), reason, names
        )
        told = zip(one.pieces, pieces, strict=True)
        gone = [new for old, new in told if new.reason and not old.reason]
        notes += [left_out(one.where, new) for new in gone if does(replace(new, reason=""))]
        made.append(_emptied(replace(one, pieces=pieces)) if gone else one)
    return made, notes


def _emptied(step: Draft) -> Draft:
    """A step without code promises nothing."""
    return step if step.code.strip() else replace(step, prints=None, raises=None)


def _bound(steps: Sequence[Draft]) -> frozenset[str]:
    kept = (piece.code for step in steps for piece in step.pieces if not piece.reason)
    return frozenset(
        name for code in (*kept, *(s.code for s in steps if s.kept)) for name in bound(code)
    )


def _fault(run: StepRun | None) -> tuple[str, int]:
    if run is None:
        return "the run did not come this far", 0
    if run.stopped:
        return run.stopped.partition("\n")[0], 0
    assert run.error is not None
    line = run.error.span.line if run.error.span else 0
    return f"{run.error.type}: {run.error.message}".partition("\n")[0], line


def _at(pieces: Sequence[Piece], line: int) -> int | None:
    """The statement that a line of the step's code belongs to."""
    first = 1
    for number, piece in enumerate(pieces):
        if piece.reason:
            continue
        last = first + piece.code.count("\n")
        if first <= line <= last:
            return number
        first = last + 1
    return None


# numbers nobody can draw again


def _loose(steps: Sequence[Draft]) -> int:
    """How many steps come before the notebook seeds its generator: their draws are unknown."""
    seeded = (at for at, step in enumerate(steps) if "manual_seed" in _called(step.code))
    return next(seeded, len(steps))


def _called(code: str) -> set[str]:
    calls = [node.func for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return {getattr(call, "attr", getattr(call, "id", "")) for call in calls}


def _own_numbers(
    steps: Sequence[Draft], loose: int, seed: int, notes: list[Note]
) -> tuple[list[Draft], list[Note]]:
    """Numbers that come from draws nobody wrote down are replaced by those of the lesson."""
    runs, made = run(steps, seed), []
    random = _random(steps[:loose])
    for step in _without_errors(steps, runs):
        if step.kept or agrees(runs, step):
            made.append(step)
        elif random and alike(runs, step):
            text = "its numbers come from draws that are not shown: the lesson has its own"
            notes.append(Note(step.where, text))
            made.append(replace(step, prints=printed(runs, step)))
        elif any(piece.reason for piece in step.pieces) and _within(printed(runs, step), step):
            made.append(replace(step, prints=printed(runs, step) or None))
        else:
            was, now = said(step.prints or ""), said(printed(runs, step))
            text = f"the notebook shows {was}, and this prints {now}"
            notes.append(Note(step.where, text, differs=True))
            made.append(step)
        notes += _error_notes(made[-1], runs)
    return made, notes


def _within(text: str, step: Draft) -> bool:
    """Whether what is printed is what the notebook shows but for some lines of it."""
    expected = iter((step.prints or "").splitlines())
    return all(any(same_line(one, line) for one in expected) for line in text.splitlines())


def _without_errors(steps: Sequence[Draft], runs: Runs) -> list[Draft]:
    """An error of a statement that is left out is left out with it."""
    return [
        replace(step, raises=None)
        if step.raises and _ended(step, runs) is None and any(p.reason for p in step.pieces)
        else step
        for step in steps
    ]


def _ended(step: Draft, runs: Runs) -> Raised | None:
    return runs[step.id].error if step.id in runs else None


def _random(steps: Sequence[Draft]) -> bool:
    """Whether anything is left to chance: draws, or weights of layers."""
    names = {name for step in steps for name in _called(step.code)}
    return any("rand" in n or n in ("normal", "bernoulli", "multinomial") for n in names) or any(
        name[:1].isupper() for name in names
    )


def _error_notes(step: Draft, runs: Runs) -> list[Note]:
    if step.raises is None or step.kept:
        return []
    error = _ended(step, runs)
    if error is None:
        return [Note(step.where, f"the notebook ends in {step.raises['type']}, and this does not")]
    same = error.type == step.raises["type"] and says(step.raises["match"], error.message)
    told = f"the error is {error.type}: {said(error.message)} here"
    return [] if same else [Note(step.where, told)]
