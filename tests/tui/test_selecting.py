"""Text of a pane can be selected with the mouse while the pane is there."""

from __future__ import annotations

from textual.app import App, ComposeResult

from gradtui.tui.widgets.pane import Pane


class Alone(App[None]):
    def compose(self) -> ComposeResult:
        yield Pane(id="alone")


async def test_a_press_finds_nothing_to_select_in_a_pane_that_was_taken_away() -> None:
    app = Alone()
    async with app.run_test() as pilot:
        pane = app.query_one(Pane)
        assert pane.allow_select
        await pane.remove()
        await pilot.pause()
        assert not pane.allow_select
