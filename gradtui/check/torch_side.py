"""The same programs over real torch, in its own process, while this one does other things."""

from collections.abc import Sequence
from itertools import count
from queue import SimpleQueue
from typing import Self

from gradtui.check.runs import programs_of, together
from gradtui.language.program import Program
from gradtui.oracle.client import TorchChild
from gradtui.tape.events import AnyEvent, Stopped

_Done = tuple[int, list[AnyEvent], str]


class TorchSide:
    """Torch's answers by ticket. Entering it starts torch; leaving it ends torch's process.

    `trouble` is a line when torch was wanted and cannot be had.
    """

    def __init__(self, jobs: int, wanted: bool) -> None:
        self.trouble = ""
        self._child = TorchChild(jobs=jobs) if wanted else None
        self._done: SimpleQueue[_Done] = SimpleQueue()
        self._tickets = count()
        self._runs: dict[int, list[list[AnyEvent]]] = {}
        self._asked: dict[int, int] = {}

    def __enter__(self) -> Self:
        if self._child is not None:
            self._child.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._child is not None:
            self._child.close()

    def ask(self, programs: Sequence[Program]) -> int:
        """Has the programs of a lesson run; returns at once, with a ticket for the answers."""
        ticket = next(self._tickets)
        if self._child is not None:
            self._asked[ticket] = len(programs)
            self._ask(self._child, ticket, together(programs))
        return ticket

    def answers(self, ticket: int) -> list[list[AnyEvent]] | None:
        """What the programs of a lesson did on torch, in order; None if torch cannot be had."""
        if self._child is None:
            return None
        while ticket not in self._runs and not self.trouble:
            self._take(self._child)
        return None if self.trouble else self._runs.pop(ticket)

    def _ask(self, child: TorchChild, ticket: int, program: Program) -> None:
        events: list[AnyEvent] = []
        done = self._done
        child.run(program, events.extend, lambda why: done.put((ticket, events, why)))

    def _take(self, child: TorchChild) -> None:
        ticket, events, why = self._done.get()
        if why and child.state.kind == "missing":
            self.trouble = f"not compared: {why}"
        told = [*events, Stopped(reason=why)] if why else events
        self._runs[ticket] = programs_of(told, self._asked.pop(ticket))
