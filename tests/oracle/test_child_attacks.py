"""A hostile program in torch's process ends in one line, and the next program runs as ever."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gradtui.language.program import Limits, Program, ProgramStep
from gradtui.oracle.client import TorchChild
from gradtui.tape import events as e
from tests.oracle.test_client import alive, ask, forks, wait_for

ATTACKS = {
    "memory by views": "x = torch.ones(1).expand(10 ** 12)\nx.clone()",
    "memory by lists": "x = []\nfor i in range(10 ** 9): x.append([0] * 10 ** 6)",
    "memory by an uncharged call": "class A: __call__ = torch.ones\nA()(10 ** 10)",
    "an endless loop": "while True: pass",
    "an endless loop that catches all": (
        "def f():\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass\n        finally: continue\nf()"
    ),
    "deep recursion": "def f(n): return f(n + 1)\nf(0)",
    "a flood of prints": "while True: print('x' * 10_000)",
    "a hook that calls itself": (
        "x = torch.ones(1, requires_grad=True)\n"
        "def h(g):\n    y = torch.ones(1, requires_grad=True)\n    y.register_hook(h)\n"
        "    (y * 2).sum().backward()\nx.register_hook(h)\nx.sum().backward()"
    ),
    "processes by a loader": "torch.utils.data.DataLoader([1], num_workers=2)",
    "a file": "torch.save(torch.ones(1), '{file}')",
    "the number of ints": "x = 7 ** 7 ** 7 ** 7",
    "half a character": "raise ValueError(chr(0xd800))",
    "its own process": "import os\nos.kill(os.getppid(), 9)",
}


@pytest.fixture(scope="module")
def child() -> Iterator[TorchChild]:
    with TorchChild() as one:
        yield one


def program(code: str) -> Program:
    return Program("attack", (ProgramStep("step", f"import torch\n{code}"),), limits=Limits())


@pytest.mark.parametrize("code", ATTACKS.values(), ids=ATTACKS)
def test_attack(child: TorchChild, tmp_path: Path, code: str) -> None:
    running = ask(child, program(code.replace("{file}", str(tmp_path / "file"))))
    reason = running.reason()
    ends = [reason] if reason else []
    ends += [one.reason for one in running.events if isinstance(one, e.Stopped)]
    ends += [one.message for one in running.events if isinstance(one, e.Raised)]
    assert ends
    assert all(end and "\n" not in end for end in ends)
    assert "ended by" not in reason
    assert "status" not in reason
    server = child.pid
    after = ask(child, program("print(torch.ones(2))"))
    assert (after.reason(), after.text) == ("", "tensor([1., 1.])\n")
    assert child.pid == server
    assert server is not None
    assert alive(server)
    wait_for(lambda: not forks(server))
    assert not list(tmp_path.iterdir())
