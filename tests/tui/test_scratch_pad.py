"""The scratch pad in a real terminal, beside real torch: any expression at the present moment."""

import os
import signal
from collections.abc import Iterator

import pytest

from gradtui.tui.screens.scratch import ScratchScreen
from tests.tui.screens import LESSON, do, player, text, until
from tests.tui.terminals import Terminal

READY = "nothing of it has run"


@pytest.fixture
def within_backward() -> Iterator[Terminal]:
    """The first backward pass, after two of its nodes."""
    with Terminal(LESSON) as opened:
        opened.wait_for(READY)
        opened.send("n" * 10 + "b\x1b[C\x1b[C")
        opened.wait_for("PowBackward0: back through")
        yield opened


def test_both_engines_answer_in_the_middle_of_a_backward_pass(within_backward: Terminal) -> None:
    within_backward.send("sx.grad\r")
    within_backward.wait_for("In the middle of the backward pass")
    within_backward.wait_for("gradtui  None")
    within_backward.wait_for("✓ the same")
    within_backward.send("y.grad_fn.next_functions\r")
    within_backward.wait_for("an address in memory")
    within_backward.send("t = y + 1\rt.sum()\r")
    within_backward.wait_for("tensor(8.5949, grad_fn=<SumBackward0>)")
    within_backward.send("import os\r")
    within_backward.wait_for("column 8: the module os is not in the lesson language")
    within_backward.send("\x1b[A\x1b[A\x1b[A")
    within_backward.wait_for("> t = y + 1")
    within_backward.send("\x1b")
    within_backward.wait_until(lambda: "Scratch" not in within_backward.text, "the player")
    within_backward.wait_for("step 11 of")
    within_backward.send("$")
    within_backward.wait_for("tensor([-0.6132,  4.8666, 14.6377])")


def test_torch_killed_while_a_line_is_tried(within_backward: Terminal) -> None:
    within_backward.wait_for("0 differ")
    for pid in within_backward.children():
        os.kill(pid, signal.SIGKILL)
    within_backward.send("sx + 1\r")
    within_backward.wait_for("gradtui  tensor(")
    within_backward.wait_for("✓ the same")


def test_by_mouse_only(within_backward: Terminal) -> None:
    within_backward.send("sx.grad\r")
    within_backward.wait_for("✓ the same")
    within_backward.click(*within_backward.find(">> x.grad"))
    within_backward.wait_for("> x.grad_")
    within_backward.click(*within_backward.find("try it"))
    within_backward.wait_until(lambda: within_backward.text.count(">> x.grad") == 2, "two tries")
    within_backward.click(*within_backward.find("anew"))
    within_backward.wait_for("Nothing you try here changes the lesson")
    within_backward.click(*within_backward.find("Esc back"))
    within_backward.wait_until(lambda: "Scratch" not in within_backward.text, "the player")


async def test_without_torch_and_with_endless_and_gigantic_lines() -> None:
    async with player(size=(80, 24)) as (app, pilot):
        await do(app, pilot, "next_step*3", "step_end", "scratch")
        screen = app.screen
        assert isinstance(screen, ScratchScreen)
        lines = ("while True: pass", "'ab' * 400000", "[0] * 100000", "y.shape")
        for line in lines:
            screen.field.fill(line)
            screen.entered()
        await until(pilot, lambda: len(screen.pad.tries) == 4 and not screen.pad.is_busy)
        shown = [line.plain for line in screen.lines(80)]
        assert max(len(line.rstrip()) for line in shown) <= 80
        assert len(shown) < 300
        assert any("line 1: over the limit of" in line for line in shown)
        assert any("and more: 800,002 characters" in line for line in shown)
        await until(pilot, lambda: screen.pad.tries[4].is_over)
        assert "torch is off" in text(app)
        assert "torch.Size([3])" in text(app)
        await pilot.press("escape")
        assert app.player.session is not None
        assert app.player.session.bench.tried == list(lines)


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (120, 40)])
async def test_nothing_is_wider_than_the_screen(size: tuple[int, int]) -> None:
    async with player(size=size) as (app, pilot):
        await do(app, pilot, "next_step*3", "step_end", "scratch")
        await pilot.press(*"x * 1000", "enter")
        screen = app.screen
        assert isinstance(screen, ScratchScreen)
        await until(pilot, lambda: bool(screen.pad.tries) and not screen.pad.is_busy)
        assert all(line.width <= size[0] for line in screen.lines(size[0] - 3))
        assert "> _" in text(app)
        assert "Esc" in text(app)
