"""Notebooks nobody should open: each is refused in one line, and none costs much."""

import json
from pathlib import Path
from typing import Any

import pytest

from gradtui.course.loader import parse_lesson
from gradtui.notebooks.importing import import_notebook
from gradtui.notebooks.reading import BadNotebook


def cell(kind: str, source: Any, **more: Any) -> dict[str, Any]:
    own = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": "a", "metadata": {}, "source": source, **own, **more}


def notebook(*cells: Any, **more: Any) -> str:
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}
    return json.dumps(made)


BAD = {
    # what the file holds: what the line says
    "": "not a notebook",
    "{": "not a notebook",
    "[]": "it is no mapping",
    "3": "it is no mapping",
    "{}": "no `nbformat`",
    '{"cells": []}': "no `nbformat`",
    notebook(nbformat="4"): "no `nbformat`",
    notebook(nbformat=5): "newer than this gradtui",
    notebook(nbformat=2): "too old",
    notebook(): "nothing in it",
    notebook(cell("markdown", "")): "nothing in it",
    notebook(cells=3): "not a notebook",
    notebook(3): "not a notebook",
    notebook({"cell_type": "code"}): "not a notebook",
    notebook(cell("quantum", "x")): "not a notebook",
    notebook(cell("code", "x = 1", outputs=[{"output_type": "magic"}])): "not a notebook",
    notebook(cell("markdown", "\x1b[2Jgone")): "cell 1 holds U+001B",
    notebook(cell("code", "x = '\u202e'")): "cell 1 holds U+202E RIGHT-TO-LEFT OVERRIDE",
    notebook(cell("code", "x = 1\n" * 50_000)): "more than 200,000 characters",
    notebook(*[cell("code", "x = 1", id=f"c{n}") for n in range(1_001)]): "at most 1,000",
    notebook(*[cell("code", "x = 1", id=f"c{n}") for n in range(500)]): "split it, at most 400",
    '{"nbformat": 4, "cells": ' + "[" * 200_000: "nested deeper than 40 levels",
    '{"nbformat": ' + "9" * 5_000 + "}": "more than 20 digits",
}


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:30])
def test_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_text(text, "utf-8")
    with pytest.raises(BadNotebook) as caught:
        import_notebook(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert BAD[text] in said
    assert said.isprintable()


def test_not_utf_8_not_there_and_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    for content, says in ((b"\xff\xfe", "not UTF-8"), (b" " * 20_000_001, "larger than")):
        path.write_bytes(content)
        with pytest.raises(BadNotebook, match=says):
            import_notebook(path)
    with pytest.raises(BadNotebook, match="cannot be read"):
        import_notebook(tmp_path / "none.ipynb")
    with pytest.raises(BadNotebook, match="cannot be read"):
        import_notebook(tmp_path)


def test_signs_for_terminals_in_outputs_are_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "colours.ipynb"
    stream = {
        "output_type": "stream",
        "name": "stdout",
        "text": "\x1b[31mred\x1b[0m \x1b]0;title\x07\u202eok\n",
    }
    path.write_text(notebook(cell("code", "print('red \\ufffdok')", outputs=[stream])))
    made = import_notebook(path)
    assert made.notes == ()
    assert parse_lesson(made.text, path).lesson.steps[0].prints == "red �ok\n"


KEPT = {
    "not a mapping": 3,
    "no such part": {"part": "soul", "cells": 1, "digest": "", "content": {}},
    "more cells than there are": {"part": "step", "cells": 99, "digest": "", "content": {}},
    "another digest": {"part": "step", "cells": 1, "digest": "0", "content": {"id": "a"}},
}


@pytest.mark.parametrize("row", KEPT)
def test_what_an_export_left_is_not_trusted(row: str, tmp_path: Path) -> None:
    path = tmp_path / "kept.ipynb"
    made = cell("code", "x = 1", metadata={"gradtui": KEPT[row]})
    path.write_text(notebook(made))
    steps = parse_lesson(import_notebook(path).text, path).lesson.steps
    assert [step.code for step in steps] == ["x = 1\n"]


@pytest.mark.parametrize(
    "content",
    [{}, {"id": "a"}, {"id": "a", "title": "A", "say": "A", "draws": "12"}, {"id": ["a"] * 9}],
    ids=str,
)
def test_nor_when_its_digest_is_right(content: Any, tmp_path: Path) -> None:
    from gradtui.notebooks import keeping

    path = tmp_path / "kept.ipynb"
    kept = keeping.metadata("step", [("code", "x = 1")], content)
    path.write_text(notebook(cell("code", "x = 1", metadata={"gradtui": kept})))
    steps = parse_lesson(import_notebook(path).text, path).lesson.steps
    assert [step.code for step in steps] == ["x = 1\n"]
