"""From a notebook to a pack that is taken: begun, imported, checked, built into a zip, opened."""

from pathlib import Path

import pytest

from gradtui.cli import main
from gradtui.course.scaffold import new_pack
from gradtui.tui.opening import Opening, open_target, record
from gradtui.tui.shelf import Shelf
from tests.notebooks.test_importing import FIXTURE


def test_all_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new_pack(tmp_path / "evenings")
    monkeypatch.chdir(tmp_path / "evenings")
    assert main(["import", str(FIXTURE), "-o", "by-hand.yaml"]) == 0
    assert "  - first-steps\n  - by-hand\n" in Path("pack.yaml").read_text()
    assert main(["check", "."]) == 0, capsys.readouterr().out
    assert main(["pack", "build", "."]) == 0
    shelf = open_target(Path("evenings-0.1.0.zip").resolve())
    assert isinstance(shelf, Shelf)
    assert [book.title for book in shelf.books] == ["First steps", "Autograd by hand"]
    opened = open_target(shelf.books[1].path)
    assert isinstance(opened, Opening)
    opened.session.recorded(record(opened.program, lambda: None))
    opened.session.end()
    snap = opened.session.snapshot()
    assert len(snap.scenes) == 27
    assert snap.finished
