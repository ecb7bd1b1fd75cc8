"""What goes on behind the screen: opening and recording on a thread, torch in its own process.

Everything found out is posted as a message; nothing here touches a widget or the session.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from textual.message import Message

from gradtui.tui import messages

if TYPE_CHECKING:
    from gradtui.course.programs import Earlier
    from gradtui.course.progress import Progress
    from gradtui.language.program import Look, Program
    from gradtui.oracle.client import ChildState, TorchChild
    from gradtui.session import Take, Variant
    from gradtui.tape.events import AnyEvent
    from gradtui.tape.whole import Lacking
    from gradtui.tui.opening import Opening
    from gradtui.tui.shelf import Shelf

Post = Callable[[Message], None]
Where = Callable[[], Path]  # asked on the thread that opens it


PAUSE = 0.15  # seconds between two looks at a file that is watched
SETTLED = 0.05  # seconds in which a save of several writes comes to rest

Stamp: TypeAlias = tuple[int, int, int]  # which file it is, when it changed, its size
GONE: Stamp = (0, 0, 0)


def look(path: Path) -> Stamp:
    """What tells one state of a file from another."""
    try:
        state = path.stat()
    except OSError:
        return GONE
    return state.st_ino, state.st_mtime_ns, state.st_size


class Cancelled(BaseException):
    """The player is being left while a run is recorded."""


def _end(pid: int | None) -> None:
    """Ask a process to end at once: while it imports torch it would not hear its closed stdin."""
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class Backstage:
    """Owns the threads and the torch process of one player; `close` ends them."""

    def __init__(self, post: Post, torch: bool = True, progress: Where | None = None) -> None:
        self._post = post
        self._progress = progress  # where it is kept; None: nothing is kept
        self._torch = torch
        self._child: TorchChild | None = None
        self._lock = threading.Lock()
        self._engine = threading.Lock()
        self._closed = False
        self._over = threading.Event()

    def open(self, target: Path | None) -> None:
        """Open and record a lesson, or a script, in the background."""
        self.spawn(lambda: self._open(target))

    def watch(self, target: Path) -> None:
        """Open and record a lesson, and again whenever its file changes."""
        self.spawn(lambda: self._watch(target))

    def vary(self, program: "Program", step: str, variant: str) -> None:
        """Record another version of a step in the background."""
        self.spawn(lambda: self._vary(program, step, variant))

    def attempt(self, program: "Program") -> None:
        """Record a learner's code for an exercise in the background."""
        self.spawn(lambda: self._attempt(program))

    def version(
        self, step: str, variant: "Variant", program: "Program", earlier: "Earlier"
    ) -> None:
        """Record a version of a step that is the learner's own in the background."""
        self.spawn(lambda: self._version(step, variant, program, earlier))

    def scratch(self, program: "Program", number: int, tell: Post) -> None:
        """Try a line of the scratch pad on both engines in the background."""
        self.spawn(lambda: self._scratch(program, number, tell))

    def look(self, take: "Take", at: int, wanted: "Look") -> None:
        """Compare rows of a node's Jacobians with torch's in the background."""
        self.spawn(lambda: self._look(take, at, wanted))

    def fill(self, take: "Take", at: int, wanted: "Lacking") -> None:
        """Run a take's program again for the numbers of its large tensors, in the background."""
        self.spawn(lambda: self._fill(take, at, wanted))

    def close(self) -> None:
        """End torch's process and whatever is being recorded."""
        with self._lock:
            self._closed = True
            self._over.set()
            child, self._child = self._child, None
        if child is not None:
            _end(child.pid)
            child.close()

    def spawn(self, work: Callable[[], None]) -> None:
        """Do some work in the background; a fault of it is told."""
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
        from gradtui.tui.shelf import Shelf

        try:
            found = self._found(target)
        except BadLesson as bad:
            self._post(messages.Broken(tuple(map(str, bad.problems))))
            return
        if isinstance(found, Shelf):
            self._post(messages.Stocked(found))
            return
        self._post(messages.Opened(found))
        self._remember(found)
        take = self.record(found.program)
        self._post(messages.Recorded(take))
        self._ask_torch(found.program, take)

    def _found(self, target: Path | None) -> "Opening | Shelf":
        from gradtui.course.progress import Unkept
        from gradtui.tui import opening

        try:
            with self._kept() as progress:
                return opening.open_target(target, progress)
        except Unkept:  # it cannot be read, which is told when it is to be kept
            return opening.open_target(target)

    def shelf(self) -> "Shelf":
        """The lessons there are, with what was done of them; may take a while."""
        from gradtui.course.progress import Unkept
        from gradtui.tui.shelf import lessons_at, shelf_of

        found = lessons_at(None)
        try:
            with self._kept() as progress:
                return shelf_of(found, progress)
        except Unkept:  # as above
            return shelf_of(found)

    @contextlib.contextmanager
    def _kept(self) -> "Iterator[Progress | None]":
        """What was learnt so far, for a look; None where nothing is kept or can be read."""
        from gradtui.course.progress import Progress, Unkept

        progress = None
        with contextlib.suppress(Unkept):
            progress = Progress.open(self._progress()) if self._progress else None
        if progress is not None and progress.told:
            self._post(messages.Told(progress.told))
        try:
            yield progress
        finally:
            if progress is not None:
                progress.close()

    def _remember(self, found: "Opening") -> None:
        if self._progress is None or found.lesson is None:
            return
        from gradtui.course.progress import Unkept
        from gradtui.tui.memory import Memory

        def tell(line: str) -> None:
            self._post(messages.Told(line))

        try:
            memory = Memory(self._progress(), found.pack, found.lesson, tell)
            self._post(messages.Remembered(memory, memory.place(), memory.answered()))
            if memory.news:
                tell(memory.news)
        except Unkept as error:
            tell(str(error))

    def _watch(self, target: Path) -> None:
        if self._torch:
            self._start_torch()
        seen: Stamp | None = None
        while not self._closed:
            now = look(target)
            if now != seen:
                self._over.wait(SETTLED if seen else 0)
                seen = look(target)
                self._reopen(target, seen)
            self._over.wait(PAUSE)

    def _reopen(self, target: Path, now: Stamp) -> None:
        from gradtui.course.problems import BadLesson
        from gradtui.tui import opening

        if now == GONE:
            self._post(messages.Broken((f"{target}: the file is gone; it is awaited",)))
            return
        try:
            found = opening.open_lesson(target)
        except BadLesson as bad:
            self._post(messages.Broken(tuple(map(str, bad.problems))))
            return
        take = self.record(found.program)
        self._post(messages.Reopened(found, take))
        self._ask_torch(found.program, take)

    def _vary(self, program: "Program", step: str, variant: str) -> None:
        take = self.record(program)
        self._post(messages.Varied(step, variant, take))
        self._ask_torch(program, take)

    def _attempt(self, program: "Program") -> None:
        take = self.record(program)
        self._post(messages.Attempted(take))
        self._ask_torch(program, take)

    def _version(
        self, step: str, variant: "Variant", program: "Program", earlier: "Earlier"
    ) -> None:
        from gradtui.session.own import Version

        take = self.record(program)
        self._post(messages.Versioned(step, Version(variant, take, tuple(earlier))))
        self._ask_torch(program, take)

    def _scratch(self, program: "Program", number: int, tell: Post) -> None:
        from gradtui.tui import opening

        with self._engine:
            events = opening.tried(program, self._alive)
        tell(messages.Tried(number, events))
        heard: list[AnyEvent] = []

        def finished(reason: str) -> None:
            tell(messages.TriedOnTorch(number, tuple(heard), reason))

        child = self._child
        if child is None:
            finished("torch is off")
        else:
            child.run(program, heard.extend, finished)

    def _look(self, take: "Take", at: int, wanted: "Look") -> None:
        from gradtui.oracle.rows import Rows, compare_rows
        from gradtui.tui import opening

        if take.program is None:
            return
        program = replace(take.program, look=wanted, then=())
        with self._engine:
            ours = opening.looked(opening.tried(program, self._alive))
        heard: list[AnyEvent] = []

        def finished(reason: str) -> None:
            theirs = opening.looked(heard)
            rows = Rows("not compared", reason=reason)
            if ours is not None and theirs is not None and not reason:
                rows = compare_rows(ours.jacobians, theirs.jacobians)
            self._post(messages.Looked(take, at, wanted, rows, ours))

        child = self._child
        if child is None:
            finished("torch is off")
        else:
            child.run(program, heard.extend, finished)

    def _fill(self, take: "Take", at: int, wanted: "Lacking") -> None:
        import gradtui.engine as torch
        from gradtui.tape.whole import replay

        if take.program is not None:
            with self._engine:
                found = replay(take.program, torch, wanted, self._alive)
            self._post(messages.Filled(take, at, found))

    def record(self, program: "Program") -> "Take":
        """Our own run of a program; the engine's switches are one for all, so one at a time."""
        from gradtui.tui import opening

        with self._engine:
            return opening.record(program, self._alive)

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
