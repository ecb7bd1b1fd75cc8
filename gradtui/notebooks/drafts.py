"""A notebook's cells as the steps of a lesson, before any of it has run.

    draft(notebook)      # Drafted(title, steps, notes)

Markdown goes before the code it leads to; a heading is a step's title. What is not of the lesson
language stays as prose.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gradtui.course.problems import one_line
from gradtui.notebooks import cells, keeping, markdown
from gradtui.notebooks.cells import Names, Piece
from gradtui.notebooks.keeping import Kept
from gradtui.notebooks.markdown import blocks, fenced
from gradtui.notebooks.reading import Cell, Notebook

LONGEST = 15_000  # characters of one step's prose
QUIET = "Run this cell, one operation at a time."
ERROR_TYPE = re.compile(r"[A-Z][A-Za-z]{0,63}")


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a part of the notebook that a lesson has no place for."""

    where: str  # In [3], or cell 5
    text: str
    differs: bool = False  # what is expected is not what happens

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True, slots=True)
class Draft:
    """One step to be: its prose, its statements, and what the notebook says they print and raise."""

    id: str
    title: str
    say: str
    pieces: tuple[Piece, ...] = ()
    where: str = ""
    prints: str | None = None
    raises: dict[str, str] | None = None
    draws: tuple[Any, ...] = ()
    kept: dict[str, Any] | None = None  # a step that an export left, whole

    @property
    def code(self) -> str:
        """The statements of the lesson language, one after another."""
        if self.kept is not None:
            return str(self.kept.get("code") or "")
        return self.joined.strip("\n")

    @property
    def joined(self) -> str:
        """The same, with the blank lines before and after."""
        return "\n".join(piece.code for piece in self.pieces if not piece.reason)


@dataclass(slots=True)
class _Drafting:
    title: str
    steps: list[Draft] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # prose that no code has followed yet
    names: Names = field(default_factory=Names)
    used: set[str] = field(default_factory=set)

    def take(self, cell: Cell) -> None:
        if cell.kind != "code":
            self._prose(cell)
        elif cell.source.strip():
            self._code(cell)

    def keep(self, content: dict[str, Any]) -> None:
        """A step that an export left, as it was."""
        self.steps += self._flushed() if blocks(self.waiting) else []
        step = keeping.step_of(content)
        assert step is not None
        self.used.add(step.id)
        self.names = self.names.bind(cells.bound(step.code or ""))
        self.steps.append(Draft(step.id, step.title, step.say, draws=step.draws, kept=content))

    def _prose(self, cell: Cell) -> None:
        if cell.kind == "raw":
            self.notes.append(Note(cell.name, "a raw cell, kept as prose"))
        self.waiting.append(cell.source)

    def _code(self, cell: Cell) -> None:
        pieces, self.names = cells.sort_out(cell.source, self.names)
        for piece in pieces:
            if piece.reason and runs(replace(piece, reason="")):
                self.notes.append(left_out(cell.name, piece))
        for kind in cell.outputs.dropped:
            self.notes.append(Note(cell.name, f"{kind} is left out"))
        if not any(runs(piece) for piece in pieces):
            self.waiting.append(fenced(cell.source))
            if cell.outputs.printed.strip():
                self.waiting.append(fenced(cell.outputs.printed, "text"))
            return
        self._step(cell, pieces)

    def _step(self, cell: Cell, pieces: Sequence[Piece]) -> None:
        *before, last = self._flushed()
        self.steps += before
        pieces, prints = _shown(pieces, cell)
        raises = _raises(cell)
        made = replace(last, pieces=pieces, where=cell.name, prints=prints, raises=raises)
        code = re.sub(r"(?<=\S)\s*#.*", "", made.code.strip().split("\n")[0])
        title = made.title or markdown.shorten(code.lstrip("# "), 60) or cell.name
        self.steps.append(replace(made, title=title, say=made.say or QUIET))

    def _flushed(self) -> list[Draft]:
        """The prose that waits, as steps without code; the last of them may still get some."""
        text = blocks(self.waiting)
        self.waiting.clear()
        sections = [piece for part in _sections(text) for piece in _short(part)]
        made = []
        for part in sections or [markdown.Part("", 0, "")]:
            said = markdown.prose(part.text)
            for note in said.notes:
                self.notes.append(
                    Note(f"under {part.heading!r}" if part.heading else "prose", note)
                )
            title = part.heading or markdown.first_words(part.text)
            made.append(Draft(self._id(part.heading), one_line(title)[:120], said.text))
        return made

    def finish(self) -> None:
        if blocks(self.waiting):
            for step in self._flushed():
                title = step.title or self.title
                self.steps.append(
                    replace(step, title=title, say=step.say or markdown.literal(title))
                )
        for at, step in enumerate(self.steps):
            if not step.title or not step.say:
                title = step.title or _first_line(step.say) or f"Step {at + 1}"
                self.steps[at] = replace(step, title=title, say=step.say or markdown.literal(title))

    def _id(self, heading: str) -> str:
        base = slug(heading) or f"step-{len(self.used) + 1}"
        name, count = base, 1
        while name in self.used:
            count += 1
            name = f"{base[:58].rstrip('-')}-{count}"
        self.used.add(name)
        return name


@dataclass(frozen=True, slots=True)
class Drafted:
    """A lesson to be: title, steps, notes; and what an export left of its head."""

    title: str
    steps: list[Draft]
    notes: list[Note]
    head: dict[str, Any] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """What the generator is seeded with."""
        seed = self.head.get("seed", 0)
        return seed if isinstance(seed, int) and 0 <= seed < 2**63 else 0


def _first_line(text: str) -> str:
    """The first words of prose, or else the first line of the code in it."""
    lines = (line for line in text.split("\n") if line.strip() and not line.startswith("```"))
    return markdown.first_words(text) or markdown.shorten(next(lines, ""), 60)


def draft(notebook: Notebook) -> Drafted:
    """The steps a notebook's cells make, before any of them has run."""
    listed = keeping.parts(notebook.cells)
    kept = {one.part: one.content for one in listed if isinstance(one, Kept)}
    head = kept.get("head", {})
    title, listed = (str(head.get("title")), listed) if head else _title(notebook, listed)
    drafting = _Drafting(title)
    for part in listed:
        if isinstance(part, Cell):
            drafting.take(part)
        elif part.part == "step":
            drafting.keep(part.content)
    drafting.finish()
    return Drafted(title, drafting.steps, drafting.notes, head)


def _title(notebook: Notebook, listed: list[Cell | Kept]) -> tuple[str, list[Cell | Kept]]:
    """The first heading of a notebook is the lesson's title, if it comes before any code."""
    for at, cell in enumerate(listed):
        if isinstance(cell, Kept) or cell.kind == "code":
            break
        found = markdown.parts(cell.source) if cell.kind == "markdown" else []
        if found and found[0].level:
            rest = "\n\n".join(_again(part) for part in found[1:])
            listed[at] = replace(cell, source=blocks([found[0].text, rest]))
            return one_line(found[0].heading)[:200] or notebook.path.stem, listed
    return one_line(notebook.title)[:200] or notebook.path.stem, listed


def _again(part: markdown.Part) -> str:
    return f"{'#' * part.level} {part.heading}\n\n{part.text}" if part.level else part.text


def _sections(text: str) -> list[markdown.Part]:
    """The prose by its headings; one with nothing under it joins the next."""
    made: list[markdown.Part] = []
    for part in markdown.parts(text):
        if made and not made[-1].text.strip():
            under = made.pop()
            heading = f"{under.heading}: {part.heading}" if part.heading else under.heading
            part = replace(part, heading=heading)
        made.append(part)
    return made


def _short(part: markdown.Part) -> Iterator[markdown.Part]:
    """A section in pieces that a step can hold, cut between paragraphs."""
    held = ""
    for paragraph in part.text.split("\n\n"):
        for text in _slices(paragraph):
            if held and len(held) + len(text) > LONGEST:
                yield replace(part, text=held)
                held = ""
            held = f"{held}\n\n{text}" if held else text
    yield replace(part, text=held)


def _slices(text: str) -> list[str]:
    return [text[at : at + LONGEST] for at in range(0, len(text), LONGEST)] or [""]


def runs(piece: Piece) -> bool:
    """Whether a statement is kept and does something: comments alone do not."""
    lines = (line.strip() for line in piece.code.split("\n"))
    return not piece.reason and any(line and not line.startswith("#") for line in lines)


def _shown(pieces: Sequence[Piece], cell: Cell) -> tuple[tuple[Piece, ...], str | None]:
    """The value of a last expression is printed in a lesson; what is printed then."""
    out = cell.outputs
    shown = _as_printed(out.shown)
    if shown is None or not pieces[-1].value or pieces[-1].reason:
        return tuple(pieces), out.printed or None
    ends = "" if out.printed.endswith("\n") or not out.printed else "\n"
    return (*pieces[:-1], cells.shows(pieces[-1], shown)), f"{out.printed}{ends}{shown}\n"


_OBJECT = re.compile(r"<([\w.]+) at (0x[0-9a-f]+)>")


def _as_printed(shown: str | None) -> str | None:
    """What print makes of a value that IPython shows; None where that says nothing."""
    found = _OBJECT.fullmatch(shown or "")
    if found is None:
        return shown
    return f"<{found[1]} object at {found[2]}>" if "Backward" in found[1] else None


def _raises(cell: Cell) -> dict[str, str] | None:
    if cell.outputs.error is None:
        return None
    name, message = cell.outputs.error
    kind = name.rpartition(".")[2]
    if not ERROR_TYPE.fullmatch(kind):
        return None
    first = re.split(r"\n|(?<=[a-z])[.:] | \(", message.strip())[0].rstrip(".")
    return {"type": kind, "match": markdown.shorten(first, 100).rstrip("…")}


def left_out(where: str, piece: Piece) -> Note:
    """The note on a statement that is not of the lesson language."""
    code = markdown.shorten(" ".join(piece.code.split()), 60)
    return Note(where, f"kept as prose: {code}: {piece.reason}")


def slug(text: str) -> str:
    """A text as an id: lower case, digits, hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:60].strip("-")
