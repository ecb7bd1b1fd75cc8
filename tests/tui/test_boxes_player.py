"""The graph as boxes in the player: stepped, moved, clicked, in ASCII, and when it is too large."""

from pathlib import Path

import pytest

from gradtui.tape.boxes import graph_at
from gradtui.tui.glyphs import ASCII, UNICODE
from gradtui.tui.screens.boxes import BoxesScreen
from gradtui.tui.views.boxes import boxes
from tests.tui.screens import do, player, text

DIAMOND = """import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * x
z = torch.sin(y) + torch.exp(y).detach()
z.sum().backward()
"""
WIDE = "import torch\nx = torch.ones(1, requires_grad=True)\n" + (
    "parts = [torch.ones(1, requires_grad=True) * i for i in range({count})]\n"
    "total = torch.stack(parts).sum()\ntotal.backward()\n"
)


def script(folder: Path, code: str) -> Path:
    path = folder / "graph.py"
    path.write_text(code, encoding="utf-8")
    return path


async def test_boxes_come_one_after_the_other_and_stay_where_they_are(tmp_path: Path) -> None:
    async with player(script(tmp_path, DIAMOND), (80, 50)) as (app, pilot):
        await pilot.press("right", "d")
        assert isinstance(app.screen, BoxesScreen)
        assert "╔" in text(app)
        assert "MulBackward0" not in text(app)
        await pilot.press("right")
        assert "║ ◉ y = MulBackward0" in text(app)
        line = next(row for row in text(app).split("\n") if "◆ x" in row)
        await pilot.press("dollar_sign")
        assert line.strip() in text(app)
        assert "▲ [" in text(app)
        assert text(app).count("┴┴") + text(app).count("┴─┴") == 1  # y takes x twice
        await pilot.press("d")
        assert app.screen is app.player


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
async def test_the_current_node_is_lit_on_the_way_back(tmp_path: Path, glyphs: object) -> None:
    async with player(script(tmp_path, DIAMOND)) as (app, pilot):
        session = app.player.session
        assert session is not None
        await do(app, pilot, "next_pass", "forward*3")
        snap = session.snapshot()
        assert snap.tape is not None
        graph = graph_at(snap.tape, snap.position)
        drawn = boxes(snap, graph, 80, ASCII if glyphs is ASCII else UNICODE)
        assert drawn is not None
        assert drawn.focus is not None
        told = [line.plain for line in drawn.lines(0, 80)]
        x, y, columns, lines = drawn.focus
        box = [line[x : x + columns] for line in told[y : y + lines]]
        assert "SinBackward0" in box[1]
        if glyphs is ASCII:
            assert all(line.isascii() for line in told)
            assert box[0] == "#" * columns
        else:
            assert (box[0][0], box[0][-1], box[-1][0], box[-1][-1]) == tuple("╔╗╚╝")
        assert "cut" in "".join(told) or "detach" in "".join(told)


async def test_a_wide_graph_is_moved_sideways_and_followed(tmp_path: Path) -> None:
    async with player(script(tmp_path, WIDE.format(count=8)), (60, 20)) as (app, pilot):
        await do(app, pilot, "end", "boxes")
        screen = app.screen
        assert isinstance(screen, BoxesScreen)
        assert screen.drawn is not None
        assert screen.drawn.width > 60
        shown = text(app)
        await pilot.press(">", ">")
        assert screen.from_column > 0
        assert text(app) != shown
        await pilot.press(*"<<<")
        assert screen.from_column == 0
        assert text(app) == shown
        await pilot.press("B", "right")
        assert screen.drawn.focus is not None
        x, _, columns, _ = screen.drawn.focus
        assert screen.from_column <= x <= x + columns <= screen.from_column + screen.room


async def test_a_graph_too_large_says_how_large_one_may_be(tmp_path: Path) -> None:
    async with player(script(tmp_path, WIDE.format(count=60))) as (app, pilot):
        await do(app, pilot, "end", "boxes")
        assert "too large for boxes: they are drawn for up to 40" in text(app)


async def test_a_click_on_a_box_goes_to_where_it_was_made(tmp_path: Path) -> None:
    async with player(script(tmp_path, DIAMOND), (80, 50)) as (app, pilot):
        await do(app, pilot, "end", "boxes")
        await pilot.pause()
        rows = text(app).split("\n")
        row = next(at for at, line in enumerate(rows) if "SinBackward0" in line)
        pane = app.screen.query_one("#window").region
        column = rows[row].index("SinBackward0")
        await pilot.click("#window", offset=(column - pane.x, row - pane.y))
        await pilot.pause()
        session = app.player.session
        assert session is not None
        assert getattr(session.snapshot().event, "name", "") == "sin"
        assert "ExpBackward0" not in text(app)  # it has not happened yet
