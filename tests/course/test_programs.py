"""A lesson becomes programs: the main line with its probes, one for each what-if and exercise."""

from pathlib import Path

import pytest

from gradtui.course.loader import parse_lesson
from gradtui.course.programs import exercise, probes, program, variant
from gradtui.language.program import Probe

LESSON = """\
format: 1
id: small
title: Small
minutes: 1
seed: 7
limits: {statements: 100}
steps:
  - id: one
    title: One
    say: It is {{ x }}.
    code: x = torch.randn(1)
    draws: [[0.5]]
    checks: [x.is_leaf]
  - id: prose
    title: Only prose
    say: Nothing runs.
  - id: two
    title: Two
    say: Twice.
    code: y = 2 * x
    what_if:
      - {id: three, label: Thrice, code: y = 3 * x, say: "{{ y }}"}
    ask:
      prompt: What is y?
      answer: y
      mistakes: [{when: x, say: "not {{ x }}"}]
      hints: [look, "{{ y:.1f }}"]
  - id: end
    title: End
    say: Over.
    code: z = y
    exercise: {starter: a = y, solution: a = z + 1, checks: [a == z + 1]}
"""


@pytest.fixture
def lesson():
    return parse_lesson(LESSON, Path("small.yaml")).lesson


def test_the_main_line_has_every_step(lesson) -> None:
    whole = program(lesson)
    assert [(step.id, step.code) for step in whole.steps] == [
        ("one", "x = torch.randn(1)"),
        ("prose", ""),
        ("two", "y = 2 * x"),
        ("end", "z = y"),
    ]
    assert (whole.name, whole.seed, whole.limits.statements) == ("small", 7, 100)
    assert whole.steps[0].draws == ((0.5,),)
    assert whole.steps[0].probes == (Probe("check:0", "x.is_leaf"), Probe("quote:say:0", "x"))


def test_everything_a_question_asks_is_a_probe(lesson) -> None:
    asked = {one.probe.id: (one.probe.expression, one.path) for one in probes(lesson.steps[2])}
    assert asked == {
        "answer": ("y", ("ask", "answer")),
        "mistake:0": ("x", ("ask", "mistakes", 0, "when")),
        "quote:mistake:0:0": ("x", ("ask", "mistakes", 0, "say")),
        "quote:hint:1:0": ('f"""{(y):.1f}"""', ("ask", "hints", 1)),
    }


def test_a_what_if_stands_in_for_its_step_and_ends_there(lesson) -> None:
    other = variant(lesson, "two", "three")
    assert [(step.id, step.code) for step in other.steps] == [
        ("one", "x = torch.randn(1)"),
        ("prose", ""),
        ("two/three", "y = 3 * x"),
    ]
    assert other.steps[0].draws == ((0.5,),)
    assert other.steps[-1].probes == (Probe("quote:say:0", "y"),)


@pytest.mark.parametrize(("step", "what_if"), [("two", "four"), ("none", "three")])
def test_a_what_if_there_is_not(lesson, step: str, what_if: str) -> None:
    with pytest.raises(KeyError):
        variant(lesson, step, what_if)


def test_an_exercise_comes_after_its_step(lesson) -> None:
    solution = exercise(lesson, "end", "solution")
    assert [(step.id, step.code) for step in solution.steps[-2:]] == [
        ("end", "z = y"),
        ("end/solution", "a = z + 1"),
    ]
    assert solution.steps[-1].probes == (Probe("check:0", "a == z + 1"),)
    with pytest.raises(KeyError):
        exercise(lesson, "one", "starter")
