"""Lessons as notebooks and Markdown: run under plain Jupyter and torch, and imported again."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from markdown_it import MarkdownIt

from gradtui.check.runner import check
from gradtui.course.filling import content
from gradtui.course.loader import load_lesson, parse_lesson
from gradtui.course.packs import bundled
from gradtui.course.schema import Lesson
from gradtui.notebooks.exporting import export
from gradtui.notebooks.importing import import_notebook
from tests.notebooks.run_cells import differences

BUNDLED = bundled().lesson("gradients-with-autograd")
FEATURES = Path(__file__).parents[1] / "course/fixtures/every-feature.yaml"
BY_HAND = Path(__file__).parent / "fixtures/autograd-by-hand.ipynb"


@cache
def lesson_at(path: Path) -> Lesson:
    if path.suffix == ".ipynb":
        return parse_lesson(import_notebook(path).text, path).lesson
    return load_lesson(path).lesson


@pytest.mark.parametrize("path", [BUNDLED, FEATURES, BY_HAND], ids=lambda path: path.stem)
def test_the_notebook_shows_the_same_in_jupyter(path: Path, tmp_path: Path) -> None:
    made = export(lesson_at(path), "ipynb")
    assert made.notes == ()
    notebook = tmp_path / "made.ipynb"
    notebook.write_text(made.text, "utf-8")
    nbformat.validate(nbformat.read(notebook, as_version=4))
    assert differences(notebook) == []


@pytest.mark.parametrize("path", [BUNDLED, FEATURES, BY_HAND], ids=lambda path: path.stem)
def test_there_and_back_is_the_same_lesson(path: Path, tmp_path: Path) -> None:
    lesson = lesson_at(path)
    first = export(lesson, "ipynb").text
    again = imported(first, tmp_path, lesson.id)
    assert content(again) == stripped(lesson)
    assert export(again, "ipynb").text == first


def imported(text: str, folder: Path, lesson_id: str) -> Lesson:
    path = folder / "there.ipynb"
    path.write_text(text, "utf-8")
    made = import_notebook(path, lesson_id)
    assert made.notes == ()
    return parse_lesson(made.text, path).lesson


def stripped(lesson: Lesson) -> Any:
    """What the lesson says; code ends in one line end."""

    def plain(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: plain(one, name) for name, one in value.items()}
        if isinstance(value, tuple):
            return tuple(plain(one) for one in value)
        return value.rstrip("\n") + "\n" if key == "code" else value

    return plain(content(lesson))


def test_without_what_was_left_in_it_it_still_checks_green(tmp_path: Path) -> None:
    notebook = json.loads(export(lesson_at(BUNDLED), "ipynb").text)
    for cell in notebook["cells"]:
        cell["metadata"].pop("gradtui", None)
    path = tmp_path / "bare.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    lesson = tmp_path / "bare.yaml"
    lesson.write_text(import_notebook(path).text, "utf-8")
    report = check([lesson])
    assert [f for f in report.lessons[0].findings if f.kind != "number"] == []
    assert report.lessons[0].compared.same > 250


def test_a_cell_that_was_changed_is_an_ordinary_cell(tmp_path: Path) -> None:
    notebook = json.loads(export(lesson_at(FEATURES), "ipynb").text)
    cell = next(c for c in notebook["cells"] if "twice = 2 * w.grad" in "".join(c["source"]))
    cell["source"] = ["thrice = 3 * w.grad\n", "print(thrice)"]
    path = tmp_path / "changed.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    steps = parse_lesson(import_notebook(path).text, path).lesson.steps
    assert [step.code for step in steps if "thrice" in (step.code or "")] == [
        "thrice = 3 * w.grad\nprint(thrice)\n"
    ]
    kept = {step.id for step in steps} & {step.id for step in lesson_at(FEATURES).steps}
    assert kept == {"draw", "loss", "walk", "shape", "tell", "fail", "end"}


def test_draws_stand_as_literals() -> None:
    code = "".join(
        cell.source + "\n"
        for cell in nbformat.reads(export(lesson_at(BUNDLED), "ipynb").text, 4).cells
        if cell.cell_type == "code"
    )
    assert "x = torch.tensor([-0.413431, -1.204136, 1.212476], requires_grad=True)" in code
    assert "d.backward(torch.tensor([0.118917, -0.559764, -2.738826]))" in code
    assert "randn" not in code


DRAWS = """\
format: 1
id: draws
title: Draws
steps:
  - id: loop
    title: In a loop
    say: Three draws of one call, and a fourth of another.
    code: |
      import torch
      for row in range(3):
          print(torch.randn(2), torch.rand(()))
    draws: [[1.0, 2.0], 0.5, [3.0, 4.0], 0.25, [5.0, .inf], 0.125]
  - id: kinds
    title: Of every kind
    say: Whole numbers, doubles, chance.
    code: |
      def draw(n):
          return torch.randint(0, 9, (n,))
      print(torch.randperm(3), torch.rand(1, dtype=torch.float64), draw(2), draw(1))
      torch.normal(0.0, 1.0, (2,))  # shown by nobody
    draws: [[2, 0, 1], [0.1], [7, 8], [3], [0.5, 1.5]]
"""


def test_draws_of_loops_and_functions_are_the_same_in_jupyter(tmp_path: Path) -> None:
    text = DRAWS.replace(".inf", "inf")
    made = export(parse_lesson(text, FEATURES).lesson, "ipynb")
    assert made.notes == ()
    assert "next(draws_" in made.text
    path = tmp_path / "draws.ipynb"
    path.write_text(made.text, "utf-8")
    assert differences(path) == []


def test_draws_of_a_function_of_another_step_are_said_to_be_missing() -> None:
    lesson = parse_lesson(
        DRAWS[: DRAWS.index("      for row")]
        + """\
      def draw(n):
          return torch.randn(n)
  - id: use
    title: Use it
    say: Used.
    code: print(draw(2))
    draws: [[1.0, 2.0]]
""",
        FEATURES,
    ).lesson
    assert export(lesson, "ipynb").notes == (
        "use: a function of another step uses its draws: the notebook draws other numbers",
    )


def test_links_to_steps_lead_to_their_headings() -> None:
    lesson = lesson_at(FEATURES)
    assert "[the first step](#draws-that-are-given)" in export(lesson, "md").text
    assert "[the first step](#Draws-that-are-given)" in export(lesson, "ipynb").text


@pytest.mark.parametrize("path", [BUNDLED, FEATURES], ids=lambda path: path.stem)
def test_markdown_tells_everything_and_parses(path: Path) -> None:
    lesson = lesson_at(path)
    text = export(lesson, "md").text
    wanted = [lesson.title, *lesson.objectives, *(t.term for t in lesson.glossary)]
    for step in lesson.steps:
        wanted += [f"## {step.title}", (step.code or "").rstrip("\n"), (step.prints or "").rstrip()]
        wanted += [one.code.rstrip("\n") for one in step.what_if]
        wanted += [f"What if: {one.label}".replace("&", "&amp;") for one in step.what_if]
        wanted += [step.exercise.solution.rstrip("\n")] if step.exercise else []
    assert [one for one in wanted if one not in text] == []
    assert "{{" not in text
    tokens = MarkdownIt("commonmark").parse(text)
    fences = [token for token in tokens if token.type == "fence"]
    assert {fence.info for fence in fences} == {"python", "text"}
    assert text.count("<details>") == text.count("</details>") > 5
