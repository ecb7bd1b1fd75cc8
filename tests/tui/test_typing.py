"""A line being typed: what each key does, and that none pressed after Enter is lost."""

import pytest

from gradtui.tui.field import Field
from tests.tui.screens import LESSON
from tests.tui.terminals import Terminal

READY = "nothing of it has run"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["a", "b", "left", "c"], "acb"),
        (["a", "b", "home", "c", "end", "d"], "cabd"),
        (["a", "b", "backspace", "backspace", "backspace"], ""),
        (["a", "b", "left", "delete", "delete"], "a"),
        (["a", "space", "b", "ctrl+w"], "a "),
        (["a", "b", "left", "ctrl+u"], "b"),
        (["a", "b", "left", "ctrl+k"], "a"),
        (["a", "b", "ctrl+a", "c", "ctrl+e", "ctrl+h"], "ca"),
    ],
)
def test_keys_of_a_line(keys: list[str], text: str) -> None:
    field = Field()
    for key in keys:
        assert field.key(key, " " if key == "space" else key if len(key) == 1 else None)
    assert field.text == text


def test_keys_that_are_not_for_a_line() -> None:
    field = Field()
    assert not any(field.key(key, None) for key in ("f2", "escape", "up", "tab"))
    assert not field.key("ctrl+q", "\x11")


@pytest.mark.parametrize("width", [8, 20, 40])
@pytest.mark.parametrize("at", [0, 3, 50, 99, 100])
def test_a_long_line_is_never_wider_than_its_room_and_shows_its_cursor(width: int, at: int) -> None:
    field = Field("".join(str(n % 10) for n in range(100)))
    field.at = at
    line = field.line(width)
    assert line.width <= width
    assert any(piece.text == "_" or piece.role == "lit" for piece in line.pieces[1:])


def test_a_paste_is_one_line_and_has_an_end() -> None:
    field = Field(longest=10)
    field.insert("one\ntwo\nthree\n")
    assert field.text == "one two th"


ANSWER = "1.2668"


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        (f"nnna{ANSWER}\r\rn", 5),  # Enter judges it, Enter goes on, and `n` is the player's
        ("nnn/mul\rn", 5),
        ("nnnPnext step\rn", 6),
        ("nnnmwords\rn", 5),
    ],
    ids=["ask", "find", "palette", "note"],
)
def test_a_key_right_after_enter_is_not_lost(keys: str, step: int) -> None:
    with Terminal(LESSON) as opened:
        opened.wait_for(READY)
        opened.send(keys)
        opened.wait_for(f"step {step} of")
