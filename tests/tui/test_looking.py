"""Forward mode, search and curves in the player, by keys."""

from pathlib import Path

import pytest

from gradtui.tui.glyphs import ASCII, UNICODE
from gradtui.tui.screens.curves import CurvesScreen
from gradtui.tui.screens.entry import EntryScreen
from gradtui.tui.views.curves import charts
from tests.tui.screens import do, player, text, until


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


LARGE = """import torch
torch.manual_seed(0)
x = torch.randn(40, 50, requires_grad=True)
y = x.exp()
y.sin().sum().backward()
"""


async def test_forward_mode_goes_through_a_large_tensor_once_one_rests_there(
    tmp_path: Path,
) -> None:
    script = tmp_path / "large.py"
    script.write_text(LARGE)
    async with player(script, (80, 24)) as (app, pilot):
        await do(app, pilot, "next_pass", "forward*2", "jvp", "card")
        await until(pilot, lambda: "⟨v, J·u⟩ = " in text(app))
        assert "J·u cannot be told" not in text(app)


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


async def test_the_two_runs_of_the_lesson_are_seen_as_3_6_9_12_and_3_3_3_3() -> None:
    async with player(size=(80, 24)) as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*22", "step_end", "curves")
        assert isinstance(app.screen, CurvesScreen)
        assert "3       6       9       12" in text(app)
        await pilot.press("n", "e")
        assert "1 of 4 epochs have begun" in text(app)
        await pilot.press("dollar_sign")
        assert "3       3       3       3" in text(app)
        assert "weights.grad       ▃▅▆█ 3 6 9 12" in text(app)
        await pilot.press("C")
        assert app.screen is app.player


LOOP = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
for epoch in range(500):
    loss = ((w - 3) ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad = None
    if epoch == 498:
        loss = loss * float("nan")
"""


@pytest.mark.parametrize("width", [30, 54, 74, 190])
async def test_many_epochs_fit_any_width(tmp_path: Path, width: int) -> None:
    script = tmp_path / "loop.py"
    script.write_text(LOOP, encoding="utf-8")
    async with player(script) as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "end")
        for glyphs in (UNICODE, ASCII):
            lines = charts(session.snapshot(), width, glyphs)
            assert max(line.width for line in lines) <= width
            drawn = "\n".join(line.plain for line in lines)
            assert "500 of 500 epochs have begun" in " ".join(drawn.split())
            assert glyphs is UNICODE or drawn.isascii()
        session.go_to_step(0)
        assert "No loop has run yet" in charts(session.snapshot(), width, ASCII)[0].plain


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_a_what_if_and_the_original_side_by_side(size: tuple[int, int]) -> None:
    async with player(size=size) as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_step*23", "what_if")
        await until(pilot, lambda: session.variant is not None)
        await do(app, pilot, "step_end", "zoom", "ledger")
        told = [" ".join(line.split()) for line in text(app).split("\n")]
        assert any(
            "epoch 1 + [3, 3, 3, 3] = [6, 6, 6, 6] ≠ = [3, 3, 3, 3]" in line for line in told
        )
        assert any("epoch 1 nothing happens ≠ 0 zero_()" in line for line in told)
        assert "Here nothing clears weights.grad" in text(app)
        for glyphs in (UNICODE, ASCII):
            width = size[0] - 6
            lines = charts(session.snapshot(), width, glyphs)
            assert max(line.width for line in lines) <= width
            drawn = [" ".join(line.plain.split()) for line in lines]
            both = "3 6 9 12 3 3 3 3" in drawn
            stacked = "3 6 9 12" in drawn and "3 3 3 3" in drawn
            assert both if width >= 66 else stacked
            mark = glyphs.changed
            assert f"{mark} {mark} {mark}" in drawn
            assert glyphs is UNICODE or all(line.isascii() for line in drawn)
