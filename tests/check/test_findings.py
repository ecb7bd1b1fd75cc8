"""Whatever a lesson promises and does not keep is found, with its kind, step and line."""

from pathlib import Path

import pytest

from gradtui.check import reading
from gradtui.check.findings import Finding
from gradtui.check.runner import check

LESSON = """\
format: 1
id: small
title: Small
minutes: 1
steps:
  - id: make
    title: Make
    say: |
      First {{ x.grad }},
      then {{ x[0].item():.1f }}.
    code: |
      import torch
      x = torch.randn(2, requires_grad=True)
      print(x)
    draws: [[0.5, -0.25]]
    prints: |
      tensor([ 0.5000, -0.2500], requires_grad=True)
    checks:
      - x.is_leaf
      - x.grad is None
  - id: walk
    title: Walk
    say: Walk back.
    code: |
      y = (x * x).sum()
      y.backward()
      print(x.grad)
    prints: |
      tensor([ 1.0000, -0.5000])
    what_if:
      - id: cube
        label: Cube it
        code: |
          y = (x * x * x).sum()
          y.backward()
          print(x.grad)
        say: It is {{ x.grad }}.
    ask:
      prompt: What is x.grad[0]?
      answer: x.grad[0]
      mistakes:
        - when: x.detach()[0]
          say: Twice that.
  - id: fail
    title: Fail
    say: Again.
    code: |
      print("once more")
      z = x * 2
      z.backward()
    prints: |
      once more
    raises: {type: RuntimeError, match: implicitly created}
    ask:
      prompt: What happens?
      kind: error
      mistakes: [{when: "'no error'", say: It fails.}]
  - id: pick
    title: Pick
    say: Choose.
    code: |
      w = x.detach()
    ask:
      prompt: Does w require a gradient?
      kind: choice
      answer: w.requires_grad
      choices:
        - "True"
        - "False"
"""


EXERCISE = """\
    exercise:
      starter: |
        v = w
      solution: |
        v = 2 * w
      checks:
        - v is not w
        - torch.equal(v, 2 * w)
"""


def found(text: str, folder: Path) -> list[Finding]:
    path = folder / "small.yaml"
    path.write_text(text)
    report = check([path], against_torch=False)
    assert report.exit_code == (1 if report.lessons[0].findings else 0)
    return list(report.lessons[0].findings)


def test_the_lesson_as_it_is_is_well(tmp_path: Path) -> None:
    assert found(LESSON, tmp_path) == []


# What is changed, into what: the kind, step and line of the one finding, and what it says.
BREAKS = {
    "a wrong print": (
        ("tensor([ 0.5000, -0.2500]", "tensor([ 0.6000, -0.2500]"),
        ("prints", "make", 17, "prints tensor([ 0.5000, -0.2500], requires_grad=True)"),
    ),
    "a print too many": (
        ("      print(x)\n", "      print(x)\n      print(1)\n"),
        ("prints", "make", 19, "another line is printed after these: 1"),
    ),
    "a print missing": (
        ("      once more\n", "      once more\n      and more\n"),
        ("prints", "fail", 53, "this line is not printed: and more"),
    ),
    "an unexpected error": (
        ("      print(x.grad)\n    prints", "      print(xx.grad)\n    prints"),
        ("error", "walk", 27, "unexpected NameError: name 'xx' is not defined"),
    ),
    "a raises that does not happen": (
        ("z = x * 2", "z = x.sum()"),
        ("raises", "fail", 53, "no error happens here, expected RuntimeError"),
    ),
    "another type of error": (
        ("{type: RuntimeError", "{type: ValueError"),
        ("raises", "fail", 53, "the error is RuntimeError: grad can be implicitly created"),
    ),
    "another message": (
        ("match: implicitly created", "match: explicitly created"),
        ("raises", "fail", 53, "the RuntimeError says: grad can be implicitly created only for"),
    ),
    "a false check": (
        ("- x.is_leaf", "- not x.is_leaf"),
        ("check", "make", 19, "is not true: not x.is_leaf gives False"),
    ),
    "a check of a name unknown": (
        ("- x.is_leaf", "- xx.is_leaf"),
        ("check", "make", 19, "does not compute: NameError"),
    ),
    "prose about a name unknown": (
        ("then {{ x[0].item():.1f }}", "then {{ xx[0].item():.1f }}"),
        ("quote", "make", 10, "prose quotes what does not compute: NameError"),
    ),
    "prose beside a what-if": (
        ("It is {{ x.grad }}", "It is {{ x.grid }}"),
        ("quote", "walk/cube", 37, "AttributeError"),
    ),
    "a what-if that changes nothing": (
        ("(x * x * x)", "(x * x)"),
        ("what_if", "walk/cube", 33, "does just what the step does"),
    ),
    "a what-if that fails": (
        ("(x * x * x)", "(x * q)"),
        ("error", "walk/cube", 34, "unexpected NameError"),
    ),
    "an answer that does not compute": (
        ("answer: x.grad[0]", "answer: x.grad[7]"),
        ("answer", "walk", 40, "the answer does not compute: IndexError"),
    ),
    "a mistake that is right": (
        ("when: x.detach()[0]", "when: 2 * x.detach()[0]"),
        ("mistake", "walk", 42, "this mistake is the right answer"),
    ),
    "a mistake that does not compute": (
        ("when: x.detach()[0]", "when: x.detach()[9]"),
        ("mistake", "walk", 42, "the mistake does not compute: IndexError"),
    ),
    "a mistake about an error": (
        ("when: \"'no error'\"", "when: \"'RuntimeError'\""),
        ("mistake", "fail", 57, "this mistake is the right answer: 'RuntimeError'"),
    ),
    "an order where nothing runs": (
        ("kind: error", "kind: order"),
        ("answer", "fail", 55, "no backward pass runs in this step"),
    ),
    "choices that coincide": (
        ('- "True"', '- "False"'),
        ("choice", "pick", 69, "two choices are the same: False"),
    ),
    "no choice that is right": (
        ('- "False"', '- "None"'),
        ("choice", "pick", 68, "no choice is the answer, which is False"),
    ),
    "a draw left over": (
        ("[[0.5, -0.25]]", "[[0.5, -0.25], [1, 2]]"),
        ("draws", "make", 15, "1 of 2 draws are left over"),
    ),
    "a draw of another shape": (
        ("[[0.5, -0.25]]", "[[0.5, -0.25, 1]]"),
        ("draws", "make", 13, "draw 1 of this step has shape [3]"),
    ),
    "an endless loop": (
        ("w = x.detach()", "while True: pass"),
        ("limit", "pick", 62, "over the limit"),
    ),
    "a tensor too large": (
        ("w = x.detach()", "w = torch.zeros(10**12)"),
        ("limit", "pick", 62, "over the limit"),
    ),
    "an integer too large": (
        ("w = x.detach()", "w = 2**10**9"),
        ("limit", "pick", 62, "over the limit"),
    ),
}


@pytest.mark.parametrize(("change", "expected"), BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_promise_is_found(
    change: tuple[str, str], expected: tuple[str, str, int, str], tmp_path: Path
) -> None:
    assert LESSON.count(change[0]) == 1
    kind, step, line, says = expected
    findings = found(LESSON.replace(*change), tmp_path)
    assert [one for one in findings if one.kind == kind and one.step == step], findings
    match = next(one for one in findings if one.kind == kind and one.step == step)
    assert (match.line, says in match.message) == (line, True), match


EXERCISES = {
    "as it is": (("", ""), None),
    "a starter that passes": (("v = w\n", "v = w + w\n"), (71, "the starter passes every check")),
    "a solution that fails": (
        ("v = 2 * w", "v = 3 * w"),
        (77, "the solution fails this check: False"),
    ),
    "a solution that raises": (("v = 2 * w", "v = 2 * u"), (73, "the solution ends in NameError")),
    "a check that never holds": (("- v is not w", "- v is None"), (76, "fails this check: False")),
}


@pytest.mark.parametrize(("change", "expected"), EXERCISES.values(), ids=EXERCISES.keys())
def test_exercises(
    change: tuple[str, str], expected: tuple[int, str] | None, tmp_path: Path
) -> None:
    findings = found(LESSON + EXERCISE.replace(*change), tmp_path)
    assert len(findings) == (expected is not None)
    if expected is not None:
        assert (findings[0].step, findings[0].kind) == ("pick", "exercise")
        assert (findings[0].line, expected[1] in findings[0].message) == (expected[0], True), (
            findings
        )


HARMLESS = {
    "a last digit": ("tensor([ 0.5000, -0.2500]", "tensor([ 0.5001, -0.2500]"),
    "a shorter phrase": ("match: implicitly created", "match: implicitly"),
    "a comment": ("w = x.detach()", "w = x.detach()  # off the tape"),
    "another way to write it": ("z = x * 2", "z = 2 * x"),
    "a mapping in one line": ("raises: {type: RuntimeError, match: implicitly created}",
                              "raises: {match: implicitly created, type: RuntimeError}"),
    "another title": ("title: Pick", "title: Choose one"),
}  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_harmless_change_is_not(change: tuple[str, str], tmp_path: Path) -> None:
    assert LESSON.count(change[0]) == 1
    assert found(LESSON.replace(*change), tmp_path) == []


def test_a_broken_lesson_does_not_take_others_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(LESSON.replace("say: Walk back.", "sai: Walk back."))
    (tmp_path / "b.yaml").write_text(LESSON)
    (tmp_path / "c.yaml").write_text(LESSON.replace("w = x.detach()", "while True: pass"))
    (tmp_path / "d.yaml").write_text(LESSON)
    report = check([tmp_path], against_torch=False)
    assert [lesson.ok for lesson in report.lessons] == [False, True, False, True]
    assert [one.kind for one in report.lessons[0].findings] == ["schema", "schema"]


def test_a_run_that_never_began_is_not_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("out of\norder")

    monkeypatch.setattr(reading, "play", fails)
    crash = next(one for one in found(LESSON, tmp_path) if one.kind == "crash")
    assert (crash.step, crash.line) == ("make", 6)
    assert crash.message.endswith("gradtui's engine failed: RuntimeError: out of")
