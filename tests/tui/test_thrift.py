"""A frame in fewer words paints the same picture: pyte draws both, cell by cell."""

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style

from gradtui.tui.thrift import thrifty

COLOURS = st.sampled_from(
    ["#fe9e64", "#2b3a55", "#d5d9e8", "red", "bright_blue", "color(200)", "default", None]
)
STYLES = st.builds(
    lambda fg, bg, bold, underline, reverse, italic: Style(
        color=fg and Color.parse(fg), bgcolor=bg and Color.parse(bg),
        bold=bold, underline=underline, reverse=reverse, italic=italic,
    ),
    COLOURS, COLOURS, *[st.sampled_from([None, None, True])] * 4,
)  # fmt: skip
WORDS = st.sampled_from(
    ["a", "   ", "x ", " ✓", "│", "\x1b[3;5H", "\r\n", "\x1b[2K", "\x1b[?25l", "12"]
)
FRAMES = st.lists(st.tuples(STYLES, WORDS), max_size=30)


def drawn(frame: str) -> object:
    screen = pyte.Screen(20, 6)
    pyte.Stream(screen).feed(frame)
    return [[seen(screen.buffer[y][x]) for x in range(20)] for y in range(6)], screen.cursor.attrs


def seen(cell: pyte.screens.Char) -> pyte.screens.Char:
    """A cell without what does not show: of a space, little but its background."""
    if cell.data != " " or cell.underscore or cell.reverse:
        return cell
    return cell._replace(fg="default", bold=False, italics=False)


@given(FRAMES)
def test_the_picture_is_the_same(stretches: list[tuple[Style, str]]) -> None:
    frame = "".join(style.render(text) for style, text in stretches)
    made = thrifty(frame)
    assert drawn(made) == drawn(frame)
    assert len(made) <= len(frame)


def test_words_that_are_not_known_stay() -> None:
    for frame in (
        "\x1b[38;9mx\x1b[0m",
        "\x1b[58;2;1;2;3my\x1b[0m",
        "\x1b[4:3mz\x1b[0m",
        "\x1b[38m",
    ):
        assert thrifty(frame) == frame


def test_a_repeated_look_is_told_once() -> None:
    style = Style(color="red", bgcolor="blue")
    assert thrifty(style.render("ab") + style.render("cd")) == "\x1b[31;44mabcd\x1b[0m"
