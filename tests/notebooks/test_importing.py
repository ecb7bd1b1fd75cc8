"""Notebooks as lessons: what becomes of each kind of cell, and a whole notebook that checks green."""

import json
from pathlib import Path
from typing import Any

import pytest
from nbformat import v4, write

from gradtui.check.runner import check
from gradtui.course.loader import parse_lesson
from gradtui.course.schema import Lesson, Step
from gradtui.notebooks.importing import Imported, import_notebook

FIXTURE = Path(__file__).parent / "fixtures/autograd-by-hand.ipynb"


def out(text: str) -> Any:
    return v4.new_output("stream", name="stdout", text=text)


def value(text: str) -> Any:
    return v4.new_output("execute_result", data={"text/plain": text}, execution_count=1)


def error(name: str, message: str) -> Any:
    return v4.new_output("error", ename=name, evalue=message, traceback=["\x1b[31mTraceback"])


def code(source: str, *outputs: Any) -> Any:
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=1)


def imported(folder: Path, *cells: Any, **metadata: Any) -> Imported:
    path = folder / "note book.ipynb"
    made = [v4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    write(v4.new_notebook(cells=made, metadata=metadata), path)
    return import_notebook(path)


def lesson(made: Imported) -> Lesson:
    return parse_lesson(made.text, Path("lesson.yaml")).lesson


def step(folder: Path, *cells: Any, at: int = -1) -> Step:
    return lesson(imported(folder, code("import torch"), *cells)).steps[at]


def test_headings_are_titles_and_ids_and_unique(tmp_path: Path) -> None:
    made = lesson(
        imported(
            tmp_path,
            "# All of it\n\nHello.",
            code("import torch"),
            "## A *leaf*!\n\nMore.",
            code("x = 1"),
            "## A leaf\n\nAgain.",
            code("x = 2"),
            "No heading here. But words.",
            code("x = 3"),
            code("y = x  # why"),
        )
    )
    assert (made.title, made.id) == ("All of it", "note-book")
    assert [(s.id, s.title) for s in made.steps] == [
        ("step-1", "Hello"),
        ("a-leaf", "A leaf!"),
        ("a-leaf-2", "A leaf"),
        ("step-4", "No heading here"),
        ("step-5", "y = x"),
    ]


def test_prints_values_and_errors_are_what_is_expected(tmp_path: Path) -> None:
    ones = "x = torch.ones(2, requires_grad=True)\n"
    one = step(tmp_path, code(ones + "print(x)", out("tensor([1., 1.], requires_grad=True)\n")))
    assert one.prints == "tensor([1., 1.], requires_grad=True)\n"
    shown = step(tmp_path, code(ones + "(x * 2).detach()  # see", value("tensor([2., 2.])")))
    assert shown.code == ones + "print((x * 2).detach())  # see\n"
    assert shown.prints == "tensor([2., 2.])\n"
    failed = step(
        tmp_path,
        code(ones + "print(1)\nx.backward()", out("1\n"), error("RuntimeError", FIRST + "s")),
    )
    assert failed.prints == "1\n"
    assert failed.raises is not None
    assert (failed.raises.type, failed.raises.match) == ("RuntimeError", FIRST + "s")


FIRST = "grad can be implicitly created only for scalar output"
VALUES = {"'a' + 'b'": ("'ab'", "repr('a' + 'b')"), "1, 2": ("(1, 2)", "(1, 2)")}


@pytest.mark.parametrize("source", VALUES)
def test_a_value_is_printed_as_the_notebook_shows_it(tmp_path: Path, source: str) -> None:
    shown, printed = VALUES[source]
    one = step(tmp_path, code(source, value(shown)))
    assert one.code == f"print({printed})\n"
    assert one.prints == f"{shown}\n"


def test_an_object_is_shown_as_print_shows_it_or_not_at_all(tmp_path: Path) -> None:
    node = step(
        tmp_path,
        code(
            "y = torch.ones(1, requires_grad=True) + 1\ny.grad_fn",
            value("<AddBackward0 at 0x7f82b0aa0>"),
        ),
    )
    assert node.prints == "<AddBackward0 object at 0x7f82b0aa0>\n"
    seed = step(
        tmp_path, code("torch.manual_seed(0)", value("<torch._C.Generator at 0x7f82b0aa0>"))
    )
    assert (seed.code, seed.prints) == ("torch.manual_seed(0)\n", None)


def test_prints_and_errors_of_what_is_left_out_are_left_out_with_it(tmp_path: Path) -> None:
    cell = code("print(1)\nprint(sp.pi)\nprint(2)", out("1\n3.14\n2\n"))
    made = lesson(imported(tmp_path, code("import scipy as sp"), cell)).steps[-1]
    assert (made.code, made.prints) == ("print(1)\nprint(2)\n", "1\n2\n")
    failed = code("y = 1\nopen(y)", error("OSError", "Bad file descriptor"))
    made = lesson(imported(tmp_path, failed)).steps[-1]
    assert (made.code, made.raises) == ("y = 1\n", None)


def test_a_choice_of_device_runs(tmp_path: Path) -> None:
    pick = 'torch.device("cuda" if torch.cuda.is_available() else "cpu")'
    made = imported(tmp_path, code(f"import torch\nd = {pick}\nprint(d)", out("cpu\n")))
    assert made.notes == ()


def test_a_value_nobody_showed_is_left_alone(tmp_path: Path) -> None:
    assert step(tmp_path, code("x = 1\nx")).code == "x = 1\nx\n"


LEFT_OUT = {
    # a statement: why it is prose
    "%matplotlib inline": "a command to IPython",
    "!pip install torch": "a command to IPython",
    "import pandas as pd": "the module pandas is not in the lesson language",
    "open('x')": "files cannot be reached",
    "torch.nosuch(x)": "has no attribute 'nosuch'",
    "import time": "no two runs agree on the time",
    "print(torch.__version__)": "a version is another on every machine",
    "while True: pass": "limit",
    "x = torch.zeros(10**12)": "limit",
}


@pytest.mark.parametrize("source", LEFT_OUT)
def test_what_is_not_of_the_language_is_prose_and_listed(tmp_path: Path, source: str) -> None:
    cell = code(f"x = torch.ones(2)\n{source}\ny = 2 * x\nprint(y)", out("tensor([2., 2.])\n"))
    made = imported(tmp_path, code("import torch"), cell, code("print(1)", out("1\n")))
    one = lesson(made).steps[1]
    assert source in one.say
    assert source not in (one.code or "")
    assert any(LEFT_OUT[source] in note.text for note in made.notes), made.notes
    assert lesson(made).steps[-1].code == "print(1)\n"
    if "limit" not in LEFT_OUT[source]:
        assert one.prints == "tensor([2., 2.])\n"


def test_what_uses_what_was_left_out_is_left_out_too(tmp_path: Path) -> None:
    made = imported(
        tmp_path,
        code("import torch, scipy as sp\na = sp.ones(2)\nb = torch.ones(2)"),
        code("print(torch.tensor(a))\nprint(b)", out("tensor([1., 1.])\ntensor([1., 1.])\n")),
        code("a = b\nprint(a)", out("tensor([1., 1.])\n")),
    )
    first, second, third = lesson(made).steps
    assert first.code == "import torch\nb = torch.ones(2)\n"
    assert second.code == "print(b)\n"
    assert third.code == "a = b\nprint(a)\n"
    assert "it uses a, which is left out" in "".join(note.text for note in made.notes)


def test_a_loop_loses_its_plots_and_goes_on(tmp_path: Path) -> None:
    loop = (
        "for i in range(2):\n    print(i)\n    plt.plot([i],\n             [i])\n"
        "    if i: plt.show()  # now\n"
    )
    made = imported(tmp_path, code("import matplotlib.pyplot as plt"), code(loop, out("0\n1\n")))
    one = lesson(made).steps[-1]
    assert one.code == ("for i in range(2):\n    print(i)\n    pass\n    if i: pass  # now\n")
    assert one.prints == "0\n1\n"
    assert "plt.plot([i], [i])" in one.say
    assert "plt.show()" in one.say


def test_pictures_html_links_and_braces_are_words(tmp_path: Path) -> None:
    one = step(
        tmp_path,
        "![a *plot*](attachment:p.png) <b>bold</b> [here](#there) [web](https://pytorch.org)\n\n"
        "<ul><li>one</li><li>two<script>alert(1)</script></li></ul>\n\n$\\frac{{a}}{b}$ `{{x}}`",
        code("x = 1"),
    )
    assert one.say == (
        "*(a picture: a *plot*)* bold here [web](https://pytorch.org)\n\n- one\n- two\n\n"
        "$\\frac{{ '{{' }}a}}{b}$ `{{ '{{' }}x}}`\n"
    )


def test_prose_without_code_and_code_without_prose(tmp_path: Path) -> None:
    made = lesson(imported(tmp_path, code("x = 1"), "## The end\n\nWords.", "More."))
    assert [(s.code is None, bool(s.say)) for s in made.steps] == [(False, True), (True, True)]
    assert made.steps[1].say == "Words.\n\nMore.\n"


def test_names_the_prose_only_mentions_claim_nothing(tmp_path: Path) -> None:
    made = imported(tmp_path, "Call `my_helper(x)` on `x`.", code("x = 1"))
    assert "Call ``my_helper(x)`` on `x`." in made.text
    assert [note.text for note in made.notes] == ["the prose names my_helper(x), which is not here"]


# draws


def test_a_drawn_tensor_that_is_printed_is_read_off(tmp_path: Path) -> None:
    made = step(
        tmp_path,
        code("x = torch.randn(3)\ny = torch.rand(2)"),
        code("print(x)", out("tensor([ 0.1000, -0.2500,  3.0000])\n")),
        at=1,
    )
    assert made.draws[0] == (0.1, -0.25, 3.0)
    assert len(made.draws) == 2


def test_digits_and_draws_that_were_not_printed_are_solved_for(tmp_path: Path) -> None:
    made = imported(
        tmp_path,
        code("import torch\nx = torch.randn(3, requires_grad=True)\nprint(x)",
             out("tensor([-0.4134, -1.2041,  1.2125], requires_grad=True)\n")),
        code("z = 2*(x + 2)**2\nprint(z)",
             out("tensor([ 5.0344,  1.2668, 20.6400], grad_fn=<MulBackward0>)\n")),
        code("g = torch.randn(z.shape)"),
        code("z.backward(g)\nprint(x.grad)", out("tensor([-0.6132,  4.8666, 14.6377])\n")),
    )  # fmt: skip
    assert made.notes == ()
    steps = lesson(made).steps
    assert steps[0].draws[0] == pytest.approx([-0.41343, -1.20413, 1.21248], abs=2e-5)
    assert steps[2].draws[0] == pytest.approx([-0.0966, 1.5287, 1.1391], abs=1e-4)


def test_a_seeded_notebook_keeps_its_draws_to_itself(tmp_path: Path) -> None:
    import torch

    torch.manual_seed(3)
    text = f"{torch.randn(2)}\n"
    made = step(tmp_path, code("torch.manual_seed(3)\nprint(torch.randn(2))", out(text)))
    assert (made.draws, made.prints) == ((), text)


def test_whole_numbers_are_read_off_too(tmp_path: Path) -> None:
    made = step(tmp_path, code("i = torch.randperm(5)\nprint(i)", out("tensor([4, 0, 3, 1, 2])\n")))
    assert made.draws == ((4.0, 0.0, 3.0, 1.0, 2.0),)


def test_numbers_of_draws_nobody_sees_are_the_lessons_own(tmp_path: Path) -> None:
    net = "net = torch.nn.Linear(2, 1)\nprint(net(torch.ones(2)))"
    stored = "tensor([0.4242], grad_fn=<ViewBackward0>)\n"
    made = imported(tmp_path, code("import torch"), code(net, out(stored)))
    prints = lesson(made).steps[1].prints
    assert prints is not None
    assert prints != stored
    assert prints.startswith("tensor([")
    assert "are not shown" in made.notes[0].text


def test_what_differs_otherwise_is_kept_and_said(tmp_path: Path) -> None:
    made = imported(tmp_path, code("print(1 + 1)", out("three\n")))
    assert lesson(made).steps[0].prints == "three\n"
    assert made.notes[0].text == 'the notebook shows "three", and this prints "2"'
    assert made.notes[0].differs


def test_a_formula_is_no_heading(tmp_path: Path) -> None:
    made = lesson(imported(tmp_path, "Before.\n\n$$\nx\n=\ny\n$$\n\n# After", code("x = 1")))
    assert made.title == "note book"
    assert [s.title for s in made.steps] == ["Before", "After"]
    assert "$$\nx\n=\ny\n$$" in made.steps[0].say


# a whole one


def test_a_notebook_as_one_finds_them_checks_green(tmp_path: Path) -> None:
    made = import_notebook(FIXTURE, "by-hand")
    path = tmp_path / "by-hand.yaml"
    path.write_text(made.text)
    report = check([path])
    assert report.trouble == ""
    assert report.lessons[0].findings == ()
    assert report.lessons[0].compared.same > 500
    assert report.lessons[0].compared.differs == 0
    steps = parse_lesson(made.text, path).lesson.steps
    assert sum(bool(one.prints) for one in steps) >= 14
    assert sum(bool(one.raises) for one in steps) >= 5
    assert sum(bool(one.draws) for one in steps) == 2
    told = "\n".join(map(str, made.notes))
    for words in ("!pip install", "matplotlib", "a picture", "open is not in", "my_own_helper"):
        assert words in told


def test_an_output_that_ends_in_a_blank_line_stays_one(tmp_path: Path) -> None:
    source, path = "print(7)\nprint()", tmp_path / "blank.ipynb"
    output = {"output_type": "stream", "name": "stdout", "text": "7\n\n"}
    cell = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": 1,
        "source": source,
        "outputs": [output],
    }
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell, cell]})
    )
    steps = parse_lesson(import_notebook(path).text, path).lesson.steps
    assert [step.prints for step in steps] == ["7\n\n", "7\n\n"]
