"""One's own script in the lesson language: run on gradtui's engine, on torch, or on both.

Stdout is what Python with torch would print; an uncaught error ends with status 1 and
`Type: message` as the last line of stderr.
"""

import re
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from threading import Event as Flag
from typing import Any

from gradtui.course.hidden import put
from gradtui.course.problems import one_line
from gradtui.language.faults import standing
from gradtui.language.program import Limits, Program, ProgramStep
from gradtui.tape.events import AnyEvent, Printed, Raised, Stopped

LINE = re.compile(r"^line (\d+): ")
LARGEST = 1_000_000  # bytes of a script


def code_of(path: Path) -> str:
    """The text of a script; ValueError with one line if it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ValueError(f"{path}: larger than {LARGEST:,} bytes")
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from None


def program_of(path: Path, seconds: float, watched: bool = False) -> Program:
    """The script as a program of one step; ValueError with one line if it cannot be read."""
    limits = replace(
        Limits(),
        seconds=seconds,
        loop_seconds=seconds / 2,
        statements=5 * 10**6,
        operations=3 * 10**7,
    )
    step = ProgramStep(str(path), code_of(path))
    return Program(str(path), (step,), limits=limits, watched=watched)


def run(path: Path, seconds: float) -> int:
    """On gradtui's engine."""
    import gradtui.engine as engine
    from gradtui.tape.script import perform

    return _with(path, seconds, lambda program, emit: perform(program, engine, emit))


def run_on_torch(path: Path, seconds: float) -> int:
    """On real torch, in its child process."""
    return _with(path, seconds, _on_torch)


Emit = Callable[[AnyEvent], None]


def _with(path: Path, seconds: float, way: Callable[[Program, Emit], None]) -> int:
    try:
        program = program_of(path, seconds)
    except ValueError as error:
        print(one_line(str(error)), file=sys.stderr)
        return 1
    teller = Teller(path)
    warnings.showwarning = teller.warn  # type: ignore[assignment]
    way(program, teller)
    sys.stdout.flush()
    if teller.last:
        put(teller.last + "\n", sys.stderr)
    return teller.status


class Teller:
    """Puts out what is printed as it comes, and keeps the line and the status a run ends with."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last = ""
        self.status = 0

    def warn(self, message: Warning | str, category: type[Warning], *where: Any) -> None:
        """Puts out a warning with the line of the script that met it."""
        at = standing()
        place = f"{self.path}:{at.line}" if at is not None else str(self.path)
        put(f"{place}: {category.__name__}: {message}\n", sys.stderr)

    def __call__(self, event: AnyEvent) -> None:
        if isinstance(event, Printed):
            put(event.text, sys.stderr if event.aside else sys.stdout)
        else:
            self.last = ending(self.path, event) or self.last
            asked = event.status if isinstance(event, Raised) else None
            self.status = int(bool(self.last)) if asked is None else asked


def ending(path: Path, event: AnyEvent) -> str:
    """The line of an event that ends a script."""
    if isinstance(event, Raised) and event.status is not None:
        return event.message
    if isinstance(event, Raised) and not event.caught:
        return f"{event.type}: {event.message}" if event.message else event.type
    if isinstance(event, Stopped):
        if event.reason.startswith(f"{path}:"):
            first, _, rest = event.reason.partition("\n")
            more = len(rest.splitlines())
            return f"{first} (and {more} more)" if more else first
        placed = LINE.sub(r"\1: ", event.reason)
        return f"{path}:{placed}" if placed != event.reason else f"{path}: {event.reason}"
    return ""


def _on_torch(program: Program, emit: Emit) -> None:
    from gradtui.oracle.client import TorchChild

    done = Flag()
    why: list[str] = []

    def take(events: Sequence[AnyEvent]) -> None:
        for event in events:
            emit(event)
        sys.stdout.flush()

    def finished(reason: str) -> None:
        why.append(reason)
        done.set()

    with TorchChild() as child:
        child.run(program, take, finished)
        while not done.wait(0.2):  # a wait without end could not be interrupted
            pass
    if why[0]:
        emit(Stopped(reason=why[0]))


def compare(path: Path, seconds: float) -> int:
    """On both: prints what gradtui's engine prints, then every line in which torch differs."""
    import gradtui.engine as engine
    from gradtui.tape.script import perform

    try:
        program = program_of(path, seconds)
    except ValueError as error:
        print(one_line(str(error)), file=sys.stderr)
        return 1
    ours: list[AnyEvent] = []
    theirs: list[AnyEvent] = []
    perform(program, engine, ours.append)
    _on_torch(program, theirs.append)
    mine, other = _lines(path, ours), _lines(path, theirs)
    differing = 0
    for number, (a, b) in enumerate(zip_longest(mine, other), 1):
        if a is not None:
            put(a + "\n", sys.stdout)
        if a != b:
            differing += 1
            print(f"line {number} differs", file=sys.stderr)
            put(f"  gradtui: {a if a is not None else '(nothing)'}\n", sys.stderr)
            put(f"  torch:   {b if b is not None else '(nothing)'}\n", sys.stderr)
    same = len(mine) - differing
    print(f"{max(same, 0)} lines the same, {differing} differ", file=sys.stderr)
    return int(differing > 0)


def _lines(path: Path, events: Sequence[AnyEvent]) -> list[str]:
    text = "".join(e.text for e in events if isinstance(e, Printed) and not e.aside)
    endings = [ending(path, e) for e in events]
    return text.splitlines() + [e for e in endings if e]
