"""The fixture with every key of the format, taken in the player: what it shows, what it accepts."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from gradtui.tui.app import GradtuiApp
from gradtui.tui.screens.about import AboutScreen
from gradtui.tui.screens.ask import AskScreen
from gradtui.tui.screens.exercise import ExerciseScreen
from gradtui.tui.widgets.pane import Pane
from tests.tui.screens import do, player, text, until

FIXTURE = Path(__file__).parents[1] / "course/fixtures/every-feature.yaml"
ANSWERS = {
    0: "1",
    1: "6.5",
    2: "SumBackward0 MulBackward0",
    3: "2",
    4: "2",
    5: "loss 6.5 torch.Size([3])",
    6: "2x3",
}


async def test_brackets_are_text_everywhere() -> None:
    async with player(FIXTURE) as (app, pilot):
        await do(app, pilot, "step_end")
        shown = text(app)
        assert "Every feature [b]in brackets[/b]" in shown
        assert "[red]This is not red[/red]" in shown.replace("\n", " ") or "[red]This" in shown
        assert "[bold]plain[/bold]" in shown


async def test_every_question_is_answered_in_its_way() -> None:
    async with player(FIXTURE) as (app, pilot):
        for at, answer in ANSWERS.items():
            await do(app, pilot, "ask")
            assert isinstance(app.screen, AskScreen)
            await pilot.press(*[" " if key == " " else key for key in answer], "enter")
            await pilot.pause()
            assert "Right." in text(app), (at, text(app))
            await pilot.press("enter")
            await pilot.pause()
            await do(app, pilot, "next_step")
        assert app.player.session is not None
        assert len(app.player.session.answered) == len(ANSWERS)


async def test_a_mistake_has_its_own_words() -> None:
    async with player(FIXTURE) as (app, pilot):
        await do(app, pilot, "ask")
        await pilot.press("2", "enter")
        await pilot.pause()
        assert "Zeros would be an [answer]; nobody has asked yet." in text(app)


async def test_an_exercise_is_tried_and_solved_and_its_replay_walked() -> None:
    async with player(FIXTURE) as (app, pilot):
        screen = await exercising(app, pilot)
        assert "in place [no new" in text(app)
        await attempt(app, pilot, screen, "w.grad +")
        assert "Solved" not in text(app)
        await attempt(app, pilot, screen, "w.grad + 0")
        assert "w.grad.abs().sum() == 0 gives tensor(False)" in text(app)
        await pilot.press("f2", "f2")
        await pilot.pause()
        assert "Hint 2 of 2" in text(app)
        await attempt(app, pilot, screen, "print('[i]so[/i]')\nw.grad.zero_()")
        assert "Solved" in text(app)
        assert "[i]so[/i]" in text(app)
        await pilot.press("escape")
        await pilot.pause()
        session = app.player.session
        assert session is not None
        assert session.solved == {"walk"}
        assert session.step_id == "walk/attempt"
        assert "Your code" in text(app)
        assert "What if" not in text(app)
        await do(app, pilot, "step_end")
        assert "w.grad.zero_()" in text(app)
        await do(app, pilot, "what_if")
        assert session.step_id == "walk"


async def exercising(app: GradtuiApp, pilot: Pilot[int]) -> ExerciseScreen:
    await do(app, pilot, "next_step*2", "step_end", "exercise")
    assert isinstance(app.screen, ExerciseScreen)
    assert app.screen.code == "w.grad  # put it back to zero\n"
    return app.screen


async def attempt(app: GradtuiApp, pilot: Pilot[int], screen: ExerciseScreen, code: str) -> None:
    screen.query_one(TextArea).text = code
    await pilot.press("f5")
    await until(pilot, lambda: not screen.running)


async def test_an_exercise_is_written_with_the_keyboard_at_the_smallest_size() -> None:
    async with player(FIXTURE, size=(60, 20)) as (app, pilot):
        screen = await exercising(app, pilot)
        screen.query_one(TextArea).text = ""
        await pilot.press(*"w.grad.zero", "underscore", "left_parenthesis", "right_parenthesis")
        assert screen.code == "w.grad.zero_()"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: not screen.running)
        assert screen.outcome is not None
        assert screen.outcome.solved


async def test_a_solution_can_be_shown_and_the_exercise_left() -> None:
    async with player(FIXTURE) as (app, pilot):
        screen = await exercising(app, pilot)
        await pilot.press("f4")
        await pilot.pause()
        assert screen.code == "w.grad.zero_()\n"
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.player
        assert "the exercise again" in text(app)


async def test_a_step_without_an_exercise_says_so() -> None:
    async with player(FIXTURE) as (app, pilot):
        await do(app, pilot, "exercise")
        assert "This step has no exercise." in text(app)


async def test_a_link_leads_to_its_step() -> None:
    async with player(FIXTURE) as (app, pilot):
        await do(app, pilot, "end")
        story = app.player.text("story")
        line = next(y for y in range(story.count) if "the first step" in story.line_at(y).plain)
        at = story.line_at(line).plain.index("the first step")
        await pilot.click("#story", offset=(at + 2, line - story.top))
        await pilot.pause()
        assert app.player.session is not None
        assert app.player.session.scene.id == "draw"
        app.player.do("step_named", "first")
        assert app.player.session.scene.id == "draw"
        app.player.do("step_named", "nowhere")
        await pilot.pause()
        assert "There is no step nowhere." in text(app)


async def test_the_lesson_at_a_glance() -> None:
    async with player(FIXTURE) as (app, pilot):
        await pilot.press("i")
        await pilot.pause()
        assert isinstance(app.screen, AboutScreen)
        told = "\n".join(line.plain for line in app.screen.lines(70))
        for words in ("about 10 minutes", "[once]", "Nothing else", "[bracket]", "never markup"):
            assert words in told


WINDOWS: dict[str, Callable[[GradtuiApp, Pilot[int]], Awaitable[object]]] = {
    "exercise": exercising,
    "about": lambda app, pilot: do(app, pilot, "about"),
}


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_no_line_of_a_window_is_wider_than_it(window: str, size: tuple[int, int]) -> None:
    async with player(FIXTURE, size=size) as (app, pilot):
        await WINDOWS[window](app, pilot)
        await pilot.pause()
        for pane in app.screen.query(Pane):
            if pane.scrolls:
                assert max((pane.line_at(at).width for at in range(pane.count)), default=0) <= max(
                    1, pane.size.width
                )
