"""Random keys, clicks, sizes, pastes and broken escapes leave a player that still answers.

GRADTUI_RANDOM_EVENTS and GRADTUI_RANDOM_SEEDS make it longer.
"""

import os
import random

import pytest

from gradtui.tui.actions import ACTIONS
from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

EVENTS = int(os.environ.get("GRADTUI_RANDOM_EVENTS", "250"))
SEEDS = range(int(os.environ.get("GRADTUI_RANDOM_SEEDS", "1")))

LETTERS = [key for action in ACTIONS for key in action.keys if len(key) == 1 and key != "q"]
OTHERS = [
    "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~",
    "\x1bOQ", "\x1bOS", " ", "+", "-", ":", "#", "$", "?", "[", "]", "\t", "\r", "\x1b", "\x7f",
    "1", "5", "ÿ", "\x1b[<64;20;10M", "\x1b[<65;90;9M", "\x1b[999z", "\x1b[<9M",
    f"\x1b[200~{'x' * 5000}\x1b[201~",
]  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_random_events_are_survived(seed: int) -> None:
    chance = random.Random(seed)
    with Terminal(LESSON) as terminal:
        terminal.wait_for("nothing of it has run")
        for _ in range(EVENTS):
            happen(terminal, chance)
            while terminal.read(0.0):
                pass
        terminal.resize(120, 40)
        while terminal.read(3.0):
            pass
        assert terminal.process.poll() is None, terminal.text
        for _ in range(6):  # out of whatever window is open
            terminal.send("\x1b")
            while terminal.read(0.5):
                pass
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert b"gradtui failed" not in terminal.raw


def happen(terminal: Terminal, chance: random.Random) -> None:
    kind = chance.random()
    if kind < 0.03:
        terminal.resize(chance.randint(1, 200), chance.randint(1, 60))
    elif kind < 0.12:
        terminal.click(chance.randint(0, 150), chance.randint(0, 50))
    else:
        terminal.send(chance.choice(LETTERS if kind < 0.6 else OTHERS))
