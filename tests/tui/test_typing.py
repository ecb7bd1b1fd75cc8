"""A line being typed: what each key does, and that none pressed after Enter is lost."""

import pytest
from textual import constants
from textual.events import Key, Paste

from gradtui.tui import keyboard
from gradtui.tui.field import Field
from gradtui.tui.keyboard import KeyParser
from gradtui.tui.shims import key_of
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


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        (f"nnna{ANSWER}\r\rn", "step 5 of"),
        ("nX\x1b[F#1\x1bn", "step 3 of"),
        ("nyc\x1bn", "step 3 of"),  # `c` is none of the choices, and not the player's
        ("ozzz\x1b\x1bn", "step 2 of"),
        ("nnnnw$", "Step 5 is over"),
        ("nsx + 1\r\x1bn", "step 3 of"),
    ],
    ids=["ask", "edit", "choice", "library", "what if", "scratch"],
)
@pytest.mark.parametrize("early", [True, False])
def test_what_is_typed_ahead_is_done_in_its_order(keys: str, seen: str, early: bool) -> None:
    with Terminal(LESSON) as opened:
        if not early:
            opened.wait_for(READY)
        opened.send(keys)
        opened.wait_for(seen)


SEQUENCES = {
    "\x1bn": ["escape", "n"],
    "\x1bnn": ["escape", "n", "n"],
    "\x1b:": ["escape", "colon"],
    "\x1b\r": ["escape", "enter"],
    "\x1b1": ["escape", "1"],
    "\x1bn\x1b[C": ["escape", "n", "right"],
    "\x1b\x1b[C": ["escape", "right"],
    "\x1b\x1bn": ["escape", "escape", "n"],
    "\x1b[Bq": ["down", "q"],
    "\x1bOB": ["down"],
    "\x1bb": ["escape+b"],
    "\x1bfn": ["escape+f", "n"],
    "\x1b[n": ["escape", "left_square_bracket", "n"],
    "\x1b]n\r": ["escape", "right_square_bracket", "n", "enter"],
    "\x1bPstep\r": ["escape", "P", "s", "t", "e", "p", "enter"],
    "\x1b_n\x1b[C": ["escape", "underscore", "n", "right"],
    "\x1b^n": ["escape", "circumflex_accent", "n"],
    "\x1bO[": ["escape", "O", "left_square_bracket"],
    "n\n": ["n", "enter"],
    "\x1b]11;rgb:1f/2e/3d\x07n": ["n"],
    "\x1b]11;rgb:1f/2e/3d\x1b\\n": ["n"],
    "\x1bP1$r0m\x1b\\n": ["n"],
    "\x1b_Gi=1;OK\x1b\\n": ["n"],
    "\x1b[999zn": ["n"],
    "\x1b[?1;2cn": ["n"],
    "\x1b[M !!n": ["n"],
}


@pytest.mark.parametrize("sent", SEQUENCES, ids=repr)
@pytest.mark.parametrize("at_once", [True, False])
def test_an_esc_that_a_key_follows_at_once_is_not_lost(sent: str, at_once: bool) -> None:
    parser = KeyParser()
    parts = [sent] if at_once else list(sent)
    keys = [event for part in parts for event in parser.feed(part)]
    assert [event.key for event in keys if isinstance(event, Key)] == SEQUENCES[sent]


@pytest.mark.parametrize("begun", ["[", "O", "P", "]", "_", "]n", "[1", "Png", "\x1b"])
def test_what_does_not_go_on_was_an_esc_and_keys(
    begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.0)
    parser = KeyParser()
    keys = [*parser.feed(f"\x1b{begun}"), *parser.tick()]
    wanted = ["escape", *("escape" if c == "\x1b" else key_of(c) for c in begun)]
    assert [event.key for event in keys if isinstance(event, Key)] == wanted


def test_what_is_pasted_is_left_as_it_is() -> None:
    parser = KeyParser()
    parts = ["\x1b[200~one ", "two", "\x1b[201~", "\x1bn"]
    told = [event for part in parts for event in parser.feed(part)]
    pasted = [event.text for event in told if isinstance(event, Paste)]
    assert pasted == ["one two"]
    assert [event.key for event in told if isinstance(event, Key)] == ["escape", "n"]


@pytest.mark.parametrize("at_once", [True, False])
def test_escapes_within_a_paste_are_neither_keys_nor_text(at_once: bool) -> None:
    parser = KeyParser()
    sent = f"\x1b[200~one\x1b[31m{'q' * 50}\x1b[20\x1b\x07\ntwo\x1b[201~n"
    told = [event for part in ([sent] if at_once else sent) for event in parser.feed(part)]
    assert [event.text for event in told if isinstance(event, Paste)] == [
        f"one[31m{'q' * 50}[20\ntwo"
    ]
    assert [event.key for event in told if isinstance(event, Key)] == ["n"]


def test_a_paste_without_an_end_is_over_when_nothing_more_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyboard, "PASTE_ENDS", 0.0)
    parser = KeyParser()
    told = [*parser.feed("\x1b[200~one"), *parser.tick(), *parser.feed("n")]
    assert [event.text for event in told if isinstance(event, Paste)] == ["one"]
    assert [event.key for event in told if isinstance(event, Key)] == ["n"]


def test_esc_and_a_key_in_one_write_leave_the_question_and_go_on() -> None:
    with Terminal(LESSON, (80, 24)) as opened:
        opened.wait_for(READY)
        opened.send("na")
        opened.wait_for("Before any backward pass")
        opened.send("\x1bn")
        opened.wait_for("step 3 of")
        opened.send("pa")
        opened.wait_for("Before any backward pass")
        opened.send("\x1b\x1b[C\x1b[Cn")
        opened.wait_for("step 3 of")


WINDOWS = {"S": "kept in", "?": "arrows scroll", "y": "Esc to go", "P": "One stop", "X": "1  x ="}


@pytest.mark.parametrize("window", WINDOWS)
def test_esc_and_a_key_in_one_write_close_any_window_and_go_on(window: str) -> None:
    with Terminal(LESSON, (80, 24)) as opened:
        opened.wait_for(READY)
        opened.send("n")
        opened.wait_for("step 2 of")
        opened.send(window)
        opened.wait_for(WINDOWS[window])
        opened.send("\x1bn")
        opened.wait_for("step 3 of")


def test_arrows_and_letters_of_one_write_stay_in_order_in_the_editor() -> None:
    with Terminal(LESSON, (80, 24)) as opened:
        opened.wait_for(READY)
        opened.send("nX")
        opened.wait_for("1  x = torch.randn")
        opened.send("\x1b[F#1\r#2\x1b[H#3\x1b[A\x1b[F#4\x1b[B\x1b[F#5")
        opened.wait_for("#5")
        opened.wait_until(lambda: comments(opened) == ["1#4", "3#2#5"], "five comments")


def comments(opened: Terminal) -> list[str]:
    """What stands behind the `#` of each line on screen."""
    shown = [line.strip(" │┃") for line in opened.text.splitlines() if "#" in line]
    return [line.partition("#")[2] for line in shown]


OPENED = {"?": "Replay", "i": "Afterwards", "a": "Before any", "H": "Type to", "X": "1  x ="}


@pytest.mark.parametrize("key", OPENED)
def test_a_window_stands_where_it_is_first_seen(key: str) -> None:
    with Terminal(LESSON, (80, 24)) as opened:
        opened.wait_for(READY)
        opened.send("n")
        opened.wait_for("step 2 of")
        opened.send(key)
        opened.wait_for(OPENED[key])
        first = opened.find(OPENED[key])
        while opened.read(0.3):
            pass
        assert opened.find(OPENED[key]) == first
