"""A good lesson means what its author wrote, and every part of it can be pointed at."""

from pathlib import Path

import pytest

from gradtui.course.filling import keys
from gradtui.course.loader import LoadedLesson, parse_lesson
from gradtui.course.schema import draw_of

LESSON = """\
format: 1
id: small
title: {title}
minutes: 017
steps:
  - id: "on"
    title: no
    say: 12:30:45
    code: |
      x = torch.randn(2)

      print(x)
    draws: [[1e-6, -.5]]
    prints: "1.0"
"""


def lesson(title: str = "yes") -> LoadedLesson:
    return parse_lesson(LESSON.replace("{title}", title), Path("lesson.yaml"))


def test_no_scalar_is_guessed_at() -> None:
    loaded = lesson().lesson
    step = loaded.steps[0]
    assert (loaded.title, loaded.minutes) == ("yes", 17)
    assert (step.id, step.title, step.say, step.prints) == ("on", "no", "12:30:45", "1.0")
    assert step.draws == ((1e-6, -0.5),)


@pytest.mark.parametrize(
    "title", ["on", "Null", "~", "0x1F", "1_000", "2026-01-01", ".inf", "=", "<<"]
)
def test_every_plain_word_stays_text(title: str) -> None:
    assert lesson(title).lesson.title == title


@pytest.mark.parametrize(
    ("written", "number"),
    [("1e-6", 1e-6), ("-.5", -0.5), ("+3", 3.0), ("017", 17.0), ("inf", float("inf")), ("7.", 7.0)],
)
def test_draws_are_numbers(written: str, number: float) -> None:
    assert draw_of(written) == number


@pytest.mark.parametrize("written", ["", "0x10", "1_000", "one", "1,5", "12:30", "٣", "1e"])
def test_and_nothing_else(written: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        draw_of(written)


def test_parts_are_where_they_stand() -> None:
    loaded = lesson()
    assert loaded.at(0, "title") == (7, 12)
    assert loaded.at(0, "draws", 0, 1) == (13, 20)
    assert loaded.in_code(0, 1, 0) == (10, 7)
    assert loaded.in_code(0, 3, 6) == (12, 13)


@pytest.mark.parametrize("indicator", ["|", "|-", "|+", "|2"])
def test_code_is_pointed_at_in_every_literal_style(indicator: str) -> None:
    text = LESSON.replace("code: |\n", f"code: {indicator}\n").replace("{title}", "T")
    loaded = parse_lesson(text, Path("lesson.yaml"))
    assert loaded.in_code(0, 3, 6) == (12, 13)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lesson.yaml"
    path.write_bytes(
        b"\xef\xbb\xbf" + LESSON.replace("{title}", "T").replace("\n", "\r\n").encode()
    )
    from gradtui.course.loader import load_lesson

    assert load_lesson(path).lesson.steps[0].code == "x = torch.randn(2)\n\nprint(x)\n"


def test_a_name_of_an_earlier_step_may_be_that_of_a_builtin() -> None:
    later = "  - {id: two, title: Two, say: 'So {{ input }}.', code: y = input + 1}\n"
    text = LESSON.replace("{title}", "T").replace("x = ", "input = ") + later
    assert len(parse_lesson(text, Path("lesson.yaml")).lesson.steps) == 2


def test_a_lesson_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        lesson().lesson.steps[0].title = "other"  # type: ignore[misc]


def test_every_key_of_the_format_is_described() -> None:
    from gradtui.course import schema

    models = [value for value in vars(schema).values() if isinstance(value, type)]
    models = [model for model in models if issubclass(model, schema.Model)]
    assert len(models) >= 9
    for model in models:
        for name, key in keys(model).items():
            assert key.description, f"{model.__name__}.{name}"
