"""A lesson as a notebook or as Markdown: `export(lesson, "ipynb")` gives the file's text and notes.

The notebook runs under plain Jupyter and torch and shows what the lesson shows: draws stand in it as
literals, the rest is drawn with the lesson's seed. Questions, what-ifs and exercises are prose.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote

from gradtui import __version__
from gradtui.course.filling import content
from gradtui.course.schema import Lesson
from gradtui.notebooks import keeping
from gradtui.notebooks.keeping import PartName
from gradtui.notebooks.literals import silenced
from gradtui.notebooks.markdown import fenced
from gradtui.notebooks.pages import Code, Pages, outputs, pages

Format = Literal["ipynb", "md"]
KINDS: tuple[Format, ...] = ("ipynb", "md")


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of a file, and what could not be carried over."""

    text: str
    notes: tuple[str, ...]


def export(lesson: Lesson, to: Format) -> Exported:
    """The lesson in another form."""
    made = _linked(pages(lesson), lesson, to)
    text = _markdown(made) if to == "md" else _notebook(lesson, made)
    return Exported(text, made.notes)


_LINK = re.compile(r"\]\(#([a-z0-9-]+)\)")


def _linked(made: Pages, lesson: Lesson, to: Format) -> Pages:
    """The pages with links to steps as this form has them: to the heading of the step."""
    places = {
        name: _anchor(step.title, to) for step in lesson.steps for name in (step.id, *step.was)
    }

    def place(match: re.Match[str]) -> str:
        return f"](#{places.get(match[1], match[1])})"

    def linked(block: str | Code) -> str | Code:
        return _LINK.sub(place, block) if isinstance(block, str) else block

    return replace(
        made,
        pages=tuple(replace(p, blocks=tuple(map(linked, p.blocks))) for p in made.pages),
    )


def _anchor(title: str, to: Format) -> str:
    """What Jupyter, or else a Markdown page on the web, calls a heading."""
    if to == "ipynb":
        return quote(title.replace(" ", "-"))
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


# Markdown


def _markdown(made: Pages) -> str:
    parts = [part for page in made.pages for block in page.blocks for part in _written(block)]
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _written(block: str | Code) -> list[str]:
    if isinstance(block, str):
        return [block]
    return [fenced(block.code), *outputs(block.printed, block.error)]


# a notebook


@dataclass(frozen=True, slots=True)
class _Part:
    """Cells that belong together, and what an import is to find of them."""

    name: PartName
    blocks: tuple[str | Code, ...]
    content: dict[str, Any]


def _parts(lesson: Lesson, made: Pages) -> Iterator[_Part]:
    head, *steps = made.pages
    kept = {key: value for key, value in content(lesson).items() if key != "steps"}
    yield _Part("head", head.blocks, _plain(kept))
    setup = f"import torch\n\n_ = torch.manual_seed({lesson.seed})"
    yield _Part("setup", (Code(setup, setup),), {})
    for page, step in zip(steps, lesson.steps, strict=True):
        yield _Part("step", page.blocks, _plain(content(step)))


def _notebook(lesson: Lesson, made: Pages) -> str:
    import nbformat

    cells: list[Any] = []
    for number, part in enumerate(_parts(lesson, made)):
        cells += _cells(part, number)
    code = (cell for cell in cells if cell["cell_type"] == "code")
    for count, cell in enumerate(code, 1):
        cell["execution_count"] = count
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "gradtui": {"format": lesson.format, "gradtui": __version__},
    }
    node = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    return str(nbformat.writes(node, version=4)).rstrip("\n") + "\n"


def _cells(part: _Part, number: int) -> list[Any]:
    made = [_cell(block, f"{number}-{at}") for at, block in enumerate(part.blocks)]
    sources = [(cell["cell_type"], cell["source"]) for cell in made]
    made[0]["metadata"]["gradtui"] = keeping.metadata(part.name, sources, part.content)
    return made


def _cell(block: str | Code, name: str) -> Any:
    from nbformat import v4

    if isinstance(block, str):
        return v4.new_markdown_cell(block, id=f"gradtui-{name}")
    made = v4.new_code_cell(silenced(block.pinned.strip("\n")), id=f"gradtui-{name}")
    if block.printed:
        made["outputs"].append(v4.new_output("stream", name="stdout", text=block.printed))
    if block.error:
        kind, message = block.error
        error = v4.new_output("error", ename=kind, evalue=message, traceback=[f"{kind}: {message}"])
        made["outputs"].append(error)
        made["metadata"]["tags"] = ["raises-exception"]
    return made


def _plain(value: Any) -> Any:
    """What JSON can hold: no tuples, no infinite numbers."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
