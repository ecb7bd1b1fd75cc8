"""`gradtui check --watch` checks again after a save, and ends on Ctrl-C."""

import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

GOOD = Path(__file__).parent / "good" / "descent.yaml"


def until(fd: int, wanted: str) -> str:
    """What is written until some text comes."""
    told, deadline = "", monotonic() + 60
    while wanted not in told and monotonic() < deadline:
        if select.select([fd], [], [], 0.5)[0]:
            told += os.read(fd, 65536).decode("utf-8", "replace")
    assert wanted in told, told
    return told


def test_a_save_is_checked_and_ctrl_c_ends(tmp_path: Path) -> None:
    path = tmp_path / "descent.yaml"
    text = GOOD.read_text()
    path.write_text(text)
    terminal, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gradtui.cli", "check", "--watch", "--no-torch", str(path)],
        stdin=other, stdout=other, stderr=other, start_new_session=True,
    )  # fmt: skip
    os.close(other)
    try:
        assert "1 lesson, 0 findings" in until(terminal, "watching")
        path.write_text(text.replace("rate = 0.25", "rate = 0.5"))
        told = until(terminal, "watching")
        assert "\x1b[2J" in told
        assert "descent.yaml:" in told
        path.write_text(text)
        assert "1 lesson, 0 findings" in until(terminal, "watching")
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(30) == 130
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        os.close(terminal)
