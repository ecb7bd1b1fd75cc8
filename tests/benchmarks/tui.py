"""How fast the player is, through a real pty: python -m tests.benchmarks.tui [--runs N] [--keys N]

Prints a table: start to first frame, to all panes, to torch's first answer; key to painted frame at
100 and at 100,000 events; bytes a frame; CPU when idle; memory. Medians over the runs.
"""

import argparse
import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

READY = "nothing of it has run"
SMALL = "import torch\nx = torch.ones(3, requires_grad=True)\nfor i in range({passes}):\n" + (
    "    y = (x * 2 + 1).sum()\n    y.backward()\n"
)
QUIET = 0.004  # seconds without output that end a frame


SEEN = {"first frame": "gradtui  Gradients", "all panes": READY, "torch answers": "same"}


def started(home: str) -> dict[str, float]:
    """Seconds from the start of the process to what can be seen, for one who has learnt nothing.

    The screen is drawn afterwards: drawn meanwhile, it would take its time from the player.
    """
    began = time.perf_counter()
    with Terminal(LESSON, XDG_DATA_HOME=home, XDG_CONFIG_HOME=home) as terminal:
        terminal.drawn = False
        came = []  # when, and how much of all had come by then
        while SEEN["torch answers"].encode() not in terminal.raw:
            assert terminal.read(60.0), "the player has ended, or says nothing more"
            came.append((time.perf_counter() - began, len(terminal.raw)))
        times: dict[str, float] = {}
        drawn = 0
        for at, size in came:
            terminal.draw(bytes(terminal.raw[drawn:size]))
            drawn, text = size, terminal.text
            times |= {n: at for n, words in SEEN.items() if words in text and n not in times}
        terminal.send("q")
        terminal.wait_exit()
    return times


def frame(terminal: Terminal, key: str) -> tuple[float, int]:
    """Seconds from a key to the last byte of its frame, and its bytes."""
    before, began = len(terminal.raw), time.perf_counter()
    os.write(terminal.master, key.encode())
    last = began
    while True:
        if select.select([terminal.master], [], [], 1.0 if last == began else QUIET)[0]:
            terminal.raw += os.read(terminal.master, 65_536)
            last = time.perf_counter()
        else:
            return last - began, len(terminal.raw) - before


def keys(target: Path, count: int, home: str) -> dict[str, float]:
    """Key to painted frame, forward and back through the middle of a tape."""
    with Terminal(target, XDG_DATA_HOME=home, XDG_CONFIG_HOME=home) as terminal:
        terminal.wait_for(READY, 120)
        terminal.wait_until(
            lambda: "waiting" not in terminal.text and "same" in terminal.text, "torch", 120
        )
        total = int(terminal.text.split("/")[-1].split()[0])
        terminal.send(f":{total // 2}\r")
        while terminal.read(0.5):
            pass
        frames = [frame(terminal, "\x1b[C" if at % 40 < 20 else "\x1b[D") for at in range(count)]
        cpu, rss = idle(terminal), memory(terminal.process.pid)
        terminal.send("q")
        terminal.wait_exit()
    spans = sorted(seconds for seconds, size in frames if size)
    return {
        "events": total,
        "p50": statistics.median(spans) * 1e3,
        "p95": spans[int(len(spans) * 0.95)] * 1e3,
        "bytes": statistics.median(size for _, size in frames),
        "idle": cpu,
        "memory": rss,
    }


def idle(terminal: Terminal, seconds: float = 3.0) -> float:
    """Share of a CPU the player uses while nothing is asked of it, in percent."""
    before = _cpu(terminal.process.pid)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(0.2)
    return (_cpu(terminal.process.pid) - before) / seconds * 100


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident megabytes."""
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
    return int(shown.stdout) / 1024


def measure(runs: int, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        starts = [started(str(Path(folder) / f"home{run}")) for run in range(runs)]
        found = {name: statistics.median(each[name] for each in starts) * 1e3 for name in SEEN}
        for name, passes in (("100", 10), ("100,000", 9_000)):
            script = Path(folder) / f"passes{passes}.py"
            script.write_text(SMALL.format(passes=passes))
            for figure, value in keys(script, count, folder).items():
                found[f"{figure} at {name}"] = value
    return found


ROWS = (
    ("first frame", "ms", "first frame", 300),
    ("all panes", "ms", "all panes", 600),
    ("torch answers", "ms", "torch answers", 2000),
    ("key to frame, 100 events, p50", "ms", "p50 at 100", 10),
    ("key to frame, 100 events, p95", "ms", "p95 at 100", 20),
    ("key to frame, 100,000 events, p50", "ms", "p50 at 100,000", 10),
    ("key to frame, 100,000 events, p95", "ms", "p95 at 100,000", 20),
    ("bytes a frame", "B", "bytes at 100", 4096),
    ("idle CPU", "%", "idle at 100", 0.5),
    ("memory, lesson-sized tape", "MB", "memory at 100", 90),
    ("memory, 100,000 events", "MB", "memory at 100,000", 290),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measure(asked.runs, asked.keys)
    if asked.json:
        json.dump(found, sys.stdout)
        return
    for what, unit, name, target in ROWS:
        print(f"{what:36} {found[name]:9.1f} {unit:2}  (at most {target})")


if __name__ == "__main__":
    main()
