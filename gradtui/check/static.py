"""What can be found in a lesson without running it: names, links, terms, what its pack says."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from gradtui.check.findings import Finding
from gradtui.check.prose import Text, at, misnamed, spans, texts
from gradtui.course.files import is_plain
from gradtui.course.loader import LoadedLesson, load_lesson
from gradtui.course.packs import PACK, bundled, lesson_files
from gradtui.course.problems import BadLesson
from gradtui.course.schema import Lesson
from gradtui.course.yaml_nodes import nearest

MOST = 50  # findings about links in one lesson

_LINK = re.compile(r"\[[^\[\]]{0,500}\]\(\s{0,9}<?([^()\s<>]{1,2000})")
_WEB = re.compile(r"(?:https?://[^/\s.]+\.?[^/\s]*|mailto:[^@\s]+@\S+)")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


def static(loaded: LoadedLesson) -> list[Finding]:
    """Every such finding, of a lesson that was read."""
    links = islice(_links(loaded), MOST)
    return [*misnamed(loaded), *links, *_prerequisites(loaded), *_terms(loaded), *_earlier(loaded)]


def _links(loaded: LoadedLesson) -> Iterator[Finding]:
    for text in texts(loaded.lesson):
        if "](" not in text.text:
            continue
        hidden = _without_code(text)
        for link in _LINK.finditer(hidden):
            wrong = _leads_nowhere(loaded, link[1])
            if wrong:
                yield at(loaded, text, link.start(1), "link", f"{link[1]}: {wrong}")


def _without_code(text: Text) -> str:
    made, last = [], 0
    for span in spans(text.text):
        made += [text.text[last : span.start], " " * len(span.code)]
        last = span.end
    return "".join(made) + text.text[last:]


def _leads_nowhere(loaded: LoadedLesson, target: str) -> str:
    """Why a link leads nowhere, or ""."""
    if ":" in target.partition("/")[0]:
        return "" if _WEB.match(target) else "not a web address"
    place, _, step = target.partition("#")
    if not place:
        return _no_step(loaded.lesson, step)
    folder = loaded.path.parent
    file = folder / place
    if Path(place).is_absolute() or ".." in Path(place).parts:
        return "outside the pack's folder"
    if is_plain(file) or is_plain(folder / f"{place}.yaml"):
        return ""
    return "there is no such lesson or file beside this one"


def _no_step(lesson: Lesson, step: str) -> str:
    ids = [name for one in lesson.steps for name in (one.id, *one.was)]
    if step in ids:
        return ""
    close = nearest(step, ids)
    return "there is no such step" + (f": did you mean #{close}?" if close else "")


def _prerequisites(loaded: LoadedLesson) -> Iterator[Finding]:
    """A prerequisite of one word with hyphens is a lesson's id: of this folder, or a bundled one."""
    for number, needed in enumerate(loaded.lesson.prerequisites):
        if not _ID.fullmatch(needed):
            continue
        folders = (loaded.path.parent, bundled().folder)
        files = [folder / f"{needed}.yaml" for folder in folders]
        if not any(map(is_plain, files)) and needed not in _renamed(folders):
            where = loaded.positions.at(("prerequisites", number))
            yield Finding.at(where, "", "link", f"{needed}: there is no such lesson")


def _renamed(folders: Iterable[Path]) -> Iterator[str]:
    """The earlier ids of the lessons in these folders."""
    for folder in folders:
        with suppress(BadLesson):
            for file in lesson_files(folder):
                yield from _was(file)


def _was(file: Path) -> tuple[str, ...]:
    with suppress(BadLesson):
        return load_lesson(file).lesson.was
    return ()


def _earlier(loaded: LoadedLesson) -> Iterator[Finding]:
    """An earlier id that is another lesson's now would take that lesson's progress."""
    for number, old in enumerate(loaded.lesson.was):
        if is_plain(loaded.path.parent / PACK) and is_plain(loaded.path.with_name(f"{old}.yaml")):
            where = loaded.positions.at(("was", number))
            yield Finding.at(where, "", "id", f"{old} is the id of another lesson of the pack")


def _terms(loaded: LoadedLesson) -> Iterator[Finding]:
    lesson = loaded.lesson
    read = _plain(" ".join([*(one.text for one in texts(lesson)), *_headings(lesson)]))
    seen: set[str] = set()
    for number, term in enumerate(lesson.glossary):
        where = loaded.positions.at(("glossary", number, "term"))
        plain = _plain(term.term)
        if plain in seen:
            yield Finding.at(where, "", "term", f"the term `{term.term}` is given twice")
        elif plain not in read:
            message = f"the term `{term.term}` is nowhere in the lesson's prose"
            yield Finding.at(where, "", "term", message)
        seen.add(plain)


def _headings(lesson: Lesson) -> Iterator[str]:
    yield from (lesson.title, *lesson.objectives, *lesson.prerequisites)
    for step in lesson.steps:
        yield from (step.title, step.code or "", *(one.label for one in step.what_if))


def _plain(text: str) -> str:
    """In lower case, with all space and dashes alike."""
    return " ".join(re.sub(r"[-‐–—\s*_`]+", " ", text.casefold()).split())


def named_otherwise(loaded: LoadedLesson) -> Iterator[Finding]:
    """In a pack a lesson's id is its file's name: the pack lists it by one, finds it by the other."""
    beside = is_plain(loaded.path.parent / PACK)
    if beside and loaded.lesson.id != loaded.path.stem:
        message = (
            f"the id is {loaded.lesson.id}, but the file {loaded.path.name}: give both one name"
        )
        yield Finding.at(loaded.positions.at(("id",)), "", "id", message)
