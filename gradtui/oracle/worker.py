"""Torch's process: `python -m gradtui.oracle.worker`, the only file that imports torch.

A server on stdin and stdout (`wire.py`) that imports torch once and forks a process for each run,
so that every run is isolated and can be ended without losing the server. It ends when its stdin
closes, and ends its runs first.
"""

import contextlib
import gc
import os
import selectors
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from types import ModuleType
from typing import Any

from gradtui.language.program import Probe, Program, ProgramStep
from gradtui.oracle import wire
from gradtui.oracle.confine import GRACE, confine, die_with
from gradtui.oracle.deferred import HINTS, UNASKED, defer, deferred, real
from gradtui.tape.events import AnyEvent, StepEnded

BATCH = 256  # events in one frame
DELAY = 0.003  # seconds an event may wait for others
CHUNK = 1 << 18
RECORDER_FAILED = 70
LOOK = 60.0  # seconds after which running children are looked at, whatever happens
RARE = (10_000, 20, 50)  # of a run's collections: objects made before one, younger before older
IDLE = 0.5  # seconds without a request after which what was deferred is imported


@dataclass
class Child:
    """A forked run, the pipe it writes to, and why it will have been ended if we end it."""

    id: int
    pid: int
    pipe: int
    deadline: float
    seconds: float
    frames: wire.Frames = field(default_factory=wire.Frames)
    ended: str = ""


class Stream:
    """Sends events in batches: none waits long, and each costs little."""

    def __init__(self, run: int, write: Callable[[bytes], None]) -> None:
        self.run, self.write = run, write
        self.waiting: list[AnyEvent] = []
        self.due = 0.0

    def emit(self, event: AnyEvent) -> None:
        waiting = self.waiting
        now = monotonic()
        if not waiting:
            self.due = now + DELAY
        waiting.append(event)
        if len(waiting) >= BATCH or now >= self.due or type(event) is StepEnded:
            self.flush()

    def flush(self) -> None:
        if self.waiting:
            self.write(wire.frame(wire.Happened(self.run, self.waiting)))
            self.waiting = []


class Server:
    """Reads requests, forks runs, passes on what they tell, and tells how each came to its end."""

    def __init__(self, torch: ModuleType, requests: int, replies: int) -> None:
        self.torch = torch
        self.requests, self.replies = requests, replies
        self.children: dict[int, Child] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(requests, selectors.EVENT_READ, None)
        self.frames = wire.Frames()
        self.open = True

    def serve(self) -> None:
        """Until stdin closes or the host says Quit."""
        try:
            while self.open:
                happened = self.selector.select(self._patience())
                for key, _ in happened:
                    self._read_requests() if key.data is None else self._read_child(key.data)
                self._end_overdue()
                if not happened and not self.children and deferred():
                    real(deferred()[0])
        finally:
            for child in self.children.values():
                end(child.pid)

    def _patience(self) -> float | None:
        if not self.children:
            return IDLE if deferred() else None
        first = min(child.deadline for child in self.children.values())
        return min(LOOK, max(0.0, first - monotonic()))

    def _end_overdue(self) -> None:
        now = monotonic()
        for child in self.children.values():
            if now > child.deadline and not child.ended:
                child.deadline = float("inf")
                self._end(child, f"no end within {child.seconds:g} s")

    def _end(self, child: Child, reason: str) -> None:
        child.ended = reason
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)

    def _read_requests(self) -> None:
        chunk = os.read(self.requests, CHUNK)
        if not chunk:
            self.open = False
        for body in self.frames.feed(chunk):
            request = wire.decode_request(body)
            if isinstance(request, wire.Run):
                self._run(request)
            elif isinstance(request, wire.Quit):
                self.open = False
            elif request.id in self.children:
                self._end(self.children[request.id], "cancelled")

    def _run(self, request: wire.Run) -> None:
        if any(map(HINTS.search, request.program.codes)):
            for name in deferred():
                real(name)
        reader, writer = os.pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become(parent, writer, request)
        os.close(writer)
        seconds = request.program.patience
        child = Child(request.id, pid, reader, monotonic() + seconds + GRACE, seconds)
        self.children[request.id] = child
        self.selector.register(reader, selectors.EVENT_READ, child)

    def _become(self, parent: int, writer: int, request: wire.Run) -> None:
        """The forked process's whole life."""
        status = RECORDER_FAILED
        try:
            die_with(parent)
            self._let_go()
            gc.set_threshold(*RARE)
            status = perform(request, self.torch, lambda data: write_all(writer, data))
        finally:
            os._exit(status)

    def _let_go(self) -> None:
        """Closes what belongs to the server, so that a run can neither read nor write it."""
        self.selector.close()
        for fd in [self.requests, self.replies, *(child.pipe for child in self.children.values())]:
            os.close(fd)

    def _read_child(self, child: Child) -> None:
        chunk = os.read(child.pipe, CHUNK)
        for body in child.frames.feed(chunk):
            self._reply_bytes(body)
        if not chunk:
            self._bury(child)

    def _bury(self, child: Child) -> None:
        self.selector.unregister(child.pipe)
        os.close(child.pipe)
        del self.children[child.id]
        status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        if status != 0 or child.ended:
            reason = child.ended or cause(status)
            self._reply(wire.Finished(child.id, reason, crashed=not child.ended))

    def _reply(self, reply: wire.Message) -> None:
        write_all(self.replies, wire.frame(reply))

    def _reply_bytes(self, body: bytes) -> None:
        write_all(self.replies, len(body).to_bytes(wire.LENGTH, "big") + body)


def perform(request: wire.Run, torch: Any, write: Callable[[bytes], None]) -> int:
    """Plays the program and sends its events; returns the exit status."""
    from gradtui.tape.recorder import play

    stream = Stream(request.id, write)
    confine(request.program.limits, request.program.patience)
    try:
        play(request.program, torch, stream.emit)
        reason = ""
    except MemoryError:
        reason = "out of memory"
    except Exception as error:
        reason = f"the recorder failed: {type(error).__name__}: {error}".partition("\n")[0]
        stream.flush()
        write(wire.frame(wire.Finished(request.id, reason)))
        raise
    stream.flush()
    write(wire.frame(wire.Finished(request.id, reason)))
    return 0


def cause(status: int) -> str:
    """Why a run's process ended, in a few words."""
    if status >= 0:
        return f"torch's process ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"torch's process was ended by {name}"


def end(pid: int) -> None:
    """Ends a process of ours and reaps it."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


REHEARSAL = """\
import torch
x = torch.randn(3, requires_grad=True)
y = 2 * (x + 2) ** 2
print(y, y.mean(), x.grad)
y.backward(torch.ones(3))
optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9)
for epoch in range(2):
    with torch.no_grad():
        x.grad.zero_()
    (x * 3).sum().backward()
    optimizer.step()
optimizer.zero_grad()
x.detach().backward()
"""


def warm() -> Any:
    """Imports torch and does, in a small program, what is done only once: each fork inherits it."""
    defer(UNASKED)
    import torch

    from gradtui.tape.recorder import play

    defer()
    torch.set_num_threads(1)
    step = ProgramStep("rehearsal", REHEARSAL, probes=(Probe("", "x.grad is None"),))
    play(Program("rehearsal", (step,)), torch, lambda event: None)
    return torch


def take_pipes() -> tuple[int, int]:
    """Stdin and stdout for frames alone: what else is printed goes to stderr."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def main() -> int:
    requests, replies = take_pipes()
    gc.disable()  # of what is imported nothing is garbage worth a tenth of a second
    try:
        torch = warm()
    except ModuleNotFoundError as error:
        missing = error.name == "torch"
        write_all(replies, wire.frame(wire.Unavailable(str(error), missing)))
        return 0
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        write_all(replies, wire.frame(wire.Unavailable(reason, False)))
        return 0
    gc.freeze()
    gc.enable()
    with contextlib.suppress(BrokenPipeError):
        write_all(replies, wire.frame(wire.Ready(str(torch.__version__))))
        Server(torch, requests, replies).serve()
    return 0


def perform_here(program: Program) -> list[AnyEvent]:
    """The events of a program over torch in this very process, unconfined: for tests and tuning."""
    import torch

    from gradtui.tape.recorder import play

    events: list[AnyEvent] = []
    play(program, torch, events.append)
    return events


if __name__ == "__main__":
    os._exit(main())  # taking torch apart in good order takes a tenth of a second
