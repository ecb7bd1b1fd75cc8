"""A notebook as a lesson: `import_notebook(path, lesson_id)` gives its text and notes.

The lesson is run on gradtui's engine until what it promises is what happens; what cannot be had is
prose, and a note says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradtui.check.prose import misnamed
from gradtui.course import editors
from gradtui.course.filling import keys
from gradtui.course.loader import LoadedLesson, parse_lesson
from gradtui.course.problems import BadLesson
from gradtui.course.schema import FORMAT, MAX_STEPS, Lesson
from gradtui.notebooks.drafts import Draft, Note, draft, slug
from gradtui.notebooks.markdown import fenced, literal
from gradtui.notebooks.reading import BadNotebook, Notebook, read
from gradtui.notebooks.settling import SECONDS, TooSlow, settle
from gradtui.notebooks.writing import lesson_text

WORDS_A_MINUTE = 120
HEAD = [key for key in keys(Lesson) if key != "steps"]


@dataclass(frozen=True, slots=True)
class Imported:
    """The text of a lesson file, and what became of what it has no place for."""

    text: str
    notes: tuple[Note, ...]
    steps: int


def import_notebook(path: Path, lesson_id: str = "") -> Imported:
    """The lesson a notebook makes; BadNotebook with one line if it cannot be one."""
    notebook = read(path)
    drafted = draft(notebook)
    if not drafted.steps:
        raise BadNotebook(path, "there is nothing in it to make a lesson of")
    if len(drafted.steps) > MAX_STEPS:
        raise BadNotebook(path, f"makes {len(drafted.steps)} steps; split it, at most {MAX_STEPS}")
    try:
        steps, notes = settle(drafted.steps, drafted.seed)
    except TooSlow:
        message = f"cannot be tried out within {SECONDS:.0f} seconds: shorten its loops"
        raise BadNotebook(path, message) from None
    head = _head(notebook, drafted.head, drafted.title, lesson_id, steps)
    lesson = {**head, "steps": [_step(step) for step in steps]}
    text, more = _loadable(path, lesson_text(lesson, editors.modeline("lesson")))
    order = {cell.name: number for number, cell in enumerate(notebook.cells)}
    listed = sorted((*drafted.notes, *notes), key=lambda note: order.get(note.where, -1))
    return Imported(text, tuple(dict.fromkeys((*listed, *more))), len(steps))


def _head(
    notebook: Notebook, kept: dict[str, Any], title: str, lesson_id: str, steps: Sequence[Draft]
) -> dict[str, Any]:
    words = sum(len(step.say.split()) for step in steps)
    made = {
        "format": FORMAT,
        "id": lesson_id or slug(notebook.path.stem) or "lesson",
        "title": title,
        "minutes": min(600, max(1, round(words / WORDS_A_MINUTE + len(steps) / 2))),
        "source": f"the notebook {notebook.path.name}"[:200],
    }
    made.update({key: kept[key] for key in HEAD if key in kept})
    if kept and "source" not in kept:
        del made["source"]
    return {**made, **({"id": lesson_id} if lesson_id else {})}


def _step(step: Draft) -> dict[str, Any]:
    if step.kept is not None:
        return step.kept
    made: dict[str, Any] = {"id": step.id, "title": step.title}
    if step.where.startswith("In ["):
        made["source"] = step.where
    made["say"] = f"{_said(step)}\n"
    if not step.code.strip():
        return made
    made["code"] = step.code
    if step.draws:
        made["draws"] = list(step.draws)
    if step.prints:
        made["prints"] = step.prints if step.prints.endswith("\n") else f"{step.prints}\n"
    if step.raises:
        made["raises"] = step.raises
    return made


def _said(step: Draft) -> str:
    """The prose, and below it what the lesson language does not have."""
    left = "\n".join(piece.code.strip("\n") for piece in step.pieces if piece.reason)
    if not left.strip():
        return step.say
    lead = "Not run here:" if step.code.strip() else "In the notebook, not run here:"
    return f"{step.say}\n\n{lead}\n\n{literal(fenced(left))}"


# what the loader and the checks of prose say


def _loadable(path: Path, text: str) -> tuple[str, list[Note]]:
    try:
        loaded = parse_lesson(text, path.with_suffix(".yaml"))
    except BadLesson as bad:
        first = bad.problems[0]
        raise BadNotebook(path, f"makes no lesson: {first.message}") from None
    return _names(loaded)


_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def _names(loaded: LoadedLesson) -> tuple[str, list[Note]]:
    """Names in the prose that the lesson does not have: quoted twice, they claim nothing."""
    lines, notes = loaded.text.split("\n"), []
    for finding in misnamed(loaded):
        line = lines[finding.line - 1]
        for span in _SPAN.finditer(line):
            if span.start() < finding.column <= span.end():
                lines[finding.line - 1] = f"{line[: span.start()]}`{span[0]}`{line[span.end() :]}"
                notes.append(Note(finding.step, f"the prose names {span[1]}, which is not here"))
    return "\n".join(lines), notes
