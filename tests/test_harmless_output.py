"""Nothing a stranger's lesson or script prints is obeyed by the terminal it is shown in."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from gradtui.course import hidden

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eabc\x08"
WRITTEN = ascii(HOSTILE)  # as code can write it without holding it
SCRIPT = f"print('fine', end='\\r')\nprint({WRITTEN})\nraise ValueError({WRITTEN})\n"
LESSON = f"""\
format: 1
id: evil
title: Evil
minutes: 1
steps:
  - id: a
    title: A
    say: "{{{{ s }}}}"
    code: |
      s = {WRITTEN}
      print(s)
    prints: other
    checks: [s == 1]
    explain: "{{{{ s }}}} {{{{ [s] }}}}"
  - id: b
    title: B
    say: B
    code: raise ValueError(s)
"""
COMMANDS: dict[str, tuple[str, ...]] = {
    "show a lesson": ("show", "evil.yaml", "--plain"),
    "show a lesson with torch": ("show", "evil.yaml", "--plain", "--torch"),
    "show a script": ("show", "evil.py", "--plain"),
    "check as text": ("check", "evil.yaml"),
    "check as JSON": ("check", "evil.yaml", "--format", "json"),
    "check as JUnit": ("check", "evil.yaml", "--format", "junit"),
    "check for GitHub": ("check", "evil.yaml", "--format", "github"),
    "run": ("run", "evil.py"),
    "run on torch": ("run", "evil.py", "--torch"),
    "run on both": ("run", "evil.py", "--compare"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "evil.yaml").write_text(LESSON)
    (tmp_path / "evil.py").write_text(SCRIPT)
    return tmp_path


def on_a_terminal(arguments: tuple[str, ...], cwd: Path) -> str:
    """What a command writes to a terminal, to its end."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "gradtui.cli", *arguments]
    with subprocess.Popen(command, cwd=cwd, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        told = b""
        while chunk := read(master):
            told += chunk
        process.wait(60)
    os.close(master)
    return told.decode("utf-8")


def read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # the terminal is closed when its last program is gone
        return b""


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_terminal_gets_nothing_it_would_obey(folder: Path, arguments: tuple[str, ...]) -> None:
    told = on_a_terminal(arguments, folder)
    assert "owned" in told
    own = told.replace("\x1b[K", "").replace("\r", "")  # the progress of a check is ours
    assert not hidden.first(own), ascii(own)


def test_a_pipe_gets_what_was_printed(folder: Path) -> None:
    command = [sys.executable, "-m", "gradtui.cli", "run", "evil.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True)
    assert done.stdout.decode() == f"fine\r{HOSTILE}\n"
    assert done.stderr.decode() == f"ValueError: {HOSTILE}\n"


def test_json_with_escapes_is_the_same_json() -> None:
    data = {"a": [HOSTILE, "\x7f", "\U000e0041", "\ud83d", "plain é"]}
    written = hidden.escaped(json.dumps(data, ensure_ascii=False))
    assert not hidden.first(written)
    assert json.loads(written) == data
