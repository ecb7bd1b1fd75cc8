"""The player by actions, keys and mouse: what each does to the session and to the screen."""

from collections import Counter
from pathlib import Path

import pytest

from gradtui.tui import roles, themes
from gradtui.tui.actions import ACTIONS, BY_ID, shown
from gradtui.tui.screens.ask import AskScreen
from gradtui.tui.screens.choice import ChoiceScreen
from gradtui.tui.screens.help import HelpScreen
from gradtui.tui.screens.jump import JumpScreen
from gradtui.tui.screens.library import LibraryScreen
from gradtui.tui.screens.palette import PaletteScreen, found
from gradtui.tui.screens.problems import ProblemsScreen
from gradtui.tui.widgets.pane import Pane
from tests.tui.screens import do, opened, player, text, until


def test_no_key_has_two_actions() -> None:
    keys = Counter(key for action in ACTIONS for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_key_can_be_read() -> None:
    for action in ACTIONS:
        assert all(len(shown(key)) <= 6 for key in action.keys)


async def test_every_action_can_be_done() -> None:
    async with player() as (app, _):
        deeds = app.player.commands
        for action in ACTIONS:
            assert action.id in {*deeds.deeds, *deeds.session_deeds} or hasattr(
                app.player.session, action.id
            )


async def test_help_and_palette_know_every_action() -> None:
    async with player() as (app, pilot):
        await do(app, pilot, "palette")
        assert isinstance(app.screen, PaletteScreen)
        named = "\n".join(line.plain for line in app.screen.lines(200))
        assert all(action.help in named for action in ACTIONS)
        await pilot.press(*"what if")
        assert [action.id for action in found(app.screen.field.text)] == ["what_if", "toggle"]
        await pilot.press("escape")
        await do(app, pilot, "help")
        assert isinstance(app.screen, HelpScreen)
        told = "\n".join(line.plain for line in app.screen.lines(200))
        assert all(action.help in told for action in ACTIONS)
        await pilot.press("escape")
        assert app.screen is app.player


async def test_the_lit_code_is_what_runs() -> None:
    async with player() as (app, pilot):
        await do(app, pilot, "next_step*3", "forward")
        assert lit(app.player.text("story")) == ["y**2"]
        await do(app, pilot, "forward")
        assert lit(app.player.text("story")) == ["2*y**2"]


def lit(pane: Pane) -> list[str]:
    lines = (pane.line_at(at) for at in range(pane.count))
    found = ("".join(p.text for p in line.pieces if "lit" in p.role.split()) for line in lines)
    return [text for text in found if text]


async def test_arrows_letters_and_brackets_do_the_same() -> None:
    async with player() as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*3")
        start = session.position
        for there, back in (("right", "left"), ("l", "h"), ("]", "[")):
            await pilot.press(there)
            assert session.position > start
            await pilot.press(back)
            assert session.position == start


async def test_an_event_is_reached_by_its_number() -> None:
    async with player() as (app, pilot):
        await pilot.press("colon")
        assert isinstance(app.screen, JumpScreen)
        await pilot.press("9", "9", "backspace", "0", "enter")
        assert app.player.session is not None
        assert app.player.session.position == 90
        await pilot.press("number_sign", "minus", "1", "0", "enter")
        assert app.player.session.position == 80
        await pilot.press("colon", "enter")
        assert "type a number" in text(app)
        await pilot.press("escape")
        assert app.player.session.position == 80


async def test_mouse_on_rails_code_timeline_tabs_and_footer() -> None:
    async with player(size=(80, 24)) as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*3", "step_end")
        tape = app.player.text("tape")
        row = next(y for y in range(tape.count) if "PowBackward0" in tape.line_at(y).plain)
        await pilot.click("#tape", offset=(12, row - tape.top))
        assert "PowBackward0" in text(app).splitlines()[-2]
        story = app.player.text("story")
        line = next(y for y in range(story.count) if "print(z)" in story.line_at(y).plain)
        await pilot.click("#story", offset=(6, line - story.top))
        assert lit(story) == ["print(z)"]
        await pilot.mouse_down("#timeline", offset=(0, 0))
        await pilot.hover("#timeline", offset=(60, 0))
        await pilot.mouse_up("#timeline", offset=(60, 0))
        assert session.snapshot().finished
        await pilot.click("#tape-head", offset=(8, 0))
        assert app.player.pane == "card"
        await pilot.click("#footer", offset=(2, 0))
        assert session.at == 4


async def test_the_wheel_scrolls_and_a_step_brings_the_place_back() -> None:
    async with player(size=(80, 24)) as (app, pilot):
        await do(app, pilot, "next_step*22", "step_end")
        story = app.player.text("story")
        before = story.top
        story.scroll_by(-4)
        assert story.top == before - 4
        await do(app, pilot, "back*6")
        assert any("here" in story.line_at(story.top + y).role for y in range(story.size.height))


async def test_a_question_is_answered_with_hints() -> None:
    async with player() as (app, pilot):
        await do(app, pilot, "next_step*3", "ask")
        assert isinstance(app.screen, AskScreen)
        asking = app.screen.asking
        await pilot.press(*"7", "enter")
        await pilot.pause()
        assert "Not yet." in text(app)
        await pilot.press("f2")
        await pilot.pause()
        assert "Hint 1 of" in text(app)
        await pilot.press(
            "backspace", *asking.answer.removeprefix("tensor(").split(",")[0], "enter"
        )
        await pilot.pause()
        assert "Right." in text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.player.session is not None
        assert app.player.session.answered == {"square"}
        assert "predict what will happen" not in text(app)


async def test_a_question_can_be_left_open_and_its_answer_shown() -> None:
    async with player() as (app, pilot):
        await do(app, pilot, "next_step*3", "ask")
        await pilot.press("escape")
        await pilot.pause()
        assert "predict what will happen" in text(app)
        await do(app, pilot, "ask")
        await pilot.press("f4")
        await pilot.pause()
        assert "The answer:" in text(app)


async def test_what_if_is_chosen_shown_and_left() -> None:
    async with player() as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*6", "what_if")
        assert isinstance(app.screen, ChoiceScreen)
        await pilot.press("1")
        await until(pilot, lambda: session.variant is not None)
        await do(app, pilot, "step_end")
        assert "What if: Call a.backward() and look" in text(app)
        assert "≠ a.backward()" in text(app)
        assert "tensor([2.1154, 1.0612, 4.2833])" in text(app)
        await do(app, pilot, "what_if")
        assert session.variant is None
        assert "What if:" not in text(app)


async def test_copying_says_what_and_how() -> None:
    async with player() as (app, pilot):
        await do(app, pilot, "next_step*2", "copy")
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard.startswith("y = x + 2")
        assert "Copied the code" in text(app)


async def test_playing_goes_by_itself_and_stops_at_the_end_of_the_step() -> None:
    async with player() as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*2", "faster*5", "play")
        await until(pilot, lambda: not session.playing)
        assert session.at == 2
        assert session.snapshot().finished


async def test_every_theme_knows_every_role() -> None:
    async with player() as (app, pilot):
        for theme in themes.THEMES:
            app.theme = theme.name
            await pilot.pause()
            for role, look in roles.ROLES.items():
                style = roles.style(role, app.theme_variables)
                if theme.ansi:  # what is not the terminal's default is one of its sixteen
                    assert not style.color or style.color.number is not None
                    assert not style.bgcolor or style.bgcolor.number is not None
                else:
                    assert bool(style.color) == bool(look.color)
                    assert bool(style.bgcolor) == bool(look.background)


async def test_the_next_theme_comes_round() -> None:
    async with player() as (app, pilot):
        first = app.theme
        await do(app, pilot, *["theme"] * len(themes.THEMES))
        assert app.theme == first


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (120, 40), (200, 60)])
async def test_no_line_is_wider_than_its_pane(size: tuple[int, int]) -> None:
    async with player(size=size) as (app, pilot):
        for actions in (("next_step*10", "next_pass", "forward*2"), ("next_step*8", "step_end")):
            await do(app, pilot, *actions)
            for pane in app.player.query(Pane):
                if pane.display and pane.size.height:
                    wide = [pane.line_at(y).plain for y in range(pane.count)]
                    assert max(map(len, wide), default=0) <= pane.size.width, pane.id


async def test_too_small_is_told_in_one_line_and_the_place_is_kept() -> None:
    async with player(size=(80, 24)) as (app, pilot):
        await do(app, pilot, "next_step*3")
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        assert text(app).strip() == "gradtui needs at least 40×12"
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "step 4 of" in text(app)


async def test_a_broken_lesson_is_told_with_its_places(tmp_path: Path) -> None:
    lesson = tmp_path / "broken.yaml"
    lesson.write_text("format: 1\nid: broken\ntitle: Broken\nminutes: many\nsteps: []\n")
    async with opened(lesson) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, ProblemsScreen))
        assert f"{lesson}:4:" in text(app).replace("\n", "").replace("    ", "")
        await pilot.press("q")
    assert app.return_code == 1


async def test_several_lessons_are_a_shelf_and_a_broken_one_says_why(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(
            f"format: 1\nid: {name}\ntitle: Lesson {name}\nminutes: 3\nobjectives: [Learn {name}]\n"
            "steps:\n  - {id: a, title: A, say: Look., code: 'print(1)'}\n"
        )
    (tmp_path / "zzz.yaml").write_text("format: 1\n")
    async with opened(tmp_path) as (app, pilot):
        await until(pilot, lambda: isinstance(app.screen, LibraryScreen))
        shown_now = text(app)
        assert "Lesson one  3 min" in shown_now
        assert "Learn two" in shown_now
        assert "zzz.yaml:1:" in shown_now
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.player.session is not None)
        assert app.player.session is not None
        assert app.player.session.title == "Lesson two"
        app.backstage.close()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import os", "mine.py:1:8: the module os"),
        ("import torch\nx = torch.ones(10**12)", "over the limit of"),
        ("x = (1", "mine.py:1:5: SyntaxError"),
    ],
)
async def test_a_refused_script_says_so_in_its_cell(code: str, told: str, tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(code)
    async with player(script) as (app, pilot):
        await do(app, pilot, "step_end")
        story = app.player.text("story")
        assert any(told in story.line_at(y).plain for y in range(story.count))


def test_the_registry_is_one() -> None:
    assert len(BY_ID) == len(ACTIONS)
