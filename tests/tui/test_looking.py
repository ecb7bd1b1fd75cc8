"""Forward mode, search and curves in the player, by keys."""

from gradtui.tui.screens.entry import EntryScreen
from tests.tui.screens import do, player, text


async def test_a_card_in_forward_mode_and_another_tangent() -> None:
    async with player() as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*10", "next_pass", "forward*2")
        here = session.position
        await pilot.press("f")
        assert "JVP PowBackward0" in text(app)
        assert "⟨v, J·u⟩" in text(app)
        await pilot.press("F")
        assert isinstance(app.screen, EntryScreen)
        await pilot.press(*"#99999", "enter")
        assert "#99999 is outside a tensor" in text(app)
        await pilot.press("ctrl+u", *"what", "enter")
        assert "Type numbers" in text(app)
        await pilot.press("ctrl+u", *"#1", "enter")
        assert session.direction.basis == 1
        assert "basis vector #1" in text(app)
        await pilot.press("f")
        assert "v·J  what goes on" in text(app)
        assert session.position == here


async def test_search_goes_to_matches_both_ways_and_loses_nothing() -> None:
    async with player() as (app, pilot):
        session = app.player.session
        assert session is not None
        await pilot.press("full_stop")
        assert "Nothing was looked for yet" in text(app)
        await pilot.press("slash", *"powback", "enter")
        first = session.position
        assert "match 1 of" in text(app)
        await pilot.press("slash", "enter")
        second = session.position
        assert second > first
        await pilot.press("full_stop")
        assert session.position > second
        await pilot.press("comma", "comma")
        assert session.position == first
        await pilot.press("slash", *"nowhere to be seen", "enter")
        assert "Nothing on the tape matches 'nowhere to be seen'" in text(app)
        await pilot.press("escape")
        assert (session.position, session.sought) == (first, "powback")
