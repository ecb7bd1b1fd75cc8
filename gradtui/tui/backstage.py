"""What goes on behind the screen: opening and recording on a thread, torch in its own process.

Everything found out is posted as a message; nothing here touches a widget or the session.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from gradtui.tui import messages

if TYPE_CHECKING:
    from gradtui.language.program import Program
    from gradtui.oracle.client import ChildState, TorchChild
    from gradtui.session import Take

Post = Callable[[Message], None]


class Cancelled(BaseException):
    """The player is being left while a run is recorded."""


def _end(pid: int | None) -> None:
    """Ask a process to end at once: while it imports torch it would not hear its closed stdin."""
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class Backstage:
    """Owns the threads and the torch process of one player; `close` ends them."""

    def __init__(self, post: Post, torch: bool = True) -> None:
        self._post = post
        self._torch = torch
        self._child: TorchChild | None = None
        self._lock = threading.Lock()
        self._closed = False

    def open(self, target: Path | None) -> None:
        """Open and record a lesson, or a script, in the background."""
        self._spawn(lambda: self._open(target))

    def vary(self, program: "Program", step: str, variant: str) -> None:
        """Record another version of a step in the background."""
        self._spawn(lambda: self._vary(program, step, variant))

    def attempt(self, program: "Program") -> None:
        """Record a learner's code for an exercise in the background."""
        self._spawn(lambda: self._attempt(program))

    def close(self) -> None:
        """End torch's process and whatever is being recorded."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            _end(child.pid)
            child.close()

    def _spawn(self, work: Callable[[], None]) -> None:
        threading.Thread(target=self._guarded, args=(work,), daemon=True).start()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Cancelled:
            return
        except Exception as error:
            self._post(messages.Failed(f"{type(error).__name__}: {error}"))

    def _open(self, target: Path | None) -> None:
        if self._torch:
            self._start_torch()
        from gradtui.course.problems import BadLesson  # heavy, and needs no first frame
        from gradtui.tui import opening

        try:
            found = opening.open_target(target)
        except BadLesson as bad:
            self._post(messages.Broken(tuple(map(str, bad.problems))))
            return
        if isinstance(found, opening.Shelf):
            self._post(messages.Stocked(found))
            return
        self._post(messages.Opened(found))
        take = opening.record(found.program, self._alive)
        self._post(messages.Recorded(take))
        self._ask_torch(found.program, None)

    def _vary(self, program: "Program", step: str, variant: str) -> None:
        from gradtui.tui import opening

        take = opening.record(program, self._alive)
        self._post(messages.Varied(step, variant, take))
        self._ask_torch(program, take)

    def _attempt(self, program: "Program") -> None:
        from gradtui.tui import opening

        take = opening.record(program, self._alive)
        self._post(messages.Attempted(take))
        self._ask_torch(program, take)

    def _alive(self) -> None:
        if self._closed:
            raise Cancelled

    # torch

    def _start_torch(self) -> None:
        from gradtui.oracle.client import TorchChild

        with self._lock:
            if self._closed or self._child is not None:
                return
            self._child = TorchChild(self._turned)
            self._child.start()

    def _turned(self, state: "ChildState") -> None:
        self._post(messages.TorchTurned(state.kind, state.reason, state.version))

    def _ask_torch(self, program: "Program", take: "Take | None") -> None:
        child = self._child
        if child is None:
            return
        child.run(
            program,
            lambda events: self._post(messages.Heard(tuple(events), take)),
            lambda reason: self._post(messages.HeardAll(reason, take)),
        )

    @property
    def torch_pid(self) -> int | None:
        """The id of torch's process, while there is one."""
        return self._child.pid if self._child is not None else None
