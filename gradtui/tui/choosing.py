"""What can be chosen while the player runs: one table of settings, and the keys of every action.

choose(app, SETTINGS[0], 1)               # the light theme, at once and from now on; "" or a word
choose_key(app, "forward", "f5")          # F5 goes forward too; what is wrong with it, or ""
own_keys(app, "forward")                  # the keys of the table of actions again
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from textual.keys import key_to_character

from gradtui.tui import themes
from gradtui.tui.actions import BY_ID, Keymap
from gradtui.tui.driver import PlayerDriver
from gradtui.tui.glyphs import ASCII, UNICODE
from gradtui.tui.remapping import remapped

if TYPE_CHECKING:
    from gradtui.tui.app import GradtuiApp

NO_UNICODE = "This terminal's encoding is not UTF-8: it is drawn with ASCII."
NO_COLOUR = "NO_COLOR is set: the terminal's own colours are not used."
LATER = "Kept; it holds from the next start."


class Setting(Struct, frozen=True):
    """`values` are what may be chosen, in words; `now` tells which holds, `take` makes one hold."""

    name: str
    values: tuple[str, ...]
    help: str
    now: Callable[["GradtuiApp"], int]
    take: Callable[["GradtuiApp", int], str]


def choose(app: "GradtuiApp", setting: Setting, at: int) -> str:
    """Let the setting's value of this number hold; what there is to say about it."""
    return setting.take(app, at % len(setting.values))


def _take_theme(app: "GradtuiApp", at: int) -> str:
    name = themes.THEMES[at].name
    usable = themes.usable(name, not app.no_color)
    app.choose_theme(usable)
    return "" if usable == name else NO_COLOUR


def _take_signs(app: "GradtuiApp", at: int) -> str:
    if not at and not app.unicode:
        return NO_UNICODE
    app.draw_with(replace(ASCII if at else UNICODE, keymap=app.glyphs.keymap))
    app.keeper.keep("ascii", bool(at))
    return ""


def _mouse(app: "GradtuiApp") -> int:
    driver = app._driver
    return int(not (driver.mouse if isinstance(driver, PlayerDriver) else app.settings.mouse))


def _take_mouse(app: "GradtuiApp", at: int) -> str:
    app.settings = replace(app.settings, mouse=not at)
    app.keeper.keep("mouse", not at)
    if not isinstance(app._driver, PlayerDriver):
        return LATER
    app._driver.take_mouse(not at)
    return ""


def _take_welcome(app: "GradtuiApp", at: int) -> str:
    app.settings = replace(app.settings, welcomed=not at)
    app.keeper.keep("welcomed", not at)
    return ""


SETTINGS = (
    Setting(
        "theme",
        tuple(themes.short(theme.name) for theme in themes.THEMES),
        "The colours, as T chooses them; ansi: the terminal's own sixteen",
        lambda app: [theme.name for theme in themes.THEMES].index(app.theme),
        _take_theme,
    ),
    Setting(
        "signs",
        ("Unicode", "ASCII"),
        "What is drawn with; ASCII where signs are missing, or come out too wide",
        lambda app: int(app.glyphs.ascii),
        _take_signs,
    ),
    Setting(
        "mouse",
        ("on", "off"),
        "Off leaves the mouse to the terminal, to select text its own way",
        _mouse,
        _take_mouse,
    ),
    Setting(
        "welcome",
        ("was read", "again"),
        "Again: when `gradtui` opens the list of lessons the next time",
        lambda app: int(not app.settings.welcomed),
        _take_welcome,
    ),
)


def choose_key(app: "GradtuiApp", id: str, key: str) -> str:
    """Give an action this key, before its others; or take it away. What is wrong with it, or ""."""
    held = _held(app.glyphs.keymap, id)
    keys = tuple(each for each in held if each != key) if key in held else (key, *held)
    if not keys:
        return "It is the action's only key: give it another first."
    return _take_keys(app, id, keys)


def own_keys(app: "GradtuiApp", id: str) -> str:
    """Give an action the keys it has in the table again; what is in their way, or ""."""
    return _take_keys(app, id, BY_ID[id].keys)


def _take_keys(app: "GradtuiApp", id: str, keys: tuple[str, ...]) -> str:
    before = app.glyphs.keymap
    held = {each: _held(before, each) for each in before.changed()}
    keymap, problems = remapped({each: list(own) for each, own in {**held, id: keys}.items()})
    if problems:
        return next((why for each, why in problems if each == id), problems[0][1]) + "."
    app.draw_with(replace(app.glyphs, keymap=keymap))
    own = keys == BY_ID[id].keys
    app.keeper.keep(f"keys.{id}", None if own else [_written(each) for each in keys])
    return ""


def _held(keymap: Keymap, id: str) -> tuple[str, ...]:
    return next(each.keys for each in keymap.actions if each.id == id)


def _written(key: str) -> str:
    """A key as a file has it: `]`, `space`, `pageup`."""
    character = key_to_character(key)
    return character if character and character.isprintable() and character != " " else key
