"""A real terminal for tests: the player in a pty, its screen kept by pyte."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import pyte

PROGRAM = (
    "import sys; from pathlib import Path; from gradtui.tui.app import run; "
    "flags = sys.argv[2:]; "
    "sys.exit(run(Path(sys.argv[1]), mouse='--no-mouse' not in flags, ascii='--ascii' in flags))"
)
PATIENCE = 60.0


def surroundings() -> dict[str, str]:
    """This process's environment without a size of its own, which would hide the terminal's."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}


class Terminal:
    """The player on `target`, in a terminal of so many columns and lines.

    Only a controlling terminal sends SIGHUP when it is closed.
    """

    def __init__(
        self,
        target: Path,
        size: tuple[int, int] = (120, 40),
        *flags: str,
        command: Sequence[str] = (sys.executable, "-c", PROGRAM),
        controlling: bool = True,
        **env: str,
    ) -> None:
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        self.size = size
        self._set_size(*size)
        self.raw = bytearray()
        self.drawn = True  # whether what is written is drawn on the screen, which takes its time
        self.process = subprocess.Popen(
            [*command, str(target), *flags],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**surroundings(), "TERM": "xterm-256color", "COLORTERM": "truecolor", **env},
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if controlling else None,
        )  # fmt: skip
        os.close(slave)
        os.set_blocking(self.master, False)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        children = self.children()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def _set_size(self, columns: int, lines: int) -> None:
        packed = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, packed)

    def resize(self, columns: int, lines: int) -> None:
        self.size = (columns, lines)
        self.screen.resize(lines, columns)
        self._set_size(columns, lines)
        self.process.send_signal(signal.SIGWINCH)  # nothing, once it has ended

    def hang_up(self) -> None:
        """Close the terminal, as when its window is closed."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what is written within so many seconds; whether anything was."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65_536)
        except OSError:
            return False
        self.raw += data
        if self.drawn:
            self.draw(data)
        return bool(data)

    def draw(self, data: bytes) -> None:
        """Draw on the screen what was written."""
        self.stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*[^hlc0-9;]", b"", data))

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, words: str, seconds: float = PATIENCE) -> str:
        """Read until the words are on screen; the screen then."""
        return self.wait_until(lambda: words in self.text, words, seconds)

    def wait_gone(self, words: str, seconds: float = PATIENCE) -> str:
        """Read until the words are no more on screen; the screen then."""
        return self.wait_until(lambda: words not in self.text, f"{words} gone", seconds)

    def wait_until(self, true: object, what: str, seconds: float = PATIENCE) -> str:
        assert callable(true)
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end or (not self.read() and self.process.poll() is not None):
                raise AssertionError(f"never seen: {what}\n{self.text}")
        return self.text

    def send(self, keys: str | bytes) -> None:
        """Type; what is drawn meanwhile is taken in, so that neither waits for the other."""
        left = keys.encode() if isinstance(keys, str) else keys
        while left and self.process.poll() is None:
            readable, writable, _ = select.select([self.master], [self.master], [], PATIENCE)
            assert readable or writable, "the player takes no keys"
            if readable:
                self.read(0.0)
            if writable:
                with contextlib.suppress(BlockingIOError):
                    left = left[os.write(self.master, left[:4096]) :]

    def click(self, column: int, line: int) -> None:
        """A click of the left button, columns and lines from 0."""
        place = f"{column + 1};{line + 1}"
        self.send(f"\x1b[<0;{place}M\x1b[<0;{place}m")

    def find(self, words: str) -> tuple[int, int]:
        """Column and line of the words, once they are on screen."""
        self.wait_for(words)
        for line, shown in enumerate(self.screen.display):
            if words in shown:
                return shown.index(words), line
        raise AssertionError(f"not on screen: {words}\n{self.text}")

    def wait_exit(self, seconds: float = PATIENCE) -> int:
        """Read until the player has ended; its exit status."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"still running\n{self.text}")
            if not self.read():
                time.sleep(0.02)
        while self.read(0.0):
            pass
        return self.process.returncode

    def children(self) -> list[int]:
        """Ids of the player's child processes."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
        )
        pairs = (map(int, line.split()) for line in listed.stdout.splitlines())
        return [pid for pid, parent in pairs if parent == self.process.pid]


def is_alive(pid: int) -> bool:
    """Whether there is a process of this id that has not ended."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")
