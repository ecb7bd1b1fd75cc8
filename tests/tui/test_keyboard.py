"""What a terminal may send: no sequence, however broken, ends the player's reading."""

import random

import pytest
from textual.app import App, ComposeResult
from textual.events import Key, Paste

from gradtui.tui.keyboard import KeyParser
from gradtui.tui.widgets.editor import PASTED, Editor

BEGINNINGS = ("\x1b[", "\x1b[?", "\x1b[<", "\x1bO", "\x1bP", "\x1b]", "\x1b_")
ENDS = ("u", "z", "~", "M", "m", "R", "t", "^", "$y", "\x07", "\x1b\\", "A")


@pytest.mark.parametrize("seed", range(200))
def test_any_sequence_is_read(seed: int) -> None:
    chance, parser = random.Random(seed), KeyParser()
    for _ in range(20):
        inside = "".join(chance.choice("0123456789;:-") for _ in range(chance.randint(0, 14)))
        list(parser.feed(chance.choice(BEGINNINGS) + inside + chance.choice(ENDS)))


@pytest.mark.parametrize("broken", ["\x1b[30:9419244~", "\x1b[99999999u", "\x1b[1;2:3A"])
def test_impossible_numbers_are_no_key(broken: str) -> None:
    found = [m.key for m in KeyParser().feed(broken + "n") if isinstance(m, Key)]
    assert found[-1:] == ["n"]


class Editing(App[None]):
    def compose(self) -> ComposeResult:
        yield Editor("x = 1\n")


async def test_a_paste_that_no_step_could_hold_changes_nothing() -> None:
    app = Editing()
    async with app.run_test() as pilot:
        editor = app.query_one(Editor)
        editor.focus()
        app.post_message(Paste("x" * PASTED))
        await pilot.pause()
        assert editor.text == "x = 1\n"
        app.post_message(Paste("y = 2\n"))
        await pilot.pause()
        assert editor.text == "y = 2\nx = 1\n"
