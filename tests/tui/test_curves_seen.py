"""Curves that are no plain line: no numbers, huge ones, one epoch, all zeros."""

from pathlib import Path

import pytest

from tests.tui.screens import do, player, text

DIVERGES = """
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
idle = torch.zeros(1, requires_grad=True)
opt = torch.optim.SGD([w, idle], lr=3.0)
for epoch in range({epochs}):
    opt.zero_grad()
    loss = (w ** 4).sum() + idle ** 2
    loss.backward()
    opt.step()
"""


@pytest.mark.parametrize("size", [(60, 20), (120, 40), (200, 60)])
async def test_what_is_no_number_is_named_and_marked(size: tuple[int, int], tmp_path: Path) -> None:
    shown = await curves(tmp_path, 20, size)
    assert "loss  17 → nan  ✗ inf, nan" in shown
    assert "✗" in shown.partition("✗ inf, nan")[2]
    axes = [line.split("│")[0].strip() for line in shown.splitlines() if "│" in line]
    assert axes[0] == "1e+28", axes


async def test_zeros_and_one_epoch_are_told_in_a_line(tmp_path: Path) -> None:
    shown = await curves(tmp_path, 20, (120, 40))
    assert "idle.grad  each entry  0 in every epoch" in shown
    shown = await curves(tmp_path, 1, (120, 40))
    assert "1 of 1 epoch has begun" in shown
    assert "loss  17\n" in shown


async def curves(folder: Path, epochs: int, size: tuple[int, int]) -> str:
    script = folder / "diverges.py"
    script.write_text(DIVERGES.format(epochs=epochs))
    async with player(script, size) as (app, pilot):
        await do(app, pilot, "end", "curves")
        await pilot.pause()
        return text(app)
