"""Prose that quotes the program."""

import pytest

from gradtui.course.templates import quotes, render, unclosed


@pytest.mark.parametrize(
    ("prose", "expression"),
    [
        ("{{ x.grad }}", "x.grad"),
        ("so {{x[0]}}.", "x[0]"),
        ("{{ x[1:2] }}", "x[1:2]"),
        ("{{ (lambda: 1)() }}", "(lambda: 1)()"),
        ("{{ a.item():.4f }}", 'f"""{(a.item()):.4f}"""'),
        ("{{ {1: 2}[1]:>8 }}", 'f"""{({1: 2}[1]):>8}"""'),
        ("{{ x. }}", "x."),
    ],
)
def test_what_is_asked(prose: str, expression: str) -> None:
    assert [quote.expression for quote in quotes(prose)] == [expression]


def test_answers_take_the_place_of_quotes() -> None:
    values = {"x": "tensor([1.])", 'f"""{(a):.2f}"""': "'0.50'"}
    assert render("{{ x }}, {{a:.2f}} and {{ b }}", values) == "tensor([1.]), 0.50 and {{ b }}"


def test_prose_without_quotes_stays() -> None:
    assert render("a {b} }} c", {}) == "a {b} }} c"


@pytest.mark.parametrize(("prose", "place"), [("{{ x", 0), ("{{ x }} {{ y", 8), ("{{ x }}", None)])
def test_a_quote_left_open(prose: str, place: int | None) -> None:
    assert unclosed(prose) == place
