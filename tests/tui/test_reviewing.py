"""A review asks all that is due, one question after another, and says what is left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from gradtui.course.progress import Card, Progress
from gradtui.tui.app import GradtuiApp
from gradtui.tui.screens.ask import AskScreen
from gradtui.tui.screens.library import LibraryScreen
from tests.tui.screens import LESSON, do, is_recorded, text, until
from tests.tui.test_progress_player import FILE, MEMORY

STEPS = ("track-x", "add-two")


@asynccontextmanager
async def reviewing(folder: Path) -> AsyncIterator[tuple[GradtuiApp, Pilot[int]]]:
    """The review of two predictions begun, its first question open."""
    with Progress.open(folder / FILE) as progress:
        for at, step in enumerate(STEPS, 1):
            due = f"2020-01-0{at}T00:00:00+00:00"
            progress.schedule(Card("gradtui", LESSON.stem, step, MEMORY, due))
    app = GradtuiApp(LESSON, torch=False, progress=lambda: folder / FILE)
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await until(pilot, lambda: is_recorded(app))
            await do(app, pilot, "library")
            await until(pilot, lambda: isinstance(app.screen, LibraryScreen))
            assert "2 predictions you missed" in text(app)
            assert "asks first: Ask for gradients" in text(app)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, AskScreen))
            await pilot.pause()
            yield app, pilot
        finally:
            app.close()


async def test_the_questions_follow_each_other_to_the_end(tmp_path: Path) -> None:
    async with reviewing(tmp_path) as (app, pilot):
        assert "Review 1 of 2: Ask for gradients" in text(app)
        await pilot.press("f4", "enter")
        await pilot.pause()
        assert "Review 2 of 2: The first recorded operation" in text(app)
        await pilot.press("f4", "enter")
        await pilot.pause()
        assert app.screen is app.player
        assert "Reviewed. What you missed again comes back when it is due." in text(app)


async def test_a_review_left_says_how_many_are_left(tmp_path: Path) -> None:
    async with reviewing(tmp_path) as (app, pilot):
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.player
        assert "2 left to review; o comes back to them." in text(app)
