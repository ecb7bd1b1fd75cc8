"""Nothing is told by colour alone: with all colours taken away, what differs still differs."""

import pytest
from rich.style import Style
from textual.pilot import Pilot

from gradtui.tui import themes
from gradtui.tui.app import GradtuiApp
from gradtui.tui.glyphs import ASCII, UNICODE, Glyphs
from gradtui.tui.views import verdicts
from gradtui.tui.views.comparison import SIGNS
from tests.tui.screens import do, player, text

SIZES = ((60, 20), (120, 40))


def styles(app: GradtuiApp) -> list[tuple[str, Style]]:
    """The pieces of the screen as they are painted."""
    strips = app.screen._compositor.render_strips()
    return [(segment.text, segment.style or Style()) for strip in strips for segment in strip]


async def shown(app: GradtuiApp, pilot: Pilot[int], *actions: str, keys: str = "") -> str:
    await do(app, pilot, *actions)
    for key in keys.split():
        await pilot.press(key)
    await pilot.pause()
    return text(app)


def marked(screen: str, words: str) -> str:
    """The line of these words."""
    return next(line for line in screen.splitlines() if words in line)


@pytest.mark.parametrize("size", SIZES)
async def test_the_present_place_has_a_sign(size: tuple[int, int]) -> None:
    async with player(size=size) as (app, pilot):
        screen = await shown(app, pilot, "next_step*3", "forward*2")
        assert "▶ z = 2*y**2" in screen
        assert "▶│ ●" in screen or "▶" in marked(screen, "z = MulBackward0")
        assert "◆" in screen.splitlines()[-3]
        back = await shown(app, pilot, "next_step*7", "next_pass", "forward*2")
        assert "▲" in marked(back, "PowBackward0     ")


async def test_the_open_pane_and_the_present_step_stand_in_brackets() -> None:
    async with player(size=(80, 24)) as (app, pilot):
        assert "[Tape] Card  Ledger" in text(app)
        assert "Tape [Card] Ledger" in await shown(app, pilot, "card")
    async with player(size=(120, 40)) as (app, pilot):
        assert "[3]" in marked(await shown(app, pilot, "next_step*2"), "steps")


@pytest.mark.parametrize(
    ("opens", "moves"), [("palette", "down"), ("copy", "down"), ("toggle", "down"), ("toggle", "x")]
)
async def test_what_is_chosen_in_a_list_has_a_sign(opens: str, moves: str) -> None:
    async with player(size=(80, 24)) as (app, pilot):
        before = await shown(app, pilot, "next_step*14", opens)
        after = await shown(app, pilot, keys=moves)
        assert before != after
        assert ">" in before or "[ ]" in before


async def test_right_and_wrong_are_told_in_words() -> None:
    async with player(size=(80, 24)) as (app, pilot):
        assert "✗ Not yet." in await shown(app, pilot, "next_step", "ask", keys="3 enter")
        assert "✓ Right." in await shown(app, pilot, keys="1 enter")


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_signs_of_one_place_differ_from_each_other(glyphs: Glyphs) -> None:
    g = glyphs
    verdict = (g.same, g.close, g.differs, g.waiting, g.uncompared)
    timeline = (g.past, g.here, g.printed, g.epoch, g.backward, g.error)
    saved = (g.saved, g.freed, "!")
    tapes = (*SIGNS.values(), g.changed)
    for signs in (verdict, timeline, saved, tapes, (g.up, g.current), (g.shut, g.open)):
        assert len(set(signs)) == len(signs)
    assert len(verdict) == len(verdicts.ROLES)


@pytest.mark.parametrize("opens", ["help", "palette", "ask", "edit", "copy", "glossary", "toggle"])
async def test_a_window_has_an_edge_in_every_theme(opens: str) -> None:
    async with player(size=(80, 24)) as (app, pilot):
        await do(app, pilot, "next_step*14", opens)
        for theme in themes.THEMES:
            app.theme = theme.name
            screen = await shown(app, pilot)
            assert "╭─" in screen
            assert "─╯" in screen


async def test_the_edge_is_ascii_where_all_is() -> None:
    async with player(size=(80, 24), ascii=True) as (app, pilot):
        await do(app, pilot, "next_step*10", "next_pass", "forward*2")
        for opens in ("help", "find", "boxes", "curves", "scratch", "toggle", "copy", "glossary"):
            screen = await shown(app, pilot, opens)
            assert screen.isascii()
            assert "----" in screen or opens in ("boxes", "curves")
            await pilot.press("escape")


async def test_the_terminals_own_colours_stand_on_its_own_background() -> None:
    """On a light terminal as on a dark one: only the lit code has a background, and says its colour."""
    async with player(size=(80, 24)) as (app, pilot):
        app.theme = "gradtui-ansi"
        await do(app, pilot, "next_step*3", "forward*2")
        painted = styles(app)
        behind = [(words, style) for words, style in painted if style.bgcolor is not None]
        placed = {words for words, style in behind if not style.bgcolor.is_default}
        assert placed == {"2*y**2"}
        assert any("MulBackward0" in words for words, style in painted if style.reverse)
        await do(app, pilot, "edit")
        cursors = [style for words, style in styles(app) if words == "z" and style.reverse]
        assert [style.bgcolor is not None and style.bgcolor.is_default for style in cursors] == [
            True
        ]


async def test_without_colour_the_theme_is_grey(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with player(size=(80, 24)) as (app, pilot):
        await do(app, pilot, "next_step*10", "next_pass", "forward*2")
        for _, style in styles(app):
            for colour in (style.color, style.bgcolor):
                red, green, blue = colour.get_truecolor() if colour is not None else (0, 0, 0)
                assert red == green == blue


async def test_every_sign_of_the_screen_is_explained_in_the_help() -> None:
    async with player(size=(200, 60)) as (app, pilot):
        screen = await shown(app, pilot, "help")
        for sign in "✓≈✗·◆◇●○╳▼▽◉▣▶▲▸▾▪▫≠▴¶┼‖":
            assert sign in screen, sign
        assert "arrows scroll" not in screen, "all of it is seen at once"
