"""Random keys, clicks, sizes, pastes and broken escapes leave a player that still answers.

The long run: GRADTUI_RANDOM_EVENTS=2000 GRADTUI_RANDOM_SEEDS=5 pytest tests/tui/test_random_keys.py
"""

import os
import random
import re
from pathlib import Path

import pytest

from gradtui.tui.actions import ACTIONS
from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

EVENTS = int(os.environ.get("GRADTUI_RANDOM_EVENTS", "300"))
SEEDS = range(int(os.environ.get("GRADTUI_RANDOM_SEEDS", "1")))
ROUND = 100  # events, after which the player must answer

LETTERS = [key for action in ACTIONS for key in action.keys if len(key) == 1 and key != "q"]
OTHERS = [
    "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~",
    "\x1bOQ", "\x1bOS", " ", "+", "-", ":", "#", "$", "?", "[", "]", "\t", "\r", "\x1b", "\x7f",
    "\x1b[15~", "\x1b[19~", "x.grad\r", "1", "5", "ÿ",
    "\x1b[<64;20;10M", "\x1b[<65;90;9M", "\x1b[999z", "\x1b[<9M",
]  # fmt: skip
BEGINNINGS = (b"\x1b[", b"\x1b[?", b"\x1b[<", b"\x1bO", b"\x1bP", b"\x1b]", b"\x1b_", b"\x9b")
FAULT = re.compile(rb"Traceback|gradtui failed")


@pytest.mark.parametrize("seed", SEEDS)
def test_random_events_are_survived(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    left = EVENTS
    while left > 0:  # some of the keys, or a click, may choose to leave: then it begins again
        with Terminal(LESSON, **a_learner_of_its_own(tmp_path / str(left))) as terminal:
            terminal.wait_for("nothing of it has run")
            terminal.drawn = False
            while left > 0 and terminal.process.poll() is None:
                for _ in range(min(ROUND, left)):
                    happen(terminal, chance)
                    left -= 1
                answers(terminal)
            leaves(terminal)


def a_learner_of_its_own(folder: Path) -> dict[str, str]:
    """Folders in which nothing was learnt, and no key was changed by what came before."""
    return {name: str(folder / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")}


def happen(terminal: Terminal, chance: random.Random) -> None:
    kind = chance.random()
    if kind < 0.04:
        sizes = (chance.randint(1, 200), chance.randint(1, 60)), (1, 1), (300, 100), (80, 24)
        terminal.resize(*chance.choice(sizes))
    elif kind < 0.12:
        terminal.click(chance.randint(0, 150), chance.randint(0, 50))
    elif kind < 0.18:
        terminal.send(broken(chance))
    elif kind < 0.185:
        size = chance.choice((10, 5_000, 1_000_000))
        terminal.send(f"\x1b[200~{chance.choice(('x', 'ÿ[2J', 'a = 1' + chr(10))) * size}"[:size])
        terminal.send("\x1b[201~")
    else:
        terminal.send(chance.choice(LETTERS if kind < 0.6 else OTHERS))
    while terminal.read(0.0):
        pass


def broken(chance: random.Random) -> bytes:
    """A sequence that no terminal sends; never one for Ctrl-C or q, which would leave."""
    inside = bytes(chance.choice(b"0123456789;:") for _ in range(chance.randint(0, 12)))
    if chance.random() < 0.2:
        return bytes(chance.randint(128, 255) for _ in range(chance.randint(1, 8)))
    return chance.choice(BEGINNINGS) + inside + chance.choice((b"", b"\x07", b"\x1b\\", b"z", b"^"))


def answers(terminal: Terminal) -> None:
    """A resized player draws, unless it was left, in order."""
    terminal.resize(100, 30)
    while terminal.read(0.3):
        pass
    terminal.resize(120, 40)
    before = len(terminal.raw)
    terminal.wait_until(
        lambda: len(terminal.raw) > before or terminal.process.poll() is not None, "an answer"
    )


def leaves(terminal: Terminal) -> None:
    """It is left in order, out of whatever window is open, and nothing went wrong before."""
    for _ in range(6):
        if terminal.process.poll() is None:
            terminal.send("\x1b")
            while terminal.read(0.3):
                pass
    terminal.send("\x11")  # Ctrl-Q: `q` may have been given to another action
    assert terminal.wait_exit() == 0, terminal.raw[-2000:]
    assert FAULT.search(terminal.raw) is None, terminal.raw[-2000:]
