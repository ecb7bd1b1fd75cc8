"""Questions about what is printed and about shapes: the answer is there, and hints keep it back."""

from pathlib import Path

import pytest

from gradtui.check.runner import check

LESSON = """\
format: 1
id: asked
title: Asked
minutes: 1
steps:
  - id: one
    title: One
    say: Look.
    code: |
      {code}
    ask:
      prompt: What?
      {ask}
"""
PRINTS = "print('a', 1.5)"
ONES = "import torch\n      x = torch.ones(2, 3)"
# code, question, kinds of findings
ROWS = [
    (PRINTS, "kind: prints", []),
    ("x = 1", "kind: prints", ["answer"]),
    (PRINTS, "kind: prints\n      hints: [It is `a 1.5`., Then this.]", ["hint"]),
    (PRINTS, "kind: prints\n      mistakes: [{when: \"'a 1.5'\", say: No.}]", ["mistake"]),
    (PRINTS, "kind: prints\n      mistakes: [{when: \"'a 2.5'\", say: No.}]", []),
    (PRINTS, "kind: prints\n      answer: '1'", ["schema"]),
    (ONES, "kind: shape\n      answer: x", []),
    (ONES, "kind: shape\n      answer: x.shape", []),
    (ONES, "kind: shape", ["schema"]),
]


@pytest.mark.parametrize(("code", "ask", "kinds"), ROWS)
def test_a_question_is_found_fault_with(
    tmp_path: Path, code: str, ask: str, kinds: list[str]
) -> None:
    path = tmp_path / "asked.yaml"
    path.write_text(LESSON.format(code=code, ask=ask))
    report = check([path], against_torch=False)
    assert [one.kind for one in report.lessons[0].findings] == kinds
