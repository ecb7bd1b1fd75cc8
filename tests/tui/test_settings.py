"""Settings: the theme is kept, keys are remapped everywhere, and no file stops the player."""

import os
import re
import stat
from pathlib import Path

import pytest

from gradtui.tui import themes
from gradtui.tui.actions import ACTIONS, BY_ID, DEFAULT_KEYS, shown
from gradtui.tui.app import GradtuiApp
from gradtui.tui.remapping import remapped
from gradtui.tui.screens.help import HelpScreen
from gradtui.tui.screens.palette import PaletteScreen
from gradtui.tui.settings import Settings, keep, read, settings_file
from tests.tui.screens import LESSON, do, is_recorded, text, until
from tests.tui.terminals import Terminal

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gradtui" / "settings.toml"


def written(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def test_without_a_file_the_defaults_stand(file: Path) -> None:
    assert read(file) == Settings(themes.DEFAULT, DEFAULT_KEYS, ())


def test_what_is_kept_is_read_and_the_rest_of_the_file_stays(file: Path) -> None:
    keep(file, "theme", "light")
    assert read(file).theme == "gradtui-light"
    written(file, '# mine\n[keys]  # others\nforward = ["f5"]\n')
    file.chmod(0o600)
    keep(file, "theme", "ansi")
    found = read(file)
    assert (found.theme, found.problems) == ("gradtui-ansi", ())
    assert found.keymap.key("forward") == "F5"
    assert "# mine" in file.read_text()
    assert "# others" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == [file.name]


def test_signs_and_mouse_are_settings_too(file: Path) -> None:
    found = read(written(file, "ascii = true\nmouse = false\n"))
    assert (found.ascii, found.mouse, found.welcomed, found.problems) == (True, False, False, ())
    found = read(written(file, "ascii = 'yes'\nmouse = 1\n"))
    assert (found.ascii, found.mouse) == (False, True)
    assert [problem.partition(".toml")[2] for problem in found.problems] == [
        ":1: ascii: 'yes' is not true or false",
        ":2: mouse: 1 is not true or false",
    ]
    keep(file, "welcomed", True)
    assert read(file).welcomed


MOUSE = b"\x1b[?1000h"
CHOSEN = "ascii = true\nmouse = false\n"


@pytest.mark.parametrize(("content", "ascii", "mouse"), [("", False, True), (CHOSEN, True, False)])
def test_they_hold_in_the_player(content: str, ascii: bool, mouse: bool) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(content)
    with Terminal(LESSON) as terminal:
        terminal.wait_for("nothing of it has run")
        terminal.wait_for("quit")
        assert terminal.text.isascii() == ascii
        assert (MOUSE in terminal.raw) == mouse


def test_a_linked_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    real = written(tmp_path / "dotfiles" / "gradtui.toml", 'theme = "ansi"\n')
    file.parent.mkdir()
    file.symlink_to(real)
    keep(file, "theme", "light")
    assert file.is_symlink()
    assert read(real).theme == "gradtui-light"


BROKEN = {
    "theme = }": r":1:9: .*; the defaults are used",
    "theme = ": r": .* \(at end of document\); the defaults are used",
    "theme = 'light'\ntheme = 'dark'": r":.* overwrite a value.*",
    "theme = 'pink'": r":1: theme: 'pink' is none of dark, light, contrast, ansi",
    "theme = 3": r":1: theme: 3 is none of .*",
    "\ncolour = 'red'": r":2: colour: there is no such setting",
    "keys = 3": r":1: keys: a table of actions is expected",
    "[keys]\nfly = ['f']": r":2: keys.fly: there is no such action .*; the default stays",
    "[keys]\nback = []": r":2: keys.back: a list of keys is expected, .*",
    "[keys]\nback = 7": r":2: keys.back: a list of keys is expected, .*",
    "[keys]\nback = [7]": r":2: keys.back: 7 is not a key; .*",
    "[keys]\nback = ['hyper+z']": r":2: keys.back: 'hyper\+z' is not a key; .*",
    "[keys]\nback = ['\\u0007']": r":2: keys.back: .* is not a key; .*",
    "[keys]\nback = ['n']": r":2: keys.back: n is a key of `next_step` too; the default stays",
    "[keys]\nback = ['ctrl+c']": r":2: keys.back: Ctrl\+C cannot be taken: it always leaves; .*",
    "[keys]\nback = ['ctrl+i']": r":2: keys.back: a terminal cannot tell ctrl\+i from tab; .*",
    "x = " + "[" * 5000: r": .*; the defaults are used",
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: content[:30])
def test_what_cannot_be_used_is_told_in_a_line_and_the_defaults_stand(
    file: Path, content: str
) -> None:
    found = read(written(file, content))
    assert (found.theme, found.keymap) == (themes.DEFAULT, DEFAULT_KEYS)
    assert re.fullmatch(re.escape(str(file)) + BROKEN[content], found.told), found.told


def test_files_that_are_none_are_told(file: Path, tmp_path: Path) -> None:
    assert "is not a file" in read(tmp_path).told
    assert "is larger than" in read(written(file, "#" * 200_000)).told
    file.write_bytes(b"\xff\xfe")
    assert "is not UTF-8 text" in read(file).told


def test_keys_are_swapped_and_clashing_ones_are_left() -> None:
    keymap, problems = remapped({"next_step": ["p"], "previous_step": "n", "play": ["]", "F6"]})
    assert [keymap.key(id) for id in ("next_step", "previous_step", "play")] == ["p", "n", "space"]
    assert [id for id, _ in problems] == ["play"]
    assert remapped({"quit": ["ctrl+q", "Q"]})[0].key("quit") == "Ctrl+Q"
    assert remapped({"forward": ["semicolon", "PageUp"], "previous_step": ["Space"]})[1] == [
        ("previous_step", "space is a key of `play` too"),
        ("forward", "PgUp is a key of `previous_step` too"),
    ]


async def test_a_remapped_key_works_and_is_named_wherever_keys_are(file: Path) -> None:
    written(file, "[keys]\nnext_step = ['>', 'F5']\nforward = ['n']\nask = ['@']\n")
    app = GradtuiApp(LESSON, torch=False, settings=file)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        session = app.player.session
        assert session is not None
        start = session.position
        await pilot.press("right", "pagedown")  # no key of anything now
        assert (session.at, session.position) == (0, start)
        for key, at in ((">", 1), ("f5", 2)):
            await pilot.press(key)
            assert session.at == at
        before = session.position
        await pilot.press("n")
        assert session.at == 2
        assert session.position > before
        assert re.search(r" n forward .* > next step ", text(app))
        await do(app, pilot, "palette")
        assert isinstance(app.screen, PaletteScreen)
        await pilot.press(*"next")
        assert "next step      >      The next step" in text(app)
        await pilot.press("escape")
        await do(app, pilot, "help")
        assert isinstance(app.screen, HelpScreen)
        assert "> F5" in text(app)
        app.backstage.close()


async def test_what_invites_to_press_a_key_names_the_chosen_one(file: Path) -> None:
    app = GradtuiApp(LESSON, torch=False, settings=written(file, "[keys]\nnext_step = ['>']\n"))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        await do(app, pilot, "step_end*2")
        assert re.search(r"> +next: ", text(app))
        app.backstage.close()


def test_the_chosen_theme_is_there_the_next_time() -> None:
    with Terminal(LESSON) as terminal:
        terminal.wait_for("nothing of it has run")
        terminal.send("T")
        terminal.wait_for("Theme: light")
        terminal.send("q")
        assert terminal.wait_exit() == 0
    assert read(settings_file()).theme == "gradtui-light"
    with Terminal(LESSON) as terminal:
        terminal.wait_for("Gradients with autograd")
        terminal.wait_for("quit")
        assert b"48;2;250;250;250" in terminal.raw  # the light theme's background
        assert b"48;2;22;24;31" not in terminal.raw  # the dark one's


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_file_is_not_written(file: Path) -> None:
    written(file, "theme = 'light'\n").chmod(0o400)
    with pytest.raises(ValueError, match="read-only"):
        keep(file, "theme", "dark")


async def test_what_is_not_remembered_is_told_and_the_file_is_left(file: Path) -> None:
    app = GradtuiApp(LESSON, torch=False, settings=written(file, "theme = "))
    async with app.run_test(size=(300, 40)) as pilot:  # the line names the file, wherever that is
        await until(pilot, lambda: is_recorded(app))
        assert "the defaults are used" in text(app)
        await do(app, pilot, "theme")
        assert app.theme == "gradtui-light"
        await until(pilot, lambda: "is not remembered" in text(app))
        app.backstage.close()
    assert file.read_text() == "theme = "


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_without_colour_every_remembered_theme_can_be_read(theme: themes.Theme) -> None:
    keep(settings_file(), "theme", themes.short(theme.name))
    with Terminal(LESSON, NO_COLOR="1") as terminal:
        terminal.wait_for("nothing of it has run")
        shades = re.findall(rb"38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)", terminal.raw)
        assert all(shade[:3] != shade[3:] for shade in shades)
        rgb = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", terminal.raw)
        assert all(red == green == blue for red, green, blue in rgb)


def test_the_readme_names_the_keys_of_the_table() -> None:
    section = README.read_text().partition("## Learn")[2].partition("\n## ")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    known = {shown(key) for action in ACTIONS for key in action.keys}
    assert len(rows) > 10
    assert {key for row in rows for key in re.findall("`(.*?)`", row)} <= known


def test_every_action_named_in_the_readme_is_one() -> None:
    section = README.read_text().partition("\n[keys]")[2].partition("```")[0]
    ids = re.findall(r"^(\w+) = ", section, re.MULTILINE)
    assert ids
    assert set(ids) <= BY_ID.keys()


async def test_what_is_chosen_in_the_window_holds_at_once_and_is_kept(file: Path) -> None:
    app = GradtuiApp(LESSON, torch=False, settings=file)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        await do(app, pilot, "settings")
        await pilot.press("right", "down", "right", "down", "down", "space")
        assert app.theme == "gradtui-light"
        assert "[light]" in text(app)
        assert text(app).isascii()
        await pilot.press("escape")
        assert text(app).isascii()
        app.backstage.close()
    app.keeper.close()
    found = read(file)
    assert (found.theme, found.ascii, found.mouse) == ("gradtui-light", True, True)
    assert found.welcomed
    assert not found.problems


async def test_keys_are_given_and_taken_away_in_the_window(file: Path) -> None:
    written(file, "# mine\n[keys]\nplay = ['f5']\n")
    app = GradtuiApp(LESSON, torch=False, settings=file)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: is_recorded(app))
        session = app.player.session
        assert session is not None
        start = session.position
        await do(app, pilot, "settings")
        await pilot.press("down", "down", "down", "down", "enter", "n")
        assert "n is a key of `next_step` too. Another, or Esc." in text(app)
        await pilot.press("at", "escape")
        await pilot.press("at")
        assert session.position > start  # by `@`, which steps forward now
        await do(app, pilot, "settings")
        await pilot.press("down", "down", "down", "down", "enter", "right")
        assert "@ l ]" in text(app)
        await pilot.press("down", "enter", "l")
        assert "l is a key of `forward` too." in text(app)
        await pilot.press("escape", "down", "enter", "f5")
        assert "the action's only key" in text(app)
        await pilot.press("delete")
        assert "in place of space" not in text(app)
        await pilot.press("escape")
        app.backstage.close()
    app.keeper.close()
    found = read(file)
    assert found.keymap.changed() == {"forward": "at,l,right_square_bracket"}
    assert not found.problems
    assert "# mine" in file.read_text()


def test_the_mouse_is_let_go_and_taken_again_while_it_runs() -> None:
    with Terminal(LESSON, (80, 24)) as terminal:
        terminal.wait_for("nothing of it has run")
        terminal.send("S")
        terminal.wait_for("[on] off")
        terminal.click(*terminal.find("off"))
        terminal.wait_for(" on [off]")
        assert b"\x1b[?1000l" in terminal.raw
        at = len(terminal.raw)
        terminal.send("\r")
        terminal.wait_for("[on] off")
        assert MOUSE in terminal.raw[at:]


def test_without_utf_8_the_signs_stay_ascii() -> None:
    with Terminal(LESSON, (80, 24), PYTHONIOENCODING="ascii") as terminal:
        terminal.wait_for("nothing of it has run")
        terminal.send("Sj\r")
        terminal.wait_for("This terminal's encoding is not UTF-8")
        assert terminal.text.isascii()
