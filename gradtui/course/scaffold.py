"""Where an author begins: `new_pack(folder, …)` and `new_lesson(path)` write files that check green.

They write only what is not there yet; a lesson put beside a pack.yaml is listed in it.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from gradtui import __version__
from gradtui.course import editors, files, hidden
from gradtui.course.filling import fits
from gradtui.course.loader import load_pack
from gradtui.course.packs import PACK
from gradtui.course.problems import BadLesson
from gradtui.course.schema import Id, Line
from gradtui.course.yaml_nodes import Positions, read

TEMPLATES = Path(__file__).parent / "scaffold_files"
FIRST = "first-steps"

_FILES = {  # what a pack is begun with, and where each file goes
    "pack.yaml": "pack.yaml",
    "lesson.yaml": f"{FIRST}.yaml",
    "README.md": "README.md",
    "LICENSE": "LICENSE",
    "packaging.toml": "pyproject.toml",
    "check.yml": ".github/workflows/check.yml",
    "gitignore": ".gitignore",
}


class CannotBegin(Exception):
    """Why nothing was written, in one line."""


class Begun(Struct, frozen=True):
    """What was written, and what is left for the author to do, if anything."""

    files: tuple[Path, ...]
    left: str = ""


def new_pack(folder: Path, pack_id: str = "", title: str = "", author: str = "") -> Begun:
    """A pack of one lesson with all that belongs to it; CannotBegin if any of it is there."""
    name = pack_id or _id_of(folder.resolve().name)
    _must_be(Id, name, "an id is lower case letters and digits, joined by single hyphens")
    shown = title or _title_of(name)
    for text in filter(None, (shown, author)):
        _must_be(Line, text, "a title or author is one line of at most 200 visible characters")
    facts = {
        **_of_lesson(FIRST),
        "ID": name,
        "TITLE": _quoted(shown),
        "PLAIN_TITLE": shown,
        "AUTHORS": f"[{_quoted(author)}]" if author else "[]  # [Your Name]",
        "PACKAGE": "gradtui_pack_" + name.replace("-", "_"),
        "PACK_MODELINE": editors.modeline("pack"),
    }
    made = {folder / to: _filled(template, facts) for template, to in _FILES.items()}
    schemas = [folder / editors.FOLDER / f"{kind}.json" for kind in editors.KINDS]
    _must_be_free([*made, *schemas])
    _write(made)
    return Begun((*made, *_schemas(folder)))


def new_lesson(target: str) -> Begun:
    """A lesson, named by its file or its id; CannotBegin if there is one."""
    path = Path(target if target.endswith((".yaml", ".yml")) else f"{target}.yaml")
    _must_be(Id, path.stem, "a lesson's id is lower case letters and digits, joined by hyphens")
    if path.name == PACK:
        raise CannotBegin(f"{path}: this is the name of the pack's own file")
    _must_be_free([path])
    _write({path: _filled("lesson.yaml", _of_lesson(path.stem))})
    has_schema = (path.parent / editors.FOLDER).exists()
    more = () if has_schema else _schemas(path.parent)
    return Begun((path, *more), listed(path.parent / PACK, path.stem))


def _of_lesson(name: str) -> dict[str, str]:
    return {
        "LESSON": name,
        "LESSON_TITLE": _quoted(_title_of(name)),
        "LESSON_MODELINE": editors.modeline("lesson"),
        "FILE": f"{name}.yaml",
        "VERSION": __version__,
    }


def _filled(template: str, facts: Mapping[str, str]) -> str:
    text = (TEMPLATES / template).read_text("utf-8")
    return re.sub("@([A-Z_]+)@", lambda name: facts[name[1]], text)


def _quoted(text: str) -> str:
    """Text as YAML and TOML both read it, bare where it cannot be misread."""
    return json.dumps(text, ensure_ascii=False)


def _title_of(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _id_of(name: str) -> str:
    kept = "".join(one if one.isascii() and one.isalnum() else " " for one in name.lower())
    return "-".join(kept.split())


# Writing.


def _must_be(kind: Any, text: str, advice: str) -> None:
    if not fits(kind, text) or hidden.first(text):
        raise CannotBegin(f"{text!r}: {advice}")


def _must_be_free(paths: list[Path]) -> None:
    for path in paths:
        if path.exists() or path.is_symlink():
            raise CannotBegin(f"{path} is there already; nothing was written")


def _write(made: Mapping[Path, str]) -> None:
    for path, text in made.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            reason = error.strerror or error
            raise CannotBegin(f"{path}: cannot be written: {reason}") from None


def _schemas(folder: Path) -> list[Path]:
    try:
        return editors.write(folder)
    except OSError as error:
        raise CannotBegin(f"{folder}: cannot be written: {error.strerror or error}") from None


# The order of a pack.


def listed(pack: Path, lesson: str) -> str:
    """Puts a lesson at the end of a pack's order, keeping all else as it is; what is left to do."""
    if not pack.is_file():
        return ""
    by_hand = f"add {lesson} to `lessons` in {pack}"
    try:
        loaded = load_pack(pack)
    except BadLesson:
        return by_hand
    if lesson in loaded.pack.lessons:
        return ""
    text = _with_lesson(loaded.text, loaded.positions, loaded.pack.lessons, lesson)
    data, _ = read(text)
    if data.get("lessons") != [*loaded.pack.lessons, lesson]:
        return by_hand
    try:
        files.write_whole(pack, text.encode())
    except OSError:
        return by_hand
    return ""


def _with_lesson(text: str, positions: Positions, lessons: tuple[str, ...], new: str) -> str:
    lines = text.split("\n")
    at = positions.at(("lessons", len(lessons) - 1))
    line = lines[at.line - 1]
    before = line[: at.column - 1]
    if before.strip() == "-":
        lines.insert(at.line, f"{before}{new}")
    else:
        end = at.column - 1 + line[at.column - 1 :].index(lessons[-1]) + len(lessons[-1])
        end += line[end : end + 1] in ("'", '"')
        lines[at.line - 1] = f"{line[:end]}, {new}{line[end:]}"
    return "\n".join(lines)
