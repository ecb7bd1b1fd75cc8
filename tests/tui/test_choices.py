"""A list to choose from: long labels whole, a long list within the screen."""

from textual.pilot import Pilot

from gradtui.tui.app import GradtuiApp
from gradtui.tui.screens.choice import KEYS, Choice, ChoiceScreen
from tests.tui.screens import player, text

LONG = "a label that is far too long for one line of a screen of sixty columns, or two"


async def choosing(app: GradtuiApp, pilot: Pilot[int], choices: list[Choice]) -> list[str | None]:
    chosen: list[str | None] = []
    app.push_screen(ChoiceScreen("Which", choices), chosen.append)
    await pilot.pause()
    return chosen


async def test_a_long_label_is_wrapped() -> None:
    async with player(size=(60, 20)) as (app, pilot):
        await choosing(app, pilot, [Choice("1", LONG), Choice("2", "short")])
        shown = text(app)
        assert all(word in shown for word in LONG.split()), shown
        assert "2  short" in shown


async def test_a_list_longer_than_the_screen_scrolls_to_the_chosen_one() -> None:
    async with player(size=(60, 20)) as (app, pilot):
        choices = [Choice(key, f"number {at}") for at, key in enumerate(KEYS)]
        chosen = await choosing(app, pilot, choices)
        assert "number 0" in text(app)
        assert "Esc to go back" in text(app)
        await pilot.press("up")
        await pilot.pause()
        assert f"number {len(KEYS) - 1}" in text(app)
        await pilot.press("pageup", "pageup", "pageup", "pageup")
        await pilot.pause()
        assert "Which" in text(app)
        await pilot.press("down", "enter")
        assert chosen == [KEYS[1]]
