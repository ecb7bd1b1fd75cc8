"""What is copied, on its way out: through the terminal, a clipboard program, and into a file.

A terminal never says whether it took what OSC 52 gave it, so the text is always in a file too; where
there is a desktop, its own program is asked as well.

    handed(text, folder)        # "Copied; also in ~/.local/share/gradtui/copied.py"
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from gradtui.course.files import write_whole

FILE = "copied.py"
PATIENCE = 2.0  # seconds for a clipboard program
PROGRAMS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
)  # each with the variable that says its desktop is there


def handed(text: str, folder: Path | None) -> str:
    """Give the text to the desktop and to a file, and say in one line where it can be found."""
    taken = to_desktop(text, os.environ)
    kept = _kept(text, folder) if folder is not None else ""
    ways = [f"to the clipboard by {taken}" if taken else "", kept]
    return ", ".join(["Copied", *filter(None, ways)])


def to_desktop(text: str, environment: Mapping[str, str]) -> str:
    """The name of the program that took the text into the desktop's clipboard, if there is one."""
    for command in _programs(environment):
        try:
            done = subprocess.run(
                command, input=text.encode(), timeout=PATIENCE, check=False,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return Path(command[0]).name
    return ""


def _programs(environment: Mapping[str, str]) -> list[tuple[str, ...]]:
    wanted = [("pbcopy",)] if sys.platform == "darwin" else []
    found = [*wanted, *(command for name, command in PROGRAMS if environment.get(name))]
    paths = {one: shutil.which(one[0], path=environment.get("PATH", "")) for one in found}
    return [(path, *one[1:]) for one, path in paths.items() if path]


def _kept(text: str, folder: Path) -> str:
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, (text.rstrip("\n") + "\n").encode())
    except OSError as error:
        return f"but not into {path}: {error.strerror or error}"
    return f"also in {_short(path)}"


def _short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
