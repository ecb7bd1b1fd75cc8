"""`gradtui serve`: what the server answers, and a lesson taken in headless Chromium."""

import http.client
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tui.screens import LESSON
from tests.tui.terminals import PATIENCE, is_alive

pytest.importorskip("textual_serve", reason="textual-serve is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
# The terminal is a local of the page's script; its element's class sets this name, which gives it away.
REVEAL = """
Object.defineProperty(Object.prototype, "websocket_url", {
  configurable: true,
  set(url) {
    window.player = this;
    Object.defineProperty(this, "websocket_url", { value: url, writable: true });
  },
});
"""
LINES = """() => {
  const buffer = window.player.terminal.buffer.active;
  const lines = [];
  for (let at = 0; at < buffer.length; at++) lines.push(buffer.getLine(at).translateToString(true));
  return lines;
}"""
CELL = """() => {
  const { terminal } = window.player;
  const screen = terminal.element.querySelector(".xterm-screen").getBoundingClientRect();
  return [screen.x, screen.y, screen.width / terminal.cols, screen.height / terminal.rows];
}"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Served:
    """`gradtui serve` on a port of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gradtui.cli", "serve", str(LESSON), "--port", str(self.port)],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stderr is not None
        assert self.process.stderr.readline() == (
            f"gradtui answers on {self.url} (Ctrl-C ends it)\n"
        )

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """The exit status, and what was said after the first line."""
        self.process.send_signal(how)
        said = "".join(self.process.communicate(timeout=PATIENCE))
        return self.process.returncode, said

    def asked(self, path: str, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        told = answer.status, answer.read().decode()
        connection.close()
        return told


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served()
    yield server
    if server.process.poll() is None:
        server.process.kill()
        server.process.communicate()


def test_the_page_asks_nobody_else(served: Served) -> None:
    status, page = served.asked("/?fontsize=20")
    assert status == 200
    assert page.count("://") == 1
    assert f"ws://127.0.0.1:{served.port}/ws" in page
    assert 'data-font-size="20"' in page
    assert 'data-font-size="16"' in served.asked("/?fontsize=9999")[1]
    assert served.asked("/static/js/textual.js")[0] == 200
    assert served.end(signal.SIGINT) == (0, "")


def test_other_sites_and_other_names_are_refused(served: Served) -> None:
    assert served.asked("/", Host=f"localhost:{served.port}")[0] == 200
    assert served.asked("/", Host=f"evil.example:{served.port}")[0] == 403
    assert served.asked("/ws", Origin="http://evil.example")[0] == 403
    assert served.asked("/ws", Origin=f"http://127.0.0.1:{served.port + 1}")[0] == 403
    assert served.end() == (0, "")


def test_a_taken_port_is_told_in_a_line(served: Served) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gradtui.cli", "serve", "--port", str(served.port)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"gradtui: cannot answer on 127.0.0.1:{served.port}: ")
    assert done.stderr.count("\n") == 1


def test_without_textual_serve_one_line_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['textual_serve'] = None; sys.modules['aiohttp'] = None\n"
        "import gradtui.cli; sys.exit(gradtui.cli.main(['serve']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert 'is not installed; pip install "gradtui[serve]"' in done.stderr
    assert done.stderr.count("\n") == 1


class Page:
    """The player in a page of Chromium."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.faults: list[str] = []
        page.add_init_script(REVEAL)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("requestfailed", lambda request: self.faults.append(request.url))
        page.on(
            "console",
            lambda said: self.faults.append(said.text) if said.type == "error" else None,
        )

    @property
    def lines(self) -> list[str]:
        return list(self.page.evaluate(LINES))

    def wait_for(self, words: str, there: bool = True) -> None:
        self.page.wait_for_function(
            f"([words, there]) => window.player && ({LINES})().join(' ').includes(words) == there",
            arg=[words, there],
            timeout=PATIENCE * 1000,
        )

    def click(self, words: str) -> None:
        """A click on words of the terminal."""
        row = next(at for at, line in enumerate(self.lines) if words in line)
        column = self.lines[row].index(words)
        x, y, width, height = self.page.evaluate(CELL)
        self.page.mouse.click(x + (column + 0.5) * width, y + (row + 0.5) * height)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path=CHROMIUM,
            headless=True,
            chromium_sandbox=False,
            args=FLAGS,
            viewport={"width": 1280, "height": 800},
        )
        yield Page(context.new_page())
        context.close()


def test_a_lesson_is_taken_in_a_browser(served: Served, page: Page) -> None:
    page.page.goto(served.url)
    page.wait_for("nothing of it has run")
    page.page.keyboard.press("n")
    page.wait_for("step 2 of")
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowRight")
    page.wait_for("tensor([-0.4134, -1.2041,  1.2125]")
    page.click("next step")
    page.wait_for("step 3 of")
    page.click(" 5 ")
    page.wait_for("step 5 of")
    page.page.set_viewport_size({"width": 800, "height": 480})
    page.wait_for("step 5 of")
    page.page.keyboard.press("?")
    page.wait_for("Play, or pause")
    page.page.keyboard.press("Escape")
    page.wait_for("Play, or pause", there=False)
    page.page.keyboard.press("q")
    page.page.wait_for_selector("#ended", timeout=PATIENCE * 1000)
    page.page.click("button")
    page.wait_for("step 5 of")  # where it was left
    assert page.faults == []


def test_a_closed_page_and_an_ended_server_leave_no_player(served: Served, page: Page) -> None:
    page.page.goto(served.url)
    page.wait_for("nothing of it has run")
    players = children(served.process.pid)
    assert players
    page.page.goto("about:blank")
    until_dead(players)
    page.page.goto(served.url)
    page.wait_for("nothing of it has run")
    players = children(served.process.pid)
    assert served.end() == (0, "")
    until_dead(players)


def test_a_killed_server_leaves_no_player(served: Served, page: Page) -> None:
    page.page.goto(served.url)
    page.wait_for("nothing of it has run")
    players = children(served.process.pid)
    served.process.kill()
    until_dead(players)


def children(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    below = [pid for pid, of in pairs if of == parent]
    return below + [pid for pid, of in pairs if of in below]


def until_dead(pids: list[int]) -> None:
    import time

    end = time.monotonic() + PATIENCE
    while any(map(is_alive, pids)):
        assert time.monotonic() < end, pids
        time.sleep(0.05)
