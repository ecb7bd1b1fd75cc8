"""What the player shows at its sizes, as agreed: text files beside this one.

GRADTUI_UPDATE_GOLDENS=1 writes them anew; look at the difference before keeping it.
"""

import os
from pathlib import Path

import pytest

from tests.tui.screens import do, player, text, until

GOLDENS = Path(__file__).parent / "goldens"
SIZES = ((80, 24), (120, 40), (60, 20), (200, 60))
MOMENTS: dict[str, tuple[str, ...]] = {
    "start": (),
    "fresh": ("next_step*3",),
    "forward": ("next_step*3", "forward*2"),
    "error": ("next_step*8", "step_end"),
    "backward": ("next_step*10", "next_pass", "forward*3"),
    "card": ("next_step*10", "next_pass", "forward*2", "card"),
    "jvp": ("next_step*10", "next_pass", "forward*2", "card", "jvp"),
    "accumulate": ("next_step*22", "step_end", "ledger"),
    "curves": ("next_step*23", "step_end", "curves"),
    "what-if": ("next_step*23", "what_if", "step_end", "curves"),
    "folded": ("next_step*22", "step_end", "fold_all", "tape"),
    "boxes": ("next_step*10", "next_pass", "forward*2", "boxes"),
    "end": ("end",),
    "zoom": ("next_step*10", "step_end", "zoom"),
}


WINDOWS: dict[str, tuple[str, ...]] = {
    "window-ask": ("next_step", "ask"),
    "window-help": ("help",),
    "window-palette": ("palette",),
    "window-edit": ("next_step*3", "edit"),
    "window-toggle": ("next_step*14", "toggle"),
    "window-scratch": ("next_step*3", "scratch"),
    "window-glossary": ("next_step*10", "glossary"),
    "window-find": ("find",),
    "window-about": ("about",),
    "window-copy": ("next_step*10", "next_pass", "copy"),
    "window-drill": ("next_step*10", "next_pass", "drill", "forward"),
    "window-jump": ("jump",),
    "window-tangent": ("next_step*10", "next_pass", "forward*2", "card", "jvp", "tangent"),
}
WINDOW_SIZES = (SIZES[2], SIZES[1])


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("size", WINDOW_SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_window(window: str, size: tuple[int, int]) -> None:
    async with player(size=size) as (app, pilot):
        await do(app, pilot, *WINDOWS[window])
        await pilot.pause()
        check(f"{window}-{size[0]}x{size[1]}", text(app))


async def test_all_keys_and_signs_on_one_large_screen() -> None:
    async with player(size=(200, 60)) as (app, pilot):
        await do(app, pilot, "help")
        await pilot.pause()
        check("window-help-200x60", text(app))


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_screen(moment: str, size: tuple[int, int]) -> None:
    async with player(size=size) as (app, pilot):
        session = app.player.session
        before, _, after = " ".join(MOMENTS[moment]).partition("what_if")
        await do(app, pilot, *before.split())
        if after:
            await do(app, pilot, "what_if")
            await until(pilot, lambda: session is not None and session.variant is not None)
            await do(app, pilot, *after.split())
        await pilot.pause()
        check(f"{moment}-{size[0]}x{size[1]}", text(app))


async def test_ascii_has_no_other_signs() -> None:
    async with player(ascii=True) as (app, pilot):
        await do(app, pilot, "next_step*10", "next_pass", "forward*3")
        check("ascii-120x40", text(app))
        assert text(app).isascii()


def check(name: str, shown: str) -> None:
    """Compare with the golden of that name, or write it."""
    golden = GOLDENS / f"{name}.txt"
    if os.environ.get("GRADTUI_UPDATE_GOLDENS"):
        golden.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == golden.read_text(encoding="utf-8"), f"{name}: not as agreed"
