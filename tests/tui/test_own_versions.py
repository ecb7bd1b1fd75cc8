"""What-ifs of one's own, and edits of a step: in a real terminal beside real torch, and by mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gradtui.session import Session
from gradtui.session.comparing import compared
from gradtui.tui.screens.comparison import ComparisonScreen
from gradtui.tui.screens.edit import EditScreen
from gradtui.tui.screens.toggles import TogglesScreen
from gradtui.tui.widgets.editor import Editor
from tests.tui.screens import do, player, text, until
from tests.tui.terminals import Terminal

READY = "nothing of it has run"
LESSON_TEXT = """\
format: 1
id: own
title: Two steps
minutes: 3
objectives: [Try]
steps:
  - id: start
    title: Start
    say: Look.
    code: |
      import torch
      x = torch.randn(3, requires_grad=True)
    draws: [[1.0, 2.0, 3.0]]
  - id: train
    title: Train
    say: Look.
    code: |
      for epoch in range(2):
          loss = (x * x).sum()
          loss.backward()
          print(x.grad)
"""


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(LESSON_TEXT)
    return path


@pytest.fixture
def train(lesson: Path) -> Iterator[Terminal]:
    """The second step, nothing of it run."""
    with Terminal(lesson) as opened:
        opened.wait_for(READY)
        opened.send("n")
        opened.wait_for("step 2 of")
        yield opened


def opened_editor(terminal: Terminal) -> None:
    """The editor, drawn to its end."""
    terminal.send("X")
    terminal.wait_for("Esc back")
    rest(terminal)


def rest(terminal: Terminal) -> None:
    """Until nothing more is drawn: a cursor key is acted on a little after it was pressed."""
    while terminal.read(0.4):
        pass


def type_behind(terminal: Terminal, line: int, keys: str) -> None:
    """Type at the end of a line."""
    for key in ("\x1b[B",) * (line - 1) + ("\x1b[F",):
        terminal.send(key)
        rest(terminal)
    terminal.send(keys)


def test_a_toggle_is_run_and_both_tapes_are_shown(train: Terminal) -> None:
    train.send("W")
    train.wait_for("Each .grad is emptied first")
    train.wait_for("x.grad = None; loss.backward()")
    rest(train)
    train.click(*train.find("Each .grad is emptied first"))
    train.wait_for("[x] Each .grad is emptied first")
    train.click(*train.find("Enter run"))
    train.wait_for("why: .grad held nothing before, in the lesson [2, 4, 6]")
    train.wait_for("here [2, 4, 6]")
    train.wait_until(lambda: train.text.count("✓") >= 8, "torch on each line")
    train.send("\x1b")
    train.wait_for("What if: x.grad = None")
    train.send("$")
    train.wait_for("≠")
    train.send("w")
    train.wait_until(lambda: "What if" not in train.text, "the lesson")
    train.send("w")  # the version is kept
    train.wait_for("What if: x.grad = None")
    train.send("D")
    train.wait_for("They part here")


def test_an_edit_is_run_shown_and_kept(train: Terminal) -> None:
    opened_editor(train)
    type_behind(train, 2, ")\x1b[15~")  # a parenthesis too many, F5
    train.wait_for("line 2, column 25: SyntaxError: unmatched ')'")
    train.send("\x1b[3~")  # Delete: the cursor is where the error is
    rest(train)
    train.send(" * 10\x1b[15~")
    train.wait_for("They part here")
    train.wait_for("+     loss = (x * x).sum() * 10")
    train.wait_for("here [40, 80, 120]")
    opened_editor(train)
    rest(train)
    train.click(*train.find("lesson's code"))
    train.wait_until(lambda: "* 10" not in train.text.split("Edit and")[1], "the lesson's code")
    train.send("\x1b")
    train.wait_until(lambda: "Edit and explore" not in train.text, "the player")


def test_a_tensors_numbers_are_edited_where_it_was_made(train: Terminal) -> None:
    opened_editor(train)
    train.click(*train.find("a tensor's numbers"))
    train.wait_for("x = [1.0, 2.0, 3.0], made in step 1")
    rest(train)
    train.click(*train.find("x = [1.0, 2.0, 3.0]"))
    train.wait_for("The numbers of x")
    train.send("\x15[1, oops]\r")
    train.wait_for("numbers, please")
    train.send("\x15[5.0, 5.0, 5.0]\r")
    train.wait_for("step 1: torch.tensor([5.0, 5.0, 5.0], requires_grad=True)")
    rest(train)
    train.click(*train.find("F5"))
    train.wait_for("In the step Start:")
    train.wait_for("x has other numbers")
    train.wait_for("here [20, 20, 20]")


def test_an_error_of_an_edit_can_be_walked_to(train: Terminal) -> None:
    opened_editor(train)
    type_behind(train, 2, ".detach()\x1b[15~")
    train.wait_for("line 3, column 5: RuntimeError: element 0 of tensors does not require grad")
    train.send("\x1b[19~")  # F8
    train.wait_for("the error ends the run before this")


def test_the_file_changed_meanwhile_loses_no_edit(lesson: Path) -> None:
    with Terminal(lesson) as opened:
        opened.wait_for(READY)
        opened.send("n")
        opened_editor(opened)
        type_behind(opened, 2, " * 7")
        opened.wait_for("* 7")
        lesson.write_text("format: 1\nnothing")
        opened.send("\x1b[15~")
        opened.wait_for("They part here")
        lesson.unlink()
        opened.send("X")
        opened.wait_for("loss = (x * x).sum() * 7")


def version(app: object, session: Session) -> ComparisonScreen:
    screen = app.screen  # type: ignore[attr-defined]
    assert isinstance(screen, ComparisonScreen)
    assert session.variant is not None
    return screen


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (120, 40), (200, 60)])
async def test_no_line_is_wider_than_the_screen(size: tuple[int, int]) -> None:
    async with player(size=size) as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*22", "toggle")
        toggles = app.screen
        assert isinstance(toggles, TogglesScreen)
        lines, _ = toggles.lines(size[0] - 6)
        assert max(line.width for line in lines) <= size[0] - 6
        toggles.action_run()
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
        screen = version(app, session)
        await until(pilot, lambda: screen.found is not None)
        assert all(len(row) <= size[0] for row in text(app).splitlines())
        assert "Esc" in text(app)
        await pilot.press("escape")
        await do(app, pilot, "edit")
        assert isinstance(app.screen, EditScreen)
        assert "F5" in text(app)
        assert app.screen.query_one(Editor).size.height >= 3


async def test_two_changes_of_the_same_lines_are_refused() -> None:
    async with player() as (app, pilot):
        await do(app, pilot, "next_step*22", "toggle")
        screen = app.screen
        assert isinstance(screen, TogglesScreen)
        kinds = [each.kind for each in screen.found]
        for at in (at for at, kind in enumerate(kinds) if kind == "no_grad"):
            screen.at = at
            screen.action_tick()
        await pilot.pause()
        assert len(screen.chosen) == 1
        assert "do not go together" in text(app)


async def test_a_script_has_what_ifs_and_edits_too(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "import torch\nx = torch.ones(2, requires_grad=True)\n(x * 2).sum().backward()\n"
    )
    async with player(script) as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "toggle")
        screen = app.screen
        assert isinstance(screen, TogglesScreen)
        screen.at = next(n for n, each in enumerate(screen.found) if each.kind == "requires_grad")
        screen.action_run()
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen))
        laid = version(app, session)
        await until(pilot, lambda: laid.found is not None)
        assert "it requires no grad now" in text(app)


async def test_the_lessons_own_versions_are_compared_too() -> None:
    async with player() as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*6", "what_if")
        await pilot.press("1")
        await until(pilot, lambda: session.variant is not None)
        main, take = session.main, session.take
        assert main is not None
        assert take is not None
        found = compared(main.tape, session.scene.id, take.tape, session.step_id)
        assert found.first is not None
        await do(app, pilot, "compare")
        laid = version(app, session)
        await until(pilot, lambda: laid.found == found)


async def test_nothing_to_compare_or_toggle_is_said() -> None:
    async with player() as (app, pilot):
        session = app.player.session
        assert session is not None
        for action, words in (("compare", "nothing to compare"), ("toggle", "nothing to put in")):
            await do(app, pilot, action)
            assert words in session.notice
