"""Windows as agreed, of the fixture that has every key of the format: text files in `goldens`.

A row is a window: how to get there, then the keys pressed in it.
"""

import asyncio

import pytest
from textual.pilot import Pilot

from gradtui.tui.app import GradtuiApp
from gradtui.tui.screens.exercise import ExerciseScreen
from tests.tui.screens import do, player, text, until
from tests.tui.test_every_feature_player import FIXTURE
from tests.tui.test_goldens import check

SIZES = ((60, 20), (80, 24), (120, 40))
WINDOWS: dict[str, tuple[str, str]] = {
    "ask-choice": ("next_step*3 ask", "1 enter f2"),
    "ask-prints": ("next_step*5 ask", "f4"),
    "exercise": ("next_step*2 step_end exercise", "f2 f2 f5"),
    "settings": ("settings", "down"),
    "settings-refused": ("settings", "down down down down enter x"),
    "exercise-compared": ("next_step*2 step_end exercise", "f5 f8 D"),
}


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_window_of_the_fixture(window: str, size: tuple[int, int]) -> None:
    way, keys = WINDOWS[window]
    async with player(FIXTURE, size) as (app, pilot):
        await do(app, pilot, *way.split())
        for key in keys.split():
            await pilot.press(key)
            await _settled(app, pilot)
        check(f"window-{window}-{size[0]}x{size[1]}", text(app))


async def _settled(app: GradtuiApp, pilot: Pilot[int]) -> None:
    """What was asked for behind the screen has come."""
    screen = app.screen
    if isinstance(screen, ExerciseScreen):
        await until(pilot, lambda: not screen.running)
    async with asyncio.timeout(30):
        while "comparing" in text(app):
            await pilot.pause(0.01)
    await pilot.pause()
