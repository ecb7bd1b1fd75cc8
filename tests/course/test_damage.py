"""A damaged lesson file is a list of problems, each one line with its place, no traceback."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradtui.course.loader import parse_lesson
from gradtui.course.packs import bundled
from gradtui.course.problems import BadLesson, Problem

TEXT = bundled().lesson("gradients-with-autograd").read_text("utf-8")
STEPS = TEXT[: TEXT.index("  - id: mean")]
PIECES = [
    ":",
    "- ",
    "|",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "#",
    "&a",
    "*a",
    "!x",
    "{{",
    "}}",
    "?",
    "---",
]
PIECES += ["%", "@", "null", ">", "(", ")", "\\", "lambda", "yield", "import"]
HIDDEN = ["\n", "  ", "\t", "\0", "\x1b[2J", "\x85", "\u2028", "\u202e", "\ufeff", "\ud800", "é"]


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(STEPS)),
    st.integers(0, 30),
    st.sampled_from(PIECES + HIDDEN),
)
def test_damage(at: int, gone: int, put: str) -> None:
    for problem in problems(STEPS[:at] + put + STEPS[at + gone :]):
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message.isprintable()


def problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with a lesson; nothing if it loads."""
    try:
        parse_lesson(text, Path("lesson.yaml"))
    except BadLesson as bad:
        return bad.problems or pytest.fail("refused without a reason")
    return ()
