"""A code cell as statements of the lesson language, and those that are not of it, with reasons.

sorted_out = sort_out(source, known, lost)
sorted_out.code, sorted_out.left_out      # what stays, and (code, reason) of what does not
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradtui.course import syntax

_MAGIC = re.compile(r"^\s*[%!]|^\s*\??[\w.]+\?{1,2}\s*$|^\s*\?")
COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.FunctionDef, ast.ClassDef)
CLOCKS = frozenset(("time", "datetime"))
RUNS_ON = frozenset(("time", "timeit", "capture", "prun"))  # cell magics around ordinary code


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement with the comments before it, and why it is left out, if it is."""

    code: str
    reason: str = ""
    value: bool = False  # it is an expression


@dataclass(frozen=True, slots=True)
class Names:
    """What earlier cells bound, and what would have been bound by what was left out."""

    known: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    def bind(self, names: frozenset[str]) -> "Names":
        return Names(self.known | names, self.lost - names)

    def lose(self, names: frozenset[str]) -> "Names":
        return Names(self.known, self.lost | names)


def sort_out(source: str, names: Names) -> tuple[list[Piece], Names]:
    """The statements of a cell, in order, and the names there are after it."""
    made: list[Piece] = []
    for piece, node in _statements(source):
        for part in _parted(piece, node, names):
            judged, names = _judged(part, names)
            made.append(judged)
    return made, names


def _statements(source: str) -> Iterator[tuple[Piece, ast.stmt | None]]:
    cell_magic = re.match(r"\s*%%(\w*)", source)
    if cell_magic and cell_magic[1] not in RUNS_ON:
        yield Piece(source, f"%%{cell_magic[1]} is not Python"), None
        return
    lines = source.split("\n")
    magics: list[int] = []
    body = _body(lines)
    if body is None:
        magics = [n for n, line in enumerate(lines) if _MAGIC.match(line)]
        body = _body(["" if n in magics else line for n, line in enumerate(lines)])
    if body is None:
        yield Piece(source, "it is not Python"), None
        return
    for number in magics:
        yield Piece(lines[number].strip(), "a command to IPython, not Python"), None
    yield from _cut(["" if n in magics else line for n, line in enumerate(lines)], body)


def _body(lines: list[str]) -> list[ast.stmt] | None:
    try:
        return ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _cut(lines: list[str], body: list[ast.stmt]) -> Iterator[tuple[Piece, ast.stmt | None]]:
    """Lines by statement; statements that share a line stay together."""
    start, at = 0, 0
    while at < len(body):
        node, end = body[at], body[at].end_lineno or 0
        while at + 1 < len(body) and body[at + 1].lineno <= end:
            at += 1
            end, node = body[at].end_lineno or end, body[at]
        code = "\n".join(lines[start:end])
        yield Piece(code, value=isinstance(node, ast.Expr)), node
        start, at = end, at + 1
    rest = "\n".join(lines[start:]).strip("\n")
    if rest.strip():
        yield Piece(rest), None


def leave_out(
    pieces: Sequence[Piece], wrong: frozenset[int], reason: str, names: Names
) -> tuple[tuple[Piece, ...], Names]:
    """The statements with those at `wrong` left out for a reason, and those that use their names."""
    made = []
    for number, piece in enumerate(pieces):
        if not piece.reason:
            missed = sorted(_loaded(piece.code) & names.lost)
            why = reason if number in wrong else ""
            why = why or (f"it uses {missed[0]}, which is left out" if missed else "")
            given = bound(piece.code)
            names = names.lose(given - names.known) if why else names.bind(given)
            piece = Piece(piece.code, why, piece.value)
        made.append(piece)
    return tuple(made), names


def _judged(piece: Piece, names: Names) -> tuple[Piece, Names]:
    if piece.reason:
        return piece, names
    reason = _reason(piece.code, names)
    given = bound(piece.code)
    if not reason:
        return piece, names.bind(given)
    return Piece(piece.code, reason, piece.value), names.lose(given - names.known)


def _reason(code: str, names: Names) -> str:
    complaints = syntax.code(code, names.known)
    if complaints:
        return complaints[0].message
    if _modules(code) & CLOCKS:
        return "no two runs agree on the time"
    if any(isinstance(n, ast.Attribute) and n.attr == "__version__" for n in _nodes(code)):
        return "a version is another on every machine"
    missed = sorted(_loaded(code) & names.lost)
    return f"it uses {missed[0]}, which is left out" if missed else ""


def _nodes(code: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(code)))


def _modules(code: str) -> frozenset[str]:
    """The modules a piece of code imports."""
    nodes = _nodes(code)
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return frozenset(plain | {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)})


def _loaded(code: str) -> frozenset[str]:
    return frozenset(
        n.id for n in _nodes(code) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    )


def bound(code: str) -> frozenset[str]:
    """The names a piece of code binds; none if it is not Python."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError):
        return frozenset()
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    imported = {n.asname or n.name.partition(".")[0] for n in nodes if isinstance(n, ast.alias)}
    defined = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return frozenset(stored | imported | defined)


def _parted(piece: Piece, node: ast.stmt | None, names: Names) -> Iterator[Piece]:
    """A statement of which a part is in the language, as that part and the others."""
    if piece.reason or not _reason(piece.code, names):
        yield piece
    elif isinstance(node, ast.Import | ast.ImportFrom) and len(node.names) > 1:
        yield from _imports(node, names)
    elif isinstance(node, COMPOUND):
        yield from _eased(piece, names)
    else:
        yield piece


def _eased(piece: Piece, names: Names) -> Iterator[Piece]:
    """A loop or function with what it only calls, such as a plot, left out where that is at fault."""
    calls = [node for node in _nodes(piece.code) if isinstance(node, ast.Expr)]
    wrong = [(call, _reason(ast.unparse(call), names)) for call in calls]
    wrong = [(call, reason) for call, reason in wrong if reason]
    lines = piece.code.split("\n")
    for call, _ in sorted(wrong, key=lambda one: (-one[0].lineno, -one[0].col_offset)):
        first, last = call.lineno - 1, (call.end_lineno or call.lineno) - 1
        before = lines[first].encode()[: call.col_offset].decode()
        after = lines[last].encode()[call.end_col_offset :].decode()
        lines[first : last + 1] = [f"{before}pass{after}"]
    code = "\n".join(lines)
    if not wrong or _reason(code, names):
        yield piece
        return
    yield Piece(code)
    yield from (Piece(ast.unparse(call), reason) for call, reason in wrong)


def _imports(node: ast.Import | ast.ImportFrom, names: Names) -> Iterator[Piece]:
    """An import of several modules, of which some are in the language, as two."""
    good = [alias for alias in node.names if not _reason(_import(node, [alias]), names)]
    bad = [alias for alias in node.names if alias not in good]
    for part in filter(None, (good, bad)):
        yield Piece(_import(node, part))


def _import(node: ast.Import | ast.ImportFrom, names: list[ast.alias]) -> str:
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import(names))
    return ast.unparse(ast.ImportFrom(node.module, names, node.level))


def shows(piece: Piece, shown: str) -> Piece:
    """A last expression whose value the notebook shows, as a lesson shows it: printed."""
    tree = ast.parse(piece.code)
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    lines = piece.code.split("\n")
    first, end = last.lineno - 1, last.end_lineno or last.lineno
    text = "\n".join(lines[first:end])
    value = ast.get_source_segment(piece.code, last.value) or ""
    at = len(lines[first].encode()[: last.col_offset].decode())
    after = text[at + len(value) :] if text[at:].startswith(value) else ""
    bare = isinstance(last.value, ast.Tuple) and not value.startswith("(")
    whole = f"({value})" if bare else f"repr({value})" if shown[:1] in "'\"" else value
    printed = f"{text[:at]}print({whole}){after}"
    return Piece("\n".join([*lines[:first], printed, *lines[end:]]))
