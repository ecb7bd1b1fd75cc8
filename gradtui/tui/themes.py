"""The player's themes: dark, light, high contrast, and the terminal's own sixteen colours."""

from textual.theme import BUILTIN_THEMES, Theme

_DARK = {
    "dim": "#9aa2b8",
    "faint": "#6b7288",
    "lit": "#ffd166",
    "lit-text": "#1a1a1a",
    "here": "#2b3a55",
    "code-keyword": "#c792ea",
    "code-function": "#82aaff",
    "code-number": "#f78c6c",
    "code-string": "#c3e88d",
    "code-operator": "#89ddff",
}
_LIGHT = {
    "dim": "#545b6b",
    "faint": "#737a8c",
    "lit": "#ffd54a",
    "lit-text": "#000000",
    "here": "#cfe0f7",
    "code-keyword": "#7c1fa0",
    "code-function": "#1a4fb4",
    "code-number": "#a83c00",
    "code-string": "#2f6b1e",
    "code-operator": "#006675",
}
_CONTRAST = {
    "lit": "#ffff00",
    "lit-text": "#000000",
    "here": "#0000a0",
    "dim": "#ffffff",
    "faint": "#c8c8c8",
    "code-keyword": "#ffb0ff",
    "code-function": "#9fd0ff",
    "code-number": "#ffd080",
    "code-string": "#a0ff90",
    "code-operator": "#a0ffff",
}
_ANSI = {
    **BUILTIN_THEMES["ansi-dark"].variables,
    "lit": "ansi_yellow",
    "lit-text": "ansi_black",
    "here": "ansi_default",
    "dim": "ansi_default",
    "faint": "ansi_bright_black",
    "code-keyword": "ansi_magenta",
    "code-function": "ansi_cyan",
    "code-number": "ansi_red",
    "code-string": "ansi_green",
    "code-operator": "ansi_default",
}

THEMES = (
    Theme(
        name="gradtui-dark",
        primary="#7aa2f7",
        secondary="#565f89",
        accent="#ff9e64",
        warning="#e0af68",
        error="#ff6b7f",
        success="#8fd45a",
        foreground="#d5d9e8",
        background="#16181f",
        surface="#16181f",
        panel="#252935",
        dark=True,
        variables=_DARK,
    ),
    Theme(
        name="gradtui-light",
        primary="#1b4fa8",
        secondary="#5a6a8a",
        accent="#a34700",
        warning="#8a5a00",
        error="#b00020",
        success="#1b6e2e",
        foreground="#1c1e24",
        background="#fafafa",
        surface="#fafafa",
        panel="#e4e7ee",
        dark=False,
        variables=_LIGHT,
    ),
    Theme(
        name="gradtui-contrast",
        primary="#80d0ff",
        secondary="#ffffff",
        accent="#ffff00",
        warning="#ffc000",
        error="#ff8080",
        success="#60ff60",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#303030",
        dark=True,
        variables=_CONTRAST,
    ),
    Theme(
        name="gradtui-ansi",
        ansi=True,
        primary="ansi_cyan",
        secondary="ansi_default",
        accent="ansi_yellow",
        warning="ansi_yellow",
        error="ansi_red",
        success="ansi_green",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        dark=True,
        variables=_ANSI,
    ),
)

DEFAULT = THEMES[0].name
ANSI = frozenset(theme.name for theme in THEMES if theme.ansi)


def after(name: str, coloured: bool = True) -> str:
    """The theme that follows in the round."""
    names = [theme.name for theme in THEMES if coloured or theme.name not in ANSI]
    at = names.index(name) if name in names else -1
    return names[(at + 1) % len(names)]


def usable(name: str, coloured: bool = True) -> str:
    """The theme, or the default: without colour Textual draws the terminal's own as black on black."""
    return name if coloured or name not in ANSI else DEFAULT


def short(name: str) -> str:
    """The theme's name for people, and in the settings."""
    return name.removeprefix("gradtui-")
