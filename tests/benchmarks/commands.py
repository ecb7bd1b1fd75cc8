"""Times the commands as whole processes: start-up, a check of twenty lessons, a script.

    python tests/benchmarks/commands.py [ROUNDS]

Twenty copies of the bundled lesson are checked against torch, each isolated; `validation.py` puts
nbval on the same content beside it.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from gradtui.course.packs import bundled

LESSONS = 20
SCRIPT = """\
import torch
torch.manual_seed(0)
w = torch.randn(4, requires_grad=True)
x = torch.randn(100, 4)
y = x @ torch.tensor([1.0, -2.0, 3.0, 0.5])
for epoch in range(200):
    loss = ((x @ w - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad.zero_()
print(w)
"""


def seconds(command: list[str], allowed: tuple[int, ...] = (0,)) -> float:
    """How long a command takes to its end; it must succeed."""
    begun = perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    took = perf_counter() - begun
    if done.returncode not in allowed:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-800:]}")
    return took


def gradtui(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "gradtui.cli", *arguments]


def lessons(folder: Path) -> None:
    """Copies of the bundled lesson under ids of their own."""
    (source,) = bundled().folder.glob("gradients-*.yaml")
    text = source.read_text()
    for number in range(LESSONS):
        copy = text.replace("id: gradients-with-autograd", f"id: lesson-{number}", 1)
        (folder / f"lesson-{number}.yaml").write_text(copy)


def timed(name: str, rounds: int, run: Callable[[], float]) -> float:
    took = median(run() for _ in range(rounds))
    print(f"{name:<58} {took * 1000:9.0f} ms")
    return took


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "script.py").write_text(SCRIPT)
        (folder / "twenty").mkdir()
        lessons(folder / "twenty")
        timed("python -c pass", rounds, lambda: seconds([sys.executable, "-c", "pass"]))
        timed("gradtui --help", rounds, lambda: seconds(gradtui("--help")))
        script = str(folder / "script.py")
        ours = timed("gradtui run SCRIPT", rounds, lambda: seconds(gradtui("run", script)))
        theirs = timed("python SCRIPT (torch)", rounds, lambda: seconds([sys.executable, script]))
        print(f"{'  ratio':<58} {ours / theirs:9.2f}")
        timed("gradtui check (the bundled lesson)", rounds, lambda: seconds(gradtui("check")))
        twenty = gradtui("check", str(folder / "twenty"))
        timed(f"gradtui check ({LESSONS} lessons)", rounds, lambda: seconds(twenty))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
