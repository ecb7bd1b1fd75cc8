"""Lines: wrapped, cut and coloured without a screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradtui.language.source import Span
from gradtui.tui.glyphs import ASCII, UNICODE, in_ascii
from gradtui.tui.highlight import highlight, light
from gradtui.tui.lines import Line, Piece, cells, cut, fit, pad, plain, printable, wrap
from gradtui.tui.prose import prose

TEXTS = st.text(alphabet="ab ,.()[]=語∂→", max_size=80)
LINES = st.lists(st.tuples(TEXTS, st.sampled_from(["", "strong"])), max_size=6).map(
    lambda pieces: Line(tuple(Piece(text, role) for text, role in pieces))
)


@given(LINES, st.integers(8, 40), st.integers(0, 3))
def test_wrapping_loses_nothing_but_spaces_and_keeps_within_the_width(
    line: Line, width: int, indent: int
) -> None:
    rows = wrap(line, width, indent)
    assert all(cells(row.plain.rstrip()) <= width for row in rows)
    assert "".join(row.plain for row in rows).replace(" ", "") == line.plain.replace(" ", "")


@given(LINES, st.integers(1, 40))
def test_fitting_keeps_within_the_width(line: Line, width: int) -> None:
    assert cells(fit(line, width).plain) <= width


@given(TEXTS, st.integers(0, 40))
def test_padding_gives_the_exact_width(text: str, width: int) -> None:
    assert cells(pad(text, width)) == width
    assert cells(cut(text, width)) <= width


def test_a_comma_after_code_stays_with_it() -> None:
    line = Line.of("the walk needs ", Piece("z", "inline-code"), ".")
    assert [row.plain.rstrip() for row in wrap(line, 16)] == ["the walk needs", "z."]


def test_control_characters_cannot_move_the_cursor() -> None:
    assert printable("a\x1b[2Jb\tc") == "a\\x1b[2Jb    c"


def test_markdown_becomes_lines() -> None:
    text = "# Head\n\nSome *thin* and **thick** `x[idx]` text.\n\n"
    text += "1. one\n2. two\n   - deep\n\n> said\n"
    assert plain(prose(text, 40, UNICODE)).splitlines() == [
        "Head",
        "",
        "Some thin and thick x[idx] text.",
        "",
        "1. one",
        "2. two",
        "   • deep",
        "",
        "│ said",
    ]


@pytest.mark.parametrize("code", ["x[idx]", "list[int]", "x[None]", "[/]", "[2, 2]", "[red]"])
def test_brackets_are_code_and_never_markup(code: str) -> None:
    assert plain(prose(f"Look: `{code}` and {code}", 60, UNICODE)) == f"Look: {code} and {code}"
    assert "".join(piece.text for piece in highlight(code)[0]) == code


@pytest.mark.parametrize(
    ("code", "roles"),
    [
        ("x = 1e-6  # y", "name operator number comment"),
        ("for i in range(0x1F):", "keyword name keyword function number"),
        ("def sum(a): return a.sum()", "keyword function name keyword name operator name"),
        (r"'it\'s' + r'a\b'", "string operator string"),
        ("'''a\nb''' 'open", "string string string"),
        ("f'{x:.2f} {{y}}'", "string string name string string string string string"),
        ("@torch.no_grad()", "operator name operator name"),
    ],
)
def test_code_has_the_colours_of_what_it_is(code: str, roles: str) -> None:
    pieces = [piece for row in highlight(code) for piece in row if piece.role]
    assert [piece.role.removeprefix("code-") for piece in pieces] == roles.split()


@given(st.text(alphabet="ab'\"\\\n{}#f. 1é", max_size=60))
def test_nothing_of_a_code_is_lost(code: str) -> None:
    shown = "\n".join("".join(piece.text for piece in row) for row in highlight(code))
    assert shown == code


def test_a_span_is_lit_and_nothing_else() -> None:
    rows = light(highlight("z = 2*y**2\nprint(z)"), Span(1, 6, 1, 10))
    lit = ["".join(p.text for p in row if "lit" in p.role.split()) for row in rows]
    assert lit == ["y**2", ""]


def test_a_span_over_lines_is_lit_without_the_indentation() -> None:
    rows = light(highlight("f(a,\n    b)\nc"), Span(1, 0, 2, 6))
    assert ["".join(p.text for p in row if "lit" in p.role.split()) for row in rows] == [
        "f(a,",
        "b)",
        "",
    ]


@given(st.text(max_size=60))
def test_ascii_is_ascii(text: str) -> None:
    assert in_ascii(text).isascii()


def test_every_ascii_sign_is_ascii_and_every_sign_one_column() -> None:
    for name in UNICODE.__slots__:
        if name in ("ascii", "sparks", "keymap"):
            continue
        assert getattr(ASCII, name).isascii()
        assert cells(getattr(UNICODE, name)) == cells(getattr(ASCII, name)) == 1
    assert len(UNICODE.sparks) == len(ASCII.sparks) == 8
