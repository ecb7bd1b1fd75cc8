"""Torch beside the program, seen from the host: starts the process, sends runs, survives its death.

    run_torch(program)                           # all events, synchronously
    for index, events in run_many(programs, jobs=2): ...
    child = TorchChild(on_state=show)            # lazily started, one thread reads its replies
    child.run(program, on_events, on_finished)   # callbacks come from that thread
    child.close()

A process that dies or stops answering is started again after a pause and told again of what was
pending; programs are deterministic, so events already delivered are not delivered twice.
"""

import atexit
import contextlib
import os
import select
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from queue import SimpleQueue
from time import monotonic
from typing import Literal, TypeAlias

from msgspec import Struct

from gradtui.language.program import Program
from gradtui.oracle import wire
from gradtui.tape.events import AnyEvent, Stopped

OnEvents: TypeAlias = Callable[[Sequence[AnyEvent]], None]
OnFinished: TypeAlias = Callable[[str], None]
Kind: TypeAlias = Literal["off", "starting", "ready", "running", "lost", "missing", "closed"]

ATTEMPTS = 2  # of one program, when torch's process dies under it
PAUSES = (0.1, 0.5, 2.0, 5.0)  # seconds before each further start
START = 60.0  # seconds torch may take to be imported
SILENCE = 6.0  # seconds beyond a program's own limit without a word from the process
CHUNK = 1 << 18
INSTALL = "PyTorch is not installed: pip install 'gradtui[torch]'"


class ChildState(Struct, frozen=True):
    """How torch's process is, in one word and one line: `version` when it is ready or running."""

    kind: Kind
    reason: str = ""
    version: str = ""


class _Task(Struct, eq=False):
    """A run asked for, and how far it has been told."""

    id: int
    program: Program
    on_events: OnEvents
    on_finished: OnFinished
    told: int = 0  # events delivered
    seen: int = 0  # events received from the present process
    attempts: int = 0


class TorchChild:
    """One process with torch in it, and the runs it is asked for, at most `jobs` at a time."""

    def __init__(
        self,
        on_state: Callable[[ChildState], None] | None = None,
        *,
        jobs: int = 1,
        python: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._on_state = on_state
        self._jobs = jobs
        self._command = [python or sys.executable, "-m", "gradtui.oracle.worker"]
        self._env = environment(env)
        self._lock = threading.RLock()
        self._waiting: deque[_Task] = deque()
        self._sent: dict[int, _Task] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._count = 0
        self._closed = False
        self._ready = False
        self._version = ""
        self._heard = 0.0
        self._starts = 0
        self._stderr: deque[str] = deque(maxlen=20)
        self.state = ChildState("off")
        _open.add(self)

    # What the host does.

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def stderr(self) -> str:
        """The last lines the process wrote to stderr."""
        return "\n".join(self._stderr)

    def start(self) -> None:
        """Starts the process if it was not started yet; returns at once."""
        with self._lock:
            if self._closed:
                raise RuntimeError("this TorchChild is closed")
            if self._thread is None:
                self._set(ChildState("starting"))
                self._thread = threading.Thread(target=self._live, name="torch", daemon=True)
                self._thread.start()

    def run(self, program: Program, on_events: OnEvents, on_finished: OnFinished) -> int:
        """Asks for a run; `on_finished` gets "" or the reason it did not come to its end."""
        with self._lock:
            self._count += 1
            task = _Task(self._count, program, on_events, on_finished)
            missing = self.state.kind == "missing"
            if not missing:
                self.start()
                self._waiting.append(task)
                self._wake.set()
                self._send_waiting()
        if missing:
            on_finished(self.state.reason)
        return task.id

    def cancel(self, run: int) -> None:
        """Ends a run; its `on_finished` gets "cancelled"."""
        with self._lock:
            waiting = next((task for task in self._waiting if task.id == run), None)
            if waiting is not None:
                self._waiting.remove(waiting)
            elif run in self._sent:
                self._write(wire.Cancel(run))
        if waiting is not None:
            waiting.on_finished("cancelled")

    def close(self) -> None:
        """Ends the process and reaps it; what was pending is finished as "closed"."""
        with self._lock:
            self._closed = True
            process = self._process
            self._wake.set()
        if process is not None:
            finish(process)
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(5.0)
        self._finish_all("closed")
        self._set(ChildState("closed"))
        _open.discard(self)

    def __enter__(self) -> "TorchChild":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # The thread's life: start, read until the process ends, start again while there is work.

    def _live(self) -> None:
        while self._wait_for_work():
            process = self._spawn()
            if process is None:
                break
            reason = self._read(process)
            finish(process)
            if self._closed or self.state.kind == "missing":
                break
            self._lost(process, reason)

    def _wait_for_work(self) -> bool:
        """False when closed. A further start pauses first; after many it waits to be needed."""
        if self._starts:
            self._sleep(PAUSES[min(self._starts, len(PAUSES)) - 1])
            while self._starts > len(PAUSES) and not self._waiting and not self._closed:
                self._sleep(1.0)
            if not self._closed:
                self._set(ChildState("starting"))
        self._starts += 1
        return not self._closed

    def _sleep(self, seconds: float) -> None:
        deadline = monotonic() + seconds
        while not self._closed and monotonic() < deadline:
            self._wake.clear()
            self._wake.wait(max(0.0, deadline - monotonic()))

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        pipe = subprocess.PIPE
        with self._lock:
            if self._closed:
                return None
            try:
                process = subprocess.Popen(
                    self._command, stdin=pipe, stdout=pipe, stderr=pipe, env=self._env,
                    start_new_session=True, bufsize=0,
                )  # fmt: skip
            except OSError as error:
                self._give_up(f"torch's process cannot be started: {error}")
                return None
            self._process = process
            self._ready = False
            self._heard = monotonic()
        threading.Thread(target=self._drain, args=(process,), daemon=True).start()
        return process

    def _drain(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with contextlib.suppress(OSError, ValueError):
            for line in process.stderr:
                self._stderr.append(line.decode("utf-8", "replace").rstrip()[:500])

    def _read(self, process: subprocess.Popen[bytes]) -> str:
        """Delivers replies until the process ends or falls silent; returns why it ended."""
        assert process.stdout is not None
        frames, fd = wire.Frames(), process.stdout.fileno()
        try:
            while True:
                if not select.select([fd], [], [], 0.25)[0]:
                    if self._is_silent():
                        return "torch's process stopped answering"
                    continue
                chunk = os.read(fd, CHUNK)
                if not chunk:
                    return self._end_of(process)
                self._heard = monotonic()
                for body in frames.feed(chunk):
                    self._receive(wire.decode_reply(body))
        except (OSError, ValueError, wire.BadFrame) as error:
            return f"torch's process cannot be understood: {error}"

    def _is_silent(self) -> bool:
        quiet = monotonic() - self._heard
        if not self._ready:
            return quiet > START
        with self._lock:
            limits = [task.program.patience for task in self._sent.values()]
        return bool(limits) and quiet > max(limits) + SILENCE

    def _end_of(self, process: subprocess.Popen[bytes]) -> str:
        try:
            status = process.wait(2.0)
        except subprocess.TimeoutExpired:
            return "torch's process closed its output"
        said = f": {self._stderr[-1]}" if status > 0 and self._stderr else ""
        how = f"status {status}" if status >= 0 else f"signal {-status}"
        return f"torch's process ended with {how}{said}"

    # Replies.

    def _receive(self, reply: wire.Reply) -> None:
        if isinstance(reply, wire.Happened):
            self._happened(reply)
        elif isinstance(reply, wire.Finished):
            self._finished(reply)
        elif isinstance(reply, wire.Ready):
            with self._lock:
                self._ready = True
                self._version = reply.version
                self._set(ChildState("ready", version=reply.version))
                self._send_waiting()
        else:
            self._give_up(INSTALL if reply.missing else f"torch cannot be imported: {reply.reason}")

    def _happened(self, reply: wire.Happened) -> None:
        task = self._sent.get(reply.id)
        if task is None:
            return
        fresh = reply.events[max(0, task.told - task.seen) :]
        task.seen += len(reply.events)
        task.told = max(task.told, task.seen)
        if fresh:
            task.on_events(fresh)

    def _finished(self, reply: wire.Finished) -> None:
        with self._lock:
            task = self._sent.pop(reply.id, None)
            again = task is not None and reply.crashed and task.attempts < ATTEMPTS
            if task is not None and again:
                self._waiting.appendleft(task)
            self._send_waiting()
            if not self._sent:
                self._set(ChildState("ready", version=self._version))
        if task is not None and not again:
            self._starts = 1
            task.on_finished(reply.reason)

    def _send_waiting(self) -> None:
        while self._ready and self._waiting and len(self._sent) < self._jobs:
            task = self._waiting.popleft()
            task.seen = 0
            task.attempts += 1
            self._sent[task.id] = task
            self._heard = monotonic()
            self._write(wire.Run(task.id, task.program))
            self._set(ChildState("running", version=self._version))

    def _write(self, request: wire.Message) -> None:
        """A broken pipe is seen, and mended, where the replies are read."""
        process = self._process
        if process is not None and process.stdin is not None:
            data = memoryview(wire.frame(request))
            with contextlib.suppress(OSError, ValueError):
                while data:
                    data = data[process.stdin.write(data) :]

    # Ends.

    def _lost(self, process: subprocess.Popen[bytes], reason: str) -> None:
        with self._lock:
            self._process, self._ready = None, False
            tasks = list(self._sent.values())
            self._sent.clear()
            again = [task for task in tasks if task.attempts < ATTEMPTS]
            self._waiting.extendleft(reversed(again))
            self._set(ChildState("lost", reason))
        for task in tasks:
            if task not in again:
                task.on_finished(reason)

    def _give_up(self, reason: str) -> None:
        self._set(ChildState("missing", reason))
        self._closed = True
        self._finish_all(reason)

    def _finish_all(self, reason: str) -> None:
        with self._lock:
            tasks = [*self._sent.values(), *self._waiting]
            self._sent.clear()
            self._waiting.clear()
        for task in tasks:
            task.on_finished(reason)

    def _set(self, state: ChildState) -> None:
        if state != self.state and self.state.kind != "missing":
            self.state = state
            if self._on_state is not None:
                self._on_state(state)


_open: "weakref.WeakSet[TorchChild]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for child in list(_open):
        child.close()


def environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """One thread, no graphics card: the numbers a lesson can rely on."""
    fixed = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return {**os.environ, **fixed, **(extra or {})}


def finish(process: subprocess.Popen[bytes]) -> None:
    """Ends a process of ours: closing its stdin asks it to, a signal makes it. Reaps it."""
    if process.stdin is not None:
        with contextlib.suppress(OSError, ValueError):
            process.stdin.close()
    try:
        process.wait(1.0 if process.poll() is None else 0.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class OracleError(Exception):
    """Torch could not be run at all; the message is one line."""


def run_torch(program: Program) -> list[AnyEvent]:
    """The program's events over real torch, as `run_many` gives them."""
    return next(run_many([program]))[1]


def run_many(programs: Sequence[Program], jobs: int = 1) -> Iterator[tuple[int, list[AnyEvent]]]:
    """The events of each program over one torch process, in the order in which they are finished.

    The events of a run that was ended end with `Stopped`, which says why. Raises OracleError where
    torch is missing or does not start.
    """
    done: SimpleQueue[tuple[int, list[AnyEvent], str]] = SimpleQueue()
    with TorchChild(jobs=jobs) as child:
        for index, program in enumerate(programs):
            _ask(child, index, program, done)
        for _ in programs:
            index, events, reason = done.get()
            if child.state.kind == "missing":
                raise OracleError(reason)
            yield index, [*events, Stopped(reason=reason)] if reason else events


def _ask(
    child: TorchChild,
    index: int,
    program: Program,
    done: "SimpleQueue[tuple[int, list[AnyEvent], str]]",
) -> None:
    events: list[AnyEvent] = []
    child.run(program, events.extend, lambda reason: done.put((index, events, reason)))
