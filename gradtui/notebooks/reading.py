"""A notebook file read into plain cells: `read(path)`, or BadNotebook with one line.

Sizes, nesting and signs that could move a terminal's cursor are judged before anything is made of
the content. nbformat knows the formats; older ones are brought up to date by it.
"""

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradtui.course import hidden
from gradtui.course.problems import one_line

MAX_BYTES = 20_000_000
MAX_CELLS = 1_000
MAX_CELL = 200_000  # characters of one cell's source, or of the text it put out
MAX_DEPTH = 40
OLDEST, NEWEST = 3, 4  # nbformat versions

ANSI = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\-_])")


class BadNotebook(Exception):
    """A notebook that cannot be used, in one line."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(one_line(f"{path}: {message}"))


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a code cell put out: text, the value of its last expression, an error, and the rest."""

    printed: str = ""
    shown: str | None = None  # text/plain of Out[n]
    error: tuple[str, str] | None = None  # type and message
    dropped: tuple[str, ...] = ()  # kinds of output a lesson has no place for


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `count` is the n of In [n], 0 if it never ran."""

    number: int  # from 1, as it stands in the file
    kind: str  # markdown, code, raw
    source: str
    count: int = 0
    outputs: Outputs = field(default_factory=Outputs)
    kept: dict[str, Any] | None = None  # what an export left, to find its way back

    @property
    def name(self) -> str:
        """How a note calls it."""
        return f"In [{self.count}]" if self.count else f"cell {self.number}"


@dataclass(frozen=True, slots=True)
class Notebook:
    """Cells in order, the title its metadata gives, and what an export left."""

    path: Path
    cells: tuple[Cell, ...]
    title: str = ""
    kept: dict[str, Any] | None = None


def read(path: Path) -> Notebook:
    """The notebook in a file; BadNotebook if there is none that can be used."""
    data = _data(path)
    major = data.get("nbformat")
    if not isinstance(major, int) or isinstance(major, bool) or ("cells" not in data and major > 3):
        raise BadNotebook(path, "not a notebook: it has no `nbformat` and `cells`")
    if not OLDEST <= major <= NEWEST:
        wanted = "newer than this gradtui knows" if major > NEWEST else "too old"
        raise BadNotebook(path, f"notebook format {major} is {wanted}; version 4 is read")
    made = _validated(path, data)
    cells = tuple(_cell(path, number, cell) for number, cell in enumerate(made["cells"], 1))
    if len(cells) > MAX_CELLS:
        raise BadNotebook(path, f"has {len(cells):,} cells; split it, at most {MAX_CELLS:,}")
    metadata = made.get("metadata", {})
    return Notebook(path, cells, str(metadata.get("title") or ""), _kept(metadata))


def _data(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadNotebook(path, f"larger than {MAX_BYTES:,} bytes: clear its pictures first")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadNotebook(path, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise BadNotebook(path, f"not a notebook: byte {error.start} is not UTF-8") from None
    if _depth(text) > MAX_DEPTH:
        raise BadNotebook(path, f"nested deeper than {MAX_DEPTH} levels")
    try:
        data = json.loads(text, parse_int=_integer, parse_constant=lambda name: None)
    except (ValueError, RecursionError) as error:
        raise BadNotebook(path, f"not a notebook: {error}") from None
    if not isinstance(data, dict):
        raise BadNotebook(path, "not a notebook: it is no mapping")
    return data


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("a number with more than 20 digits")
    return int(digits)


_SIGNS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


def _depth(text: str) -> int:
    """How deep the brackets of a JSON text go."""
    depth = deepest = 0
    for match in _SIGNS.finditer(text):
        sign = match[0]
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    return deepest


def _validated(path: Path, data: dict[str, Any]) -> Any:
    import nbformat  # costs a moment, and only notebooks need it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            minor = data.get("nbformat_minor", 0)
            notebook: Any = nbformat.versions[data["nbformat"]].to_notebook_json(data, minor=minor)
            notebook = nbformat.convert(notebook, NEWEST)
            _, notebook = nbformat.validator.normalize(notebook)
            nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # nbformat says what is wrong in many ways
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise BadNotebook(path, f"not a notebook: {said}") from None
    return notebook


def _cell(path: Path, number: int, cell: Any) -> Cell:
    kind, source = cell["cell_type"], str(cell["source"]).expandtabs(4)
    source = source.replace("\r\n", "\n")
    if len(source) > MAX_CELL:
        raise BadNotebook(path, f"cell {number} has more than {MAX_CELL:,} characters")
    sign = hidden.first(source)
    if sign is not None:
        raise BadNotebook(path, f"cell {number} holds {hidden.name_of(sign)}: remove it")
    count = cell.get("execution_count") or 0
    outputs = _outputs(cell.get("outputs") or ()) if kind == "code" else Outputs()
    return Cell(number, kind, source, int(count), outputs, _kept(cell.get("metadata", {})))


def _kept(metadata: Any) -> dict[str, Any] | None:
    kept = metadata.get("gradtui")
    written = json.dumps(kept, ensure_ascii=False) if isinstance(kept, dict) else ""
    return json.loads(written) if written and not hidden.first(written) else None


# outputs


_TIMES = re.compile(r"^(?:CPU times: .*|Wall time: .*|.* per loop \(.*)\n?", re.MULTILINE)


def _outputs(listed: Any) -> Outputs:
    printed, shown, error, dropped = "", None, None, []
    for output in listed:
        kind = output.get("output_type")
        if kind == "stream" and output.get("name") == "stdout":
            printed += _text(output.get("text"))
        elif kind == "execute_result" and "text/plain" in output.get("data", {}):
            shown = _text(output["data"]["text/plain"])
        elif kind == "error":
            error = (_text(output.get("ename")), _text(output.get("evalue")))
        else:
            dropped += list(_dropped(kind, output))
    return Outputs(_TIMES.sub("", printed), shown, error, tuple(dict.fromkeys(dropped)))


def _dropped(kind: str, output: Any) -> Iterator[str]:
    if kind == "stream":
        yield "what went to stderr"
        return
    kinds = output.get("data", {})
    picture = any(str(name).startswith("image/") for name in kinds)
    yield "a picture" if picture else f"output of type {one_line(', '.join(map(str, kinds)))[:80]}"


def _text(value: Any) -> str:
    """Text that a lesson may hold: without colours and other signs for terminals."""
    text = "".join(value) if isinstance(value, list) else str(value or "")
    text = ANSI.sub("", text[:MAX_CELL]).replace("\r\n", "\n").expandtabs(4)
    return hidden.harmless(text)
