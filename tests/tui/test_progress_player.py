"""The player goes on where a lesson was left, and remembers what was answered."""

from pathlib import Path

from gradtui.cli import main
from gradtui.course.progress import FILE, Card, Place, Progress
from gradtui.tui.app import GradtuiApp
from gradtui.tui.screens.ask import AskScreen
from gradtui.tui.screens.library import LibraryScreen
from gradtui.tui.shelf import lessons_at, shelf_of
from tests.tui.screens import LESSON, do, is_recorded, text, until


def app_at(folder: Path) -> GradtuiApp:
    return GradtuiApp(LESSON, torch=False, progress=lambda: folder / FILE)


async def test_a_lesson_is_resumed_at_the_very_event(tmp_path: Path) -> None:
    app = app_at(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        await do(app, pilot, "next_step", "next_step", "next_step", "forward", "forward")
        assert app.player.session is not None
        left = (app.player.session.at, app.player.session.position)
        app.close()
    again = app_at(tmp_path)
    async with again.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(again))
        session = again.player.session
        assert session is not None
        assert (session.at, session.position) == left
        assert "Resumed" in text(again)
        again.close()


async def test_answers_and_steps_done_are_kept(tmp_path: Path) -> None:
    app = app_at(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        session = app.player.session
        assert session is not None
        asks = next(at for at, scene in enumerate(session.scenes) if scene.question)
        step = session.scenes[asks].id
        app.player.do("step", asks)
        await do(app, pilot, "ask")
        screen = app.screen
        assert isinstance(screen, AskScreen)
        screen._judge("surely not this")
        screen.action_reveal()
        screen.action_leave()
        await do(app, pilot, "step_end")
        app.close()
    with Progress.open(tmp_path / FILE) as progress:
        assert step in progress.done("gradtui", "gradients-with-autograd")
        assert [card.step for card in progress.cards()] == [step]
        kept = progress.everything()["answer"]
    assert [(row["given"], row["is_right"]) for row in kept] == [("surely not this", 0), ("", 0)]


async def test_steps_that_changed_since_they_were_done_are_told(tmp_path: Path) -> None:
    with Progress.open(tmp_path / FILE) as progress:
        progress.finish("gradtui", "gradients-with-autograd", {"track-x": "as it was once"})
    app = app_at(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        await until(pilot, lambda: "steps changed: track-x" in text(app))
        app.close()


async def test_a_bookmark_is_gone_back_to(tmp_path: Path) -> None:
    app = app_at(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        await do(app, pilot, "bookmarks")
        assert "No bookmarks in this lesson yet" in text(app)
        await do(app, pilot, "next_step", "next_step", "forward", "bookmark")
        session = app.player.session
        assert session is not None
        left = (session.at, session.position)
        await pilot.press(*"why [2]?", "enter")
        await do(app, pilot, "end", "bookmarks")
        await until(pilot, lambda: "why [2]?" in text(app))
        await pilot.press("1")
        await until(pilot, lambda: (session.at, session.position) == left)
        app.close()
    with Progress.open(tmp_path / FILE) as progress:
        assert [note.words for note in progress.notes()] == ["why [2]?"]


async def test_progress_that_cannot_be_kept_is_told_and_the_lesson_goes_on(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    app = app_at(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        await until(pilot, lambda: "progress is not kept" in text(app))
        await do(app, pilot, "next_step")
        assert app.player.session is not None
        assert app.player.session.at == 1
        app.close()


async def test_the_library_says_how_far_one_is_and_what_is_due(tmp_path: Path) -> None:
    pack = two_lessons(tmp_path / "pack")
    with Progress.open(tmp_path / FILE) as progress:
        progress.finish("two", "second", {"ask-for-gradients": "x", "go-backward": "y"})
        progress.stand(Place("two", "second", "go-backward", 3))
        progress.schedule(Card("two", "second", "go-backward", MEMORY, "2020-01-01T00:00:00+00:00"))
    app = GradtuiApp(pack, torch=False, progress=lambda: tmp_path / FILE)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LibraryScreen))
        shown = text(app)
        assert "2 of 4 steps done, left at: Go backward" in shown
        assert "Review: Second" in shown
        screen = app.screen
        assert isinstance(screen, LibraryScreen)
        screen.at = next(at for at, book in enumerate(screen.books) if book.due)
        screen.action_choose()
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        assert app.player.session is not None
        assert app.player.session.scene.id == "go-backward"
        app.close()


async def test_a_lesson_of_another_name_goes_on_where_it_was_left(tmp_path: Path) -> None:
    pack = two_lessons(tmp_path / "pack")
    with Progress.open(tmp_path / FILE) as progress:
        progress.finish("two", "former", {"ask-for-gradients": "x"})
        progress.stand(Place("two", "former", "go-backward", 3))
    second = pack / "second.yaml"
    second.write_text(second.read_text().replace("title:", "was: [former, first-steps]\ntitle:", 1))
    with Progress.open(tmp_path / FILE) as progress:
        progress.stand(Place("two", "first-steps", "ask-for-gradients", 1))  # another lesson's own
        books = {book.path.stem: book for book in shelf_of(lessons_at(pack), progress).books}
        assert (books["second"].done, books["second"].left_at) == (1, "Go backward")
        assert progress.place("two", "first-steps") is not None
    app = GradtuiApp(second, torch=False, progress=lambda: tmp_path / FILE)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        assert app.player.session is not None
        assert app.player.session.scene.id == "go-backward"
        app.close()


MEMORY = (
    '{"card_id": 1, "state": 1, "step": 0, "stability": 0.2, "difficulty": 6.4, '
    '"due": "2020-01-01T00:00:00+00:00", "last_review": "2019-12-31T00:00:00+00:00"}'
)


def two_lessons(folder: Path) -> Path:
    """A pack of two lessons: what `gradtui new pack` makes, and a copy of its lesson."""
    assert main(["new", "pack", str(folder), "--id", "two"]) == 0
    first = folder / "first-steps.yaml"
    copy = first.read_text().replace("id: first-steps", "id: second", 1)
    (folder / "second.yaml").write_text(copy.replace("First steps", "Second", 1))
    listed = (folder / "pack.yaml").read_text()
    (folder / "pack.yaml").write_text(listed.replace("- first-steps", "- first-steps\n  - second"))
    return folder


async def test_progress_that_was_put_aside_is_told_of(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    app = app_at(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        await until(pilot, lambda: "it was put aside as" in text(app))
        app.close()
