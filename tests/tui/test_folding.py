"""Folding in the player, by key and by mouse; the timeline dragged, in a real terminal."""

from pathlib import Path

import pytest

from gradtui.tui.widgets.tape import TapePane
from tests.tui.screens import do, player, text, until
from tests.tui.terminals import Terminal

LOOP = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
for epoch in range({passes}):
    loss = ((w * w - 3) ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad.zero_()
"""


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    script = tmp_path / "loop.py"
    script.write_text(LOOP.format(passes=20), encoding="utf-8")
    return script


async def test_keys_fold_one_turn_and_all(loop: Path) -> None:
    async with player(loop, (120, 60)) as (app, pilot):
        await do(app, pilot, "end", "zoom")
        await pilot.press("U")
        assert "epoch = 17 · 18 of 20 · 7 ops · loss" in text(app)
        assert "SubBackward0" not in text(app)
        await pilot.press("u")
        assert "▾ epoch = 19 · 20 of 20" in text(app)
        assert "▸ epoch = 18 · 19 of 20" in text(app)
        assert "SubBackward0" in text(app)
        await pilot.press("u")
        assert "▸ epoch = 19" in text(app)
        await pilot.press("U")
        assert "▸" not in text(app)


async def test_the_cursor_in_a_fold_lights_its_line_and_the_line_tells_how_far_it_is(
    loop: Path,
) -> None:
    async with player(loop, (120, 60)) as (app, pilot):
        await do(app, pilot, "next_epoch*3", "next_pass", "fold_all")
        assert "3 of 20 · 4 of 7 ops · loss" in text(app)
        lit = [line for line in text(app).split("\n") if "│▶" in line]
        assert len(lit) == 1
        assert "epoch = 2" in lit[0]
        await do(app, pilot, "forward*2")
        lit = [line for line in text(app).split("\n") if "│▲" in line]
        assert len(lit) == 1
        assert "epoch = 2" in lit[0]


async def test_a_click_on_a_heading_folds_it_and_one_beside_it_goes_there(loop: Path) -> None:
    async with player(loop, (120, 60)) as (app, pilot):
        await do(app, pilot, "end", "zoom", "fold_all")
        rows = text(app).split("\n")
        row = next(at for at, line in enumerate(rows) if "▸ epoch = 5" in line)
        tape = app.screen.query_one("#tape").region
        column = rows[row].index("▸ epoch = 5") - tape.x
        await pilot.click("#tape", offset=(column + 3, row - tape.y))
        assert "▾ epoch = 5" in text(app)
        before = app.player.session and app.player.session.position
        rows = text(app).split("\n")
        row = next(at for at, line in enumerate(rows) if "▸ epoch = 4" in line)
        await pilot.click("#tape", offset=(1, row - tape.y))
        assert app.player.session is not None
        assert app.player.session.position != before
        assert "▸ epoch = 4" in text(app)


async def test_where_there_is_nothing_to_fold_it_says_so(tmp_path: Path) -> None:
    script = tmp_path / "plain.py"
    script.write_text("import torch\nx = torch.ones(2)\n", encoding="utf-8")
    async with player(script) as (app, pilot):
        await do(app, pilot, "end", "fold")
        assert "Nothing to fold here" in text(app)
        await do(app, pilot, "fold_all")
        assert "Nothing to fold" in text(app)


@pytest.mark.parametrize("passes", [20, 4_000])
def test_the_timeline_is_dragged_and_clicked(tmp_path: Path, passes: int) -> None:
    script = tmp_path / "long.py"
    script.write_text(LOOP.format(passes=passes), encoding="utf-8")
    with Terminal(script, (80, 24), "--no-torch") as terminal:
        terminal.wait_for("nothing of it has run")
        total = int(terminal.text.split("/")[-1].split()[0])
        line = next(at for at, row in enumerate(terminal.screen.display) if f"/{total}" in row)

        def here() -> int:
            shown = terminal.screen.display[line]
            return int(shown.split("/s")[1].split("/")[0])

        def mouse(code: int, column: int, end: str = "M") -> None:
            terminal.send(f"\x1b[<{code};{column + 1};{line + 1}{end}")

        mouse(0, 2)
        terminal.wait_until(lambda: 0 < here() < total // 10, "the click")
        reached = []
        for column in range(3, 40):
            mouse(32, column)  # moved, the button held down
        terminal.wait_until(lambda: here() > total * 11 // 20, "the drag to its end")
        for column in (30, 20, 10):
            mouse(32, column)
            before = here()
            terminal.wait_until(lambda before=before: here() < before, "back")  # type: ignore[misc]
            reached.append(here())
        assert reached == sorted(reached, reverse=True)
        mouse(0, 10, "m")
        mouse(35, 45)  # moved without a button
        mouse(0, 50)
        mouse(0, 50, "m")
        terminal.wait_until(lambda: here() > total // 2, "the click after it")
        terminal.send("q")
        assert terminal.wait_exit() == 0


async def test_what_is_folded_while_too_small_to_be_drawn_is_drawn_later(loop: Path) -> None:
    async with player(loop, (80, 24)) as (app, pilot):
        await do(app, pilot, "end")
        await pilot.resize_terminal(30, 8)
        await do(app, pilot, "fold_all")
        pane = app.player.query_one(TapePane)
        assert all(pane.line_at(at).width for at in range(pane.count))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "All loops and calls are folded" in text(app))
