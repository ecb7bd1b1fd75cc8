"""The fixture with every key of the format, taken through the session and told as plain text."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gradtui.course.filling import content, keys
from gradtui.course.loader import load_lesson
from gradtui.course.schema import KINDS, Lesson, Model
from gradtui.session import Session
from gradtui.session.answers import Asking
from gradtui.session.attempts import UNSAID, Trying
from gradtui.show import show
from gradtui.tui.opening import Opening, open_target, record

FIXTURE = Path(__file__).parent / "fixtures/every-feature.yaml"
QUESTIONS = {
    # step: what is typed, whether it is right, what is said
    "draw": [("1", True, ""), ("none", True, ""), ("2", False, "Zeros would be an [answer]")],
    "loss": [("6.5", True, ""), ("0", False, "0.0` has no squares"), ("7", False, "Not that")],
    "walk": [
        ("SumBackward0 MulBackward0", True, ""),
        ("sumbackward, mulbackward, accumulategrad", True, ""),
        ("AccumulateGrad MulBackward0 SumBackward0", False, "the way forward"),
    ],
    "choose": [("2", True, ""), ("6.0", True, ""), ("1", False, "the gradient itself")],
    "tell": [
        ("loss 6.5 torch.Size([3])", True, ""),
        ("loss 6.5\\ntorch.Size([3])", True, ""),
        ("loss 6.5 [3]", False, "A shape says"),
        ("loss 6.7 torch.Size([3])", False, "Not that"),
    ],
    "shape": [
        ("[2, 3]", True, ""),
        ("2x3", True, ""),
        ("torch.Size([2, 3])", True, ""),
        ("(3,)", False, "along a new axis"),
        ("3 2", False, "Not that"),
    ],
    "fail": [("2", True, ""), ("no error", False, "For a scalar"), ("3", False, "The type")],
}


@cache
def opening() -> Opening:
    opened = open_target(FIXTURE)
    assert isinstance(opened, Opening)
    opened.session.recorded(record(opened.program, lambda: None))
    return opened


def at(step: str) -> Session:
    session = opening().session
    session.go_to_step([scene.id for scene in session.scenes].index(step))
    return session


def test_every_key_and_kind_is_used() -> None:
    lesson = load_lesson(FIXTURE).lesson
    used = set(keys_of(lesson))
    assert {(model.__name__, key) for model in models(Lesson) for key in keys(model)} <= used
    assert {step.ask.kind for step in lesson.steps if step.ask} == set(KINDS)


def keys_of(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, tuple):
        return [key for one in value for key in keys_of(one)]
    if not isinstance(value, Model):
        return []
    given = content(value)
    own = [(type(value).__name__, key) for key in given]
    return own + [key for name in given for key in keys_of(getattr(value, name))]


def models(model: type[Model]) -> set[type[Model]]:
    found = {model}
    for key in keys(model).values():
        found |= models(key.model) if key.model else set()
    return found


@pytest.mark.parametrize("step", QUESTIONS)
def test_a_question_of_each_kind_is_answered(step: str) -> None:
    asking = Asking.of(at(step))
    assert asking is not None
    assert "{{" not in asking.prompt
    for given, right, said in QUESTIONS[step]:
        reply = asking.judge(given)
        assert (reply.right, said in reply.say) == (right, True), (given, reply)


def test_what_is_quoted_is_computed() -> None:
    snap = at("draw").snapshot()
    assert "`tensor([ 1.5000, -2.0000,  0.5000])`" in snap.said
    assert "first entry is\n1.50." in snap.said
    assert "-2.0 in the middle" in snap.explained


def test_a_what_if_has_draws_of_its_own() -> None:
    take = record(opening().variant("draw", "other-draws"), lambda: None)
    said = take.quoted("draw/other-draws", "say", "Now the first entry is `{{ w[0].item() }}`.")
    assert said == "Now the first entry is `0.0`."


ATTEMPTS = {
    # code: solved, the last line of what is told
    "w.grad.zero_()": (True, ""),
    "w.grad.mul_(0)\nprint('[x]')": (True, ""),
    "w.grad = None": (False, "AttributeError"),
    "w.grad": (False, "tensor(False)"),
    "w.grad.zero_(": (False, "line 1"),
    "import os": (False, "os"),
    "1 / 0": (False, "ZeroDivisionError: division by zero"),
    "while True: pass": (False, "limit"),
}


@pytest.mark.parametrize("code", ATTEMPTS)
def test_an_exercise_is_judged_by_what_the_code_does(code: str) -> None:
    solved, told = ATTEMPTS[code]
    trying = Trying.of(at("walk"))
    assert trying is not None
    outcome = trying.judge(record(opening().attempt("walk", code), lambda: None))
    assert outcome.solved == solved
    said = " ".join([outcome.error, *(check.said for check in outcome.checks)])
    assert told in said
    assert len(outcome.checks) == 2


def test_the_starter_fails_and_the_solution_passes_with_a_print_told() -> None:
    trying = Trying.of(at("walk"))
    assert trying is not None
    assert trying.say.startswith("`w.grad` is `tensor([ 3., -4.,  1.])`.")
    assert trying.hint(1).endswith("it was `3.0` first.")
    for code, solved in ((trying.task.starter, False), (trying.task.solution, True)):
        take = record(opening().attempt("walk", code + "\nprint('[x]')"), lambda: None)
        assert trying.judge(take).solved == solved
        assert trying.judge(take).printed == "[x]\n"


def test_a_task_without_words_says_what_to_do() -> None:
    trying = Trying.of(at("walk"))
    assert trying is not None
    from msgspec.structs import replace

    assert replace(trying, task=replace(trying.task, say="")).say == UNSAID


def test_plain_text_tells_all_of_it() -> None:
    told = "\n".join(show(str(FIXTURE), width=200))
    lesson = load_lesson(FIXTURE).lesson
    wanted = [lesson.title, *lesson.objectives, *lesson.prerequisites]
    wanted += [term.term for term in lesson.glossary]
    for step in lesson.steps:
        wanted += [step.title, *(what_if.label for what_if in step.what_if)]
        wanted += (step.prints or "").splitlines()
        wanted += ["Predict:", "The answer:"] if step.ask else []
        wanted += step.exercise.checks if step.exercise else []
    assert [text for text in wanted if text not in told] == []
    assert "{{" not in told
    assert told.index("Hint 2: 2.25 + 4 + 0.25 = 6.5") < told.index("The answer: tensor(6.5000")
    assert "Error: RuntimeError: element 0 of tensors does not require grad" in told


def test_every_limit_of_a_run_can_be_made_tighter() -> None:
    from dataclasses import fields

    from gradtui.course.schema import LessonLimits
    from gradtui.language.program import Limits

    assert set(keys(LessonLimits)) == {field.name for field in fields(Limits)}
    assert load_lesson(FIXTURE).lesson.limits.limits().loop_seconds == 0.5
