"""What a person chose for the player, kept in a small TOML file that may also be written by hand:

    theme = "light"        # dark, light, contrast or ansi
    ascii = true           # draw with ASCII characters only
    mouse = false          # leave the mouse to the terminal
    welcomed = true        # the welcome was read

    [keys]                 # other keys for an action; `gradtui keys` lists the actions
    forward = ["l", "f5"]

`read` never fails: what cannot be used is told, a line each, and the defaults stand.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from gradtui.tui import themes
from gradtui.tui.actions import DEFAULT_KEYS, Keymap

Kept: TypeAlias = str | bool | list[str] | None
LARGEST = 100_000  # bytes of the file that are read
NAMES = {"welcomed": "welcome", "ascii": "choice of signs", "mouse": "mouse's setting"}
SWITCHES = {"ascii": False, "mouse": True, "welcomed": False}  # with what holds unless chosen


class Settings(Struct, frozen=True):
    """What was chosen, and what of the file could not be used, as `file:line: reason`."""

    theme: str = themes.DEFAULT
    keymap: Keymap = DEFAULT_KEYS
    problems: tuple[str, ...] = ()
    ascii: bool = False
    mouse: bool = True
    welcomed: bool = False

    @property
    def told(self) -> str:
        """The problems in one line; nothing if there are none."""
        if len(self.problems) < 2:
            return "".join(self.problems)
        return f"{self.problems[0]} (and {len(self.problems) - 1} more: `gradtui keys`)"


def settings_file() -> Path:
    """Where the settings are kept: in the user's configuration folder."""
    from platformdirs import user_config_path

    return user_config_path("gradtui") / "settings.toml"


def read(path: Path) -> Settings:
    """The settings in a file; the defaults where there is none."""
    try:
        text = _text(path)
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        return Settings(problems=(f"{path}: {_reason(error)}; the defaults are used",))
    import tomllib  # 2 ms, for those who have chosen something

    try:
        return _settings(path, text, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Settings(problems=(f"{_placed(path, str(error))}; the defaults are used",))


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise ValueError("is not a file")
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"is larger than {LARGEST} bytes")
    return data.decode("utf-8-sig")


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8 text"
    return getattr(error, "strerror", None) or str(error)


def _placed(path: Path, message: str) -> str:
    """`file:line:column: message` of what tomllib says."""
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", message)
    return f"{path}:{found[2]}:{found[3]}: {found[1]}" if found else f"{path}: {message}"


def _settings(path: Path, text: str, data: Mapping[str, Any]) -> Settings:
    problems: list[tuple[int, str]] = []

    def tell(key: str, reason: str) -> None:
        problems.append((_line(text, key.rpartition(".")[2]), f"{key}: {reason}"))

    for key in sorted(data.keys() - {"theme", "keys", *SWITCHES}):
        tell(key, "there is no such setting")
    found = Settings(
        theme=_theme(data, tell),
        keymap=_keymap(data, tell),
        ascii=_switch(data, "ascii", tell),
        mouse=_switch(data, "mouse", tell),
        welcomed=_switch(data, "welcomed", tell),
    )
    told = (f"{path}:{line}: {reason}" for line, reason in sorted(problems))
    return replace(found, problems=tuple(told))


def _line(text: str, key: str) -> int:
    """The line a key is on, from 1."""
    found = re.search(rf"^\s*\[?\s*[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 1


Tell = Callable[[str, str], None]


def _theme(data: Mapping[str, Any], tell: Tell) -> str:
    chosen = data.get("theme", themes.short(themes.DEFAULT))
    known = {themes.short(theme.name): theme.name for theme in themes.THEMES}
    if not isinstance(chosen, str) or chosen not in known:
        tell("theme", f"{chosen!r} is none of {', '.join(known)}")
        return themes.DEFAULT
    return known[chosen]


def _switch(data: Mapping[str, Any], key: str, tell: Tell) -> bool:
    chosen = data.get(key, SWITCHES[key])
    if not isinstance(chosen, bool):
        tell(key, f"{chosen!r} is not true or false")
        return SWITCHES[key]
    return chosen


def _keymap(data: Mapping[str, Any], tell: Tell) -> Keymap:
    wanted = data.get("keys", {})
    if not isinstance(wanted, dict):
        tell("keys", "a table of actions is expected")
        return DEFAULT_KEYS
    if not wanted:
        return DEFAULT_KEYS
    from gradtui.tui.remapping import remapped

    keymap, problems = remapped(wanted)
    for id, reason in problems:
        tell(f"keys.{id}", f"{reason}; the default stays")
    return keymap


class Keeper:
    """Writes what is chosen, on a thread of its own; what cannot be kept is told in one line."""

    def __init__(self, path: Path | None, tell: Callable[[str], None]) -> None:
        self._path, self._tell = path, tell
        self._thread = ThreadPoolExecutor(1, "gradtui-settings")

    @property
    def path(self) -> Path | None:
        """The file that anything is kept in."""
        return self._path

    def keep(self, key: str, value: Kept) -> None:
        """Keep it, `keys.forward` in its table; None takes it out of the file. Returns at once."""
        if self._path is not None:
            self._thread.submit(self._keep, self._path, key, value)

    def close(self) -> None:
        """Finish what is being kept."""
        self._thread.shutdown(wait=True)

    def _keep(self, path: Path, key: str, value: Kept) -> None:
        try:
            keep(path, key, value)
        except (OSError, ValueError) as error:
            what = NAMES.get(key, key.replace("keys.", "key of "))
            self._tell(f"The {what} is not remembered: {path}: {_reason(error)}")


def keep(path: Path, key: str, value: Kept) -> None:
    """Set one key in the file, and leave the rest as it is written; OSError, ValueError.

    `keys.forward` is a key in a table; None takes the key out.
    """
    import tomlkit

    target = path.resolve()  # a link stays one
    try:
        text = _text(target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        text = ""
    if text and not os.access(target, os.W_OK):
        raise ValueError("is read-only")
    document = tomlkit.parse(text)
    table, _, name = key.rpartition(".")
    place: Any = document.setdefault(table, tomlkit.table()) if table else document
    if not hasattr(place, "pop"):
        raise ValueError(f"its {table} is no table")
    if value is None:
        place.pop(name, None)
    else:
        place[name] = value
    with _replacing(target) as file:
        file.write(tomlkit.dumps(document).encode())


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[Any]:
    """A file that takes the target's place in one move when all of it is on the disk."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), target.stat().st_mode & 0o777 if target.exists() else 0o644)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
