"""Torch's process through its life: runs, crashes, hangs, bombs, absence, and nothing left over."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest

from gradtui.language.program import Limits, Program, ProgramStep
from gradtui.oracle import client
from gradtui.oracle.client import ChildState, OracleError, TorchChild, run_many
from gradtui.tape import events as e

PATIENT = Limits(seconds=60.0, loop_seconds=60.0)
LONG = 90.0  # seconds any wait of these tests may take on a busy machine
ENDLESS = "for i in range(1_000_000):\n    print(i)"


def program(*codes: str, limits: Limits = PATIENT) -> Program:
    steps = [ProgramStep(str(i), f"import torch\n{code}") for i, code in enumerate(codes)]
    return Program("test", tuple(steps), limits=limits)


@dataclass
class Running:
    """A run that was asked for: what it told so far and how it came to its end."""

    events: list[Any] = field(default_factory=list)
    reasons: "SimpleQueue[str]" = field(default_factory=SimpleQueue)
    begun: Event = field(default_factory=Event)
    id: int = 0

    def told(self, events: Any) -> None:
        self.events += events
        self.begun.set()

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, e.Printed))

    def reason(self) -> str:
        return self.reasons.get(timeout=LONG)


def ask(child: TorchChild, asked: Program) -> Running:
    running = Running()
    running.id = child.run(asked, running.told, running.reasons.put)
    return running


def wait_for(true: Callable[[], object]) -> None:
    end = monotonic() + LONG
    while not true():
        assert monotonic() < end, "it did not happen"
        sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process exists and is not merely unburied."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def forks(pid: int) -> list[int]:
    """The processes a server has forked and not buried."""
    with contextlib.suppress(OSError):
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@pytest.fixture(scope="module")
def shared() -> Iterator[TorchChild]:
    with TorchChild() as child:
        yield child


@pytest.fixture
def states() -> list[ChildState]:
    return []


@pytest.fixture
def child(states: list[ChildState]) -> Iterator[TorchChild]:
    with TorchChild(states.append) as child:
        yield child


def kinds(states: list[ChildState]) -> list[str]:
    return [state.kind for state in states]


def test_a_run_streams_its_events_and_comes_to_its_end(shared: TorchChild):
    running = ask(shared, program("x = torch.ones(2, requires_grad=True)\nprint(x)"))
    assert running.reason() == ""
    assert running.text == "tensor([1., 1.], requires_grad=True)\n"
    assert isinstance(running.events[0], e.StepBegan)
    assert isinstance(running.events[-1], e.StepEnded)


def test_two_runs_are_isolated(shared: TorchChild):
    first = ask(shared, program("torch.manual_seed(1)\ntorch.set_grad_enabled(False)\nx = 1"))
    assert first.reason() == ""
    second = ask(shared, program("print(torch.is_grad_enabled(), torch.rand(1))\nx"))
    assert second.reason() == ""
    alone = ask(shared, program("print(torch.is_grad_enabled(), torch.rand(1))\nx"))
    assert alone.reason() == ""
    assert second.text == alone.text
    assert second.text.startswith("True")
    assert [event.type for event in second.events if isinstance(event, e.Raised)] == ["NameError"]


def test_runs_are_queued_and_told_of_in_order(shared: TorchChild):
    asked = [ask(shared, program(f"print({i})")) for i in range(4)]
    assert [running.reason() for running in asked] == [""] * 4
    assert [running.text for running in asked] == ["0\n", "1\n", "2\n", "3\n"]


def test_a_run_can_be_cancelled_while_it_runs_and_while_it_waits(shared: TorchChild):
    running, waiting = ask(shared, program(ENDLESS)), ask(shared, program("print(1)"))
    assert running.begun.wait(LONG)
    shared.cancel(waiting.id)
    shared.cancel(running.id)
    assert (running.reason(), waiting.reason()) == ("cancelled", "cancelled")
    assert waiting.events == []
    after = ask(shared, program("print('still here')"))
    assert (after.reason(), after.text) == ("", "still here\n")


def test_a_run_over_its_budget_says_so_in_one_line(shared: TorchChild):
    running = ask(shared, program("x = torch.zeros(10**12)", "y = 1"))
    assert running.reason() == ""
    (stopped,) = (event for event in running.events if isinstance(event, e.Stopped))
    assert "elements" in stopped.reason
    assert "\n" not in stopped.reason
    assert not any(isinstance(event, e.StepEnded) for event in running.events)


BOMB = "x = []\nfor i in range(100_000):\n    x.append(torch.ones(10_000_000))"


def test_a_memory_bomb_ends_its_run_alone(shared: TorchChild):
    modest = Limits(live_bytes=300_000_000, elements=10**9, operations=10**12, seconds=60.0)
    running = ask(shared, program(BOMB, limits=modest))
    assert running.reason() == ""
    (stopped,) = (event for event in running.events if isinstance(event, e.Stopped))
    assert "bytes" in stopped.reason
    assert ask(shared, program("print(1)")).reason() == ""


HANG = "a = torch.ones(3000, 3000)\nfor i in range(300):\n    a = torch.linalg.svd(a)[0]"


def test_a_run_that_hangs_within_one_operation_is_ended(shared: TorchChild):
    limits = Limits(operations=10**15, elements=10**12, live_bytes=10**12, seconds=0.5)
    running = ask(shared, program(HANG, limits=limits))
    reason = running.reason()
    stopped = [event.reason for event in running.events if isinstance(event, e.Stopped)]
    assert "0.5 s" in reason or any("0.5 s" in said for said in stopped)
    assert ask(shared, program("print(1)")).reason() == ""


def test_the_server_killed_in_the_middle_is_started_again_and_nothing_is_told_twice(
    child: TorchChild, states: list[ChildState]
):
    code = "for i in range(3000):\n    print(i)"
    running = ask(child, program(code))
    assert running.begun.wait(LONG)
    first = child.pid
    assert first is not None
    orphans = forks(first)
    os.kill(first, signal.SIGKILL)
    assert running.reason() == ""
    assert running.text == "".join(f"{i}\n" for i in range(3000))
    assert sum(isinstance(event, e.StepBegan) for event in running.events) == 1
    lost = next(state for state in states if state.kind == "lost")
    assert lost.reason == "torch's process ended with signal 9"
    assert kinds(states)[-3:] == ["ready", "running", "ready"]
    assert child.pid != first
    wait_for(lambda: not any(map(alive, orphans)))


def test_a_run_killed_twice_is_given_up_but_not_the_others(child: TorchChild):
    running, other = ask(child, program(ENDLESS)), ask(child, program("print(1)"))
    for _ in range(client.ATTEMPTS):
        wait_for(lambda: child.pid and forks(child.pid))
        (fork,) = forks(child.pid or 0)
        os.kill(fork, signal.SIGKILL)
        wait_for(lambda fork=fork: not alive(fork))
    assert running.reason() == "torch's process was ended by SIGKILL"
    assert (other.reason(), other.text) == ("", "1\n")


def test_a_server_that_stops_answering_is_replaced(
    child: TorchChild, states: list[ChildState], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "SILENCE", 0.5)
    assert ask(child, program("print(1)")).reason() == ""
    silent = child.pid
    assert silent is not None
    os.kill(silent, signal.SIGSTOP)
    running = ask(child, program("print(2)", limits=Limits(seconds=0.5)))
    assert (running.reason(), running.text) == ("", "2\n")
    assert "torch's process stopped answering" in [state.reason for state in states]
    assert not alive(silent)


@pytest.fixture
def without_torch(tmp_path: Path) -> dict[str, str]:
    """An environment in which `import torch` finds nothing."""
    (tmp_path / "torch.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')"
    )
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path[1:]])}


def test_missing_torch_is_said_in_one_line_with_how_to_install_it(
    without_torch: dict[str, str], states: list[ChildState]
):
    with TorchChild(states.append, env=without_torch) as child:
        first = ask(child, program("print(1)"))
        assert "pip install" in first.reason()
        assert "pip install" in ask(child, program("print(2)")).reason()
        assert kinds(states) == ["starting", "missing"]
        assert "\n" not in states[-1].reason


def test_a_torch_that_cannot_be_imported_says_why(tmp_path: Path):
    (tmp_path / "torch.py").write_text("raise OSError('libtorch.so: too old')")
    env = {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path[1:]])}
    with TorchChild(env=env) as child:
        assert ask(child, program("1")).reason().endswith("OSError: libtorch.so: too old")


def test_a_process_that_cannot_be_started_is_said():
    with TorchChild(python="/nowhere/python") as child:
        assert "cannot be started" in ask(child, program("1")).reason()


def test_close_ends_everything_and_tells_what_was_pending(child: TorchChild):
    running, waiting = ask(child, program(ENDLESS)), ask(child, program("print(1)"))
    assert running.begun.wait(LONG)
    server = child.pid
    assert server is not None
    pids = [server, *forks(server)]
    child.close()
    assert (running.reason(), waiting.reason()) == ("closed", "closed")
    wait_for(lambda: not any(map(alive, pids)))
    child.close()


HOST = """\
import sys, time
from gradtui.language.program import Limits, Program, ProgramStep
from gradtui.oracle.client import TorchChild
child = TorchChild()
steps = (ProgramStep("0", "for i in range(10**6):\\n    print(i)"),)
limits = Limits(seconds=60.0, loop_seconds=60.0)
told = lambda events: print(child.pid, flush=True)
child.run(Program("endless", steps, limits=limits), told, print)
time.sleep(120)
"""


def test_no_process_outlives_a_host_that_was_killed():
    host = subprocess.Popen(
        [sys.executable, "-c", HOST], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert host.stdout is not None
        server = int(host.stdout.readline())
        pids = [server, *forks(server)]
        assert len(pids) == 2
    finally:
        host.kill()
        host.communicate()
    wait_for(lambda: not any(map(alive, pids)))


def test_many_programs_share_one_torch():
    programs = [program(f"print({i})") for i in range(5)]
    found = dict(run_many(programs, jobs=2))
    texts = ["".join(x.text for x in found[i] if isinstance(x, e.Printed)) for i in range(5)]
    assert texts == [f"{i}\n" for i in range(5)]


def test_many_programs_without_torch_are_an_error(
    without_torch: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", without_torch["PYTHONPATH"])
    with pytest.raises(OracleError, match="pip install"):
        list(run_many([program("1")]))


CONFINED = """\
    import os, sys
    from gradtui.language.program import Limits
    from gradtui.oracle.confine import confine
    def tried(deed):
        try:
            deed()
            return "done"
        except (MemoryError, OSError) as error:
            return type(error).__name__
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    confine(Limits(live_bytes=1_000_000), 5.0)
    def write():
        with open(sys.argv[1], "w") as file:
            file.write("x" * 100_000)
    print(tried(lambda: bytearray(2 << 30)), tried(write))
    print(tried(lambda: [os.open("/dev/null", 0) for _ in range(100)]))
"""


def test_a_run_is_confined_in_memory_and_files(tmp_path: Path):
    code = textwrap.dedent(CONFINED)
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "file")], capture_output=True, text=True
    )
    assert ended.stdout == "MemoryError OSError\nOSError\n", ended.stderr


def test_what_torch_prints_itself_does_not_reach_the_frames(shared: TorchChild):
    running = ask(shared, program("torch.set_printoptions(precision=2)\nprint(torch.ones(1) / 3)"))
    assert (running.reason(), running.text) == ("", "tensor([0.33])\n")
    with pytest.raises(Empty):
        running.reasons.get_nowait()
