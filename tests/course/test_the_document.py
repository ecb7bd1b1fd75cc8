"""The first lesson prints what the document prints, to the letter, on both engines."""

from functools import cache

import pytest

import gradtui.engine as engine
from gradtui.course.loader import load_lesson
from gradtui.course.packs import bundled
from gradtui.course.programs import program
from gradtui.course.schema import Lesson
from gradtui.oracle.client import run_torch
from gradtui.tape.events import AnyEvent, Printed, Raised, StepBegan
from gradtui.tape.recorder import play

# The printed outputs of the document, and the errors it shows, copied from it.
DOCUMENT = {
    "In [2]": "tensor([-0.4134, -1.2041,  1.2125], requires_grad=True)\n",
    "In [3]": "tensor([1.5866, 0.7959, 3.2125], grad_fn=<AddBackward0>)\n",
    "In [4]": "tensor([ 5.0344,  1.2668, 20.6400], grad_fn=<MulBackward0>)\n",
    "In [5]": "tensor(8.9804, grad_fn=<MeanBackward0>)\n",
    "In [9]": "tensor([-0.6132,  4.8666, 14.6377])\n",
    "In [16]": "tensor([ 0.1189, -0.5598, -2.7388])\nNone\nNone\n",
    "In [19]": "tensor([-0.7367, -0.5727,  1.9858])\n",
    "In [20]": (
        "tensor([3., 3., 3., 3.])\ntensor([6., 6., 6., 6.])\n"
        "tensor([9., 9., 9., 9.])\ntensor([12., 12., 12., 12.])\n"
    ),
    "In [21]": "tensor([3., 3., 3., 3.])\n" * 4,
    "In [24]": "tensor([1., 1., 1., 1.], requires_grad=True)\n",
}
ERRORS = {
    "In [18]": (
        "RuntimeError",
        "element 0 of tensors does not require grad and does not have a grad_fn",
    ),
    "In [24]": (
        "TypeError",
        "params argument given to the optimizer should be an iterable of Tensors or dicts,"
        " but got torch.FloatTensor",
    ),
}
CELLS = [f"In [{n}]" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 18, 19, 20, 21, 24)]


@cache
def lesson() -> Lesson:
    return load_lesson(bundled().lesson("gradients-with-autograd")).lesson


@cache
def events(which: str) -> list[AnyEvent]:
    if which == "torch":
        return run_torch(program(lesson()))
    told: list[AnyEvent] = []
    play(program(lesson()), engine, told.append)
    return told


def of_cell(which: str, cell: str) -> list[AnyEvent]:
    step = next(step.id for step in lesson().steps if step.source == cell)
    inside, found = False, []
    for event in events(which):
        if isinstance(event, StepBegan):
            inside = event.step == step
        if inside:
            found.append(event)
    return found


def test_every_cell_is_a_step_in_the_order_of_the_document() -> None:
    assert [step.source for step in lesson().steps if step.source] == CELLS


@pytest.mark.parametrize("which", ["gradtui", "torch"])
@pytest.mark.parametrize("cell", DOCUMENT)
def test_prints(cell: str, which: str) -> None:
    printed = [event.text for event in of_cell(which, cell) if isinstance(event, Printed)]
    assert "".join(printed) == DOCUMENT[cell]


@pytest.mark.parametrize("which", ["gradtui", "torch"])
@pytest.mark.parametrize("cell", ERRORS)
def test_errors(cell: str, which: str) -> None:
    raised = [event for event in of_cell(which, cell) if isinstance(event, Raised)]
    assert [(event.type, event.message) for event in raised] == [ERRORS[cell]]


def test_the_lesson_is_in_its_own_words() -> None:
    document = (
        "Gradients are essential in machine learning and autograd helps us",
        "If we want to calculate the gradient of some function",
        "has an attribute called grad_fn that helps in calculating",
        "The above output is explained as such",
        "vector Jacobian matrix (with the partial derivatives)",
    )
    prose = " ".join(
        part for step in lesson().steps for part in (step.say, step.explain or "", step.code or "")
    )
    assert not [sentence for sentence in document if sentence in " ".join(prose.split())]


def test_the_lesson_is_as_rich_as_promised() -> None:
    steps = lesson().steps
    asks = [step.ask for step in steps if step.ask]
    assert 20 <= len(steps) <= 26
    assert len(asks) >= 8
    assert {ask.kind for ask in asks} == {"value", "choice", "order", "error", "none_or_zero"}
    assert all(len(ask.hints) >= 2 for ask in asks)
    terms = {
        "tape",
        "leaf",
        "grad_fn",
        "vector",
        "Jacobian",
        "cotangent",
        "vector–Jacobian product",
    }
    assert terms <= {term.term for term in lesson().glossary}


def test_prose_fits_76_columns() -> None:
    for step in lesson().steps:
        for text in (step.say, step.explain or "", *(w.say or "" for w in step.what_if)):
            assert max((len(line) for line in text.splitlines()), default=0) <= 76, text
        code = [step.code or "", *(w.code for w in step.what_if)]
        assert max(len(line) for text in code for line in (text.splitlines() or [""])) <= 76
