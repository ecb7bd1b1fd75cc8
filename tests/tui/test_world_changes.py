"""What happens around an open player: its file goes or changes, its terminal shrinks to nothing or ends."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from gradtui.tui.driver import HUNG_UP, Lasting
from tests.tui.screens import LESSON
from tests.tui.terminals import PATIENCE, Terminal

READY = "nothing of it has run"


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    return Path(shutil.copy(LESSON, tmp_path / LESSON.name))


def remove(path: Path) -> None:
    path.unlink()


def spoil(path: Path) -> None:
    path.write_text("steps: [")


@pytest.mark.parametrize("change", [remove, spoil])
def test_the_lesson_goes_on_as_it_was_opened(lesson: Path, change: object) -> None:
    assert callable(change)
    with Terminal(lesson) as terminal:
        terminal.wait_for(READY)
        change(lesson)
        terminal.send("nnn")
        terminal.wait_for("step 4 of")
        terminal.send("w")  # another version is made of what was read
        terminal.wait_until(lambda: "what if" in terminal.text.lower(), "the other version")
        terminal.send("wo")
        terminal.wait_for("Enter or a click takes a lesson")
        terminal.send("\x1b")
        terminal.wait_for("step 4 of")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize("after", [(100, 30), (80, 24)], ids=str)
@pytest.mark.parametrize("size", [(0, 0), (0, 24), (1, 1), (1, 60), (200, 1)], ids=str)
def test_a_terminal_of_no_size_keeps_the_place(
    size: tuple[int, int], after: tuple[int, int]
) -> None:
    with Terminal(LESSON, after) as terminal:
        terminal.wait_for(READY)
        terminal.send("nn")
        terminal.wait_for("step 3 of")
        terminal.drawn = False  # pyte knows no such screen
        terminal._set_size(*size)
        os.kill(terminal.process.pid, signal.SIGWINCH)
        terminal.send("n\x1b[C")
        while terminal.read(0.5):
            pass
        terminal.drawn = True
        terminal.screen.reset()
        terminal.resize(*after)
        for words in ("step 4 of", "Tape", "quit"):
            terminal.wait_for(words)
        terminal.send("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM, None], ids=str)
def test_the_place_is_kept_however_the_terminal_ends(how: signal.Signals | None) -> None:
    with Terminal(LESSON) as terminal:
        terminal.wait_for(READY)
        terminal.send("nnnn")
        terminal.wait_for("step 5 of")
        if how is None:
            terminal.hang_up()
            assert terminal.process.wait(PATIENCE) == HUNG_UP
        else:
            os.kill(terminal.process.pid, how)
            assert terminal.wait_exit() == 128 + how
    with Terminal(LESSON) as terminal:
        terminal.wait_for("step 5 of")


@pytest.mark.parametrize("keys", ["", "n" * 60], ids=["still", "drawing"])
def test_a_terminal_that_goes_without_a_word_ends_the_player(keys: str) -> None:
    with Terminal(LESSON, controlling=False) as terminal:
        terminal.wait_for(READY)
        terminal.send(keys)
        terminal.hang_up()
        assert terminal.process.wait(PATIENCE) == HUNG_UP


def test_writes_go_on_after_the_terminal_has_gone() -> None:
    told: list[int] = []
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", buffering=1) as broken:
        lasting = Lasting(broken, lambda: told.append(1))
        for _ in range(3):
            lasting.write("frame\n")
            lasting.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)  # so that closing it can be
    assert told == [1]
