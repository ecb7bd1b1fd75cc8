"""How each role looks: one table over the theme's variables.

A role never carries meaning alone: beside every colour stands a sign or a word. The styles are made
from the theme here and not by component classes, which Textual would match again for every pane:
with thirty roles that is half of the time to the first frame.

In the terminal's own colours nobody knows what they look like on each other, so there nothing but
the default stands on another background, and what is current is in reverse video.
"""

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct
from rich.style import Style
from textual.color import Color


class Look(Struct, frozen=True):
    """Names of theme variables, and attributes."""

    color: str = ""
    background: str = ""
    bold: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool | None = None


ROLES: Mapping[str, Look] = {
    "dim": Look("dim"),
    "faint": Look("faint"),
    "strong": Look(bold=True),
    "emphasis": Look(italic=True),
    "title": Look("primary", bold=True),
    "heading": Look("primary", bold=True),
    "inline-code": Look("code-string"),
    "link": Look(underline=True),
    "output": Look("foreground"),
    "error": Look("error", bold=True),
    "good": Look("success"),
    "warning": Look("warning"),
    "lit": Look("lit-text", "lit", bold=True),
    "here": Look(background="here"),
    "marker": Look("accent", bold=True),
    "forward": Look("primary"),
    "backward": Look("accent"),
    "cotangent": Look("accent"),
    "hollow": Look("dim"),
    "future": Look("faint"),
    "key": Look("accent", bold=True),
    "bar": Look("foreground", "panel"),
    "tab": Look("dim", "panel"),
    "tab-on": Look("foreground", "here", bold=True),
    "code-keyword": Look("code-keyword", bold=True),
    "code-name": Look("foreground"),
    "code-function": Look("code-function"),
    "code-number": Look("code-number"),
    "code-string": Look("code-string"),
    "code-comment": Look("dim", italic=True),
    "code-operator": Look("code-operator"),
}
OWN_COLOURS: Mapping[str, Look] = {
    "here": Look(reverse=True),
    "tab-on": Look(bold=True, reverse=True),
    "lit": Look("lit-text", "lit", bold=True, reverse=False),
}  # in the terminal's own colours
NONE = frozenset(("", "transparent", "ansi_default"))  # colours that are the terminal's default


def style(role: str, variables: Mapping[str, str]) -> Style:
    """The style of a role in a theme."""
    own = variables.get("foreground") == "ansi_default"
    look = OWN_COLOURS.get(role, ROLES[role]) if own else ROLES[role]
    return _style(look, variables.get(look.color, ""), variables.get(look.background, ""))


def uncoloured(style: Style) -> Style:
    """What is left of a style on a line in reverse video, where its colour might not be seen."""
    if style.reverse is False:
        return style
    return Style(
        bold=style.bold, italic=style.italic, underline=style.underline, reverse=style.reverse
    )


@lru_cache(maxsize=512)
def _style(look: Look, color: str, background: str) -> Style:
    return Style(
        color=None if color in NONE else Color.parse(color).rich_color,
        bgcolor=None if background in NONE else Color.parse(background).rich_color,
        bold=look.bold or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=look.reverse,
    )
