"""The card asks torch for rows of Jacobians, behind the screen, once one rests on a node."""

from pathlib import Path

from gradtui.tape.events import NodeRan
from gradtui.tui.app import GradtuiApp
from tests.tui.screens import do, player, until

CODE = """import torch
x = torch.arange(1.0, 37.0).reshape(6, 6).requires_grad_()
y = x.softmax(1)
z = y[0] * 2
z.sum().backward()
"""


def nodes(app: GradtuiApp) -> list[int]:
    assert app.player.session is not None
    assert app.player.session.take is not None
    events = app.player.session.take.tape.events
    return [at for at, event in enumerate(events) if isinstance(event, NodeRan)]


def card(app: GradtuiApp) -> str:
    pane = app.player.text("card")
    return "\n".join(pane.line_at(at).plain for at in range(pane.count))


async def test_torch_confirms_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.py"
    path.write_text(CODE)
    async with player(path, torch=True) as (app, pilot):
        session = app.player.session
        assert session is not None
        take = session.take
        assert take is not None
        await until(pilot, lambda: take.comparison.finished)
        for at, said in zip(nodes(app), ("1 of 1", "6 of 6", "6 of 6", "8 of 8"), strict=False):
            session.jump(at + 1)
            app.player.draw()
            await until(pilot, lambda at=at: at in take.rows and take.rows[at].kind != "asked")
            assert f"torch: {said} rows of J the same" in card(app)
            assert session.position == at + 1


OWN = """import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, n):
        ctx.save_for_backward(x)
        return x ** n
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return 3 * x ** 2 * grad, None
    @staticmethod
    def jvp(ctx, x_t, n_t):
        (x,) = ctx.saved_tensors
        print("jvp runs", n_t)
        return 3 * x ** 2 * x_t
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = Cube.apply(x * 2, 3)
z = Cube.apply(y, 3) + x
z.sum().backward()
"""


async def test_forward_mode_asks_a_function_of_the_lessons_own(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(OWN)
    async with player(path) as (app, pilot):
        session = app.player.session
        assert session is not None
        assert session.take is not None
        printed = len(session.take.tape)
        session.jvp()
        session.jump(nodes(app)[0] + 1)
        app.player.draw()
        assert "J·u cannot be told" in card(app)
        await until(pilot, lambda: "J·u cannot be told" not in card(app))
        x = [2.0, 4.0, 6.0]
        slopes = [2 * 3 * a**2 * 3 * (a**3) ** 2 + 1 for a in x]
        assert f"⟨v, J·u⟩ = {sum(slopes):.4g}".partition("e")[0] in card(app)
        for at in nodes(app):
            session.jump(at + 1)
            app.player.draw()
            await until(pilot, lambda: "cannot be told" not in card(app))
            assert "  =  ⟨vᵀJ" in card(app) or "at x" in card(app) or "chosen" in card(app)
        assert len(session.take.tape) == printed


async def test_without_torch_nothing_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "rows.py"
    path.write_text(CODE)
    async with player(path) as (app, pilot):
        session = app.player.session
        assert session is not None
        assert session.take is not None
        session.jump(nodes(app)[0] + 1)
        app.player.draw()
        assert app.player.looking.timer is None
        await do(app, pilot, "forward")
        assert session.take.rows == {}
        assert "rows of J" not in card(app)
