"""A lesson shown while it is written: each save at the step being looked at, in the player."""

import os
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from gradtui.cli import main
from gradtui.tui.app import GradtuiApp
from gradtui.tui.screens.preview import PreviewScreen
from tests.tui.screens import do, is_recorded, text, until
from tests.tui.terminals import Terminal

LESSON = """\
format: 1
id: draft
title: A draft
steps:
  - id: make
    title: Make it
    say: First words.
    code: |
      import torch
      x = torch.ones(2, requires_grad=True)
  - id: use
    title: Use it
    say: Second words.
    code: |
      y = x * 2
      z = y.sum()
      print(z)
      z.backward()
    what_if:
      - {id: thrice, label: Three times, code: "y = x * 3\\nprint(y)"}
"""


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.yaml"
    path.write_text(LESSON)
    return path


@asynccontextmanager
async def previewed(path: Path) -> AsyncIterator[tuple[GradtuiApp, Pilot[int]]]:
    app = GradtuiApp(path, torch=False, preview=True)
    async with app.run_test(size=(120, 40)) as pilot:
        try:
            yield app, pilot
        finally:
            app.backstage.close()


def save(path: Path, old: str, new: str) -> None:
    """As editors do: another file put in the place of this one."""
    changed = path.read_text().replace(old, new)
    assert changed != path.read_text()
    other = path.with_suffix(".swp")
    other.write_text(changed)
    os.replace(other, path)


async def shows(app: GradtuiApp, pilot: Pilot[int], words: str) -> None:
    await until(pilot, lambda: words in text(app))


async def test_a_save_is_shown_at_the_step_and_place_being_looked_at(draft: Path) -> None:
    async with previewed(draft) as (app, pilot):
        await until(pilot, lambda: is_recorded(app))
        await do(app, pilot, "next_step", "forward*2")
        session = app.player.session
        assert session is not None
        place = session.position
        save(draft, "Second words.", "Better words.")
        await shows(app, pilot, "Better words.")
        assert app.player.session is not session
        assert app.player.session is not None
        assert (app.player.session.scene.id, app.player.session.position) == ("use", place)
        save(draft, "  - id: make", "  - {id: zero, title: Zero, say: Before.}\n  - id: make")
        await shows(app, pilot, "3/3")
        assert app.player.session.scene.id == "use"
        assert app.player.session.position == place + 2


async def test_a_renamed_step_is_found_and_one_that_is_gone_leads_to_its_neighbour(
    draft: Path,
) -> None:
    async with previewed(draft) as (app, pilot):
        await until(pilot, lambda: is_recorded(app))
        await do(app, pilot, "next_step")
        save(draft, "id: use", "id: apply\n    was: [use]")
        await until(pilot, lambda: bool(app.player.session and scene(app) == "apply"))
        gone = draft.read_text()
        draft.write_text(gone[: gone.index("  - id: apply")])
        await until(pilot, lambda: scene(app) == "make")


def scene(app: GradtuiApp) -> str:
    return app.player.session.scene.id if app.player.session is not None else ""


async def test_a_broken_save_is_told_beside_the_last_good_one_and_mends_itself(
    draft: Path,
) -> None:
    async with previewed(draft) as (app, pilot):
        await until(pilot, lambda: is_recorded(app))
        await do(app, pilot, "next_step")
        save(draft, "title: Use it", "titel: Use [b]it[/b]")
        await shows(app, pilot, "as saved; the last good version is shown")
        shown = text(app)
        assert "Second words." in shown
        assert f"{draft}:12:5: unknown key `titel`: did you mean `title`?" in joined(shown)
        await do(app, pilot, "step_end")
        assert "tensor(4., grad_fn=<SumBackward0>)" in text(app)
        save(draft, "titel: Use [b]it[/b]", "title: Mended")
        await shows(app, pilot, "2/2 Mended")
        assert "as saved" not in text(app)
        assert scene(app) == "use"


def joined(shown: str) -> str:
    """What is on screen with wrapped lines put together again."""
    return " ".join(shown.split())


async def test_a_file_that_is_removed_is_awaited(draft: Path) -> None:
    async with previewed(draft) as (app, pilot):
        await until(pilot, lambda: is_recorded(app))
        kept = draft.read_text()
        draft.unlink()
        await shows(app, pilot, "the file is gone; it is awaited")
        assert "First words." in text(app)
        await do(app, pilot, "next_step")
        assert "Second words." in text(app)
        draft.write_text(kept.replace("Second", "New"))
        await shows(app, pilot, "New words.")
        assert "awaited" not in text(app)


async def test_a_lesson_that_is_broken_at_first_is_shown_when_it_is_mended(draft: Path) -> None:
    save(draft, "format: 1", "format: 7")
    async with previewed(draft) as (app, pilot):
        await shows(app, pilot, "nothing to show")
        assert "format 7 is newer than this gradtui knows" in joined(text(app))
        save(draft, "format: 7", "format: 1")
        await shows(app, pilot, "First words.")


async def test_a_what_if_is_run_again_with_the_new_code(draft: Path) -> None:
    async with previewed(draft) as (app, pilot):
        await until(pilot, lambda: is_recorded(app))
        await do(app, pilot, "next_step", "what_if")
        await shows(app, pilot, "What if: Three times")
        save(draft, "y = x * 3", "y = x * 5")
        await shows(app, pilot, "y = x * 5")
        await do(app, pilot, "step_end")
        assert "tensor([5., 5.]" in text(app)


async def test_answers_stay(draft: Path) -> None:
    async with previewed(draft) as (app, pilot):
        await until(pilot, lambda: is_recorded(app))
        assert isinstance(app.player, PreviewScreen)
        assert app.player.session is not None
        app.player.session.answered.add("make")
        save(draft, "First words.", "Other words.")
        await shows(app, pilot, "Other words.")
        assert app.player.session.answered == {"make"}


COMMAND = "import sys; from gradtui.cli import main; sys.exit(main(['preview', *sys.argv[1:]]))"


def test_in_a_real_terminal_beside_torch(draft: Path) -> None:
    with Terminal(draft, command=(sys.executable, "-c", COMMAND)) as terminal:
        terminal.wait_for("First words.")
        terminal.wait_for("same")
        terminal.send("n")
        terminal.wait_for("Second words.")
        save(draft, "z = y.sum()", "z = y.sum(")
        terminal.wait_for("the last good version is shown")
        terminal.wait_for("draft.yaml:1")
        save(draft, "z = y.sum(", "z = 3 * y.sum()")
        terminal.wait_for("z = 3 * y.sum()")
        terminal.send("$")
        terminal.wait_for("tensor(12., grad_fn=<MulBackward0>)")
        terminal.wait_until(lambda: "0 differ" in terminal.text, "torch's verdict")
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_a_file_there_is_not_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    from gradtui.cli import main

    assert main(["preview", "no-such.yaml"]) == 1
    assert capsys.readouterr().err == "gradtui: no-such.yaml: there is no such lesson file\n"


def test_a_lesson_in_a_zip_is_sent_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as pack:
        pack.writestr("pack.yaml", "format: 1\n")
        pack.writestr("first.yaml", "format: 1\n")
    assert main(["preview", str(tmp_path / "pack.zip" / "first.yaml")]) == 1
    assert "`gradtui open` shows it" in capsys.readouterr().err
