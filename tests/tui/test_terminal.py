"""The player in a real terminal: keys, mouse, sizes, torch's death, and every way to leave."""

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal, is_alive

READY = "nothing of it has run"
TORCH_SAYS = "0 differ"
LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal(LESSON) as opened:
        opened.wait_for(READY)
        yield opened


def test_keys_move_through_the_lesson(terminal: Terminal) -> None:
    terminal.send("n")
    terminal.wait_for("step 2 of")
    terminal.send("\x1b[C\x1b[C")
    terminal.wait_for("tensor([-0.4134, -1.2041,  1.2125]")
    terminal.send("p")
    terminal.wait_for("Step 2: nothing of it")


def test_the_title_is_there_before_the_lesson_is_read() -> None:
    with Terminal(LESSON) as opened:
        opened.wait_for("Gradients with autograd")
        opened.send("nn")  # typed before anything is loaded: neither lost nor fatal
        opened.wait_for("step 3 of")


def test_torch_confirms_the_lesson(terminal: Terminal) -> None:
    terminal.wait_for(TORCH_SAYS)
    terminal.wait_until(lambda: "✓" in terminal.text.splitlines()[-2], "a word of torch")
    terminal.wait_until(lambda: "waiting" not in terminal.text, "all verdicts")


def test_the_mouse_moves_through_time(terminal: Terminal) -> None:
    terminal.click(*terminal.find(" 4 "))
    terminal.wait_for("step 4 of")
    terminal.click(100, 37)  # on the timeline
    terminal.wait_until(lambda: "nothing of it" not in terminal.text, "another moment")
    terminal.click(*terminal.find("next step"))
    terminal.wait_for("step 5 of")


def test_resizing_keeps_the_place(terminal: Terminal) -> None:
    terminal.send("nnn")
    terminal.wait_for("step 4 of")
    for size in ((80, 24), (60, 20), (200, 60), (120, 40)):
        terminal.resize(*size)
        terminal.wait_for("Step 4: nothing" if size[0] >= 80 else "step 4 of")
    terminal.resize(30, 8)
    terminal.wait_for("gradtui needs at least 40×12")
    terminal.resize(80, 24)
    terminal.wait_for("step 4 of")


def test_torch_killed_is_started_again(terminal: Terminal) -> None:
    terminal.wait_for(TORCH_SAYS)
    before = terminal.children()
    assert before
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    terminal.wait_for("lost")
    terminal.wait_for("started again")
    terminal.send("n")
    terminal.wait_for("step 2 of")
    terminal.wait_until(lambda: set(terminal.children()) - set(before), "another child")


@pytest.mark.parametrize(
    ("how", "status"),
    [("q", 0), ("\x03", 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["q", "ctrl-c", "SIGTERM", "SIGHUP"],
)
def test_leaving_cleans_up(how: str | signal.Signals, status: int) -> None:
    with Terminal(LESSON) as opened:
        opened.wait_for(READY)
        opened.wait_until(opened.children, "torch's process")
        children = opened.children()
        if isinstance(how, signal.Signals):
            os.kill(opened.process.pid, how)
        else:
            opened.send(how)
        assert opened.wait_exit() == status
        assert LEFT_ALTERNATE_SCREEN in opened.raw
        assert b"Traceback" not in opened.raw
        assert not any(map(is_alive, children))


def test_a_closed_terminal_leaves_no_orphan() -> None:
    with Terminal(LESSON) as opened:
        opened.wait_for(READY)
        opened.wait_until(opened.children, "torch's process")
        children = opened.children()
        opened.hang_up()
        opened.process.wait(30)
        end = time.monotonic() + 30
        while any(map(is_alive, children)) and time.monotonic() < end:
            time.sleep(0.05)
        assert not any(map(is_alive, children))


def test_a_broken_lesson_shows_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("format: 1\nid: broken\ntitel: Broken\nsteps: []\n")
    with Terminal(path) as opened:
        opened.wait_for("unknown key `titel`")
        opened.send("q")
        assert opened.wait_exit() == 1


def test_without_colour_nothing_is_coloured_and_all_is_said() -> None:
    with Terminal(LESSON, (120, 40), NO_COLOR="1") as opened:
        opened.wait_for(READY)
        opened.send("nnn\x1b[C")
        opened.wait_for("▶ z = 2*y**2")
        rgb = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", opened.raw)
        assert all(red == green == blue for red, green, blue in rgb)


def test_without_the_mouse_the_terminal_keeps_it() -> None:
    with Terminal(LESSON, (80, 24), "--no-mouse", "--ascii") as opened:
        opened.wait_for(READY)
        assert b"\x1b[?1000h" not in opened.raw
        assert opened.text.isascii()


def test_missing_torch_is_one_line_and_the_lesson_goes_on(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text(
        "raise ModuleNotFoundError('No module named torch', name='torch')"
    )
    paths = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    with Terminal(LESSON, (120, 40), PYTHONPATH=paths) as opened:
        opened.wait_for("torch: ")
        opened.wait_until(lambda: "PyTorch" in opened.text, "that torch is missing")
        opened.send("n")
        opened.wait_for("step 2 of")


def test_hung_torch_does_not_stop_the_lesson(terminal: Terminal) -> None:
    terminal.wait_until(terminal.children, "torch's process")
    for pid in terminal.children():
        os.kill(pid, signal.SIGSTOP)
    terminal.send("nn")
    terminal.wait_for("step 3 of")
    terminal.send("q")
    assert terminal.wait_exit() == 0
