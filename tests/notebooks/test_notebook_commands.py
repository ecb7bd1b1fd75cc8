"""`gradtui import` and `gradtui export` as commands: files, streams, exit status, one-line refusals."""

import subprocess
import sys
from pathlib import Path

from nbformat import v4, write

from tests.notebooks.test_importing import FIXTURE


def gradtui(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gradtui.cli", *arguments],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_import_writes_a_file_once_and_tells_what_became_of_the_rest(tmp_path: Path) -> None:
    target = tmp_path / "by-hand.yaml"
    done = gradtui("import", str(FIXTURE), "-o", str(target))
    assert done.returncode == 0
    assert done.stdout == ""
    assert "In [9]: a picture is left out" in done.stderr
    assert "27 steps" in done.stderr
    assert target.read_text().startswith("# yaml-language-server: $schema=")
    assert "\nid: by-hand\n" in target.read_text()
    again = gradtui("import", str(FIXTURE), "-o", str(target))
    assert again.returncode == 1
    assert again.stderr == f"gradtui: {target} is there already (--force replaces it)\n"
    assert (tmp_path / ".schema/lesson.json").is_file()
    before = target.read_text()
    target.write_text("mine")
    assert gradtui("import", str(FIXTURE), "-o", str(target), "--force").returncode == 0
    assert target.read_text() == before


def test_a_file_whose_name_is_no_id_is_told_and_not_listed(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("lessons: [a]\n")
    done = gradtui("import", str(FIXTURE), "-o", str(tmp_path / "My Notebook.yaml"))
    assert done.returncode == 0
    assert "left to do: call the file my-notebook.yaml" in done.stderr
    assert (tmp_path / "pack.yaml").read_text() == "lessons: [a]\n"


def test_import_to_stdout_and_export_of_it_to_both_forms(tmp_path: Path) -> None:
    lesson = tmp_path / "small.yaml"
    small = tmp_path / "small.ipynb"
    cells = [v4.new_markdown_cell("# Small"), v4.new_code_cell("x = 1")]
    write(v4.new_notebook(cells=cells), small)
    lesson.write_text(gradtui("import", str(small)).stdout)
    for form, begins in (("md", "# Small"), ("ipynb", '{\n "cells"')):
        assert gradtui("export", str(lesson), "--to", form).stdout.startswith(begins)
    target = tmp_path / "out.md"
    assert gradtui("export", str(lesson), "--to", "md", "-o", str(target)).returncode == 0
    assert target.read_text().startswith("# Small")
    again = gradtui("export", str(lesson), "--to", "md", "-o", str(target))
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


def test_what_is_no_notebook_or_no_lesson_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("{")
    bad = [gradtui("import", str(path)), gradtui("import", str(tmp_path / "none.ipynb"))]
    bad += [gradtui("export", "no-such-lesson", "--to", "md")]
    bad += [gradtui("import", str(FIXTURE), "-o", str(tmp_path / "no/such/folder.yaml"))]
    for done in bad:
        assert done.returncode == 1
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
    assert all(done.stderr.count("\n") == 1 for done in bad[:3])
    assert bad[3].stderr.splitlines()[-1].endswith("cannot be written: No such file or directory")
