"""Notebooks put together at random: each is a lesson that loads, or refused in one line."""

import json
import os
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gradtui.course.loader import parse_lesson
from gradtui.notebooks.exporting import export
from gradtui.notebooks.importing import Imported, import_notebook
from gradtui.notebooks.reading import BadNotebook

MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# One", "## Two", "Two\n===", "#", "text", "`x.grad` and ``y``", "```python", "```",
            "- a\n- b", "1. a", "> q", "| a | b |\n|---|---|\n| 1 | 2 |", "$$\\frac{{a}}{b}$$",
            "<div><p>x</p>", "</div>", "<b>", "![p](a.png)", "[l](#m)", "[l](http://a.b)", "{{",
            "{{ x }}", "}}", "\t", "  indented", "---", "***", "a" * 300, "é世界🙂", ": # - ? !",
            "'", '"', "<img src=x alt='[y]'>", "&lt;", "\\", "`", "%YAML 1.2", "key: value", "- ",
        ]
    ),
    max_size=6,
).map("\n".join)  # fmt: skip
CODE = st.lists(
    st.sampled_from(
        [
            "import torch", "import torch, numpy as np", "x = torch.ones(2, requires_grad=True)",
            "y = x * 2", "y.sum().backward()", "x.grad", "print(x)", "x", "# only words", "",
            "%time x", "!ls", "x?", "%%bash", "def f(a):\n    return a * x", "f(y)", "for i in (1,",
            "for i in range(2):\n    print(i)", "np.ones(2)", "torch.randn(2)", "r = torch.rand(3)",
            "print(r)", "a = 1; b = 2; a, b", "'''doc\n\n  string'''", "    indented", "1/0", "x +=",
            "class A:\n    pass", "A()", "with torch.no_grad():\n    z = x * 3", "z;", "é = 1", "é",
            "torch.manual_seed(0)", "while True: pass", "print('{{')", "del x", "'\\x1b[31m'",
            "lambda: 0", "async def g(): pass", "x.numpy()", "print(end='')", "f'{x}'", "\x0c",
        ]
    ),
    max_size=5,
).map("\n".join)  # fmt: skip
TEXTS = st.sampled_from(
    ["", "1\n", "tensor([1., 1.])\n", "no end", "  two\n\nlines \n", "\x1b[1mb\x1b[0m\n", "{{ x }}\n",
     "tensor([0.1234, 0.5678, 0.9012])\n", "nan\n", "\u202e\n", "'a: b #'\n", "<A at 0x7f>", "-0.\n"]
)  # fmt: skip
OUTPUT = st.one_of(
    st.builds(lambda t: {"output_type": "stream", "name": "stdout", "text": t}, TEXTS),
    st.builds(lambda t: {"output_type": "stream", "name": "stderr", "text": t}, TEXTS),
    st.builds(
        lambda t, n: {"output_type": "execute_result", "data": {"text/plain": t}, "metadata": {},
                      "execution_count": n},
        TEXTS, st.integers(0, 99),
    ),
    st.builds(
        lambda n, t: {"output_type": "error", "ename": n, "evalue": t, "traceback": []},
        st.sampled_from(["RuntimeError", "NameError", "torch.cuda.OOM", "", "é"]), TEXTS,
    ),
    st.just({"output_type": "display_data", "data": {"image/png": "AA=="}, "metadata": {}}),
)  # fmt: skip
CELL = st.one_of(
    st.builds(lambda s: {"cell_type": "markdown", "metadata": {}, "source": s}, MARKDOWN),
    st.builds(
        lambda s, o, n: {"cell_type": "code", "metadata": {}, "source": s, "outputs": o,
                         "execution_count": n},
        CODE, st.lists(OUTPUT, max_size=3), st.one_of(st.none(), st.integers(0, 9)),
    ),
    st.builds(lambda s: {"cell_type": "raw", "metadata": {}, "source": s}, MARKDOWN),
)  # fmt: skip


def outcome(path: Path) -> Imported | str:
    """What the import gives, or the line it refuses with."""
    try:
        return import_notebook(path, "random")
    except BadNotebook as bad:
        return str(bad)


@settings(
    max_examples=int(os.environ.get("GRADTUI_NOTEBOOKS", "12")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cells=st.lists(CELL, max_size=7))
@example(cells=[{"cell_type": "markdown", "metadata": {}, "source": "# One\n{{\n---"}])
def test_a_lesson_or_one_line(cells: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "random.ipynb"
    made = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    path.write_text(json.dumps(made), "utf-8")
    imported = outcome(path)
    if isinstance(imported, str):
        assert imported.isprintable()
        assert "makes no lesson" not in imported
        return
    assert all(str(note).isprintable() for note in imported.notes)
    lesson = parse_lesson(imported.text, path).lesson
    assert len(lesson.steps) == imported.steps
    for form in ("md", "ipynb"):
        assert export(lesson, form).text  # type: ignore[arg-type]
